"""What a leaderboard card takes, and whether the clicks that come meanwhile notice."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import discord
import resvg_py

from bot.drawing import typeset
from bot.fonts import Fonts
from bot.pictures import Pictures
from bot.store.leaderboard import Board, Place, Question
from bot.ui.cards import board_card
from tests.bench.report import Goal, in_turns, measured
from tests.fonts import FOLDER

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from bot.ui.cards import Card
    from tests.bench.report import Measure, Size

CARDS = 20
OURS, BARE, THREAD, NOTHING = "ours", "bare", "thread", "nothing"
PATIENCE = 60.0
TICK = 0.001
SAID = discord.Embed(title="What this server loves").set_footer(text="Score")


async def measure(_: Path, size: Size) -> list[Measure]:
    """From a board's values to its PNG; beside it the bare renderer on the same SVG, and the loop's longest pause."""
    count, fonts = size.of(CARDS), Fonts([FOLDER])
    pictures = Pictures([FOLDER], patience=PATIENCE)
    pictures.look()

    async def ours(turn: int, number: int) -> None:
        assert await pictures.draw(_card(turn, number))

    async def thread(turn: int, number: int) -> None:
        ready, files = typeset(_card(turn, number).svg, fonts)
        await asyncio.to_thread(resvg_py.svg_to_bytes, svg_string=ready, skip_system_fonts=True, font_files=files)

    async def nothing(*_: int) -> None:
        await asyncio.sleep(0.05)

    async def each(draw: Callable[[int, int], Awaitable[None]], turn: int) -> tuple[float, float]:
        """Seconds a card, and of the longest pause."""
        watch = asyncio.create_task(_longest_pause())
        await asyncio.sleep(5 * TICK)
        begun = time.perf_counter()
        for number in range(count):
            await draw(turn, number)
        took = time.perf_counter() - begun
        watch.cancel()
        return took / count, await watch

    async def bare(turn: int) -> tuple[float, float]:
        ready = [typeset(_card(turn, number).svg, fonts) for number in range(count)]
        begun = time.perf_counter()
        for svg, files in ready:
            resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True, font_files=files)
        return (time.perf_counter() - begun) / count, 0.0

    try:
        await ours(-1, 0)  # starts the process
        found = await in_turns(
            {
                OURS: lambda turn: each(ours, turn),
                BARE: bare,
                THREAD: lambda turn: each(thread, turn),
                NOTHING: lambda turn: each(nothing, turn),
            },
            size.repetitions,
        )
    finally:
        await pictures.close()
    cards = {name: [1000 * one for one, _ in each] for name, each in found.items()}
    pauses = {name: [1000 * one for _, one in each] for name, each in found.items()}
    return [
        measured(
            "a leaderboard card; floor: the bare renderer", "ms", cards[OURS],
            floors=cards[BARE], goal=Goal(floor_at_most=1.5) if size.warms else None,
        ),
        measured(
            "longest pause while cards are drawn; floor: none are; peer: in a thread", "ms", pauses[OURS],
            floors=pauses[NOTHING], peers=pauses[THREAD], goal=Goal(peer_at_most=0.2) if size.warms else None,
        ),
    ]  # fmt: skip


async def _longest_pause() -> float:
    """The longest time, in seconds, for which nothing else had its turn, until this is cancelled."""
    longest, last = 0.0, time.perf_counter()
    try:
        while True:
            await asyncio.sleep(TICK)
            longest, last = max(longest, time.perf_counter() - last - TICK), time.perf_counter()
    except asyncio.CancelledError:
        return longest


def _card(turn: int, number: int) -> Card:
    """A card like no other, as one that was drawn before is not drawn again."""
    names = (
        "Miss You Already",
        "Those Magnificent Men in Their Flying Machines",
        "Le Fabuleux Destin d'Amélie Poulain",
    )
    places = [Place(one, names[one % 3], 2000 + one, 4.9 - one / 9, 4.5, 1000 * turn + number, 7) for one in range(10)]
    return board_card(Board(places, 10, 3.4), Question(1), SAID, 1, lambda _: None)
