"""Restoring a backup: what is refused, and what is left of the former database."""

# ruff: noqa: ASYNC240 - a test that blocks keeps nobody else on its loop waiting

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.errors import DatabaseError
from bot.ranking import Tally
from bot.store import backup
from tests.store.test_backup import COUNT, left_by_a_killed_bot, make, spoil, vote
from tests.store.tools import Sqlite, assert_tallies_are_true, opened, read_only
from tests.torture.damage import DAMAGES

if TYPE_CHECKING:
    from pathlib import Path


async def test_the_backup_is_in_place_and_the_former_database_beside_it(path: Path, kept: Path) -> None:
    await make(path, 5)
    spoil(path, "INSERT INTO meta VALUES ('commands_hash', 'of another version')")
    path.chmod(0o640)
    backup.back_up_closed(path, kept)
    async with opened(path) as store:
        (film, _) = [entry.review_id for entry in await store.reviews.shelf()]
        await store.votes.cast(20, film, 99, 1)

    done, aside = backup.restore(kept, path)

    assert aside
    assert done.votes == 5
    assert path.stat().st_mode & 0o777 == 0o640
    assert read_only(aside, COUNT) == [(6,)]
    assert read_only(kept, COUNT) == [(5,)]
    assert read_only(path, "SELECT * FROM meta WHERE key = 'commands_hash'") == []
    async with opened(path) as store:
        assert await store.votes.tally(10, film) == Tally((0, 0, 0, 5, 0))
        await store.votes.cast(10, film, 6, 4)
    await assert_tallies_are_true(Sqlite(path))


async def test_the_former_log_is_folded_in(path: Path, kept: Path) -> None:
    left = await left_by_a_killed_bot(path, 9)
    backup.back_up_closed(path, kept)

    _, aside = backup.restore(kept, left)

    assert aside
    assert {found.name for found in left.parent.iterdir()} <= {"x.db", aside.name, "x.db.lock"}
    assert read_only(aside, COUNT) == [(9,)]


async def test_where_there_was_none(path: Path, kept: Path, tmp_path: Path) -> None:
    await make(path, 5)
    backup.back_up_closed(path, kept)
    new = tmp_path / "new" / "y.db"

    done, aside = backup.restore(kept, new)

    assert (done.path, done.votes, aside) == (str(new), 5, None)
    async with opened(new) as store:
        assert len(await store.reviews.shelf()) == 2


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_damaged_database_and_its_log_are_kept_and_replaced(path: Path, kept: Path, damage: str) -> None:
    await make(path, 500)
    backup.back_up_closed(path, kept)
    DAMAGES[damage](path, path.stat().st_size)
    path.with_name("x.db-wal").write_bytes(b"no log")
    damaged = path.stat().st_size

    done, aside = backup.restore(kept, path)

    assert aside
    assert done.votes == 500
    assert aside.stat().st_size == damaged
    await make_sure_it_opens(path, 500)


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_damaged_backup_is_refused(path: Path, kept: Path, damage: str) -> None:
    await make(path, 500)
    backup.back_up_closed(path, kept)
    DAMAGES[damage](kept, kept.stat().st_size)

    await refused(kept, path, "damaged|malformed|not a database")


async def test_a_backup_of_a_newer_version_is_refused(path: Path, kept: Path) -> None:
    await make(path, 5)
    backup.back_up_closed(path, kept)
    spoil(kept, "INSERT INTO migrations VALUES (9999, '9999_wings.sql', 0)")

    await refused(kept, path, "made by a newer Sheepbot .schema 9999.")


@pytest.mark.parametrize("sql", ["CREATE TABLE migrations (version)", "CREATE TABLE votes (sheep)"])
async def test_another_programs_database_is_refused(path: Path, tmp_path: Path, sql: str) -> None:
    await make(path, 5)
    other = tmp_path / "other.db"
    spoil(other, sql)

    await refused(other, path, "not a database of Sheepbot's")


async def test_the_database_itself_is_refused(path: Path) -> None:
    await make(path, 5)

    await refused(path, path, "the database itself")


async def test_an_open_sqlite_is_left_alone(path: Path, kept: Path) -> None:
    async with opened(path) as store:
        films = await vote(store, 5)
        await store.back_up(kept)

        with pytest.raises(DatabaseError, match="in use"):
            backup.restore(kept, path)

        assert (await store.votes.cast(10, films[0], 6, 4)).tally.votes == 6


async def refused(path: Path, database: Path, why: str) -> None:
    """To restore is refused in one line, and changes nothing."""
    before = database.read_bytes()
    with pytest.raises(DatabaseError, match=why) as error:
        backup.restore(path, database)
    assert "\n" not in str(error.value)
    assert str(path) in str(error.value)
    assert database.read_bytes() == before
    assert not list(database.parent.glob("*.replaced-*"))
    await make_sure_it_opens(database)


async def make_sure_it_opens(path: Path, votes: int | None = None) -> None:
    """A start finds a sound database."""
    async with opened(path):
        pass
    assert read_only(path, "PRAGMA integrity_check") == [("ok",)]
    assert votes is None or read_only(path, COUNT) == [(votes,)]
