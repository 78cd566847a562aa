"""What is stored of a member or a server is handed out whole, and deleted without a trace."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from bot.app import open_bot
from bot.cli import cli
from bot.moving.takeout import TOPICS, take_out
from bot.store import open_database, open_store
from bot.store.departures import PAGE
from bot.store.feeds import Feed, Item, State
from bot.store.own import published_in
from bot.store.posts import Post
from bot.store.privacy import OF_MEMBER, PLACES, Subject, Wish
from bot.store.reviews import COLUMNS
from bot.store.tables import COUNTED, TABLES
from bot.store.votes import Change, Thought
from tests import postgres
from tests.store.test_copying import SCHEMA
from tests.store.tools import (
    ALL_ENGINES,
    ENGINES,
    NAMES_A_MEMBER,
    Engine,
    Postgres,
    Sqlite,
    assert_tallies_are_true,
    everything,
    film,
    shelve,
)

if TYPE_CHECKING:
    from pathlib import Path

    from bot.store import Store

ME, OTHER = 777_000_000_000_000_123, 888_000_000_000_000_456
HERE, THERE = 4_200_000_000_001, 4_300_000_000_002
BOUNDED = {"json_each", "f", "found", "CONSTANT"}
"""What a question may go through from end to end: what it was given, or has found."""
VALUES: dict[str, Any] = {
    "guild_id": HERE,
    "review_id": 1,
    "sheep": 4,
    "kind": "blocked",
    "act": "block",
    "detail": "",
    "state": "held",
    "body": "Mine.",
    "spoiler": 1,
    "created_at": 1_000_000,
    "updated_at": 2_000_000,
    "since": 9,
    "at": 9,
    "subject": "member",
    "votes": 1,
    "day": 11,
}
"""What stands in a column of a table that names a member, by its name."""
OF_A_REVIEW: dict[str, Any] = {
    **dict.fromkeys(("written_by", "directed_by", "starring", "genres", "aliases"), "[]"),
    "title": "Mine",
    "sort_title": "mine",
    "spoilers": 0,
    "source": "guild",
    "content_hash": "hash",
}


async def columns_of_members(engine: Engine) -> list[tuple[str, str, list[str]]]:
    """Every column that names a member, with its table and the table's columns."""
    name = "sqlite" if isinstance(engine, Sqlite) else "postgres"
    columns: dict[str, list[str]] = {}
    for table, column in await engine.rows(SCHEMA[name]):
        columns.setdefault(table, []).append(column)
    return [
        (table, column, columns[table])
        for table in (each.name for each in (*TABLES, *COUNTED))
        for column in columns[table]
        if NAMES_A_MEMBER.fullmatch(column)
    ]


async def fill(engine: Engine, *members: int) -> list[tuple[str, str]]:
    """Put members' ids wherever the schema has room for one; returns the tables and columns."""
    store = await open_store(engine.url)
    await shelve(store, 2)
    await store.close()
    found = await columns_of_members(engine)
    database = await open_database(engine.url)
    for table, column, columns in found:
        if table in {each.name for each in COUNTED}:
            continue  # the triggers put them there
        for member in members:
            row = {name: VALUES[name] for name in columns if name in VALUES}
            row |= {name: OTHER + 1 for name in columns if NAMES_A_MEMBER.fullmatch(name)} | {column: member}
            if table == "reports":  # on a thought that is there
                row |= {"member_id": member, "reporter_id": OTHER if column == "member_id" else member}
            if table == "reviews":
                row |= OF_A_REVIEW | {"slug": f"own-{member}"}
            names = ", ".join(row)
            places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
            insert = f"INSERT INTO {table} ({names}) VALUES ({places}) ON CONFLICT DO NOTHING"  # noqa: S608 - the schema's names
            await database.transaction([(insert, tuple(row.values()))])
    await database.close()
    return [(table, column) for table, column, _ in found]


def in_the_files(path: Path, member: int) -> set[str]:
    """In which files of a database a member's id stands, in any form in which SQLite writes it."""
    varint = bytes([member & 0x7F])
    rest = member >> 7
    while rest:
        varint, rest = bytes([rest & 0x7F | 0x80]) + varint, rest >> 7
    nine = bytes(member >> shift & 0x7F | 0x80 for shift in range(57, 7, -7)) + bytes([member & 0xFF])
    forms = (member.to_bytes(8), varint, nine, str(member).encode())
    files = (path.with_name(path.name + beside) for beside in ("", "-wal", "-shm", "-journal"))
    return {file.name for file in files if file.exists() and any(form in file.read_bytes() for form in forms)}


async def test_of_a_member_no_id_is_left_in_any_table(engine: Engine) -> None:
    columns = await fill(engine, ME, OTHER)
    for table, column in columns:
        assert (await engine.rows(f"SELECT count(*) FROM {table} WHERE {column} = {ME}"))[0][0], (table, column)  # noqa: S608 - the schema's names
    places = {(place.table, place.scope) for place in OF_MEMBER}
    assert set(columns) == places
    assert set(TOPICS) == places
    store = await open_store(engine.url)
    handed = await take_out(store, ME)
    assert all(handed.rows.values())
    assert set(handed.rows["reviews"][0]) == {"guild_id", *COLUMNS} - {"slug", "aliases"}, "all of what was written"
    assert str(OTHER) not in repr(handed)
    before = await take_out(store, OTHER)

    await store.privacy.wish(Wish(Subject.MEMBER, ME))
    await store.privacy.erase(Wish(Subject.MEMBER, ME))

    assert str(ME) not in await everything(engine)
    assert (await take_out(store, ME)).is_empty
    after = await take_out(store, OTHER)
    reported = "reports_by_you", "reports_of_your_thoughts"  # the other's report of a thought that is gone goes with it
    assert {topic: after.rows[topic] for topic in TOPICS.values() if topic not in reported} == {
        topic: before.rows[topic] for topic in TOPICS.values() if topic not in reported
    }
    assert str(ME) not in repr([rows async for rows in store.records.pages()])
    await assert_tallies_are_true(engine)
    await store.close()


async def test_of_a_server_nothing_is_left(engine: Engine) -> None:
    await fill(engine, ME, OTHER)
    store = await open_store(engine.url)
    await store.votes.cast(THERE, 1, ME, 2)
    await store.posts.add(Post(HERE, 1, 5, 6))
    await store.posts.add(Post(HERE, 1, 5, 7))
    await store.guilds.change(HERE, ME, "min_votes", 1)
    await store.departures.note([HERE])
    followed = Feed(0, HERE, 5, f"https://a.example/{HERE}", "A", None, None, added_at=1, checked_at=1, look_at=1)
    await store.feeds.add(followed, ME, [Item("old", "h", 1)], "a.example")
    (feed,) = await store.feeds.of(HERE)
    for source, guid, feed_id in ((published_in(HERE), None, None), (f"feed:{HERE}", "new", feed.id)):
        await store.own.add(HERE, film(f"by-{guid}"), source=source, author_id=ME, guid=guid, feed_id=feed_id)
    await store.feeds.put(feed.id, Item("new", "h", 2, State.WAITING))

    await store.privacy.erase(Wish(Subject.SERVER, HERE))
    assert await engine.rows("SELECT DISTINCT guild_id FROM posts UNION SELECT guild_id FROM departures") == [(HERE,)]
    assert str(HERE) not in (await everything(engine)).replace(f"({HERE}, ", "(").replace(f", {HERE}, 1)", "")
    assert await engine.rows("SELECT * FROM feed_items") == []
    assert (await store.guilds.rules(HERE)).settings.min_votes != 1
    await store.votes.cast(HERE, 1, ME, 3)

    await store.privacy.erase(Wish(Subject.DEPARTED, HERE))
    assert str(HERE) not in await everything(engine)
    assert (await store.votes.tally(THERE, 1)).counts == (await store.votes.tally(0, 1)).counts == (0, 1, 0, 0, 0)
    await assert_tallies_are_true(engine)
    await store.close()


@pytest.mark.parametrize("how", ["at the next start", "by the command"])
async def test_nothing_is_left_in_the_file_after_a_vacuum(
    tmp_path: Path, reviews_path: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Sqlite(tmp_path / "x.db")
    await fill(engine, ME, OTHER)
    store = await open_store(engine.url)
    await store.votes.change(Change(THERE, 1, ME, 1, Thought(f"I am {ME}, and I say so.")))
    await store.votes.change(Change(THERE, 2, ME, 1, Thought("And I change it.")))
    assert in_the_files(engine.path, ME)
    await store.privacy.erase(Wish(Subject.MEMBER, ME))
    assert in_the_files(engine.path, ME)
    await store.close()
    if how == "by the command":
        monkeypatch.setenv("DATABASE_URL", engine.url)
        done = await asyncio.to_thread(CliRunner().invoke, cli, ["store", "vacuum"])
        assert done.exit_code == 0, done.output
        assert "Vacuumed" in done.output

    async with open_bot(engine.url, str(reviews_path), shard_count=1) as bot:  # the log stands beside the file
        assert not in_the_files(engine.path, ME)
        assert in_the_files(engine.path, OTHER)
        assert await bot.store.meta.get("vacuum_due") is None
        await assert_tallies_are_true(engine)


async def test_a_large_file_is_left_to_the_operator_and_a_failure_to_the_next_start(
    tmp_path: Path, reviews_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    engine = Sqlite(tmp_path / "x.db")
    await fill(engine, ME)
    store = await open_store(engine.url)
    await store.privacy.erase(Wish(Subject.MEMBER, ME))
    await store.close()

    with monkeypatch.context() as patched:
        patched.setattr("bot.store.vacuuming.SOON_VACUUMED", 0)
        async with open_bot(engine.url, str(reviews_path), shard_count=1):
            assert "run `sheepbot store vacuum`" in caplog.text
    with closing(sqlite3.connect(f"file:{engine.path}?mode=ro", uri=True)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM meta").fetchone()
        async with open_bot(engine.url, str(reviews_path), shard_count=1):
            assert "another process is reading" in caplog.text  # the old pages cannot go
    async with open_bot(engine.url, str(reviews_path), shard_count=1):
        assert not in_the_files(engine.path, ME)


@pytest.fixture
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rows are many batches."""
    for name, value in {"FEWEST": 2, "MOST": 3, "PAGE": 3}.items():
        monkeypatch.setattr(f"bot.store.privacy.{name}", value)


@pytest.mark.usefixtures("_few")
async def test_tallies_are_true_whatever_is_deleted_while_others_vote(store: Store, engine: Engine) -> None:
    dice = random.Random(7)  # noqa: S311 - the same history each time
    films = await shelve(store, 4)
    guilds, members = (10, 20, 30), range(1, 6)

    def change(member: int) -> Change:
        return Change(dice.choice(guilds), dice.choice(films), member, dice.randint(1, 5), Thought("Hm."))

    for number in range(12):
        await asyncio.gather(*(store.votes.change(change(member)) for member in members for _ in range(6)))
        subject = (Subject.MEMBER, Subject.MEMBER, Subject.SERVER, Subject.DEPARTED)[number % 4]
        wish = Wish(subject, dice.choice(members if subject is Subject.MEMBER else guilds))
        before = {row[:3] for row in await engine.rows("SELECT guild_id, review_id, member_id FROM votes")}
        meanwhile = [change(member) for member in members]

        await asyncio.gather(store.privacy.erase(wish), *map(store.votes.change, meanwhile))

        votes, thoughts = await assert_tallies_are_true(engine)
        assert {row[:3] for row in votes} == {row[:3] for row in thoughts}, "half of what was given together is left"
        place = 2 if subject is Subject.MEMBER else 0
        gone = {row[:3] for row in votes if row[place] == wish.id}
        assert gone <= {each.key for each in meanwhile}
        kept = {key for key in before if key[place] != wish.id}
        assert kept <= {row[:3] for row in votes}
        await store.privacy.erase(wish)
        column = "member_id" if place else "guild_id"
        assert not await engine.rows(f"SELECT * FROM votes WHERE {column} = {wish.id}")  # noqa: S608 - constants
        assert not await engine.rows(f"SELECT * FROM raters WHERE {column} = {wish.id}")  # noqa: S608 - constants


@pytest.mark.usefixtures("_few")
async def test_what_is_broken_off_is_remembered_and_gone_on_with(engine: Engine) -> None:
    store = await open_store(engine.url)
    films = await shelve(store, 60)
    await asyncio.gather(*(store.votes.cast(HERE, film, ME, 3) for film in films))
    wish = Wish(Subject.MEMBER, ME)
    await store.privacy.wish(wish)
    await store.privacy.wish(wish)
    erasing = asyncio.create_task(store.privacy.erase(wish))
    while len(await engine.rows("SELECT * FROM votes")) == len(films):  # noqa: ASYNC110 - another task deletes
        await asyncio.sleep(0)
    erasing.cancel()
    await asyncio.gather(erasing, return_exceptions=True)
    assert await engine.rows("SELECT * FROM votes")
    await assert_tallies_are_true(engine)
    await store.close()

    store = await open_store(engine.url)
    assert await store.privacy.wishes() == [wish]
    await store.privacy.erase(wish)
    assert str(ME) not in await everything(engine)
    assert await store.privacy.wishes() == []
    await store.close()


@pytest.mark.usefixtures("_few")
async def test_a_member_is_handed_everything_in_pages(store: Store, films: list[int]) -> None:
    given = {(guild, film) for guild in range(1, 9) for film in films}
    await asyncio.gather(*(store.votes.cast(guild, film, ME, 3) for guild, film in given))

    handed = await take_out(store, ME)

    votes = [(row["guild_id"], row["review_id"]) for row in handed.rows["votes"]]
    assert len(votes) == len(given)
    assert set(votes) == given
    assert handed.films[films[0]].slug == "film-0"


async def test_no_question_about_somebody_grows_with_everybody(tmp_path: Path) -> None:
    engine = Sqlite(tmp_path / "x.db")
    await fill(engine, ME)
    store = await open_store(engine.url)
    asked: list[str] = []
    unguarded: Any = store  # what is asked can be seen nowhere else
    connection = unguarded._database._connection
    await connection.set_trace_callback(asked.append)
    await take_out(store, ME)
    for subject in (Subject.MEMBER, Subject.SERVER, Subject.DEPARTED):
        await store.privacy.erase(Wish(subject, ME if subject is Subject.MEMBER else HERE))
    assert [page async for page in store.departures.servers()] == []
    await connection.set_trace_callback(None)
    await store.close()

    with closing(sqlite3.connect(engine.path)) as reader:
        for sql in {sql for sql in asked if sql.lstrip().startswith(("SELECT", "DELETE FROM", "UPDATE", "WITH"))}:
            plan = [row[3] for row in reader.execute(f"EXPLAIN QUERY PLAN {sql}")]
            scans = [step for step in plan if step.startswith("SCAN") and step.split()[1] not in BOUNDED]
            assert scans == [], sql
            assert not any("TEMP B-TREE" in step for step in plan), sql


@pytest.mark.skipif(bool(postgres.missing()), reason=postgres.missing())
async def test_votes_that_are_just_being_brought_back_are_waited_for_and_deleted(tmp_path: Path) -> None:
    with ENGINES["postgres"](tmp_path) as engine:
        assert isinstance(engine, Postgres)
        store = await open_store(engine.url)
        (film,) = await shelve(store, 1)
        await engine.server.ask(
            f"INSERT INTO voided_votes VALUES ({HERE}, {film}, {ME}, 4, 1, 1)",  # noqa: S608 - numbers of this file
            f"INSERT INTO restrictions VALUES ({HERE}, {ME}, 'restoring', 1)",  # noqa: S608 - as above
            database=engine.name,
        )
        async with engine.connection() as mover, mover.transaction():
            await mover.execute(f"SELECT hold_votes(ARRAY[{film}], ARRAY[{HERE}], ARRAY[{ME}])")
            await mover.execute("INSERT INTO votes SELECT * FROM voided_votes")
            erasing = asyncio.create_task(store.privacy.erase(Wish(Subject.MEMBER, ME)))
            while not erasing.done() and not await engine.rows("SELECT 1 FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)
            await mover.execute("DELETE FROM voided_votes")

        await erasing

        assert str(ME) not in await everything(engine)
        await assert_tallies_are_true(engine)
        await store.close()


@pytest.mark.parametrize("name", ALL_ENGINES)
async def test_servers_with_anything_stored_are_found_in_pages(name: str, tmp_path: Path) -> None:
    many = range(1, PAGE + 50)
    with ENGINES[name](tmp_path) as engine:
        store = await open_store(engine.url)
        (film,) = await shelve(store, 1)
        database = await open_database(engine.url) if name == "postgres" else store._database  # pyright: ignore[reportPrivateUsage] - a second SQLite connection may not write
        await database.load("tallies", ("guild_id", "review_id"), [(guild, film) for guild in (0, *many)])
        await store.posts.add(Post(10**15, film, 5, 6))
        await store.votes.change(Change(10**16, film, 1, ..., Thought("Only words.")))
        await store.guilds.change(10**17, ME, "min_votes", 1)

        found = [page async for page in store.departures.servers()]

        assert set().union(*found) == {*many, 10**15, 10**16, 10**17}
        assert max(map(len, found)) == PAGE
        await store.departures.note([1, 2])
        await store.departures.note([2, 3])
        await store.departures.take_back([1, 9])
        assert set(await store.departures.all()) == {2, 3}
        if name == "postgres":
            await database.close()
        await store.close()


def test_every_place_of_a_server_goes_when_it_is_left() -> None:
    left = {place.table for place in PLACES[Subject.DEPARTED]}
    named = {table.name for table in (*TABLES, *COUNTED) if "guild_id" in table.columns}
    assert named == left
