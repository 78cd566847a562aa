"""Votes and thoughts as they are written: one a member, review and server."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from bot.metrics import SILENT, Metrics
from bot.ranking import MAX_SHEEP, MIN_SHEEP, Tally
from bot.reviews.model import MAX_THOUGHT
from bot.store.writer import GroupWriter

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from types import EllipsisType

    from bot.store.database import Database, Row, Statement
    from bot.store.guilds import Guilds


Key: TypeAlias = tuple[int, int, int]
"""(guild_id, review_id, member_id)."""


class Ballot(NamedTuple):
    """What a change made of a member's vote on a film.

    Attributes:
        previous: The sheep given before, or None.
        current: The sheep given now, or None.
        tally: The server's votes on the film, this one included, as committed.
        held: Whether the thought that came with it waits for a moderator.
    """

    previous: int | None
    current: int | None
    tally: Tally
    held: bool = False


class Thought(NamedTuple):
    """What a member says of a film; ``body`` has 1 to 1,000 code points, NUL not among them."""

    body: str
    spoiler: bool = False


class MemberVote(NamedTuple):
    """One of a member's own votes; ``updated_at`` in Unix seconds."""

    review_id: int
    sheep: int
    updated_at: int


class Change(NamedTuple):
    """What is to become of one member's vote and thought on one film.

    Attributes:
        sheep: 1 to 5, None to remove the vote, or ``...`` to leave it.
        thought: The thought, None to remove it, or ``...`` to leave it.
    """

    guild_id: int
    review_id: int
    member_id: int
    sheep: int | EllipsisType | None = ...
    thought: Thought | EllipsisType | None = ...

    @property
    def key(self) -> Key:
        """Whose vote on what, where."""
        return self[:3]


class Votes:
    """The verbs on votes.

    Attributes:
        writer: Writes the votes and thoughts.
    """

    def __init__(self, database: Database, guilds: Guilds, metrics: Metrics = SILENT) -> None:
        self._database = database
        self._guilds = guilds
        self._sql = group_sql(type(database))
        self.writer: GroupWriter[Change, Ballot] = GroupWriter(database, self._commit, metrics)

    def cast(self, guild_id: int, review_id: int, member_id: int, sheep: int) -> Coroutine[Any, Any, Ballot]:
        """Give a film one to five sheep; a second vote replaces the first.

        Raises:
            ValueError: ``sheep`` is not 1 to 5.
            StoreError: Nothing was stored.
        """
        return self.change(Change(guild_id, review_id, member_id, sheep=sheep))

    def remove(self, guild_id: int, review_id: int, member_id: int) -> Coroutine[Any, Any, Ballot]:
        """Take a member's vote back; a no-op where there is none."""
        return self.change(Change(guild_id, review_id, member_id, sheep=None))

    async def change(self, change: Change) -> Ballot:
        """Change a vote and a thought together, in one transaction.

        A thought waits for a moderator where the server reads thoughts first, where it holds a word of the server's
        list, or where the last that moderators did with this member's thought on the film was to remove it.

        Raises:
            ValueError: The sheep are not 1 to 5, or the thought is none that can be stored as it is.
            StoreError: Nothing was stored.
        """
        _check(change)
        return await self.writer.write(change)

    async def of_member(self, guild_id: int, member_id: int, offset: int, limit: int) -> tuple[list[MemberVote], int]:
        """A member's votes in a server on films still on the shelf, the latest first, and how many there are."""
        rows = await self._database.fetch(
            """
            SELECT v.review_id, v.sheep, v.updated_at, count(*) OVER ()
            FROM votes v JOIN reviews r ON r.id = v.review_id
            WHERE v.member_id = $1 AND v.guild_id = $2 AND r.retired_at IS NULL
            ORDER BY v.updated_at DESC, v.review_id DESC
            LIMIT $3 OFFSET $4
            """,
            member_id,
            guild_id,
            limit,
            offset,
        )
        if offset and not rows:  # beyond the end: no row tells how many there are
            return [], (await self.of_member(guild_id, member_id, 0, 1))[1]
        return [MemberVote(*row[:3]) for row in rows], rows[0][3] if rows else 0

    async def tally(self, guild_id: int, review_id: int) -> Tally:
        """How a server voted on a film; ``guild_id`` 0 is everywhere."""
        rows = await self._database.fetch(_TALLY, guild_id, review_id)
        return _tally(rows[0]) if rows else Tally()

    async def elsewhere(self, guild_id: int) -> bool:
        """Whether anyone voted in any other server than this one."""
        rows = await self._database.fetch(
            "SELECT EXISTS (SELECT 1 FROM votes WHERE guild_id < $1 OR guild_id > $1)", guild_id
        )
        return bool(rows[0][0])

    async def close(self) -> None:
        """Write what is waiting, then stop writing."""
        await self.writer.close()

    async def _commit(self, group: Sequence[Change]) -> list[Ballot]:
        """One transaction whose number of statements does not depend on the group's size."""
        sql = self._sql
        now = int(time.time())
        keyed = [(change.key, change) for change in group]
        sheep = {key: change.sheep for key, change in keyed if change.sheep is not ...}
        thoughts = {key: change.thought for key, change in keyed if change.thought is not ...}
        keys = {key for key, _ in keyed}
        said = {key: value for key, value in thoughts.items() if isinstance(value, Thought)}
        rules = {guild_id: await self._guilds.rules(guild_id) for guild_id in {key[0] for key in said}}
        given = json.dumps(list(keys))
        films = json.dumps(list({key[:2] for key in keys}))
        changes: list[tuple[tuple[str, ...], list[Any], tuple[int, ...]]] = [
            (sql.put_votes, [(*key, value) for key, value in sheep.items() if value is not None], (now,)),
            (sql.delete_votes, [key for key, value in sheep.items() if value is None], ()),
            (
                sql.put_thoughts,
                [
                    (*key, t.body, int(t.spoiler), "held" if rules[key[0]].holds(t.body) else "shown")
                    for key, t in said.items()
                ],
                (now,),
            ),
            (sql.delete_thoughts, [key for key, value in thoughts.items() if value is None], ()),
        ]
        statements: list[Statement] = [
            *((lock, (given,)) for lock in sql.lock),
            (sql.previous, (given,)),
            *((write, (json.dumps(rows), *when)) for writes, rows, when in changes if rows for write in writes),
            (sql.tallies, (films,)),
        ]
        results = await self._database.transaction(statements)
        standing: dict[Key, int | None] = {row[:3]: row[3] for row in results[len(sql.lock)]}
        tallies = {row[:2]: _tally(row[2:]) for row in results[-1]}
        held = {row[:3] for rows in results[len(sql.lock) + 1 : -1] for row in rows if row[3] == "held"}
        ballots: list[Ballot] = []
        for key, change in keyed:  # in order: two clicks of one member in a group follow each other
            previous = standing.get(key)
            standing[key] = current = previous if change.sheep is ... else change.sheep
            waits = isinstance(change.thought, Thought) and key in held
            ballots.append(Ballot(previous, current, tallies.get(key[:2]) or Tally(), waits))
        return ballots


def _check(change: Change) -> None:
    """Refuse what breaks a rule here: in its group, a later change of the same member could hide it."""
    if isinstance(change.sheep, int) and (isinstance(change.sheep, bool) or not MIN_SHEEP <= change.sheep <= MAX_SHEEP):
        raise ValueError(f"{change.sheep} sheep")
    if isinstance(change.thought, Thought):
        body = change.thought.body
        body.encode()  # half a surrogate pair would be stored, and then no thought on the film could be read
        if not 1 <= len(body) <= MAX_THOUGHT or "\0" in body:  # SQLite's JSON ends at a NUL
            raise ValueError(f"a thought of {len(body)} code points")


def _tally(row: Row) -> Tally:
    return Tally((row[0], row[1], row[2], row[3], row[4]), row[5])


_TALLY = "SELECT n1, n2, n3, n4, n5, thoughts FROM tallies WHERE guild_id = $1 AND review_id = $2"

_KEYS = {"guild_id": int, "review_id": int, "member_id": int}


class GroupSql(NamedTuple):
    """The statements of a group; ``$1`` is JSON, ``$2`` the time in Unix seconds."""

    lock: tuple[str, ...]
    previous: str
    put_votes: tuple[str, ...]
    delete_votes: tuple[str, ...]
    put_thoughts: tuple[str, ...]
    delete_thoughts: tuple[str, ...]
    tallies: str


def group_sql(engine: type[Database]) -> GroupSql:
    """The statements of a group for an engine."""
    films = engine.given("$1", {"guild_id": int, "review_id": int})
    keys = engine.given("$1", _KEYS)
    votes = engine.given("$1", {**_KEYS, "sheep": int})
    thoughts = engine.given("$1", {**_KEYS, "body": str, "spoiler": int, "state": str})
    # Where triggers see a whole statement at once, one that both changes and adds votes is beyond them.
    apart = engine.shared
    put_votes = _PUT_VOTES.format(votes=votes, otherwise="NOTHING" if apart else _CHANGE)
    return GroupSql(
        (_LOCK.format(keys=keys),) if engine.shared else (),
        _PREVIOUS.format(keys=keys),
        (_CHANGE_VOTES.format(votes=votes), put_votes) if apart else (put_votes,),
        (_DELETE.format(table="votes", keys=keys),),
        (_PUT_THOUGHTS.format(thoughts=thoughts),),
        (_DELETE.format(table="thoughts", keys=keys),),
        _TALLIES.format(films=films),
    )


_LOCK = "SELECT hold_votes(array_agg(review_id), array_agg(guild_id), array_agg(member_id)) FROM {keys} AS k"

_PREVIOUS = """
SELECT v.guild_id, v.review_id, v.member_id, v.sheep
FROM {keys} AS k CROSS JOIN votes v
WHERE v.guild_id = k.guild_id AND v.review_id = k.review_id AND v.member_id = k.member_id
"""

_TALLIES = """
SELECT t.guild_id, t.review_id, n1, n2, n3, n4, n5, thoughts
FROM {films} AS k CROSS JOIN tallies t
WHERE t.guild_id = k.guild_id AND t.review_id = k.review_id
"""

_CHANGE_VOTES = """
UPDATE votes AS v SET sheep = k.sheep, updated_at = $2 FROM {votes} AS k
WHERE v.guild_id = k.guild_id AND v.review_id = k.review_id AND v.member_id = k.member_id
"""

_PUT_VOTES = """
INSERT INTO votes (guild_id, review_id, member_id, sheep, created_at, updated_at)
SELECT guild_id, review_id, member_id, sheep, $2, $2 FROM {votes} AS k WHERE true
ON CONFLICT (guild_id, review_id, member_id) DO {otherwise}
"""
_CHANGE = "UPDATE SET sheep = excluded.sheep, updated_at = excluded.updated_at"

# Who deletes a thought that was removed and writes it anew comes before the moderators all the same.
_REMOVED_LAST = """
'remove' = (
    SELECT a.act FROM audit_log a
    WHERE a.member_id = k.member_id AND a.guild_id = k.guild_id AND a.review_id = k.review_id
    AND a.act IN ('approve', 'remove')
    ORDER BY a.id DESC LIMIT 1
)
"""

_PUT_THOUGHTS = f"""
INSERT INTO thoughts (guild_id, review_id, member_id, body, spoiler, state, created_at, updated_at)
SELECT guild_id, review_id, member_id, body, spoiler, CASE WHEN {_REMOVED_LAST} THEN 'held' ELSE state END, $2, $2
FROM {{thoughts}} AS k WHERE true
ON CONFLICT (guild_id, review_id, member_id)
DO UPDATE SET body = excluded.body, spoiler = excluded.spoiler, updated_at = excluded.updated_at,
    state = CASE WHEN thoughts.state = 'removed' THEN 'held' ELSE excluded.state END
RETURNING guild_id, review_id, member_id, state
"""  # noqa: S608 - constants

_DELETE = """
DELETE FROM {table} WHERE (guild_id, review_id, member_id) IN
(SELECT guild_id, review_id, member_id FROM {keys} AS k)
"""
