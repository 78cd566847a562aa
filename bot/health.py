"""Whether the bot is well, told to who asks on its port: ``/livez``, ``/readyz`` and ``/metrics``."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

import yarl
from aiohttp import web
from prometheus_client.aiohttp import make_aiohttp_handler

from bot.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bot.client import SheepBot
    from bot.prometheus import Prometheus

log = logging.getLogger(__name__)

LEAVE = 1.0
"""Seconds that an answer under way may take when the bot stops."""


@contextlib.asynccontextmanager
async def serve_health(bot: SheepBot, metrics: Prometheus, host: str, port: int) -> AsyncGenerator[None]:
    """Answer on a port, within the context.

    Raises:
        ConfigError: The port cannot be listened on.
    """
    metrics.watch(bot)
    health = _Health(bot, metrics)
    app = web.Application()
    app.add_routes(
        [
            web.get("/livez", health.livez),
            web.get("/readyz", health.readyz),
            web.get("/metrics", make_aiohttp_handler(metrics.registry)),
        ]
    )
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=LEAVE)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise ConfigError(
                f"HEALTH_PORT {port} on {host} cannot be listened on ({error.strerror or error}). Choose another."
            ) from error
        address, port = runner.addresses[0][:2]
        log.info("Health is told at %s", yarl.URL.build(scheme="http", host=address, port=port))
        yield
    finally:
        await runner.cleanup()


class _Health:
    """Knows which shards are connected, and asks the rest."""

    def __init__(self, bot: SheepBot, metrics: Prometheus) -> None:
        self._bot = bot
        self._metrics = metrics
        self._connected: set[int] = set()
        self._seen: set[int] = set()
        bot.add_listener(self._on_connect, "on_shard_connect")
        bot.add_listener(self._on_connect, "on_shard_resumed")
        bot.add_listener(self._on_disconnect, "on_shard_disconnect")

    async def _on_connect(self, shard_id: int) -> None:
        self._connected.add(shard_id)
        if shard_id in self._seen:
            self._metrics.reconnected(shard_id)
        self._seen.add(shard_id)

    async def _on_disconnect(self, shard_id: int) -> None:
        self._connected.discard(shard_id)

    async def livez(self, _: web.Request) -> web.Response:
        """The event loop runs, or nothing would be answered."""
        return web.json_response({"live": True})

    async def readyz(self, _: web.Request) -> web.Response:
        """Whether a click would be answered and stored; 503 where not, with what is in its way."""
        parts = {
            "gateway": bool(self._connected) and self._connected >= set(self._bot.served),
            "database": await self._bot.store.answers(),
            "writer": self._bot.store.votes.writer.is_open,
        }
        return web.json_response(parts, status=200 if all(parts.values()) else 503)
