"""What goes wrong while the bot runs: the member is told, the log has the cause, and the next click works."""

from __future__ import annotations

import contextlib
import re
import signal
import sqlite3
import time
from typing import TYPE_CHECKING

from tests.process.stage import PATIENCE, control, said

if TYPE_CHECKING:
    from tests.process.stage import Discord, Stage


async def test_answers_that_discord_fails_to_take_are_logged_under_a_reference(stage: Stage, discord: Discord) -> None:
    bot, post = await stage.start_with_review()
    fault = discord.inject("POST", "/interactions/*", 500, times=1000)
    await discord.begin_click(post, control(post, "vote", 4), user="ada")
    # discord.py tries again and again; our own deadline ends that.
    line = await bot.logged("TooSlowError")
    assert re.search(r"\[[0-9a-f]{6}\] TooSlowError for 'sheep1:vote:\d+:4' by \d+ in guild \d+", line)
    await bot.logged("The member could not be told")
    fault.times = 0

    discord.inject("POST", "/interactions/*", 404, body={"code": 10062, "message": "Unknown interaction"}, times=2)
    await discord.begin_click(post, control(post, "vote", 3), user="bob")
    await bot.logged("Unknown interaction")

    await discord.vote(post, "carol")
    assert stage.votes() == {discord.member(name).id: sheep for name, sheep in (("ada", 4), ("bob", 3), ("carol", 5))}


async def test_a_network_that_fails_under_answers_and_edits_is_only_logged(stage: Stage, discord: Discord) -> None:
    bot, post = await stage.start_with_review()
    discord.loses_answers = 1000
    await discord.begin_click(post, control(post, "vote", 4), user="ada")
    await bot.logged("The member could not be told")
    discord.loses_answers = 0

    await discord.vote(post, "bob")
    assert stage.votes() == {discord.member("ada").id: 4, discord.member("bob").id: 5}
    discord.loses_edits = 1000
    await discord.vote(post, "carol")
    bot.send(signal.SIGTERM)
    assert await bot.ended() == 0
    assert "never retrieved" not in bot.log


async def test_an_answer_that_is_taken_too_slowly_holds_up_nobody(stage: Stage, discord: Discord) -> None:
    bot, post = await stage.start_with_review()
    discord.takes_answers.clear()
    await discord.begin_click(post, control(post, "vote", 4), user="ada")
    await bot.logged("TooSlowError")
    discord.takes_answers.set()

    await discord.vote(post, "bob")
    assert stage.votes() == {discord.member("ada").id: 4, discord.member("bob").id: 5}


async def test_a_database_that_cannot_be_written_to_is_owned_up_to_in_time(stage: Stage, discord: Discord) -> None:
    bot, post = await stage.start_with_review()
    began = time.monotonic()
    await discord.vote(post, "zed")
    usual = time.monotonic() - began
    await discord.edited(post)  # by then the bot has nothing left to write
    # The one test where a second connection writes: it stands for a backup tool that takes the file for itself.
    with contextlib.closing(sqlite3.connect(stage.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        reply = await discord.click(post, control(post, "vote", 4), user="ada", timeout=PATIENCE)
        took = time.monotonic() - began
        other.execute("ROLLBACK")

    assert took < 3 + 20 * usual, "Discord waits 3 s; some more is for a machine that is busy"
    assert reply.ephemeral
    assert "nothing was changed. Please try again" in said(reply.message)
    reference = re.search(r"Reference:? ([0-9a-f]{6})", said(reply.message))
    assert reference
    assert f"[{reference[1]}] StoreError" in bot.log
    assert "database is locked" in bot.log
    zed = discord.member("zed").id
    assert stage.votes() == {zed: 5}

    await discord.vote(post, "ada")
    assert stage.votes() == {zed: 5, discord.member("ada").id: 5}
