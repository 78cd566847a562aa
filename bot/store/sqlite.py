"""SQLite: one file, one connection, one process.

Every call is one function that runs from beginning to end on the connection's
own thread, so no call ever sees another's half-done transaction, and a caller
that is cancelled leaves no transaction open. Only a backup comes in from a thread
of its own: SQLite copies some pages at a time, and none while a transaction is
being written.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sqlite3
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

import aiosqlite

from bot.errors import DatabaseError, StoreError
from bot.metrics import SILENT, Metrics
from bot.store import migrations, sqlite_file
from bot.store.database import ConstraintError, Database

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from filelock import FileLock

    from bot.store.backup import Backup
    from bot.store.database import Row, Statement, Value

log = logging.getLogger(__name__)

OLDEST_SQLITE = (3, 38, 0)  # for ->> in queries; STRICT tables came in 3.37
SERIALIZED = 3
"""The mode of SQLite in which threads may share a connection, as PEP 249 counts."""
BUSY_SECONDS = 2.0
WAL_LIMIT_BYTES = 64 * 1024 * 1024
CACHE_KIB = 16 * 1024
"""A board reads every review on the shelf: in SQLite's 2 MB there is no room for a thousand of them."""
BULK_CACHE_KIB = 256 * 1024
"""While millions of rows are written: each touches a page of an index somewhere in it."""
CHECKPOINT_WHEN_IDLE = 200
"""After so many transactions, an idle moment is used for a checkpoint."""
CHECKPOINT_AT_LAST = 4000
"""After so many transactions, a checkpoint is made without waiting for an idle moment."""

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA secure_delete = ON",  # what is deleted is overwritten, not only given up
    "PRAGMA wal_autocheckpoint = 0",  # taken off the write path: see SqliteDatabase.rest
    f"PRAGMA journal_size_limit = {WAL_LIMIT_BYTES}",
    f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}",
    f"PRAGMA cache_size = -{CACHE_KIB}",
)


_Result = TypeVar("_Result")


class Connection(aiosqlite.Connection):
    """An aiosqlite connection that also runs a whole function on its thread.

    aiosqlite offers one thread hop a statement; a transaction made of such hops
    lets other callers' statements in between.
    """

    async def call(self, function: Callable[[sqlite3.Connection], Any]) -> Any:
        """Run a function on the connection, and return what it returns."""
        return await self._execute(function, self._conn)  # pyright: ignore[reportUnknownMemberType] - untyped there

    @property
    def shared(self) -> sqlite3.Connection:
        """The connection itself, for a thread that knows what it does."""
        return self._conn


class SqliteDatabase(Database):
    """An open SQLite database; made by :func:`open_sqlite`."""

    shared = False
    now = "((julianday('now') - 2440587.5) * 86400.0)"
    titles = "INDEXED BY reviews_on_shelf"  # the planner would read each row, and its text with it

    def __init__(self, path: Path, connection: Connection, lock: FileLock | None, metrics: Metrics) -> None:
        self.path = path
        self._metrics = metrics
        self._connection = connection
        self._lock = lock
        self._since_checkpoint = 0
        self._backing_up = asyncio.Lock()
        self._backups: set[asyncio.Task[Backup]] = set()
        self._closing = threading.Event()

    async def fetch(self, sql: str, *values: Value) -> list[Row]:
        """Run one query and return all of its rows."""
        return await self._call(lambda connection: _run(connection, (sql, values)))

    async def transaction(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """Run statements in one durable transaction and return the rows of each."""
        self._since_checkpoint += 1
        results = await self._call(lambda connection: _transact(connection, statements))
        if self._since_checkpoint >= CHECKPOINT_AT_LAST:
            try:
                await self.checkpoint()
            except StoreError:  # the transaction itself is committed, and its caller must hear so
                log.exception("A checkpoint failed; a later one does its work")
        return results

    async def load(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Insert many rows in one durable transaction."""
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 - constants of the tables
        await self._call(lambda connection: _in_transaction(connection, lambda: connection.executemany(sql, rows)))

    async def expect_much(self) -> None:
        """Keep in memory what many rows touch, and let no log grow without end: nobody waits meanwhile."""
        await self.fetch(f"PRAGMA cache_size = -{BULK_CACHE_KIB}")
        await self.fetch(f"PRAGMA wal_autocheckpoint = {WAL_LIMIT_BYTES // sqlite_file.PAGE_BYTES}")

    @staticmethod
    def given(parameter: str, columns: Mapping[str, type[int | str]]) -> str:
        """SQL for a table of rows that a parameter holds."""
        picked = ", ".join(f"value ->> {place} AS {name}" for place, name in enumerate(columns))
        return f"(SELECT {picked} FROM json_each({parameter}))"  # noqa: S608 - constants of the verbs

    async def rest(self) -> None:
        """Use an idle moment: a checkpoint here costs no member's click anything."""
        if self._since_checkpoint >= CHECKPOINT_WHEN_IDLE:
            await self.checkpoint()

    async def checkpoint(self) -> None:
        """Move what is in the write-ahead log into the database file."""
        self._since_checkpoint = 0
        await self.fetch("PRAGMA wal_checkpoint(PASSIVE)")

    async def back_up(self, path: Path) -> Backup:
        """Write a checked copy to a path, while everyone else goes on; one at a time.

        Raises:
            DatabaseError: There is no new backup; what was at the path is there still.
        """
        copying = asyncio.create_task(self._back_up(path))
        self._backups.add(copying)
        copying.add_done_callback(self._backups.discard)
        return await asyncio.shield(copying)  # a thread does not end because nobody waits for it

    async def _back_up(self, path: Path) -> Backup:
        from bot.store import backup  # noqa: PLC0415 - no start needs it

        if sqlite3.threadsafety < SERIALIZED:
            raise DatabaseError("This Python's SQLite shares no connection. Stop the bot, and back up without it.")
        async with self._backing_up:
            return await asyncio.to_thread(backup.back_up, self._connection.shared, self.path, path, self._closing)

    async def close(self) -> None:
        """Give up a backup under way, finish what is queued, fold the log into the file, and let the file go."""
        self._closing.set()
        try:
            await asyncio.gather(*self._backups, return_exceptions=True)
            await self.fetch("PRAGMA wal_checkpoint(TRUNCATE)")
        except StoreError:
            log.exception("The write-ahead log could not be folded in; the next start does it")
        finally:
            try:
                await self._connection.close()
            finally:
                if self._lock:
                    self._lock.release()

    async def _call(self, function: Callable[[sqlite3.Connection], Any]) -> Any:
        try:
            return await self._connection.call(function)
        except (sqlite3.Error, ValueError, OverflowError) as error:  # aiosqlite says ValueError once it is closed
            self._metrics.database_failed(error)
            raise (ConstraintError if isinstance(error, sqlite3.IntegrityError) else StoreError) from error


async def open_sqlite(path: Path, metrics: Metrics = SILENT) -> SqliteDatabase:
    """Open or create the database file, bring its schema up to date, and lock it.

    Raises:
        DatabaseError: It is in use, damaged, unreadable, or made by a newer version.
    """
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        wanted = ".".join(map(str, OLDEST_SQLITE))
        raise DatabaseError(f"This Python has SQLite {sqlite3.sqlite_version}; Sheepbot needs {wanted} or newer.")
    lock = sqlite_file.lock(path)
    try:
        check = sqlite_file.make_or_look(path)
        connection = Connection(
            lambda: sqlite3.connect(path, isolation_level=None, check_same_thread=False), iter_chunk_size=64
        )
        try:
            await connection
        except sqlite3.Error as error:
            raise DatabaseError(f"{path} cannot be opened: {error}. Check the path and its permissions.") from error
        database = SqliteDatabase(path, connection, lock, metrics)
        try:
            for pragma in _PRAGMAS:
                await database.fetch(pragma)
            if check:
                await _look_through(database, check)
            await _migrate(database)
        except StoreError as error:
            await connection.close()
            raise DatabaseError(
                f"{path} cannot be used: {error.cause}. Check the disk and its permissions, or restore a backup."
            ) from error
        except BaseException:
            await connection.close()
            raise
    except BaseException:
        lock.release()
        raise
    return database


async def _look_through(database: SqliteDatabase, check: str) -> None:
    found = (await database.fetch(f"PRAGMA {check}(1)"))[0][0]
    if found != "ok":
        raise DatabaseError(f"{database.path} is damaged ({found.splitlines()[-1]}). Restore a backup.")


async def _migrate(database: SqliteDatabase) -> None:
    """Apply the migrations that the database has not seen, each in one transaction that records it."""
    await database.fetch(
        "CREATE TABLE IF NOT EXISTS migrations"
        " (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT"
    )
    await database.fetch("DELETE FROM migrations WHERE false")  # a file that can only be read is refused here already
    applied = {row[0] for row in await database.fetch("SELECT version FROM migrations")}
    if newer := migrations.unknown("sqlite", applied):
        raise DatabaseError(
            f"{database.path} was made by a newer Sheepbot (schema {max(newer)}). Upgrade, or restore an older backup."
        )
    for migration in migrations.load("sqlite"):
        if migration.version not in applied:
            log.info("Applying migration %s", migration.name)
            record = "INSERT INTO migrations (version, name, applied_at) VALUES ($1, $2, $3)"
            await database.transaction(
                [
                    *((statement, ()) for statement in split(migration.sql)),
                    (record, (migration.version, migration.name, int(time.time()))),
                ]
            )


def split(script: str) -> list[str]:
    """Cut a script into its statements; ``executescript`` would commit the transaction it runs in."""
    statements: list[str] = []
    pending = ""
    for piece in re.split("(?<=;)", script):
        pending += piece
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    return [*statements, pending] if pending.strip() else statements


def _run(connection: sqlite3.Connection, statement: Statement) -> list[Row]:
    sql, values = statement
    return connection.execute(sql, {str(number): value for number, value in enumerate(values, start=1)}).fetchall()


def _transact(connection: sqlite3.Connection, statements: Sequence[Statement]) -> list[list[Row]]:
    return _in_transaction(connection, lambda: [_run(connection, statement) for statement in statements])


def _in_transaction(connection: sqlite3.Connection, work: Callable[[], _Result]) -> _Result:
    # Immediate: a transaction that turns to writing half-way fails at once on a busy database.
    connection.execute("BEGIN IMMEDIATE")
    committing = False
    try:
        results = work()
        committing = True
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if committing:
            # It may stand whole in the log, and only not be synced: after a crash it would be there, though it was
            # refused. Any commit is written over it: this one, or where it fails too, the next.
            with suppress(sqlite3.Error):
                connection.execute("PRAGMA user_version = 0")
        raise
    return results
