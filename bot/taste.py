"""How alike two tastes are, and what the like-minded make of other films: pure arithmetic, no I/O.

All of it follows from how many sheep two members lie apart on the films that both rated.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, NamedTuple

from bot.ranking import MAX_SHEEP, MIN_SHEEP, weighted_score

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ENOUGH = 5
"""Films that two must both have rated before it is said how they agree."""
IN_COMMON = 3
"""Films that a like-minded member must have rated as well: fewer are an accident."""
ALIKE = 0.75
"""The agreement from which on members are like-minded: a sheep apart, on average."""
BY_CHANCE = 1.6
"""How many sheep two who roll dice lie apart on average."""
SHRINKAGE = 5
"""So many films in common take half of the likeness away that they show."""
LIKE_MINDED = 3
"""So many of the like-minded must have rated a film: what fewer say would also tell who they are."""
LOVED = 4.0
"""The sheep from which on a film counts as loved."""
PARTS = 1_000_000
"""Likeness is counted in millionths: whole numbers add up to the same in any order."""


class Pair(NamedTuple):
    """A film that two rated, each in sheep; a critic's may be a half one."""

    review_id: int
    mine: float
    theirs: float

    @property
    def apart(self) -> float:
        """How many sheep lie between the two, at least 0; below the fewest that a member can give, none are counted."""
        return abs(max(self.mine, MIN_SHEEP) - max(self.theirs, MIN_SHEEP))


class Liked(NamedTuple):
    """What the like-minded gave a film: how many they are, and their weighted mean in sheep."""

    review_id: int
    members: int
    mean: float


def agreement(apart: float, films: int) -> float:
    """How far two agree, from 0 to 1: one less the normalised mean absolute error.

    1 is the same sheep on every film, 0 is one sheep against five on each; two who
    roll dice come to 0.6. Source: the NMAE of Goldberg, Roeder, Gupta and Perkins,
    "Eigentaste: A Constant Time Collaborative Filtering Algorithm", Information
    Retrieval 4 (2001), turned round.

    Args:
        apart: The sheep that lie between them, added up over the films.
        films: How many films they both rated, at least 1.
    """
    return 1 - apart / films / (MAX_SHEEP - MIN_SHEEP)


def likeness(apart: float, films: int) -> int:
    """What a member's votes count for another, in millionths; 0 where they are not like-minded.

    ``films / (films + 5) · (1 - d / 1.6)``, d the mean distance in sheep. Sources:
    the weight by distance below a bound is that of Shardanand and Maes, "Social
    Information Filtering", CHI 1995, with the distance of chance for the bound,
    which makes it the linearly weighted coefficient of Brennan and Prediger (1981);
    the shrinkage by the films in common is that of Koren, "Factorization Meets the
    Neighborhood", KDD 2008.
    """
    if films < IN_COMMON or agreement(apart, films) < ALIKE:
        return 0
    return round(PARTS * films / (films + SHRINKAGE) * (1 - apart / films / BY_CHANCE))


def furthest(pairs: Iterable[Pair], count: int) -> list[Pair]:
    """The films on which two differ most, by more than a sheep."""
    differing = [pair for pair in pairs if pair.apart > 1]
    return heapq.nsmallest(count, differing, key=lambda pair: (-pair.apart, pair.review_id))


def best_liked(found: Sequence[tuple[int, int, int, int]], weight: float, count: int) -> list[Liked]:
    """The films that the like-minded loved, the best first.

    They stand by the weighted score of the boards, with the mean of all that the
    like-minded gave for its prior: five who gave much say more than three.

    Args:
        found: Of each film: its id, how many of the like-minded rated it, their sheep weighted by their likeness and
            added up, and their likeness added up.
        weight: The *m* of the weighted score.
    """
    if not found:
        return []
    prior = sum(sheep for *_, sheep, _ in found) / sum(parts for *_, parts in found)
    liked = (Liked(review_id, members, sheep / parts) for review_id, members, sheep, parts in found)

    def place(film: Liked) -> tuple[float, int, int]:
        score = weighted_score(film.mean * film.members, film.members, prior, weight)
        return -score, -film.members, film.review_id

    loved = (film for film in liked if film.members >= LIKE_MINDED and film.mean >= LOVED)
    return heapq.nsmallest(count, loved, key=place)
