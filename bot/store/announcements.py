"""Which servers are still to be told of which new reviews; what is one server's own is posted where it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from bot.store.database import Database
    from bot.store.guilds import Guilds

NEWEST = 10
"""Of more new reviews than this only the newest are announced: a shelf that is filled at once is no news."""


class Due(NamedTuple):
    """A server that is to be told of the reviews that came after ``announced``, the id of one."""

    guild_id: int
    channel_id: int
    announced: int


class Announcements:
    """The verbs on announcing new reviews."""

    def __init__(self, database: Database, guilds: Guilds) -> None:
        self._database = database
        self._guilds = guilds

    async def into(self, guild_id: int, actor_id: int, channel_id: int) -> None:
        """Announce in a channel what comes onto the shelf from now on."""
        newest = "UPDATE guild_settings SET announced = (SELECT coalesce(max(id), 0) FROM reviews) WHERE guild_id = $1"
        await self._guilds.change(guild_id, actor_id, "channel_id", channel_id, also=[(newest, (guild_id,))])

    async def due(self) -> list[Due]:
        """All servers with a channel that are behind the shelf."""
        return [Due(*row) for row in await self._database.fetch(_DUE)]

    async def after(self, review_id: int, limit: int) -> list[int]:
        """The first of the reviews to be announced after one, oldest first."""
        return [row[0] for row in await self._database.fetch(_AFTER, review_id, NEWEST, limit)]

    async def announced(self, guild_id: int, review_id: int) -> None:
        """Take down that a server was told of a review, and of all before it."""
        await self._database.transaction([(_ANNOUNCED, (guild_id, review_id))])


_DUE = """
SELECT guild_id, channel_id, announced FROM guild_settings
WHERE channel_id IS NOT NULL
  AND announced < (SELECT coalesce(max(id), 0) FROM reviews WHERE retired_at IS NULL AND guild_id = 0)
"""
_AFTER = """
SELECT id FROM (
    SELECT id FROM reviews WHERE id > $1 AND retired_at IS NULL AND guild_id = 0 ORDER BY id DESC LIMIT $2
) AS newest ORDER BY id LIMIT $3
"""
_ANNOUNCED = "UPDATE guild_settings SET announced = $2 WHERE guild_id = $1 AND announced < $2"
