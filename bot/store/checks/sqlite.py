"""Whether a SQLite file is fit to be used: read only, and beside a bot that runs hardly touched."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import threading
from contextlib import closing
from typing import TYPE_CHECKING

from bot.errors import DatabaseError
from bot.findings import Finding, Mark
from bot.store import migrations, sqlite_file
from bot.store.backup import RESERVE, NewerError, UnsoundError, look_through
from bot.store.sqlite import OLDEST_SQLITE

if TYPE_CHECKING:
    from pathlib import Path

READ_SECONDS = 3.0
"""For reading the whole of it; a large file takes longer."""
BUSY_SECONDS = 1.0
RESTORE = "Stop the bot, and put a backup in its place: sheepbot restore PATH"
PERMISSIONS = "Check its permissions: the user that runs the bot, and this command, must own it. Or set DATABASE_URL."

UNREADABLE = "Check its permissions, and that no other program has it locked."


def examine(path: Path) -> list[Finding]:
    """Look at the file and its folder."""
    path = sqlite_file.real(path)
    # In turns: to close a file of the database ends the locks that a connection of the same process has on it.
    return [_writing(path), _contents(path), _room(path)]


def _writing(path: Path) -> Finding:
    """Whether the file, and others beside it, can be written: tried on a file without a name."""
    folder = _folder(path)
    if path.is_dir():
        return Finding("Writing", Mark.BAD, f"{path} is a folder", "Set DATABASE_URL to a file in it.")
    tried = folder
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"sheep")
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            tried = path
            path.open("r+b").close()
    except OSError as error:
        return Finding("Writing", Mark.BAD, f"{tried} cannot be written to: {error.strerror}", PERMISSIONS)
    return Finding("Writing", Mark.GOOD, f"{folder} can be written to")


def _contents(path: Path) -> Finding:
    """Whether the database is sound; all of it is read, but not beside a bot, whose log would grow meanwhile."""
    try:
        return _looked_into(path)
    except DatabaseError as error:
        return Finding.of("Database", error)
    except sqlite3.OperationalError as error:
        return Finding("Database", Mark.BAD, f"{path} cannot be read: {error}", UNREADABLE)
    except sqlite3.DatabaseError as error:
        return Finding("Database", Mark.BAD, f"{path} is damaged ({error})", RESTORE)
    except OSError as error:
        return Finding("Database", Mark.BAD, f"{error.filename} cannot be opened: {error.strerror}", PERMISSIONS)


def _looked_into(path: Path) -> Finding:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        wanted = ".".join(map(str, OLDEST_SQLITE))
        said = f"this Python has SQLite {sqlite3.sqlite_version}, Sheepbot needs {wanted} or newer"
        return Finding("Database", Mark.BAD, said, "Use a newer Python.")
    running = sqlite_file.in_use(path)
    if not running:
        sqlite_file.look(path)
        if not path.exists():
            fix = "The first start makes it. If there should be one: correct DATABASE_URL, or restore a backup."
            return Finding("Database", Mark.NOTE, f"there is none at {path} yet", fix)
    with closing(_open(path, running=running)) as connection:
        return _running(path, connection) if running else _stopped(path, connection)


def _open(path: Path, *, running: bool) -> sqlite3.Connection:
    """Open it to read. Where nobody uses it and its log is empty, not even SQLite's own files are made beside it."""
    alone = "" if running or sqlite_file.has_log(path) else "&immutable=1"
    return sqlite3.connect(f"{path.as_uri()}?mode=ro{alone}", uri=True, timeout=BUSY_SECONDS, isolation_level=None)


def _running(path: Path, connection: sqlite3.Connection) -> Finding:
    applied = _applied(connection)
    if newer := migrations.unknown("sqlite", applied):
        return _newer(path, f"was made by a newer Sheepbot (schema {max(newer)})")
    connection.execute("SELECT sheep FROM votes LIMIT 1").fetchall()
    said = f"{path} is in use by a running Sheepbot, and answers (schema {max(applied)})"
    return Finding("Database", Mark.GOOD, f"{said}; sheepbot backup reads all of it")


def _stopped(path: Path, connection: sqlite3.Connection) -> Finding:
    connection.execute("SELECT name FROM sqlite_schema").fetchall()  # one that is locked is not damaged
    stop = threading.Event()
    timer = threading.Timer(READ_SECONDS, stop.set)
    timer.daemon = True
    timer.start()
    try:
        votes = look_through(connection, stop)
    except NewerError as error:
        return _newer(path, str(error))
    except UnsoundError as error:
        return Finding("Database", Mark.BAD, f"{path} {error}", RESTORE)
    except DatabaseError:
        said = f"{path} is too large to be read whole in {READ_SECONDS:g} s"
        return Finding("Database", Mark.NOTE, said, "sheepbot backup reads all of it, and tells damage.")
    finally:
        timer.cancel()
    applied = _applied(connection)
    known = migrations.known("sqlite")
    schema = f"schema {max(applied)}" + (f", the next start makes it {max(known)}" if known - applied else "")
    return Finding("Database", Mark.GOOD, f"{path} is sound: {votes:,} vote{'s' * (votes != 1)}, {schema}")


def _newer(path: Path, said: str) -> Finding:
    return Finding("Database", Mark.BAD, f"{path} {said}", "Upgrade Sheepbot, or restore an older backup.")


def _applied(connection: sqlite3.Connection) -> set[int]:
    return {version for (version,) in connection.execute("SELECT version FROM migrations")}


def _room(path: Path) -> Finding:
    """Whether the disk has room for votes, and for a backup beside them."""
    free = shutil.disk_usage(_folder(path)).free
    size = path.stat().st_size if path.is_file() else 0
    said = f"{free / 1e9:,.1f} GB free" if free >= 1e9 else f"{free / 1e6:,.0f} MB free"
    if free < RESERVE:
        return Finding("Disk", Mark.BAD, said, "Free some: once it is full, no vote can be stored.")
    if free < RESERVE + size:
        return Finding("Disk", Mark.NOTE, said, "Free some, or back up to another disk: a backup has no room here.")
    return Finding("Disk", Mark.GOOD, said)


def _folder(path: Path) -> Path:
    """The folder of the file, or, where that is yet to be made, the one in which it will be."""
    return next(folder for folder in path.parents if folder.exists())
