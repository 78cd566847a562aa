"""Films and servers in numbers, against the same counted by hand from the votes."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reviews.model import Review
from bot.store import open_store
from bot.store.stats import POINTS, over_time
from bot.taste import ENOUGH, LOVED, Pair, best_liked, likeness
from tests.store.tools import ALL_ENGINES, ENGINES, SOURCE, UNSHRUNK, Clock

if TYPE_CHECKING:
    from bot.store import Store
    from tests.store.tools import Engine, Row

Vote: TypeAlias = tuple[int, int, int, int | None, int]
"""(guild_id, place of the film in SHELF, member_id, sheep or taken back, seconds since the last one)."""

HERE, THERE = 10, 20
MEMBERS = range(1, 8)
VERDICTS = (None, 0, 3, 8, 9, 10)
SHELF = [
    Review(slug=f"film-{place}", title=f"Film {place}", body="It is about sheep.", half_sheep=half)
    for place, half in enumerate(VERDICTS)
]
RETIRED = 4
"""The place of a film that is taken off the shelf in the end."""
HISTORIES = st.lists(
    st.tuples(
        st.sampled_from([HERE, HERE, THERE]),
        st.integers(0, len(SHELF) - 1),
        st.sampled_from(MEMBERS),
        st.sampled_from([None, 1, 2, 3, 4, 5, 5]),
        st.sampled_from([0, 3600, 86400, 40 * 86400]),
    ),
    max_size=120,
)


@settings(max_examples=20, deadline=None, phases=UNSHRUNK)
@given(history=HISTORIES, alone=st.sets(st.sampled_from(MEMBERS), max_size=2), closed=st.sets(st.integers(0, 5)))
@pytest.mark.parametrize("name", ALL_ENGINES)
def test_all_numbers_are_those_counted_by_hand(
    name: str, history: list[Vote], alone: set[int], closed: set[int]
) -> None:
    with ExitStack() as exits:
        folder = exits.enter_context(TemporaryDirectory())
        engine = exits.enter_context(ENGINES[name](Path(folder)))
        clock = Clock()
        exits.enter_context(pytest.MonkeyPatch.context()).setattr("bot.store.votes.time", clock)
        asyncio.run(_compare(engine, clock, history, alone, closed))


async def _compare(engine: Engine, clock: Clock, history: list[Vote], alone: set[int], closed: set[int]) -> None:
    store = await open_store(engine.url)
    try:
        await store.reviews.sync(SOURCE, SHELF)
        stored = {entry.slug: entry.review_id for entry in await store.reviews.shelf()}
        ids = [stored[review.slug] for review in SHELF]
        for guild, place, member, sheep, pause in history:
            clock.now += pause
            if sheep is None:
                await store.votes.remove(guild, ids[place], member)
            else:
                await store.votes.cast(guild, ids[place], member, sheep)
        await store.reviews.sync(SOURCE, [review for place, review in enumerate(SHELF) if place != RETIRED])
        for member in alone:
            await store.taste.compare(member, allowed=False)
        rows = await engine.rows("SELECT guild_id, review_id, member_id, sheep, updated_at, created_at FROM votes")
        votes = [(row[0], ids.index(row[1]), *row[2:]) for row in rows]
        for guild in (HERE, THERE):
            await _compare_stats(store, votes, ids, guild, alone, closed)
            for member in MEMBERS[:4]:
                await _compare_tastes(store, votes, ids, guild, member, alone)
    finally:
        await store.close()


async def _compare_stats(
    store: Store, votes: list[Row], ids: list[int], guild: int, alone: set[int], closed: set[int]
) -> None:
    """A server and each of its films in numbers."""
    here = [vote for vote in votes if vote[0] == guild]
    for place, review_id in enumerate(ids):
        found = await store.stats.film(guild, review_id)
        on_film = [vote for vote in votes if vote[1] == place]
        latest: dict[int, tuple[int, int, int]] = {}
        for where, _, member, sheep, updated_at, _ in on_film:
            latest[member] = max(latest.get(member, (0, 0, 0)), (updated_at, where, sheep))
        assert found.everywhere.counts == _counts([sheep for *_, sheep in latest.values()])
        of_server = [vote for vote in on_film if vote[0] == guild]
        assert found.here.counts == _counts([vote[3] for vote in of_server])
        assert sum(point.tally.votes for point in found.history) == len(of_server)  # none is older than twelve years
        for point, following in itertools.zip_longest(found.history, found.history[1:]):
            within = [
                vote[3]
                for vote in of_server
                if point.begin <= datetime.fromtimestamp(vote[5], UTC).date()
                and (following is None or datetime.fromtimestamp(vote[5], UTC).date() < following.begin)
            ]
            assert point.tally.counts == _counts(within)

    for only in (None, [ids[place] for place in closed]):
        counts = {place: [vote[3] for vote in here if vote[1] == place] for place in range(len(SHELF))}
        counts = {place: sheep for place, sheep in counts.items() if sheep and place != RETIRED}
        if only is not None:
            counts = {place: sheep for place, sheep in counts.items() if place in closed}
        both = [place for place in counts if VERDICTS[place] is not None]
        found = await store.stats.server(guild, only)
        assert (found.films, found.votes) == (len(counts), sum(map(len, counts.values())))
        assert found.sheep == sum(map(sum, counts.values()))
        assert found.shared == len(both)
        if both:
            flock = sum(Fraction(sum(counts[place]), len(counts[place])) for place in both) / len(both)
            critic = Fraction(sum(VERDICTS[place] or 0 for place in both), 2 * len(both))
            assert (found.flock, found.critic) == (pytest.approx(float(flock)), pytest.approx(float(critic)))
        else:
            assert found.flock is found.critic is None

    given = Counter(vote[2] for vote in here)
    active = sorted((-count, member) for member, count in given.items() if member not in alone)
    assert [tuple(rater) for rater in await store.stats.most_active(guild, 4)] == [
        (member, -count) for count, member in active[:4]
    ]


async def _compare_tastes(
    store: Store, votes: list[Row], ids: list[int], guild: int, member: int, alone: set[int]
) -> None:
    """A member beside every other one, beside the critic, and what follows for the films not rated."""
    given: dict[int, dict[int, int]] = {one: {} for one in MEMBERS}
    for where, place, one, sheep, *_ in votes:
        if where == guild:
            given[one][place] = sheep
    mine = given[member]
    for other in MEMBERS:
        both = sorted((mine.keys() & given[other].keys()) - {RETIRED})
        found = await store.taste.pairs(guild, member, other)
        assert sorted(found, key=lambda pair: ids.index(pair.review_id)) == [
            Pair(ids[place], mine[place], given[other][place]) for place in both
        ]
    assert sorted(
        (ids.index(p.review_id), p.mine, p.theirs) for p in await store.taste.pairs_with_critic(guild, member)
    ) == [
        (place, sheep, (VERDICTS[place] or 0) / 2)
        for place, sheep in sorted(mine.items())
        if VERDICTS[place] is not None and place != RETIRED
    ]
    rated = await store.taste.votes_of(guild, member)
    assert rated == {ids[place]: sheep for place, sheep in mine.items()}
    assert await store.taste.loved_by_critic(guild, member, 9) == [
        (ids[place], VERDICTS[place]) for place in (5, 3) if place not in mine and (VERDICTS[place] or 0) >= 2 * LOVED
    ]
    assert await store.taste.uncompared(*MEMBERS) == alone

    alike: dict[int, int] = {}
    for other in set(MEMBERS) - {member} - alone:
        both = mine.keys() & given[other].keys()
        if both:
            alike[other] = likeness(sum(abs(mine[place] - given[other][place]) for place in both), len(both))
    alike = {other: parts for other, parts in alike.items() if parts}
    rows: list[tuple[int, int, int, int]] = []
    for place in set(range(len(SHELF))) - mine.keys() - {RETIRED}:
        fans = [(parts, given[other][place]) for other, parts in alike.items() if place in given[other]]
        if len(fans) >= 3:
            rows.append((ids[place], len(fans), sum(p * sheep for p, sheep in fans), sum(parts for parts, _ in fans)))
    found = await store.taste.liked_by_like_minded(guild, member, rated, weight=3.0, count=5)
    assert found == best_liked(rows, 3.0, 5)


def _counts(sheep: list[int]) -> tuple[int, ...]:
    return tuple(sheep.count(number) for number in range(1, 6))


async def test_members_of_like_taste_are_found_in_a_random_crowd_and_what_they_loved_is_what_is_named(
    store: Store,
) -> None:
    dice = random.Random(7)  # noqa: S311 - the same crowd each time
    await store.reviews.sync(SOURCE, [Review(slug=f"f{n}", title=f"F {n}", body="Sheep.") for n in range(20)])
    ids = [entry.review_id for entry in await store.reviews.shelf()]
    camps = {
        side: [dice.choice((1, 2)) if (n < 10) == side else dice.choice((4, 5)) for n in range(20)] for side in (0, 1)
    }
    casts = [
        store.votes.cast(HERE, ids[n], member, camps[member % 2][n])
        for member in range(1, 41)
        for n in dice.sample(range(20), 14)
    ]
    mine = {n: camps[1][n] for n in (0, 1, 2, 10, 11, 12)}
    await asyncio.gather(*casts, *(store.votes.cast(HERE, ids[n], 99, sheep) for n, sheep in mine.items()))

    rated = await store.taste.votes_of(HERE, 99)
    found = await store.taste.liked_by_like_minded(HERE, 99, rated, weight=3.0, count=20)

    assert {film.review_id for film in found} == {ids[n] for n in range(20) if camps[1][n] >= 4 and n not in mine}
    assert await store.taste.liked_by_like_minded(THERE, 99, {}, weight=3.0, count=5) == []
    assert len(mine) >= ENOUGH


async def test_opting_out_twice_or_back_in_without_cause_changes_nothing(store: Store) -> None:
    for allowed, alone in ((True, set[int]()), (False, {1}), (False, {1}), (True, set[int]()), (True, set[int]())):
        await store.taste.compare(1, allowed=allowed)
        assert await store.taste.uncompared(1, 2) == alone


DAYS = st.dictionaries(st.integers(0, 30_000), st.tuples(*[st.integers(0, 3)] * 5), max_size=30)


@given(DAYS)
def test_a_history_has_at_most_twelve_points_without_gaps_up_to_its_last_vote(
    days: dict[int, tuple[int, int, int, int, int]],
) -> None:
    step, points = over_time(sorted(days.items()))

    given = {date(1970, 1, 1) + timedelta(day): sum(counts) for day, counts in days.items() if any(counts)}
    if not given:
        assert points == []
        return
    assert 1 <= len(points) <= POINTS
    begins = [point.begin for point in points]
    assert begins == sorted(begins)
    assert {(later - earlier).days for earlier, later in itertools.pairwise(begins)} <= {
        "week": {7},
        "month": {28, 29, 30, 31},
        "quarter": {90, 91, 92},
        "year": {365, 366},
    }[step]
    assert begins[-1] <= max(given)
    assert points[-1].tally.votes
    counted = sum(votes for day, votes in given.items() if day >= begins[0])
    assert sum(point.tally.votes for point in points) == counted
    if step != "year" or len(points) < POINTS:
        assert counted == sum(given.values())
        assert points[0].tally.votes


@pytest.mark.parametrize(
    ("days", "step", "count"),
    [
        ([0], "week", 1),
        ([0, 70], "week", 11),
        ([4, 4 + 7 * 11], "week", 12),
        ([4, 4 + 7 * 12], "month", 3),
        ([0, 364], "month", 12),
        ([0, 365], "quarter", 5),
        ([0, 365 * 3 + 1], "year", 4),
        ([0, 365 * 40], "year", 12),
    ],
)
def test_stretches_are_as_short_as_twelve_allow(days: list[int], step: str, count: int) -> None:
    found, points = over_time([(day, (0, 0, 1, 0, 0)) for day in days])

    assert (found, len(points)) == (step, count)
