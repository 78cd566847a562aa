"""How long a process takes from its start until it is online, with ten thousand reviews on the shelf."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bot.reviews.model import Review
from bot.store import open_store
from tests.bench.loopback import PEER, SHEEPBOT, contender
from tests.bench.report import Goal, in_turns, measured

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.report import Measure, Size

REVIEWS = 10_000
MINIMAL = "minimal"
SENTENCES = 100
"""In a review, some 4,000 characters."""


async def measure(folder: Path, size: Size) -> list[Measure]:
    """Line 8 of the table."""
    count = size.of(REVIEWS)
    in_database, in_files = folder / "database", folder / "files"
    for each in (in_database, in_files):
        each.mkdir()
    await shelve(in_database, count)
    reviews = in_files / "reviews"
    reviews.mkdir()
    for number in range(count):
        made = _review(number)
        (reviews / f"{made.slug}.md").write_text(
            f"---\ntitle: {made.title}\nyear: {made.year}\n---\n{made.body}\n", encoding="utf-8"
        )

    found = await in_turns(
        {
            SHEEPBOT: lambda _: _until_ready(in_database, SHEEPBOT),
            "files": lambda _: _until_ready(in_files, SHEEPBOT, reviews),
            MINIMAL: lambda _: _until_ready(folder, MINIMAL),
            PEER: lambda _: _until_ready(folder, PEER),
        },
        size.repetitions + 1,
    )
    # The first start fills the database, and everyone's caches.
    first, seconds = found["files"][0], {name: each[1:] for name, each in found.items()}
    return [
        measured(
            f"start to READY, {count:,} reviews in the database", "s", seconds[SHEEPBOT],
            floors=seconds[MINIMAL], peers=seconds[PEER],
            goal=Goal(floor_at_most=1.2) if size.warms else None,
        ),
        measured(
            f"start to READY, {count:,} review files that did not change", "s", seconds["files"],
            floors=seconds[MINIMAL], peers=seconds[PEER],
        ),
        measured(f"first start to READY, {count:,} review files", "s", [first]),
    ]  # fmt: skip


async def shelve(folder: Path, count: int, sentences: int = SENTENCES) -> None:
    """Make a database with so many reviews, ``film-0`` and so on, that no file stands for."""
    store = await open_store(f"sqlite:///{folder / 'sheepbot.db'}")
    await store.reviews.sync("bench", [_review(number, sentences) for number in range(count)])
    await store.close()


async def _until_ready(folder: Path, name: str, reviews: Path | None = None) -> float:
    begun = time.perf_counter()
    async with contender(folder, name, reviews):
        return time.perf_counter() - begun


def _review(number: int, sentences: int = SENTENCES) -> Review:
    return Review(
        slug=f"film-{number}",
        title=f"{_WORDS[number % 97 % len(_WORDS)]} {_WORDS[number // 97 % len(_WORDS)]} {number}",
        year=1920 + number % 100,
        body=f"What film number {number} says of sheep. " * sentences,
    )


_WORDS = ("Meadow", "Shepherd", "Wool", "Night", "River", "Last", "Flock", "Hill", "Winter", "Return", "Silence")
