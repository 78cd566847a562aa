"""Numbers and recommendations where members have many votes each."""

from __future__ import annotations

import random
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from bot.ranking import PRIOR_WEIGHT, Sort
from bot.rules import DAY
from bot.store.leaderboard import Question
from tests.bench.boards import FEW, YEARS, lay
from tests.bench.report import Goal, in_turns, measured, percentile
from tests.bench.store import FILMS, FIRST_MEMBER, GUILD, SHARES
from tests.store.tools import opened

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from bot.store import Store
    from tests.bench.report import Measure, Size
    from tests.store.tools import Row

EACH = 80
"""So many votes a member has, on average."""
APART = 10**12
"""Between the ids of two members."""
ASKING = 40
"""So many members ask, one after the other; what one in twenty waits longer than is one repetition's time."""
INSIDE = 100
"""Milliseconds that any of these may take."""


async def measure(folder: Path, size: Size) -> list[Measure]:
    """The store's part of ``/stats``, ``/tastematch`` and ``/recommend``."""
    asked: dict[str, Callable[[Store, int, int], Awaitable[object]]] = {
        "/stats of a film": lambda store, _, film: store.stats.film(GUILD, film),
        "/stats of a server": _server,
        "/tastematch": lambda store, member, _: store.taste.pairs(GUILD, member, FIRST_MEMBER),
        "/recommend": _recommended,
    }
    await lay(folder / "many.db", crowd(size.votes))
    await lay(folder / "few.db", crowd(FEW))
    found: list[Measure] = []
    async with AsyncExitStack() as stack:
        many, few = [await stack.enter_async_context(opened(folder / f"{name}.db")) for name in ("many", "few")]
        for name, ask in asked.items():

            async def ours(turn: int, ask: Callable[[Store, int, int], Awaitable[object]] = ask) -> float:
                return await slow_seconds(many, ask, turn, size.votes)

            async def floor(turn: int, ask: Callable[[Store, int, int], Awaitable[object]] = ask) -> float:
                return await slow_seconds(few, ask, turn, FEW)

            seconds = await in_turns({"ours": ours, "floor": floor}, size.repetitions)
            times = {name: [second * 1e3 for second in each] for name, each in seconds.items()}
            found.append(
                measured(
                    f"{name}, p95, with {size.votes:,} votes; floor: with {FEW:,}", "ms", times["ours"],
                    floors=times["floor"], goal=Goal(value_at_most=INSIDE),
                )
            )  # fmt: skip
    return found


def crowd(count: int) -> Iterator[Row]:
    """About so many votes by members who have many each, and tastes of their own."""
    rng = random.Random(count)  # noqa: S311 - it keeps no secret
    now = int(time.time())
    quality = [rng.gauss(3.2, 0.8) for _ in range(FILMS)]
    kind = [rng.gauss() for _ in range(FILMS)]
    for member in range(max(1, count // EACH)):
        taste = rng.gauss()
        for film in set(rng.choices(range(FILMS), SHARES, k=1 + round(rng.expovariate(1 / EACH)))):
            sheep = max(1, min(5, round(rng.gauss(quality[film] + 0.6 * taste * kind[film], 0.7))))
            when = now - int(rng.random() * YEARS * 365 * DAY)
            yield GUILD, film + 1, FIRST_MEMBER + member * APART, sheep, when, when


async def slow_seconds(
    store: Store, ask: Callable[[Store, int, int], Awaitable[object]], turn: int, votes: int
) -> float:
    """What one in twenty members waits longer than, each asking for themselves and a film of theirs."""
    rng = random.Random(turn)  # noqa: S311 - it keeps no secret
    waits: list[float] = []
    for _ in range(ASKING):
        member, film = FIRST_MEMBER + rng.randrange(max(1, votes // EACH)) * APART, rng.randint(1, FILMS)
        begun = time.perf_counter()
        await ask(store, member, film)
        waits.append(time.perf_counter() - begun)
    return percentile(waits, 0.95)


async def _server(store: Store, _: int, __: int) -> object:
    boards = [await store.leaderboard.top(Question(GUILD, sort), 0, 3) for sort in (Sort.TOP, Sort.DIVISIVE)]
    return boards, await store.stats.server(GUILD), await store.stats.most_active(GUILD, 100)


async def _recommended(store: Store, member: int, _: int) -> object:
    rated = await store.taste.votes_of(GUILD, member)
    return await store.taste.liked_by_like_minded(GUILD, member, rated, weight=PRIOR_WEIGHT, count=5)
