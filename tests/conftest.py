"""What every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest

REVIEWS = Path(__file__).parent.parent / "data" / "reviews"


@pytest.fixture
def reviews_path() -> Path:
    """The folder of the reviews that ship."""
    return REVIEWS
