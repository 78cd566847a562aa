"""The simulated Discord that the journeys go through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.world import World, open_world

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path


@pytest.fixture
async def world(tmp_path: Path, reviews_path: Path) -> AsyncGenerator[World]:
    """A simulated Discord with the bot in it, on a new database."""
    async with open_world(tmp_path, reviews_path) as opened:
        yield opened


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """An empty folder for reviews, for a world on another shelf than the one that ships."""
    folder = tmp_path / "reviews"
    folder.mkdir()
    return folder
