"""The gateway comes and goes; the bot comes back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aiohttp import web

from tests.process.stage import PATIENCE, Discord, Stage, cut

if TYPE_CHECKING:
    from tests.wire.gateway import Link
    from tests.wire.payloads import Json


async def test_a_cut_connection_is_resumed_and_a_lost_session_begun_anew(stage: Stage, discord: Discord) -> None:
    bot, post = await stage.start_with_review()

    await discord.drop_gateway()
    await discord.resumed()
    await discord.vote(post, "ada")
    assert discord.identifies == 1

    await discord.drop_gateway(resumable=False)
    await discord.ready(2)
    await discord.vote(post, "bob")
    assert discord.identifies == 2
    assert bot.running


async def test_a_gateway_that_is_down_at_first_is_tried_until_it_is_up(stage: Stage, discord: Discord) -> None:
    discord.refuse_gateway = True
    bot = await stage.start()
    await bot.logged("Failed to connect for shard_id: 0")

    discord.refuse_gateway = False

    await discord.ready()
    await discord.review()


class NotYet(Discord):
    """A Discord that at first does not say where its gateway is."""

    asked = 0

    async def _gateway_bot(self, _: web.Request) -> web.Response:
        self.asked += 1
        match self.asked:
            case 1 | 2:  # aiohttp asks again by itself where a kept connection turns out to be dead
                cut(_)
                return web.Response()
            case 3:
                return web.Response(status=503, text="<html>\nno upstream\n</html>", content_type="text/html")
            case 4:
                return web.Response(status=500)
            case _:
                return await super()._gateway_bot(_)


async def test_a_gateway_whose_address_is_not_to_be_had_is_asked_for_until_it_is(stage: Stage) -> None:
    async with NotYet() as discord:
        bot = await stage.start({"DISCORD_GATEWAY": None}, discord=discord)
        try:
            await discord.ready(timeout=PATIENCE)
            await discord.review()
            assert "trying again in 1 s" in bot.log
            assert "trying again in 2 s" in bot.log
            assert discord.identifies == 1
        finally:
            await bot.end()


class Elsewhere(Discord):
    """A Discord whose REST API names another gateway than the one that the operator has set."""

    async def _gateway_bot(self, _: web.Request) -> web.Response:
        limit = {"total": 1000, "remaining": 999, "reset_after": 14_400_000, "max_concurrency": 1}
        named = {"url": "ws://127.0.0.1:1/", "shards": 1, "session_start_limit": limit}
        return web.Response(body=json.dumps(named).encode(), content_type="application/json")


async def test_the_gateway_that_is_set_is_the_one_that_is_used(stage: Stage) -> None:
    async with Elsewhere() as discord:
        bot = await stage.start(discord=discord)
        try:
            await discord.ready()
        finally:
            await bot.end()


class HangsUp(Discord):
    """A Discord whose gateway, on request, takes connections and says nothing."""

    hangs_up = False

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        if not self.hangs_up:
            return await super()._connect(request)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.close(code=1001)
        return socket


async def test_a_gateway_that_hangs_up_at_once_is_tried_until_it_does_not(stage: Stage) -> None:
    async with HangsUp() as discord:
        bot = await stage.start(discord=discord)
        try:
            await discord.ready()
            discord.hangs_up = True
            await discord.drop_gateway()
            await bot.logged("Attempting a reconnect")
            discord.hangs_up = False
            await discord.ready(2)
            await discord.slash("review", title="miss you already")
        finally:
            await bot.end()


class Counts(Discord):
    """A Discord that knows how many were connected at each IDENTIFY."""

    def __init__(self) -> None:
        super().__init__(shards=5)
        self.connected: list[int] = []

    async def _identify(self, link: Link, data: Json) -> None:
        self.connected.append(len(self._links))
        await super()._identify(link, data)


async def test_a_shard_connects_only_when_its_turn_to_identify_is_near(stage: Stage) -> None:
    async with Counts() as discord:  # a connection that waits for minutes is taken for dead
        bot = await stage.start(discord=discord)
        try:
            await discord.online(0, 1)
            assert discord.connected[1] < 5
        finally:
            await bot.end()
