"""The audit log: who did what to whom in a server, and when."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bot.store.database import Database, Statement, Value

EXPORTED = 10_000
"""So many entries one export has at the most."""
EXPORT_PAGE = 1_000
"""Entries that are read in one go."""
NEWEST = 2**63 - 1
"""Before this stand all entries."""


class Entry(NamedTuple):
    """One act.

    Attributes:
        number: Later acts have greater ones.
        at: When it was done, in Unix seconds.
        actor_id: Who did it; None where the bot did, or who did had all about themselves deleted.
        act: What was done, in a word or two.
        member_id: To whom it was done, or None.
        film: The slug of the film on which it was done, or None, and so the title and the year.
        detail: What else there is to say.
    """

    number: int
    at: int
    actor_id: int | None
    act: str
    member_id: int | None
    film: str | None
    title: str | None
    year: int | None
    detail: str


def entry(  # noqa: PLR0913 - the columns of the log
    guild_id: int,
    actor_id: int | None,
    act: str,
    *,
    member_id: int | None = None,
    review_id: int | None = None,
    detail: str = "",
    only: str = "true",
    given: tuple[Value, ...] = (),
) -> Statement:
    """The statement that records an act, to stand in the transaction that does it; it returns a row where it did.

    Args:
        actor_id: Who did it, or None where the bot did by itself.
        act: What was done, in a word or two, such as ``block``.
        member_id: To whom it was done.
        review_id: On which film it was done.
        detail: What else there is to say; never a member's words or name.
        only: SQL for whether there is anything to do, where ``$1`` is the server, ``$5`` the member, ``$6`` the film.
        given: What stands for ``$8`` and on in it.
    """
    values = (guild_id, int(time.time()), actor_id, act, member_id, review_id, detail)
    return _ADD.format(only=only), (*values, *given)


class Audit:
    """Reading the log; what is done writes its entries itself."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, guild_id: int, before: int, limit: int, member_id: int | None = None) -> list[Entry]:
        """The newest entries of a server before a number, the newest first.

        Args:
            member_id: Only what was done to this member.
        """
        if member_id is None:
            rows = await self._database.fetch(_PAGE, guild_id, before, limit)
        else:
            rows = await self._database.fetch(_PAGE_OF_MEMBER, guild_id, before, limit, member_id)
        return [Entry(*row) for row in rows]

    async def pages(self, guild_id: int, before: int, member_id: int | None = None) -> AsyncGenerator[list[Entry]]:
        """The same for an export, page by page, up to :data:`EXPORTED` entries."""
        for _ in range(EXPORTED // EXPORT_PAGE):
            if not (found := await self.page(guild_id, before, EXPORT_PAGE, member_id)):
                return
            yield found
            before = found[-1].number


_ADD = """
INSERT INTO audit_log (guild_id, at, actor_id, act, member_id, review_id, detail)
SELECT $1, $2, $3, $4, $5, $6, $7 WHERE {only} RETURNING 1
"""

_ENTRIES = """
SELECT a.id, a.at, a.actor_id, a.act, a.member_id, r.slug, r.title, r.year, a.detail
FROM audit_log a LEFT JOIN reviews r ON r.id = a.review_id
"""
_PAGE = f"{_ENTRIES} WHERE a.guild_id = $1 AND a.id < $2 ORDER BY a.id DESC LIMIT $3"
# With a plus, the server's index is no way to look for the member: what was done to one is little.
_PAGE_OF_MEMBER = f"""
{_ENTRIES} WHERE a.member_id = $4 AND +a.guild_id = $1 AND a.id < $2 ORDER BY a.id DESC LIMIT $3
"""
