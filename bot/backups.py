"""When backups are taken: as the command line asks for one, through the bot where one runs, and on schedule."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import re
import socket
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.errors import ConfigError, DatabaseError
from bot.store import sqlite_path

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bot.settings import Settings
    from bot.store import Store
    from bot.store.backup import Backup

log = logging.getLogger(__name__)

FOLDER = "backups"
NAME = "sheepbot-%Y%m%d-%H%M%S.db"
OWN_NAME = re.compile(r"sheepbot-\d{8}-\d{6}\.db")
HOUR = 3600.0


def database_of(settings: Settings) -> Path:
    """The file that is backed up and restored.

    Raises:
        ConfigError: The database is none that Sheepbot backs up itself.
    """
    if settings.database_url.startswith(("postgresql:", "postgres:")):
        raise ConfigError(
            "PostgreSQL has its own tools. To back up: pg_dump --format=custom --file=sheepbot.dump URL."
            " To restore, while the bot is stopped: pg_restore --clean --if-exists --dbname=URL sheepbot.dump."
            " URL is what DATABASE_URL says."
        )
    return sqlite_path(settings.database_url)


def take(settings: Settings, path: Path | None) -> Backup:
    """Take a backup: through the bot that has the database open, or, where there is none, without one.

    Raises:
        StartError: There is no new backup.
    """
    from bot.store import backup  # noqa: PLC0415 - no start needs it

    database = database_of(settings)
    path = (path or _default(database)).absolute()  # the bot may have been started in another folder
    with socket.socket(socket.AF_UNIX) as bot:
        try:
            bot.connect(_address(database))
        except OSError:  # no bot, or one that was killed, or whose socket could not be made
            return backup.back_up_closed(database, path)
        try:
            bot.sendall(json.dumps({"backup": str(path)}).encode() + b"\n")
            answer: dict[str, Any] = json.loads(bot.makefile().readline())
        except (OSError, ValueError) as error:
            raise DatabaseError("The bot stopped before the backup was finished. Try again.") from error
    if "error" in answer:
        raise DatabaseError(answer["error"])
    return backup.Backup(**answer)


def restore(settings: Settings, path: Path) -> tuple[Backup, Path | None]:
    """Put a checked copy of a backup in the place of the database.

    Returns:
        What is in place now, and where the former database was put, None where there was none.

    Raises:
        StartError: A bot has the database open, or the backup is unfit; the database is as it was.
    """
    from bot.store import backup  # noqa: PLC0415 - no start needs it

    return backup.restore(path, database_of(settings))


@contextlib.asynccontextmanager
async def looked_after(store: Store, settings: Settings) -> AsyncGenerator[None]:
    """Take backups of an open store within the context, on request and on schedule."""
    try:
        database = database_of(settings)
    except ConfigError as error:
        if settings.backup_every:
            log.warning("BACKUP_EVERY has no effect. %s", error)
        yield
        return
    _remove_unfinished(database)
    server = await _listen(store, database)
    schedule = asyncio.create_task(_keep_taking(store, database, settings)) if settings.backup_every else None
    try:
        yield
    finally:
        if schedule:
            schedule.cancel()
        if server:
            server.close()
            _unbind(database)


async def _listen(store: Store, database: Path) -> asyncio.Server | None:
    """Take requests on a socket beside the database, which is for its owner alone; None where there can be none."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = json.loads(await reader.readline())
            said: dict[str, Any] = (await _take(store, Path(asked["backup"])))._asdict()
        except DatabaseError as error:
            said = {"error": str(error)}
        except (ValueError, TypeError, LookupError):
            said = {"error": "The bot did not understand what it was asked. Restart it, if it is of an older version."}
        with contextlib.suppress(OSError):
            writer.write(json.dumps(said).encode() + b"\n")
            await writer.drain()
        writer.close()

    try:
        return await asyncio.start_unix_server(answer, sock=_bound(database))
    except OSError as error:
        log.warning(
            "`sheepbot backup` cannot reach this bot: no socket can be made beside %s (%s)."
            " Stop the bot for it, set BACKUP_EVERY, or move the database to a shorter path.",
            database,
            error,
        )
        return None


def _bound(database: Path) -> socket.socket:
    """A socket that is not listening yet, so that nobody comes in before it is closed to others."""
    _unbind(database)  # a bot that was killed left it, as none but this one has the database open
    bound = socket.socket(socket.AF_UNIX)
    try:
        bound.bind(_address(database))
        Path(_address(database)).chmod(0o600)
    except BaseException:
        bound.close()
        raise
    return bound


def _unbind(database: Path) -> None:
    with contextlib.suppress(OSError):
        Path(_address(database)).unlink(missing_ok=True)


async def _keep_taking(store: Store, database: Path, settings: Settings) -> None:
    """Take a backup whenever the newest one is old enough; after one that failed, wait as long again."""
    every = settings.backup_every * HOUR
    while True:
        try:
            await asyncio.sleep(min(every, max(0.0, newest(database) + every - time.time())))
            done = await _take(store, _default(database))
            _keep_newest(Path(done.path), settings.backup_keep)
        except DatabaseError as error:
            log.error("A backup failed, and is made the next time that one is due. %s", error)  # noqa: TRY400 - it says why
        except Exception:  # whatever it was, the next one must be taken all the same
            log.exception("A backup failed, or deleting an old one; the next is made when it is due")
        else:
            continue
        await asyncio.sleep(every)


async def _take(store: Store, path: Path) -> Backup:
    done = await store.back_up(path)
    log.info("Backed up to %s: %s", done.path, done)
    return done


def _address(database: Path) -> str:
    """The socket of the bot that has a database open; a name for one must be short."""
    address = os.path.realpath(database) + ".sock"
    return min(address, os.path.relpath(address), key=len)


def _default(database: Path) -> Path:
    return Path(os.path.realpath(database)).parent / FOLDER / datetime.now(UTC).strftime(NAME)


def _taken(folder: Path) -> dict[Path, float]:
    """The backups in a folder that have a name of ours, and when they were taken, in Unix seconds."""
    found: dict[Path, float] = {}
    for path in folder.iterdir() if folder.is_dir() else ():
        if OWN_NAME.fullmatch(path.name) and path.is_file():
            with contextlib.suppress(ValueError):  # digits that are no time
                found[path] = datetime.strptime(path.name, NAME).replace(tzinfo=UTC).timestamp()
    return found


def newest(database: Path) -> float:
    """When the newest backup in our folder was taken, in Unix seconds; 0 where there is none."""
    return max(_taken(_default(database).parent).values(), default=0.0)


def _keep_newest(taken: Path, keep: int) -> None:
    """Delete the oldest backups, but never the one just taken, whatever the clock said at the others."""
    found = _taken(taken.parent)
    found.pop(taken, None)
    for path in sorted(found, key=found.__getitem__, reverse=True)[keep - 1 :]:
        path.unlink()


def _remove_unfinished(database: Path) -> None:
    """Delete what backups to our folder that were killed left there."""
    with contextlib.suppress(OSError):
        for path in _default(database).parent.glob("sheepbot-*.db.part*"):
            if OWN_NAME.fullmatch(path.name.partition(".part")[0]):
                path.unlink()
