"""Servers' own reviews: kept under names of their own, changed and retired with their votes, and nobody else's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.errors import ShelfFullError
from bot.ranking import Sort
from bot.reviews.labels import Kind
from bot.reviews.model import Credits
from bot.store.database import ConstraintError
from bot.store.drafts import discarding
from bot.store.leaderboard import Question
from bot.store.own import Own, published_in
from bot.store.reviews import Synced
from tests.store.tools import SOURCE, film

if TYPE_CHECKING:
    from bot.reviews.model import Review
    from bot.store import Store
    from tests.store.tools import Engine

HERE, THERE, ME, OTHER = 10, 20, 1, 2
CATS = replace(
    film("cats-2019", "Cats", 2019),
    half_sheep=9,
    genres=("Musical",),
    critic="Ann",
    credits=Credits(directed_by=("Tom",)),
)


async def add(
    store: Store, guild_id: int = HERE, review: Review = CATS, author_id: int = ME, guid: str | None = None
) -> int:
    return await store.own.add(guild_id, review, source=published_in(guild_id), author_id=author_id, guid=guid)


async def got(store: Store, review_id: int) -> Own:
    own = await store.own.get(review_id)
    assert own
    return own


async def labels(store: Store, guild_id: int) -> list[str]:
    known = await store.labels.known(guild_id)
    return [label.title for kind in Kind for label in known.complete(kind, "")]


async def test_a_review_is_kept_under_a_name_of_its_own_and_once(store: Store, engine: Engine) -> None:
    first = await add(store)
    assert await add(store) == first
    assert await got(store, first) == Own(
        first, HERE, ME, "guild:10", retired=False, review=replace(CATS, slug="cats-2019-10")
    )
    assert (await got(store, first)).published

    second = await add(store, review=replace(CATS, body="Another's words."), author_id=OTHER)
    there = await add(store, THERE)
    long = await add(store, review=replace(CATS, slug="a" * 47 + "-" + "b" * 30))

    slugs = [(await got(store, one)).review.slug for one in (second, there, long)]
    assert slugs == ["cats-2019-10-2", "cats-2019-20", "a" * 47 + "-10"]
    assert len(await engine.rows("SELECT * FROM reviews")) == 4
    assert await store.own.by(HERE, ME) == [long, first]
    assert await store.own.by(HERE, OTHER) == [second]
    assert await store.own.get(404) is None


async def test_a_server_keeps_so_many_of_its_own_and_no_more(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.own.MOST", 2)
    first = await store.own.add(HERE, film("a"), source="s")
    await store.own.add(HERE, film("b"), source="s")
    for retired in (False, True):
        with pytest.raises(ShelfFullError):
            await store.own.add(HERE, film("c"), source="s")
        if not retired and (own := await store.own.get(first)):
            await store.own.retire(own)
    await store.own.add(THERE, film("c"), source="s")


async def test_a_source_has_one_review_of_a_guid(store: Store) -> None:
    first = await add(store, guid="post-1")
    with pytest.raises(ConstraintError):
        await add(store, review=replace(CATS, body="Else."), guid="post-1")

    found = await store.own.with_guid("guild:10", "post-1")
    assert found
    assert found.review_id == first
    assert await store.own.with_guid("guild:20", "post-1") is None
    assert await add(store, THERE, guid="post-1") != first


async def test_a_change_keeps_id_slug_and_votes_and_drops_labels_that_none_has(store: Store, engine: Engine) -> None:
    review_id = await add(store)
    await store.votes.cast(HERE, review_id, OTHER, 4)
    own = await got(store, review_id)

    await store.own.change(own, replace(CATS, title="Cats!", genres=("Drama",), credits=Credits()))

    changed = await got(store, review_id)
    assert (changed.review.slug, changed.review.title, changed.author_id) == ("cats-2019-10", "Cats!", ME)
    assert (await store.votes.tally(HERE, review_id)).votes == 1
    assert await labels(store, HERE) == ["Drama", "Ann"]
    assert await engine.rows("SELECT name FROM labels ORDER BY name") == [("Ann",), ("Drama",)]


async def test_a_retired_review_comes_back_with_its_votes(store: Store) -> None:
    review_id = await add(store)
    await store.votes.cast(HERE, review_id, OTHER, 4)
    own = await got(store, review_id)

    await store.own.retire(own)
    assert (await got(store, review_id)).retired
    assert await store.reviews.get(review_id) is None
    assert await store.reviews.shelf() == []
    assert await store.own.by(HERE, ME) == []
    assert await labels(store, HERE) == []
    assert await add(store) != review_id, "who publishes the same again begins anew"

    await store.own.change(own, replace(CATS, body="Seen again."))
    assert not (await got(store, review_id)).retired
    assert (await store.votes.tally(HERE, review_id)).votes == 1
    assert review_id in {title.review_id for title in await store.reviews.shelf([review_id])}


async def test_files_never_touch_a_servers_own_review(store: Store) -> None:
    review_id = await add(store)
    own = await got(store, review_id)
    theirs = replace(own.review, body="From a file.")

    assert await store.reviews.sync(SOURCE, [theirs, CATS]) == Synced(1, 0, 0, passed_over=1)
    assert await store.reviews.sync(SOURCE, []) == Synced(0, 0, 1)
    assert await got(store, review_id) == own
    await store.own.retire(own)
    assert await store.reviews.sync(SOURCE, [theirs]) == Synced(0, 0, 0, passed_over=1)
    assert (await got(store, review_id)).retired


async def test_what_is_one_servers_own_stays_there(store: Store) -> None:
    await store.reviews.sync(SOURCE, [replace(film("alien", "Alien", 1979), half_sheep=8, genres=("Horror",))])
    (alien,) = await store.reviews.shelf()
    own = await add(store)
    there = await add(store, THERE, replace(CATS, genres=("Western",), critic=None))
    for review_id in (alien.review_id, own):
        await store.votes.cast(HERE, review_id, ME, 5)

    for guild_id, expected in ((HERE, {alien.review_id, own}), (THERE, set[int]()), (0, {alien.review_id})):
        for sort in (Sort.TOP, Sort.RISING, Sort.CRITIC_GAP):
            board = await store.leaderboard.top(Question(guild_id, sort, min_votes=1), 0, 10)
            assert {place.review_id for place in board.places} == expected, (guild_id, sort)
    assert {guild: set(await labels(store, guild)) for guild in (HERE, THERE, 0)} == {
        HERE: {"Horror", "Musical", "Tom", "Ann"},
        THERE: {"Horror", "Western", "Tom"},
        0: {"Horror"},
    }
    known = await store.labels.known(HERE)
    musical = known.resolve(Kind.GENRE, "musical").found
    assert musical
    assert (await store.labels.known(THERE)).name(Kind.GENRE, musical.review_id) is None
    assert await store.announcements.after(0, 10) == [alien.review_id]
    loved = {guild: {one for one, _ in await store.taste.loved_by_critic(guild, OTHER, 9)} for guild in (HERE, THERE)}
    assert loved == {HERE: {alien.review_id, own}, THERE: {alien.review_id, there}}
    assert [page async for page in store.reviews.pages(HERE)] == [[(await got(store, own)).review]]
    assert sum([len(page) async for page in store.reviews.pages()]) == 3


async def test_the_labels_of_the_shelf_are_read_once_however_many_servers_ask(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.labels.MOST_SERVERS", 3)
    shelf = await store.labels.known()
    here = await store.labels.known(HERE)
    for guild_id in range(100, 110):
        await store.labels.known(guild_id)
        assert await store.labels.known(HERE) is here, "it was asked for just now"
    assert await store.labels.known(100) is await store.labels.known(100)
    assert await store.labels.known() is shelf


async def test_drafts_are_kept_one_a_member_and_review_and_go_with_what_they_became(store: Store) -> None:
    drafts = store.drafts
    await drafts.keep(HERE, ME, 0, "first")
    await drafts.keep(HERE, ME, 0, "second")
    await drafts.keep(HERE, ME, 7, "a change")
    await drafts.keep(THERE, ME, 0, "there")

    assert [await drafts.get(HERE, ME, review_id) for review_id in (0, 7, 8)] == ["second", "a change", None]
    assert await drafts.get(HERE, OTHER, 0) is None
    assert not await drafts.discard(HERE, ME, 0, "first")
    assert await drafts.discard(HERE, ME, 7, "a change")
    assert not await drafts.discard(HERE, ME, 7, "a change")
    await store.own.add(HERE, CATS, source="s", also=[discarding(HERE, ME, 0, "first")])
    assert await drafts.get(HERE, ME, 0) == "second"
    await store.own.add(HERE, CATS, source="s", also=[discarding(HERE, ME, 0, "second")])
    assert await drafts.get(HERE, ME, 0) is None
    assert await drafts.get(THERE, ME, 0) == "there"
