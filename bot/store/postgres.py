"""PostgreSQL: a pool of connections, for as many processes as there are.

A server that restarts, fails over, or ends a transaction in favour of another's is asked again, within the time that a
member waits. What is asked twice may be done twice, so every transaction comes to the same done twice.
"""

from __future__ import annotations

import asyncio
import logging
import random
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg

from bot.errors import DatabaseError, StoreError
from bot.metrics import SILENT, Metrics
from bot.store import migrations
from bot.store.database import ConstraintError, Database
from bot.store.notices import listening
from bot.store.refusals import address, not_understood, said, why

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from asyncpg.pool import PoolConnectionProxy

    from bot.store.database import Row, Statement, Value

log = logging.getLogger(__name__)

OLDEST_POSTGRES = 13
CONNECT_SECONDS = 2.0
STATEMENT_SECONDS = 5.0
"""Seconds that one statement may take; what does not end is a connection that leads nowhere."""
MIGRATE_SECONDS = 3600.0
LOAD_SECONDS = 60.0
ASK_AGAIN_FOR = 2.0
"""Seconds in which a failure that may pass is tried again: a member's click is answered in 2.5."""
OPEN_WITHIN = 10.0
"""Seconds that a server which is just starting has at the bot's own start."""
PAUSE = 0.05
"""Seconds before a second attempt; each further one waits twice as long."""
MIGRATING = 5_338_097_641
"""The advisory lock of who changes the schema: any number that nobody else takes."""

SESSION = {
    "application_name": "sheepbot",
    "synchronous_commit": "on",  # what is acknowledged is on disk, whatever the server's default is
    "jit": "off",  # no query here is worth compiling
    # Each goes by an index. The planner cannot see how little the JSON of a group holds, and would read all votes.
    "enable_seqscan": "off",
}
CONNECTION: dict[str, Any] = {
    "timeout": CONNECT_SECONDS,
    "command_timeout": STATEMENT_SECONDS,
    "server_settings": SESSION,
}
PASSING = (
    OSError,  # a TimeoutError is one
    asyncpg.PostgresConnectionError,
    asyncpg.TransactionRollbackError,  # serialization, deadlock
    asyncpg.OperatorInterventionError,  # it stops, crashed, or is starting
    asyncpg.TooManyConnectionsError,
    asyncpg.ReadOnlySQLTransactionError,  # it is the leader no more
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InternalClientError,
)
"""Errors that may be gone a moment later."""

_Result = TypeVar("_Result")


class UncertainError(StoreError):
    """The connection broke while a transaction was being committed, and nothing told what became of it."""

    told = "My records did not answer, so I cannot tell whether that was saved. `/myvotes` shows it in a moment."


class PostgresDatabase(Database):
    """An open PostgreSQL database; made by :func:`open_postgres`."""

    shared = True
    numbering = "SELECT setval(pg_get_serial_sequence('{table}', 'id'), coalesce(max(id), 0) + 1, false) FROM {table}"
    now = "CAST(extract(epoch FROM clock_timestamp()) AS double precision)"

    def __init__(self, url: str, pool: asyncpg.Pool, metrics: Metrics) -> None:
        self._url = url
        self._pool = pool
        self._metrics = metrics

    async def fetch(self, sql: str, *values: Value) -> list[Row]:
        """Run one query and return all of its rows."""

        async def query(connection: PoolConnectionProxy) -> list[Row]:
            return [tuple(row) for row in await connection.fetch(sql, *values)]

        return await self._ask(query)

    async def transaction(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """Run statements in one durable transaction and return the rows of each.

        Raises:
            UncertainError: It may have been committed, or not.
        """
        committing = False

        async def run(connection: PoolConnectionProxy) -> list[list[Row]]:
            nonlocal committing
            transaction = connection.transaction(isolation="read_committed")
            await transaction.start()
            try:
                results = [[tuple(row) for row in await connection.fetch(sql, *values)] for sql, values in statements]
            except BaseException:
                with suppress(*PASSING, asyncpg.InterfaceError, asyncpg.PostgresError):
                    await transaction.rollback()
                raise
            committing = True
            await transaction.commit()
            return results

        try:
            return await self._ask(run)
        except StoreError as error:
            if committing:
                raise UncertainError from error.__cause__
            raise

    async def load(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Insert many rows in one durable transaction."""

        async def copy(connection: PoolConnectionProxy) -> None:
            await connection.copy_records_to_table(table, records=rows, columns=columns, timeout=LOAD_SECONDS)

        await self._ask(copy)

    @staticmethod
    def given(parameter: str, columns: Mapping[str, type[int | str]]) -> str:
        """SQL for a table of rows that a parameter holds."""
        picked = ", ".join(
            f"(k ->> {place}){'::bigint' if kind is int else ''} AS {name}"
            for place, (name, kind) in enumerate(columns.items())
        )
        return f"(SELECT {picked} FROM json_array_elements({parameter}::json) AS k)"  # noqa: S608 - constants of the verbs

    def listening(self, channel: str, told: Callable[[str | None], None]) -> AbstractAsyncContextManager[None]:
        """Pass on each notice of a channel within the context; None where notices may have been missed."""
        return listening(lambda: asyncpg.connect(self._url, **CONNECTION), channel, told)

    async def close(self) -> None:
        """Wait for what is under way, and let the connections go."""
        try:
            async with asyncio.timeout(STATEMENT_SECONDS):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    async def _ask(self, work: Callable[[PoolConnectionProxy], Awaitable[_Result]]) -> _Result:
        """Do work on a connection of the pool, again where it failed for a cause that may pass.

        Raises:
            ConstraintError: It broke a rule of the schema.
            StoreError: The database did not do it.
        """
        clock = asyncio.get_running_loop().time
        give_up, pause = clock() + ASK_AGAIN_FOR, PAUSE
        while True:
            try:
                async with self._pool.acquire(timeout=ASK_AGAIN_FOR) as connection:
                    return await work(connection)
            except asyncpg.IntegrityConstraintViolationError as error:
                self._metrics.database_failed(error)
                raise ConstraintError from error
            except Exception as error:
                if not isinstance(error, EXPECTED):
                    raise
                self._metrics.database_failed(error)
                if isinstance(error, asyncpg.ReadOnlySQLTransactionError):
                    await self._pool.expire_connections()  # they lead to a server that does not lead any more
                wait = pause * random.uniform(0.5, 1.0)  # noqa: S311 - so that not all processes come at once
                if not _may_pass(error) or self._pool.is_closing() or clock() + wait > give_up:
                    raise StoreError from error
                await asyncio.sleep(wait)
                pause *= 2


EXPECTED = (*PASSING, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError, OverflowError)


def _may_pass(error: Exception) -> bool:
    # asyncpg says InterfaceError of a connection that is closed, and, as a ValueError too, of what cannot be sent.
    return isinstance(error, PASSING) or (
        isinstance(error, asyncpg.InterfaceError) and not isinstance(error, ValueError)
    )


async def open_postgres(
    url: str, connections: int, metrics: Metrics = SILENT, *, read_only: bool = False
) -> PostgresDatabase:
    """Connect to a database and bring its schema up to date, once for all processes that start together.

    Args:
        connections: The most that are open at once.
        read_only: Whether nothing will be changed, not even the schema; a standby will do.

    Raises:
        ConfigError: The URL says nothing that could be connected to.
        DatabaseError: The server does not let the bot in, or the schema cannot be used.
    """
    clock = asyncio.get_running_loop().time
    give_up = clock() + OPEN_WITHIN
    while True:
        try:
            address(url)
            return await _open(url, connections, metrics, _look if read_only else _migrate)
        except (ValueError, OverflowError) as error:
            raise not_understood(error) from None
        except Exception as error:
            if not isinstance(error, EXPECTED):
                raise
            if not _may_pass(error) or clock() > give_up:
                raise DatabaseError(why(url, error)) from error
            log.warning("PostgreSQL does not answer yet (%s); trying again", said(error))
            await asyncio.sleep(1)


async def _open(
    url: str, connections: int, metrics: Metrics, prepare: Callable[[PoolConnectionProxy], Awaitable[None]]
) -> PostgresDatabase:
    pool = asyncpg.create_pool(
        url,
        min_size=1,
        max_size=connections,
        reset=_leave,
        **CONNECTION,
    )
    try:
        await pool
        async with pool.acquire() as connection:
            await prepare(connection)
    except BaseException:
        pool.terminate()
        raise
    return PostgresDatabase(url, pool, metrics)


async def _leave(_: object) -> None:
    """No session is ever changed, so a connection that is given back need not ask the server to undo that."""


async def _look(connection: PoolConnectionProxy) -> None:
    """Refuse a schema that is none or another version's: other processes may run on it."""
    try:
        applied = {row[0] for row in await connection.fetch("SELECT version FROM migrations")}
    except asyncpg.UndefinedTableError:
        applied = set[int]()
    if applied != migrations.known("postgres"):
        raise DatabaseError(
            "The database has the schema of another version, or none. Run `sheepbot store migrate`, or correct"
            " DATABASE_URL."
        )


async def _migrate(connection: PoolConnectionProxy) -> None:
    """Apply the migrations that the database has not seen, all in one transaction, while others wait."""
    found = connection.get_server_version().major
    if found < OLDEST_POSTGRES:
        raise DatabaseError(f"The server is PostgreSQL {found}; Sheepbot needs {OLDEST_POSTGRES} or newer.")
    known = migrations.load("postgres")
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", MIGRATING, timeout=MIGRATE_SECONDS)
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS migrations"
            " (version bigint PRIMARY KEY, name text NOT NULL, applied_at bigint NOT NULL)"
        )
        applied = {row[0] for row in await connection.fetch("SELECT version FROM migrations")}
        if newer := migrations.unknown("postgres", applied):
            raise DatabaseError(
                f"The database was made by a newer Sheepbot (schema {max(newer)}). Upgrade, or restore an older backup."
            )
        for migration in known:
            if migration.version not in applied:
                log.info("Applying migration %s", migration.name)
                await connection.execute(migration.sql, timeout=MIGRATE_SECONDS)
                await connection.execute(
                    "INSERT INTO migrations VALUES ($1, $2, extract(epoch FROM now())::bigint)",
                    migration.version,
                    migration.name,
                )
