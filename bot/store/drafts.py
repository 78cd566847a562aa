"""Drafts: the reviews that members have begun to write; one a member and review in a server, 0 being a new one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.store.database import Database, Statement


class Drafts:
    """The verbs on drafts; what stands in one is its writer's affair."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, guild_id: int, member_id: int, review_id: int) -> str | None:
        """The draft that a member has begun, or None."""
        rows = await self._database.fetch(_GET, guild_id, member_id, review_id)
        return rows[0][0] if rows else None

    async def keep(self, guild_id: int, member_id: int, review_id: int, body: str) -> None:
        """Keep a draft, in the place of the one that was there."""
        await self._database.transaction([(_KEEP, (guild_id, member_id, review_id, body, int(time.time())))])

    async def discard(self, guild_id: int, member_id: int, review_id: int, body: str) -> bool:
        """Delete a draft, unless it is another by now; whether it was deleted."""
        return bool((await self._database.transaction([discarding(guild_id, member_id, review_id, body)]))[0])


def discarding(guild_id: int, member_id: int, review_id: int, body: str) -> Statement:
    """What deletes a draft unless it is another by now, to stand in the transaction that publishes it."""
    return _DISCARD, (guild_id, member_id, review_id, body)


_GET = "SELECT body FROM drafts WHERE guild_id = $1 AND member_id = $2 AND review_id = $3"
_KEEP = """
INSERT INTO drafts (guild_id, member_id, review_id, body, updated_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (guild_id, member_id, review_id) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at
"""
_DISCARD = """
DELETE FROM drafts WHERE guild_id = $1 AND member_id = $2 AND review_id = $3 AND body = $4 RETURNING 1
"""
