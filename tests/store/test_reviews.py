"""Reviews on the shelf: brought in line with their sources, and read back as they were."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import StoreError
from bot.reviews.model import Credits, Review
from bot.reviews.titles import Title
from bot.store import open_store
from bot.store.postgres import PostgresDatabase
from bot.store.reviews import Synced
from bot.store.sqlite import SqliteDatabase
from tests.store.tools import ALL_ENGINES, ENGINES, SOURCE, film, shelve

if TYPE_CHECKING:
    from bot.store import Store
    from tests.store.tools import Engine

CHARACTERS = st.characters(exclude_characters="\0", exclude_categories=["Cs"])  # no file of a review has these
TEXT = st.text(CHARACTERS, max_size=20)
NAMES = st.lists(TEXT, max_size=3).map(tuple)
REVIEWS = st.builds(
    Review,
    slug=st.text("abcdefgh-0123456789", min_size=1, max_size=20),
    title=TEXT,
    body=st.text(CHARACTERS, max_size=200),
    year=st.none() | st.integers(1888, 2100),
    critic=st.none() | TEXT,
    half_sheep=st.none() | st.integers(0, 10),
    quote=st.none() | TEXT,
    quote_by=st.none() | TEXT,
    credits=st.builds(Credits, written_by=NAMES, directed_by=NAMES, starring=NAMES),
    genres=NAMES,
    url=st.none() | TEXT,
    image_url=st.none() | TEXT,
    published=st.none() | st.dates(),
    aliases=NAMES,
    spoilers=st.booleans(),
)

YOU = Review(
    slug="miss-you-already",
    title="Miss You Already",
    year=2015,
    critic="Ann Onymous",
    half_sheep=7,
    quote="I miss you already.",
    quote_by="Jess",
    credits=Credits(("Morwenna Banks",), ("Catherine Hardwicke",), ("Toni Collette", "Drew Barrymore")),
    genres=("Drama", "Comedy"),
    url="https://example.org/miss-you-already/",
    image_url="https://example.org/sheep.png",
    published=date(2015, 9, 25),
    aliases=("MYA",),
    body="Two friends, one *sheep*.\n\nAnd 🐑 a \x7f in the middle.",
    spoilers=True,
)


async def ids(store: Store) -> dict[str, int]:
    """The id of each review on the shelf, by slug."""
    return {entry.slug: entry.review_id for entry in await store.reviews.shelf()}


class TestReading:
    """What comes back."""

    async def test_a_review_is_read_back_as_it_was(self, store: Store) -> None:
        await store.reviews.sync(SOURCE, [YOU])

        assert await store.reviews.get((await ids(store))[YOU.slug]) == YOU

    @pytest.mark.parametrize("name", ALL_ENGINES)
    async def test_any_review_is_read_back_as_it_was(self, name: str) -> None:
        with TemporaryDirectory() as folder, ENGINES[name](Path(folder)) as engine:
            store = await open_store(engine.url)
            try:
                await self._any_review(store)
            finally:
                await store.close()

    @staticmethod
    async def _any_review(store: Store) -> None:
        reviews: list[Review] = []

        @settings(max_examples=150, deadline=None)
        @given(REVIEWS)
        def collect(review: Review) -> None:
            reviews.append(review)

        collect()
        shelf = {review.slug: review for review in reviews}
        synced = await store.reviews.sync(SOURCE, reviews)
        stored = await ids(store)
        assert synced.added == len(shelf) > 20
        assert stored.keys() == shelf.keys()
        for slug, review in shelf.items():
            assert await store.reviews.get(stored[slug]) == review

    async def test_no_review_has_an_id_that_was_never_given(self, store: Store) -> None:
        assert await store.reviews.get(404) is None

    async def test_the_shelf_is_what_titles_need_in_the_order_of_arrival(self, store: Store) -> None:
        await store.reviews.sync(SOURCE, [YOU, film("alien", "Alien", 1979)])

        first, second = await store.reviews.shelf()

        assert first == Title(first.review_id, YOU.slug, YOU.title, 2015, ("MYA",), "miss you already")
        assert second == Title(second.review_id, "alien", "Alien", 1979, (), "alien")
        assert first.review_id < second.review_id

    async def test_an_empty_shelf_is_empty(self, store: Store) -> None:
        assert await store.reviews.shelf() == []


class TestSync:
    """Making the shelf hold what a source holds."""

    async def test_new_reviews_are_added(self, store: Store) -> None:
        assert await store.reviews.sync(SOURCE, [YOU, film("alien")]) == Synced(2, 0, 0)
        assert await store.reviews.sync(SOURCE, [YOU, film("alien"), film("brazil")]) == Synced(1, 0, 0)
        assert set(await ids(store)) == {YOU.slug, "alien", "brazil"}

    async def test_what_did_not_change_is_not_written_again(
        self, store: Store, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await store.reviews.sync(SOURCE, [YOU])
        before = await engine.rows("SELECT * FROM reviews")

        def write(*_: object) -> None:
            pytest.fail("nothing is to be written")

        with monkeypatch.context() as watched:
            for database in (SqliteDatabase, PostgresDatabase):
                watched.setattr(database, "transaction", write)
            assert await store.reviews.sync(SOURCE, [YOU]) == Synced(0, 0, 0)

        assert await engine.rows("SELECT * FROM reviews") == before

    @pytest.mark.parametrize(
        "changed",
        [
            replace(YOU, title="Miss You"),
            replace(YOU, body="Shorter."),
            replace(YOU, half_sheep=None),
            replace(YOU, credits=Credits()),
            replace(YOU, aliases=()),
            replace(YOU, published=None),
            replace(YOU, spoilers=False),
        ],
        ids=["title", "body", "verdict", "credits", "aliases", "day", "spoilers"],
    )
    async def test_a_changed_review_is_rewritten_under_its_id(self, store: Store, changed: Review) -> None:
        await store.reviews.sync(SOURCE, [YOU])
        before = await ids(store)

        assert await store.reviews.sync(SOURCE, [changed]) == Synced(0, 1, 0)
        assert await ids(store) == before
        assert await store.reviews.get(before[YOU.slug]) == changed

    async def test_a_new_title_is_sorted_anew(self, store: Store, engine: Engine) -> None:
        await store.reviews.sync(SOURCE, [film("amelie", "Zoé")])
        await store.reviews.sync(SOURCE, [film("amelie", "Amélie!")])

        assert await engine.rows("SELECT sort_title FROM reviews") == [("amelie",)]

    async def test_what_is_gone_is_retired_and_not_deleted(self, store: Store, engine: Engine) -> None:
        await store.reviews.sync(SOURCE, [YOU, film("alien")])
        review = (await ids(store))[YOU.slug]

        assert await store.reviews.sync(SOURCE, [film("alien")]) == Synced(0, 0, 1)
        assert set(await ids(store)) == {"alien"}
        assert await store.reviews.get(review) is None
        assert len(await engine.rows("SELECT * FROM reviews")) == 2

    async def test_it_is_retired_once(self, store: Store, engine: Engine) -> None:
        await store.reviews.sync(SOURCE, [YOU])
        await store.reviews.sync(SOURCE, [])
        before = await engine.rows("SELECT retired_at FROM reviews")

        assert await store.reviews.sync(SOURCE, []) == Synced(0, 0, 0)
        assert await engine.rows("SELECT retired_at FROM reviews") == before

    @pytest.mark.parametrize("back", [YOU, replace(YOU, body="Seen again.")], ids=["as it was", "changed"])
    async def test_it_comes_back_with_its_id_and_its_votes(self, store: Store, back: Review) -> None:
        await store.reviews.sync(SOURCE, [YOU])
        before = await ids(store)
        await store.votes.cast(10, before[YOU.slug], 1, 4)
        await store.reviews.sync(SOURCE, [])

        assert await store.reviews.sync(SOURCE, [back]) == Synced(0, 1, 0)
        assert await ids(store) == before
        assert await store.reviews.get(before[YOU.slug]) == back
        assert (await store.votes.tally(10, before[YOU.slug])).counts == (0, 0, 0, 1, 0)
        assert (await store.votes.cast(10, before[YOU.slug], 1, 5)).previous == 4

    async def test_what_is_to_be_kept_stays_as_it_is(self, store: Store) -> None:
        await store.reviews.sync(SOURCE, [YOU, film("alien")])

        assert await store.reviews.sync(SOURCE, [], keep={YOU.slug}) == Synced(0, 0, 1)
        assert await store.reviews.get((await ids(store))[YOU.slug]) == YOU

    async def test_keeping_does_not_bring_back_what_was_retired(self, store: Store) -> None:
        await store.reviews.sync(SOURCE, [YOU])
        await store.reviews.sync(SOURCE, [])

        assert await store.reviews.sync(SOURCE, [], keep={YOU.slug}) == Synced(0, 0, 0)
        assert await ids(store) == {}

    async def test_of_two_reviews_with_one_slug_the_last_counts(self, store: Store) -> None:
        assert await store.reviews.sync(SOURCE, [film("alien", "Alien"), film("alien", "Aliens")]) == Synced(1, 0, 0)
        assert [entry.title for entry in await store.reviews.shelf()] == ["Aliens"]

    async def test_all_of_it_is_stored_or_nothing(self, store: Store) -> None:
        await store.reviews.sync(SOURCE, [YOU])

        with pytest.raises(StoreError):
            await store.reviews.sync(SOURCE, [film("alien"), replace(film("brazil"), half_sheep=11)])

        assert set(await ids(store)) == {YOU.slug}


class TestSources:
    """Reviews of another source."""

    async def test_they_are_left_alone(self, store: Store) -> None:
        await store.reviews.sync("here", [YOU])
        await store.reviews.sync("there", [film("alien")])

        assert await store.reviews.sync("here", []) == Synced(0, 0, 1)
        assert set(await ids(store)) == {"alien"}

    async def test_a_slug_that_stands_on_the_shelf_for_another_source_is_not_taken_over(self, store: Store) -> None:
        await store.reviews.sync("here", [YOU])
        theirs = replace(YOU, body="Their own words.")

        assert await store.reviews.sync("there", [theirs, film("alien")]) == Synced(1, 0, 0, passed_over=1)
        assert await store.reviews.sync("there", []) == Synced(0, 0, 1)
        assert await store.reviews.sync("here", [YOU]) == Synced(0, 0, 0)
        assert await store.reviews.get((await ids(store))[YOU.slug]) == YOU

    async def test_a_slug_that_another_source_gave_up_is_taken_over_with_its_votes(self, store: Store) -> None:
        await store.reviews.sync("here", [YOU])
        before = await ids(store)
        await store.votes.cast(10, before[YOU.slug], 1, 4)
        await store.reviews.sync("here", [])
        theirs = replace(YOU, body="Their own words.")

        assert await store.reviews.sync("there", [theirs]) == Synced(1, 0, 0)
        assert await ids(store) == before
        assert await store.reviews.get(before[YOU.slug]) == theirs
        assert (await store.votes.tally(10, before[YOU.slug])).votes == 1
        assert await store.reviews.sync("here", []) == Synced(0, 0, 0)
        assert await store.reviews.sync("there", [theirs]) == Synced(0, 0, 0)


async def test_a_review_that_votes_stand_on_cannot_be_deleted_by_mistake(store: Store, engine: Engine) -> None:
    review, _ = await shelve(store, 2)
    await store.votes.cast(10, review, 1, 4)
    await store.reviews.sync(SOURCE, [])

    assert await engine.rows("SELECT sheep FROM votes") == [(4,)]
