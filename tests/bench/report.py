"""What the benchmark finds, and how it is shown.

A figure by itself says more of the machine than of the bot. Every measure is
therefore taken beside its floor, the least that its work can be done with, and its
peer, what most bots of this kind do: in the same run, in turns, several times.
What counts is the median of the ratios of each turn.
"""

from __future__ import annotations

import json
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
    from pathlib import Path

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured.

    Attributes:
        repetitions: So many times each measure is taken, in turns with its floor and its peer.
        share: Of the work in one repetition, so great a part is done; 1 is the usual.
        votes: On so many votes the leaderboards are read.
    """

    repetitions: int
    share: float
    votes: int

    def of(self, amount: float) -> int:
        """So much of a usual amount of work, 1 at the least."""
        return max(1, round(amount * self.share))

    @property
    def warms(self) -> bool:
        """Whether so much is done that what fills caches at first does not count."""
        return self.share >= 1


USUAL = Size(repetitions=5, share=1.0, votes=10**6)
QUICK = Size(repetitions=3, share=0.2, votes=10**5)
SCALE = Size(repetitions=5, share=1.0, votes=10**7)


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the table.

    Attributes:
        value: The median of the repetitions, in ``unit``; so are ``floor`` and ``peer``.
        ratio_to_floor: The median of the ratios to the floor, one a repetition; ``ratio_to_peer`` alike.
        goal: What it is to be, in words.
        met: Whether it is; None where there is no goal.
    """

    name: str
    value: float
    unit: str
    floor: float | None
    peer: float | None
    ratio_to_floor: float | None
    ratio_to_peer: float | None
    goal: str
    met: bool | None


@dataclass(frozen=True, slots=True)
class Goal:
    """What a measure is to be; a bound that is None does not bind. Every bound is inclusive."""

    value_at_most: float | None = None
    value_at_least: float | None = None
    floor_at_most: float | None = None
    floor_at_least: float | None = None
    peer_at_most: float | None = None
    peer_at_least: float | None = None

    def __str__(self) -> str:
        bounds = (
            ("≤ {:g}", self.value_at_most),
            ("≥ {:g}", self.value_at_least),
            ("≤ {:g} x floor", self.floor_at_most),
            ("≥ {:g} x floor", self.floor_at_least),
            ("≤ {:g} x peer", self.peer_at_most),
            ("≥ {:g} x peer", self.peer_at_least),
        )
        return ", ".join(said.format(bound) for said, bound in bounds if bound is not None)

    def met(self, value: float, to_floor: float | None, to_peer: float | None) -> bool | None:
        """Whether the bounds hold; None where there is none."""
        verdicts = [
            found is not None and sign * found <= sign * bound
            for found, sign, bound in (
                (value, 1, self.value_at_most),
                (value, -1, self.value_at_least),
                (to_floor, 1, self.floor_at_most),
                (to_floor, -1, self.floor_at_least),
                (to_peer, 1, self.peer_at_most),
                (to_peer, -1, self.peer_at_least),
            )
            if bound is not None
        ]
        return all(verdicts) if verdicts else None


async def in_turns(
    contenders: Mapping[str, Callable[[int], Awaitable[Found]]], repetitions: int
) -> dict[str, list[Found]]:
    """What each contender, called with the number of the turn, found in each; every other turn goes backwards."""
    found: dict[str, list[Found]] = {name: [] for name in contenders}
    for turn in range(repetitions):
        for name in list(contenders)[:: -1 if turn % 2 else 1]:
            found[name].append(await contenders[name](turn))
    return found


def measured(
    name: str,
    unit: str,
    values: Sequence[float],
    *,
    floors: Sequence[float] = (),
    peers: Sequence[float] = (),
    goal: Goal | None = None,
) -> Measure:
    """The medians of repetitions.

    Args:
        floors: What the floor did, in the same turns as ``values``; empty where there is none.
        peers: What the peer did, likewise.
    """
    goal = goal or Goal()
    value = statistics.median(values)
    to_floor = _ratio(values, floors)
    to_peer = _ratio(values, peers)
    return Measure(
        name=name,
        value=value,
        unit=unit,
        floor=statistics.median(floors) if floors else None,
        peer=statistics.median(peers) if peers else None,
        ratio_to_floor=to_floor,
        ratio_to_peer=to_peer,
        goal=str(goal),
        met=goal.met(value, to_floor, to_peer),
    )


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest of the values that so great a share of them does not exceed (nearest rank)."""
    ascending = sorted(values)
    return ascending[max(0, -int(-len(ascending) * share // 1) - 1)]


def table(found: Sequence[Measure]) -> str:
    """The measures as Markdown."""
    rows = [("", "measure", "value", "unit", "floor", "peer", "÷ floor", "÷ peer", "goal")]
    rows += [
        (
            {True: "✓", False: "✗", None: ""}[one.met],
            one.name,
            _figure(one.value),
            one.unit,
            _figure(one.floor),
            _figure(one.peer),
            _figure(one.ratio_to_floor),
            _figure(one.ratio_to_peer),
            one.goal,
        )
        for one in found
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def write(found: Sequence[Measure], path: Path) -> None:
    """Write the measures as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fields = Measure.__slots__
    rows = [{name: getattr(one, name) for name in fields} for one in found]
    path.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _ratio(values: Sequence[float], others: Sequence[float]) -> float | None:
    if not others:
        return None
    return statistics.median(value / other for value, other in zip(values, others, strict=True))


def _figure(value: float | None) -> str:
    """Three significant digits, and thousands in full."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
