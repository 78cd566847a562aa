"""The group writer: who waits together is written together, and nobody is answered before the commit.

These tests look behind the store, at SQLite's own calls; what they show of the
writer does not depend on the engine.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from bot.errors import StoreBusyError, StoreError
from bot.store import writer
from bot.store.guilds import Guilds
from bot.store.sqlite import SqliteDatabase, open_sqlite
from bot.store.votes import Ballot, Change, Thought, Votes
from tests.store.tools import Sqlite, assert_tallies_are_true, opened, read_only, shelve

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
    from pathlib import Path
    from typing import Any, TypeAlias

    from bot.store import Store
    from bot.store.database import Row, Statement

    Cast: TypeAlias = Callable[[int], Coroutine[Any, Any, Ballot]]

SERVER = 10


class Gate:
    """Stands before every transaction: counts them, holds them back, makes them fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.passed = 0
        self.reached = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()
        self.failure: Exception | None = None
        self._transaction = SqliteDatabase.transaction
        gate = self

        async def transaction(database: SqliteDatabase, statements: Sequence[Statement]) -> list[list[Row]]:
            return await gate._enter(database, statements)

        monkeypatch.setattr(SqliteDatabase, "transaction", transaction)

    async def _enter(self, database: SqliteDatabase, statements: Sequence[Statement]) -> list[list[Row]]:
        self.reached.set()
        await self.open.wait()
        self.passed += 1
        if self.failure:
            raise self.failure
        return await self._transaction(database, statements)

    async def hold(self, *writes: Coroutine[Any, Any, Ballot]) -> list[asyncio.Task[Ballot]]:
        """Close the gate and return these writes, whose one group stands before it."""
        self.reached.clear()
        self.open.clear()
        tasks = [asyncio.create_task(write) for write in writes]
        await self.reached.wait()
        return tasks


@pytest.fixture
async def store(path: Path) -> AsyncGenerator[Store]:
    """The store on SQLite."""
    async with opened(path) as store:
        yield store


@pytest.fixture
async def film(store: Store) -> int:
    return (await shelve(store, 1))[0]


@pytest.fixture
def cast(store: Store, film: int) -> Cast:
    """Lets a member give the one film three sheep."""
    return lambda member: store.votes.cast(SERVER, film, member, 3)


@pytest.fixture
async def gate(monkeypatch: pytest.MonkeyPatch, film: int) -> Gate:
    """Set up once the film is on the shelf, so that only votes are counted."""
    assert film
    return Gate(monkeypatch)


def voters(path: Path) -> list[int]:
    """Who has a vote on disk."""
    return [row[0] for row in read_only(path, "SELECT member_id FROM votes ORDER BY member_id")]


async def settle() -> None:
    """Let every task run until it waits for something."""
    for _ in range(5):
        await asyncio.sleep(0)


class TestGroups:
    """How many transactions a crowd costs."""

    async def test_callers_that_wait_together_share_a_transaction(self, cast: Cast, gate: Gate, path: Path) -> None:
        ballots = await asyncio.gather(*map(cast, range(1, 401)))

        assert gate.passed <= 2
        assert {ballot.current for ballot in ballots} == {3}
        assert voters(path) == list(range(1, 401))

    async def test_a_crowd_is_cut_into_groups_of_a_size(self, cast: Cast, gate: Gate, path: Path) -> None:
        await asyncio.gather(*map(cast, range(1, 2 * writer.MAX_GROUP + 2)))

        assert gate.passed == 3
        assert len(voters(path)) == 2 * writer.MAX_GROUP + 1

    async def test_what_arrives_during_a_commit_makes_the_next_group(self, cast: Cast, gate: Gate) -> None:
        (first,) = await gate.hold(cast(1))
        others = [asyncio.create_task(cast(member)) for member in range(2, 100)]
        await settle()
        gate.open.set()
        await asyncio.gather(first, *others)

        assert gate.passed == 2

    async def test_a_lone_vote_waits_for_nobody(self, cast: Cast, gate: Gate) -> None:
        for member in (1, 2, 3):
            await asyncio.wait_for(cast(member), timeout=5)

        assert gate.passed == 3


class TestAnswers:
    """Acknowledged means committed."""

    async def test_nobody_is_answered_before_the_commit(self, cast: Cast, gate: Gate, path: Path) -> None:
        (first,) = await gate.hold(cast(1))
        await settle()
        assert not first.done()
        assert voters(path) == []

        gate.open.set()
        await first
        assert voters(path) == [1]

    async def test_each_answered_vote_is_seen_by_another_connection(self, cast: Cast, path: Path) -> None:
        async def vote(member: int) -> None:
            await asyncio.sleep(member % 7 / 1000)
            await cast(member)
            assert member in voters(path)

        await asyncio.gather(*map(vote, range(1, 81)))

    async def test_a_commit_that_fails_answers_everyone_and_the_writer_goes_on(
        self, cast: Cast, gate: Gate, path: Path
    ) -> None:
        gate.failure = StoreError()
        lost = await asyncio.gather(*map(cast, range(1, 21)), return_exceptions=True)
        assert all(isinstance(answer, StoreError) for answer in lost)
        assert voters(path) == []

        gate.failure = None
        assert (await cast(1)).previous is None
        assert voters(path) == [1]

    async def test_a_disk_that_stalls_keeps_nobody_past_their_deadline(
        self, cast: Cast, gate: Gate, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(writer, "STALLED", 0.05)
        (first,) = await gate.hold(cast(1))
        behind = await asyncio.gather(cast(2), cast(3), return_exceptions=True)
        with pytest.raises(StoreBusyError):
            await cast(4)
        assert [type(answer) for answer in behind] == [StoreBusyError, StoreBusyError]

        gate.open.set()
        assert (await first).current == 3
        assert (await cast(5)).current == 3
        assert voters(path) == [1, 5]

    async def test_a_fault_of_our_own_is_told_as_a_store_error_and_logged(
        self, cast: Cast, gate: Gate, caplog: pytest.LogCaptureFixture
    ) -> None:
        gate.failure = RuntimeError("a bug")
        lost = await asyncio.gather(cast(1), cast(2), return_exceptions=True)

        assert [type(answer) for answer in lost] == [StoreError, StoreError]
        assert "a bug" in caplog.text
        gate.failure = None
        assert (await cast(1)).current == 3

    async def test_a_full_disk_fails_the_group_whole_and_the_writer_recovers(self, path: Path) -> None:
        async with opened(path) as store:
            (film,) = await shelve(store, 1)
        database = await open_sqlite(path)
        votes = Votes(database, Guilds(database))
        pages = (await database.fetch("PRAGMA page_count"))[0][0]
        await database.fetch(f"PRAGMA max_page_count = {pages + 2}")
        long = Thought("m" * 1000)

        lost = await asyncio.gather(
            *(votes.change(Change(SERVER, film, member, sheep=3, thought=long)) for member in range(1, 101)),
            return_exceptions=True,
        )

        assert [type(answer) for answer in lost] == [StoreError] * 100
        assert "full" in str(lost[0].__cause__ if isinstance(lost[0], StoreError) else lost[0])
        assert voters(path) == []
        await database.fetch("PRAGMA max_page_count = 1000000")
        assert (await votes.change(Change(SERVER, film, 1, sheep=3, thought=long))).current == 3
        assert voters(path) == [1]
        await assert_tallies_are_true(Sqlite(path))
        await votes.close()
        await database.close()


class TestCallersThatGoAway:
    """A cancelled caller: a deadline that passed, or a bot that stops."""

    async def test_one_that_goes_before_its_group_leaves_no_vote(self, cast: Cast, gate: Gate, path: Path) -> None:
        (first,) = await gate.hold(cast(1))
        gone, stays = (asyncio.create_task(cast(member)) for member in (2, 3))
        await settle()
        gone.cancel()
        gate.open.set()
        await asyncio.gather(first, stays)

        assert gone.cancelled()
        assert voters(path) == [1, 3]

    async def test_a_group_that_everybody_left_is_not_written(self, cast: Cast, gate: Gate) -> None:
        (first,) = await gate.hold(cast(1))
        gone = asyncio.create_task(cast(2))
        await settle()
        gone.cancel()
        gate.open.set()
        await first
        await settle()

        assert gate.passed == 1

    async def test_one_that_goes_during_its_group_harms_nobody(self, cast: Cast, gate: Gate, path: Path) -> None:
        group = await gate.hold(*map(cast, (1, 2, 3)))
        group[1].cancel()
        gate.open.set()
        answers = await asyncio.gather(*group, return_exceptions=True)

        assert [type(answer) for answer in answers] == [Ballot, asyncio.CancelledError, Ballot]
        assert voters(path) == [1, 2, 3]
        assert (await cast(4)).tally.votes == 4
        await assert_tallies_are_true(Sqlite(path))

    async def test_many_that_go_at_any_moment_leave_true_tallies(
        self, cast: Cast, store: Store, film: int, path: Path
    ) -> None:
        answered: set[int] = set()

        async def vote(member: int) -> None:
            await cast(member)
            answered.add(member)

        tasks = [asyncio.create_task(vote(member)) for member in range(1, 301)]
        for task in tasks[::2]:
            await asyncio.sleep(0)
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        last = await cast(1000)

        assert answered >= set(range(2, 301, 2))
        assert answered <= set(voters(path))
        assert last.tally == await store.votes.tally(SERVER, film)
        await assert_tallies_are_true(Sqlite(path))


class TestTooMany:
    """More waiting than can be written in time."""

    async def test_who_comes_when_the_queue_is_full_is_refused_and_not_counted(
        self, cast: Cast, gate: Gate, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(writer, "MAX_WAITING", 3)
        (first,) = await gate.hold(cast(1))
        waiting = [asyncio.create_task(cast(member)) for member in (2, 3, 4)]
        await settle()

        with pytest.raises(StoreBusyError):
            await cast(5)

        gate.open.set()
        await asyncio.gather(first, *waiting)
        assert voters(path) == [1, 2, 3, 4]
        assert (await cast(5)).tally.votes == 5


class TestClosing:
    """The last moments."""

    async def test_what_is_waiting_is_written_and_answered(self, store: Store, film: int, path: Path) -> None:
        waiting = [asyncio.create_task(store.votes.cast(SERVER, film, member, 3)) for member in range(1, 1301)]
        await settle()
        assert not any(task.done() for task in waiting)

        await store.close()

        assert {task.result().current for task in waiting} == {3}
        assert voters(path) == list(range(1, 1301))

    async def test_a_write_after_close_is_refused(self, store: Store, film: int, path: Path) -> None:
        await store.close()

        with pytest.raises(StoreError):
            await store.votes.cast(SERVER, film, 1, 3)
        with pytest.raises(StoreError):
            await store.votes.tally(SERVER, film)
        with pytest.raises(StoreError):
            await store.meta.set("a", "b")
        assert voters(path) == []

    async def test_a_write_while_closing_is_refused(self, store: Store, film: int, path: Path) -> None:
        waiting = asyncio.create_task(store.votes.cast(SERVER, film, 1, 3))
        await settle()
        closing = asyncio.create_task(store.close())
        await settle()

        with pytest.raises(StoreError):
            await store.votes.cast(SERVER, film, 2, 3)
        await asyncio.gather(waiting, closing)
        assert voters(path) == [1]

    async def test_closing_twice_is_closing_once(self, store: Store) -> None:
        await store.close()
        await store.close()

    async def test_a_close_that_is_cancelled_lets_everything_go_all_the_same(
        self, store: Store, cast: Cast, gate: Gate, path: Path
    ) -> None:
        (first,) = await gate.hold(cast(1))
        closing = asyncio.create_task(store.close())
        await settle()
        closing.cancel()
        gate.open.set()
        with pytest.raises(asyncio.CancelledError):
            await closing

        answer = (await asyncio.wait_for(asyncio.gather(first, return_exceptions=True), timeout=5))[0]
        assert (voters(path) == [1]) == isinstance(answer, Ballot)
        async with opened(path):
            pass  # nothing holds the file any more

    async def test_no_task_and_no_thread_is_left(self, path: Path) -> None:
        threads, tasks = set(threading.enumerate()), asyncio.all_tasks()

        async with opened(path) as store:
            (film,) = await shelve(store, 1)
            await asyncio.gather(*(store.votes.cast(SERVER, film, member, 3) for member in range(1, 50)))
            assert set(threading.enumerate()) - threads  # some of those from before may be at their end just now
            assert asyncio.all_tasks() > tasks
        for thread in set(threading.enumerate()) - threads:
            thread.join(timeout=5)

        assert set(threading.enumerate()) <= threads
        assert asyncio.all_tasks() == tasks
