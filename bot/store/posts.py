"""Posts: the messages in Discord that show a tally."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.store.sqlite import Database


@dataclass(frozen=True, slots=True)
class Post:
    """A message that shows a film's tally; all four are ids."""

    guild_id: int
    review_id: int
    channel_id: int
    message_id: int


class Posts:
    """The verbs on posts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, post: Post) -> None:
        """Remember a post."""
        await self._database.transaction([(_ADD, (post.guild_id, post.review_id, post.channel_id, post.message_id))])

    async def get(self, message_id: int) -> Post | None:
        """The post that a message is, or None where it is none."""
        return await self._one(_ONE, message_id)

    async def latest(self, guild_id: int, review_id: int) -> Post | None:
        """The newest post of a film in a server, where there is one."""
        return await self._one(_LATEST, guild_id, review_id)

    async def forget(self, message_id: int) -> None:
        """Forget a post that was deleted."""
        await self._database.transaction([("DELETE FROM posts WHERE message_id = $1", (message_id,))])

    async def _one(self, sql: str, *values: int) -> Post | None:
        rows = await self._database.fetch(sql, *values)
        return Post(*rows[0]) if rows else None


_ONE = "SELECT guild_id, review_id, channel_id, message_id FROM posts WHERE message_id = $1"
_LATEST = """
SELECT guild_id, review_id, channel_id, message_id FROM posts
WHERE guild_id = $1 AND review_id = $2
ORDER BY message_id DESC LIMIT 1
"""
_ADD = """
INSERT INTO posts (guild_id, review_id, channel_id, message_id) VALUES ($1, $2, $3, $4)
ON CONFLICT (message_id)
DO UPDATE SET guild_id = excluded.guild_id, review_id = excluded.review_id, channel_id = excluded.channel_id
"""
