"""Leases: work that only one process may do at a time, by the database's clock."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from bot.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bot.store.database import Database

LOOK = 0.2
"""Seconds between two looks at whether a lease that is waited for is free."""


class Leases:
    """The verbs on leases; their holder is this store."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._holder = secrets.token_hex(8)
        self._take = _TAKE.format(now=database.now)
        self._book = _BOOK.format(now=database.now)

    async def take(self, name: str, seconds: float) -> bool:
        """Take a lease that is free or that we hold, for so long from now; whether it is ours."""
        taken = await self._database.transaction([(self._take, (name, self._holder, float(seconds)))])
        return bool(taken[0])

    async def give_back(self, name: str) -> None:
        """Let others take a lease that we hold; a no-op where we do not."""
        await self._database.transaction([("DELETE FROM leases WHERE name = $1 AND holder = $2", (name, self._holder))])

    @asynccontextmanager
    async def held(self, name: str, seconds: float) -> AsyncGenerator[None]:
        """Wait for a lease, and hold it within the context; what lasts longer than so many seconds loses it."""
        while not await self.take(name, seconds):  # noqa: ASYNC110 - another process gives it back
            await asyncio.sleep(LOOK)
        try:
            yield
        finally:
            with suppress(StoreError):  # it ends by itself
                await self.give_back(name)

    async def book(self, name: str, seconds: float) -> float:
        """Book the next turn of something that has one in so many seconds; returns the seconds until then."""
        booked = await self._database.transaction([(self._book, (name, self._holder, float(seconds)))])
        return max(0.0, float(booked[0][0][0]))


_TAKE = """
INSERT INTO leases (name, holder, expires_at) VALUES ($1, $2, {now} + $3)
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
WHERE leases.holder = excluded.holder OR leases.expires_at <= {now}
RETURNING name
"""

_BOOK = """
INSERT INTO leases AS l (name, holder, expires_at) VALUES ($1, $2, {now} + $3)
ON CONFLICT (name) DO UPDATE
SET holder = excluded.holder, expires_at = CASE WHEN l.expires_at > {now} THEN l.expires_at ELSE {now} END + $3
RETURNING expires_at - $3 - {now}
"""
