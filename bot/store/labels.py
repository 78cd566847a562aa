"""The labels of the shelf; kept in memory, as every keystroke asks for them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.reviews.labels import Kind, Label, Labels

if TYPE_CHECKING:
    from bot.store.database import Database

READ = 500
"""So many labels are read or made ready to be searched in one go, some milliseconds' work."""


class ShelfLabels:
    """The verb on labels."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reading: asyncio.Task[Labels] | None = None

    async def known(self) -> Labels:
        """The labels of the shelf as it is.

        Raises:
            StoreError: The database did not answer.
        """
        if self._reading is None or (self._reading.done() and (self._reading.cancelled() or self._reading.exception())):
            self._reading = asyncio.create_task(self._read())
        return await asyncio.shield(self._reading)  # others may wait for it too

    def forget(self) -> None:
        """Read the labels anew when they are asked for next: the shelf has changed."""
        self._reading = None

    async def _read(self) -> Labels:
        labels: list[Label] = []
        sql = _LABELS.format(titles=self._database.titles)
        last = -1
        while rows := await self._database.fetch(sql, last, READ):
            labels += [Label(label_id, Kind(kind), name, films) for label_id, kind, name, films in rows]
            last = rows[-1][0]
        decades = [decade for (decade,) in await self._database.fetch(_DECADES)]
        found = await asyncio.to_thread(Labels, labels, decades)  # a hundred thousand hold nobody up
        while found.index(READ):  # noqa: ASYNC110 - nothing is waited for: clicks have their turn
            await asyncio.sleep(0)
        return found


_LABELS = """
SELECT id, kind, name, (
           SELECT count(*) FROM (
               SELECT 1 FROM review_labels l JOIN reviews r {titles} ON r.id = l.review_id
               WHERE l.label_id = labels.id AND r.retired_at IS NULL LIMIT 100
           ) AS few
       )
FROM labels WHERE id > $1 ORDER BY id LIMIT $2
"""
_DECADES = "SELECT DISTINCT year / 10 * 10 FROM reviews WHERE retired_at IS NULL AND year IS NOT NULL"
