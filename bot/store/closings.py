"""Closing the vote on a film in a server, opening it again, and beginning it anew."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.store import audit

if TYPE_CHECKING:
    from bot.store.database import Database, Statement
    from bot.store.guilds import Guilds
    from bot.store.votes import Votes

BATCH = 256
"""Votes that a reset removes at a time: they share a group with the votes that come in meanwhile."""


class Closings:
    """The verbs on the vote of a film as a whole."""

    def __init__(self, database: Database, guilds: Guilds, votes: Votes) -> None:
        self._database = database
        self._guilds = guilds
        self._votes = votes

    async def close(self, guild_id: int, review_id: int, actor_id: int, closes_at: int) -> None:
        """Take no votes on a film from a moment on, in Unix seconds; another deadline is replaced."""
        await self._database.transaction(
            [
                (_CLOSE, (guild_id, review_id, closes_at)),
                audit.entry(guild_id, actor_id, "close", review_id=review_id, detail=f"closes_at: {closes_at}"),
            ]
        )
        self._guilds.forget(guild_id)

    async def reopen(self, guild_id: int, review_id: int, actor_id: int) -> None:
        """Take votes on a film again, without a deadline."""
        await self._database.transaction(
            [
                ("DELETE FROM closings WHERE guild_id = $1 AND review_id = $2", (guild_id, review_id)),
                audit.entry(guild_id, actor_id, "reopen", review_id=review_id),
            ]
        )
        self._guilds.forget(guild_id)

    async def due(self, now: float) -> list[tuple[int, int]]:
        """The films, as (guild_id, review_id), that have closed and whose posts do not tell so yet."""
        rows = await self._database.fetch(_DUE, int(now))
        return [(guild_id, review_id) for guild_id, review_id in rows]

    async def next(self, now: float) -> int | None:
        """The next moment at which a film closes, in Unix seconds; None where there is none."""
        return (await self._database.fetch(_NEXT, int(now)))[0][0]

    async def shown(self, guild_id: int, review_id: int, now: float) -> None:
        """Take down that the posts of a film tell that it has closed."""
        await self._database.transaction([(_SHOWN, (guild_id, review_id, int(now)))])

    async def reset(self, guild_id: int, review_id: int, actor_id: int) -> int:
        """Delete all votes on a film in a server, also those that are set aside; thoughts stay.

        Where it is cut off, some of the votes are removed, and the others by doing it again.

        Returns:
            How many votes were removed, besides those set aside.

        Raises:
            StoreError: Not all of it was done.
        """
        tally = await self._votes.tally(guild_id, review_id)
        forget_aside: Statement = (_FORGET_ASIDE, (guild_id, review_id))
        await self._database.transaction(
            [
                forget_aside,
                audit.entry(guild_id, actor_id, "reset", review_id=review_id, detail=f"votes: {tally.votes}"),
            ]
        )
        removed, last = 0, 0
        while members := await self._database.fetch(_VOTERS, guild_id, review_id, last, BATCH):
            # By the writer of the votes, like a click: it alone knows how to keep others out of their way.
            ballots = await asyncio.gather(*(self._votes.remove(guild_id, review_id, member) for (member,) in members))
            removed += sum(ballot.previous is not None for ballot in ballots)
            last = members[-1][0]
        await self._database.transaction([forget_aside])  # what was set aside while others were removed
        return removed


_CLOSE = """
INSERT INTO closings (guild_id, review_id, closes_at, shown) VALUES ($1, $2, $3, 0)
ON CONFLICT (guild_id, review_id) DO UPDATE SET closes_at = excluded.closes_at, shown = 0
"""
_DUE = "SELECT guild_id, review_id FROM closings WHERE shown = 0 AND closes_at <= $1 ORDER BY closes_at"
_NEXT = "SELECT min(closes_at) FROM closings WHERE shown = 0 AND closes_at > $1"
_SHOWN = "UPDATE closings SET shown = 1 WHERE guild_id = $1 AND review_id = $2 AND closes_at <= $3"
_FORGET_ASIDE = "DELETE FROM voided_votes WHERE guild_id = $1 AND review_id = $2"
_VOTERS = """
SELECT member_id FROM votes WHERE guild_id = $1 AND review_id = $2 AND member_id > $3 ORDER BY member_id LIMIT $4
"""
