"""Whether a database is fit to be used, asked without opening it as the bot does; each engine answers for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.store import CONNECTIONS, POSTGRES, sqlite_path

if TYPE_CHECKING:
    from bot.findings import Finding


def examine(url: str, connections: int = CONNECTIONS) -> list[Finding]:
    """Look at the database that a URL names; it stays as it is, and a bot that uses it is not held up.

    Args:
        connections: The most that a process may have open to PostgreSQL, besides one to listen.

    Raises:
        ConfigError: The URL names no database that Sheepbot knows.
    """
    if url.startswith(POSTGRES):
        from bot.store.checks import postgres  # noqa: PLC0415 - only the driver that is used is loaded

        return postgres.examine(url, connections)
    from bot.store.checks import sqlite  # noqa: PLC0415 - as above

    return sqlite.examine(sqlite_path(url))
