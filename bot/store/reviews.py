"""The reviews in the database: brought in line with their source, read back whole or by title."""

from __future__ import annotations

import json
import time
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from bot.reviews.model import Credits, Review
from bot.reviews.titles import Title, fold

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Iterator, Sequence
    from contextlib import AbstractAsyncContextManager

    from bot.store.database import Database, Row, Statement, Value


class Synced(NamedTuple):
    """What a synchronisation did to the shelf, in reviews."""

    added: int
    changed: int
    retired: int
    passed_over: int = 0


class Reviews:
    """The verbs on reviews.

    Args:
        changed: Called when a synchronisation has changed the shelf.
    """

    def __init__(self, database: Database, changed: Callable[[], None]) -> None:
        self._database = database
        self._changed = changed

    async def sync(self, source: str, reviews: Iterable[Review], keep: Collection[str] = ()) -> Synced:
        """Make the shelf hold what a source holds, in one transaction.

        A review that is new is added, one whose content changed is rewritten, one
        that is gone is retired: its votes stay, and it comes back with them.

        Args:
            source: Where the reviews come from; those of other sources are left alone.
            reviews: All that the source has; those whose slug stands on the shelf for another source are passed over.
            keep: Slugs that stay as they are although they are not among ``reviews``.
        """
        now = int(time.time())
        stored: dict[str, tuple[str, int | None]] = {}
        taken: set[str] = set()
        for slug, content_hash, retired_at, owner, guild_id in await self._database.fetch(
            "SELECT slug, content_hash, retired_at, source, guild_id FROM reviews"
        ):
            if owner == source:
                stored[slug] = (content_hash, retired_at)
            elif retired_at is None or guild_id:
                taken.add(slug)
        offered = {review.slug: review for review in reviews}
        present = {slug: review for slug, review in offered.items() if slug not in taken}
        written: list[tuple[Review, str]] = []
        added = changed = 0
        for slug, review in present.items():
            content_hash = review.content_hash()
            if stored.get(slug) == (content_hash, None):
                continue
            added += slug not in stored
            changed += slug in stored
            written.append((review, content_hash))
        gone = [
            slug
            for slug, (_, retired_at) in stored.items()
            if slug not in present and slug not in keep and retired_at is None
        ]
        writes: list[Statement] = [(_UPSERT, values(review, source, content_hash)) for review, content_hash in written]
        if written:
            writes += label(self._database, [review for review, _ in written])
        writes += [("UPDATE reviews SET retired_at = $1 WHERE slug = $2", (now, slug)) for slug in gone]
        if writes:
            await self._database.transaction(writes)
            self._changed()
        return Synced(added, changed, len(gone), len(offered) - len(present))

    async def get(self, review_id: int) -> Review | None:
        """A review that is on the shelf, or None."""
        rows = await self._database.fetch(
            f"SELECT {', '.join(COLUMNS)} FROM reviews WHERE id = $1 AND retired_at IS NULL",  # noqa: S608 - constants
            review_id,
        )
        return review_of(rows[0]) if rows else None

    async def pages(self, guild_id: int | None = None) -> AsyncGenerator[list[Review]]:
        """Every review on the shelf, servers' own ones too; or only those that are one server's own."""
        only = "true" if guild_id is None else "guild_id = $2"
        given = () if guild_id is None else (guild_id,)
        after = 0
        while rows := await self._database.fetch(_PAGE.format(only=only), after, *given):
            yield [review_of(row[1:]) for row in rows]
            after = rows[-1][0]

    async def with_url(self, guild_id: int, url: str) -> int | None:
        """The review at a web address, on everyone's shelf or else on a server's own; None where there is none."""
        rows = await self._database.fetch(_WITH_URL, url, guild_id)
        return rows[0][0] if rows else None

    def watched(self, changed: Callable[[set[int] | None], None]) -> AbstractAsyncContextManager[None]:
        """Tell, within the context, which reviews any process changes; None where nobody knows which."""
        return self._database.listening(
            "sheepbot_reviews", lambda ids: changed({int(review_id) for review_id in ids.split(",")} if ids else None)
        )

    async def shelf(self, review_ids: Collection[int] | None = None) -> list[Title]:
        """Every review on the shelf, or of these those that are, as far as titles go."""
        if review_ids is None:
            rows = await self._database.fetch(_SHELF.format(which=""))
        else:
            asked = _ASKED.format(ids=self._database.given("$1", {"id": int}))
            rows = await self._database.fetch(
                _SHELF.format(which=asked),
                json.dumps([[review_id] for review_id in review_ids]),
            )
        return [
            Title(number, slug, title, year, _names(aliases), folded, guild_id)
            for number, slug, title, year, aliases, folded, guild_id in rows
        ]


_WITH_URL = """
SELECT id FROM reviews WHERE url = $1 AND retired_at IS NULL AND guild_id IN (0, $2) ORDER BY guild_id, id LIMIT 1
"""
_SHELF = """
SELECT id, slug, title, year, aliases, sort_title, guild_id FROM reviews WHERE retired_at IS NULL {which} ORDER BY id
"""
_ASKED = "AND id IN (SELECT id FROM {ids} AS k)"
COLUMNS = (
    "slug",
    "title",
    "year",
    "critic",
    "critic_half_sheep",
    "quote",
    "quote_by",
    "written_by",
    "directed_by",
    "starring",
    "genres",
    "aliases",
    "body",
    "url",
    "image_url",
    "published_at",
    "spoilers",
)
WRITTEN = (*COLUMNS, "sort_title", "source", "content_hash")
"""What :func:`values` gives, in its order."""
_PAGE = f"""
SELECT id, {", ".join(COLUMNS)} FROM reviews WHERE id > $1 AND retired_at IS NULL AND {{only}} ORDER BY id LIMIT 100
"""  # noqa: S608 - constants of this file
_UPSERT = f"""
INSERT INTO reviews ({", ".join(WRITTEN)}) VALUES ({", ".join(f"${n}" for n in range(1, len(WRITTEN) + 1))})
ON CONFLICT (slug) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in WRITTEN[1:])}, retired_at = NULL
"""  # noqa: S608 - constants of this file


_UNLABEL = """
DELETE FROM review_labels WHERE review_id IN (SELECT r.id FROM {slugs} AS k CROSS JOIN reviews r WHERE r.slug = k.slug)
"""
_ADD_LABELS = """
INSERT INTO labels (kind, name)
SELECT DISTINCT k.kind, k.name FROM {labels} AS k CROSS JOIN reviews r WHERE r.slug = k.slug ON CONFLICT DO NOTHING
"""
_LABEL = """
INSERT INTO review_labels (label_id, review_id)
SELECT DISTINCT l.id, r.id FROM {labels} AS k CROSS JOIN reviews r CROSS JOIN labels l
WHERE r.slug = k.slug AND l.kind = k.kind AND l.name = k.name
"""


def _labels(review: Review) -> Iterator[tuple[str, str]]:
    """The kind and the name of each label of a review."""
    yield from (("genre", genre) for genre in review.genres)
    yield from (("director", name) for name in review.credits.directed_by)
    if review.critic:
        yield "critic", review.critic


def label(database: Database, reviews: Sequence[Review]) -> list[Statement]:
    """Give reviews the labels that they have now, in the place of those that they had."""
    given = database.given
    slugs = json.dumps([[review.slug] for review in reviews])
    labels = json.dumps([(review.slug, *label) for review in reviews for label in _labels(review)])
    labelled = given("$1", {"slug": str, "kind": str, "name": str})
    return [
        (_UNLABEL.format(slugs=given("$1", {"slug": str})), (slugs,)),
        (_ADD_LABELS.format(labels=labelled), (labels,)),
        (_LABEL.format(labels=labelled), (labels,)),
    ]


def values(review: Review, source: str, content_hash: str) -> tuple[Value, ...]:
    """What is written of a review."""
    return (
        review.slug,
        review.title,
        review.year,
        review.critic,
        review.half_sheep,
        review.quote,
        review.quote_by,
        json.dumps(review.credits.written_by),
        json.dumps(review.credits.directed_by),
        json.dumps(review.credits.starring),
        json.dumps(review.genres),
        json.dumps(review.aliases),
        review.body,
        review.url,
        review.image_url,
        review.published.isoformat() if review.published else None,
        int(review.spoilers),
        fold(review.title),
        source,
        content_hash,
    )


def review_of(row: Row) -> Review:
    """The review in a row of :data:`COLUMNS`."""
    stored = dict(zip(COLUMNS, row, strict=True))
    return Review(
        slug=stored["slug"],
        title=stored["title"],
        body=stored["body"],
        year=stored["year"],
        critic=stored["critic"],
        half_sheep=stored["critic_half_sheep"],
        quote=stored["quote"],
        quote_by=stored["quote_by"],
        credits=Credits(_names(stored["written_by"]), _names(stored["directed_by"]), _names(stored["starring"])),
        genres=_names(stored["genres"]),
        url=stored["url"],
        image_url=stored["image_url"],
        published=date.fromisoformat(stored["published_at"]) if stored["published_at"] else None,
        aliases=_names(stored["aliases"]),
        spoilers=bool(stored["spoilers"]),
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text)) if text != "[]" else ()  # ten thousand times nothing is a tenth of the start
