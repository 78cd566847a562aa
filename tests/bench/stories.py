"""Numbers and recommendations where members have many votes each."""

from __future__ import annotations

import random
import sys
import time
from contextlib import asynccontextmanager
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING

from bot.ranking import PRIOR_WEIGHT, Sort
from bot.rules import DAY
from bot.store import open_database, open_store
from bot.store.leaderboard import Question
from bot.store.tables import VOTES
from tests import postgres
from tests.bench.boards import FEW, YEARS, lay
from tests.bench.report import USUAL, Goal, in_turns, measured, percentile
from tests.bench.store import FILMS, FIRST_MEMBER, GUILD, SHARES, stock
from tests.store.tools import opened

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
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


BATCH = 20_000
"""Votes that PostgreSQL is given at once."""


async def measure(folder: Path, size: Size) -> list[Measure]:
    """The store's part of ``/stats``, ``/tastematch`` and ``/recommend``, on both engines."""
    await lay(folder / "many.db", crowd(size.votes))
    await lay(folder / "few.db", crowd(FEW))
    async with opened(folder / "many.db") as many, opened(folder / "few.db") as few:
        found = await _asked(many, few, size, size.votes)
    if reason := postgres.missing():
        print(f"Left out, for PostgreSQL: {reason}", file=sys.stderr)  # noqa: T201 - a benchmark's output
        return found
    votes = min(size.votes, USUAL.votes)
    async with on_postgres(votes) as many, on_postgres(FEW) as few:
        return found + await _asked(many, few, size, votes, " on PostgreSQL")


async def _asked(many: Store, few: Store, size: Size, votes: int, where: str = "") -> list[Measure]:
    """What each question takes among so many votes, and among few."""
    asked: dict[str, Callable[[Store, int, int], Awaitable[object]]] = {
        "/stats of a film": lambda store, _, film: store.stats.film(GUILD, film),
        "/stats of a server": _server,
        "/tastematch": lambda store, member, _: store.taste.pairs(GUILD, member, FIRST_MEMBER),
        "/recommend": _recommended,
    }
    found: list[Measure] = []
    for name, ask in asked.items():

        async def ours(turn: int, ask: Callable[[Store, int, int], Awaitable[object]] = ask) -> float:
            return await slow_seconds(many, ask, turn, votes)

        async def floor(turn: int, ask: Callable[[Store, int, int], Awaitable[object]] = ask) -> float:
            return await slow_seconds(few, ask, turn, FEW)

        seconds = await in_turns({"ours": ours, "floor": floor}, size.repetitions)
        times = {name: [second * 1e3 for second in each] for name, each in seconds.items()}
        found.append(
            measured(
                f"{name}{where}, p95, with {votes:,} votes; floor: with {FEW:,}", "ms", times["ours"],
                floors=times["floor"], goal=Goal(value_at_most=INSIDE),
            )
        )  # fmt: skip
    return found


@asynccontextmanager
async def on_postgres(count: int) -> AsyncGenerator[Store]:
    """A store on PostgreSQL in which about so many votes lie as they came: those of a day together, not of a film."""
    server = postgres.server()
    with server.database() as name:
        store = await open_store(server.url(name))
        try:
            await stock(store)
            database = await open_database(server.url(name), connections=1)
            given = iter(sorted(crowd(count), key=itemgetter(-1)))
            while batch := list(islice(given, BATCH)):
                await database.load(VOTES.name, VOTES.columns, batch)
            await database.close()
            await server.ask("VACUUM ANALYZE", database=name)  # other servers than the tests' soon do so by themselves
            yield store
        finally:
            await store.close()


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
