"""A SQLite database that is only read, also beside the bot that has it open.

What can damage a database that two processes have open is two that write; a reader never does, and its pages are
each read in an instant, so that it holds up nobody's log either.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from bot.errors import DatabaseError, StoreError
from bot.metrics import SILENT
from bot.store import migrations, sqlite_file
from bot.store.sqlite import Connection, SqliteDatabase

if TYPE_CHECKING:
    from pathlib import Path


class SqliteReader(SqliteDatabase):
    """An open SQLite database that takes no changes; made by :func:`open_to_read`."""

    async def close(self) -> None:
        """Let it go as it was found."""
        await self._connection.close()


async def open_to_read(path: Path) -> SqliteReader:
    """Open a database that is there, without its lock.

    Raises:
        DatabaseError: There is none, it cannot be read, or its schema is another version's.
    """
    path = sqlite_file.real(path)
    sqlite_file.must_exist(path)
    address = f"{path.as_uri()}?mode=ro"
    connection = Connection(
        lambda: sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False), iter_chunk_size=64
    )
    try:
        await connection
        database = SqliteReader(path, connection, None, SILENT)
        applied = {row[0] for row in await database.fetch("SELECT version FROM migrations")}
    except (sqlite3.Error, StoreError) as error:
        await connection.close()
        raise DatabaseError(
            f"{path} cannot be read: {error.cause if isinstance(error, StoreError) else error}. Restore a backup."
        ) from error
    if applied != migrations.known("sqlite"):
        await connection.close()
        raise DatabaseError(
            f"{path} has the schema of another version. Stop the bot, and run `sheepbot store migrate`."
        )
    return database
