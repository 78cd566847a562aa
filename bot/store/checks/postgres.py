"""Whether a PostgreSQL database is fit to be used; what is tried there is rolled back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import asyncpg

from bot.errors import DatabaseError
from bot.findings import Finding, Mark
from bot.store import migrations
from bot.store.postgres import CONNECT_SECONDS, EXPECTED, OLDEST_POSTGRES
from bot.store.refusals import address, not_understood, why

if TYPE_CHECKING:
    from asyncpg import Connection

LISTENING = 1
"""Connections that a process keeps for notices, besides its pool."""
ANSWERS_WITHIN = 2.0
"""Seconds that a statement may take: each is small."""


def examine(url: str, connections: int) -> list[Finding]:
    """Look at the database over one connection, which is closed again."""
    return asyncio.run(_examine(url, connections + LISTENING))


async def _examine(url: str, connections: int) -> list[Finding]:
    try:
        address(url)
        connection = await asyncpg.connect(
            url,
            timeout=CONNECT_SECONDS,
            command_timeout=ANSWERS_WITHIN,
            server_settings={"application_name": "sheepbot doctor"},
        )
    except (ValueError, OverflowError) as error:
        return [Finding.of("Database", not_understood(error))]
    except asyncpg.TooManyConnectionsError:
        return [_connections(0, connections)]
    except EXPECTED as error:
        return [Finding.of("Database", DatabaseError(why(url, error)))]
    try:
        found = connection.get_server_version().major
        if found < OLDEST_POSTGRES:
            said = f"the server is PostgreSQL {found}"
            fix = f"Upgrade it: Sheepbot needs {OLDEST_POSTGRES} or newer."
            return [Finding("Database", Mark.BAD, said, fix)]
        return [
            await _schema(connection),
            await _writing(connection),
            await _durable(connection),
            _connections(await _left(connection), connections),
        ]
    except EXPECTED as error:
        return [Finding.of("Database", DatabaseError(why(url, error)))]
    finally:
        await connection.close(timeout=ANSWERS_WITHIN)


async def _schema(connection: Connection) -> Finding:
    server = f"PostgreSQL {connection.get_server_version().major} answers"
    if not await connection.fetchval(_HAS_TABLES):
        fix = "The first start makes them. If there should be some: correct DATABASE_URL, or restore a backup."
        return Finding("Database", Mark.NOTE, f"{server}, and has no tables of Sheepbot's yet", fix)
    applied = {row[0] for row in await connection.fetch("SELECT version FROM migrations")}
    known = migrations.known("postgres")
    if newer := migrations.unknown("postgres", applied):
        said = f"{server}; the database was made by a newer Sheepbot (schema {max(newer)})"
        return Finding("Database", Mark.BAD, said, "Upgrade Sheepbot, or restore an older backup.")
    later = f", the next start makes it {max(known)}" if known - applied else ""
    return Finding("Database", Mark.GOOD, f"{server}, schema {max(applied, default=0)}{later}")


async def _writing(connection: Connection) -> Finding:
    """Whether the bot's own work can be done: a row where there are tables, else a table."""
    has_tables = await connection.fetchval(_HAS_TABLES)
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(_ROW if has_tables else _TABLE)
    except asyncpg.ReadOnlySQLTransactionError:
        fix = "Name the primary in DATABASE_URL: this is a standby, or set to read only."
        return Finding("Writing", Mark.BAD, "the database can only be read", fix)
    except asyncpg.InsufficientPrivilegeError as error:
        fix = "Make the user of DATABASE_URL the owner of the database and of its tables."
        return Finding("Writing", Mark.BAD, str(error), fix)
    finally:
        await transaction.rollback()
    return Finding("Writing", Mark.GOOD, "rows can be written" if has_tables else "tables can be made")


async def _durable(connection: Connection) -> Finding:
    off = [name for name in ("fsync", "full_page_writes") if await connection.fetchval(_SETTING, name) != "on"]
    if off:
        fix = "Turn that on in postgresql.conf, and reload the server."
        return Finding("Durability", Mark.BAD, f"a power cut can destroy the database: {', '.join(off)} off", fix)
    return Finding("Durability", Mark.GOOD, "fsync and full_page_writes are on")


async def _left(connection: Connection) -> int:
    """How many connections the server would still take, once this one is closed."""
    return int(await connection.fetchval(_LEFT)) + 1


def _connections(left: int, wanted: int) -> Finding:
    fix = "Raise max_connections, or end what holds connections it does not need (pg_stat_activity lists them)."
    if left < 1:
        return Finding("Connections", Mark.BAD, "the server takes no more", fix)
    said = f"the server takes {left} more"
    if left < wanted:
        return Finding("Connections", Mark.NOTE, f"{said}; a process of the bot uses up to {wanted}", fix)
    return Finding("Connections", Mark.GOOD, said)


_HAS_TABLES = "SELECT to_regclass('migrations') IS NOT NULL"
_ROW = "INSERT INTO meta (key, value) VALUES ('doctor', 'was here') ON CONFLICT (key) DO NOTHING"
_TABLE = "CREATE TABLE doctor_was_here (x bigint)"
_SETTING = "SELECT current_setting($1)"
_LEFT = """
SELECT current_setting('max_connections')::bigint
    - current_setting('superuser_reserved_connections')::bigint
    - coalesce(current_setting('reserved_connections', true)::bigint, 0)
    - sum(numbackends)::bigint
FROM pg_stat_database
"""
"""Counted by databases, as who is connected is shown to superusers only."""
