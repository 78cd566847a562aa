"""Ratings from elsewhere: they wait for their member's word for a day, and then become votes."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, NamedTuple

from bot.rules import DAY
from bot.store.votes import group_sql

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from bot.store.database import Database, Statement

KEPT = DAY
"""Seconds for which ratings wait."""
BATCH = 100
"""Votes that are given in one transaction, some milliseconds' work: nobody's click waits longer."""
PAGE = 1_000
"""Votes that are looked up in one go."""


class Imported(NamedTuple):
    """A vote from elsewhere; ``at`` is when it was given there, in Unix seconds."""

    review_id: int
    sheep: int
    at: int


class Imports:
    """The verbs on ratings from elsewhere: one file a member and server."""

    def __init__(self, database: Database) -> None:
        self._database = database
        engine = type(database)
        # Not "review_id": what a change returns would need a table before its name, which SQLite does not take.
        columns = ("guild_id", "film", "member_id", "sheep", "at")
        votes = engine.given("$1", dict.fromkeys(columns, int))
        self._standing = _STANDING.format(given=engine.given("$3", {"review_id": int}))
        self._lock = group_sql(engine).lock
        self._change = {override: _CHANGE.format(votes=votes, older=_OLDER[override]) for override in _OLDER}
        self._add = _ADD.format(votes=votes)

    async def put(self, guild_id: int, member_id: int, body: str) -> None:
        """Keep what a member's file came to, in the place of a former one."""
        await self._database.transaction([(_PUT, (guild_id, member_id, body, int(time.time())))])

    async def get(self, guild_id: int, member_id: int) -> str | None:
        """What was kept; None where there is nothing, or a day has passed."""
        rows = await self._database.fetch(_GET, guild_id, member_id, int(time.time()) - KEPT)
        return rows[0][0] if rows else None

    async def drop(self, guild_id: int, member_id: int) -> None:
        """Keep it no longer."""
        await self._database.transaction([(_DROP, (guild_id, member_id))])

    async def sweep(self) -> None:
        """Drop what has waited for a day."""
        await self._database.transaction([(_SWEEP, (int(time.time()) - KEPT,))])

    async def standing(self, guild_id: int, member_id: int, films: Sequence[int]) -> dict[int, tuple[int, int]]:
        """What a member gave some films in a server, and when that was last changed, in Unix seconds."""
        found: dict[int, tuple[int, int]] = {}
        for first in range(0, len(films), PAGE):
            given = json.dumps([[review_id] for review_id in films[first : first + PAGE]])
            rows = await self._database.fetch(self._standing, guild_id, member_id, given)
            found |= {review_id: (sheep, updated_at) for review_id, sheep, updated_at in rows}
        return found

    async def give(
        self, guild_id: int, member_id: int, votes: Collection[Imported], *, override: bool
    ) -> list[int] | None:
        """Give a batch of votes, in one transaction; the same again changes nothing.

        A new vote counts for the day of its rating elsewhere. One that is there is changed where it is older or, with
        ``override``, where it differs: then as of now. A vote that is set aside, and being brought back, stays.

        Returns:
            The films whose votes it has given or changed; None, and nothing is, where nothing is kept any more: it was
            discarded, or all about the member is being deleted.
        """
        rows = json.dumps([(guild_id, vote.review_id, member_id, vote.sheep, vote.at) for vote in votes])
        keys = json.dumps([(guild_id, vote.review_id, member_id) for vote in votes])
        statements: list[Statement] = [
            (_HOLD, (guild_id, member_id)),
            *((sql, (keys,)) for sql in self._lock),
            (self._change[override], (rows, int(time.time()))),
            (self._add, (rows,)),
        ]
        held, *_, changed, added = await self._database.transaction(statements)
        return [row[0] for row in (*changed, *added)] if held else None


_PUT = """
INSERT INTO imports (guild_id, member_id, body, created_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (guild_id, member_id) DO UPDATE SET body = excluded.body, created_at = excluded.created_at
"""
_GET = "SELECT body FROM imports WHERE guild_id = $1 AND member_id = $2 AND created_at > $3"
_DROP = "DELETE FROM imports WHERE guild_id = $1 AND member_id = $2"
_SWEEP = "DELETE FROM imports WHERE created_at <= $1"
_STANDING = """
SELECT v.review_id, v.sheep, v.updated_at FROM {given} AS k CROSS JOIN votes v
WHERE v.guild_id = $1 AND v.review_id = k.review_id AND v.member_id = $2
"""

# What is kept is what the votes are given by: who deletes it waits for this transaction, or has it give nothing.
_HOLD = "UPDATE imports SET created_at = created_at WHERE guild_id = $1 AND member_id = $2 RETURNING 1"
_KEPT = "EXISTS (SELECT 1 FROM imports i WHERE i.guild_id = k.guild_id AND i.member_id = k.member_id)"
_OLDER = {False: "v.updated_at < k.at", True: "true"}
_CHANGE = f"""
UPDATE votes AS v SET sheep = k.sheep, updated_at = CASE WHEN v.updated_at < k.at THEN k.at ELSE $2 END
FROM {{votes}} AS k
WHERE v.guild_id = k.guild_id AND v.review_id = k.film AND v.member_id = k.member_id
AND v.sheep <> k.sheep AND {{older}} AND {_KEPT} RETURNING review_id
"""  # noqa: S608 - constants
_ADD = f"""
INSERT INTO votes (guild_id, review_id, member_id, sheep, created_at, updated_at)
SELECT guild_id, film, member_id, sheep, at, at FROM {{votes}} AS k
WHERE {_KEPT} AND NOT EXISTS (
    SELECT 1 FROM voided_votes o
    WHERE o.guild_id = k.guild_id AND o.review_id = k.film AND o.member_id = k.member_id
)
ON CONFLICT (guild_id, review_id, member_id) DO NOTHING RETURNING review_id
"""  # noqa: S608 - constants
