"""Reviews that are one server's own: published in it by its critics, or come by a feed that it follows."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from bot.errors import FeedGoneError, ShelfFullError
from bot.store.database import ConstraintError
from bot.store.reviews import COLUMNS, WRITTEN, label, review_of, values

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from bot.reviews.model import Review
    from bot.store.database import Database, Row, Statement, Value

BEGINNING = 48
"""So many characters of a slug stay where the id of a server is put behind it."""
MOST = 10_000
"""So many reviews are kept of one server's own, those that were retired too: anyone may follow any feed."""
MOST_BY_ONE = 1_000
"""So many reviews of one author are offered to be changed."""


def published_in(guild_id: int) -> str:
    """The source of the reviews that a server's critics publish in it."""
    return f"guild:{guild_id}"


class Own(NamedTuple):
    """A server's own review, on the shelf or retired.

    Attributes:
        author_id: The member who published it; None where it came by a feed, or its author had all deleted.
        source: What it came by.
    """

    review_id: int
    guild_id: int
    author_id: int | None
    source: str
    retired: bool
    review: Review

    @property
    def published(self) -> bool:
        """Whether a critic wrote it in the server, so that it can be changed there."""
        return self.source == published_in(self.guild_id)


class OwnReviews:
    """The verbs on servers' own reviews; each is to be followed by :meth:`bot.client.SheepBot.reshelve`.

    Args:
        changed: Told of each server whose own reviews changed.
    """

    def __init__(self, database: Database, changed: Callable[[int], None]) -> None:
        self._database = database
        self._changed = changed

    async def add(  # noqa: PLR0913 - what its row holds, and what that hangs on
        self,
        guild_id: int,
        review: Review,
        *,
        source: str,
        author_id: int | None = None,
        guid: str | None = None,
        feed_id: int | None = None,
        also: Sequence[Statement] = (),
    ) -> int:
        """Put a review on a server's own shelf, under a slug of its own; return its id.

        The very same review of the same source is one, however often it is added.

        Args:
            guid: Names it for good at its source.
            feed_id: The feed that it came by: it is added only while the server follows that.
            also: What else is done in the same transaction.

        Raises:
            ConstraintError: The source has another review with this guid.
            FeedGoneError: The server does not follow the feed any more, and nothing was done.
            ShelfFullError: The server has :data:`MOST`, and nothing was done.
        """
        if (await self._database.fetch(_COUNT, guild_id))[0][0] >= MOST:
            raise ShelfFullError
        feed: tuple[Value, ...] = () if feed_id is None else (feed_id,)
        held: list[Statement] = [(_HOLD, (*feed, guild_id))] if feed else []
        add = _ADD.format(only=_FOLLOWED if feed else "true")
        for number in count(1):
            slug = f"{review.slug[:BEGINNING].rstrip('-')}-{guild_id}{f'-{number}' if number > 1 else ''}"
            named = replace(review, slug=slug)
            content_hash = named.content_hash()
            there = await self._database.fetch(_AT_SLUG, slug)
            if there and there[0][1:] != (source, content_hash, None):
                continue
            insert = add, (*values(named, source, content_hash), guild_id, author_id, guid, *feed)
            adding = [] if there else [insert, *label(self._database, [named])]
            try:
                done = await self._database.transaction([*held, *adding, *also])
            except ConstraintError:
                if there or not await self._database.fetch(_AT_SLUG, slug):
                    raise  # it was not the slug that another review took in the meantime
                continue
            if held and not done.pop(0):
                raise FeedGoneError
            self._changed(guild_id)
            return int(there[0][0] if there else done[0][0][0])
        raise AssertionError  # there is always one more number

    async def change(self, own: Own, review: Review, also: Sequence[Statement] = ()) -> None:
        """Rewrite a review, and put it back on the shelf where it was retired; its slug and its votes stay.

        Nothing comes back of one that was deleted with its author or its server meanwhile: it has another slug by then.
        """
        named = replace(review, slug=own.review.slug)
        changed = _CHANGE, (*values(named, own.source, named.content_hash()), own.review_id)
        former = await unlabelled(self._database, [own.review_id])
        # The former labels go where the review does not have them still, and no other has.
        await self._database.transaction([changed, former[0], *label(self._database, [named]), *former[1:], *also])
        self._changed(own.guild_id)

    async def retire(self, own: Own, also: Sequence[Statement] = ()) -> None:
        """Take a review off the shelf; its votes stay, and come back with it."""
        await self._database.transaction([(_RETIRE, (own.review_id, int(time.time()))), *also])
        self._changed(own.guild_id)

    async def get(self, review_id: int) -> Own | None:
        """A server's own review, or None where there is none with this id."""
        rows = await self._database.fetch(_OWN.format(which="id = $1"), review_id)
        return _own(rows[0]) if rows else None

    async def by(self, guild_id: int, author_id: int) -> list[int]:
        """The ids of the reviews on a server's own shelf that a member published, of very many the newest."""
        return [review_id for (review_id,) in await self._database.fetch(_BY, guild_id, author_id, MOST_BY_ONE)]

    async def with_guid(self, source: str, guid: str) -> Own | None:
        """The review that a source names so, or None."""
        rows = await self._database.fetch(_OWN.format(which="source = $1 AND guid = $2"), source, guid)
        return _own(rows[0]) if rows else None


async def unlabelled(database: Database, review_ids: Collection[int]) -> list[Statement]:
    """What takes the labels from reviews: the first statement; and the others, which delete labels that none has."""
    ids = json.dumps([[review_id] for review_id in review_ids])
    given = database.given("$1", {"id": int})
    labels = await database.fetch(_LABELS_OF.format(ids=given), ids)
    return [(_UNLABEL.format(ids=given), (ids,)), *((_DROP_LABEL, row) for row in set(labels))]


def _own(row: Row) -> Own:
    review_id, guild_id, author_id, source, retired_at, *content = row
    return Own(review_id, guild_id, author_id, source, retired_at is not None, review_of(tuple(content)))


_COLUMNS = (*WRITTEN, "guild_id", "author_id", "guid")
_ADD = f"""
INSERT INTO reviews ({", ".join(_COLUMNS)}) SELECT {", ".join(f"${n}" for n in range(1, len(_COLUMNS) + 1))}
WHERE {{only}} RETURNING id
"""
# Who removes the feed waits for this transaction, or has it add nothing.
_HOLD = "UPDATE feeds SET guild_id = guild_id WHERE id = $1 AND guild_id = $2 RETURNING 1"
_FOLLOWED = f"EXISTS (SELECT 1 FROM feeds WHERE id = ${len(_COLUMNS) + 1} AND guild_id = ${len(WRITTEN) + 1})"  # noqa: S608 - as above
_COUNT = "SELECT count(*) FROM reviews WHERE guild_id = $1 AND guild_id <> 0"
_AT_SLUG = "SELECT id, source, content_hash, retired_at FROM reviews WHERE slug = $1"
_CHANGE = f"""
UPDATE reviews SET {", ".join(f"{name} = ${n}" for n, name in enumerate(WRITTEN, 1))}, retired_at = NULL
WHERE id = ${len(WRITTEN) + 1} AND slug = $1
"""  # noqa: S608 - constants of this file
_RETIRE = "UPDATE reviews SET retired_at = $2 WHERE id = $1 AND retired_at IS NULL"
_OWN = f"""
SELECT id, guild_id, author_id, source, retired_at, {", ".join(COLUMNS)} FROM reviews WHERE {{which}} AND guild_id <> 0
"""  # noqa: S608 - constants of this file
_BY = """
SELECT id FROM reviews WHERE author_id = $2 AND guild_id = $1 AND guild_id <> 0 AND retired_at IS NULL
ORDER BY id DESC LIMIT $3
"""
_LABELS_OF = "SELECT label_id FROM review_labels WHERE review_id IN (SELECT id FROM {ids} AS k)"
_UNLABEL = "DELETE FROM review_labels WHERE review_id IN (SELECT id FROM {ids} AS k)"
_DROP_LABEL = """
DELETE FROM labels WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM review_labels WHERE label_id = $1)
"""
