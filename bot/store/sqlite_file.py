"""The file of a SQLite database before it is opened: locked, made where there is none, looked at where there is one."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from filelock import FileLock, Timeout

from bot.errors import DatabaseError

PAGE_BYTES = 4096
BESIDE = ("-journal", "-wal", "-shm")
"""What SQLite keeps beside a database."""
SOON_READ = 16 * 1024 * 1024
"""Bytes of a file that is looked through at every start, in at most some 25 ms."""


def lock(path: Path) -> FileLock:
    """Take the file beside the database that says that it is in use.

    Two processes on one WAL database can corrupt it with the SQLite versions up
    to 3.51.2 (sqlite.org/wal.html, "the WAL-reset bug").

    Raises:
        DatabaseError: It is in use, or cannot be written to.
    """
    path = real(path)
    if path.is_dir():
        raise DatabaseError(f"{path} is a folder. Set DATABASE_URL to a file in it.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        taken = FileLock(_lock_file(path))
        taken.acquire(timeout=0)
    except Timeout as error:
        raise DatabaseError(
            f"{path} is in use by another Sheepbot. Stop that one first, or set DATABASE_URL."
        ) from error
    except OSError as error:
        raise DatabaseError(
            f"{path.parent} cannot be written to: {error.strerror}. Check its permissions, or set DATABASE_URL."
        ) from error
    return taken


def in_use(path: Path) -> bool:
    """Whether a bot has the database open; nothing is made to find out.

    Raises:
        OSError: It cannot be told.
    """
    beside = _lock_file(real(path))
    if not beside.exists():
        return False
    try:
        with FileLock(beside, timeout=0):
            return False
    except Timeout:
        return True


def make_or_look(path: Path) -> str | None:
    """Make the file where there is none, and look at the one that is there.

    Returns:
        How it should be looked through, as :func:`look` does.

    Raises:
        DatabaseError: It was emptied, it is gone while its log is not, or it cannot be made.
    """
    path = real(path)
    suspect = look(path)
    if not path.exists():
        _make(path)
    return suspect


def look(path: Path) -> str | None:
    """Look at the file from outside, where there is one.

    Returns:
        The pragma to look through it with, where it is small, or was not closed in order: SQLite compares its length
        with nothing; it would open a file that was cut off, and miss what is gone only when it is asked for. One that
        does not end with a page is compared index by index: half a page of an index passes for a whole one otherwise.

    Raises:
        DatabaseError: It was emptied, or it is gone while its log is not.
    """
    log_left = has_log(path)
    if path.exists():
        size = _bytes(path)
        if not size:  # SQLite takes it for a new database: what was in it would be forgotten in silence
            raise DatabaseError(f"{path} is an empty file. Restore a backup over it, or delete it to start afresh.")
        if size % PAGE_BYTES:
            return "integrity_check"
        return "quick_check" if log_left or size <= SOON_READ else None
    if log_left:  # SQLite would play it into a new file
        raise DatabaseError(f"{path} is gone, and {path.name}-wal is not. Restore a backup, or delete that file too.")
    return None


def has_log(path: Path) -> bool:
    """Whether there is something in the write-ahead log beside the file."""
    return _bytes(path.with_name(path.name + "-wal")) > 0


def _make(path: Path) -> None:
    """Make an empty database under another name first, so that a start that is killed leaves no empty file."""
    new = unmade(path)
    try:
        remove(new)
        with closing(sqlite3.connect(new)) as connection:
            if connection.execute("PRAGMA journal_mode = WAL").fetchone() != ("wal",):  # it fails without an error
                raise sqlite3.OperationalError("the write-ahead log cannot be turned on")
        new.rename(path)
    except (sqlite3.Error, OSError) as error:
        raise DatabaseError(f"{path} cannot be made: {error}. Check the disk and its permissions.") from error


def must_exist(path: Path) -> None:
    """Refuse what is to be read, and would be made by opening it.

    Raises:
        DatabaseError: There is no such database.
    """
    if not path.exists():
        raise DatabaseError(f"There is no database at {path}. Set DATABASE_URL, or start the bot once.")


def unmade(path: Path) -> Path:
    """Where a database is while it is made."""
    return path.with_name(f".{path.name}.making")


def remove(path: Path) -> None:
    """Delete a database and all that SQLite keeps beside it; none need be there."""
    for kept in ("", *BESIDE):
        path.with_name(path.name + kept).unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on disk; not for a database that is open, whose locks it would end."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def real(path: Path) -> Path:
    """A link to a database is that database."""
    return Path(os.path.realpath(path))


def _lock_file(path: Path) -> Path:
    return path.with_name(path.name + ".lock")


def _bytes(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
