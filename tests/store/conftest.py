"""The store on a new database, for each engine that it knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.store import Store, open_store
from tests.store.tools import ALL_ENGINES, ENGINES, Clock, Engine, shelve

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A SQLite file that is not there yet."""
    return tmp_path / "x.db"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Where backups go."""
    return tmp_path / "kept" / "copy.db"


@pytest.fixture(autouse=True)
def _nothing_unfinished(tmp_path: Path) -> Generator[None]:
    """Whatever becomes of a backup, no half of one is left."""
    yield
    assert not list(tmp_path.rglob("*.part*"))


@pytest.fixture(params=ALL_ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Engine]:
    """A database of each kind."""
    with ENGINES[request.param](tmp_path) as opened:
        yield opened


@pytest.fixture
async def store(engine: Engine) -> AsyncGenerator[Store]:
    """The open store."""
    opened = await open_store(engine.url)
    yield opened
    await opened.close()


@pytest.fixture
async def films(store: Store) -> list[int]:
    """The ids of three films on the shelf."""
    return await shelve(store, 3)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time by which votes and thoughts are written; it stands still unless moved."""
    standing = Clock()
    monkeypatch.setattr("bot.store.votes.time", standing)
    return standing
