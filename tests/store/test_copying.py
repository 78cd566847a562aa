"""A copy from any engine to any other: everything, compared, gone on with after a break, and no bot on half of one."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from bot.errors import DatabaseError, StoreError
from bot.store import copy_store, open_database, open_store
from bot.store.copying import copy, named
from bot.store.meta import COMMANDS_HASH
from bot.store.posts import Post
from bot.store.tables import COUNTED, NOT_COPIED, TABLES, Table
from bot.store.votes import Change, Thought
from tests.store.tools import ALL_ENGINES, ENGINES, Engine, assert_tallies_are_true, film, shelve

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from bot.store.copying import Copied
    from bot.store.database import Database, Row

GUILDS, MEMBERS, FILMS = (10, 20), 20, 4
SCHEMA = {
    "sqlite": "SELECT m.name, p.name FROM sqlite_schema m, pragma_table_info(m.name) p WHERE m.type = 'table'"
    " ORDER BY m.name, p.cid",
    "postgres": "SELECT CAST(table_name AS text), CAST(column_name AS text) FROM information_schema.columns"
    " WHERE table_schema = 'public' ORDER BY table_name, ordinal_position",
}
COMMUNITY = (
    "INSERT INTO labels (kind, name) VALUES ('genre', 'drama'), ('critic', 'Ada')",
    "INSERT INTO review_labels VALUES (1, 1), (1, 2), (2, 1)",
    "INSERT INTO guild_settings VALUES (10, 7, 30, 'always', 'open', 2.5, 3, 1, 'keep', NULL, 0, 8)",
    "INSERT INTO closings VALUES (10, 1, 99, 0)",
    "INSERT INTO restrictions VALUES (10, 5, 'blocked', 99), (10, 5, 'voided', 99)",
    "INSERT INTO voided_votes VALUES (10, 1, 500, 4, 98, 99)",
    "INSERT INTO words VALUES (10, 'Zebra'), (10, 'apple')",
    "INSERT INTO reports VALUES (10, 2, 2, 9, 99, NULL)",
    "UPDATE thoughts SET state = 'held' WHERE guild_id = 10 AND member_id = 3",
    "INSERT INTO audit_log VALUES (1, 10, 99, 9, 'block', 5, NULL, ''), (2, 10, 99, NULL, 'remove', 5, 1, 'x')",
    "INSERT INTO uncompared VALUES (4, 99)",
    "INSERT INTO departures VALUES (30, 99)",
    "UPDATE reviews SET guild_id = 10, author_id = 5, guid = 'x' WHERE id = 3",
    "INSERT INTO drafts VALUES (10, 5, 3, '{}', 99), (20, 5, 0, '{}', 99)",
    "INSERT INTO imports VALUES (10, 5, '[]', 99)",
    "INSERT INTO feeds VALUES (1, 10, 7, 'https://example.org/', 'A', 'e', NULL, 97, 98, 99, 99, 0, 1, 'Away.', 0)",
    "INSERT INTO feed_items VALUES (1, 'b', NULL, 'known', '', 99, 98), (1, 'A', 3, 'waiting', 'h', 99, 0)",
    "INSERT INTO erasures VALUES ('departed', 30, 99)",
)


@pytest.fixture(params=ALL_ENGINES)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Engine]:
    """Another new database, of each kind."""
    (tmp_path / "target").mkdir()
    with ExitStack() as stack:
        yield stack.enter_context(ENGINES[request.param](tmp_path / "target"))


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rows are many pages."""
    small = tuple(table._replace(page=7) for table in TABLES)
    monkeypatch.setattr("bot.store.copying.TABLES", small)
    monkeypatch.setattr("bot.store.copying.COUNTED", tuple(table._replace(page=7) for table in COUNTED))
    monkeypatch.setattr("bot.store.copying.VOTES", small[[table.name for table in small].index("votes")])


async def fill(engine: Engine) -> None:
    """Let members vote, think, post and change their minds."""
    store = await open_store(engine.url)
    films = await shelve(store, FILMS)
    for guild in GUILDS:
        for number in range(MEMBERS):
            thought = Thought(f"Baa, said {number}; 🐑\n'\"") if number % 3 else ...
            await store.votes.change(Change(guild, films[number % FILMS], number + 1, number % 5 + 1, thought))
    await store.votes.remove(10, films[0], 1)
    await store.votes.cast(30, films[1], 1, 5)
    await store.votes.remove(30, films[1], 1)  # of this, a tally of nought stays behind
    await store.posts.add(Post(10, films[0], 55, 1234))
    await store.meta.set("Zebra", "1")
    await store.meta.set("apple", "2")
    await store.meta.set(COMMANDS_HASH, "3")
    await store.close()
    database = await open_database(engine.url)
    await database.transaction([(sql, ()) for sql in COMMUNITY])
    await database.close()


def unseen(_what: str, _done: int, _of: int) -> None:
    """Nobody looks on."""


async def content(engine: Engine) -> list[list[Row]]:
    columns = ((table, ", ".join(table.columns)) for table in TABLES)
    return await engine.read(*(f"SELECT {each} FROM {t.name} WHERE {t.only} ORDER BY {t.keys}" for t, each in columns))  # noqa: S608 - constants of the tables


async def copied(source: Engine, target: Engine) -> list[Copied]:
    told: list[tuple[str, int, int]] = []
    found = await copy_store(source.url, target.url, lambda what, done, of: told.append((what, done, of)))
    assert all(done <= of for _, done, of in told)
    return found


@pytest.mark.parametrize("name", ALL_ENGINES)
async def test_every_table_and_column_is_copied(name: str, tmp_path: Path) -> None:
    with ENGINES[name](tmp_path) as engine:
        await (await open_store(engine.url)).close()
        rows = await engine.rows(SCHEMA[name])
    found: dict[str, tuple[str, ...]] = {}
    for table, column in rows:
        found[table] = (*found.get(table, ()), column)

    assert {table: columns for table, columns in found.items() if table not in NOT_COPIED} == {
        table.name: table.columns for table in (*TABLES, *COUNTED)
    }


async def test_everything_is_there_and_members_go_on(engine: Engine, target: Engine) -> None:
    await fill(engine)

    found = await copied(engine, target)

    assert await content(target) == await content(engine)
    await assert_tallies_are_true(target)
    rows = {each.table: each.rows for each in found}
    assert set(rows) == {table.name for table in (*TABLES, *COUNTED)}
    assert all(rows.values())
    assert (rows["votes"], rows["thoughts"], rows["meta"]) == (len(GUILDS) * MEMBERS - 1, 26, 2)
    store = await open_store(target.url)
    assert await store.meta.get(COMMANDS_HASH) is None
    await store.reviews.sync("more", [film("one-more")])
    assert [title.review_id for title in await store.reviews.shelf()] == list(range(1, FILMS + 2))
    await store.votes.cast(10, FILMS + 1, 1, 4)
    await store.guilds.change(10, 9, "min_votes", 5)
    await store.close()
    assert max(await target.rows("SELECT id FROM audit_log")) == (3,)
    await assert_tallies_are_true(target)


async def test_an_empty_database_is_copied_too(engine: Engine, target: Engine) -> None:
    await (await open_store(engine.url)).close()

    assert not any(each.rows for each in await copied(engine, target))

    store = await open_store(target.url)
    assert await shelve(store, 1) == [1]
    await store.close()


class Breaks:
    """A target that fails after so many pages: before it stored the last of them, or when it just had."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, database: Database, pages: int, *, late: bool) -> None:
        load = database.load

        async def failing(table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
            nonlocal pages
            pages -= 1
            if pages >= 0 or late:
                await load(table, columns, rows)
            if pages < 0:
                raise StoreError from OSError("cut off")

        monkeypatch.setattr(database, "load", failing)


@pytest.mark.parametrize("late", [False, True])
async def test_a_copy_goes_on_after_any_page(
    engine: Engine, target: Engine, monkeypatch: pytest.MonkeyPatch, late: bool  # noqa: FBT001 - pytest passes by name
) -> None:  # fmt: skip
    await fill(engine)
    for pages in (0, 1, 2, 3, 0, 1):
        source, half = await open_database(engine.url), await open_database(target.url)
        try:
            with monkeypatch.context() as patched:
                Breaks(patched, half, pages, late=late)
                with pytest.raises(StoreError):
                    await copy(source, half, "sqlite:///there", unseen)
        finally:
            await half.close()
            await source.close()
        with pytest.raises(DatabaseError, match=r"unfinished copy of sqlite:///there.*`sheepbot store copy` again"):
            await open_store(target.url)
        with pytest.raises(DatabaseError, match="unfinished copy of sqlite:///there"):
            await copied(engine, target)  # its name is another
        with pytest.raises(DatabaseError, match="unfinished copy of sqlite:///there"):
            await copy_store(target.url, "sqlite:///never-made.db", unseen)

    source, half = await open_database(engine.url), await open_database(target.url)
    await copy(source, half, "sqlite:///there", unseen)
    await half.close()
    await source.close()

    assert await content(target) == await content(engine)
    await (await open_store(target.url)).close()


async def test_rows_that_were_stored_unseen_are_not_stored_twice(
    engine: Engine, target: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(engine)
    source, half = await open_database(engine.url), await open_database(target.url)
    load = half.load

    async def twice(table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        await load(table, columns, rows)
        await load(table, columns, rows)  # the first one's answer was lost

    monkeypatch.setattr(half, "load", twice)
    await copy(source, half, "here", unseen)
    await half.close()
    await source.close()

    assert await content(target) == await content(engine)


CHANGES = {
    "votes": "UPDATE votes SET sheep = sheep % 5 + 1 WHERE member_id = 3 AND guild_id = 20",
    "thoughts": "UPDATE thoughts SET body = 'Boo.' WHERE member_id = 3 AND guild_id = 20",
    "reviews": "UPDATE reviews SET body = 'Boo.' WHERE id = 2",
    "posts": "DELETE FROM posts",
    "tallies": "UPDATE tallies SET n5 = n5 + 1 WHERE guild_id = 20 AND review_id = 2",
    "days": "UPDATE days SET n5 = n5 + 1 WHERE guild_id = 20 AND review_id = 2",
    "audit_log": "UPDATE audit_log SET actor_id = 8",
    "meta": "UPDATE meta SET value = 'x' WHERE key = 'apple'",
}


@pytest.mark.parametrize("spoilt", CHANGES)
async def test_a_copy_that_is_not_the_same_is_refused(
    engine: Engine, target: Engine, monkeypatch: pytest.MonkeyPatch, spoilt: str
) -> None:
    await fill(engine)
    source, half = await open_database(engine.url), await open_database(target.url)
    load = half.load

    async def spoiling(table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        await load(table, columns, rows)
        if table == "audit_log":
            await half.transaction([(CHANGES[spoilt], ())])

    monkeypatch.setattr(half, "load", spoiling)
    try:
        with pytest.raises(DatabaseError, match=rf"^The copy is not the same: {spoilt} has \d+ rows"):
            await copy(source, half, "here", unseen)
    finally:
        await half.close()
        await source.close()
    with pytest.raises(DatabaseError, match="unfinished copy"):
        await open_store(target.url)


async def test_what_is_in_use_is_not_copied_over(engine: Engine, target: Engine) -> None:
    await fill(engine)
    await fill(target)
    before = await content(target)

    with pytest.raises(DatabaseError, match="The target is not empty: it has meta"):
        await copied(engine, target)

    assert await content(target) == before
    await (await open_store(target.url)).close()


async def test_a_finished_copy_is_not_begun_again(engine: Engine, target: Engine) -> None:
    await fill(engine)
    await copied(engine, target)

    with pytest.raises(DatabaseError, match="The target is not empty"):
        await copied(engine, target)


async def test_a_source_that_is_not_there_is_not_made(target: Engine, tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="There is no database at"):
        await copy_store(f"sqlite:///{tmp_path}/nowhere.db", target.url, unseen)

    assert not (tmp_path / "nowhere.db").exists()


def test_a_copy_is_named_without_its_password() -> None:
    assert named("postgresql://sheep:baa@db.example/flock") == "postgresql://db.example/flock"
    assert named("postgres://sheep:baa@one:5432,two:5433/flock") == "postgresql://one:5432,two:5433/flock"
    assert named("sqlite:////tmp/x.db") == "sqlite:////tmp/x.db"


def test_all_tables_have_a_key() -> None:
    assert all(isinstance(table, Table) and 0 < table.key <= len(table.columns) for table in (*TABLES, *COUNTED))
