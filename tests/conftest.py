"""What every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("unhurried", deadline=None)  # a busy machine is no failure; pytest has its own timeout
settings.load_profile("unhurried")

REVIEWS = Path(__file__).parent.parent / "data" / "reviews"


@pytest.fixture
def reviews_path() -> Path:
    """The folder of the reviews that ship."""
    return REVIEWS


@pytest.fixture
def uncovered_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start processes without counting what they run of the code: they do over and over what others do once."""
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
