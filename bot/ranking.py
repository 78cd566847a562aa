"""How sheep are counted and compared: pure arithmetic, no I/O."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

MIN_SHEEP = 1
MAX_SHEEP = 5
NEUTRAL_SHEEP = 3.0
"""The middle of the scale: the prior of a scope that has too few votes for a mean of its own."""
PRIOR_WEIGHT = 3.0
"""How many votes the prior counts for: the *m* of the weighted score."""
MIN_VOTES_FOR_MEAN = 20
"""Below this many votes in a scope, its prior is the middle of the scale."""
MIN_VOTES_TO_LIST = 3
"""A film needs this many votes to stand on a board."""
NEUTRAL_VARIANCE = 1.0
"""In sheep squared: what votes on one film usually vary by, until a scope has enough votes to tell."""
RISING_DAYS = 14
"""A board of what is rising looks back so many days, unless it is asked for another period."""


class Sort(StrEnum):
    """The orders in which a board can be read; the values are what members choose from."""

    TOP = "top"
    LOWEST = "lowest"
    MOST_VOTED = "most-voted"
    DIVISIVE = "divisive"
    CRITIC_GAP = "critic-gap"
    RISING = "rising"


class Period(StrEnum):
    """The votes that a board counts: all, or those first given in the last days."""

    ALL = "all"
    YEAR = "year"
    MONTH = "month"
    WEEK = "week"


class Scope(StrEnum):
    """Whose votes a board counts: one server's, or each member's latest in any server."""

    SERVER = "server"
    EVERYWHERE = "everywhere"


_DAYS = {Period.YEAR: 365, Period.MONTH: 30, Period.WEEK: 7}


def window(sort: Sort, period: Period) -> int | None:
    """So many days, today (UTC) being the last, a board counts the votes of; None: all votes."""
    return _DAYS.get(period, RISING_DAYS if sort is Sort.RISING else None)


class Tally(NamedTuple):
    """How many members gave a film one, two, three, four and five sheep.

    Attributes:
        counts: Five numbers, the votes for one sheep first.
        thoughts: How many thoughts were shared on the film.
    """

    counts: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)
    thoughts: int = 0

    @property
    def votes(self) -> int:
        """All votes together."""
        return sum(self.counts)

    @property
    def sheep(self) -> int:
        """All sheep given, added up."""
        return sum(sheep * count for sheep, count in enumerate(self.counts, start=MIN_SHEEP))

    @property
    def mean(self) -> float | None:
        """Sheep per vote, from 1 to 5; None before the first vote."""
        return self.sheep / self.votes if self.votes else None

    @property
    def squares(self) -> float:
        """The squared distances of all votes from their mean, added up; 0 before the first vote."""
        mean = self.mean or 0.0
        return sum(count * (sheep - mean) ** 2 for sheep, count in enumerate(self.counts, start=MIN_SHEEP))


# The leaderboard computes these in SQL; here they are for everything else, and for its tests.
def prior_mean(sheep: int, votes: int) -> float:
    """The *C* of the weighted score: the mean of a scope, or 3.0 below 20 votes.

    Args:
        sheep: All sheep given in the scope.
        votes: All votes cast in the scope.
    """
    return sheep / votes if votes >= MIN_VOTES_FOR_MEAN else NEUTRAL_SHEEP


def weighted_score(sheep: float, votes: int, prior: float, weight: float = PRIOR_WEIGHT) -> float:
    """The Bayesian average ``(Σ sheep + m·C) / (n + m)``, in sheep.

    It is the mean of the votes and of ``weight`` further votes at the prior, so
    that two perfect votes do not outrank twenty very good ones. Source: the
    "weighted rating" that IMDb published for its Top 250, with the votes'
    number as the weight.
    """
    return (sheep + weight * prior) / (votes + weight)


def usual_variance(squares: float, freedom: int) -> float:
    """What the votes on one film of a scope usually vary by: the pooled variance, or 1 below 20 degrees of freedom.

    Args:
        squares: The squared distances of all votes from the mean of their film, added up.
        freedom: All votes but the first of each film.
    """
    return squares / freedom if freedom >= MIN_VOTES_FOR_MEAN else NEUTRAL_VARIANCE


def shrunk_variance(squares: float, votes: int, usual: float, weight: float = PRIOR_WEIGHT) -> float:
    """The variance of a film's votes, drawn to the usual one: ``(Σ (sheep - mean)² + m·s²) / (n - 1 + m)``.

    So two members who quarrel do not outrank twenty. Its root is the spread of a
    board. Source: the moderated variance of G. K. Smyth, "Linear models and
    empirical Bayes methods for assessing differential expression in microarray
    experiments", Statistical Applications in Genetics and Molecular Biology 3
    (2004), article 3: ``(d0·s0² + d·s²) / (d0 + d)``, here with the pooled
    variance as s0² and the weight m as its degrees of freedom d0.

    Returns:
        Sheep squared; 0 where one vote is all there is, and the usual one counts for nothing.
    """
    freedom = votes - 1 + weight
    return (squares + weight * usual) / freedom if freedom > 0 else 0.0


def critic_gap(score: float, half_sheep: int) -> float:
    """By how many sheep the flock is kinder than the critic, or, below 0, harder: weighted score minus verdict.

    Boards are ordered by its size. The score is the shrunk one, so that a lone
    vote makes no gap.
    """
    return score - half_sheep / 2
