"""What moderators decide: thoughts reported and held, members blocked, words that keep a thought back."""

from __future__ import annotations

import json
import time
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from bot.store import audit
from bot.store.votes import Thought, group_sql

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.store.database import Database, Statement
    from bot.store.guilds import Guilds
    from bot.store.votes import Key

QUEUE = 500
"""So many reported thoughts, and so many held ones, are looked through for the queue."""


class Verdict(StrEnum):
    """What a moderator makes of a thought."""

    APPROVE = "approve"
    REMOVE = "remove"


class Waiting(NamedTuple):
    """A thought that waits for a moderator.

    Attributes:
        updated_at: When it was last written, in Unix seconds: a verdict is on this version.
        held: Whether nobody else sees it meanwhile.
        reports: How many members reported it since it was last judged.
        removed_before: Whether the last that moderators did with this member's thought on the film was to remove it.
    """

    review_id: int
    member_id: int
    title: str
    year: int | None
    sheep: int | None
    thought: Thought
    updated_at: int
    held: bool
    reports: int
    removed_before: bool


class Blocked(NamedTuple):
    """What came of blocking an author: whether the thought was removed, and the author was not blocked already."""

    removed: bool
    blocked: bool


class Moderation:
    """The verbs of moderators, and reporting to them; each act is recorded with it."""

    def __init__(self, database: Database, guilds: Guilds) -> None:
        self._database = database
        self._guilds = guilds
        self._lock = group_sql(type(database)).lock
        self._add_words = _ADD_WORDS.format(given=database.given("$2", {"word": str}))
        self._drop_words = _DROP_WORDS.format(given=database.given("$2", {"word": str}))

    async def report(self, guild_id: int, review_id: int, author_id: int, reporter_id: int) -> bool:
        """Report a thought; return whether that is new.

        Each member reports a thought once, and again when its author changed it after moderators looked at it.
        """
        values = (guild_id, review_id, author_id, reporter_id, int(time.time()))
        return bool((await self._database.transaction([(_REPORT, values)]))[0])

    async def queue(self, guild_id: int, position: int) -> tuple[Waiting | None, int]:
        """The thought at a position of a server's queue, the longest waiting being 0, and how many there are."""
        rows = await self._database.fetch(_QUEUE, guild_id, position)
        if not rows:
            return None, (await self.queue(guild_id, 0))[1] if position else 0
        review_id, author_id, title, year, sheep, body, spoiler, at, held, reports, removed, total = rows[0]
        thought = Thought(body, bool(spoiler))
        waiting = Waiting(
            review_id, author_id, title, year, sheep, thought, at, bool(held), reports, removed_before=bool(removed)
        )
        return waiting, total

    async def judge(self, key: Key, seen: int, verdict: Verdict, moderator_id: int) -> bool:
        """Approve or remove a thought; return whether it waited, and was the one that the moderator saw.

        Args:
            seen: The ``updated_at`` of what the moderator saw.
        """
        done = await self._database.transaction(self._judging(key, seen, verdict, moderator_id))
        return bool(done[len(self._lock)])

    async def block_author(self, key: Key, seen: int, moderator_id: int) -> Blocked:
        """Remove a thought and block who wrote it, in one transaction."""
        guild_id, _, member_id = key
        judging = self._judging(key, seen, Verdict.REMOVE, moderator_id)
        done = await self._database.transaction([*judging, *_blocking(guild_id, member_id, moderator_id)])
        self._guilds.forget(guild_id)
        return Blocked(bool(done[len(self._lock)]), bool(done[len(judging)]))

    async def block(self, guild_id: int, member_id: int, moderator_id: int) -> bool:
        """Let a member neither vote nor share thoughts any more; return whether that is new."""
        done = await self._database.transaction(_blocking(guild_id, member_id, moderator_id))
        self._guilds.forget(guild_id)
        return bool(done[0])

    async def unblock(self, guild_id: int, member_id: int, moderator_id: int) -> bool:
        """Undo :meth:`block`; return whether the member was blocked."""
        done = await self._database.transaction(
            [
                audit.entry(guild_id, moderator_id, "unblock", member_id=member_id, only=_IS_BLOCKED),
                (_UNBLOCK, (guild_id, member_id)),
            ]
        )
        self._guilds.forget(guild_id)
        return bool(done[0])

    async def given(self, guild_id: int, member_id: int) -> tuple[int, int]:
        """How many votes of a member count in a server, and how many are set aside."""
        rows = await self._database.fetch(_GIVEN, guild_id, member_id)
        return rows[0][0], rows[0][1]

    async def add_words(self, guild_id: int, words: Collection[str], moderator_id: int) -> None:
        """Put folded words on a server's list."""
        await self._database.transaction(
            [
                (self._add_words, (guild_id, json.dumps([[word] for word in words]))),
                audit.entry(guild_id, moderator_id, "add words", detail=str(len(words))),
            ]
        )
        self._guilds.forget(guild_id)

    async def drop_words(self, guild_id: int, words: Collection[str], moderator_id: int) -> None:
        """Take folded words off a server's list."""
        await self._database.transaction(
            [
                (self._drop_words, (guild_id, json.dumps([[word] for word in words]))),
                audit.entry(guild_id, moderator_id, "remove words", detail=str(len(words))),
            ]
        )
        self._guilds.forget(guild_id)

    def _judging(self, key: Key, seen: int, verdict: Verdict, moderator_id: int) -> list[Statement]:
        guild_id, review_id, member_id = key
        state = "shown" if verdict is Verdict.APPROVE else "removed"
        return [
            *((sql, (json.dumps([key]),)) for sql in self._lock),
            audit.entry(
                guild_id,
                moderator_id,
                verdict.value,
                member_id=member_id,
                review_id=review_id,
                only=_WAITS,
                given=(seen,),
            ),
            (_JUDGE, (*key, seen, state)),
            (_JUDGE_REPORTS, (*key, seen, state, int(time.time()))),
        ]


def _blocking(guild_id: int, member_id: int, moderator_id: int) -> list[Statement]:
    return [
        audit.entry(guild_id, moderator_id, "block", member_id=member_id, only=f"NOT {_IS_BLOCKED}"),
        (_BLOCK, (guild_id, member_id, int(time.time()))),
    ]


_REPORT = """
INSERT INTO reports AS p (guild_id, review_id, member_id, reporter_id, created_at)
SELECT t.guild_id, t.review_id, t.member_id, $4, $5 FROM thoughts t
WHERE t.guild_id = $1 AND t.review_id = $2 AND t.member_id = $3 AND t.state = 'shown' AND t.member_id <> $4
ON CONFLICT (guild_id, review_id, member_id, reporter_id)
DO UPDATE SET created_at = excluded.created_at, judged_at = NULL
WHERE p.judged_at < (SELECT t.updated_at FROM thoughts t
                     WHERE t.guild_id = $1 AND t.review_id = $2 AND t.member_id = $3)
RETURNING 1
"""

_QUEUE = f"""
SELECT w.review_id, w.member_id, r.title, r.year, v.sheep, t.body, t.spoiler, t.updated_at, t.state = 'held',
    (SELECT count(*) FROM reports p
     WHERE p.guild_id = $1 AND p.review_id = w.review_id AND p.member_id = w.member_id AND p.judged_at IS NULL),
    coalesce('remove' = (
        SELECT a.act FROM audit_log a
        WHERE a.member_id = w.member_id AND +a.guild_id = $1 AND a.review_id = w.review_id
        AND a.act IN ('approve', 'remove')
        ORDER BY a.id DESC LIMIT 1
    ), false),
    w.total
FROM (
    SELECT review_id, member_id, min(at) AS at, count(*) OVER () AS total
    FROM (
        SELECT * FROM (
            SELECT review_id, member_id, updated_at AS at FROM thoughts
            WHERE guild_id = $1 AND state = 'held' ORDER BY updated_at LIMIT {QUEUE}
        ) AS held
        UNION ALL
        SELECT * FROM (
            SELECT review_id, member_id, created_at AS at FROM reports
            WHERE guild_id = $1 AND judged_at IS NULL ORDER BY created_at LIMIT {QUEUE}
        ) AS reported
    ) AS found
    GROUP BY review_id, member_id
    ORDER BY 3, 1, 2 LIMIT 1 OFFSET $2
) AS w
JOIN thoughts t ON t.guild_id = $1 AND t.review_id = w.review_id AND t.member_id = w.member_id
JOIN reviews r ON r.id = w.review_id
LEFT JOIN votes v ON v.guild_id = $1 AND v.review_id = w.review_id AND v.member_id = w.member_id
"""  # noqa: S608 - constants


def _waits(guild: str, review: str, member: str, seen: str) -> str:
    key = f"guild_id = {guild} AND review_id = {review} AND member_id = {member}"
    return f"""
    EXISTS (SELECT 1 FROM thoughts WHERE {key} AND updated_at = {seen} AND (
        state = 'held' OR state = 'shown' AND EXISTS (SELECT 1 FROM reports WHERE {key} AND judged_at IS NULL)
    ))
    """  # noqa: S608 - parameters' names


_WAITS = _waits("$1", "$6", "$5", "$8")
_JUDGE = f"""
UPDATE thoughts SET state = $5
WHERE guild_id = $1 AND review_id = $2 AND member_id = $3 AND {_waits("$1", "$2", "$3", "$4")}
"""  # noqa: S608 - as above
# Reports on another version of the thought stay open, as there was no verdict.
_JUDGE_REPORTS = """
UPDATE reports SET judged_at = $6
WHERE guild_id = $1 AND review_id = $2 AND member_id = $3 AND judged_at IS NULL AND EXISTS (
    SELECT 1 FROM thoughts
    WHERE guild_id = $1 AND review_id = $2 AND member_id = $3 AND updated_at = $4 AND state = $5
)
"""

_IS_BLOCKED = "EXISTS (SELECT 1 FROM restrictions WHERE guild_id = $1 AND member_id = $5 AND kind = 'blocked')"
_BLOCK = """
INSERT INTO restrictions (guild_id, member_id, kind, since) VALUES ($1, $2, 'blocked', $3) ON CONFLICT DO NOTHING
"""
_UNBLOCK = "DELETE FROM restrictions WHERE guild_id = $1 AND member_id = $2 AND kind = 'blocked'"
_GIVEN = """
SELECT coalesce((SELECT votes FROM raters WHERE guild_id = $1 AND member_id = $2), 0),
       (SELECT count(*) FROM voided_votes WHERE member_id = $2 AND guild_id = $1)
"""
_ADD_WORDS = """
INSERT INTO words (guild_id, word) SELECT $1, word FROM {given} AS k WHERE true ON CONFLICT DO NOTHING
"""
_DROP_WORDS = "DELETE FROM words WHERE guild_id = $1 AND word IN (SELECT word FROM {given} AS k)"
