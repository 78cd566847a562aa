"""What a posted review costs in memory, for as long as the process runs."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from tests.bench.load import back_to_back
from tests.bench.loopback import PEER, SHEEPBOT, contender
from tests.bench.report import Goal, measured
from tests.bench.start import shelve

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.load import Send
    from tests.bench.loopback import Range
    from tests.bench.report import Measure, Size

POSTS = 10_000
BY_THE_PEER = 500
STRETCHES = 5
FILMS = 1000
"""Posts of so many films, each with a long text, fill SQLite's cache of pages."""
SENTENCES = 500
WARM_UP = 20_000
"""Posts until a checkpoint ends the growth of the write-ahead log, and what else every process fills once is full; what
it grows by then falls to nothing, and would be taken for what a post costs."""


async def measure(folder: Path, size: Size) -> list[Measure]:
    """Line 7 of the table."""
    posts = 10 * POSTS if size.votes > 10**6 else size.of(POSTS)
    films = size.of(FILMS)
    await shelve(folder, films, SENTENCES)
    async with contender(folder, SHEEPBOT) as bot:
        for number in range(films):
            await back_to_back(bot.uses_of("review", title=f"film-{number}"), count=1)
        await back_to_back(bot.uses_of("review", title="film-0"), count=size.of(WARM_UP))
        # What a post costs shows in each stretch; that the allocator takes a page more, in one.
        uses, each = bot.uses_of("review", title="film-0"), max(1, posts // STRETCHES)
        ours = [await _bytes_a_post(bot, uses, each) for _ in range(STRETCHES)]
    async with contender(folder, PEER) as bot:
        await back_to_back(bot.uses_of("review"), count=size.of(BY_THE_PEER))
        peers = await _bytes_a_post(bot, bot.uses_of("review"), size.of(BY_THE_PEER))
    return [
        measured(
            f"memory that a posted review adds, {posts:,} of them", "bytes", [statistics.median(ours)], peers=[peers],
            goal=Goal(value_at_most=20) if size.warms else None,
        )
    ]  # fmt: skip


async def _bytes_a_post(bot: Range, post: Send, posts: int) -> float:
    before = bot.resident_bytes()
    await back_to_back(post, count=posts)
    return (bot.resident_bytes() - before) / posts
