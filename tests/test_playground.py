"""The playground, as a stranger meets it: the real process, and a real browser."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import sqlite3
import sys
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Page, async_playwright, expect

from bot.app import open_bot

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

CHROMIUM = shutil.which("chromium")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-first-run"),
)
PATIENCE = 20.0
"""Seconds; a browser on a busy machine."""

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None and "CI" not in os.environ, reason="Chromium is not installed (Debian: apt install chromium)"
)


@contextlib.asynccontextmanager
async def playground(tmp_path: Path, reviews: Path, *options: str) -> AsyncGenerator[str]:
    """The address of a running playground, which must end cleanly on Ctrl-C."""
    arguments = [sys.executable, "-m", "bot", "play", "--no-browser", *options]
    environment = os.environ | {"REVIEWS_PATH": str(reviews), "DISCORD_TOKEN": "", "TMPDIR": str(tmp_path)}
    process = await asyncio.create_subprocess_exec(*arguments, env=environment, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE):
            lines = [(await process.stdout.readline()).decode().strip() for _ in range(2)]
        assert lines[1].startswith("http://127.0.0.1:")
        yield lines[1]
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(PATIENCE):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def left_in(folder: Path) -> list[Path]:
    """The temporary databases of playgrounds that did not clear up."""
    return list(folder.glob("sheepbot-*"))


@contextlib.asynccontextmanager
async def page_at(address: str) -> AsyncGenerator[Page]:
    """The playground's page in Chromium."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(PATIENCE * 1000)
        expect.set_options(timeout=PATIENCE * 1000)
        await page.goto(address)
        yield page
        await browser.close()


async def command(page: Page, name: str, value: str = "", *, optional: str = "") -> None:
    """Type a slash command, take the first option offered for its value, and send it.

    Args:
        optional: The option that the value is for, where the command does without.
    """
    offered = page.locator("[role=option]:visible")
    await page.locator("#channel-composer-input").click()
    await page.keyboard.type(f"/{name}")
    await offered.filter(has_text=f"/{name}").first.click()
    if optional:
        await page.locator(".command-ghost").last.click()
        await offered.filter(has_text=optional).first.click()
    if value:
        await page.keyboard.type(value)
        await offered.first.click()
    await page.locator("button[aria-label^=Send]:visible, button[aria-label^=Run]:visible").last.click()


@needs_chromium
async def test_a_stranger_reads_votes_shares_and_sees_the_board(tmp_path: Path, reviews_path: Path) -> None:
    votes = tmp_path / "kept.db"
    async with playground(tmp_path, reviews_path, "--empty", "--db", str(votes)) as address, page_at(address) as page:
        messages = page.locator("main")
        await command(page, "review", "miss you already")
        await expect(messages).to_contain_text("Your turn! How many sheep would you give Miss You Already?")

        await page.locator("button.component-button", has_text="3").first.click()
        await expect(messages.get_by_text("Readers 3.0 · 1 vote")).to_have_count(2)
        await page.locator("button.component-button", has_text="4").first.click()
        await expect(messages).to_contain_text("4 sheep (it was 3)")
        await expect(messages.get_by_text("Readers 4.0 · 1 vote"), "the post follows by itself").to_have_count(2)

        await page.locator("button.component-button", has_text="Add a thought").last.click()
        form = page.get_by_role("dialog").last
        await form.locator("textarea").fill("The slow start is **worth** it.")
        await form.get_by_role("button", name="Submit").click()
        await expect(messages).to_contain_text("The slow start is **worth** it.")
        await expect(messages).to_contain_text("Thoughts (1)")

        await command(page, "toprated")
        await expect(messages).to_contain_text("No film here has 3 votes yet")

    with contextlib.closing(sqlite3.connect(votes)) as kept:
        assert kept.execute("SELECT sheep FROM votes").fetchall() == [(4,)]
        assert kept.execute("SELECT body FROM thoughts").fetchall() == [("The slow start is **worth** it.",)]


@needs_chromium
async def test_the_film_club_has_something_to_say(tmp_path: Path, reviews_path: Path) -> None:
    async with playground(tmp_path, reviews_path) as address, page_at(address) as page:
        messages = page.locator("main")
        await expect(messages).to_contain_text("Miss You Already (2015)")
        await page.locator("button.component-button", has_text="Thoughts (").first.click()
        await expect(messages).to_contain_text("Thoughts on Miss You Already")
        await command(page, "toprated")
        await expect(messages).to_contain_text("What this server loves")
        await expect(messages).to_contain_text("Page 1 of 2")
        await command(page, "stats", "miss you already", optional="title")
        await expect(messages, "a year of votes").to_contain_text("Votes here by month")
        await page.locator("select").first.select_option(label="A moderator")
        await command(page, "sheepmod queue")
        await expect(messages, "a thought that waits, and one that was reported").to_contain_text("1 of 2")
    assert not left_in(tmp_path)


async def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path, reviews_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "play", "--no-browser", "--port", str(port)),
            env=os.environ | {"REVIEWS_PATH": str(reviews_path), "TMPDIR": str(tmp_path)},
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await process.communicate()
    assert process.returncode == 3
    assert said.decode().splitlines()[-1].startswith("sheepbot: ")
    assert "Traceback" not in said.decode()


@pytest.mark.parametrize("named", [True, False], ids=["the one that is set", "another with votes of real servers"])
async def test_it_never_plays_with_a_real_database(tmp_path: Path, reviews_path: Path, *, named: bool) -> None:
    real = f"sqlite:///{tmp_path}/real.db"
    async with open_bot(real, str(reviews_path), shard_count=1) as bot:
        await bot.store.votes.cast(1, 1, 1, 5)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "play", "--no-browser", "--db", str(tmp_path / "real.db")),
        env=os.environ | {"REVIEWS_PATH": str(reviews_path)} | ({"DATABASE_URL": real} if named else {}),
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    assert process.returncode == 3
    assert "Choose another file with --db." in said.decode()
    with contextlib.closing(sqlite3.connect(tmp_path / "real.db")) as kept:
        assert kept.execute("SELECT count(*) FROM votes").fetchone() == (1,)
