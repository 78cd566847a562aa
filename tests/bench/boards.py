"""The leaderboard over many votes, and voting where many votes lie."""

from __future__ import annotations

import itertools
import random
import sqlite3
import time
from contextlib import AsyncExitStack, closing
from typing import TYPE_CHECKING

from bot.ranking import Period, Sort
from bot.rules import DAY
from bot.store.leaderboard import Question
from bot.store.sqlite import CACHE_KIB
from tests.bench.bots import SCHEMA
from tests.bench.report import Goal, in_turns, measured, percentile
from tests.bench.store import (
    CALLERS,
    FIRST_MEMBER,
    GUILD,
    MEMBERS,
    SHARES,
    TASTE,
    Pace,
    pace,
    stock,
    votes,
)
from tests.store.tools import opened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from bot.store import Store
    from tests.bench.report import Measure, Size
    from tests.store.tools import Row

FEW = 10**4
"""On so many votes the floor reads its board."""
PAGES = (1, 50)
BOARDS = {
    **{f"page {page}": (Question(GUILD, min_votes=1), page) for page in PAGES},
    "most divisive, page 1": (Question(GUILD, Sort.DIVISIVE, min_votes=1), 1),
    "of a month, page 1": (Question(GUILD, period=Period.MONTH, min_votes=1), 1),
}
A_PAGE = 10
CALLS = 50
"""The median of so many calls is one repetition's time."""
VOTES_OF_THE_GOAL = 10**7
"""The peer counts all votes at each call: what it is to be beaten by is said for so many."""
YEARS = 2
"""So far back the votes were given, as many on each day."""


async def measure(folder: Path, size: Size) -> list[Measure]:
    """Line 5 of the table, and the votes a second where many lie."""
    await filled(folder / "many.db", size.votes)
    await filled(folder / "few.db", FEW)
    copy_plain(folder / "many.db", folder / "plain.db")
    found: list[Measure] = []
    async with AsyncExitStack() as stack:
        many, few = [await stack.enter_async_context(opened(folder / f"{name}.db")) for name in ("many", "few")]
        plain = stack.enter_context(closing(sqlite3.connect(folder / "plain.db")))
        plain.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        for name, (question, page) in BOARDS.items():
            offset = (page - 1) * A_PAGE

            async def ours(_: int, store: Store = many, question: Question = question, offset: int = offset) -> float:
                return await board_seconds(store, question, offset)

            async def floor(_: int, store: Store = few, question: Question = question, offset: int = offset) -> float:
                return await board_seconds(store, question, offset)

            async def peer(_: int, question: Question = question, offset: int = offset) -> float:
                return counted_seconds(plain, question, offset)

            seconds = await in_turns({"ours": ours, "floor": floor, "peer": peer}, size.repetitions)
            times = {name: [second * 1e3 for second in each] for name, each in seconds.items()}
            # Of all time a film is one row, however many its votes are; of a month, one for each day with votes.
            of_all_time = question.days is None
            quicker = 1 / 500 if size.votes >= VOTES_OF_THE_GOAL else None
            found.append(
                measured(
                    f"/toprated {name} with {size.votes:,} votes; peer: GROUP BY", "ms", times["ours"],
                    floors=times["floor"], peers=times["peer"],
                    goal=Goal(floor_at_most=1.2, peer_at_most=quicker) if of_all_time else None,
                )
            )  # fmt: skip

        async def among_many(turn: int) -> Pace:
            return await pace(many.votes.cast, votes(size.of(5000), turn))

        async def among_none(turn: int) -> Pace:
            async with opened(folder / f"none-{turn}.db") as store:
                await stock(store)
                return await pace(store.votes.cast, votes(size.of(5000), turn))

        paces = await in_turns({"many": among_many, "none": among_none}, size.repetitions)
    rates = {name: [one.rate for one in each] for name, each in paces.items()}
    name = f"durable votes, {CALLERS} callers, where {size.votes:,} lie; floor: where none do"
    return [*found, measured(name, "/s", rates["many"], floors=rates["none"])]


async def board_seconds(store: Store, question: Question, offset: int) -> float:
    """The median time of a page of a leaderboard."""
    waits: list[float] = []
    for _ in range(CALLS):
        begun = time.perf_counter()
        board = await store.leaderboard.top(question, offset, A_PAGE)
        waits.append(time.perf_counter() - begun)
        assert len(board.places) == A_PAGE
    return percentile(waits, 0.5)


def counted_seconds(plain: sqlite3.Connection, question: Question, offset: int) -> float:
    """The time of the same page where the votes are counted for it."""
    order = "avg(sheep * sheep) - avg(sheep) * avg(sheep)" if question.sort is Sort.DIVISIVE else "avg(sheep)"
    which = ""
    if question.days is not None:
        which = f"AND created_at >= {(int(time.time()) // DAY - question.days + 1) * DAY}"
    begun = time.perf_counter()
    places = plain.execute(
        f"SELECT review_id, {order} AS measure, count(*) AS votes FROM votes WHERE guild_id = ? {which}"  # noqa: S608 - no string from outside
        " GROUP BY review_id ORDER BY measure DESC, votes DESC LIMIT ? OFFSET ?",
        (GUILD, A_PAGE, offset),
    ).fetchall()
    taken = time.perf_counter() - begun
    assert len(places) == A_PAGE
    return taken


async def filled(path: Path, count: int) -> None:
    """Make a store in which about so many votes lie, hardly two of them by one member."""
    rng = random.Random(count)  # noqa: S311 - it keeps no secret

    def given() -> Iterator[Row]:
        now = int(time.time())
        for film, share in enumerate(SHARES, start=1):
            many = max(1, round(count * share / sum(SHARES)))
            members = range(FIRST_MEMBER + film, FIRST_MEMBER + MEMBERS, MEMBERS // many)[:many]
            taste = [weight * rng.uniform(0.3, 1) for weight in TASTE]
            sheep = rng.choices(range(1, 6), taste, k=many)
            when = [now - int(rng.random() * YEARS * 365 * DAY) for _ in range(many)]
            yield from zip(itertools.repeat(GUILD), itertools.repeat(film), members, sheep, when, when, strict=False)

    await lay(path, given())


async def lay(path: Path, given: Iterable[Row]) -> None:
    """Make a store in which votes of one server lie, with all that is counted of them: at once, not by the triggers."""
    async with opened(path) as store:
        await stock(store)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        made_after = database.execute(
            "SELECT type, name, sql FROM sqlite_schema WHERE tbl_name = 'votes' AND type IN ('trigger', 'index')"
            " AND sql IS NOT NULL"
        ).fetchall()
        database.execute("BEGIN")
        for kind, name, _ in made_after:
            database.execute(f"DROP {kind} {name}")
        database.executemany("INSERT INTO votes VALUES (?, ?, ?, ?, ?, ?)", given)
        database.executemany(
            "INSERT INTO tallies (guild_id, review_id, n1, n2, n3, n4, n5)"
            " SELECT ?, review_id, sum(sheep = 1), sum(sheep = 2), sum(sheep = 3), sum(sheep = 4), sum(sheep = 5)"
            " FROM votes GROUP BY guild_id, review_id",
            [(GUILD,), (0,)],
        )
        database.executemany(
            "INSERT INTO days (guild_id, review_id, day, n1, n2, n3, n4, n5)"
            " SELECT ?, review_id, created_at / 86400,"
            " sum(sheep = 1), sum(sheep = 2), sum(sheep = 3), sum(sheep = 4), sum(sheep = 5)"
            " FROM votes GROUP BY review_id, created_at / 86400",
            [(GUILD,), (0,)],
        )
        database.execute(
            "INSERT INTO raters (guild_id, member_id, votes, sheep)"
            " SELECT guild_id, member_id, count(*), sum(sheep) FROM votes GROUP BY guild_id, member_id"
        )
        for _, _, sql in made_after:
            database.execute(sql)
        database.execute("COMMIT")


def copy_plain(source: Path, path: Path) -> None:
    """Lay the votes of a store into the table of a first bot, as they came: member by member, not film by film."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.execute("ATTACH ? AS store", (str(source),))
        database.execute(SCHEMA)
        database.execute("ALTER TABLE main.votes ADD COLUMN created_at INTEGER")
        database.execute(
            "INSERT INTO main.votes (guild_id, review_id, member_id, sheep, created_at)"
            " SELECT guild_id, review_id, member_id, sheep, created_at FROM store.votes NOT INDEXED ORDER BY member_id"
        )
