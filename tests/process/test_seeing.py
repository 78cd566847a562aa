"""Seeing the bot from outside: its health and its metrics over HTTP, and a log that gives no token away."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import signal
import socket
import sqlite3
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.process.stage import PATIENCE, SECRET, assert_one_last_line, control, said

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from tests.process.stage import BotProcess, Discord, Stage
    from tests.wire.payloads import Message

SEEN = {"HEALTH_PORT": "0"}
NOTHING = "sheep1:vote:no-film:9"
"""A custom_id that the bot never makes."""


async def address(bot: BotProcess) -> str:
    """Where the bot tells how it is."""
    return (await bot.logged("Health is told at ")).split(" at ")[1].strip()


async def ask(url: str) -> tuple[int, Any]:
    """The status and the JSON of an answer."""
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await response.json()


async def later(seconds: float, work: Awaitable[Any]) -> Any:
    """Do something after a while."""
    await asyncio.sleep(seconds)
    return await work


async def until(url: str, wanted: tuple[int, Any]) -> None:
    """Ask until that is the answer."""
    async with asyncio.timeout(PATIENCE):
        while await ask(url) != wanted:  # noqa: ASYNC110 - another process tells nobody that it changed
            await asyncio.sleep(0.05)


class Scrape:
    """What ``/metrics`` said at one moment."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]

    def value(self, name: str, **labels: str) -> float:
        """The sum of the samples with these labels; 0 where there are none."""
        return sum(one.value for one in self._samples if one.name == name and labels.items() <= one.labels.items())

    def labels(self, name: str, label: str) -> set[str]:
        return {sample.labels[label] for sample in self._samples if sample.name == name}


async def scrape(base: str) -> Scrape:
    async with aiohttp.ClientSession() as session, session.get(f"{base}/metrics") as response:
        assert response.status == 200
        assert response.content_type == "text/plain"
        return Scrape(await response.text())


async def forge(discord: Discord, post: Message, custom_id: str, user: str = "mallory") -> str:
    """Click a button that was never on the message; what the bot says to it."""
    forged = type(post)(json.loads(json.dumps(post)))
    button = next(part for row in forged.components for part in row["components"] if part.get("custom_id"))
    button["custom_id"] = custom_id
    kept = discord.messages[post.id]
    discord.messages[post.id] = forged
    try:
        return said((await discord.click(forged, custom_id, user=user)).message)
    finally:
        discord.messages[post.id] = kept


async def test_nothing_is_loaded_or_served_where_no_port_is_set(stage: Stage, discord: Discord) -> None:
    blind = await stage.start({"PYTHONPROFILEIMPORTTIME": "1"})
    await discord.ready()
    await discord.review("cats")
    await blind.end()
    seen = await stage.start({"PYTHONPROFILEIMPORTTIME": "1", **SEEN})
    await address(seen)

    for module in ("prometheus_client", "aiohttp.web", "bot.health", "bot.prometheus"):
        loaded = rf"\| +{re.escape(module)}$"
        assert not re.search(loaded, blind.log, re.MULTILINE)
        assert re.search(loaded, seen.log, re.MULTILINE)


async def test_an_evening_is_counted_and_timed(stage: Stage, discord: Discord) -> None:
    bot = await stage.start(SEEN)
    await discord.ready()
    base = await address(bot)
    assert base.startswith("http://127.0.0.1:")
    await until(f"{base}/readyz", (200, {"gateway": True, "database": True, "writer": True}))

    post = await discord.review()
    await discord.autocomplete("review", "title", "miss")
    for name in ("ada", "bob", "carol"):
        await discord.vote(post, name, 4)
    for number in range(20):
        assert "do not know this control" in await forge(discord, post, f"sheep1:made-up-{number}:1")
    assert "do not know this control" in await forge(discord, post, NOTHING)
    discord.inject("POST", "/interactions/*", 429)
    await discord.click(post, control(post, "results"), user="ada")
    discord.inject("POST", "/interactions/*", 403, times=2)
    await discord.begin_click(post, control(post, "results"), user="bob")
    await bot.logged("SheepbotError")
    await discord.edited(post)
    found = await scrape(base)

    interactions = "sheepbot_interactions_total"
    assert found.value(interactions, kind="/review", outcome="ok") == 1
    assert found.value(interactions, kind="autocomplete", outcome="ok") == 1
    assert found.value(interactions, kind="vote", outcome="ok") == 3
    assert found.value(interactions, kind="vote", outcome="UnknownControlError") == 1
    assert found.value(interactions, kind="unknown", outcome="UnknownControlError") == 20
    assert found.value(interactions, kind="results", outcome="ok") == 1
    assert found.value(interactions, kind="results", outcome="failed") == 1
    assert found.labels(interactions, "kind") == {"/review", "autocomplete", "vote", "unknown", "results"}

    acknowledged, committed = "sheepbot_acknowledged_seconds", "sheepbot_committed_seconds"
    assert found.value(f"{acknowledged}_count", kind="vote") == 4
    assert found.value(f"{committed}_count", kind="vote") == 3
    assert found.value(f"{committed}_count") == 3
    assert 0 < found.value(f"{committed}_sum", kind="vote") < found.value(f"{acknowledged}_sum", kind="vote")
    assert found.value("sheepbot_writer_group_size_sum") == 3
    assert found.value("sheepbot_writer_waiting") == 0
    assert found.value("sheepbot_rest_responses_total", status="429") == 1
    assert found.value("sheepbot_rest_responses_total", status="403") == 2
    assert found.value("sheepbot_tally_refreshes_total", outcome="ok") >= 1
    assert found.value("sheepbot_gateway_reconnects_total") == 0
    assert found.labels("sheepbot_gateway_latency_seconds", "shard") <= {"0"}

    bot.send(signal.SIGTERM)
    assert await bot.ended() == 0
    assert SECRET not in found.text


async def test_a_lost_gateway_is_not_ready_and_its_return_is_counted(stage: Stage, discord: Discord) -> None:
    bot = await stage.start(SEEN)
    await discord.ready()
    base = await address(bot)
    await until(f"{base}/readyz", (200, {"gateway": True, "database": True, "writer": True}))

    discord.refuse_gateway = True
    await discord.drop_gateway()
    await until(f"{base}/readyz", (503, {"gateway": False, "database": True, "writer": True}))
    assert await ask(f"{base}/livez") == (200, {"live": True})

    discord.refuse_gateway = False
    await until(f"{base}/readyz", (200, {"gateway": True, "database": True, "writer": True}))
    assert (await scrape(base)).value("sheepbot_gateway_reconnects_total", shard="0") == 1


async def test_a_database_that_keeps_waiting_is_not_ready(stage: Stage, discord: Discord) -> None:
    bot = await stage.start(SEEN)
    await discord.ready()
    base = await address(bot)
    post = await discord.review("cats")
    await discord.vote(post, "zed")
    await discord.edited(post)  # by then the bot has nothing left to write
    with contextlib.closing(sqlite3.connect(stage.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        stuck, found = (503, {"gateway": True, "database": False, "writer": False}), list[Any]()
        async with asyncio.timeout(PATIENCE):
            # The bot's connection waits 2 s for the lock; in the last half of a second, its writer has given up on it.
            while stuck not in found:
                click = await discord.begin_click(post, control(post, "vote", 4))
                found = await asyncio.gather(*(later(tenth / 10, ask(f"{base}/readyz")) for tenth in range(20)))
                assert await ask(f"{base}/livez") == (200, {"live": True})
                await click.reply(PATIENCE)
        other.execute("ROLLBACK")

    await until(f"{base}/readyz", (200, {"gateway": True, "database": True, "writer": True}))
    counted = await scrape(base)
    assert counted.value("sheepbot_database_errors_total", error="OperationalError") >= 1
    assert counted.value("sheepbot_interactions_total", kind="vote", outcome="ok") == 1
    assert counted.value("sheepbot_interactions_total", kind="vote") >= 2


async def test_a_port_that_is_taken(stage: Stage, discord: Discord) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        bot = await stage.start({"HEALTH_PORT": str(port)})

        assert await bot.ended() == 3
    assert f"HEALTH_PORT {port} on 127.0.0.1 cannot be listened on" in assert_one_last_line(bot)
    assert "Traceback" not in bot.log
    assert not discord.requests


LOUD = """
import asyncio, logging
from bot import logs
from bot.service import serve
from bot.settings import load_settings

settings = load_settings()
logs.begin("DEBUG", settings.log_format, settings.discord_token)
logging.getLogger("discord").setLevel(logging.DEBUG)
asyncio.run(serve(settings))
"""
"""The bot, with discord.py as talkative as it can be."""


@pytest.mark.parametrize("program", [("-m", "bot"), ("-c", LOUD)], ids=["as it is", "discord.py at DEBUG"])
@pytest.mark.parametrize("form", ["text", "json"])
async def test_an_evening_of_errors_gives_no_token_away(
    stage: Stage, discord: Discord, form: str, program: tuple[str, ...]
) -> None:
    bot = await stage.start({"LOG_LEVEL": "DEBUG", "LOG_FORMAT": form, **SEEN}, program=program)
    await discord.ready()
    post = await discord.review()
    form_for_words = await discord.click(post, control(post, "share"), user="ada")
    await discord.submit(form_for_words, {"body": "For the flock alone."}, user="ada")
    await forge(discord, post, NOTHING)
    for status, logged in ((403, "403 Forbidden"), (404, "404 Not Found")):
        discord.inject("POST", "/interactions/*", status, times=2)
        await discord.click(post, control(post, "vote", 4), user="ada", timeout=PATIENCE)
        await bot.logged(logged)
    for status in (500, 429):
        discord.inject("POST", "/interactions/*", status)
        await discord.vote(post, "ada", 4)
    discord.loses_edits, discord.loses_answers = 1, 1000
    await discord.begin_click(post, control(post, "vote", 5), user="ada")
    await bot.logged("ServerDisconnectedError")
    discord.loses_answers = 0
    await discord.drop_gateway()
    await discord.resumed()
    vote = await discord.vote(post, "zed", 2)
    bot.send(signal.SIGTERM)
    assert await bot.ended() == 0

    log = bot.log
    assert SECRET not in log
    assert vote.to.token == f"wire-{vote.to.id}"
    assert "wire-" not in log
    if program[0] == "-m":
        assert "For the flock alone" not in log
    else:
        assert "<token>" in log
    if form == "json":
        lines = [json.loads(line) for line in log.splitlines()]
        assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
        failed = [line for line in lines if "SheepbotError" in line["message"] and "exc" in line]
        assert failed
        assert all(line["interaction"].isdecimal() for line in failed)
        assert [line for line in lines if line.get("interaction") == vote.to.id]
        assert [line for line in lines if "interaction" not in line]
    else:
        assert re.search(
            rf"bot\.client: \({vote.to.id}\) 'sheep1:vote:\d+:2' by \d+ in guild \d+: ok$", log, re.MULTILINE
        )
        assert re.search(r"bot\.client: \(\d+\) \[[0-9a-f]{6}\] SheepbotError for", log)
        assert re.search(r"bot\.\w+: [^(]", log)
