"""Looking at a database from outside: what is wrong with it is told, and it stays as it was."""

# ruff: noqa: ASYNC240 - the files are looked at while nothing else runs

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from bot.findings import Finding, Mark
from bot.store import open_store
from bot.store.checks import examine, sqlite
from tests.store.test_sqlite import as_somebody
from tests.store.tools import Sqlite, shelve
from tests.torture.disks import lacking, small_disk

if TYPE_CHECKING:
    from collections.abc import Generator


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database is, or is to be."""
    return tmp_path / "x.db"


@pytest.fixture
def public() -> Generator[Path]:
    """A folder that everybody may look into; pytest's own are for their owner alone."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)
        Path(folder).chmod(0o777)


async def make(path: Path) -> None:
    """A database with a film, as a bot leaves it."""
    store = await open_store(Sqlite(path).url)
    await shelve(store, 1)
    await store.close()


def run(path: Path, sql: str) -> None:
    """Change a database behind the bot's back."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(sql)


def look(path: Path) -> dict[str, Finding]:
    """What is found, by what it is about."""
    return {finding.about: finding for finding in examine(Sqlite(path).url)}


def bad(path: Path, about: str) -> Finding:
    """The one thing that is bad, with its fix."""
    found = look(path)
    assert [finding.about for finding in found.values() if finding.mark is Mark.BAD] == [about]
    assert found[about].fix
    return found[about]


async def test_a_sound_database_stays_as_it_is(path: Path) -> None:
    await make(path)
    before = {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in path.parent.iterdir()}

    assert {finding.mark for finding in look(path).values()} == {Mark.GOOD}

    assert {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in path.parent.iterdir()} == before


async def test_one_that_is_in_use_is_asked_beside_its_owner(path: Path) -> None:
    store = await open_store(Sqlite(path).url)
    try:
        assert "in use by a running Sheepbot, and answers" in look(path)["Database"].said
        await store.meta.set("sheep", "white")
        assert await store.meta.get("sheep") == "white"
    finally:
        await store.close()


async def test_one_that_is_in_use_and_of_a_newer_version(path: Path) -> None:
    store = await open_store(Sqlite(path).url)
    try:
        run(path, "INSERT INTO migrations VALUES (9999, '9999_wings.sql', 0)")
        assert "newer Sheepbot (schema 9999)" in bad(path, "Database").said
    finally:
        await store.close()


async def test_an_older_schema_is_no_fault(path: Path) -> None:
    await make(path)
    run(path, "DELETE FROM migrations WHERE version = (SELECT max(version) FROM migrations)")

    found = look(path)["Database"]

    assert found.mark is Mark.GOOD
    assert ", the next start makes it " in found.said


def test_one_that_is_not_there_yet(path: Path) -> None:
    found = look(path.parent / "new" / "x.db")

    assert found["Database"].mark is Mark.NOTE
    assert found["Writing"].mark is found["Disk"].mark is Mark.GOOD
    assert not list(path.parent.iterdir())


async def test_one_that_is_gone_while_its_log_is_not(path: Path) -> None:
    path.with_name("x.db-wal").write_bytes(b"what was not folded in yet")

    assert "is gone, and x.db-wal is not" in bad(path, "Database").said


def test_an_empty_file(path: Path) -> None:
    path.touch()

    assert "is an empty file" in bad(path, "Database").said


def test_a_text_file(path: Path) -> None:
    path.write_text("Sheep are nice.\n" * 1000)

    assert "file is not a database" in bad(path, "Database").said


def test_another_programs_database(path: Path) -> None:
    run(path, "CREATE TABLE recipes (title TEXT)")

    assert "is not a database of Sheepbot's" in bad(path, "Database").said


@pytest.mark.parametrize("part", [0.9, 0.5, 0.001])
async def test_one_that_was_cut_off(path: Path, part: float) -> None:
    await make(path)
    os.truncate(path, int(path.stat().st_size * part))

    assert "is damaged" in bad(path, "Database").said


async def test_votes_that_do_not_add_up(path: Path) -> None:
    await make(path)
    run(path, "INSERT INTO tallies (guild_id, review_id, n5) VALUES (10, 1, 7)")

    assert "do not add up" in bad(path, "Database").said


async def test_one_that_another_program_has_locked(path: Path) -> None:
    await make(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("DELETE FROM meta")

        found = bad(path, "Database")

    assert "locked" in found.said
    assert "no other program" in found.fix


async def test_one_that_is_too_large_to_be_read_in_time(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await make(path)
    run(
        path,
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
        " INSERT INTO votes (guild_id, review_id, member_id, sheep, created_at, updated_at)"
        " SELECT 10, 1, i, 5, 0, 0 FROM n",
    )
    assert "sound: 20,000 votes" in look(path)["Database"].said
    monkeypatch.setattr(sqlite, "READ_SECONDS", 0)

    found = look(path)["Database"]

    assert found.mark is Mark.NOTE
    assert "too large" in found.said


async def test_an_sqlite_that_is_too_old(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "OLDEST_SQLITE", (99, 0))

    assert "needs 99.0 or newer" in bad(path, "Database").said


# Permissions and disks


async def test_a_folder_that_can_only_be_read(public: Path) -> None:
    await make(public / "x.db")
    public.chmod(0o555)

    with as_somebody():
        found = look(public / "x.db")

    assert found["Writing"].mark is Mark.BAD
    assert "cannot be written to: Permission denied" in found["Writing"].said
    assert "DATABASE_URL" in found["Writing"].fix


async def test_a_database_that_can_only_be_read(public: Path) -> None:
    path = public / "x.db"
    await make(path)
    path.chmod(0o444)
    path.with_name("x.db.lock").chmod(0o666)

    with as_somebody():
        assert f"{path} cannot be written to" in bad(path, "Writing").said


async def test_a_database_of_somebody_else(public: Path) -> None:
    path = public / "x.db"
    await make(path)
    for file in public.iterdir():
        file.chmod(0o000)

    with as_somebody():
        found = look(path)

    assert found["Writing"].mark is found["Database"].mark is Mark.BAD
    assert "x.db.lock cannot be opened" in found["Database"].said


async def test_a_database_that_cannot_be_read(public: Path) -> None:
    path = public / "x.db"
    await make(path)
    path.chmod(0o000)
    path.with_name("x.db.lock").unlink()

    with as_somebody():
        assert "cannot be read" in look(path)["Database"].said


def test_a_path_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("Not a folder.")

    assert "Not a directory" in bad(tmp_path / "file" / "x.db", "Writing").said


def test_a_folder(tmp_path: Path) -> None:
    assert "is a folder" in look(tmp_path)["Writing"].said


@pytest.mark.skipif(bool(lacking()), reason=lacking())
async def test_a_disk_with_little_room(tmp_path: Path) -> None:
    with small_disk(tmp_path) as disk:
        await make(disk / "x.db")

        assert "no vote can be stored" in bad(disk / "x.db", "Disk").fix


async def test_a_disk_without_room_for_a_backup(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await make(path)
    room = shutil.disk_usage(path.parent).free
    monkeypatch.setattr(sqlite, "RESERVE", room - room // 4)
    os.truncate(path, room)  # which takes no room on disk, as it is a hole

    found = look(path)["Disk"]

    assert found.mark is Mark.NOTE
    assert "a backup has no room" in found.fix
