"""The bot on Discord: logs in, stays connected, and stops when it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import textwrap
from typing import TYPE_CHECKING

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.app import open_bot
from bot.backups import looked_after
from bot.callbacks import send_lean_callbacks
from bot.claims import claimed
from bot.errors import IntentsError, TokenError, UnreachableError
from bot.metrics import SILENT, Metrics
from bot.shards import ShardedBot

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bot.client import SheepBot
    from bot.settings import Settings

log = logging.getLogger(__name__)

LEAVE = 4.0
"""Seconds from the signal until the connections are cut, whatever is still going on."""
RETRY = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds between attempts to reach a gateway that is down."""


async def serve(settings: Settings) -> None:
    """Run the bot until a signal ends it.

    Raises:
        StartError: It cannot start; the message has the fix.
    """
    token = settings.token()
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # voice is not what it is for
    _point_elsewhere(settings)
    stop, is_open = asyncio.Event(), asyncio.Event()
    work = asyncio.create_task(_work(settings, token, stop, is_open))

    def end() -> None:
        if not (stop.is_set() or is_open.is_set()):
            work.cancel()  # a database that does not answer, or that another process migrates, holds up no end
        stop.set()

    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, end)
    try:
        await work
    except asyncio.CancelledError:
        log.info("Stopped before it was open")


async def _work(settings: Settings, token: str, stop: asyncio.Event, is_open: asyncio.Event) -> None:
    """Open the bot, and keep it online until it is told to stop."""
    # The database first: one that is broken must not use up the day's logins.
    async with _open_bot(settings) as bot, looked_after(bot.store, settings), claimed(bot):
        is_open.set()
        bot.pictures.look()
        online = asyncio.create_task(_stay_online(bot, token))
        told = asyncio.create_task(stop.wait())
        await asyncio.wait({online, told}, return_when=asyncio.FIRST_COMPLETED)
        log.info("Stopping")
        try:
            async with asyncio.timeout(LEAVE):
                await bot.close()
        except TimeoutError:
            log.warning("Discord did not let go in time")
        online.cancel()
        told.cancel()
        failures = await asyncio.gather(online, told, return_exceptions=True)
        if isinstance(failures[0], Exception):
            raise failures[0]


@contextlib.asynccontextmanager
async def _open_bot(settings: Settings) -> AsyncGenerator[SheepBot]:
    """The bot, to be seen on its port where one is set."""
    if settings.health_port is None:
        send_lean_callbacks(SILENT)
        async with _opened(settings, SILENT) as bot:
            yield bot
        return
    from bot.health import serve_health  # noqa: PLC0415 - a web server and its metrics, which few starts need
    from bot.prometheus import Prometheus  # noqa: PLC0415 - as above

    metrics = Prometheus()
    send_lean_callbacks(metrics)
    async with (
        _opened(settings, metrics) as bot,
        serve_health(bot, metrics, settings.health_host, settings.health_port),
    ):
        yield bot


def _opened(settings: Settings, metrics: Metrics) -> contextlib.AbstractAsyncContextManager[SheepBot]:
    return open_bot(
        settings.database_url,
        settings.reviews_path,
        connections=settings.database_connections,
        shard_count=settings.shard_count,
        shard_ids=settings.shard_ids,
        fetch_allow=settings.fetch_allow,
        metrics=metrics,
    )


async def _stay_online(bot: SheepBot, token: str) -> None:
    try:
        await _log_in(bot, token)
        gc.freeze()
        gc.enable()  # the command line turned it off; by now all that stays is loaded
        attempt = 0
        while not bot.is_closed():
            try:
                await bot.connect()
            except (discord.GatewayNotFound, aiohttp.ClientError, OSError):
                pause = RETRY[min(attempt, len(RETRY) - 1)]
                attempt += 1
                log.warning("The gateway is not to be found; trying again in %g s", pause)
                await asyncio.sleep(pause)
    except discord.LoginFailure as error:
        raise TokenError(
            "Discord refused DISCORD_TOKEN. Reset it on the Bot page of your application and put the new one in .env."
        ) from error
    except discord.PrivilegedIntentsRequired as error:
        raise IntentsError(
            "Discord refused the gateway intents. Sheepbot needs no privileged ones: check that DISCORD_TOKEN is the"
            " token of the application you mean."
        ) from error
    except discord.ConnectionClosed as error:
        if error.code == TOKEN_REFUSED:
            raise TokenError(
                "Discord refused DISCORD_TOKEN at the gateway. Reset it and put the new one in .env."
            ) from error
        raise UnreachableError(
            f"Discord closed the connection for good (code {error.code}). See its status page."
        ) from error
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        cause = textwrap.shorten(str(error) or type(error).__name__, 200)  # it may quote a whole web page
        raise UnreachableError(
            f"Discord cannot be reached ({cause}). Check the network, and DISCORD_API_BASE where it is set."
        ) from error


async def _log_in(bot: SheepBot, token: str) -> None:
    try:
        await bot.login(token)
    except (LookupError, TypeError, ValueError) as error:
        if bot.application is not None:
            raise  # Discord has been talked with: it is a fault of ours
        raise UnreachableError(
            "What answers is not Discord's API. Check DISCORD_API_BASE where it is set, and any proxy."
        ) from error


def _point_elsewhere(settings: Settings) -> None:
    """Send REST and gateway traffic to the addresses that are set, for proxies and tests."""
    if settings.discord_api_base:
        Route.BASE = settings.discord_api_base
    if settings.discord_gateway:
        # A shard that comes back connects to discord.py's default.
        ShardedBot.gateway = DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.discord_gateway)


TOKEN_REFUSED = 4004
