"""Pictures, drawn by the real process: in time or not at all, once, and never in the way of an answer."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from bot import pictures
from bot.pictures import Pictures
from bot.ui.cards import Card
from tests.fonts import FOLDER

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

PNG = b"\x89PNG"
LONG = 30.0
"""Seconds that only a machine that stands still exceeds."""


@contextlib.asynccontextmanager
async def drawer(
    *folders: Path, patience: float = LONG, kept_bytes: int = pictures.KEPT_BYTES
) -> AsyncGenerator[Pictures]:
    """One who draws, ready to."""
    made = Pictures(folders or (FOLDER,), patience=patience, kept_bytes=kept_bytes)
    made.look()
    try:
        yield made
    finally:
        await made.close()


def card(words: str = "Cats") -> Card:
    """A small card."""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"><text y="20">{words}</text></svg>'
    return Card(svg, words, "card")


def process_of(made: Pictures) -> asyncio.subprocess.Process:
    """The process that draws."""
    process = made._drawer._process  # pyright: ignore[reportPrivateUsage] - a test may look behind a wall
    assert process is not None
    return process


async def test_a_card_is_drawn_once_for_all_who_ask() -> None:
    async with drawer() as made:
        first, second = await asyncio.gather(made.draw(card()), made.draw(card()))
        other = await made.draw(card("Dogs"))

        assert first is not None
        assert first.startswith(PNG)
        assert second is first
        assert await made.draw(card()) is first
        assert other not in {None, first}


async def test_who_cannot_wait_goes_without_and_it_is_there_the_next_time() -> None:
    async with drawer(patience=0) as made:
        assert await made.draw(card()) is None
        await asyncio.gather(*made._awaited.values())  # pyright: ignore[reportPrivateUsage] - a test may look behind a wall

        assert await made.draw(card()) is not None


async def test_one_who_gives_up_spoils_it_for_no_other() -> None:
    async with drawer() as made:
        impatient = asyncio.create_task(made.draw(card()))
        patient = asyncio.create_task(made.draw(card()))
        await asyncio.sleep(0)
        impatient.cancel()

        assert await patient is not None


async def test_only_so_many_wait() -> None:
    async with drawer() as made:
        drawn = await asyncio.gather(*(made.draw(card(f"Film {number}")) for number in range(pictures.WAITING + 3)))

    assert [png is not None for png in drawn] == [True] * pictures.WAITING + [False] * 3


async def test_what_is_kept_is_bounded_by_its_bytes() -> None:
    async with drawer(kept_bytes=3 * pictures.OVERHEAD) as made:
        first = await made.draw(card("A"))
        await made.draw(card("B"))
        for number in range(20):
            await made.draw(card(f"Film {number}"))

        assert 1 <= len(made._kept) <= 2  # pyright: ignore[reportPrivateUsage] - a test may look behind a wall
        again = await made.draw(card("A"))
        assert again == first
        assert again is not first


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_process_that_dies_or_hangs_is_replaced(
    sent: signal.Signals, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pictures, "LIMIT", 0.5)
    async with drawer() as made:
        assert await made.draw(card("A")) is not None
        first = process_of(made).pid
        os.kill(first, sent)

        lost = await made.draw(card("B"))
        monkeypatch.setattr(pictures, "LIMIT", LONG)
        assert await made.draw(card("C")) is not None
        assert await made.draw(card("B")) is not None, "what was lost is not kept as such"
        assert process_of(made).pid != first
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)

    assert (lost is None) == bool(caplog.messages), "a loss is told, and only that"


async def test_a_letter_that_no_font_has_leaves_the_picture_out_and_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with drawer() as made:
        for title in ("ไทย", "ไทย", "ไทยไทย"):
            assert await made.draw(card(title)) is None
        assert await made.draw(card()) is not None

    (said,) = caplog.messages
    assert said == "A picture was left out: no installed font has THAI letters. `sheepbot doctor` knows what helps."


async def test_what_is_no_picture_is_told_too(caplog: pytest.LogCaptureFixture) -> None:
    async with drawer() as made:
        assert await made.draw(Card("<svg", "", "")) is None
        assert await made.draw(card()) is not None

    assert "ParseError" in caplog.text


async def test_where_there_is_no_process_to_be_had(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    async with drawer() as made:
        assert await made.draw(card()) is None

    assert "FileNotFoundError" in caplog.text


async def test_without_the_library_or_a_font_all_is_text_and_one_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with drawer(tmp_path) as made:
        assert await made.draw(card()) is None
    monkeypatch.setattr(pictures, "NEEDED", ("resvg_py", "no_such_library"))
    async with drawer() as made:
        assert await made.draw(card()) is None

    no_font, no_library = caplog.messages
    assert "no font is installed" in no_font
    assert "no_such_library is missing" in no_library


async def test_it_ends_with_the_bot_however_that_ends() -> None:
    """With its input, which a bot that is killed cannot but close."""
    async with drawer() as made:
        assert await made.draw(card()) is not None
        process = process_of(made)
        assert process.stdin is not None
        process.stdin.close()
        assert await process.wait() == 0

    async with drawer() as made:
        assert await made.draw(card()) is not None
        process = process_of(made)
    assert process.returncode == -signal.SIGKILL
    assert await made.draw(card("Dogs")) is None
