"""The benchmark itself: its arithmetic, and that each of its subjects still runs."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import pytest

from tests.bench.__main__ import SUBJECTS
from tests.bench.report import Goal, Size, measured, percentile, table, write

if TYPE_CHECKING:
    from pathlib import Path

SMALLEST = Size(repetitions=1, share=0.02, votes=10**4)


def test_what_counts_is_the_median_of_the_ratios_of_each_turn() -> None:
    found = measured("speed", "/s", [10, 30, 20], floors=[10, 10, 40], peers=[1, 2, 5], goal=Goal(floor_at_least=0.9))

    assert (found.value, found.floor, found.peer) == (20, 10, 2)
    assert (found.ratio_to_floor, found.ratio_to_peer) == (1, 10)
    assert found.goal == "≥ 0.9 x floor"
    assert found.met is True


@pytest.mark.parametrize(
    ("goal", "met"),
    [
        (Goal(), None),
        (Goal(value_at_most=2), True),
        (Goal(value_at_most=1.9), False),
        (Goal(value_at_least=2), True),
        (Goal(value_at_least=2.1), False),
        (Goal(floor_at_most=4, peer_at_least=0.5), True),
        (Goal(floor_at_most=4, peer_at_least=0.6), False),
        (Goal(floor_at_most=3.9), False),
        (Goal(floor_at_least=4.1), False),
        (Goal(peer_at_most=0.4), False),
    ],
)
def test_a_goal_is_met_when_all_of_its_bounds_hold(goal: Goal, met: bool | None) -> None:  # noqa: FBT001 - a case
    assert measured("x", "s", [2], floors=[0.5], peers=[4], goal=goal).met is met


def test_a_goal_beside_a_floor_that_was_not_measured_is_not_met() -> None:
    assert measured("x", "s", [2], goal=Goal(floor_at_most=3)).met is False


def test_percentiles_are_values_that_occurred() -> None:
    values = [float(value) for value in range(100, 0, -1)]

    assert [percentile(values, share) for share in (0.0, 0.5, 0.99, 1.0)] == [1, 50, 99, 100]


def test_the_table_and_the_file_say_the_same(tmp_path: Path) -> None:
    found = [measured("speed", "/s", [1234.5], floors=[1000], goal=Goal(floor_at_least=2)), measured("size", "", [7])]
    write(found, tmp_path / "build" / "bench.json")

    rows = json.loads((tmp_path / "build" / "bench.json").read_text())
    assert rows[0] == {
        "name": "speed", "value": 1234.5, "unit": "/s", "floor": 1000, "peer": None,
        "ratio_to_floor": 1.2345, "ratio_to_peer": None, "goal": "≥ 2 x floor", "met": False,
    }  # fmt: skip
    assert [row["met"] for row in rows] == [False, None]
    _, _, first, second = table(found).splitlines()
    assert first.split("|")[1:5] == [" ✗ ", " speed   ", " 1,234 ", " /s   "]
    assert second.split("|")[2:4] == [" size    ", " 7     "]


@pytest.mark.usefixtures("uncovered_processes")
@pytest.mark.parametrize("subject", SUBJECTS)
async def test_every_subject_runs(subject: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.bench.titles.TITLES", 5_000)
    found = await SUBJECTS[subject](tmp_path, SMALLEST)

    assert found
    for one in found:
        assert math.isfinite(one.value)
        assert one.floor is None or one.floor > 0
