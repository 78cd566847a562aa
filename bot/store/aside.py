"""Votes set aside: those that moderators void, and those of members who left where the server wants it so.

What is decided is a row in ``restrictions``, and stands at once. The votes follow in batches, each a transaction that
is right by itself: between two of them, or after a crash, some of a member's votes are aside and the others are not,
every tally is true of those that are not, and :meth:`Aside.move` goes on where it stopped.
"""

from __future__ import annotations

import json
import time
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.store import audit
from bot.store.votes import group_sql

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bot.store.database import Database, Statement
    from bot.store.guilds import Guilds

BATCH = 100
"""Votes that are moved in one transaction, some milliseconds' work."""
PAGE = 100
"""Members that are read in one go; Discord tells of so many at once."""
ALL_PENDING = 1_000
"""The same of those whose votes may be on their way."""


class Reason(StrEnum):
    """Why a member's votes are aside."""

    VOIDED = "voided"
    LEFT = "left"


_ACTS = {Reason.VOIDED: ("void", "restore"), Reason.LEFT: ("left", "returned")}


class Aside:
    """The verbs that set votes aside and bring them back."""

    def __init__(self, database: Database, guilds: Guilds) -> None:
        self._database = database
        self._guilds = guilds
        self._lock = group_sql(type(database)).lock
        films = database.given("$3", {"review_id": int})
        self._to_aside = [sql.format(films=films, why=_ASIDE) for sql in (_SET_ASIDE, _LEAVE_VOTES)]
        self._back = [sql.format(films=films, why=_RESTORING) for sql in (_BRING_BACK, _LEAVE_ASIDE)]

    async def lay(self, guild_id: int, member_id: int, reason: Reason, actor_id: int | None) -> bool:
        """Have a member's votes not count any more; return whether that is new. :meth:`move` does the rest."""
        key = (guild_id, member_id)
        return await self._decide(
            guild_id,
            audit.entry(
                guild_id,
                actor_id,
                _ACTS[reason][0],
                member_id=member_id,
                only=f"NOT {_IS_LAID}",
                given=(reason.value,),
            ),
            (_LAY, (*key, reason.value, int(time.time()))),
            (_RESTORE_NO_MORE, key),
        )

    async def lift(self, guild_id: int, member_id: int, reason: Reason, actor_id: int | None) -> bool:
        """Undo :meth:`lay`; return whether there was anything to undo. Where another reason stands, the votes stay."""
        key = (guild_id, member_id)
        return await self._decide(
            guild_id,
            audit.entry(
                guild_id,
                actor_id,
                _ACTS[reason][1],
                member_id=member_id,
                only=_IS_LAID,
                given=(reason.value,),
            ),
            (_RESTORE, (*key, reason.value, int(time.time()))),
            (_LIFT, (*key, reason.value)),
        )

    async def _decide(self, guild_id: int, *statements: Statement) -> bool:
        done = await self._database.transaction(statements)
        self._guilds.forget(guild_id)
        return bool(done[0])

    async def move(self, guild_id: int, member_id: int) -> list[int]:
        """Move a batch of a member's votes to where they belong; return the films, none where all is done.

        A vote that the member gave meanwhile stands over one that is brought back.
        """
        key = (guild_id, member_id)
        rows = await self._database.fetch(_KINDS, *key)
        kinds = {kind for (kind,) in rows}
        if kinds & {*Reason}:
            source, statements = "votes", self._to_aside
        elif "restoring" in kinds:
            source, statements = "voided_votes", self._back
        else:
            return []
        films = [review_id for (review_id,) in await self._database.fetch(_FILMS.format(source=source), *key)]
        if films:
            keys = json.dumps([(guild_id, review_id, member_id) for review_id in films])
            given = json.dumps([[review_id] for review_id in films])
            await self._database.transaction(
                [*((sql, (keys,)) for sql in self._lock), *((sql, (*key, given)) for sql in statements)]
            )
        elif statements is self._back:
            await self._database.transaction([(_RESTORED, key)])
        return films

    async def pending(self) -> AsyncGenerator[tuple[int, int]]:
        """The servers and members whose votes a moderator moved, and not all have arrived."""
        after = (0, 0, "")
        while rows := await self._database.fetch(_PENDING, *after):
            for guild_id, member_id, _, waits in rows:
                if waits:
                    yield guild_id, member_id
            after = rows[-1][:3]

    async def to_be_swept(self) -> list[int]:
        """The servers that set the votes of members who left aside, or did so before."""
        return [guild_id for (guild_id,) in await self._database.fetch(_SWEPT)]

    async def raters(self, guild_id: int, after: int) -> list[int]:
        """The next members after one who have votes that count in a server, by their ids."""
        return [member_id for (member_id,) in await self._database.fetch(_RATERS, guild_id, after)]

    async def leavers(self, guild_id: int, after: int) -> list[int]:
        """The next members after one whose votes are aside because they left."""
        return [member_id for (member_id,) in await self._database.fetch(_LEAVERS, guild_id, after)]


_IS_LAID = "EXISTS (SELECT 1 FROM restrictions WHERE guild_id = $1 AND member_id = $5 AND kind = $8)"
_LAY = "INSERT INTO restrictions (guild_id, member_id, kind, since) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
_RESTORE_NO_MORE = "DELETE FROM restrictions WHERE guild_id = $1 AND member_id = $2 AND kind = 'restoring'"
_RESTORE = """
INSERT INTO restrictions (guild_id, member_id, kind, since)
SELECT guild_id, member_id, 'restoring', $4 FROM restrictions r
WHERE guild_id = $1 AND member_id = $2 AND kind = $3 AND NOT EXISTS (
    SELECT 1 FROM restrictions WHERE guild_id = $1 AND member_id = $2 AND kind IN ('voided', 'left') AND kind <> $3
)
ON CONFLICT DO NOTHING
"""
_LIFT = "DELETE FROM restrictions WHERE guild_id = $1 AND member_id = $2 AND kind = $3"
_KINDS = "SELECT kind FROM restrictions WHERE guild_id = $1 AND member_id = $2"
_FILMS = f"SELECT review_id FROM {{source}} WHERE member_id = $2 AND guild_id = $1 LIMIT {BATCH}"  # noqa: S608 - constants

# Asked again in each transaction: it may have been decided otherwise since the films were looked up.
_ASIDE = """
EXISTS (SELECT 1 FROM restrictions WHERE guild_id = $1 AND member_id = $2 AND kind IN ('voided', 'left'))
"""
_RESTORING = """
EXISTS (SELECT 1 FROM restrictions WHERE guild_id = $1 AND member_id = $2 AND kind = 'restoring')
"""
_SET_ASIDE = """
INSERT INTO voided_votes (guild_id, review_id, member_id, sheep, created_at, updated_at)
SELECT guild_id, review_id, member_id, sheep, created_at, updated_at FROM votes
WHERE guild_id = $1 AND member_id = $2 AND review_id IN (SELECT review_id FROM {films} AS k) AND {why}
ON CONFLICT (guild_id, review_id, member_id)
DO UPDATE SET sheep = excluded.sheep, created_at = excluded.created_at, updated_at = excluded.updated_at
"""
_LEAVE_VOTES = """
DELETE FROM votes
WHERE guild_id = $1 AND member_id = $2 AND review_id IN (SELECT review_id FROM {films} AS k) AND {why}
"""
_BRING_BACK = """
INSERT INTO votes (guild_id, review_id, member_id, sheep, created_at, updated_at)
SELECT guild_id, review_id, member_id, sheep, created_at, updated_at FROM voided_votes
WHERE guild_id = $1 AND member_id = $2 AND review_id IN (SELECT review_id FROM {films} AS k) AND {why}
ON CONFLICT DO NOTHING
"""
_LEAVE_ASIDE = """
DELETE FROM voided_votes
WHERE guild_id = $1 AND member_id = $2 AND review_id IN (SELECT review_id FROM {films} AS k) AND {why}
"""
_RESTORED = """
DELETE FROM restrictions
WHERE guild_id = $1 AND member_id = $2 AND kind = 'restoring'
AND NOT EXISTS (SELECT 1 FROM voided_votes WHERE member_id = $2 AND guild_id = $1)
"""
_PENDING = f"""
SELECT guild_id, member_id, kind, CASE kind
    WHEN 'restoring' THEN true
    WHEN 'voided' THEN EXISTS (
        SELECT 1 FROM raters WHERE guild_id = r.guild_id AND member_id = r.member_id AND votes > 0
    )
    ELSE false END
FROM restrictions r
WHERE (guild_id, member_id, kind) > ($1, $2, $3)
ORDER BY guild_id, member_id, kind LIMIT {ALL_PENDING}
"""  # noqa: S608 - constants
_SWEPT = """
SELECT guild_id FROM guild_settings WHERE leavers = 'drop'
UNION
SELECT guild_id FROM restrictions WHERE kind = 'left'
"""
_RATERS = f"""
SELECT member_id FROM raters WHERE guild_id = $1 AND member_id > $2 AND votes > 0 ORDER BY member_id LIMIT {PAGE}
"""  # noqa: S608 - constants
_LEAVERS = f"""
SELECT member_id FROM restrictions
WHERE guild_id = $1 AND kind = 'left' AND member_id > $2 ORDER BY member_id LIMIT {PAGE}
"""  # noqa: S608 - constants
