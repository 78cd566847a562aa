"""Every scenario in short; ``python -m tests.torture`` plays them at length."""

from __future__ import annotations

import random
import secrets
from typing import TYPE_CHECKING

import pytest

from tests.torture.scenarios import SCENARIOS
from tests.torture.trial import Trial

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.usefixtures("uncovered_processes")
@pytest.mark.parametrize("name", SCENARIOS)
async def test_nothing_acknowledged_is_lost(name: str, tmp_path: Path) -> None:
    scenario = SCENARIOS[name]
    if reason := scenario.lacking():
        pytest.skip(reason)
    seed = secrets.randbelow(10**6)
    one = Trial(tmp_path, random.Random(f"{seed} {name}"), scenario.short)  # noqa: S311 - any moment will do

    await scenario.play(one)

    assert one.played == scenario.short
    assert one.faults == [], f"seed {seed}"
    assert (one.lost, one.wrong) == (0, 0)
