"""The store: the only home of SQL and of database drivers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import ConfigError, DatabaseError, ExtensionLoadError, StoreError
from bot.metrics import SILENT, Metrics
from bot.store import sqlite_file
from bot.store.announcements import Announcements
from bot.store.aside import Aside
from bot.store.audit import Audit
from bot.store.closings import Closings
from bot.store.departures import Departures
from bot.store.drafts import Drafts
from bot.store.feeds import Feeds
from bot.store.guilds import Guilds
from bot.store.imports import Imports
from bot.store.labels import ShelfLabels
from bot.store.leaderboard import Leaderboard
from bot.store.leases import Leases
from bot.store.meta import COPYING, VACUUM_DUE, Meta
from bot.store.moderation import Moderation
from bot.store.own import OwnReviews
from bot.store.posts import Posts
from bot.store.privacy import Privacy
from bot.store.records import Records
from bot.store.reviews import Reviews
from bot.store.sqlite import SqliteDatabase, open_sqlite
from bot.store.stats import Stats
from bot.store.taste import Taste
from bot.store.thoughts import Thoughts
from bot.store.vacuuming import vacuum, vacuum_if_small
from bot.store.votes import Votes

if TYPE_CHECKING:
    from bot.store.backup import Backup
    from bot.store.copying import Copied, Tell
    from bot.store.database import Database

__all__ = ["Store", "copy_store", "open_store", "sqlite_path", "unusable"]

SQLITE = "sqlite:///"
POSTGRES = ("postgresql://", "postgres://")
CONNECTIONS = 5
"""The most connections to PostgreSQL that a process keeps, unless it is told another number."""
ANSWERS_WITHIN = 1.0
"""Seconds that the database may take for a question with no work in it."""


class Store:
    """Everything that is kept, by topic; made by :func:`open_store`.

    Attributes:
        vacuum_due: Whether the file may still hold what was deleted before it was opened.
    """

    def __init__(self, database: Database, metrics: Metrics = SILENT, *, vacuum_due: bool = False) -> None:
        self._database = database
        self.vacuum_due = vacuum_due
        self.meta = Meta(database)
        self.labels = ShelfLabels(database)
        self.reviews = Reviews(database, changed=self.labels.forget)
        self.own = OwnReviews(database, self.labels.forget)
        self.drafts = Drafts(database)
        self.guilds = Guilds(database)
        self.votes = Votes(database, self.guilds, metrics)
        self.thoughts = Thoughts(database)
        self.leaderboard = Leaderboard(database)
        self.posts = Posts(database)
        self.records = Records(database)
        self.imports = Imports(database)
        self.leases = Leases(database)
        self.audit = Audit(database)
        self.moderation = Moderation(database, self.guilds)
        self.aside = Aside(database, self.guilds)
        self.closings = Closings(database, self.guilds, self.votes)
        self.announcements = Announcements(database, self.guilds)
        self.feeds = Feeds(database)
        self.privacy = Privacy(database, self.guilds.forget)
        self.departures = Departures(database)
        self.stats = Stats(database)
        self.taste = Taste(database)

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

    async def vacuum_if_small(self) -> None:
        """Do as :meth:`vacuum` does where it is quick, else tell the operator to; never fails."""
        if isinstance(self._database, SqliteDatabase):
            await vacuum_if_small(self._database)

    async def vacuum(self) -> bool:
        """Write the database file anew, without anything of what was deleted; nobody else may wait for it.

        Returns:
            Whether it was: PostgreSQL looks after its files by itself.

        Raises:
            StoreError: It was not; the file is as it was.
        """
        if not isinstance(self._database, SqliteDatabase):
            return False
        await vacuum(self._database)
        return True

    async def schema(self) -> int:
        """The version of the schema, the newest that this Sheepbot knows."""
        return int((await self._database.fetch("SELECT max(version) FROM migrations"))[0][0])

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


async def open_store(
    url: str, metrics: Metrics = SILENT, *, connections: int = CONNECTIONS, read_only: bool = False
) -> Store:
    """Open the database that a URL names, ready to use.

    Args:
        url: ``sqlite:///relative/path.db``, ``sqlite:////absolute/path.db`` or ``postgresql://user@host/database``.
        connections: The most connections to PostgreSQL.
        read_only: Whether nothing will be changed, also not the schema: then a SQLite file may be open elsewhere too.

    Raises:
        ConfigError: The URL names no database that Sheepbot knows.
        DatabaseError: The database cannot be used.
        ExtensionLoadError: The driver for it is not installed.
    """
    database = await open_database(url, metrics, connections=connections, read_only=read_only)
    try:
        return Store(database, metrics, vacuum_due=VACUUM_DUE in await _marks(database))
    except StoreError as error:
        await database.close()
        raise unusable(error, shared=database.shared) from error
    except BaseException:
        await database.close()
        raise


async def _marks(database: Database) -> dict[str, str]:
    """What must be known of a database before it is used.

    Raises:
        DatabaseError: It is half a copy.
    """
    marks = dict(await database.fetch("SELECT key, value FROM meta WHERE key IN ($1, $2)", COPYING, VACUUM_DUE))
    if COPYING in marks:
        raise DatabaseError(
            f"The database is an unfinished copy of {marks[COPYING]}. Run that `sheepbot store copy` again, to its"
            " end, or set DATABASE_URL."
        )
    return marks


def unusable(error: StoreError, *, shared: bool) -> DatabaseError:
    """What the operator is told of a database that fails while the bot starts."""
    mend = "Check PostgreSQL and its log." if shared else "Check the disk and its permissions, or restore a backup."
    return DatabaseError(f"The database cannot be used: {error.cause}. {mend}")


async def open_database(
    url: str, metrics: Metrics = SILENT, *, connections: int = CONNECTIONS, read_only: bool = False
) -> Database:
    """The same as :func:`open_store`, but for whoever moves what is in it, even while it is half a copy."""
    if not url.startswith(POSTGRES):
        if read_only:
            from bot.store.sqlite_reader import open_to_read  # noqa: PLC0415 - no start needs it

            return await open_to_read(sqlite_path(url))
        return await open_sqlite(sqlite_path(url), metrics)
    try:
        from bot.store.postgres import open_postgres  # noqa: PLC0415 - an optional part
    except ImportError as error:
        raise ExtensionLoadError(
            f"The driver for PostgreSQL is not installed ({error}). In Sheepbot's folder: pip install '.[postgres]'"
        ) from error
    return await open_postgres(url, connections, metrics, read_only=read_only)


async def copy_store(source_url: str, target_url: str, tell: Tell) -> list[Copied]:
    """Copy everything from one database to another, which is locked or marked until that is done and compared.

    Args:
        tell: Called with what is being done, the rows done, and how many there are.

    Raises:
        StartError: It is not done; to do it again goes on where it stopped, where that can be.
    """
    from bot.store.copying import copy, named  # noqa: PLC0415 - no start needs it

    if not source_url.startswith(POSTGRES):
        sqlite_file.must_exist(sqlite_path(source_url))
    source = await open_database(source_url)
    try:
        await _marks(source)
        target = await open_database(target_url)
        try:
            return await copy(source, target, named(source_url), tell)
        finally:
            await target.close()
    except StoreError as error:
        raise DatabaseError(
            f"The copy stopped: {error.cause}. Mend that, and run the same command again: it goes on there."
        ) from error
    finally:
        await source.close()


def sqlite_path(url: str) -> Path:
    """The file that a URL names.

    Raises:
        ConfigError: It names none.
    """
    path = url.removeprefix(SQLITE)
    if path == url or not path:
        raise ConfigError(f"DATABASE_URL must look like {SQLITE}data/sheepbot.db or postgresql://user@host/database")
    return Path(path)
