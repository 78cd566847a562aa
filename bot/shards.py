"""Shards: connections to the gateway, each for its share of the servers; the trouble of one holds up no other.

discord.py connects them one after the other, and again one at a time where they are lost: one that cannot connect keeps
all others waiting. Here each is on its own, and takes its turn to identify among all processes of the bot.
"""

from __future__ import annotations

import asyncio
import logging
import time
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import discord.shard
import yarl
from discord.ext import commands
from discord.gateway import DiscordWebSocket, ReconnectWebSocket

from bot.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

log = logging.getLogger(__name__)

IDENTIFY_EVERY = 5.0
"""Seconds between two IDENTIFYs of one bucket (discord.com/developers/docs/events/gateway, "Sharding")."""
MOST_DOUBLED = 5
"""So often the second between attempts to come back is doubled at the most: to 32 seconds."""
AGAIN = 1.0
"""Seconds until a turn is asked for again that could not be had."""
AHEAD = 10.0
"""Seconds before its turn that a shard connects: one that waited longer there would be taken for dead."""


class Turns:
    """Turns within one process: what :meth:`bot.store.leases.Leases.book` is for many."""

    def __init__(self) -> None:
        self._next: dict[str, float] = {}

    async def book(self, name: str, seconds: float) -> float:
        """Book the next turn; returns the seconds until then."""
        now = time.monotonic()
        turn = max(now, self._next.get(name, 0.0))
        self._next[name] = turn + seconds
        return turn - now


class ShardedBot(commands.AutoShardedBot):
    """A bot whose shards come and go by themselves.

    Attributes:
        gateway: Where they connect; None is where Discord says.
    """

    gateway: ClassVar[yarl.URL | None] = None

    def __init__(self, *args: Any, book: Callable[[str, float], Awaitable[float]], **more: Any) -> None:
        """Take discord.py's arguments, and by whom a turn is booked: its name and length in, seconds to wait out."""
        super().__init__(*args, **more)
        self._book = book
        self._buckets = 1
        self._turns: dict[int, float] = {}
        self._launching: dict[int, asyncio.Task[None]] = {}

    @property
    def served(self) -> Sequence[int]:
        """The shards that are this process's; none before it is known how many there are."""
        return self.shard_ids or range(self.shard_count or 0)

    async def launch_shards(self) -> None:
        """Begin to connect every shard, and leave them to it.

        Raises:
            GatewayNotFound: Discord does not say where its gateway is.
        """
        count, address, limit = await self.http.get_bot_gateway()
        self.shard_count = self.shard_count or count
        self._buckets = max(1, limit["max_concurrency"])
        if limit["remaining"] < len(self.served):
            log.warning(
                "Discord lets this bot identify %d times more in the next %d minutes, and it has %d shards here",
                limit["remaining"],
                limit["reset_after"] // 60_000,
                len(self.served),
            )
        self._connection.shard_count = self.shard_count
        self._connection.shard_ids = self.served  # pyright: ignore[reportAttributeAccessIssue] - any sequence will do
        discord.shard.Shard = _Shard  # what launch_shard makes
        gateway = self.gateway or yarl.URL(address)
        for shard_id in self.served:
            await self.launch_shard(gateway, shard_id)

    async def launch_shard(self, gateway: yarl.URL, shard_id: int, *, initial: bool = False) -> None:  # noqa: ARG002 - as below
        """Begin to connect a shard; where that fails, discord.py calls this again."""
        launch = self._launch(gateway, shard_id)
        self._launching[shard_id] = asyncio.create_task(launch, name=f"launch-shard-{shard_id}")

    async def _launch(self, gateway: yarl.URL, shard_id: int) -> None:
        await self.wait_for_turn(shard_id)
        await super().launch_shard(gateway, shard_id)

    async def wait_for_turn(self, shard_id: int) -> None:
        """Book a shard's turn to identify, and wait until it is near.

        Not once it is connected: discord.py gives up a connection that is not ready within 60 seconds.
        """
        bucket = f"identify {shard_id % self._buckets}"
        while True:
            try:
                wait = await self._book(bucket, IDENTIFY_EVERY)
            except StoreError as error:
                log.warning("Shard %s could not book its turn to identify: %r", shard_id, error.__cause__)
                await asyncio.sleep(AGAIN)
            else:
                break
        self._turns[shard_id] = time.monotonic() + wait
        await asyncio.sleep(wait - AHEAD)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:  # noqa: ARG002 - discord.py says it
        """Wait for the rest of the time: a second IDENTIFY within five seconds would end the session."""
        await asyncio.sleep(self._turns.pop(shard_id or 0, 0.0) - time.monotonic())

    async def close(self) -> None:
        """Give up what is connecting, and leave."""
        for launch in self._launching.values():
            launch.cancel()
        await super().close()


class _Shard(discord.shard.Shard):
    """Comes back by itself, while the client attends to the others."""

    def __init__(self, ws: DiscordWebSocket, client: ShardedBot, queue_put: Callable[[Any], None]) -> None:
        super().__init__(ws, client, queue_put)
        self._bot = client
        # Hung up on while it connects anew, discord.py would give up, and all shards with this one.
        self._handled_exceptions = (*self._handled_exceptions, ReconnectWebSocket)
        # It would wait for 17 minutes in the end.
        self._backoff._max = MOST_DOUBLED  # noqa: SLF001 # pyright: ignore[reportPrivateUsage, reportUnknownMemberType] - it takes no argument
        self._coming_back: asyncio.Task[None] | None = None

    async def reidentify(self, exc: ReconnectWebSocket) -> None:
        self._dispatch("shard_disconnect", self.id)  # discord.py says so only when its turn has come
        self._come_back(partial(super().reidentify, exc), identifies=not exc.resume)

    async def reconnect(self) -> None:
        self._come_back(super().reconnect, identifies=True)

    async def close(self) -> None:
        if self._coming_back:
            self._coming_back.cancel()
        await super().close()

    def _come_back(self, way: Callable[[], Awaitable[None]], *, identifies: bool) -> None:
        async def come_back() -> None:
            if identifies:
                await self._bot.wait_for_turn(self.id)
            await way()

        self._coming_back = asyncio.create_task(come_back(), name=f"shard-{self.id}")
