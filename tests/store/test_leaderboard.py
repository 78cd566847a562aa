"""Leaderboards, against the same board made by hand from the votes."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ranking import Period, Sort
from bot.reviews.labels import Kind
from bot.reviews.model import Credits
from bot.store import open_store
from bot.store.leaderboard import Question
from bot.store.posts import Post
from bot.store.votes import Change, Thought
from tests.store.tools import ALL_ENGINES, ENGINES, SOURCE, UNSHRUNK, Clock, film, opened

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
    replace(film("alien", "ALIEN", 1979), half_sheep=9, genres=("Horror", "Science Fiction"), critic="Ann Other"),
    replace(film("amelie", "Amélie", 2001), half_sheep=4, genres=("Comedy", "Romance"), critic="A. Critic"),
    replace(film("amelie-too", "amelie, too"), genres=("comedy",), critic="Ann Other"),
    replace(film("brazil", "Brazil", 1985), half_sheep=0, genres=("Comédy", "Science fiction")),
    replace(film("brazil-2", "«Brazil!»", 2019), half_sheep=10, credits=Credits(directed_by=("A. Critic", "B. Bee"))),
    replace(film("zulu", "Zulu", 1980), half_sheep=6, credits=Credits(directed_by=("B. Bee",))),
]
LABELLED = {
    ("genre", "Comedy"): {1, 2, 3},
    ("genre", "Comédy"): {1, 2, 3},
    ("genre", "Science fiction"): {0, 3},
    ("genre", "Romance"): {1},
    ("director", "B. Bee"): {4, 5},
    ("director", "A. Critic"): {4},
    ("critic", "A. Critic"): {1},
    ("critic", "Ann Other"): {0, 2},
}
"""The films, by place, that have a label, however it is spelled."""


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
    """A board made by hand: places of the films in SHELF, best first, with their scores and variances."""

    prior: Fraction
    usual: Fraction
    places: list[tuple[int, Fraction, Fraction]] = field(default_factory=list[tuple[int, Fraction, Fraction]])
    sheep: dict[int, list[int]] = field(default_factory=dict[int, list[int]])


@dataclass(frozen=True)
class Wish:
    """What a board is narrowed to, and by what it is counted."""

    period: Period = Period.ALL
    least: int = 3
    weight: float = 3.0
    label: tuple[str, str] | None = None
    decade: int | None = None
    closed: frozenset[int] | None = None


def squares(sheep: list[int]) -> Fraction:
    """The squared distances from the mean, added up."""
    mean = Fraction(sum(sheep), len(sheep))
    return sum(((each - mean) ** 2 for each in sheep), Fraction())


def by_hand(
    votes: Iterable[Row], ids: list[int], retired: set[int], scope: int, sort: Sort, wish: Wish, today: int
) -> Expected:
    """The board of a server, or of everywhere, from the votes themselves.

    Args:
        votes: ``guild_id, review_id, member_id, sheep, updated_at, created_at``.
    """
    latest: dict[tuple[int, int], tuple[int, int, int, int]] = {}
    for guild, review, member, sheep, updated_at, created_at in votes:
        place = ids.index(review)
        if place not in retired and scope in {0, guild}:
            standing = (updated_at, guild, sheep, created_at // 86400)
            latest[place, member] = max(latest.get((place, member), standing), standing)
    days = {Period.ALL: 14 if sort is Sort.RISING else None, Period.YEAR: 365, Period.MONTH: 30, Period.WEEK: 7}
    back = days[wish.period]
    given: dict[int, list[int]] = {}
    for (place, _), (_, _, sheep, day) in latest.items():
        if (back is None or day > today - back) and (wish.closed is None or place in wish.closed):
            given.setdefault(place, []).append(sheep)
    every = [sheep for each in given.values() for sheep in each]
    prior = Fraction(sum(every), len(every)) if len(every) >= 20 else Fraction(3)
    free = len(every) - len(given)
    usual = sum(map(squares, given.values()), Fraction()) / free if free >= 20 else Fraction(1)
    m = Fraction(wish.weight)
    scores = {place: (sum(each) + m * prior) / (len(each) + m) for place, each in given.items()}
    spread = {
        place: (squares(each) + m * usual) / (len(each) - 1 + m) if len(each) - 1 + m else Fraction()
        for place, each in given.items()
    }

    def listed(place: int) -> bool:
        critic, year = SHELF[place].half_sheep, SHELF[place].year
        return (
            len(given[place]) >= max(wish.least, 1)
            and (wish.label is None or place in LABELLED[wish.label])
            and (wish.decade is None or (year is not None and year // 10 * 10 == wish.decade))
            and (sort is not Sort.CRITIC_GAP or critic is not None)
        )

    def order(place: int) -> tuple[Fraction | int, ...]:
        score, many = scores[place], len(given[place])
        return {
            Sort.TOP: (-score, -many, place),
            Sort.LOWEST: (score, -many, place),
            Sort.MOST_VOTED: (-many, -score, place),
            Sort.DIVISIVE: (-spread[place], -many, place),
            Sort.CRITIC_GAP: (-abs(score - Fraction(SHELF[place].half_sheep or 0, 2)), -many, place),
            Sort.RISING: (-sum(given[place]), -score, place),
        }[sort]

    places = sorted(filter(listed, given), key=order)
    return Expected(prior, usual, [(place, scores[place], spread[place]) for place in places], given)


def assert_same(board: Board, expected: Expected, ids: list[int]) -> None:
    """A board is the one made by hand."""
    assert [ids.index(place.review_id) for place in board.places] == [place for place, *_ in expected.places]
    assert board.total == len(expected.places)
    assert board.prior == pytest.approx(float(expected.prior))
    assert board.usual**2 == pytest.approx(float(expected.usual))
    for found, (place, score, variance) in zip(board.places, expected.places, strict=True):
        sheep = expected.sheep[place]
        assert found.score == pytest.approx(float(score))
        assert found.spread**2 == pytest.approx(float(variance))
        assert found.mean == pytest.approx(sum(sheep) / len(sheep))
        assert found.votes == len(sheep)
        assert found.tally.counts == tuple(map(sheep.count, range(1, 6)))
        film = SHELF[place]
        assert (found.title, found.year, found.critic_half_sheep) == (film.title, film.year, film.half_sheep)


HISTORIES = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 3, 20, 24 * 9, 24 * 40, 24 * 400]),  # hours until these are given
        st.lists(
            st.tuples(
                st.sampled_from([HERE, THERE]),
                st.integers(0, len(SHELF) - 1),
                st.integers(1, 9),
                st.sampled_from([1, 2, 3, 4, 5]),
            ),
            max_size=40,
        ),
    ),
    max_size=5,
)
WISHES = st.builds(
    Wish,
    st.sampled_from(Period),
    st.integers(0, 6),
    st.sampled_from([0.0, 0.1, 1.0, 3.0, 25.0]),
    st.none() | st.sampled_from(sorted(LABELLED)),
    st.none() | st.sampled_from([1980, 2000, 2010]),
    st.none() | st.frozensets(st.integers(0, len(SHELF) - 1)),
)


@settings(max_examples=25, deadline=None, phases=UNSHRUNK)
@given(history=HISTORIES, retired=st.sets(st.integers(0, len(SHELF) - 1), max_size=2), wish=WISHES)
@pytest.mark.parametrize("name", ALL_ENGINES)
def test_a_board_is_the_one_made_by_hand(
    name: str, history: list[tuple[int, list[Vote]]], retired: set[int], wish: Wish
) -> None:
    with ExitStack() as exits:
        folder = exits.enter_context(TemporaryDirectory())
        engine = exits.enter_context(ENGINES[name](Path(folder)))
        clock = Clock()
        patched = exits.enter_context(pytest.MonkeyPatch.context())
        patched.setattr("bot.store.votes.time", clock)
        patched.setattr("bot.store.leaderboard.time", clock)
        asyncio.run(_compare(engine, clock, history, retired, wish))


async def _compare(
    engine: Engine, clock: Clock, history: list[tuple[int, list[Vote]]], retired: set[int], wish: Wish
) -> None:
    store = await open_store(engine.url)
    try:
        ids = await shelved(store)
        for hours, votes in history:
            clock.now += 1 + 3600 * hours
            await vote(store, ids, votes)
        await store.reviews.sync(SOURCE, [review for place, review in enumerate(SHELF) if place not in retired])
        rows = await engine.rows("SELECT guild_id, review_id, member_id, sheep, updated_at, created_at FROM votes")
        labels = {row[1:]: row[0] for row in await engine.rows("SELECT id, kind, name FROM labels")}
        narrowed = Question(
            HERE,
            period=wish.period,
            min_votes=wish.least,
            weight=wish.weight,
            labels=((await store.labels.known()).alike(labels[wish.label]),) if wish.label else (),
            decade=wish.decade,
            closed=None if wish.closed is None else [ids[place] for place in wish.closed],
        )
        for scope, sort in product((HERE, THERE, 0), Sort):
            question = narrowed._replace(guild_id=scope, sort=sort)
            whole = await store.leaderboard.top(question, 0, ALL)
            assert_same(whole, by_hand(rows, ids, retired, scope, sort, wish, clock.now // 86400), ids)
            if scope == HERE:
                pages = [await store.leaderboard.top(question, start, 3) for start in (0, 3)]
                assert [place for page in pages for place in page.places] == whole.places
                assert {(page.total, page.prior) for page in pages} == {(whole.total, whole.prior)}
    finally:
        await store.close()


async def test_a_board_tells_what_there_is_to_tell_of_a_film(store: Store) -> None:
    ids = await shelved(store)
    await give(store, ids[1], 5, 4, 4)

    board = await store.leaderboard.top(Question(HERE), 0, ALL)

    (place,) = board.places
    assert (place.review_id, place.title, place.year, place.votes) == (ids[1], "Amélie", 2001, 3)
    assert place.mean == pytest.approx(13 / 3)
    assert place.score == pytest.approx((13 + 3 * 3) / 6)
    assert place.critic_half_sheep == 4
    assert (board.total, board.prior) == (1, 3.0)


async def test_three_votes_are_needed_where_nothing_else_is_said(store: Store) -> None:
    ids = await shelved(store)
    await give(store, ids[0], 5, 5)
    await give(store, ids[1], 1, 1, 1)

    board = await store.leaderboard.top(Question(HERE), 0, ALL)
    assert [place.review_id for place in board.places] == [ids[1]]


@pytest.mark.parametrize("least", [1, 0, -5])
async def test_a_film_without_votes_stands_on_no_board(store: Store, least: int) -> None:
    ids = await shelved(store)
    await give(store, ids[0], 5)
    await store.votes.remove(HERE, ids[0], 1)
    await store.votes.change(Change(HERE, ids[1], 1, thought=Thought("Hm.")))

    assert (await store.leaderboard.top(Question(HERE, min_votes=least), 0, ALL)).places == []


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

    assert (await store.leaderboard.top(Question(HERE), 0, ALL)).prior == pytest.approx(prior)
    assert (await store.leaderboard.top(Question(THERE), 0, ALL)).prior == pytest.approx(3.0)


async def test_films_that_are_not_listed_count_in_the_prior(store: Store) -> None:
    ids = await shelved(store)
    for place in range(5):
        await give(store, ids[place], 4, 4, 4, 4)

    board = await store.leaderboard.top(Question(HERE, min_votes=5), 0, ALL)

    assert (board.places, board.total) == ([], 0)
    assert board.prior == pytest.approx(4.0)


async def test_films_off_the_shelf_are_left_out_of_list_and_prior_until_they_come_back(store: Store) -> None:
    ids = await shelved(store)
    for place in range(5):
        await give(store, ids[place], *([5] * 5 if place == 0 else [4] * 5))

    await store.reviews.sync(SOURCE, SHELF[1:])
    board = await store.leaderboard.top(Question(HERE), 0, ALL)
    assert [place.review_id for place in board.places] == ids[1:5]
    assert (board.total, board.prior) == (4, 4.0)

    await store.reviews.sync(SOURCE, SHELF)
    board = await store.leaderboard.top(Question(HERE), 0, ALL)
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
        board = await store.leaderboard.top(Question(HERE, sort), 0, ALL)
        tied = [place for place in board.places if place.review_id in {few, many}]
        assert [place.review_id for place in tied] == [many, few]
        assert [place.score for place in tied] == pytest.approx([3.2, 3.2])


async def test_a_page_beyond_the_end_still_tells_how_many_films_there_are(store: Store) -> None:
    ids = await shelved(store)
    await give(store, ids[0], *[4] * 20)

    board = await store.leaderboard.top(Question(HERE), 50, 10)

    assert (board.places, board.total, board.prior) == ([], 1, 4.0)


async def test_an_empty_server_has_an_empty_board(store: Store) -> None:
    board = await store.leaderboard.top(Question(HERE), 0, ALL)

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
        review = (await shelved(store))[5]
        await give(store, review, 5, 4, 3)
        label = (await store.labels.known()).resolve(Kind.DIRECTOR, "b bee").found
        assert label is not None
        assert "votes" in read  # so the watch is kept

        for scope in (HERE, 0):
            for sort, period in product(Sort, Period):
                read.clear()
                question = Question(scope, sort, period, labels=((label.review_id,),), decade=1980)
                assert (await store.leaderboard.top(question, 0, 10)).places
                counted = {"tallies", "days"} if question.days else {"tallies"}
                assert read & {"tallies", "days", "reviews", "votes", "thoughts"} == counted | {"reviews"}

            read.clear()
            assert (await store.votes.tally(scope, review)).votes == 3
            assert read == {"tallies"}

        read.clear()
        await store.posts.add(Post(HERE, review, 7, 100))
        assert await store.posts.showing(HERE, review, [100])
        assert await store.reviews.get(review)
        assert read & {"tallies", "reviews", "votes", "thoughts"} == {"reviews"}
