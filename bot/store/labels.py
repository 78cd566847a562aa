"""The labels of the shelf; kept in memory, as every keystroke asks for them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING

from bot.reviews.labels import Kind, Label, Labels

if TYPE_CHECKING:
    from bot.store.database import Database

READ = 500
"""So many labels are read or made ready to be searched in one go, some milliseconds' work."""
MOST_SERVERS = 1_000
"""So many servers' own labels are remembered, those that were asked for last."""


class ShelfLabels:
    """The verb on labels."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reading: OrderedDict[int, asyncio.Task[Labels]] = OrderedDict()

    async def known(self, guild_id: int = 0) -> Labels:
        """The labels of the shelf as it is, with those of a server's own films.

        Raises:
            StoreError: The database did not answer.
        """
        reading = self._reading.get(guild_id)
        if reading is None or (reading.done() and (reading.cancelled() or reading.exception())):
            reading = asyncio.create_task(self._read_own(guild_id) if guild_id else self._read())
            self._reading[guild_id] = reading
            if len(self._reading) > MOST_SERVERS:
                del self._reading[next(filter(None, self._reading))]  # never the shelf's, which takes long to read
        elif guild_id:
            self._reading.move_to_end(guild_id)
        return await asyncio.shield(reading)  # others may wait for it too

    def forget(self, guild_id: int = 0) -> None:
        """Read labels anew when they are asked for next: the shelf, or what is one server's own, has changed."""
        if guild_id:
            self._reading.pop(guild_id, None)
        else:
            self._reading.clear()

    async def _read_own(self, guild_id: int) -> Labels:
        rows = await self._database.fetch(_OWN_LABELS, guild_id)
        decades = await self._database.fetch(_OWN_DECADES, guild_id)
        labels = [Label(label_id, Kind(kind), name, films) for label_id, kind, name, films in rows]
        return Labels(labels, [decade for (decade,) in decades], beside=await self.known())

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
               WHERE l.label_id = labels.id AND r.retired_at IS NULL AND r.guild_id = 0 LIMIT 100
           ) AS few
       )
FROM labels WHERE id > $1 AND (
    NOT EXISTS (SELECT 1 FROM review_labels l WHERE l.label_id = labels.id)
    OR EXISTS (
        SELECT 1 FROM review_labels l JOIN reviews r ON r.id = l.review_id
        WHERE l.label_id = labels.id AND r.guild_id = 0
    )
)
ORDER BY id LIMIT $2
"""
_DECADES = "SELECT DISTINCT year / 10 * 10 FROM reviews WHERE retired_at IS NULL AND year IS NOT NULL AND guild_id = 0"
_OWN_LABELS = """
SELECT l.id, l.kind, l.name, count(*)
FROM reviews r JOIN review_labels rl ON rl.review_id = r.id JOIN labels l ON l.id = rl.label_id
WHERE r.guild_id = $1 AND r.guild_id <> 0 AND r.retired_at IS NULL
GROUP BY l.id, l.kind, l.name
"""
_OWN_DECADES = """
SELECT DISTINCT year / 10 * 10 FROM reviews
WHERE guild_id = $1 AND guild_id <> 0 AND retired_at IS NULL AND year IS NOT NULL
"""
