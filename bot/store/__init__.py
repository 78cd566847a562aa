"""The store: the only home of SQL and of database drivers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import ConfigError
from bot.metrics import SILENT, Metrics
from bot.store.leaderboard import Leaderboard
from bot.store.meta import Meta
from bot.store.posts import Posts
from bot.store.reviews import Reviews
from bot.store.sqlite import Database, open_database
from bot.store.thoughts import Thoughts
from bot.store.votes import Votes

if TYPE_CHECKING:
    from bot.store.backup import Backup

__all__ = ["Store", "open_store", "sqlite_path"]

SQLITE = "sqlite:///"


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

    async def back_up(self, path: Path) -> Backup:
        """Write a checked copy of everything to a path, while votes go on being taken.

        Raises:
            DatabaseError: There is no new backup; what was at the path is there still.
        """
        return await self._database.back_up(path)

    async def ping(self) -> None:
        """Return as soon as the database answers.

        Raises:
            StoreError: It does not.
        """
        await self._database.fetch("SELECT 1")

    async def close(self) -> None:
        """Write what is waiting and let the database go."""
        try:
            await self.votes.close()
        finally:
            await self._database.close()


async def open_store(url: str, metrics: Metrics = SILENT) -> Store:
    """Open the database that a URL names, ready to use.

    Args:
        url: ``sqlite:///relative/path.db`` or ``sqlite:////absolute/path.db``.

    Raises:
        ConfigError: The URL names no database that Sheepbot knows.
        DatabaseError: The database cannot be used.
    """
    return Store(await open_database(sqlite_path(url), metrics), metrics)


def sqlite_path(url: str) -> Path:
    """The file that a URL names.

    Raises:
        ConfigError: It names none.
    """
    path = url.removeprefix(SQLITE)
    if path == url or not path:
        raise ConfigError(f"DATABASE_URL must look like {SQLITE}data/sheepbot.db")
    return Path(path)
