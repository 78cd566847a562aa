"""Thoughts as they are read; they are written with the votes, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bot.store.votes import Thought

if TYPE_CHECKING:
    from bot.store.database import Database


class SharedThought(NamedTuple):
    """A thought as it is shown: whose, with what vote, when last changed (Unix seconds), and whether others see it.

    Attributes:
        state: ``shown``; or ``held`` or ``removed``, and then only its author sees it here.
    """

    member_id: int
    sheep: int | None
    thought: Thought
    updated_at: int
    state: str = "shown"


class Thoughts:
    """The questions about thoughts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def standing(self, guild_id: int, review_id: int, member_id: int) -> tuple[int | None, Thought | None]:
        """What a member has said of a film so far: the sheep and the thought."""
        rows = await self._database.fetch(
            """
            SELECT v.sheep, t.body, t.spoiler
            FROM (SELECT 1) AS always
            LEFT JOIN votes v ON v.guild_id = $1 AND v.review_id = $2 AND v.member_id = $3
            LEFT JOIN thoughts t ON t.guild_id = $1 AND t.review_id = $2 AND t.member_id = $3
            """,
            guild_id,
            review_id,
            member_id,
        )
        sheep, body, spoiler = rows[0]
        return sheep, None if body is None else Thought(body, bool(spoiler))

    async def read(
        self, guild_id: int, review_id: int, reader_id: int, offset: int, limit: int
    ) -> tuple[list[SharedThought], int]:
        """A stretch of a server's thoughts on a film, and how many there are in all.

        The reader's own stands first, also where others do not see it, then the newest.
        """
        rows = await self._database.fetch(
            """
            SELECT t.member_id, v.sheep, t.body, t.spoiler, t.updated_at, t.state, count(*) OVER ()
            FROM thoughts t
            LEFT JOIN votes v
            ON v.guild_id = t.guild_id AND v.review_id = t.review_id AND v.member_id = t.member_id
            WHERE t.guild_id = $1 AND t.review_id = $2 AND (t.state = 'shown' OR t.member_id = $3)
            ORDER BY t.member_id = $3 DESC, t.updated_at DESC, t.member_id DESC
            LIMIT $4 OFFSET $5
            """,
            guild_id,
            review_id,
            reader_id,
            limit,
            offset,
        )
        if offset and not rows:  # beyond the end: no row tells how many there are
            return [], (await self.read(guild_id, review_id, reader_id, 0, 1))[1]
        shared = [
            SharedThought(member_id, sheep, Thought(body, bool(spoiler)), updated_at, state)
            for member_id, sheep, body, spoiler, updated_at, state, _ in rows
        ]
        return shared, rows[0][6] if rows else 0
