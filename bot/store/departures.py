"""Servers that the bot was removed from; what they left is deleted after a time."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from bot.store.privacy import OF_SERVER

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

    from bot.store.database import Database

PAGE = 500
"""Servers that are looked up in one go: each is a step down an index."""
_COUNTED_ELSEWHERE = {"votes", "days", "raters", "reports"}
SERVERS_IN = ("posts", *(place.table for place in OF_SERVER if place.table not in _COUNTED_ELSEWHERE))
"""The tables in which every server stands of which anything is stored."""


class Departures:
    """The verbs on servers that were left."""

    def __init__(self, database: Database) -> None:
        self._database = database
        given = database.given("$1", {"guild_id": int})
        self._note, self._back = _NOTE.format(given=given), _BACK.format(given=given)

    async def note(self, guild_ids: Iterable[int]) -> None:
        """Record that the bot is not in servers any more; when it was first found out stays."""
        await self._database.transaction([(self._note, (_list(guild_ids), int(time.time())))])

    async def take_back(self, guild_ids: Iterable[int]) -> None:
        """Forget that the bot ever left servers, as it is in them."""
        await self._database.transaction([(self._back, (_list(guild_ids),))])

    async def all(self) -> dict[int, int]:
        """When servers were left, in Unix seconds."""
        return dict(await self._database.fetch("SELECT guild_id, left_at FROM departures"))

    async def servers(self) -> AsyncGenerator[set[int]]:
        """The ids of all servers of which something is stored, table by table and in pages."""
        for table in SERVERS_IN:
            after = 0
            while True:
                rows = await self._database.fetch(_SERVERS.format(table=table), after)
                if rows:
                    yield {guild_id for (guild_id,) in rows}
                if len(rows) < PAGE:
                    break
                after = rows[-1][0]


def _list(guild_ids: Iterable[int]) -> str:
    return json.dumps([[guild_id] for guild_id in guild_ids])


_NOTE = """
INSERT INTO departures (guild_id, left_at)
SELECT guild_id, CAST($2 AS bigint) FROM {given} AS k WHERE true ON CONFLICT DO NOTHING
"""
_BACK = "DELETE FROM departures WHERE guild_id IN (SELECT guild_id FROM {given} AS k)"
_SERVERS = f"""
WITH RECURSIVE found (guild_id) AS (
    SELECT (SELECT min(guild_id) FROM {{table}} WHERE guild_id > $1)
    UNION ALL
    SELECT (SELECT min(guild_id) FROM {{table}} t WHERE t.guild_id > f.guild_id)
    FROM found f WHERE f.guild_id IS NOT NULL
)
SELECT guild_id FROM found WHERE guild_id IS NOT NULL LIMIT {PAGE}
"""  # noqa: S608 - a constant
