"""Backups: what is copied while votes go on, what is found unsound, and where none may go."""

# ruff: noqa: ASYNC240 - a test that blocks keeps nobody else on its loop waiting

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bot.errors import DatabaseError
from bot.store import Store, backup
from bot.store.sqlite import open_sqlite
from bot.store.votes import Change, Thought
from tests.store.tools import Clock, Sqlite, assert_tallies_are_true, opened, read_only, shelve

if TYPE_CHECKING:
    from pathlib import Path

COUNT = "SELECT count(*) FROM votes"
SERVERS = (10, 20, 30)


async def vote(store: Store, count: int) -> list[int]:
    """Shelve two films, and have so many members vote on the first."""
    films = await shelve(store, 2)
    await asyncio.gather(*(store.votes.cast(10, films[0], member, 4) for member in range(1, count + 1)))
    return films


async def left_by_a_killed_bot(path: Path, count: int) -> Path:
    """A database with so many votes as a bot leaves it that had no time to close it: they are in its log."""
    left = path.with_name("left") / "x.db"
    left.parent.mkdir()
    async with opened(path) as store:
        await vote(store, count)
        for name in ("x.db", "x.db-wal"):
            shutil.copyfile(path.with_name(name), left.with_name(name))
    return left


async def make(path: Path, count: int) -> None:
    """Leave a database with so many votes behind."""
    async with opened(path) as store:
        await vote(store, count)


def spoil(path: Path, sql: str) -> None:
    """Change a database behind the schema's back."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(sql)


class TestWhileVotesGoOn:
    """Through the open connection."""

    async def test_the_copy_holds_everything_and_is_whole_by_itself(self, path: Path, kept: Path) -> None:
        async with opened(path) as store:
            await vote(store, 7)

            done = await store.back_up(kept)

            assert (done.path, done.votes, done.size) == (str(kept), 7, kept.stat().st_size)
        assert [found.name for found in kept.parent.iterdir()] == ["copy.db"]
        assert kept.stat().st_mode & 0o777 == 0o600
        assert read_only(kept, "PRAGMA journal_mode") == [("delete",)]
        for table in ("reviews", "votes", "tallies", "migrations", "meta"):
            assert read_only(kept, f"SELECT * FROM {table}") == read_only(path, f"SELECT * FROM {table}")  # noqa: S608 - names from here

    async def test_a_vote_is_answered_between_any_two_steps_and_is_in_the_copy(
        self, path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(backup, "STEP_PAGES", 1)
        database = await open_sqlite(path)
        store = Store(database)
        try:
            films = await vote(store, 2000)
            loop, answered = asyncio.get_running_loop(), list[int]()

            class Between(threading.Event):
                """What the copying waits on between two steps; there, a member votes and is answered."""

                def wait(self, timeout: float | None = None) -> bool:  # noqa: ARG002 - as Event has it
                    member = 1000 + len(answered)
                    if len(answered) < 30:
                        vote = store.votes.cast(SERVERS[member % 3], films[1], member, 2)
                        asyncio.run_coroutine_threadsafe(vote, loop).result(20)
                        answered.append(member)
                    return False

            monkeypatch.setattr(database, "_closing", Between())

            done = await store.back_up(kept)

            assert len(answered) == 30
            assert done.votes == 2030
        finally:
            await store.close()
        assert {member for (member,) in read_only(kept, "SELECT member_id FROM votes")} >= set(answered)
        await assert_tallies_are_true(Sqlite(kept))

    async def test_the_votes_of_any_evening_add_up(self, path: Path, kept: Path, clock: Clock) -> None:
        dice = random.Random(4)  # noqa: S311 - no secret
        async with opened(path) as store:
            films = await shelve(store, 2)
            for _ in range(400):
                clock.now += dice.choice((-1, 0, 0, 1))  # whoever votes twice in a second counts by the server
                sheep, thought = dice.choice((1, 2, 3, 4, 5, None, ...)), dice.choice((Thought("Baa."), None, ...))
                key = dice.choice(SERVERS), dice.choice(films), dice.randint(1, 6)
                await store.votes.change(Change(*key, sheep=sheep, thought=thought))

            done = await store.back_up(kept)

        assert [(done.votes,)] == read_only(kept, COUNT)
        await assert_tallies_are_true(Sqlite(kept))

    async def test_an_older_backup_is_replaced(self, path: Path, kept: Path) -> None:
        async with opened(path) as store:
            films = await vote(store, 1)
            for member in (2, 3):
                await store.votes.cast(10, films[0], member, 5)
                await store.back_up(kept)

        assert read_only(kept, COUNT) == [(3,)]

    async def test_two_at_once_are_made_one_after_the_other(self, path: Path, kept: Path) -> None:
        async with opened(path) as store:
            await vote(store, 3)

            done = await asyncio.gather(store.back_up(kept), store.back_up(kept))

        assert [one.votes for one in done] == [3, 3]

    @pytest.mark.parametrize("cancel", [False, True])
    async def test_to_close_ends_it(
        self, path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch, *, cancel: bool
    ) -> None:
        monkeypatch.setattr(backup, "STEP_PAGES", 1)
        monkeypatch.setattr(backup, "PAUSE", 50.0)
        async with opened(path) as store:
            copying = asyncio.create_task(store.back_up(kept))
            while not kept.with_name("copy.db.part").exists():  # noqa: ASYNC110 - a thread sets no event
                await asyncio.sleep(0.001)
            if cancel:
                copying.cancel()
        with pytest.raises(asyncio.CancelledError if cancel else DatabaseError):
            await copying
        assert not list(kept.parent.iterdir())


class TestUnsound:
    """A copy that does not pass its check never takes the place of a sound one."""

    @pytest.mark.parametrize(
        ("sql", "why"),
        [
            ("UPDATE tallies SET n4 = n4 + 1 WHERE guild_id = 10", "do not add up"),
            ("UPDATE tallies SET n4 = n4 - 1, n5 = n5 + 1 WHERE guild_id = 0", "do not add up"),
            ("UPDATE tallies SET thoughts = 1 WHERE guild_id = 10", "do not add up"),
            ("DELETE FROM tallies WHERE guild_id = 10", "do not add up"),
            ("INSERT INTO tallies VALUES (77, 1, 0, 0, 0, 0, 3, 0)", "do not add up"),
            ("INSERT INTO posts VALUES (1, 2, 10, 99)", "belong to nothing"),
        ],
    )
    async def test_tallies_that_are_not_what_the_votes_are(self, path: Path, kept: Path, sql: str, why: str) -> None:
        await make(path, 5)
        backup.back_up_closed(path, kept)
        before = kept.read_bytes()
        spoil(path, sql)
        async with opened(path) as store:
            with pytest.raises(DatabaseError, match=why):
                await store.back_up(kept)

        assert kept.read_bytes() == before

    async def test_a_page_that_is_overwritten(self, path: Path, kept: Path) -> None:
        await make(path, 500)
        ((page,),) = read_only(path, "SELECT rootpage FROM sqlite_schema WHERE name = 'votes_by_member'")
        with path.open("r+b") as file:
            file.seek((page - 1) * 4096)
            file.write(b"\xa5" * 4096)

        with pytest.raises(DatabaseError, match="is damaged"):
            backup.back_up_closed(path, kept)

        assert not kept.exists()


class TestPlaces:
    """Where a backup may go."""

    @pytest.mark.parametrize("name", ["x.db", "x.db-wal", "x.db.lock", "link.db", "hard.db", "notes.txt", "pipe"])
    async def test_what_is_no_place_for_it_is_left_as_it_is(self, path: Path, name: str) -> None:
        async with opened(path) as store:
            await vote(store, 3)
            path.with_name("link.db").symlink_to(path)
            path.with_name("hard.db").hardlink_to(path)
            path.with_name("notes.txt").write_text("Sheep are nice.")
            os.mkfifo(path.with_name("pipe"))
            before = {found: found.lstat() for found in path.parent.iterdir()}

            with pytest.raises(DatabaseError, match="another path"):
                await store.back_up(path.with_name(name))

            after = {found: found.lstat() for found in path.parent.iterdir()}
        assert {found: stat.st_ino for found, stat in after.items()} == {
            found: stat.st_ino for found, stat in before.items()
        }
        assert read_only(path, COUNT) == [(3,)]

    async def test_a_folder_that_cannot_be_made(self, path: Path) -> None:
        async with opened(path) as store:
            with pytest.raises(DatabaseError, match="cannot be made"):
                await store.back_up(path / "copy.db")

    async def test_a_disk_that_it_would_fill(self, path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(backup, "RESERVE", 1 << 60)
        async with opened(path) as store:
            with pytest.raises(DatabaseError, match="too little room"):
                await store.back_up(kept)

        assert not kept.exists()


class TestClosed:
    """Without a bot."""

    async def test_what_a_killed_bot_left_is_only_read(self, path: Path, kept: Path) -> None:
        left = await left_by_a_killed_bot(path, 9)
        assert left.with_name("x.db-wal").stat().st_size
        before = {name: left.with_name(name).read_bytes() for name in ("x.db", "x.db-wal")}

        assert backup.back_up_closed(left, kept).votes == 9

        assert {name: left.with_name(name).read_bytes() for name in before} == before

    async def test_one_that_is_open_is_refused(self, path: Path, kept: Path) -> None:
        async with opened(path):
            with pytest.raises(DatabaseError, match="in use"):
                backup.back_up_closed(path, kept)

    def test_one_that_is_not_there_is_not_made(self, tmp_path: Path, kept: Path) -> None:
        with pytest.raises(DatabaseError, match="no database at"):
            backup.back_up_closed(tmp_path / "nowhere" / "x.db", kept)

        assert not list(tmp_path.iterdir())
