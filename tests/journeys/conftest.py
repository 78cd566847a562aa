"""The simulated Discord that the journeys go through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.world import World, open_world
from tests.store.tools import ALL_ENGINES, ENGINES, Engine

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from pathlib import Path


@pytest.fixture(params=ALL_ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Engine]:
    """A new database."""
    with ENGINES[request.param](tmp_path) as opened:
        yield opened


@pytest.fixture
async def world(engine: Engine, reviews_path: Path) -> AsyncGenerator[World]:
    """A simulated Discord with the bot in it, on a new database."""
    async with open_world(engine, reviews_path) as opened:
        yield opened


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """An empty folder for reviews, for a world on another shelf than the one that ships."""
    folder = tmp_path / "reviews"
    folder.mkdir()
    return folder
