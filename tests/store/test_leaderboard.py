"""Leaderboards, against the same board made by hand from the votes."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import ExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ranking import Sort
from bot.store import open_store
from bot.store.posts import Post
from bot.store.votes import Change, Thought
from tests.store.tools import ALL_ENGINES, ENGINES, SOURCE, UNSHRUNK, Clock, film, opened, shelve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.store import Store
    from bot.store.leaderboard import Board
    from tests.store.tools import Engine, Row

Vote: TypeAlias = tuple[int, int, int, int]
"""(guild_id, place of the film in SHELF, member_id, sheep)."""

HERE, THERE = 10, 20
ALL = 100

# In the order in which a board lists them where scores and votes are equal: by title as it is
# read aloud, and two films of one title by age on the shelf.
SHELF = [
    film("alien", "ALIEN", 1979),
    film("amelie", "Amélie", 2001),
    film("amelie-too", "amelie, too"),
    film("brazil", "Brazil", 1985),
    film("brazil-2", "«Brazil!»", 2019),
    film("zulu", "Zulu", 1964),
]


async def shelved(store: Store) -> list[int]:
    """Put SHELF on the shelf and return the ids in its order."""
    await store.reviews.sync(SOURCE, SHELF)
    stored = {entry.slug: entry.review_id for entry in await store.reviews.shelf()}
    return [stored[review.slug] for review in SHELF]


async def vote(store: Store, ids: list[int], votes: Iterable[Vote]) -> None:
    """Cast votes, all at once."""
    await asyncio.gather(*(store.votes.cast(guild, ids[place], member, sheep) for guild, place, member, sheep in votes))


async def give(store: Store, review: int, *sheep: int) -> None:
    """Let one member after the other vote on a film."""
    await asyncio.gather(*(store.votes.cast(HERE, review, member, each) for member, each in enumerate(sheep, 1)))


@dataclass
class Expected:
    """A board made by hand: places of the films in SHELF, best first, with their scores."""

    prior: Fraction
    places: list[tuple[int, Fraction]] = field(default_factory=list[tuple[int, Fraction]])
    sheep: dict[int, list[int]] = field(default_factory=dict[int, list[int]])


def by_hand(votes: Iterable[Row], ids: list[int], retired: set[int], scope: int, sort: Sort, least: int) -> Expected:
    """The board of a server, or of everywhere, from the votes themselves.

    Args:
        votes: ``guild_id, review_id, member_id, sheep, updated_at``.
    """
    latest: dict[tuple[int, int], tuple[int, int, int]] = {}
    for guild, review, member, sheep, updated_at in votes:
        place = ids.index(review)
        if place not in retired and scope in {0, guild}:
            standing = (updated_at, guild, sheep)
            latest[place, member] = max(latest.get((place, member), standing), standing)
    given: dict[int, list[int]] = {}
    for (place, _), (_, _, sheep) in latest.items():
        given.setdefault(place, []).append(sheep)
    every = [sheep for each in given.values() for sheep in each]
    prior = Fraction(sum(every), len(every)) if len(every) >= 20 else Fraction(3)
    scores = {place: (sum(each) + 3 * prior) / (len(each) + 3) for place, each in given.items() if len(each) >= least}

    def order(place: int) -> tuple[Fraction | int, ...]:
        score, many = scores[place], len(given[place])
        return {
            Sort.TOP: (-score, -many, place),
            Sort.LOWEST: (score, -many, place),
            Sort.MOST_VOTED: (-many, -score, place),
        }[sort]

    return Expected(prior, [(place, scores[place]) for place in sorted(scores, key=order)], given)


def assert_same(board: Board, expected: Expected, ids: list[int]) -> None:
    """A board is the one made by hand."""
    assert [ids.index(place.review_id) for place in board.places] == [place for place, _ in expected.places]
    assert board.total == len(expected.places)
    assert board.prior == pytest.approx(float(expected.prior))
    for found, (place, score) in zip(board.places, expected.places, strict=True):
        sheep = expected.sheep[place]
        assert found.score == pytest.approx(float(score))
        assert found.mean == pytest.approx(sum(sheep) / len(sheep))
        assert found.votes == len(sheep)
        assert (found.title, found.year) == (SHELF[place].title, SHELF[place].year)


HISTORIES = st.lists(
    st.lists(
        st.tuples(
            st.sampled_from([HERE, THERE]),
            st.integers(0, len(SHELF) - 1),
            st.integers(1, 9),
            st.sampled_from([1, 2, 3, 4, 5]),
        ),
        max_size=40,
    ),
    max_size=3,
)


@settings(max_examples=40, deadline=None, phases=UNSHRUNK)
@given(history=HISTORIES, retired=st.sets(st.integers(0, len(SHELF) - 1), max_size=2), least=st.integers(0, 6))
@pytest.mark.parametrize("name", ALL_ENGINES)
def test_a_board_is_the_one_made_by_hand(name: str, history: list[list[Vote]], retired: set[int], least: int) -> None:
    with ExitStack() as exits:
        folder = exits.enter_context(TemporaryDirectory())
        engine = exits.enter_context(ENGINES[name](Path(folder)))
        clock = Clock()
        exits.enter_context(pytest.MonkeyPatch.context()).setattr("bot.store.votes.time", clock)
        asyncio.run(_compare(engine, clock, history, retired, least))


async def _compare(engine: Engine, clock: Clock, history: list[list[Vote]], retired: set[int], least: int) -> None:
    store = await open_store(engine.url)
    try:
        ids = await shelved(store)
        for votes in history:
            clock.now += 1
            await vote(store, ids, votes)
        await store.reviews.sync(SOURCE, [review for place, review in enumerate(SHELF) if place not in retired])
        rows = await engine.rows("SELECT guild_id, review_id, member_id, sheep, updated_at FROM votes")
        for scope in (HERE, THERE, 0):
            for sort in Sort:
                whole = await store.leaderboard.top(scope, sort, 0, ALL, least)
                assert_same(whole, by_hand(rows, ids, retired, scope, sort, max(least, 1)), ids)
                pages = [await store.leaderboard.top(scope, sort, start, 2, least) for start in range(0, 8, 2)]
                assert [place for page in pages for place in page.places] == whole.places
                assert {(page.total, page.prior) for page in pages} == {(whole.total, whole.prior)}
    finally:
        await store.close()


async def test_a_board_tells_what_there_is_to_tell_of_a_film(store: Store) -> None:
    ids = await shelved(store)
    await give(store, ids[1], 5, 4, 4)

    board = await store.leaderboard.top(HERE, Sort.TOP, 0, ALL)

    (place,) = board.places
    assert (place.review_id, place.title, place.year, place.votes) == (ids[1], "Amélie", 2001, 3)
    assert place.mean == pytest.approx(13 / 3)
    assert place.score == pytest.approx((13 + 3 * 3) / 6)
    assert place.critic_half_sheep is None
    assert (board.total, board.prior) == (1, 3.0)


async def test_three_votes_are_needed_where_nothing_else_is_said(store: Store) -> None:
    ids = await shelved(store)
    await give(store, ids[0], 5, 5)
    await give(store, ids[1], 1, 1, 1)

    board = await store.leaderboard.top(HERE, Sort.TOP, 0, ALL)
    assert [place.review_id for place in board.places] == [ids[1]]


@pytest.mark.parametrize("least", [1, 0, -5])
async def test_a_film_without_votes_stands_on_no_board(store: Store, least: int) -> None:
    ids = await shelved(store)
    await give(store, ids[0], 5)
    await store.votes.remove(HERE, ids[0], 1)
    await store.votes.change(Change(HERE, ids[1], 1, thought=Thought("Hm.")))

    assert (await store.leaderboard.top(HERE, Sort.TOP, 0, ALL, least)).places == []


@pytest.mark.parametrize(
    ("votes", "prior"),
    [([5] * 19, 3.0), ([5] * 20, 5.0), ([1] * 10 + [4] * 10, 2.5)],
    ids=["19 votes: the middle", "20 votes: their mean", "the mean"],
)
async def test_the_prior_is_the_mean_of_the_scope_from_twenty_votes_on(
    store: Store, votes: list[int], prior: float
) -> None:
    ids = await shelved(store)
    await give(store, ids[0], *votes[:11])
    await give(store, ids[1], *votes[11:])

    assert (await store.leaderboard.top(HERE, Sort.TOP, 0, ALL)).prior == pytest.approx(prior)
    assert (await store.leaderboard.top(THERE, Sort.TOP, 0, ALL)).prior == pytest.approx(3.0)


async def test_films_that_are_not_listed_count_in_the_prior(store: Store) -> None:
    ids = await shelved(store)
    for place in range(5):
        await give(store, ids[place], 4, 4, 4, 4)

    board = await store.leaderboard.top(HERE, Sort.TOP, 0, ALL, min_votes=5)

    assert (board.places, board.total) == ([], 0)
    assert board.prior == pytest.approx(4.0)


async def test_films_off_the_shelf_are_left_out_of_list_and_prior_until_they_come_back(store: Store) -> None:
    ids = await shelved(store)
    for place in range(5):
        await give(store, ids[place], *([5] * 5 if place == 0 else [4] * 5))

    await store.reviews.sync(SOURCE, SHELF[1:])
    board = await store.leaderboard.top(HERE, Sort.TOP, 0, ALL)
    assert [place.review_id for place in board.places] == ids[1:5]
    assert (board.total, board.prior) == (4, 4.0)

    await store.reviews.sync(SOURCE, SHELF)
    board = await store.leaderboard.top(HERE, Sort.TOP, 0, ALL)
    assert [place.review_id for place in board.places] == ids[:5]
    assert (board.total, board.prior) == (5, 4.2)


async def test_equal_scores_are_ordered_by_votes_though_their_fractions_round_differently(store: Store) -> None:
    ids = await shelved(store)
    few, many, rest = ids[:3]
    await give(store, few, 3, 3, 4)
    await give(store, many, 3, 3, 3, 3, 3, 3, 4, 4)
    await give(store, rest, *[3] * 18, 2)
    # 92 sheep in 30 votes: (10 + 9.2) / 6 = (26 + 9.2) / 11 = 3.2, which no float is.

    for sort in (Sort.TOP, Sort.LOWEST):
        board = await store.leaderboard.top(HERE, sort, 0, ALL)
        tied = [place for place in board.places if place.review_id in {few, many}]
        assert [place.review_id for place in tied] == [many, few]
        assert tied[0].score == tied[1].score == pytest.approx(3.2)


async def test_a_page_beyond_the_end_still_tells_how_many_films_there_are(store: Store) -> None:
    ids = await shelved(store)
    await give(store, ids[0], *[4] * 20)

    board = await store.leaderboard.top(HERE, Sort.TOP, 50, 10)

    assert (board.places, board.total, board.prior) == ([], 1, 4.0)


async def test_an_empty_server_has_an_empty_board(store: Store) -> None:
    board = await store.leaderboard.top(HERE, Sort.TOP, 0, ALL)

    assert (board.places, board.total, board.prior) == ([], 0, 3.0)


async def test_no_board_no_tally_and_no_post_ever_reads_the_votes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: set[str] = set()
    connect = sqlite3.connect

    def note(action: int, table: str | None, *_: object) -> int:
        if action == sqlite3.SQLITE_READ and table:
            read.add(table)
        return sqlite3.SQLITE_OK

    def watched(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, cached_statements=0, **options)  # each statement is looked at each time
        connection.set_authorizer(note)
        return connection

    monkeypatch.setattr("bot.store.sqlite.sqlite3.connect", watched)
    async with opened(tmp_path / "x.db") as store:
        (review,) = await shelve(store, 1)
        await give(store, review, 5, 4, 3)
        assert "votes" in read  # so the watch is kept

        for scope in (HERE, 0):
            for sort in Sort:
                read.clear()
                assert (await store.leaderboard.top(scope, sort, 0, 10)).places
                assert read & {"tallies", "reviews", "votes", "thoughts"} == {"tallies", "reviews"}

            read.clear()
            assert (await store.votes.tally(scope, review)).votes == 3
            assert read == {"tallies"}

        read.clear()
        await store.posts.add(Post(HERE, review, 7, 100))
        assert await store.posts.showing(HERE, review, [100])
        assert await store.reviews.get(review)
        assert read & {"tallies", "reviews", "votes", "thoughts"} == {"reviews"}
