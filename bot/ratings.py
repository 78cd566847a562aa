"""A member's ratings from elsewhere: what waits for their word, and what it would make of their votes here. No I/O."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from bot.reviews.matching import Ambiguous, Match

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bot.reviews.matching import Matches

MAX_AMBIGUOUS = 500
"""So many ambiguous ratings are kept to be shown; all are counted."""
MAX_CANDIDATES = 3
MAX_NAME = 100


def sheep_of(half_stars: int) -> int:
    """The sheep that half-stars, 1 to 10, become: half a star goes up.

    Down would leave nothing of a single half star, as nobody gives less than one sheep.
    """
    return (half_stars + 1) // 2


class Waiting(NamedTuple):
    """Ratings that wait for a member's word.

    Attributes:
        number: Tells a file from the one that takes its place.
        rows: How many rows the file has, whatever they say.
        unread: How many of them say nothing that can be taken.
        missing: How many are of films that have no review here.
        found: Those that match one.
        unsure: How many are ambiguous.
        ambiguous: The first of those.
    """

    number: int
    rows: int
    unread: int
    missing: int
    found: Sequence[Match]
    unsure: int
    ambiguous: Sequence[Ambiguous]

    @property
    def repeated(self) -> int:
        """How many rows say of a film again what another row says later."""
        return self.rows - self.unread - self.missing - len(self.found) - self.unsure


def waiting(number: int, rows: int, unread: int, matches: Matches) -> Waiting:
    """What waits for a member's word, of all that was in a file."""
    shown = [
        one._replace(name=one.name[:MAX_NAME], review_ids=one.review_ids[:MAX_CANDIDATES])
        for one in matches.ambiguous[:MAX_AMBIGUOUS]
    ]
    return Waiting(number, rows, unread, matches.missing, matches.found, len(matches.ambiguous), shown)


def written(waits: Waiting) -> str:
    """The same as JSON."""
    return json.dumps(waits, separators=(",", ":"))


def restored(text: str) -> Waiting:
    """What was written."""
    number, rows, unread, missing, found, unsure, ambiguous = json.loads(text)
    shown = [Ambiguous(name, year, half_stars, tuple(ids)) for name, year, half_stars, ids in ambiguous]
    return Waiting(number, rows, unread, missing, [Match(*one) for one in found], unsure, shown)


class Standing(NamedTuple):
    """A vote that a member has already given; ``updated_at`` in Unix seconds."""

    sheep: int
    updated_at: int


class Given(NamedTuple):
    """A vote that would be given; ``previous`` are the sheep of the one that it takes the place of, or None."""

    review_id: int
    half_stars: int
    at: int
    previous: int | None

    @property
    def sheep(self) -> int:
        """What it gives."""
        return sheep_of(self.half_stars)


class Plan(NamedTuple):
    """What an import does.

    Attributes:
        given: The votes that it gives.
        newer: How many votes were given later than their rating elsewhere, and stay.
        same: How many are as they would be already.
        closed: How many films take no votes any more.
        gone: How many films have left the shelf since the file came.
    """

    given: Sequence[Given]
    newer: int = 0
    same: int = 0
    closed: int = 0
    gone: int = 0


def plan(
    found: Sequence[Match],
    votes: Mapping[int, Standing],
    *,
    here: Callable[[int], bool],
    closed: Callable[[int], bool],
    override: bool,
) -> Plan:
    """What an import does.

    Args:
        votes: The member's own, by review id.
        here: Whether a review is on the shelf.
        closed: Whether a film takes no votes any more.
        override: Whether ratings take the place of votes that are newer.
    """
    given: list[Given] = []
    newer = same = shut = gone = 0
    for review_id, half_stars, at in found:
        vote = votes.get(review_id)
        if not here(review_id):
            gone += 1
        elif vote and vote.sheep == sheep_of(half_stars):
            same += 1
        elif closed(review_id):
            shut += 1
        elif vote and vote.updated_at >= at and not override:
            newer += 1
        else:
            given.append(Given(review_id, half_stars, at, vote.sheep if vote else None))
    return Plan(given, newer, same, shut, gone)
