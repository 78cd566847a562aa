"""Bringing the shelf in line with the files: all of them where any changed, and none where none did."""

from __future__ import annotations

import asyncio
import logging
import os
from typing import TYPE_CHECKING

import pytest

from bot.app import FILES, READ, load_catalogue
from bot.store import open_store
from tests import postgres
from tests.store.tools import opened

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from bot.store import Store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    """The store, on SQLite."""
    async with opened(tmp_path / "x.db") as store:
        yield store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one review."""
    folder = tmp_path / "reviews"
    folder.mkdir()
    write(folder / "babe.md", "Babe")
    return folder


def write(path: Path, title: str) -> None:
    path.write_text(f"---\ntitle: {title}\n---\nIt is about sheep.\n", encoding="utf-8")


async def titles(store: Store, folder: Path, caplog: pytest.LogCaptureFixture) -> tuple[list[str], bool]:
    """The titles on the shelf after a start, and whether the files were read for it."""
    caplog.clear()
    caplog.set_level(logging.INFO)
    found = [title.title for title in await load_catalogue(store, folder)]
    return found, "files read" in caplog.text


async def test_files_that_did_not_change_are_not_read_again(
    store: Store, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert await titles(store, folder, caplog) == (["Babe"], True)
    assert await titles(store, folder, caplog) == (["Babe"], False)


async def test_any_change_of_the_files_is_seen(store: Store, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    await titles(store, folder, caplog)

    write(folder / "lamb.md", "Lamb")
    assert await titles(store, folder, caplog) == (["Babe", "Lamb"], True)
    # As long as before, and dated back: a copy that keeps the times looks like that.
    dated = (folder / "lamb.md").stat()
    write(folder / "lamb.md", "Rams")
    os.utime(folder / "lamb.md", ns=(dated.st_atime_ns, dated.st_mtime_ns))
    assert await titles(store, folder, caplog) == (["Babe", "Rams"], True)
    (folder / "lamb.md").rename(folder / "rams.md")
    assert await titles(store, folder, caplog) == (["Babe", "Rams"], True)
    (folder / "babe.md").unlink()
    assert await titles(store, folder, caplog) == (["Rams"], True)
    assert await titles(store, folder, caplog) == (["Rams"], False)


async def test_a_broken_file_is_reported_at_every_start(
    store: Store, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "broken.md").write_text("---\nsheep: 9\n---\n")
    (folder / "nowhere.md").symlink_to(folder / "not-there")
    for _ in range(2):
        assert await titles(store, folder, caplog) == (["Babe"], True)
        assert "broken.md" in caplog.text
        assert "nowhere.md" in caplog.text


@pytest.mark.skipif(bool(postgres.missing()), reason=postgres.missing())
async def test_of_many_processes_one_at_a_time_brings_the_shelf_in_line(folder: Path) -> None:
    with postgres.server().database() as name:
        one, other = [await open_store(postgres.server().url(name)) for _ in range(2)]
        async with other.leases.held(FILES, READ):
            loading = asyncio.create_task(load_catalogue(one, folder))
            await asyncio.wait({loading}, timeout=1)
            assert await other.reviews.shelf() == []
        assert len(await loading) == 1
        await one.close()
        await other.close()
