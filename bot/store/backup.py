"""Backups of a SQLite database: copied while it is in use, checked from end to end, and only then put in place."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from contextlib import closing, suppress
from threading import Event
from typing import TYPE_CHECKING, NamedTuple

from bot.errors import DatabaseError
from bot.store import migrations, sqlite_file
from bot.store.meta import COMMANDS_HASH

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STEP_PAGES = 256
"""Pages that are copied in one go, a megabyte: for a millisecond or two nothing else uses the connection."""
PAUSE = 0.002
"""Seconds between two steps, for whoever waits for the connection."""
OPCODES = 100_000
"""After so many instructions of SQLite, a check looks whether it is to stop."""
RESERVE = 64 * 1024 * 1024
"""Bytes that a backup leaves free: a full disk would keep the bot from writing votes."""

OWN = ("", *sqlite_file.BESIDE, ".lock", ".sock")
"""What stands beside a database, and is no place for a backup."""
HEADER = b"SQLite format 3\0"


class Backup(NamedTuple):
    """A database file that was written, checked and put in place.

    Attributes:
        path: Where it is.
        votes: How many votes are in it.
        size: Its bytes.
        seconds: What it took.
    """

    path: str
    votes: int
    size: int
    seconds: float

    def __str__(self) -> str:
        votes = "1 vote" if self.votes == 1 else f"{self.votes} votes"
        return f"{votes}, {self.size / 1e6:.1f} MB, in {self.seconds:.1f} s"


def back_up(source: sqlite3.Connection, database: Path, path: Path, stop: Event) -> Backup:
    """Copy a database through an open connection, which others may go on using from their threads.

    Args:
        source: The connection, open in SQLite's serialized mode and for every thread.
        database: The file that it has open.
        path: Where the backup goes; an older one is replaced by one that is sound.
        stop: Ends it early, and leaves nothing.

    Raises:
        DatabaseError: There is no backup; what was at the path is there still.
    """
    begun = time.monotonic()
    path, database = sqlite_file.real(path), sqlite_file.real(database)
    part = path.with_name(path.name + ".part")
    try:
        _refuse_to_replace(path, database)
        path.parent.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(path.parent).free < database.stat().st_size + RESERVE:
            raise DatabaseError(f"There is too little room for a backup in {path.parent}. Free some, or name a path.")
        try:
            _copy(source, part, stop)
            votes = check(part, stop)
            part.replace(path)
            sqlite_file.sync(path.parent)
        finally:
            sqlite_file.remove(part)
        return Backup(str(path), votes, path.stat().st_size, time.monotonic() - begun)
    except UnsoundError as error:
        raise DatabaseError(
            f"The copy of {database} {error}. There is no new backup; keep the older ones, and restore the last."
        ) from error
    except (sqlite3.Error, OSError) as error:
        raise DatabaseError(f"{path} cannot be made: {error}. Check the disk and its permissions.") from error


def back_up_closed(database: Path, path: Path) -> Backup:
    """Back up a database that no bot has open; it is only read.

    Raises:
        DatabaseError: It is in use or not there, or there is no backup.
    """
    database = sqlite_file.real(database)
    sqlite_file.must_exist(database)
    lock = sqlite_file.lock(database)
    try:
        with closing(_open_to_read(database)) as source:
            return back_up(source, database, path, Event())
    finally:
        lock.release()


def restore(path: Path, database: Path) -> tuple[Backup, Path | None]:
    """Put a checked copy of a backup in the place of a database that no bot has open.

    Returns:
        What is in place now, and where the former database was put, None where there was none.

    Raises:
        DatabaseError: The database is in use, or the backup is unfit; the database is as it was.
    """
    begun = time.monotonic()
    database = sqlite_file.real(database)
    lock = sqlite_file.lock(database)
    part = database.with_name(database.name + ".part")
    try:
        if database.exists() and path.samefile(database):
            raise DatabaseError(f"{path} is the database itself. Name a backup of it.")
        with closing(_open_to_read(path.absolute())) as source:
            _copy(source, part, Event())
        votes = check(part, Event(), forget_discord=True)
        if database.exists():
            _own_alike(database, part)
        aside = _put_aside(database)
        part.replace(database)
        sqlite_file.sync(database.parent)
        return Backup(str(database), votes, database.stat().st_size, time.monotonic() - begun), aside
    except UnsoundError as error:
        raise DatabaseError(f"{path} {error}. Nothing was changed; try another backup.") from error
    except sqlite3.DatabaseError as error:
        raise DatabaseError(f"{path} cannot be restored: {error}. Nothing was changed; try another backup.") from error
    except OSError as error:
        raise DatabaseError(f"{database} cannot be replaced: {error}. Check the disk and its permissions.") from error
    finally:
        sqlite_file.remove(part)
        lock.release()


class UnsoundError(Exception):
    """A file is not a sound database of Sheepbot's; says what it is instead, as in "is damaged"."""


class NewerError(UnsoundError):
    """A newer Sheepbot made it."""


def check(path: Path, stop: Event, *, forget_discord: bool = False) -> int:
    """Read a whole database file, add up its votes anew, and return how many there are.

    Args:
        forget_discord: Have the commands told to Discord again: it may know those of another version by now.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        votes = look_through(connection, stop)
        if forget_discord:
            connection.execute("DELETE FROM meta WHERE key = $1", (COMMANDS_HASH,))
        return votes


def look_through(connection: sqlite3.Connection, stop: Event) -> int:
    """Read a whole database, add up its votes anew, and return how many there are; nothing is written.

    Raises:
        UnsoundError: It is damaged, or none that this Sheepbot knows.
        DatabaseError: It was stopped before the end.
    """
    connection.set_progress_handler(lambda: int(stop.is_set()), OPCODES)
    try:
        for pragma in ("PRAGMA trusted_schema = OFF", "PRAGMA synchronous = FULL"):
            connection.execute(pragma)
        (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if found != "ok":
            raise UnsoundError(f"is damaged ({found.splitlines()[-1]})")
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        if not tables >= {"migrations", "votes", "thoughts", "tallies", "meta"}:
            raise UnsoundError("is not a database of Sheepbot's")
        applied = {version for (version,) in connection.execute("SELECT version FROM migrations")}
        if newer := migrations.unknown("sqlite", applied):
            raise NewerError(f"was made by a newer Sheepbot (schema {max(newer)})")
        if connection.execute("PRAGMA foreign_key_check").fetchone():
            raise UnsoundError("is damaged (some rows belong to nothing)")
        if connection.execute(_MISCOUNTED).fetchone():
            raise UnsoundError("is damaged (its votes do not add up to its tallies)")
        return int(connection.execute("SELECT count(*) FROM votes").fetchone()[0])
    except sqlite3.DatabaseError as error:
        if stop.is_set():
            raise DatabaseError("Stopped before the backup was finished.") from error
        raise UnsoundError(f"is damaged ({error})") from error


_MISCOUNTED = """
SELECT guild_id, review_id
FROM (
    SELECT guild_id, review_id, n1, n2, n3, n4, n5, thoughts FROM tallies
    UNION ALL
    SELECT guild_id, review_id,
        -sum(sheep = 1), -sum(sheep = 2), -sum(sheep = 3), -sum(sheep = 4), -sum(sheep = 5), 0
    FROM votes
    GROUP BY guild_id, review_id
    UNION ALL
    SELECT 0, review_id, -sum(sheep = 1), -sum(sheep = 2), -sum(sheep = 3), -sum(sheep = 4), -sum(sheep = 5), 0
    FROM (
        SELECT review_id, sheep,
            row_number() OVER (PARTITION BY member_id, review_id ORDER BY updated_at DESC, guild_id DESC) AS place
        FROM votes
    )
    WHERE place = 1
    GROUP BY review_id
    UNION ALL
    SELECT guild_id, review_id, 0, 0, 0, 0, 0, -count(*) FROM thoughts WHERE state = 'shown'
    GROUP BY guild_id, review_id
)
GROUP BY guild_id, review_id
HAVING sum(n1) <> 0 OR sum(n2) <> 0 OR sum(n3) <> 0 OR sum(n4) <> 0 OR sum(n5) <> 0 OR sum(thoughts) <> 0
LIMIT 1
"""
"""A tally that is not nought once all that was counted is taken away: of a server, or, as 0, of everywhere."""


def _open_to_read(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)


def _copy(source: sqlite3.Connection, part: Path, stop: Event) -> None:
    """Copy all that is committed, and what is while it is copied, into one file that is whole by itself."""
    sqlite_file.remove(part)
    part.touch(mode=0o600)
    with closing(sqlite3.connect(part, isolation_level=None)) as target:
        # Whoever waits for the last step must not wait for the disk as well: it is synced when that is over.
        for pragma in ("PRAGMA synchronous = OFF", "PRAGMA journal_mode = OFF"):
            target.execute(pragma)
        source.backup(target, pages=STEP_PAGES, progress=_pause(stop), sleep=0)
    with closing(sqlite3.connect(part, isolation_level=None)) as target:
        target.execute("PRAGMA journal_mode = DELETE")
    sqlite_file.sync(part)


def _pause(stop: Event) -> Callable[[int, int, int], None]:
    """What is done between two steps, and where one had to be put off because a transaction was being written."""

    def pause(_status: int, _remaining: int, _total: int) -> None:
        if stop.wait(PAUSE):
            raise DatabaseError("Stopped before the backup was finished.")

    return pause


def _refuse_to_replace(path: Path, database: Path) -> None:
    if path.parent == database.parent and path.name in {
        sqlite_file.unmade(database).name,
        *(database.name + own for own in OWN),
    }:
        raise DatabaseError(f"{path} belongs to the database itself. Name another path.")
    if path.exists():
        # Asked before it is opened: to close any file of the database takes SQLite's own locks on it away.
        if not path.is_file() or path.samefile(database):
            raise DatabaseError(f"{path} cannot be replaced by a backup. Name another path.")
        with path.open("rb") as file:
            if file.read(len(HEADER)) != HEADER:
                raise DatabaseError(f"{path} is there, and is no backup. Name another path, or delete it.")


def _own_alike(former: Path, new: Path) -> None:
    """Give a file the owner and the permissions of the one whose place it takes."""
    found = former.stat()
    os.chown(new, found.st_uid, found.st_gid)
    new.chmod(found.st_mode)


def _put_aside(database: Path) -> Path | None:
    """Give a database and all that belongs to it another name; a sound one stays until it is replaced."""
    aside = database.with_name(database.name + time.strftime(".replaced-%Y%m%d-%H%M%S", time.gmtime()))
    if aside.exists():
        raise FileExistsError(f"{aside} is there already")
    there = database.exists()
    # Its log is folded in, so that it is one file; where it is too damaged for that, the log goes with it.
    with suppress(sqlite3.Error):
        if there:
            with closing(sqlite3.connect(database)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    for log in sqlite_file.BESIDE:
        with suppress(FileNotFoundError):
            database.with_name(database.name + log).rename(aside.with_name(aside.name + log))
    if not there:
        return None
    try:
        os.link(database, aside)  # a crash before the next one is in place must not leave none
    except OSError:  # a file system without links
        database.rename(aside)
    return aside
