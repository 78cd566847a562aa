"""Servers that the bot was removed from: noticed, forgiven where it comes back, deleted after their grace."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from bot.background import repeatedly
from bot.eraser import done
from bot.store.privacy import Subject, Wish

if TYPE_CHECKING:
    from bot.client import SheepBot

log = logging.getLogger(__name__)

GRACE = 30 * 86_400
"""Seconds that the data of a server is kept after the bot was removed from it."""
EVERY = 6 * 3600.0
"""Seconds between two looks at what is due."""
LEASE = "erasures"
HELD = 60.0
"""Seconds for which one process has what was broken off to itself; two at once would only do it twice."""


class Departures:
    """Looks after the servers of those of this process's shards that are connected; others know theirs."""

    def __init__(self, bot: SheepBot) -> None:
        self._bot = bot
        self._connected: set[int] = set()
        self._watching: asyncio.Task[None] | None = None

    def connected(self, shard_id: int) -> None:
        """Look anew, as it is known by now in which servers of a shard the bot is."""
        self._connected.add(shard_id)
        self.close()
        self._watching = asyncio.create_task(repeatedly(self._look))

    def close(self) -> None:
        """Look no further."""
        if self._watching:
            self._watching.cancel()

    async def left(self, guild_id: int) -> None:
        """Take down that the bot was removed from a server.

        Raises:
            StoreError: It is not recorded; the next start finds it.
        """
        await self._bot.store.departures.note([guild_id])

    async def joined(self, guild_id: int) -> None:
        """Take back that the bot was removed from a server.

        Raises:
            StoreError: It is not taken back; the next look does.
        """
        await self._bot.store.departures.take_back([guild_id])

    async def _look(self) -> float:
        """Take down which servers were lost or came back, and delete what is due.

        Returns:
            In how many seconds the next look is due.
        """
        departures, eraser = self._bot.store.departures, self._bot.eraser
        async for guild_ids in departures.servers():
            if lost := [guild_id for guild_id in guild_ids if self._is_lost(guild_id)]:
                await departures.note(lost)
        left = await departures.all()
        if back := [guild_id for guild_id in left if self._bot.get_guild(guild_id)]:
            await departures.take_back(back)
        now = time.time()
        for guild_id, left_at in left.items():
            if left_at + GRACE <= now and self._is_lost(guild_id):
                log.info("Server %d was left %d days ago: what it left is deleted", guild_id, GRACE // 86_400)
                await eraser.erase(Wish(Subject.DEPARTED, guild_id))
        await self._go_on()
        return EVERY

    async def _go_on(self) -> None:
        """Go on with what was broken off, in one process."""
        store = self._bot.store
        if not (wishes := await store.privacy.wishes()):
            return
        if not store.shared:
            for wish in wishes:
                await self._bot.eraser.erase(wish)
            return
        async with store.leases.held(LEASE, HELD):
            for wish in await store.privacy.wishes():
                await done(await self._bot.eraser.erase(wish))  # a new look ends this one, but not the deleting

    def _is_lost(self, guild_id: int) -> bool:
        """Whether a server is one of this process's and the bot is not in it; one with an outage it is in."""
        shard_id = (guild_id >> 22) % (self._bot.shard_count or 1)
        return shard_id in self._connected and self._bot.get_guild(guild_id) is None
