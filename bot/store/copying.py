"""A copy of everything from one database to another, of either kind; what was broken off is gone on with."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from urllib.parse import urlsplit

from bot.errors import DatabaseError
from bot.store import sqlite_file
from bot.store.database import ConstraintError
from bot.store.meta import COPYING
from bot.store.tables import COUNTED, NUMBERED, TABLES, VOTES, Table, greatest, pages

if TYPE_CHECKING:
    from bot.store.database import Database

Tell: TypeAlias = Callable[[str, int, int], None]
"""Called with what is being done, the rows done, and how many there are."""


class Copied(NamedTuple):
    """A table that is the same in both databases; the checksum is of its rows in the order of their key."""

    table: str
    rows: int
    sha256: str


async def copy(source: Database, target: Database, origin: str, tell: Tell) -> list[Copied]:
    """Copy everything, compare it, and only then let the target be used.

    Args:
        origin: What the source is called; to go on with a copy, it must be the same.
        tell: Hears how far it is.

    Raises:
        DatabaseError: The target holds something else, or in the end not the same as the source.
        StoreError: A database failed; to copy again goes on where it stopped.
    """
    await _begin(target, origin)
    await target.expect_much()
    for table in TABLES:
        await _copy(source, target, table, tell)
    if target.numbering:
        await target.transaction([(target.numbering.format(table=table), ()) for table in NUMBERED])
    found = [await _compare(source, target, table, tell) for table in (*TABLES, *COUNTED)]
    await target.transaction([("DELETE FROM meta WHERE key = $1", (COPYING,))])
    return found


def named(url: str) -> str:
    """What a database is called, without a password."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return f"sqlite:///{sqlite_file.real(Path(url.removeprefix('sqlite:///')))}"
    return f"postgresql://{parts.netloc.rpartition('@')[2] or 'localhost'}{parts.path}"  # it may name several hosts


async def _begin(target: Database, origin: str) -> None:
    """Mark the target as half a copy, so that no bot takes it for whole."""
    mark = await target.fetch("SELECT value FROM meta WHERE key = $1", COPYING)
    if mark == [(origin,)]:
        return
    if mark:
        raise DatabaseError(f"The target holds an unfinished copy of {mark[0][0]}. Go on with that, or empty it first.")
    for table in TABLES:
        if await greatest(target, table):
            raise DatabaseError(f"The target is not empty: it has {table.name}. Name a new database.")
    await target.transaction([("INSERT INTO meta (key, value) VALUES ($1, $2)", (COPYING, origin))])


async def _copy(source: Database, target: Database, table: Table, tell: Tell) -> None:
    total = await _count(source, table)
    after = await greatest(target, table)
    done = await _count(target, table) if after else 0
    async with aclosing(pages(source, table, after)) as found:
        async for rows in found:
            try:
                await target.load(table.name, table.columns, rows)
            except ConstraintError:
                # A connection that breaks while it commits is asked again, and then finds its own rows there.
                if await greatest(target, table) != rows[-1][: table.key]:
                    raise
            done += len(rows)
            tell(f"copying {table.name}", done, total)


async def _compare(source: Database, target: Database, table: Table, tell: Tell) -> Copied:
    total = await _count(source, table)
    (there, wanted), (here, found) = await asyncio.gather(
        _sum(source, table, lambda done: tell(f"comparing {table.name}", done, total)), _sum(target, table)
    )
    if (there, wanted) != (here, found):
        raise DatabaseError(
            f"The copy is not the same: {table.name} has {there} rows with the checksum {wanted[:12]} in the source,"
            f" {here} with {found[:12]} in the target. The source changed, or is damaged: stop every bot on it,"
            " check it with a backup, and copy it to a new database."
        )
    return Copied(table.name, there, wanted)


async def _sum(database: Database, table: Table, tell: Callable[[int], None] = lambda _: None) -> tuple[int, str]:
    count, checksum = 0, hashlib.sha256()
    async with aclosing(pages(database, table)) as found:
        async for rows in found:
            count += len(rows)
            checksum.update(repr(rows).encode())
            tell(count)
    return count, checksum.hexdigest()


async def _count(database: Database, table: Table) -> int:
    """How many rows there are; of votes, which can be very many, the tallies know."""
    if table is VOTES:
        sql = "SELECT sum(n1 + n2 + n3 + n4 + n5) FROM tallies WHERE guild_id > 0"
    else:
        sql = f"SELECT count(*) FROM {table.name} WHERE {table.only}"  # noqa: S608 - constants of the tables
    return int((await database.fetch(sql))[0][0] or 0)
