"""What becomes of votes when PostgreSQL restarts, hangs, refuses, or ends a connection in the middle of its work."""

from __future__ import annotations

import asyncio
import itertools
import logging
import signal
from collections import defaultdict
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Self

import asyncpg
import pytest

from bot.errors import StoreError
from bot.store import open_store, postgres
from bot.store.postgres import UncertainError
from bot.store.posts import Post
from bot.store.votes import Change, Thought
from tests import postgres as servers
from tests.store.tools import Postgres, assert_tallies_are_true, shelve

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Generator

    from bot.store import Store
    from bot.store.database import Database

pytestmark = pytest.mark.skipif(bool(servers.missing()), reason=servers.missing())

GUILDS = (10, 20)
MEMBERS = range(1, 25)


@pytest.fixture(scope="module")
def server() -> Generator[servers.Server]:
    """A server that may be treated badly, and writes as one in earnest does."""
    own = servers.Server("fsync=on")
    yield own
    own.close()


@pytest.fixture
def engine(server: servers.Server) -> Generator[Postgres]:
    """A new database on it."""
    with server.database() as name:
        yield Postgres(name, server)


@pytest.fixture
def database(store: Store) -> Database:
    """What the verbs of the store ask."""
    return store._database  # pyright: ignore[reportPrivateUsage] - the verbs show little of it


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is tried again, and nothing is waited for long; to be asked for before the store."""
    monkeypatch.setattr(postgres, "PAUSE", 60.0)
    monkeypatch.setitem(postgres.CONNECTION, "command_timeout", 0.5)
    monkeypatch.setitem(postgres.CONNECTION, "timeout", 0.5)


@asynccontextmanager
async def session(engine: Postgres, *settings: str) -> AsyncGenerator[asyncpg.Connection]:
    """Somebody else, in a transaction that is rolled back at the end."""
    connection = await asyncpg.connect(engine.url)
    try:
        for setting in settings:
            await connection.execute(setting)
        await connection.execute("BEGIN")
        yield connection
    finally:
        await connection.close()


async def wait_until(engine: Postgres, what: str) -> None:
    """Wait until a session of the store is as told."""
    query = f"SELECT pid FROM pg_stat_activity WHERE datname = '{engine.name}' AND application_name = 'sheepbot' AND "  # noqa: S608 - a constant of the tests
    while not await engine.rows(query + what):  # noqa: ASYNC110 - another process sets no event
        await asyncio.sleep(0.01)


async def end_sessions(engine: Postgres, what: str) -> None:
    """End the sessions of the store that are as told, once there are some."""
    await wait_until(engine, what)
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}' AND {}"
    await engine.rows(ended.format(engine.name, what))


async def wait_in_vain(ask: Callable[[], Coroutine[Any, Any, object]]) -> None:
    """Ask until it is answered."""
    while True:
        with suppress(StoreError):
            await ask()
            return
        await asyncio.sleep(0.05)


class TestServer:
    """The server itself goes away and comes back."""

    async def test_one_that_is_just_starting_is_waited_for(
        self, engine: Postgres, caplog: pytest.LogCaptureFixture
    ) -> None:
        engine.server.stop()
        with caplog.at_level(logging.WARNING):
            opening = asyncio.create_task(open_store(engine.url))
            while "does not answer yet" not in caplog.text:  # noqa: ASYNC110 - a log sets no event
                await asyncio.sleep(0.01)
        engine.server.launch()

        await (await opening).close()

    @pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["restart", "crash"])
    async def test_no_vote_is_lost_or_counted_twice_when_it_restarts(
        self, engine: Postgres, store: Store, how: signal.Signals
    ) -> None:
        films = await shelve(store, 2)
        possible: defaultdict[tuple[int, int, int], set[int]] = defaultdict(set)
        acknowledged = 0
        restarted = False

        async def member(number: int) -> None:
            nonlocal acknowledged
            after = 0
            for turn in itertools.count(1):
                key = (GUILDS[turn % 2], films[turn // 2 % 2], number)
                try:
                    await store.votes.change(Change(*key, sheep=turn % 5 + 1, thought=Thought(str(turn))))
                except UncertainError:
                    possible[key].add(turn)
                except StoreError:
                    await asyncio.sleep(0.05)
                else:
                    possible[key] = {turn}
                    acknowledged += 1
                    after += restarted
                if after == 4:  # one for each of the films in each of the servers
                    return

        async def restart() -> None:
            nonlocal restarted
            while acknowledged < 10 * len(MEMBERS):  # noqa: ASYNC110 - shorter than an event for a number
                await asyncio.sleep(0.01)
            await asyncio.to_thread(engine.server.restart, how)
            restarted = True

        await asyncio.gather(restart(), *map(member, MEMBERS))

        votes, thoughts = await assert_tallies_are_true(engine)
        turns = {row[:3]: int(row[3]) for row in thoughts}
        assert turns.keys() == {row[:3] for row in votes} == possible.keys()
        assert all(row[3] == turns[row[:3]] % 5 + 1 for row in votes)
        assert {key for key, turn in turns.items() if turn not in possible[key]} == set()

    @pytest.mark.usefixtures("hurried")
    async def test_while_it_is_away_all_are_told_and_then_it_goes_on(self, engine: Postgres, store: Store) -> None:
        (review,) = await shelve(store, 1)
        engine.server.stop()
        try:
            for ask in (store.ping, lambda: store.votes.cast(10, review, 1, 4), lambda: store.votes.tally(10, review)):
                with pytest.raises(StoreError) as told:
                    await ask()
                assert not isinstance(told.value, UncertainError)
        finally:
            engine.server.start()

        await asyncio.gather(*(store.votes.cast(10, review, member, 4) for member in MEMBERS))
        assert (await store.votes.tally(10, review)).votes == len(MEMBERS)

    async def test_one_that_is_away_for_a_moment_is_waited_for(
        self, engine: Postgres, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(postgres, "ASK_AGAIN_FOR", 30.0)
        (review,) = await shelve(store, 1)
        engine.server.stop()
        asked = asyncio.gather(*(store.votes.cast(10, review, member, 4) for member in MEMBERS))
        await asyncio.sleep(0.1)
        await asyncio.to_thread(engine.server.start)

        assert {ballot.tally.votes for ballot in await asked} <= {1, *MEMBERS}
        assert (await store.votes.tally(10, review)).votes == len(MEMBERS)

    @pytest.mark.usefixtures("hurried")
    async def test_one_that_is_away_when_a_lease_is_given_back_does_not_undo_the_work(
        self, engine: Postgres, store: Store
    ) -> None:
        async with store.leases.held("work", 60):
            engine.server.stop()
        await asyncio.to_thread(engine.server.start)

    @pytest.mark.usefixtures("hurried")
    async def test_one_that_hangs_keeps_nobody_for_ever(self, engine: Postgres, store: Store) -> None:
        (review,) = await shelve(store, 1)
        with engine.server.frozen():
            asked = [store.votes.cast(10, review, 1, 4), *(store.ping() for _ in range(20))]
            async with asyncio.timeout(20):
                told = await asyncio.gather(*asked, return_exceptions=True)
            assert {type(error) for error in told} <= {StoreError, UncertainError}
            assert all(isinstance(error, StoreError) and error.cause for error in told), "an operator reads it"

        await wait_in_vain(lambda: store.votes.cast(10, review, 2, 5))
        await assert_tallies_are_true(engine)

    @pytest.mark.usefixtures("hurried")
    async def test_one_that_only_reads_is_asked_again_when_it_writes(self, engine: Postgres, store: Store) -> None:
        (review,) = await shelve(store, 1)
        await engine.server.ask(f"ALTER DATABASE {engine.name} SET default_transaction_read_only = on")
        await end_sessions(engine, "application_name = 'sheepbot'")
        await wait_in_vain(store.ping)

        with pytest.raises(StoreError) as told:
            await store.votes.cast(10, review, 1, 4)
        assert not isinstance(told.value, UncertainError)
        assert (await store.votes.tally(10, review)).votes == 0

        await engine.server.ask(f"ALTER DATABASE {engine.name} RESET default_transaction_read_only")
        await wait_in_vain(lambda: store.votes.cast(10, review, 1, 4))
        assert (await store.votes.tally(10, review)).votes == 1


class TestConnections:
    """A connection ends in the middle of its work."""

    SLOW = (("INSERT INTO meta VALUES ('a', 'b')", ()), ("SELECT pg_sleep(0.4)::text", ()))

    async def test_what_was_half_done_is_done_again(self, engine: Postgres, database: Database) -> None:
        asked = asyncio.create_task(database.transaction(self.SLOW))
        await end_sessions(engine, "query LIKE '%pg_sleep(0.4)%' AND state = 'active' AND pid <> pg_backend_pid()")

        await asked

        assert await engine.rows("SELECT * FROM meta") == [("a", "b")]

    @pytest.mark.usefixtures("hurried")
    async def test_of_what_is_not_done_again_nothing_is_left(self, engine: Postgres, database: Database) -> None:
        asked = asyncio.create_task(database.transaction(self.SLOW))
        await end_sessions(engine, "query LIKE '%pg_sleep(0.4)%' AND state = 'active' AND pid <> pg_backend_pid()")

        with pytest.raises(StoreError) as told:
            await asked

        assert not isinstance(told.value, UncertainError)
        assert await engine.rows("SELECT * FROM meta") == []

    @pytest.mark.usefixtures("hurried")
    async def test_while_it_commits_nobody_can_tell(self, engine: Postgres, store: Store) -> None:
        await self._slow_commits(engine)
        asked = asyncio.create_task(store.meta.set("a", "b"))
        await end_sessions(engine, "query = 'COMMIT;' AND state = 'active'")

        with pytest.raises(UncertainError):
            await asked

    async def test_what_may_have_been_committed_is_done_again(self, engine: Postgres, store: Store) -> None:
        await self._slow_commits(engine)
        asked = asyncio.create_task(store.meta.set("a", "b"))
        await end_sessions(engine, "query = 'COMMIT;' AND state = 'active'")

        await asked

        assert await engine.rows("SELECT * FROM meta") == [("a", "b")]

    @pytest.mark.parametrize("again", [True, False])
    async def test_what_was_committed_unheard_is_counted_once(
        self, engine: Postgres, monkeypatch: pytest.MonkeyPatch, *, again: bool
    ) -> None:
        async with Eavesdropper(engine.server.port) as line:
            store = await open_store(engine.url.replace(str(engine.server.port), str(line.port)))
            try:
                (review,) = await shelve(store, 1)
                monkeypatch.setattr(postgres, "PAUSE", 0.05 if again else 60.0)
                line.cuts_after_commit = True
                asked = store.votes.change(Change(10, review, 1, sheep=4, thought=Thought("Baa.")))
                if again:
                    assert (await asked).tally.counts == (0, 0, 0, 1, 0)
                else:
                    with pytest.raises(UncertainError):
                        await asked
                assert not line.cuts_after_commit
            finally:
                await store.close()

        votes, thoughts = await assert_tallies_are_true(engine)
        assert ([row[:4] for row in votes], [row[3] for row in thoughts]) == ([(10, review, 1, 4)], ["Baa."])

    @staticmethod
    async def _slow_commits(engine: Postgres) -> None:
        await engine.server.ask(
            "CREATE FUNCTION doze() RETURNS trigger LANGUAGE plpgsql"
            " AS 'BEGIN PERFORM pg_sleep(0.4); RETURN NULL; END'",
            "CREATE CONSTRAINT TRIGGER doze AFTER INSERT ON meta DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION doze()",
            database=engine.name,
        )


class TestLocks:
    """Somebody else is in the way."""

    async def test_a_group_that_a_deadlock_ends_is_counted_once(self, engine: Postgres, store: Store) -> None:
        (review,) = await shelve(store, 1)
        await store.votes.cast(10, review, 1, 4)
        before = len(engine.server.log)
        async with session(engine, "SET deadlock_timeout = '60s'") as other:  # the store finds out first, and gives way
            await other.execute("SELECT * FROM votes FOR UPDATE")
            asked = asyncio.create_task(store.votes.cast(10, review, 1, 5))
            await wait_until(engine, "wait_event_type = 'Lock'")
            await other.execute(f"SELECT hold_films(ARRAY[{review}::bigint])")
        ballot = await asked

        assert "deadlock detected" in engine.server.log[before:]
        assert (ballot.previous, ballot.current, ballot.tally.counts) == (4, 5, (0, 0, 0, 0, 1))
        await assert_tallies_are_true(engine)

    @pytest.mark.usefixtures("hurried")
    async def test_what_is_locked_for_long_is_given_up_and_others_go_on(self, engine: Postgres, store: Store) -> None:
        (review,) = await shelve(store, 1)
        async with session(engine) as other:
            await other.execute("LOCK TABLE posts")
            asked = asyncio.create_task(store.posts.add(Post(10, review, 1, 1)))
            await wait_until(engine, "wait_event_type = 'Lock'")
            assert (await store.votes.cast(10, review, 1, 4)).tally.votes == 1
            assert not asked.done()
            with pytest.raises(StoreError) as told:
                await asked
            assert not isinstance(told.value, UncertainError)

        assert await store.posts.showing(10, review) == []
        await store.posts.add(Post(10, review, 1, 2))
        assert await store.posts.showing(10, review) == [Post(10, review, 1, 2)]


class Eavesdropper:
    """Stands between a store and its server, and can cut the line before a commit is answered.

    Attributes:
        cuts_after_commit: Whether the next one is; then no more.
    """

    def __init__(self, port: int) -> None:
        self._port_of_server = port
        self.cuts_after_commit = False

    async def __aenter__(self) -> Self:
        self._listener = await asyncio.start_server(self._serve, servers.HOST, 0)
        self.port: int = self._listener.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listener.close()

    async def _serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_connection(servers.HOST, self._port_of_server)

        deaf = False

        async def listen() -> None:
            nonlocal deaf
            while said := await client.read(65536):
                if self.cuts_after_commit and b"COMMIT;" in said:
                    self.cuts_after_commit, deaf = False, True
                to_server.write(said)

        async def answer() -> None:
            while (said := await server.read(65536)) and not deaf:
                to_client.write(said)

        ways = [asyncio.create_task(listen()), asyncio.create_task(answer())]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        for end in (to_client, to_server):
            end.close()
