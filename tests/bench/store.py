"""The store by itself: durable votes a second, and how long a vote waits for its commit."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import random
import sqlite3
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import aiosqlite

from bot.reviews.model import Review
from bot.store.sqlite import (
    _PRAGMAS,  # pyright: ignore[reportPrivateUsage] - the floor runs under the same ones
    CHECKPOINT_WHEN_IDLE,
    SqliteDatabase,
)
from bot.store.votes import (
    _TALLY,  # pyright: ignore[reportPrivateUsage] - the floor runs the same statements
    group_sql,
)
from tests.bench.bots import SCHEMA
from tests.bench.report import Goal, in_turns, measured, percentile
from tests.store.tools import SOURCE, opened

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
    from pathlib import Path

    from bot.store import Store
    from tests.bench.report import Measure, Size

CALLERS = 64
FILMS = 1000
GUILD = 7 * 10**17
FIRST_MEMBER = 2 * 10**17
MEMBERS = 10**10
"""Members' ids lie in a range so wide that hardly one votes twice: a first vote is the dearest."""
_SQL = group_sql(SqliteDatabase)
SHARES = [1 / rank for rank in range(1, FILMS + 1)]
"""How the votes spread over the films: by Zipf's law, as what is popular does."""
TASTE = (1, 2, 4, 6, 5)
"""How often one to five sheep are given, relatively."""

Vote: TypeAlias = tuple[int, int, int, int]
"""(guild_id, review_id, member_id, sheep)."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How votes went: so many a second, and the seconds that each waited."""

    rate: float
    waits: Sequence[float]

    @property
    def median(self) -> float:
        """The middle of the waits."""
        return percentile(self.waits, 0.5)

    @property
    def tail(self) -> float:
        """How many times the median the wait is that one vote in a hundred exceeds."""
        return percentile(self.waits, 0.99) / self.median


async def measure(folder: Path, size: Size) -> list[Measure]:
    """Lines 3 and 4 of the table."""
    crowd, alone = size.of(15_000), size.of(400)

    async def ours(turn: int) -> tuple[Pace, Pace]:
        async with opened(folder / f"ours-{turn}.db") as store:
            await stock(store)
            together = await pace(store.votes.cast, votes(crowd, turn))
            return together, await pace(store.votes.cast, votes(alone, turn + 100), callers=1)

    async def floor(turn: int) -> tuple[Pace, Pace]:
        path = folder / f"floor-{turn}.db"
        async with opened(path) as store:
            await stock(store)
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
            for pragma in _PRAGMAS:
                database.execute(pragma)
            together = raw_pace(_grouped(database), votes(crowd, turn), CALLERS)
            return together, raw_pace(_single(database), votes(alone, turn + 100), 1)

    async def naive(turn: int) -> tuple[Pace, Pace]:
        path = folder / f"naive-{turn}.db"
        async with _first_bot(path):
            pass

        async def cast(*vote: int) -> None:
            async with aiosqlite.connect(path) as database:
                await _write_and_count(database, vote)

        crowd = max(CALLERS, size.of(4 * CALLERS))
        return await pace(cast, votes(crowd, turn)), await pace(cast, votes(size.of(100), turn), callers=1)

    async def shared(turn: int) -> tuple[Pace, Pace]:
        async with _first_bot(folder / f"shared-{turn}.db") as database:
            lock = asyncio.Lock()

            async def cast(*vote: int) -> None:
                async with lock:  # without it, one caller's rollback undoes what another was told is stored
                    await _write_and_count(database, vote)

            return await pace(cast, votes(size.of(500), turn)), await pace(cast, votes(size.of(100), turn), callers=1)

    contenders = {"ours": ours, "floor": floor, "naive": naive, "shared": shared}
    found = await in_turns(contenders, size.repetitions)
    rates = {name: [together.rate for together, _ in paces] for name, paces in found.items()}
    tails = {name: [together.tail for together, _ in paces] for name, paces in found.items()}
    medians = {name: [single.median * 1e3 for _, single in paces] for name, paces in found.items()}
    return [
        measured(
            f"durable votes, {CALLERS} callers; peer: a connection a vote", "/s", rates["ours"],
            floors=rates["floor"], peers=rates["naive"], goal=Goal(floor_at_least=0.8, peer_at_least=20),
        ),
        measured("the same; peer: one connection, a commit a vote", "/s", rates["ours"], peers=rates["shared"]),
        measured(
            "a lone vote, p50", "ms", medians["ours"],
            floors=medians["floor"], peers=medians["naive"], goal=Goal(floor_at_most=2),
        ),
        measured(
            f"p99 ÷ p50 of a vote's wait, {CALLERS} callers", "", tails["ours"],
            floors=tails["floor"], peers=tails["naive"], goal=Goal(value_at_most=2.5),
        ),
    ]  # fmt: skip


async def stock(store: Store) -> None:
    """Put the films on an empty shelf; their ids count from 1."""
    body = "It is about sheep. " * 120  # as long as the reviews that ship
    await store.reviews.sync(SOURCE, [Review(slug=f"film-{n}", title=f"Film {n}", body=body) for n in range(FILMS)])


def votes(count: int, seed: int) -> list[Vote]:
    """First votes of many members of one server, the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311 - it keeps no secret
    films = rng.choices(range(1, FILMS + 1), SHARES, k=count)
    sheep = rng.choices(range(1, 6), TASTE, k=count)
    members = [FIRST_MEMBER + rng.randrange(MEMBERS) for _ in range(count)]
    return list(zip(itertools.repeat(GUILD), films, members, sheep, strict=False))


async def pace(
    cast: Callable[[int, int, int, int], Awaitable[object]], given: Sequence[Vote], callers: int = CALLERS
) -> Pace:
    """Have callers cast the votes, each its next one when it has its answer; one that was refused does not count."""
    waits: list[float] = []
    left = iter(given)

    async def caller() -> None:
        for vote in left:
            begun = time.perf_counter()
            with contextlib.suppress(sqlite3.OperationalError):  # the naive peer's: "database is locked"
                await cast(*vote)
                waits.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    return Pace(len(waits) / (time.perf_counter() - begun), waits)


def raw_pace(write: Callable[[Sequence[Vote]], None], given: Sequence[Vote], group: int) -> Pace:
    """Write the votes in groups of so many, one after the other; a group's votes wait together."""
    waits: list[float] = []
    begun = time.perf_counter()
    for number in range(0, len(given), group):
        begun_group = time.perf_counter()
        write(given[number : number + group])
        waits.append(time.perf_counter() - begun_group)
    return Pace(len(given) / (time.perf_counter() - begun), waits)


def _grouped(database: sqlite3.Connection) -> Callable[[Sequence[Vote]], None]:
    """Writes a group as the store does and asks for as much, but answers nobody."""
    groups = itertools.count(1)

    def write(group: Sequence[Vote]) -> None:
        now = int(time.time())
        database.execute("BEGIN IMMEDIATE")
        for sql, rows, values in (
            (_SQL.previous, [vote[:3] for vote in group], {}),
            (_SQL.put_votes[0], group, {"2": now}),
            (_SQL.tallies, list({vote[:2] for vote in group}), {}),
        ):
            database.execute(sql, {"1": json.dumps(rows), **values}).fetchall()
        database.execute("COMMIT")
        if next(groups) % CHECKPOINT_WHEN_IDLE == 0:
            database.execute("PRAGMA wal_checkpoint(PASSIVE)")

    return write


def _single(database: sqlite3.Connection) -> Callable[[Sequence[Vote]], None]:
    """Writes one vote in the plainest way, and reads its tally."""

    def write(group: Sequence[Vote]) -> None:
        for vote in group:
            database.execute("BEGIN IMMEDIATE")
            database.execute(
                "INSERT INTO votes (guild_id, review_id, member_id, sheep, created_at, updated_at)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT (guild_id, review_id, member_id)"
                " DO UPDATE SET sheep = excluded.sheep, updated_at = excluded.updated_at",
                (*vote, int(time.time())),
            )
            database.execute("COMMIT")
            database.execute(_TALLY, {"1": vote[0], "2": vote[1]}).fetchone()

    return write


@contextlib.asynccontextmanager
async def _first_bot(path: Path) -> AsyncGenerator[aiosqlite.Connection]:
    """The database of a first bot, new."""
    async with aiosqlite.connect(path) as database:
        await database.execute("PRAGMA journal_mode = WAL")
        await database.execute(SCHEMA)
        await database.commit()
        yield database


async def _write_and_count(database: aiosqlite.Connection, vote: Sequence[int]) -> None:
    """What a first bot does with a vote."""
    await database.execute("PRAGMA synchronous = FULL")
    await database.execute("INSERT OR REPLACE INTO votes VALUES (?, ?, ?, ?)", vote)
    await database.commit()
    await database.execute_fetchall(
        "SELECT count(*), avg(sheep) FROM votes WHERE guild_id = ? AND review_id = ?", vote[:2]
    )
