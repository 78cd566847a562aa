"""Imports: a whole export of WordPress into review files, beside the mere reading of its XML."""

from __future__ import annotations

import io
import time
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING

from bot.reviews.importers.running import Run
from bot.reviews.importers.wxr import Export
from tests.bench.report import Goal, in_turns, measured
from tests.reviews.importers.samples import export, samples

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.report import Measure, Size

POSTS = 1_000
SECONDS = 20
"""That so many may take."""
TEXT = "</p><p>".join(["It was long, and it was slow, and I did not look away once. " * 8] * 8)
"""Some 4,000 characters, as a review has."""


async def measure(folder: Path, size: Size) -> list[Measure]:
    """Import an export into an empty folder, and read it without importing anything."""
    source = folder / "export.xml"
    source.write_text(export(samples(size.of(POSTS), text=TEXT)), encoding="utf-8")

    async def imported(turn: int) -> float:
        with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()):
            begun = time.perf_counter()
            await Run(folder / f"reviews-{turn}").take([str(source)])
            took = time.perf_counter() - begun
        assert f"{size.of(POSTS):,} added" in out.getvalue()
        return took

    async def read(_: int) -> float:
        begun = time.perf_counter()
        assert sum([1 async for _ in Export(source).posts()]) == size.of(POSTS)
        return time.perf_counter() - begun

    for turn in range(size.repetitions):
        (folder / f"reviews-{turn}").mkdir()
    found = await in_turns({"imported": imported, "read": read}, size.repetitions)
    return [
        measured(
            f"import of {size.of(POSTS):,} posts of an export; floor: reading its XML",
            "s",
            found["imported"],
            floors=found["read"],
            goal=Goal(value_at_most=SECONDS),
        )
    ]
