"""Notices from PostgreSQL: what another process changed, told at once and never asked for."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import asyncpg

from bot.background import in_background

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

    Connect = Callable[[], Awaitable[asyncpg.Connection]]

log = logging.getLogger(__name__)

PAUSE = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds between attempts to listen again."""
PROBE = 30.0
"""Seconds without a word until the connection is tried: one that leads nowhere says nothing either."""


def listening(connect: Connect, channel: str, told: Callable[[str | None], None]) -> AbstractAsyncContextManager[None]:
    """Pass on each notice of a channel within the context, on a connection of its own.

    Args:
        told: Called with what a notice says, and with None when listening begins, also anew after the connection was
            lost: then nobody knows what was said meanwhile.
    """
    return in_background(_keep_listening(connect, channel, told))


async def _keep_listening(connect: Connect, channel: str, told: Callable[[str | None], None]) -> None:
    failures = 0
    while True:
        try:
            connection = await connect()
            try:
                failures = 0
                await _listen(connection, channel, told)
            finally:
                connection.terminate()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
            log.warning("Listening to PostgreSQL failed, and is begun again: %r", error)
        except Exception:  # whatever it was, a shelf that nobody follows any more would be noticed by no one
            log.exception("Listening to PostgreSQL failed, and is begun again")
        await asyncio.sleep(PAUSE[min(failures, len(PAUSE) - 1)])
        failures += 1


async def _listen(connection: asyncpg.Connection, channel: str, told: Callable[[str | None], None]) -> None:
    """Listen until the connection is lost."""
    lost = asyncio.Event()

    def heard(_connection: object, _pid: int, _channel: str, notice: object) -> None:
        told(str(notice))

    def ended(_connection: object) -> None:
        lost.set()

    connection.add_termination_listener(ended)
    await connection.add_listener(channel, heard)
    told(None)
    while not lost.is_set():
        try:
            async with asyncio.timeout(PROBE):
                await lost.wait()
        except TimeoutError:
            await connection.execute("SELECT 1")
