"""How sheep are counted and compared."""

from __future__ import annotations

from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ranking import MIN_VOTES_FOR_MEAN, PRIOR_WEIGHT, Tally, prior_mean, weighted_score

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
