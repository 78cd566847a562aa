"""How answers travel: lean where nobody reads what became of them, and never lost for that."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.fonts import font_files
from tests.process.stage import PATIENCE, control

if TYPE_CHECKING:
    from tests.process.stage import Discord, Stage

ATTACH_FILES = 1 << 15


async def test_only_a_public_message_is_asked_back(stage: Stage, discord: Discord) -> None:
    _, post = await stage.start_with_review()
    assert discord.asked_back == [True]

    vote = await discord.vote(post, "bob")
    await discord.click(vote.message, control(vote.message, "unvote"), user="bob")
    form = await discord.click(post, control(post, "share"), user="bob")
    await discord.submit(form, {"body": "Sheep."}, user="bob")
    await discord.slash("help")
    await discord.autocomplete("review", "title", "miss")

    assert discord.asked_back[1:6] == [False] * 5
    assert len(discord.asked_back) == 7


@pytest.mark.skipif(not any(font_files()), reason="needs a font")
async def test_a_board_comes_with_its_picture_and_the_process_that_drew_it_ends_with_the_bot(
    stage: Stage, discord: Discord
) -> None:
    discord.bot = replace(discord.bot, permissions=discord.bot.permissions | ATTACH_FILES)
    bot, post = await stage.start_with_review()
    await discord.vote(post, "bob")

    board = (await discord.slash("toprated", min_votes=1)).message

    (file,) = board.attachments
    assert file["description"].startswith("What this server loves.\n1. Miss You Already (2015): score")
    assert board.embeds[0]["image"]["url"] == "attachment://leaderboard.png"
    assert discord.files[file["id"]].startswith(b"\x89PNG")
    (drawer,) = children(bot._process.pid)  # pyright: ignore[reportPrivateUsage] - who belongs to it

    bot.send(signal.SIGKILL)
    await bot.ended()
    async with asyncio.timeout(PATIENCE):
        while Path(f"/proc/{drawer}/cmdline").exists() and Path(f"/proc/{drawer}/cmdline").read_bytes():  # noqa: ASYNC110, ASYNC240 - nothing tells
            await asyncio.sleep(0.02)


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


async def test_an_answer_that_is_not_taken_at_once_is_sent_again(stage: Stage, discord: Discord) -> None:
    bot, post = await stage.start_with_review()
    for status in (500, 429):
        discord.inject("POST", "/interactions/*", status)
        await discord.vote(post, f"member {status}")
    assert "ERROR" not in bot.log
