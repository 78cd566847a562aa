"""How alike tastes are: the published formulas, worked out by hand and for any votes."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.taste import ALIKE, IN_COMMON, LIKE_MINDED, LOVED, PARTS, Pair, agreement, best_liked, furthest, likeness

VOTES = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=30)


def pairs(votes: list[tuple[int, int]]) -> list[Pair]:
    """Votes of two as pairs, on films counted from 1."""
    return [Pair(film, mine, theirs) for film, (mine, theirs) in enumerate(votes, start=1)]


def apart(votes: list[tuple[int, int]]) -> float:
    """The sheep that lie between two, added up."""
    return sum(pair.apart for pair in pairs(votes))


@pytest.mark.parametrize(
    ("votes", "share"),
    [
        ([(3, 3), (5, 5)], 1.0),
        ([(1, 5), (5, 1)], 0.0),
        ([(1, 2), (3, 4), (5, 5), (2, 2)], 0.875),
        ([(mine, theirs) for mine in range(1, 6) for theirs in range(1, 6)], 0.6),
    ],
    ids=["the same", "opposite", "half a sheep apart", "every throw of two dice"],
)
def test_agreement_is_one_less_the_mean_distance_as_a_share_of_the_greatest(
    votes: list[tuple[int, int]], share: float
) -> None:
    assert agreement(apart(votes), len(votes)) == pytest.approx(share)


def test_a_critic_who_gives_less_than_a_member_can_is_met_by_the_fewest_sheep() -> None:
    assert [Pair(1, 1, critic).apart for critic in (0, 0.5, 1, 1.5)] == [0, 0, 0, 0.5]
    assert Pair(1, 5, 0).apart == 4


@given(VOTES)
def test_likeness_is_that_of_the_formula_and_never_that_of_those_who_are_not_alike(
    votes: list[tuple[int, int]],
) -> None:
    films = len(votes)
    distance = Fraction(sum(abs(mine - theirs) for mine, theirs in votes), films)
    found = likeness(apart(votes), films)

    if films < IN_COMMON or 1 - distance / 4 < ALIKE:
        assert found == 0
    else:
        assert found == pytest.approx(PARTS * Fraction(films, films + 5) * (1 - distance / Fraction(8, 5)), abs=1)
        assert 0 < found < PARTS


def test_more_films_in_common_count_for_more_and_so_does_less_between() -> None:
    assert likeness(0, 3) < likeness(0, 10) < likeness(0, 100)
    assert likeness(10, 10) < likeness(5, 10) < likeness(0, 10)
    assert likeness(0, 2) == likeness(11, 10) == 0


@given(VOTES, st.integers(0, 5))
def test_the_films_that_two_differ_most_on_are_named_first_and_only_those(
    votes: list[tuple[int, int]], count: int
) -> None:
    found = furthest(pairs(votes), count)

    expected = sorted(
        ((-abs(mine - theirs), film) for film, (mine, theirs) in enumerate(votes, start=1) if abs(mine - theirs) > 1)
    )
    assert [pair.review_id for pair in found] == [film for _, film in expected[:count]]


def test_of_what_the_like_minded_loved_many_who_gave_much_come_before_few_who_gave_all() -> None:
    rows = [(1, 3, 15, 3), (2, 20, 96, 20), (3, 2, 10, 2), (4, 9, 27, 9), (5, 4, 16, 4)]

    assert [film.review_id for film in best_liked(rows, 3.0, 5)] == [2, 1, 5]
    assert [film.review_id for film in best_liked(rows, 0.0, 5)] == [1, 2, 5]
    assert [film.review_id for film in best_liked(rows, 3.0, 1)] == [2]
    assert best_liked([], 3.0, 5) == []


@given(
    st.dictionaries(
        st.integers(1, 50), st.lists(st.tuples(st.integers(1, 5), st.integers(1, PARTS)), min_size=1, max_size=8)
    ),
    st.floats(0, 20),
)
def test_what_is_recommended_is_loved_by_enough_and_stands_by_its_score(
    votes: dict[int, list[tuple[int, int]]], weight: float
) -> None:
    rows = [
        (film, len(each), sum(sheep * parts for sheep, parts in each), sum(parts for _, parts in each))
        for film, each in votes.items()
    ]
    found = best_liked(rows, weight, 50)

    means = {film: Fraction(sheep, parts) for film, _, sheep, parts in rows}
    enough = {film for film, members, *_ in rows if members >= LIKE_MINDED and means[film] >= LOVED}
    assert {film.review_id for film in found} == enough
    if rows:
        prior = Fraction(sum(row[2] for row in rows), sum(row[3] for row in rows))
        m = Fraction(weight)
        scores = [(film.members * means[film.review_id] + m * prior) / (film.members + m) for film in found]
        assert all(later <= before + Fraction(1, 10**9) for before, later in pairwise(scores))
