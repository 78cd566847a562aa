"""Vacuuming a SQLite database: what was deleted is gone from the file, and from the log beside it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot.errors import StoreError
from bot.store.meta import VACUUM_DUE
from bot.store.sqlite_file import real

if TYPE_CHECKING:
    from bot.store.sqlite import SqliteDatabase

log = logging.getLogger(__name__)

SOON_VACUUMED = 32 * 1024 * 1024
"""Bytes of a file that is vacuumed at a start where that is due: some three seconds, a tenth of one a megabyte."""


async def vacuum(database: SqliteDatabase) -> None:
    """Write the file anew from what is in it.

    Raises:
        StoreError: It failed, or someone else is reading the old one; the file is as it was.
    """
    await database.fetch("VACUUM")
    ((busy, _, _),) = await database.fetch("PRAGMA wal_checkpoint(TRUNCATE)")
    if busy:
        raise StoreError from TimeoutError("another process is reading the database")
    await database.transaction([("DELETE FROM meta WHERE key = $1", (VACUUM_DUE,))])


async def vacuum_if_small(database: SqliteDatabase) -> None:
    """Vacuum at a start, which must be quick and does not fail for it: a later one tries again."""
    size = real(database.path).stat().st_size
    if size > SOON_VACUUMED:
        log.warning(
            "What members had deleted may still stand in free pages of the database: stop the bot when it suits you,"
            " and run `sheepbot store vacuum`"
        )
        return
    try:
        await vacuum(database)
    except StoreError as error:
        log.warning("The database could not be vacuumed (%s); the next start tries again", error.cause)
