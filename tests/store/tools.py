"""What the store's tests share: engines to run on, films to vote on, a clock, and a count made by hand."""

from __future__ import annotations

import functools
import re
import sqlite3
from collections import Counter, defaultdict
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import asyncpg
import pytest
from hypothesis import Phase

from bot.reviews.model import Review
from bot.store import open_store
from bot.store.tables import COUNTED, NOT_COPIED, TABLES
from tests import postgres

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable
    from contextlib import AbstractContextManager

    from bot.store import Store

SOURCE = "tests"
NAMES_A_MEMBER = re.compile(r"(member|actor|reporter|author|user|owner|rater|voter)(_id)?")
"""A column that names a member, whatever table it is in."""
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
"""With a database an example, to shrink a failure takes five minutes: take the phases out to have it done."""
Row: TypeAlias = tuple[Any, ...]


class Engine(Protocol):
    """A database that the store can run on, seen without the store."""

    @property
    def url(self) -> str:
        """What ``open_store`` opens."""
        ...

    async def read(self, *queries: str) -> list[list[Row]]:
        """What is committed, as anyone else sees it: the rows of each query."""
        ...

    async def rows(self, query: str) -> list[Row]:
        """The rows of one query."""
        return (await self.read(query))[0]


@dataclass(frozen=True, slots=True)
class Sqlite(Engine):
    """A SQLite file."""

    path: Path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    async def read(self, *queries: str) -> list[list[Row]]:
        with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as connection:
            return [connection.execute(query).fetchall() for query in queries]


@dataclass(frozen=True, slots=True)
class Postgres(Engine):
    """A database on a PostgreSQL server.

    Attributes:
        reader: What it is read through; a connection for each look where it is None.
    """

    name: str
    server: postgres.Server = field(default_factory=postgres.server)
    reader: asyncpg.Connection | None = None

    @property
    def url(self) -> str:
        return self.server.url(self.name)

    async def read(self, *queries: str) -> list[list[Row]]:
        if self.reader:
            async with self.reader.transaction(isolation="repeatable_read", readonly=True):
                return [[tuple(row) for row in await self.reader.fetch(query)] for query in queries]
        together = "BEGIN ISOLATION LEVEL REPEATABLE READ"
        return (await self.server.ask(together, *queries, database=self.name))[1:]

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[asyncpg.Connection]:
        """A connection beside the store's."""
        connection = await asyncpg.connect(self.url)
        try:
            yield connection
        finally:
            await connection.close()


def file_after(work: Callable[[Sqlite], Awaitable[object]]) -> bytes:
    """What a new SQLite file holds after some work, to be written again instead: that waits for the disk once."""
    with TemporaryDirectory() as folder:
        new = Sqlite(Path(folder) / "x.db")
        postgres.on_a_loop(lambda: work(new))
        return new.path.read_bytes()


@functools.cache
def _empty() -> bytes:
    """A file with the schema, and nothing in it."""

    async def migrate(new: Sqlite) -> None:
        async with opened(new.path):
            pass

    return file_after(migrate)


@contextmanager
def _sqlite(folder: Path) -> Generator[Engine]:
    engine = Sqlite(folder / "x.db")
    engine.path.write_bytes(_empty())
    yield engine


@contextmanager
def _postgres(_: Path) -> Generator[Engine]:
    with postgres.server().lent() as name:
        yield Postgres(name)


ENGINES: dict[str, Callable[[Path], AbstractContextManager[Engine]]] = {"sqlite": _sqlite, "postgres": _postgres}
ALL_ENGINES = (
    "sqlite",
    pytest.param("postgres", marks=pytest.mark.skipif(bool(postgres.missing()), reason=postgres.missing())),
)
"""Their names, for tests that run on each."""


@asynccontextmanager
async def opened(path: Path) -> AsyncGenerator[Store]:
    """The store on a SQLite file, closed at the end even of a test that fails: its thread would keep pytest alive."""
    store = await open_store(Sqlite(path).url)
    try:
        yield store
    finally:
        await store.close()


def read_only(path: Path, sql: str) -> list[Row]:
    """What a second connection sees, which cannot write."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return connection.execute(sql).fetchall()


class Clock:
    """Stands for the ``time`` module in the store."""

    def __init__(self) -> None:
        self.now = 1_700_000_000

    def time(self) -> float:
        return float(self.now)


def film(slug: str, title: str | None = None, year: int | None = None) -> Review:
    """A review that says next to nothing."""
    return Review(slug=slug, title=title or slug, year=year, body="It is about sheep.")


async def shelve(store: Store, count: int) -> list[int]:
    """Put films on an empty shelf and return their ids."""
    await store.reviews.sync(SOURCE, [film(f"film-{number}") for number in range(count)])
    return [entry.review_id for entry in await store.reviews.shelf()]


def recount(votes: Iterable[Row], thoughts: Iterable[Row]) -> dict[tuple[int, int], tuple[int, ...]]:
    """Every tally that is not nought, from the votes and thoughts themselves.

    Args:
        votes: ``guild_id, review_id, member_id, sheep, updated_at`` and perhaps more.
        thoughts: ``guild_id, review_id``.
    """
    counted = {key: values for (key, _), values in recount_days((*row[:5], 0) for row in votes).items()}
    said = Counter((guild, review) for guild, review in thoughts)
    return {key: (*counted.get(key, (0,) * 5), said[key]) for key in counted.keys() | said.keys()}


def recount_days(votes: Iterable[Row]) -> dict[tuple[tuple[int, int], int], tuple[int, ...]]:
    """Every day's tally that is not nought, by server and film, and day.

    Args:
        votes: ``guild_id, review_id, member_id, sheep, updated_at, created_at``.
    """
    given: defaultdict[tuple[tuple[int, int], int], Counter[int]] = defaultdict(Counter)
    by_member: defaultdict[tuple[int, int], list[tuple[int, int, int, int]]] = defaultdict(list)
    for guild, review, member, sheep, updated_at, created_at in votes:
        given[(guild, review), created_at // 86400][sheep] += 1
        by_member[review, member].append((updated_at, guild, sheep, created_at))
    for (review, _), each in by_member.items():
        _, _, latest, created_at = max(each)
        given[(0, review), created_at // 86400][latest] += 1
    return {key: tuple(counts[sheep] for sheep in range(1, 6)) for key, counts in given.items()}


async def assert_tallies_are_true(engine: Engine) -> tuple[list[Row], list[Row]]:
    """Every tally is what a recount makes of the votes and thoughts, and none is without cause.

    Returns:
        The votes, as for :func:`recount`, and the thoughts: ``guild_id, review_id, member_id, body, spoiler``.
    """
    votes, thoughts, tallies, days, raters = await engine.read(
        "SELECT guild_id, review_id, member_id, sheep, updated_at, created_at FROM votes",
        "SELECT guild_id, review_id, member_id, body, spoiler, state FROM thoughts",
        "SELECT guild_id, review_id, n1, n2, n3, n4, n5, thoughts FROM tallies",
        "SELECT guild_id, review_id, day, n1, n2, n3, n4, n5 FROM days",
        "SELECT guild_id, member_id, votes, sheep FROM raters",
    )
    said = (row[:2] for row in thoughts if row[5] == "shown")
    assert {row[:2]: row[2:] for row in tallies if any(row[2:])} == recount(votes, said)
    assert {(row[:2], row[2]): row[3:] for row in days if any(row[3:])} == recount_days(votes)
    given: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for guild, _, member, sheep, *_ in votes:
        given[guild, member].append(sheep)
    assert {row[:2]: row[2:] for row in raters if row[2]} == {key: (len(s), sum(s)) for key, s in given.items()}
    return [row[:5] for row in votes], [row[:5] for row in thoughts]


async def everything(engine: Engine) -> str:
    """Every value in every table, but for the schema's own."""
    names = [each.name for each in (*TABLES, *COUNTED)] + [name for name in NOT_COPIED if name != "migrations"]
    return repr(await engine.read(*(f"SELECT * FROM {name}" for name in names)))  # noqa: S608 - constants of the tables
