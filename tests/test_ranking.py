"""How sheep are counted and compared."""

from __future__ import annotations

from statistics import fmean, variance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ranking import (
    MIN_VOTES_FOR_MEAN,
    PRIOR_WEIGHT,
    Period,
    Sort,
    Tally,
    critic_gap,
    prior_mean,
    shrunk_variance,
    usual_variance,
    weighted_score,
    window,
)

COUNTS = st.tuples(*[st.integers(0, 10**9)] * 5)
FEW = st.tuples(*[st.integers(0, 20)] * 5)
MEANS = st.floats(1, 5)
WEIGHTS = st.floats(0.5, 100)
NEAR = 1e-9


def votes(counts: tuple[int, ...]) -> list[int]:
    """The single votes behind a tally."""
    return [sheep for sheep, count in enumerate(counts, start=1) for _ in range(count)]


def test_a_film_without_votes_has_no_mean() -> None:
    assert (Tally().votes, Tally().sheep, Tally().mean) == (0, 0, None)


@given(FEW)
def test_a_tally_adds_up_its_votes(counts: tuple[int, int, int, int, int]) -> None:
    tally, single = Tally(counts), votes(counts)

    assert tally.votes == len(single)
    assert tally.sheep == sum(single)
    assert tally.mean == (pytest.approx(fmean(single)) if single else None)


@given(COUNTS)
def test_a_mean_is_from_one_to_five_sheep(counts: tuple[int, int, int, int, int]) -> None:
    mean = Tally(counts).mean

    assert mean is None or 1 <= mean <= 5


def test_the_prior_is_the_middle_until_there_are_twenty_votes() -> None:
    assert prior_mean(0, 0) == 3.0
    assert prior_mean(95, 19) == 3.0
    assert prior_mean(100, 20) == 5.0
    assert prior_mean(85, 20) == 4.25
    assert MIN_VOTES_FOR_MEAN == 20


@given(FEW, MEANS, st.integers(1, 10))
def test_the_score_is_the_mean_with_so_many_votes_at_the_prior_added(
    counts: tuple[int, int, int, int, int], prior: float, weight: int
) -> None:
    tally = Tally(counts)

    score = weighted_score(tally.sheep, tally.votes, prior, weight)

    assert score == pytest.approx(fmean([*votes(counts), *[prior] * weight]))


def test_three_votes_at_the_prior_are_added_by_default() -> None:
    assert PRIOR_WEIGHT == 3
    assert weighted_score(0, 0, 3.4) == pytest.approx(3.4)
    assert weighted_score(10, 2, 3.0) == pytest.approx((5 + 5 + 3 + 3 + 3) / 5)


@given(COUNTS.filter(any), MEANS, WEIGHTS)
def test_the_score_lies_between_the_mean_and_the_prior(
    counts: tuple[int, int, int, int, int], prior: float, weight: float
) -> None:
    tally = Tally(counts)
    mean = tally.sheep / tally.votes

    score = weighted_score(tally.sheep, tally.votes, prior, weight)

    assert min(mean, prior) - NEAR <= score <= max(mean, prior) + NEAR


@given(st.integers(1, 5), st.integers(1, 10**6), st.integers(1, 10**6), MEANS, WEIGHTS)
def test_more_votes_of_one_kind_bring_the_score_nearer_to_their_mean(
    sheep: int, fewer: int, extra: int, prior: float, weight: float
) -> None:
    few, many = (abs(weighted_score(sheep * n, n, prior, weight) - sheep) for n in (fewer, fewer + extra))

    assert many <= few + NEAR


@given(COUNTS, st.integers(1, 4), MEANS)
def test_a_vote_changed_for_the_better_never_lowers_the_score(
    counts: tuple[int, int, int, int, int], sheep: int, prior: float
) -> None:
    before = Tally(counts)

    assert weighted_score(before.sheep + sheep, before.votes + 1, prior) <= weighted_score(
        before.sheep + sheep + 1, before.votes + 1, prior
    )


def test_two_perfect_votes_do_not_outrank_twenty_very_good_ones() -> None:
    assert weighted_score(2 * 5, 2, 3.0) < weighted_score(92, 20, 3.0)


@given(FEW)
def test_the_squares_of_a_tally_are_those_of_its_votes(counts: tuple[int, int, int, int, int]) -> None:
    tally, single = Tally(counts), votes(counts)

    assert tally.squares == pytest.approx(variance(single) * (len(single) - 1) if len(single) > 1 else 0)


@given(FEW.filter(lambda counts: sum(counts) > 1), st.floats(0, 4), WEIGHTS)
def test_a_shrunk_variance_is_the_moderated_one_of_smyth(
    counts: tuple[int, int, int, int, int], usual: float, weight: float
) -> None:
    tally, own = Tally(counts), variance(votes(counts))

    shrunk = shrunk_variance(tally.squares, tally.votes, usual, weight)

    free = tally.votes - 1
    assert shrunk == pytest.approx((weight * usual + free * own) / (weight + free))
    assert min(own, usual) - NEAR <= shrunk <= max(own, usual) + NEAR


def test_two_who_quarrel_divide_less_than_twenty_and_one_vote_divides_as_usual() -> None:
    few, many = Tally((1, 0, 0, 0, 1)), Tally((10, 0, 0, 0, 10))

    assert shrunk_variance(few.squares, few.votes, 1.0) < shrunk_variance(many.squares, many.votes, 1.0)
    assert shrunk_variance(0.0, 1, 1.3) == pytest.approx(1.3)
    assert shrunk_variance(0.0, 1, 1.3, 0.0) == 0.0


def test_what_votes_usually_vary_by_is_the_pooled_variance_from_twenty_degrees_of_freedom_on() -> None:
    assert usual_variance(100.0, 19) == 1.0
    assert usual_variance(30.0, 20) == 1.5


def test_a_gap_is_kinder_above_nought_and_harder_below() -> None:
    assert critic_gap(4.25, 7) == 0.75
    assert critic_gap(2.0, 9) == -2.5


def test_only_what_is_rising_looks_back_unasked() -> None:
    assert {sort: window(sort, Period.ALL) for sort in Sort if window(sort, Period.ALL)} == {Sort.RISING: 14}
    for sort in Sort:
        assert [window(sort, period) for period in (Period.WEEK, Period.MONTH, Period.YEAR)] == [7, 30, 365]
