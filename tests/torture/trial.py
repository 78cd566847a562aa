"""A trial: one scenario played so many times, what it came to, and how that is shown."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence
    from pathlib import Path


@dataclass
class Trial:
    """What a scenario is given, and where it writes down what it found.

    Attributes:
        folder: An empty folder of its own.
        rounds: How many times the scenario is to be played at the most.
        on_round: Called after each round.
        played: How many times it was.
        acknowledged: The acknowledged votes and thoughts that were looked for.
        lost: Those of them that were not there.
        wrong: What was there and should not have been: a vote that nobody sent or that was refused, a tally that is
            not the sum of its votes, a damaged file.
        faults: What else did not happen as it must, and a line for each that was lost or wrong.
        not_run: Why the scenario cannot be played here; empty where it can.
    """

    folder: Path
    dice: random.Random
    rounds: int
    on_round: Callable[[Trial], object] = lambda _: None
    played: int = 0
    acknowledged: int = 0
    lost: int = 0
    wrong: int = 0
    faults: list[str] = field(default_factory=list[str])
    not_run: str = ""

    @property
    def passed(self) -> bool:
        return not (self.lost or self.wrong or self.faults)

    def expect(self, held: object, otherwise: str) -> None:
        """Note a fault where something that must hold does not."""
        if not held:
            self.faults.append(f"round {self.played + 1}: {otherwise}")

    def finds_lost(self, what: str) -> None:
        self.lost += 1
        self.expect(held=False, otherwise=f"lost: {what}")

    def finds_wrong(self, what: str) -> None:
        self.wrong += 1
        self.expect(held=False, otherwise=f"wrong: {what}")

    def ends_round(self) -> None:
        self.played += 1
        self.on_round(self)

    def summary(self) -> str:
        """The first of the faults, or why nothing was played."""
        if not self.faults:
            return self.not_run and f"not run: {self.not_run}"
        more = f" (and {len(self.faults) - 1} more)" if len(self.faults) > 1 else ""
        return self.faults[0].replace("\n", " ").replace("|", "/")[:200] + more


def table(trials: dict[str, Trial]) -> str:
    """The trials as Markdown."""
    rows = [("", "scenario", "rounds", "acknowledged votes checked", "lost", "wrong", "note")]
    rows += [
        (
            "" if one.not_run else "✓" if one.passed else "✗",
            name,
            f"{one.played}",
            f"{one.acknowledged:,}",
            f"{one.lost}",
            f"{one.wrong}",
            one.summary(),
        )
        for name, one in trials.items()
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def verdict(trials: dict[str, Trial]) -> tuple[str, int]:
    """What all trials came to in one line, and what to exit with: 1 if one failed, 2 if some were only not played."""
    counts = {
        "failed": [name for name, one in trials.items() if not one.passed],
        "not run": [name for name, one in trials.items() if one.not_run],
    }
    told = "; ".join(f"{what}: {', '.join(names)}" for what, names in counts.items() if names)
    return told or "all passed", 1 if counts["failed"] else 2 if counts["not run"] else 0


def write(trials: dict[str, Trial], seed: int, path: Path) -> None:
    """Write the trials as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kept: Sequence[str] = ("played", "acknowledged", "lost", "wrong", "faults", "not_run")
    rows = [{"scenario": name} | {key: getattr(one, key) for key in kept} for name, one in trials.items()]
    text = json.dumps({"seed": seed, "scenarios": rows}, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
