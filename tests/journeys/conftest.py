"""The simulated Discord that the journeys go through."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pytest

from bot.app import open_bot
from tests.conftest import REVIEWS
from tests.journeys.world import World, open_world
from tests.store.tools import ALL_ENGINES, ENGINES, Engine, Sqlite, file_after

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from pathlib import Path


ON_ONE_ENGINE = frozenset(
    (
        *("diagnose", "errors", "feeds_held", "forged", "grid", "help", "hostile_text", "imports"),
        *("pictures", "posts", "publish", "published", "review", "start"),
    )
)
"""Journeys about what no database decides: they are gone through on SQLite alone."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Go through a journey on each engine, where that may make a difference."""
    if "engine" in metafunc.fixturenames:
        topic = metafunc.definition.path.stem.removeprefix("test_")
        metafunc.parametrize("engine", ALL_ENGINES[:1] if topic in ON_ONE_ENGINE else ALL_ENGINES, indirect=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Engine]:
    """A new database."""
    with ENGINES[request.param](tmp_path) as opened:
        yield opened


@functools.cache
def _shelved() -> bytes:
    """A SQLite file with the reviews that ship on its shelf."""

    async def start(new: Sqlite) -> None:
        async with open_bot(new.url, str(REVIEWS)):
            pass

    return file_after(start)


@pytest.fixture
async def world(engine: Engine, reviews_path: Path) -> AsyncGenerator[World]:
    """A simulated Discord with the bot in it, on a database that holds no more than the reviews that ship."""
    if isinstance(engine, Sqlite):
        engine.path.write_bytes(_shelved())
    async with open_world(engine, reviews_path) as opened:
        yield opened


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """An empty folder for reviews, for a world on another shelf than the one that ships."""
    folder = tmp_path / "reviews"
    folder.mkdir()
    return folder
