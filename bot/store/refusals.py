"""What an operator is told of a PostgreSQL server that does not let the bot in; never the password."""

from __future__ import annotations

from urllib.parse import urlsplit

import asyncpg

from bot.errors import ConfigError


def address(url: str) -> str:
    """Where a URL leads, without the name and the password.

    Raises:
        ValueError: What is password in it, and what is address, cannot be told.
    """
    where = urlsplit(url).netloc
    if url.count("@") > min(where.count("@"), 1):
        raise ValueError
    return where.rpartition("@")[2] or "localhost"


def not_understood(error: Exception) -> ConfigError:
    """What to say of a URL that leads nowhere."""
    # Others may quote what they took for the port, and that can be a piece of the password.
    reason = f": {error}" if isinstance(error, asyncpg.ClientConfigurationError) else ""
    return ConfigError(
        f"DATABASE_URL is not understood{reason}. It must look like postgresql://user:password@host:5432/database;"
        " in the password, write @ as %40, / as %2F, # as %23, ? as %3F and [ as %5B."
    )


def why(url: str, error: Exception) -> str:
    """What keeps the bot out, and what mends it; without the password."""
    server = address(url)
    if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
        return f"PostgreSQL at {server} refuses the name or the password ({said(error)}). Correct DATABASE_URL."
    if isinstance(error, asyncpg.InvalidCatalogNameError):
        return f"PostgreSQL at {server}: {said(error)}. Make it with createdb, or correct DATABASE_URL."
    if isinstance(error, asyncpg.InsufficientPrivilegeError):
        return (
            f"PostgreSQL at {server} does not let the bot make its tables ({said(error)})."
            " Make the user of DATABASE_URL the owner of the database."
        )
    if isinstance(error, OSError | asyncpg.CannotConnectNowError):
        return f"PostgreSQL at {server} does not answer ({said(error)}). Start it, or correct DATABASE_URL."
    return f"PostgreSQL at {server} cannot be used: {said(error)}. Check DATABASE_URL and the server's log."


def said(error: Exception) -> str:
    """The words of an error, on one line."""
    return " ".join(str(error).split()) or type(error).__name__
