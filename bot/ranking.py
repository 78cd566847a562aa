"""How sheep are counted and compared: pure arithmetic, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

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


class Sort(StrEnum):
    """The orders in which a board can be read; the values are what members choose from."""

    TOP = "top"
    LOWEST = "lowest"
    MOST_VOTED = "most-voted"


@dataclass(frozen=True, slots=True)
class Tally:
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


# The leaderboard computes these two in SQL; here they are for everything else, and for its tests.
def prior_mean(sheep: int, votes: int) -> float:
    """The *C* of the weighted score: the mean of a scope, or 3.0 below 20 votes.

    Args:
        sheep: All sheep given in the scope.
        votes: All votes cast in the scope.
    """
    return sheep / votes if votes >= MIN_VOTES_FOR_MEAN else NEUTRAL_SHEEP


def weighted_score(sheep: int, votes: int, prior: float, weight: float = PRIOR_WEIGHT) -> float:
    """The Bayesian average ``(Σ sheep + m·C) / (n + m)``, in sheep.

    It is the mean of the votes and of ``weight`` further votes at the prior, so
    that two perfect votes do not outrank twenty very good ones. Source: the
    "weighted rating" that IMDb published for its Top 250, with the votes'
    number as the weight.
    """
    return (sheep + weight * prior) / (votes + weight)
