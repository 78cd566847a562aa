"""What keeps the bot from starting: each has its exit code, and one line that says what to do."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sqlite3
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from bot.store.sqlite_file import SOON_READ
from tests.process.stage import TOKEN, Discord, Stage, assert_one_last_line
from tests.wire.server import WireDiscord

if TYPE_CHECKING:
    from tests.process.stage import BotProcess


@pytest.mark.parametrize(
    ("name", "value", "fix"),
    [
        ("DISCORD_TOKEN", None, "Put it in .env"),
        ("DISCORD_TOKEN", TOKEN.replace(".", ""), "Copy it again"),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL"),
        ("DATABASE_URL", "mysql://x", "DATABASE_URL must look like"),
        ("REVIEWS_PATH", "no/such/folder", "correct REVIEWS_PATH"),
        ("BACKUP_EVERY", "daily", "BACKUP_EVERY must be a number of hours"),
        ("BACKUP_EVERY", "nan", "BACKUP_EVERY must be a number of hours"),
        ("BACKUP_KEEP", "0", "BACKUP_KEEP must be a whole number"),
        ("DISCORD_API_BASE", "localhost:8080", "DISCORD_API_BASE must start with https://"),
        ("DISCORD_GATEWAY", "wss://", "the name of a host"),
    ],
)
async def test_a_wrong_setting(stage: Stage, discord: Discord, name: str, value: str | None, fix: str) -> None:
    bot = await stage.start({name: value})

    assert await bot.ended() == 3
    assert fix in _the_only_line(bot)
    assert not discord.requests
    assert not stage.database.exists()


async def test_an_env_file_that_is_not_utf_8(stage: Stage, discord: Discord) -> None:
    (stage.folder / ".env").write_text(f"DISCORD_TOKEN={TOKEN}\n", encoding="utf-16")
    bot = await stage.start({"DISCORD_TOKEN": None})

    assert await bot.ended() == 3
    assert "UTF-8" in _the_only_line(bot)
    assert not discord.requests


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
async def test_the_env_file_is_read_and_the_environment_goes_before_it(
    stage: Stage, discord: Discord, encoding: str
) -> None:
    (stage.folder / ".env").write_text(f"DISCORD_TOKEN='{TOKEN}'\nLOG_LEVEL=LOUD\n", encoding=encoding)
    bot = await stage.start({"DISCORD_TOKEN": None, "LOG_LEVEL": "DEBUG"})
    await discord.ready()

    bot.send(signal.SIGTERM)

    assert await bot.ended() == 0
    assert "DEBUG" in bot.log
    assert TOKEN not in bot.log


# The database


async def test_a_database_that_another_bot_has_open(stage: Stage, discord: Discord) -> None:
    first = await stage.start()
    await discord.ready()
    before = len(discord.requests)

    second = await stage.start()

    assert await second.ended() == 6
    assert "in use by another Sheepbot" in _the_only_line(second)
    assert len(discord.requests) == before
    assert discord.identifies == 1
    assert first.running


@pytest.mark.parametrize("content", [b"", b"Dear diary, I am no database. " * 400])
async def test_a_file_that_is_no_database(stage: Stage, discord: Discord, content: bytes) -> None:
    stage.database.write_bytes(content)

    bot = await stage.start()

    assert await bot.ended() == 6
    assert str(stage.database) in _the_only_line(bot)
    assert not discord.requests
    assert stage.database.read_bytes() == content


@pytest.mark.parametrize("table", ["migrations", "reviews"])
async def test_a_damaged_database(stage: Stage, discord: Discord, table: str) -> None:
    await stage.make_database()
    stage.damage(table)

    bot = await stage.start()

    assert await bot.ended() == 6
    assert "is damaged" in (said := _the_only_line(bot))
    assert "Restore a backup" in said
    assert not discord.requests


async def test_a_damaged_database_that_is_too_large_to_be_looked_through(stage: Stage, discord: Discord) -> None:
    await stage.make_database()
    with contextlib.closing(sqlite3.connect(stage.database)) as other:
        other.execute("CREATE TABLE ballast AS SELECT zeroblob(?) AS bytes", (SOON_READ,))
    stage.damage("meta")

    bot = await stage.start()

    assert await bot.ended() == 6
    assert "restore a backup" in _the_last_line(bot)
    assert not discord.identifies


async def test_a_database_that_another_program_is_writing_to(stage: Stage, discord: Discord) -> None:
    await stage.make_database()
    with contextlib.closing(sqlite3.connect(stage.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        bot = await stage.start()

        assert await bot.ended() == 6
    assert "locked" in _the_last_line(bot)
    assert not discord.identifies


# Discord


async def test_a_token_that_discord_refuses(stage: Stage) -> None:
    async with WireDiscord(TOKEN[::-1]) as other:
        bot = await stage.start(discord=other)

        assert await bot.ended() == 4
    assert "Reset it" in _the_last_line(bot)
    assert not other.identifies


class ResetsToken(Discord):
    """A Discord where the token is reset between the login and the gateway."""

    async def _gateway_bot(self, _: web.Request) -> web.Response:
        self.token = "another"  # noqa: S105 - it opens nothing
        return await super()._gateway_bot(_)


async def test_a_token_that_the_gateway_refuses(stage: Stage) -> None:
    async with ResetsToken() as discord:
        bot = await stage.start(discord=discord)

        assert await bot.ended() == 4
    assert "at the gateway" in _the_last_line(bot)
    assert discord.identifies == 1


@pytest.mark.parametrize(("code", "exit_code", "said"), [(4004, 4, "Reset it"), (4013, 7, "code 4013")])
async def test_a_gateway_that_is_closed_for_good_while_the_bot_runs(
    stage: Stage, discord: Discord, code: int, exit_code: int, said: str
) -> None:
    bot = await stage.start()
    await discord.ready()

    await discord.drop_gateway(code)

    assert await bot.ended() == exit_code
    assert said in _the_last_line(bot)


async def test_intents_that_are_refused(stage: Stage, discord: Discord) -> None:
    discord.refuse_intents = True
    bot = await stage.start()

    assert await bot.ended() == 5
    assert "intents" in _the_last_line(bot)
    assert discord.identifies == 1


class Proxy(Discord):
    """A Discord behind something that answers for it, with a web page."""

    async def _me(self, _: web.Request) -> web.Response:
        page = "<!DOCTYPE html>\n<title>503</title>\nsheepbot: no healthy upstream\n" + "<p>Sorry.</p>\n" * 400
        return web.Response(status=503, text=page, content_type="text/html")


async def test_an_api_that_is_not_there_or_not_well(stage: Stage, discord: Discord) -> None:
    discord.inject("GET", "/users/@me", 500)  # which discord.py asks again after, up to five times in 25 s
    discord.inject("GET", "/users/@me", 503)
    async with Discord() as unwell, Proxy() as proxy:
        unwell.inject("GET", "/users/@me", 503)
        bases = [
            *(there.api_base for there in (discord, unwell, proxy)),
            "http://127.0.0.1:1/api/v10",  # nobody listens there
        ]
        bots = [
            await stage.start({"DISCORD_API_BASE": base, "DATABASE_URL": f"sqlite:///{stage.folder}/{number}.db"})
            for number, base in enumerate(bases)
        ]
        assert await asyncio.gather(*(bot.ended() for bot in bots)) == [7] * len(bots)
    for bot in bots:
        last = _the_last_line(bot)
        assert "Discord cannot be reached" in last
        assert "DISCORD_API_BASE" in last
        assert len(last) < 400
    assert not discord.identifies


class Stranger(Discord):
    """What answers with something else than Discord does, and calls that well."""

    def __init__(self, text: str, content_type: str) -> None:
        super().__init__()
        self._answer_to_all = text, content_type

    async def _me(self, _: web.Request) -> web.Response:
        text, content_type = self._answer_to_all
        return web.Response(text=text, content_type=content_type)


@pytest.mark.parametrize(
    ("text", "content_type"),
    [("<p>Welcome!</p>", "text/html"), ('{"id": "no number"}', "application/json"), ("[]", "application/json")],
)
async def test_an_address_at_which_something_else_answers(stage: Stage, text: str, content_type: str) -> None:
    async with Stranger(text, content_type) as stranger:
        bot = await stage.start(discord=stranger)

        assert await bot.ended() == 7
    assert "DISCORD_API_BASE" in _the_last_line(bot)


async def test_commands_that_discord_does_not_take(stage: Stage, discord: Discord) -> None:
    discord.inject("PUT", "/applications/*/commands", 403)
    bot = await stage.start()

    assert await bot.ended() == 7
    _the_last_line(bot)
    assert not discord.identifies


async def test_a_part_of_the_bot_that_is_missing(stage: Stage, discord: Discord) -> None:
    (stage.folder / "cogs").mkdir()
    (stage.folder / "cogs" / "__init__.py").touch()  # hides the real ones, as -m looks here first
    bot = await stage.start()

    assert await bot.ended() == 8
    assert "cogs.reviews does not load" in _the_last_line(bot)
    assert not discord.syncs


def _the_only_line(bot: BotProcess) -> str:
    """What stands alone on stderr, as nothing was begun that could have been logged."""
    assert len(bot.log.splitlines()) == 1
    return assert_one_last_line(bot)


def _the_last_line(bot: BotProcess) -> str:
    assert "Traceback" not in bot.log
    return assert_one_last_line(bot)
