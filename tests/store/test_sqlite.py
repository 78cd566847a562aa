"""The SQLite file: how it is opened, locked, migrated, looked after and let go, and what a killed process leaves."""

# ruff: noqa: ASYNC240 - a test that blocks keeps nobody else on its loop waiting

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sqlite3
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from bot.errors import ConfigError, DatabaseError, StoreError
from bot.ranking import Tally
from bot.store import migrations, open_store, sqlite
from bot.store.migrations import Migration
from bot.store.sqlite import SqliteDatabase, open_sqlite, split
from tests.store.tools import SOURCE, Sqlite, film, opened, read_only, shelve

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

    from tests.store.tools import Row

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
async def database(path: Path) -> AsyncGenerator[SqliteDatabase]:
    """An open database, without the verbs."""
    opened = await open_sqlite(path)
    yield opened
    await opened.close()


async def open_and_close(path: Path) -> None:
    """A start and a stop."""
    async with opened(path):
        pass


async def make(path: Path) -> None:
    """Leave a database with some films behind."""
    async with opened(path) as store:
        await store.reviews.sync(SOURCE, [film(f"film-{number}") for number in range(300)])


def as_checkpointed(path: Path, sql: str) -> list[Row]:
    """What the database file itself holds, without the write-ahead log beside it."""
    alone = path.with_name("alone.db")
    shutil.copyfile(path, alone)
    with closing(sqlite3.connect(alone)) as connection:
        return connection.execute(sql).fetchall()


class TestOpen:
    """A good start."""

    @pytest.mark.parametrize(
        ("pragma", "value"),
        [
            ("journal_mode", "wal"),
            ("synchronous", 2),  # FULL
            ("foreign_keys", 1),
            ("trusted_schema", 0),
            ("wal_autocheckpoint", 0),
            ("journal_size_limit", sqlite.WAL_LIMIT_BYTES),
            ("busy_timeout", 2000),
        ],
    )
    async def test_the_pragmas_are_in_force(self, database: SqliteDatabase, pragma: str, value: str | int) -> None:
        assert await database.fetch(f"PRAGMA {pragma}") == [(value,)]

    async def test_every_table_is_strict(self, database: SqliteDatabase) -> None:
        tables = await database.fetch("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'")

        assert {name for name, strict in tables if not strict} == {"sqlite_schema"}

    async def test_a_folder_that_is_not_there_yet_is_made(self, tmp_path: Path) -> None:
        path = tmp_path / "a" / "b" / "x.db"

        await open_and_close(path)

        assert path.exists()

    async def test_what_was_stored_is_there_after_a_restart(self, path: Path) -> None:
        async with opened(path) as store:
            (review,) = await shelve(store, 1)
            await store.votes.cast(10, review, 1, 4)

        async with opened(path) as store:
            assert await store.votes.tally(10, review) == Tally((0, 0, 0, 1, 0))

    @pytest.mark.parametrize("url", ["", "sqlite:///", "sqlite://", "x.db", "mysql://localhost/x", "SQLITE:///x.db"])
    async def test_a_url_that_names_no_database_is_refused_with_the_form_it_should_have(self, url: str) -> None:
        with pytest.raises(ConfigError, match=r"sqlite:///data/sheepbot\.db"):
            await open_store(url)

    async def test_numbers_that_sqlite_cannot_hold_are_a_store_error(self, database: SqliteDatabase) -> None:
        with pytest.raises(StoreError):
            await database.fetch("SELECT $1", 2**63)


class TestOneProcess:
    """Two processes on one WAL database can corrupt it."""

    async def test_a_second_store_in_this_process_is_refused(self, path: Path) -> None:
        async with opened(path):
            with pytest.raises(DatabaseError, match="in use by another Sheepbot") as refused:
                await open_store(Sqlite(path).url)

        assert str(path) in str(refused.value)

    async def test_a_second_process_is_refused_until_the_first_lets_go(self, path: Path) -> None:
        async with opened(path):
            assert "in use by another Sheepbot" in await _child_opens(path)

        assert await _child_opens(path) == "opened"

    async def test_another_name_of_the_same_file_is_refused_too(self, path: Path) -> None:
        link = path.with_name("link.db")
        link.symlink_to(path)
        async with opened(path):
            for other in (link, path.parent / "nowhere" / ".." / path.name):
                with pytest.raises(DatabaseError, match="in use by another Sheepbot"):
                    await open_and_close(other)

    async def test_a_relative_path_and_an_absolute_one_are_the_same_file(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(path.parent)
        async with opened(Path("x.db")):
            with pytest.raises(DatabaseError, match="in use by another Sheepbot"):
                await open_and_close(path)

    async def test_the_first_is_not_harmed_by_the_refusal(self, path: Path) -> None:
        async with opened(path) as store:
            (review,) = await shelve(store, 1)
            await _child_opens(path)

            assert (await store.votes.cast(10, review, 1, 4)).tally.votes == 1

    async def test_after_a_failed_open_the_file_is_free_again(self, path: Path) -> None:
        path.touch()
        with pytest.raises(DatabaseError):
            await open_store(Sqlite(path).url)
        path.unlink()

        await open_and_close(path)

    async def test_after_an_open_that_was_cancelled_the_file_is_free_again(self, path: Path) -> None:
        for turns in range(25):
            opening = asyncio.create_task(open_sqlite(path))
            for _ in range(turns):
                await asyncio.sleep(turns / 25_000)
            opening.cancel()
            done = (await asyncio.gather(opening, return_exceptions=True))[0]
            if isinstance(done, SqliteDatabase):
                await done.close()

            await (await open_sqlite(path)).close()


async def _child_opens(path: Path) -> str:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.store.child",
        "open",
        Sqlite(path).url,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await child.communicate()
    return said.decode()


@pytest.fixture
def public_folder() -> Generator[Path]:
    """A folder that everybody may look into and write to; pytest's own are for their owner alone."""
    with TemporaryDirectory() as folder:
        path = Path(folder)
        path.chmod(0o777)
        yield path
        path.chmod(0o777)


@contextmanager
def as_somebody() -> Generator[None]:
    """Whoever runs the tests, but not root, who may do everything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


class TestUnfitFiles:
    """What cannot be used is refused in one sentence that names it, and is left as it was."""

    async def test_an_empty_file(self, path: Path) -> None:
        path.touch()

        await self._refused(path, "is an empty file")

        assert path.stat().st_size == 0

    async def test_a_text_file(self, path: Path) -> None:
        path.write_text("Sheep are nice.\n" * 1000)

        await self._refused(path, "not a database")

        assert path.read_text() == "Sheep are nice.\n" * 1000

    @pytest.mark.parametrize("part", [0.9, 0.5, 0.1, 0.001])
    async def test_a_truncated_database(self, path: Path, part: float) -> None:
        await make(path)
        os.truncate(path, int(path.stat().st_size * part))

        await self._refused(path, "malformed|not a database|corrupt")

    async def test_a_folder(self, path: Path) -> None:
        path.mkdir()

        await self._refused(path, "is a folder")

        assert [found.name for found in path.parent.iterdir()] == [path.name]

    async def test_the_root_folder(self) -> None:
        await self._refused(Path("/"), "is a folder")

    async def test_a_path_below_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("Not a folder.")

        await self._refused(tmp_path / "file" / "x.db", "cannot be written to")

    @pytest.mark.skipif(not Path("/proc/self").exists(), reason="no /proc: where even root can make no folder")
    async def test_a_folder_that_cannot_be_made(self) -> None:
        await self._refused(Path("/proc/nowhere/x.db"), "cannot be written to")

    async def test_a_folder_that_can_only_be_read(self, public_folder: Path) -> None:
        public_folder.chmod(0o555)

        with as_somebody():
            await self._refused(public_folder / "x.db", "cannot be written to")

    async def test_a_database_that_can_only_be_read(self, public_folder: Path) -> None:
        path = public_folder / "x.db"
        await make(path)
        path.chmod(0o444)

        with as_somebody():
            path.with_name("x.db.lock").unlink()
            await self._refused(path, "readonly")

        path.chmod(0o644)
        await open_and_close(path)

    async def test_a_database_of_a_newer_version(self, path: Path) -> None:
        await make(path)
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("INSERT INTO migrations VALUES (9999, '9999_wings.sql', 0)")

        await self._refused(path, "made by a newer Sheepbot .schema 9999.")

    async def _refused(self, path: Path, why: str) -> None:
        with pytest.raises(DatabaseError, match=why) as refused:
            await open_and_close(path)
        assert str(path.parent) in str(refused.value)
        assert "\n" not in str(refused.value)


class TestMigrations:
    """Each once and in order, whole or not at all."""

    async def test_each_is_recorded_and_none_is_applied_twice(self, path: Path) -> None:
        await open_and_close(path)
        records = read_only(path, "SELECT version, name, applied_at FROM migrations ORDER BY version")

        await open_and_close(path)

        assert read_only(path, "SELECT version, name, applied_at FROM migrations ORDER BY version") == records
        assert [row[:2] for row in records] == [(step.version, step.name) for step in migrations.load("sqlite")]
        assert all(abs(row[2] - time.time()) < 60 for row in records)

    async def test_an_older_database_is_brought_up_to_date(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        await make(path)
        self._add(monkeypatch, "CREATE TABLE wings (feathers INTEGER) STRICT;\nINSERT INTO wings VALUES (7);\n")

        for _ in range(2):
            await open_and_close(path)

        assert read_only(path, "SELECT * FROM wings") == [(7,)]
        assert read_only(path, "SELECT count(*) FROM reviews") == [(300,)]
        assert read_only(path, "SELECT name FROM migrations WHERE version = 9000") == [("9000_wings.sql",)]

    @pytest.mark.parametrize(
        "script",
        [
            pytest.param("CREATE TABLE wings (feathers INTEGER);\nINSERT INTO nowhere VALUES (1);\n", id="at the end"),
            pytest.param(
                "CREATE TABLE wings (feathers INTEGER);\nINSERT INTO migrations VALUES (9000, 'mine', 0);\n",
                id="at its record",
            ),
            pytest.param("CREATE TABLE wings (feathers INTEGER);\nINSERT INTO wings VALUES (1", id="cut off"),
        ],
    )
    async def test_of_one_that_fails_nothing_remains(
        self, path: Path, monkeypatch: pytest.MonkeyPatch, script: str
    ) -> None:
        await make(path)
        self._add(monkeypatch, script)

        with pytest.raises(DatabaseError, match="cannot be used"):
            await open_and_close(path)

        assert read_only(path, "SELECT name FROM sqlite_schema WHERE name = 'wings'") == []
        assert read_only(path, "SELECT * FROM migrations WHERE version >= 9000") == []
        monkeypatch.undo()
        await open_and_close(path)

    async def test_those_before_one_that_fails_remain(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._add(monkeypatch, "INSERT INTO nowhere VALUES (1);")

        with pytest.raises(DatabaseError, match="no such table: nowhere"):
            await open_and_close(path)

        assert read_only(path, "SELECT max(version) FROM migrations") == [(migrations.load("sqlite")[-2].version,)]

    @staticmethod
    def _add(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
        history = [*migrations.load("sqlite"), Migration(9000, "9000_wings.sql", script)]

        def load(_: str) -> list[Migration]:
            return history

        monkeypatch.setattr(migrations, "load", load)


class TestSplit:
    """Cutting a script into statements."""

    @pytest.mark.parametrize(
        "statements",
        [
            pytest.param(["CREATE TABLE a (x);", "CREATE TABLE b (x);"], id="plain"),
            pytest.param(
                [
                    "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n UPDATE b SET x = CASE x WHEN 1 THEN 2 END;\nEND;",
                    "DROP TABLE a;",
                ],
                id="trigger",
            ),
            pytest.param(["-- first; then\nCREATE TABLE a (\n  x -- is; it\n);", "SELECT 1;"], id="line comment"),
            pytest.param(["/* one;\n two; */ CREATE TABLE a (x);", "SELECT 2;"], id="block comment"),
            pytest.param(["INSERT INTO a VALUES ('one; two;\nthree', \";\", [;]);", "SELECT 3;"], id="quotes"),
            pytest.param(["INSERT INTO a VALUES ('it''s; so');", "SELECT 4;"], id="doubled quote"),
            pytest.param(["SELECT 1;", "SELECT 2"], id="no semicolon at the end"),
        ],
    )
    @pytest.mark.parametrize("between", ["\n", " ", "\n\n\n"], ids=["lines", "one line", "blank lines"])
    def test_every_statement_is_found_whole(self, statements: list[str], between: str) -> None:
        assert [one.strip() for one in split(between.join(statements))] == statements

    @pytest.mark.parametrize("script", ["", "\n\n", "SELECT 1;\n\n", "SELECT 1; -- done; really\n"])
    def test_what_is_no_statement_can_be_run_all_the_same(self, script: str) -> None:
        with closing(sqlite3.connect(":memory:")) as connection:
            for statement in split(script):
                connection.execute(statement)

    def test_the_schema_is_cut_without_loss(self) -> None:
        for step in migrations.load("sqlite"):
            assert "".join(split(step.sql)).strip() == step.sql.strip()
            assert all(sqlite3.complete_statement(statement) for statement in split(step.sql))


class TestCheckpoints:
    """The log is folded into the file when nobody waits, or at last all the same."""

    async def test_an_idle_moment_is_used_once_enough_was_written(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sqlite, "CHECKPOINT_WHEN_IDLE", 4)
        await open_and_close(path)
        async with opened(path) as store:
            (review,) = await shelve(store, 1)
            behind: list[int] = []
            for member in range(1, 17):
                await store.votes.cast(10, review, member, 4)
                await asyncio.sleep(0)
                await store.meta.get("anything")  # queued behind the checkpoint, where there is one
                (folded_in,) = as_checkpointed(path, "SELECT count(*) FROM votes")[0]
                behind.append(member - folded_in)

            assert max(behind) == 3
            assert behind.count(0) == 4

    async def test_while_the_writer_is_never_idle_it_is_done_at_last(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sqlite, "CHECKPOINT_WHEN_IDLE", 10_000)
        monkeypatch.setattr(sqlite, "CHECKPOINT_AT_LAST", 20)
        async with opened(path) as store:
            for number in range(30):
                await store.meta.set("number", str(number))

            (at_last,) = as_checkpointed(path, "SELECT CAST(value AS INTEGER) FROM meta")[0]
            assert 10 <= at_last < 29

    async def test_the_log_does_not_grow_for_ever(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sqlite, "CHECKPOINT_AT_LAST", 10)
        async with opened(path) as store:
            log = path.with_name("x.db-wal")
            sizes: list[int] = []
            for number in range(200):
                await store.meta.set("number", str(number))
                sizes.append(log.stat().st_size)

            assert max(sizes[100:]) == max(sizes[:100])

    async def test_a_checkpoint_that_fails_does_not_make_the_commit_before_it_a_failure(
        self, path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with opened(path) as store:
            (review,) = await shelve(store, 1)
            monkeypatch.setattr(sqlite, "CHECKPOINT_AT_LAST", 1)

            async def fail(_: SqliteDatabase) -> None:
                raise StoreError

            monkeypatch.setattr(SqliteDatabase, "checkpoint", fail)
            with caplog.at_level(logging.ERROR):
                assert (await store.votes.cast(10, review, 1, 4)).current == 4
                assert (await store.votes.cast(10, review, 1, 5)).previous == 4

            assert "checkpoint failed" in caplog.text

    async def test_a_checkpoint_that_fails_when_idle_does_not_stop_the_writer(
        self, path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with opened(path) as store:
            (review,) = await shelve(store, 1)

            async def fail(_: SqliteDatabase) -> None:
                raise StoreError

            monkeypatch.setattr(SqliteDatabase, "rest", fail)
            with caplog.at_level(logging.ERROR):
                for sheep in (1, 2, 3):
                    assert (await store.votes.cast(10, review, 1, sheep)).current == sheep
                    await asyncio.sleep(0)

            assert "checkpoint failed" in caplog.text


class TestClose:
    """What is left behind."""

    async def test_the_log_is_folded_in_and_gone(self, path: Path) -> None:
        async with opened(path) as store:
            (review,) = await shelve(store, 1)
            await store.votes.cast(10, review, 1, 4)
            assert path.with_name("x.db-wal").exists()

        assert {found.name for found in path.parent.iterdir()} <= {"x.db", "x.db.lock"}
        assert as_checkpointed(path, "SELECT sheep FROM votes") == [(4,)]

    async def test_a_log_that_cannot_be_folded_in_is_kept_for_the_next_start(
        self, path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def fail(*_: object) -> list[Row]:
            raise StoreError

        async with opened(path) as store:
            (review,) = await shelve(store, 1)
            await store.votes.cast(10, review, 1, 4)
            with monkeypatch.context() as failing:
                failing.setattr(SqliteDatabase, "fetch", fail)
                await store.close()

        assert "could not be folded in" in caplog.text
        async with opened(path) as store:
            assert (await store.votes.tally(10, review)).votes == 1
