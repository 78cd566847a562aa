"""What cards show, in words: for those who do not see them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from bot.ranking import MAX_SHEEP, MIN_SHEEP
from bot.reviews.model import titled
from bot.ui import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.ranking import Tally
    from bot.store.leaderboard import Place

ALT = 1024
"""The most characters that Discord takes as a file's description."""
LONGEST = 160
"""Characters of a title that are looked at; so many never fit."""
_NOT_IN_XML = re.compile("[\ufffe\uffff]")


class Trend(NamedTuple):
    """Votes over time.

    Attributes:
        label: What the numbers are, such as "Votes a month, March 2025 to February 2026".
        counts: The votes of each stretch of time, oldest first.
    """

    label: str
    counts: Sequence[int]


def board(heading: str, ranked: Iterable[tuple[int, Place, str]], formula: str) -> str:
    """A leaderboard; titles give way so that all of its places are there.

    Args:
        ranked: Each place with its rank, and what it has to show.
    """
    said, listed = "", list(ranked)
    for limit in (LONGEST, 80, 60, 40, 30, 20):
        places = (f"{rank}. {titled(title(place, limit), place.year)}: {numbers}" for rank, place, numbers in listed)
        said = "\n".join([f"{heading}.", *places, line(formula, 2 * LONGEST)])
        if len(said) <= ALT:
            break
    return text.cut(said, ALT)


def film(name: str, tally: Tally, critic: int | None, everywhere: Tally | None, trend: Trend | None) -> str:
    """How the votes on a film are spread."""
    said = [f"{name}.", f"Readers: {text.average(tally)}.", f"{_counts(tally)}."]
    said.append(
        "No critic's verdict." if critic is None else f"Critic: {text.half_sheep(critic)} of {MAX_SHEEP} sheep."
    )
    if everywhere:
        said.append(f"Everywhere: {text.average(everywhere)}. {_counts(everywhere)}.")
    if trend:
        listed = ", ".join(f"{count:,}" for count in trend.counts)
        said.append(f"{line(trend.label, LONGEST)}: {listed}.")
    return text.cut(" ".join(said), ALT)


def _counts(tally: Tally) -> str:
    return ", ".join(f"{sheep} sheep: {tally.counts[sheep - 1]:,}" for sheep in range(MAX_SHEEP, MIN_SHEEP - 1, -1))


def title(place: Place, limit: int) -> str:
    """A film's title; one of which nothing can be seen is told by the number of its review."""
    return line(place.title, limit) or f"Film {place.review_id}"


def line(words: str, limit: int) -> str:
    """One clean line, of characters that XML has."""
    return text.plain(_NOT_IN_XML.sub("", words), limit)
