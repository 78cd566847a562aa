"""The store: the only home of SQL and of database drivers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import ConfigError, DatabaseError, ExtensionLoadError, StoreError
from bot.metrics import SILENT, Metrics
from bot.store.leaderboard import Leaderboard
from bot.store.leases import Leases
from bot.store.meta import Meta
from bot.store.posts import Posts
from bot.store.reviews import Reviews
from bot.store.sqlite import SqliteDatabase, open_sqlite
from bot.store.thoughts import Thoughts
from bot.store.votes import Votes

if TYPE_CHECKING:
    from bot.store.backup import Backup
    from bot.store.database import Database

__all__ = ["Store", "open_store", "sqlite_path"]

SQLITE = "sqlite:///"
POSTGRES = ("postgresql://", "postgres://")
CONNECTIONS = 5
"""The most connections to PostgreSQL that a process keeps, unless it is told another number."""
ANSWERS_WITHIN = 1.0
"""Seconds that the database may take for a question with no work in it."""


class Store:
    """Everything that is kept, by topic; made by :func:`open_store`."""

    def __init__(self, database: Database, metrics: Metrics = SILENT) -> None:
        self._database = database
        self.meta = Meta(database)
        self.reviews = Reviews(database)
        self.votes = Votes(database, metrics)
        self.thoughts = Thoughts(database)
        self.leaderboard = Leaderboard(database)
        self.posts = Posts(database)
        self.leases = Leases(database)

    @property
    def shared(self) -> bool:
        """Whether other processes may use the same database at the same time."""
        return self._database.shared

    async def back_up(self, path: Path) -> Backup:
        """Write a checked copy of everything to a path, while votes go on being taken.

        Raises:
            DatabaseError: There is no new backup; what was at the path is there still.
        """
        if not isinstance(self._database, SqliteDatabase):
            raise DatabaseError("PostgreSQL is backed up with pg_dump.")
        return await self._database.back_up(path)

    async def ping(self) -> None:
        """Return as soon as the database answers.

        Raises:
            StoreError: It does not.
        """
        await self._database.fetch("SELECT 1")

    async def answers(self) -> bool:
        """Whether the database answers soon enough for a click."""
        try:
            async with asyncio.timeout(ANSWERS_WITHIN):
                await self.ping()
        except (StoreError, TimeoutError):
            return False
        return True

    async def close(self) -> None:
        """Write what is waiting and let the database go."""
        try:
            await self.votes.close()
        finally:
            await self._database.close()


async def open_store(url: str, metrics: Metrics = SILENT, *, connections: int = CONNECTIONS) -> Store:
    """Open the database that a URL names, ready to use.

    Args:
        url: ``sqlite:///relative/path.db``, ``sqlite:////absolute/path.db`` or ``postgresql://user@host/database``.
        connections: The most connections to PostgreSQL.

    Raises:
        ConfigError: The URL names no database that Sheepbot knows.
        DatabaseError: The database cannot be used.
        ExtensionLoadError: The driver for it is not installed.
    """
    if not url.startswith(POSTGRES):
        return Store(await open_sqlite(sqlite_path(url), metrics), metrics)
    try:
        from bot.store.postgres import open_postgres  # noqa: PLC0415 - an optional part
    except ImportError as error:
        raise ExtensionLoadError(
            f"The driver for PostgreSQL is not installed ({error}). In Sheepbot's folder: pip install '.[postgres]'"
        ) from error
    return Store(await open_postgres(url, connections, metrics), metrics)


def sqlite_path(url: str) -> Path:
    """The file that a URL names.

    Raises:
        ConfigError: It names none.
    """
    path = url.removeprefix(SQLITE)
    if path == url or not path:
        raise ConfigError(f"DATABASE_URL must look like {SQLITE}data/sheepbot.db or postgresql://user@host/database")
    return Path(path)
