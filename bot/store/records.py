"""Votes and thoughts as they leave one installation and come into another: a row a member, film and server."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, NamedTuple

from bot.store.votes import group_sql

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Mapping

    from bot.store.database import Database, Row, Statement
    from bot.store.votes import Key

PAGE = 10_000
"""Rows that are read in one go."""
BEYOND = 2**63 - 1
"""An id that none is greater than."""
NOTHING = (None,) * 4


class Record(NamedTuple):
    """What a member gave a film and said of it in a server; one of both may be None.

    Times are Unix seconds, and None where there is no vote or no thought.
    """

    guild_id: int
    review: str
    member_id: int
    sheep: int | None
    voted_at: int | None
    vote_changed_at: int | None
    thought: str | None
    spoiler: int | None
    thought_at: int | None
    thought_changed_at: int | None


class Stored(NamedTuple):
    """What came of records: votes and thoughts that are new, and that took the place of older ones."""

    added: int = 0
    changed: int = 0


class Records:
    """The verbs that move votes and thoughts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def slugs(self) -> dict[str, int]:
        """The ids of all reviews, by slug, also of those that left the shelf: their votes stay."""
        return {slug: number for number, slug in await self._database.fetch("SELECT id, slug FROM reviews")}

    async def expect_much(self) -> None:
        """Make ready for millions of records, and for nobody who waits for an answer."""
        await self._database.expect_much()

    async def count(self, guild_id: int | None = None) -> int:
        """How many votes there are, in one server or in all."""
        rows = await self._database.fetch(
            "SELECT sum(n1 + n2 + n3 + n4 + n5) FROM tallies WHERE guild_id BETWEEN $1 AND $2",
            guild_id or 1,
            guild_id or BEYOND,
        )
        return int(rows[0][0] or 0)

    async def pages(self, guild_id: int | None = None) -> AsyncGenerator[list[Record]]:
        """All votes that count and thoughts that are shown, of one server or of all.

        The next page is being read while one is looked at; what changes meanwhile may be among them or not.
        """
        after, last = (guild_id or 0, 0, 0), (guild_id or BEYOND, BEYOND, BEYOND)
        names: dict[int, str] = {}
        reading = asyncio.create_task(self._page(after, last))
        try:
            while True:
                votes, thoughts, upto = await reading
                if upto < last:
                    reading = asyncio.create_task(self._page(upto, last))
                if not all(row[1] in names for rows in (votes, thoughts) for row in rows):
                    names = {number: slug for slug, number in (await self.slugs()).items()}
                yield _joined(votes, thoughts, names)
                if upto >= last:
                    return
        finally:
            reading.cancel()

    async def _page(self, after: Key, last: Key) -> tuple[list[Row], list[Row], Key]:
        """Votes and thoughts up to a key, which is the last one of them, or of all."""
        votes = await self._database.fetch(_VOTES, *after, *last)
        upto: Key = votes[-1][:3] if len(votes) == PAGE else last
        thoughts = await self._database.fetch(_THOUGHTS, *after, *upto)
        if len(thoughts) == PAGE:
            upto = thoughts[-1][:3]
            votes = [row for row in votes if row[:3] <= upto]
        return votes, thoughts, upto

    async def put(self, records: Iterable[Record], slugs: dict[str, int]) -> Stored:
        """Store what is newer than what there is, in one transaction; the same again changes nothing.

        Args:
            slugs: The ids of the reviews that the records name.
        """
        votes: dict[Key, tuple[int, int, int]] = {}
        thoughts: dict[Key, tuple[str, int, int, int]] = {}
        for record in records:
            guild_id, review, member_id, sheep, voted, vote_changed, body, spoiler, thought, thought_changed = record
            key = (guild_id, slugs[review], member_id)
            if sheep is not None and voted is not None and vote_changed is not None:
                found = votes.get(key)
                if found is None or found[2] < vote_changed:
                    votes[key] = (sheep, voted, vote_changed)
            if body is not None and thought is not None and thought_changed is not None:
                said = thoughts.get(key)
                if said is None or said[3] < thought_changed:
                    thoughts[key] = (body, int(spoiler or 0), thought, thought_changed)
        engine = type(self._database)
        lock = group_sql(engine).lock
        statements: list[Statement] = [
            *((sql, (json.dumps(list({*votes, *thoughts})),)) for sql in lock),
            *_writes(engine, "votes", {"sheep": int}, votes),
            *_writes(engine, "thoughts", {"body": str, "spoiler": int}, thoughts),
        ]
        done = (await self._database.transaction(statements))[len(lock) :]
        return Stored(sum(len(rows) for rows in done[1::2]), sum(len(rows) for rows in done[0::2]))


def _joined(votes: list[Row], thoughts: list[Row], names: dict[int, str]) -> list[Record]:
    said = {row[:3]: row[3:] for row in thoughts}
    records = [Record(row[0], names[row[1]], *row[2:], *said.pop(row[:3], NOTHING)) for row in votes]
    for (guild_id, review_id, member_id), thought in said.items():
        records.append(Record(guild_id, names[review_id], member_id, None, None, None, *thought))
    return records


def _writes(
    engine: type[Database],
    table: str,
    columns: Mapping[str, type[int | str]],
    rows: Mapping[Key, tuple[int | str, ...]],
) -> list[Statement]:
    """To change the older rows, then to add those that are missing: no trigger can tell both apart in one statement."""
    given = engine.given(
        "$1",
        {"guild_id": int, "review_id": int, "member_id": int, **columns, "created_at": int, "updated_at": int},
    )
    values = (json.dumps([(*key, *row) for key, row in sorted(rows.items())]),)
    names = ", ".join(columns)
    changed = ", ".join(f"{name} = k.{name}" for name in columns)
    return [
        (_CHANGE.format(table=table, changed=changed, given=given), values),
        (_ADD.format(table=table, names=names, given=given), values),
    ]


_BETWEEN = f"""
WHERE (guild_id, review_id, member_id) > ($1, $2, $3) AND (guild_id, review_id, member_id) <= ($4, $5, $6) AND {{only}}
ORDER BY guild_id, review_id, member_id LIMIT {PAGE}
"""
_VOTES = f"""
SELECT guild_id, review_id, member_id, sheep, created_at, updated_at FROM votes {_BETWEEN.format(only="true")}
"""  # noqa: S608 - constants
# What moderators hold back or removed would come into the other installation as shown.
_THOUGHTS = f"""
SELECT guild_id, review_id, member_id, body, spoiler, created_at, updated_at FROM thoughts
{_BETWEEN.format(only="state = 'shown'")}
"""  # noqa: S608 - constants

_CHANGE = """
UPDATE {table} AS v SET {changed}, updated_at = k.updated_at FROM {given} AS k
WHERE v.guild_id = k.guild_id AND v.review_id = k.review_id AND v.member_id = k.member_id
AND v.updated_at < k.updated_at RETURNING 1
"""

_ADD = """
INSERT INTO {table} (guild_id, review_id, member_id, {names}, created_at, updated_at)
SELECT guild_id, review_id, member_id, {names}, created_at, updated_at FROM {given} AS k WHERE true
ON CONFLICT (guild_id, review_id, member_id) DO NOTHING RETURNING 1
"""
