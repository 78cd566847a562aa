"""What is stored of a member or of a server: handed out, and deleted, a little at a time.

A member may have a hundred thousand votes and a server a million. Nobody else's click waits for those: they are read
and deleted in batches, each a transaction of its own. The wish is recorded first, so that what was broken off is
finished.
"""

from __future__ import annotations

import asyncio
import json
import time
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from bot.store.meta import SET, VACUUM_DUE
from bot.store.own import unlabelled
from bot.store.votes import group_sql

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable

    from bot.store.database import Database, Row, Statement

PAGE = 1_000
"""Rows that are read in one go."""
FEWEST, MOST = 20, 400
"""Rows that are deleted in one go: so many that it takes about as long as it may."""
AT_A_TIME = 0.01
"""Seconds for which nobody else's click is written, and then nothing is deleted for as long."""
REST = 0.001
NOBODYS = -1
"""Stands for the server whose own a review was."""
Film: TypeAlias = tuple[int, int]
"""(guild_id, review_id)."""


class Subject(StrEnum):
    """All of whom or what is deleted; of a server that the bot stays in, the ids of its posts stay."""

    MEMBER = "member"
    SERVER = "server"
    DEPARTED = "departed"


class Wish(NamedTuple):
    """Something that is to be deleted, by the id of the member or server."""

    subject: Subject
    id: int


class FilmName(NamedTuple):
    """A film as an export names it; ``directed_by`` is a list of names."""

    slug: str
    title: str
    year: int | None
    directed_by: list[str]


class Place(NamedTuple):
    """Where something of a member or a server is stored.

    Attributes:
        scope: The column with the id of whose it is.
        key: What tells its rows apart, in the order of an index that begins with the scope.
        shown: What of it a member is handed; never another member's id.
        only: SQL for the rows that are deleted.
        held: Whether votes or thoughts come into it or out of it, so that who writes those has to be waited for.
        blanked: What is set in the row where it stays, without the id; empty where it does not.
        film: The column with the id of the film that it is about.
    """

    table: str
    scope: str
    key: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    only: str = "true"
    held: bool = False
    blanked: str = ""
    film: str = "review_id"

    @property
    def columns(self) -> tuple[str, ...]:
        """What is read of it: the key first."""
        return self.key + tuple(name for name in self.shown if name not in self.key)


_WHERE = ("guild_id", "review_id")
_VOTE = (*_WHERE, "sheep", "created_at", "updated_at")
_NOTHING = "n1 + n2 + n3 + n4 + n5 = 0"
_LOG = Place(
    "audit_log",
    "member_id",
    ("id",),
    ("guild_id", "at", "act", "review_id", "detail"),
    blanked="{scope} = NULL",
)
# The row stays for the votes of others, and their posts; there is nothing left in it to be read.
_WITHDRAWN = """
slug = 'deleted-' || CAST(id AS text), title = '', sort_title = '', year = NULL, critic = NULL,
critic_half_sheep = NULL, quote = NULL, quote_by = NULL, written_by = '[]', directed_by = '[]', starring = '[]',
genres = '[]', aliases = '[]', body = '', url = NULL, image_url = NULL, published_at = NULL, guid = NULL,
content_hash = '', author_id = NULL, retired_at = coalesce(retired_at, 0)
"""
_REVIEW = Place(
    "reviews",
    "author_id",
    ("id",),
    (
        *("guild_id", "title", "year", "critic", "critic_half_sheep", "quote", "quote_by", "written_by", "directed_by"),
        *("starring", "genres", "body", "url", "image_url", "published_at", "spoilers"),
    ),
    blanked=_WITHDRAWN,
    film="id",
)
OF_MEMBER = (
    Place(
        "thoughts", "member_id", _WHERE, (*_WHERE, "body", "spoiler", "state", "created_at", "updated_at"), held=True
    ),
    Place("votes", "member_id", ("review_id", "guild_id"), _VOTE, held=True),
    Place("voided_votes", "member_id", _WHERE, _VOTE, held=True),
    Place("raters", "member_id", ("guild_id",), ("guild_id", "votes", "sheep"), only="votes = 0"),
    Place("reports", "reporter_id", (*_WHERE, "member_id"), (*_WHERE, "created_at", "judged_at")),
    Place("reports", "member_id", (*_WHERE, "reporter_id"), (*_WHERE, "created_at", "judged_at")),
    Place("restrictions", "member_id", ("guild_id", "kind"), ("guild_id", "kind", "since")),
    Place("uncompared", "member_id", (), ("since",)),
    _LOG,
    _LOG._replace(scope="actor_id"),
    _REVIEW,
    Place("drafts", "member_id", ("guild_id", "review_id"), ("guild_id", "review_id", "body", "updated_at")),
    Place("imports", "member_id", ("guild_id",), ("guild_id", "body", "created_at")),
)
"""All that is stored of a member."""
OF_SERVER = (
    Place("thoughts", "guild_id", ("review_id", "member_id"), held=True),
    Place("votes", "guild_id", ("review_id", "member_id"), held=True),
    Place("voided_votes", "guild_id", ("review_id", "member_id"), held=True),
    Place("tallies", "guild_id", ("review_id",), only=f"{_NOTHING} AND thoughts = 0", held=True),
    Place("days", "guild_id", ("review_id", "day"), only=_NOTHING, held=True),
    Place("raters", "guild_id", ("member_id",), only="votes = 0"),
    Place("reports", "guild_id", ("review_id", "member_id", "reporter_id")),
    Place("restrictions", "guild_id", ("member_id", "kind")),
    Place("closings", "guild_id", ("review_id",)),
    Place("words", "guild_id", ("word",)),
    Place("audit_log", "guild_id", ("id",)),
    Place("drafts", "guild_id", ("member_id", "review_id")),
    Place("imports", "guild_id", ("member_id",)),
    Place("feeds", "guild_id", ("id",)),
    _REVIEW._replace(
        scope="guild_id", only="guild_id <> 0", blanked=f"guild_id = {NOBODYS}, source = '', {_WITHDRAWN}"
    ),
    Place("guild_settings", "guild_id"),
)
"""All that is stored of a server but its posts, which go on showing their tally."""
PLACES = {
    Subject.MEMBER: OF_MEMBER,
    Subject.SERVER: OF_SERVER,
    Subject.DEPARTED: (
        *OF_SERVER,
        Place("posts", "guild_id", ("review_id", "message_id")),
        Place("departures", "guild_id"),
    ),
}


class Privacy:
    """The verbs on all that is stored of somebody.

    Args:
        changed: Told of each server in which something was deleted.
    """

    def __init__(self, database: Database, changed: Callable[[int], None]) -> None:
        self._database = database
        self._changed = changed
        self._hold = group_sql(type(database)).lock
        self._films = _FILMS.format(given=database.given("$1", {"id": int}))

    async def of_member(self, member_id: int) -> AsyncGenerator[tuple[Place, list[Row]]]:
        """All that is stored of a member, in pages of rows with the columns of their place."""
        for place in OF_MEMBER:
            after: Row = ()
            while rows := await self._page(place, member_id, after, PAGE):
                yield place, rows
                if len(rows) < PAGE or not place.key:
                    break
                after = rows[-1][: len(place.key)]

    async def films(self, review_ids: Iterable[int]) -> dict[int, FilmName]:
        """What films are called, also those that left the shelf."""
        rows = await self._database.fetch(self._films, json.dumps([[review_id] for review_id in review_ids]))
        return {row[0]: FilmName(row[1], row[2], row[3], json.loads(row[4])) for row in rows}

    async def wish(self, wish: Wish) -> None:
        """Record that something is to be deleted; from then on it will be."""
        await self._database.transaction([(_WISH, (wish.subject, wish.id, int(time.time())))])

    async def wishes(self) -> list[Wish]:
        """What was to be deleted, and is not yet."""
        rows = await self._database.fetch("SELECT subject, id FROM erasures ORDER BY since")
        return [Wish(Subject(subject), id_) for subject, id_ in rows]

    async def erase(self, wish: Wish) -> set[Film]:
        """Delete all that was wished to be deleted; done when a look through all of it finds nothing any more.

        So a vote that is given meanwhile is deleted with the rest or, where it comes later, stays whole.

        Returns:
            The films on which votes, set aside or not, or thoughts were deleted, and reviews that were, by server.

        Raises:
            StoreError: It is not done; what was deleted is, and to erase again goes on there.
        """
        films: set[Film] = set()
        while await self._erase_what_is_found(wish, films):
            pass
        done: list[Statement] = [("DELETE FROM erasures WHERE subject = $1 AND id = $2", (wish.subject, wish.id))]
        if not self._database.shared:
            done.append((SET, (VACUUM_DUE, "1")))
        await self._database.transaction(done)
        return films

    async def _erase_what_is_found(self, wish: Wish, films: set[Film]) -> bool:
        found, size = False, FEWEST
        for place in PLACES[wish.subject]:
            after: Row = ()
            while True:
                begun = time.monotonic()
                rows = await self._page(place, wish.id, after, size, place.only)
                if not rows:
                    break
                found, after = True, rows[-1][: len(place.key)]
                await self._erase_rows(place, wish.id, rows, films)
                if len(rows) < size or not place.key:
                    break
                took = time.monotonic() - begun
                size = max(FEWEST, size // 2) if took > AT_A_TIME else min(MOST, 2 * size)
                await asyncio.sleep(max(took, REST))  # as long again belongs to everyone else
        return found

    async def _erase_rows(self, place: Place, id_: int, rows: list[Row], films: set[Film]) -> None:
        keys = [_key(place, id_, row) for row in rows]
        hold = [(sql, (json.dumps(keys),)) for sql in self._hold if place.held]
        reviews = place.film == "id"
        labels = await unlabelled(self._database, [key[1] for key in keys]) if reviews else []
        await self._database.transaction([*hold, _deletion(place, id_, rows), *labels])
        if place.held or reviews:
            films |= {key[:2] for key in keys}
        for guild_id in {key[0] for key in keys}:
            self._changed(guild_id)

    async def _page(self, place: Place, id_: int, after: Row, size: int, only: str = "true") -> list[Row]:
        """Rows after a key; where the scope is the whole key, its one row."""
        columns, key = ", ".join(place.columns or (place.scope,)), ", ".join(place.key)
        begin = f"AND ({key}) > ({_places(2, len(after))})" if after else ""
        order = f"ORDER BY {key}" if key else ""
        return await self._database.fetch(
            f"SELECT {columns} FROM {place.table} WHERE {place.scope} = $1 AND {only} {begin} {order} LIMIT {size}",  # noqa: S608 - constants of this file
            id_,
            *after,
        )


def _key(place: Place, id_: int, row: Row) -> tuple[int, int, int]:
    """Where a row stands: in which server, on which film, of whom; 0 where it is in, on or of none."""
    values = dict(zip(place.columns, row, strict=False)) | {place.scope: id_}
    return values.get("guild_id", 0), values.get(place.film) or 0, values.get("member_id", 0)


def _deletion(place: Place, id_: int, rows: list[Row]) -> Statement:
    """The statement that deletes from the first to the last of rows."""
    count = len(place.key)
    key, first, last = ", ".join(place.key), rows[0][:count], rows[-1][:count]
    between = f"AND ({key}) >= ({_places(2, count)}) AND ({key}) <= ({_places(2 + count, count)})" if key else ""
    blanks = place.blanked.format(scope=place.scope)
    act = f"UPDATE {place.table} SET {blanks}" if blanks else f"DELETE FROM {place.table}"  # noqa: S608 - constants of this file
    return f"{act} WHERE {place.scope} = $1 AND {place.only} {between}", (id_, *first, *last)


def _places(first: int, count: int) -> str:
    return ", ".join(f"${number}" for number in range(first, first + count))


_WISH = "INSERT INTO erasures (subject, id, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
_FILMS = """
SELECT r.id, r.slug, r.title, r.year, r.directed_by FROM {given} AS k CROSS JOIN reviews r WHERE r.id = k.id
"""
