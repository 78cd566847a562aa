"""A PostgreSQL server: how the store is opened on it, what it keeps of it, and who shares it."""

from __future__ import annotations

import asyncio
import random
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest

from bot.errors import ConfigError, DatabaseError, StartError
from bot.store import migrations, open_database, open_store, postgres
from bot.store.migrations import Migration
from bot.store.posts import Post
from bot.store.votes import Change, Thought
from tests import postgres as servers
from tests.store.tools import Postgres, assert_tallies_are_true, film, shelve

if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator

    from bot.store import Store
    from bot.store.postgres import PostgresDatabase

pytestmark = pytest.mark.skipif(bool(servers.missing()), reason=servers.missing())

A_FILM = """
INSERT INTO reviews
    (slug, title, sort_title, written_by, directed_by, starring, genres, aliases, body, spoilers, source, content_hash)
VALUES ('a', 'A', 'a', '[]', '[]', '[]', '[]', '[]', '', 0, 'tests', '')
"""
SECRET = "baa-baa"  # noqa: S105 - nobody's
FILMS = 12


@pytest.fixture
def engine() -> Generator[Postgres]:
    """A database with nothing in it."""
    with servers.server().lent() as name:
        yield Postgres(name)


@pytest.fixture
def new() -> Generator[Postgres]:
    """A database that no store has been opened on."""
    with servers.server().database() as name:
        yield Postgres(name)


def database_of(store: Store) -> PostgresDatabase:
    """What the verbs of a store ask."""
    return store._database  # pyright: ignore[reportPrivateUsage, reportReturnType] - it is one of PostgreSQL's here


async def open_and_close(engine: Postgres) -> None:
    """A start and a stop."""
    await (await open_store(engine.url)).close()


class TestOpening:
    """What cannot be used is refused in one sentence that says what mends it, and shows no password."""

    @pytest.fixture(autouse=True)
    def _patience(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(postgres, "OPEN_WITHIN", 0.0)

    async def test_a_database_that_is_not_there(self) -> None:
        await self._refused(servers.server().url("nowhere"), '"nowhere" does not exist.* createdb')

    async def test_a_user_that_is_not_there(self, new: Postgres) -> None:
        url = new.server.url(new.name, f"nobody:{SECRET}")

        await self._refused(url, 'refuses the name or the password .*"nobody".* Correct DATABASE_URL')

    @pytest.mark.parametrize("user", [f"{servers.GUARDED}:{SECRET}", servers.GUARDED], ids=["wrong", "none"])
    async def test_a_password_that_is_not_right(self, new: Postgres, user: str) -> None:
        await new.server.ask(f"CREATE ROLE {servers.GUARDED} LOGIN PASSWORD 'right'")
        try:
            await self._refused(new.server.url(new.name, user), "refuses the name or the password .* Correct")
        finally:
            await new.server.ask(f"DROP ROLE {servers.GUARDED}")

    async def test_the_right_password_opens(self, new: Postgres) -> None:
        await new.server.ask(
            f"CREATE ROLE {servers.GUARDED} LOGIN PASSWORD '{SECRET}'",
            f"ALTER DATABASE {new.name} OWNER TO {servers.GUARDED}",
        )
        try:
            store = await open_store(new.server.url(new.name, f"{servers.GUARDED}:{SECRET}"))
            assert len(await shelve(store, 1)) == 1
            await store.close()
        finally:
            await new.server.ask(f"REASSIGN OWNED BY {servers.GUARDED} TO {servers.USER}", database=new.name)
            await new.server.ask(f"ALTER DATABASE {new.name} OWNER TO {servers.USER}", f"DROP ROLE {servers.GUARDED}")

    async def test_a_user_who_may_make_no_tables(self, new: Postgres) -> None:
        await new.server.ask("CREATE ROLE lamb LOGIN", "REVOKE CREATE ON SCHEMA public FROM PUBLIC", database=new.name)
        try:
            await self._refused(new.server.url(new.name, "lamb"), "does not let the bot make its tables.* the owner")
        finally:
            await new.server.ask("DROP ROLE lamb")

    async def test_where_nobody_listens(self) -> None:
        url = f"postgresql://sheep:{SECRET}@{servers.HOST}:1/x"

        await self._refused(url, f"{servers.HOST}:1 does not answer .* Start it, or correct DATABASE_URL")

    @pytest.mark.parametrize(
        "rest",
        [
            f"sheep:{SECRET}@host:port/x",
            f"sheep:{SECRET}@127.0.0.1:99999/x",
            f"sheep:{SECRET}/@127.0.0.1/x",
            f"sheep:12/{SECRET}@127.0.0.1/x",
            f"sheep:#{SECRET}@127.0.0.1/x",
            f"sheep:?{SECRET}@127.0.0.1/x",
            f"sheep:[{SECRET}@127.0.0.1/x",
            f"sheep:{SECRET}@127.0.0.1/x?sslmode=perhaps",
            f"sheep:{SECRET}@12@127.0.0.1/x",
            f"sheep:{SECRET}",
        ],
    )
    async def test_a_url_that_says_nothing(self, rest: str) -> None:
        await self._refused(f"postgresql://{rest}", "DATABASE_URL", ConfigError)

    async def test_a_database_of_a_newer_version(self, new: Postgres) -> None:
        await open_and_close(new)
        await new.server.ask("INSERT INTO migrations VALUES (9999, '9999_wings.sql', 0)", database=new.name)

        await self._refused(new.url, "made by a newer Sheepbot .schema 9999.")

    async def test_a_server_that_only_reads(self, new: Postgres) -> None:
        await new.server.ask(f"ALTER DATABASE {new.name} SET default_transaction_read_only = on")

        await self._refused(new.url, "read-only transaction")

    async def test_who_only_reads_changes_nothing_and_a_standby_will_do(self, new: Postgres) -> None:
        with pytest.raises(DatabaseError, match="sheepbot store migrate"):
            await open_store(new.url, read_only=True)
        assert await new.rows("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace") == []

        await open_and_close(new)
        await new.server.ask(f"ALTER DATABASE {new.name} SET default_transaction_read_only = on")
        store = await open_store(new.url, read_only=True)
        assert await store.records.count() == 0
        await store.close()

    @staticmethod
    async def _refused(url: str, why: str, kind: type[StartError] = DatabaseError) -> None:
        with pytest.raises(kind, match=why) as refused:
            await open_store(url)
        assert "\n" not in str(refused.value)
        assert SECRET not in str(refused.value)


class TestMigrations:
    """Once for all who start together, whole or not at all."""

    async def test_of_many_who_start_together_one_does_it(self, new: Postgres) -> None:
        stores = await asyncio.gather(*(open_store(new.url) for _ in range(10)))
        await asyncio.gather(*(store.close() for store in stores))

        applied = await new.rows("SELECT version, name FROM migrations ORDER BY version")
        assert applied == [(step.version, step.name) for step in migrations.load("postgres")]

    async def test_of_one_that_fails_nothing_remains(self, new: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
        script = "CREATE TABLE wings (feathers bigint);\nINSERT INTO nowhere VALUES (1);"
        history = [*migrations.load("postgres"), Migration(9000, "9000_wings.sql", script)]
        with monkeypatch.context() as failing:
            failing.setattr(migrations, "load", lambda _: history)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - its argument is not looked at
            with pytest.raises(DatabaseError, match="nowhere"):
                await open_store(new.url)

        assert await new.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == []
        await open_and_close(new)

    async def test_a_vote_that_a_process_of_the_version_before_is_writing_is_counted(
        self, new: Postgres, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = migrations.load("postgres")[:1]
        with monkeypatch.context() as before:
            before.setattr(migrations, "load", lambda _: first)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - its argument is not looked at
            database = await open_database(new.url)
        await database.transaction([(A_FILM, ())])
        await database.close()
        async with new.connection() as former:
            writing = former.transaction()
            await writing.start()
            await former.execute("INSERT INTO votes VALUES (10, 1, 7, 4, 1700000000, 1700000000)")
            opening = asyncio.create_task(open_store(new.url))
            while not opening.done() and not await new.rows("SELECT 1 FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)
            await writing.commit()

        await (await opening).close()

        votes, _ = await assert_tallies_are_true(new)
        assert len(votes) == 1


class TestSessions:
    """What the store relies on is so whatever the server is set to."""

    async def test_what_is_acknowledged_is_on_disk(self, new: Postgres) -> None:
        await new.server.ask(
            f"ALTER DATABASE {new.name} SET synchronous_commit = off",
            f"ALTER ROLE {servers.USER} IN DATABASE {new.name} SET synchronous_commit = off",
        )
        store = await open_store(new.url)
        try:
            asked = [
                database_of(store).fetch(
                    "SELECT pg_backend_pid(), current_setting('synchronous_commit'), pg_sleep(0.1)::text"
                )
                for _ in range(4)
            ]
            sessions = {row[:2] for (row,) in await asyncio.gather(*asked)}
        finally:
            await store.close()

        assert len(sessions) == 4
        assert {setting for _, setting in sessions} == {"on"}

    async def test_votes_are_counted_where_transactions_are_serializable(self, new: Postgres) -> None:
        await new.server.ask(f"ALTER DATABASE {new.name} SET default_transaction_isolation = serializable")
        before = len(new.server.log)

        await vote_in_many_processes(new, 2)

        assert "could not serialize" not in new.server.log[before:]
        await assert_tallies_are_true(new)


class TestPool:
    """A few connections for everybody."""

    async def test_there_are_never_more_than_allowed(self, engine: Postgres) -> None:
        store = await open_store(engine.url, connections=3)
        try:
            asked = [asyncio.create_task(self._sleep(store, 0.005)) for _ in range(200)]
            seen: list[int] = []
            while not all(task.done() for task in asked):
                seen.append(len(await self._sessions(engine)))

            assert max(seen) == 3
            assert len(await asyncio.gather(*asked)) == 200
        finally:
            await store.close()
        assert await self._sessions(engine) == []

    async def test_what_is_asked_while_all_are_busy_waits(self, engine: Postgres) -> None:
        store = await open_store(engine.url, connections=1)
        answered: list[str] = []

        async def ask(name: str, seconds: float) -> None:
            await self._sleep(store, seconds)
            answered.append(name)

        try:
            await asyncio.gather(ask("first", 0.3), ask("second", 0), ask("third", 0))
        finally:
            await store.close()

        assert answered == ["first", "second", "third"]

    async def test_who_gives_up_leaves_nothing_behind(self, engine: Postgres) -> None:
        dice = random.Random()  # noqa: S311 - any moment will do
        store = await open_store(engine.url, connections=3)
        try:
            (review,) = await shelve(store, 1)
            for _ in range(10):
                asked = [
                    asyncio.create_task(work)
                    for number in range(10)
                    for work in (
                        store.posts.add(Post(10, review, 1, number)),
                        store.leases.take(f"lease {number}", 1),
                        self._sleep(store, 0.01),
                    )
                ]
                await asyncio.sleep(dice.uniform(0, 0.1))
                for task in asked:
                    task.cancel()
                await asyncio.gather(*asked, return_exceptions=True)

            assert await self._sessions(engine, "AND state LIKE 'idle in transaction%'") == []
            await asyncio.gather(*(self._sleep(store, 0.1) for _ in range(3)))
            assert len(await self._sessions(engine)) == 3
        finally:
            await store.close()

    @staticmethod
    def _sleep(store: Store, seconds: float) -> Coroutine[Any, Any, object]:
        return database_of(store).fetch("SELECT pg_sleep($1)::text", seconds)

    @staticmethod
    async def _sessions(engine: Postgres, more: str = "") -> list[tuple[Any, ...]]:
        return await engine.rows(
            f"SELECT pid FROM pg_stat_activity WHERE datname = '{engine.name}' AND application_name = 'sheepbot' {more}"  # noqa: S608 - a constant of the tests
        )


class TestManyProcesses:
    """As many stores as there are processes, which all vote at once."""

    @pytest.mark.parametrize("count", [2, 3])
    async def test_nobody_waits_for_who_waits_for_them(self, engine: Postgres, count: int) -> None:
        before = len(engine.server.log)

        await vote_in_many_processes(engine, count)

        assert "deadlock" not in engine.server.log[before:]
        await assert_tallies_are_true(engine)

    async def test_each_vote_of_one_member_follows_another(self, engine: Postgres) -> None:
        async with AsyncExitStack() as open_stores:
            stores = [await _entered(open_stores, engine) for _ in range(3)]
            films = await shelve(stores[0], FILMS)
            for review in films:
                sheep = (1, 3, 5)
                ballots = await asyncio.gather(
                    *(store.votes.cast(10, review, 1, each) for store, each in zip(stores, sheep, strict=True))
                )

                follows = {ballot.previous: ballot.current for ballot in ballots}
                assert len(follows) == len(sheep)
                last = None
                while last in follows:
                    last = follows.pop(last)
                assert not follows
                assert await engine.rows(f"SELECT sheep FROM votes WHERE review_id = {review}") == [(last,)]  # noqa: S608 - a number of the store's
        await assert_tallies_are_true(engine)


async def vote_in_many_processes(engine: Postgres, count: int) -> None:
    """Let the same members vote on the same films in several servers through so many stores at once.

    Half of the films are new to everybody, as most are that two vote on at the same moment.
    """
    async with AsyncExitStack() as open_stores:
        stores = [await _entered(open_stores, engine) for _ in range(count)]
        for number in range(4):
            await stores[0].reviews.sync(f"round {number}", [film(f"film-{number}-{place}") for place in range(FILMS)])
        films = [entry.review_id for entry in await stores[0].reviews.shelf()]

        async def process(store: Store, number: int) -> None:
            dice = random.Random(number)  # noqa: S311 - the same evening each time
            for place in range(0, len(films), FILMS // 2):
                here = films[place : place + FILMS]
                changes = [
                    Change(
                        dice.choice((10, 20, 30)),
                        dice.choice(here),
                        dice.randrange(1, 12),
                        sheep=dice.choice([1, 2, 3, 4, 5, 5, None]),
                        thought=dice.choice([..., ..., Thought("Hm."), None]),
                    )
                    for _ in range(150)
                ]
                for start in (0, 50, 100):
                    await asyncio.gather(*map(store.votes.change, changes[start : start + 50]))

        await asyncio.gather(*(process(store, number) for number, store in enumerate(stores)))


async def _entered(open_stores: AsyncExitStack, engine: Postgres) -> Store:
    store = await open_store(engine.url)
    open_stores.push_async_callback(store.close)
    return store
