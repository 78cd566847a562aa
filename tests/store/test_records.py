"""Votes and thoughts that leave a store and come into one: all of them, and the newer one where there are two."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

import pytest

from bot.errors import StoreError
from bot.store import open_store
from bot.store import records as module
from bot.store.aside import Reason
from bot.store.moderation import Verdict
from bot.store.records import Record, Stored
from bot.store.votes import Change, Thought
from tests.store.tools import Clock, Engine, Sqlite, assert_tallies_are_true, opened, shelve

if TYPE_CHECKING:
    from pathlib import Path

    from bot.store import Store

NO_THOUGHT = (None, None, None, None)
NO_VOTE = (None, None, None)


def vote(member: int, sheep: int, at: int, guild: int = 10, slug: str = "film-0") -> Record:
    return Record(guild, slug, member, sheep, 1000, at, *NO_THOUGHT)


def thought(member: int, body: str, at: int, guild: int = 10, slug: str = "film-0") -> Record:
    return Record(guild, slug, member, *NO_VOTE, body, 0, 1000, at)


async def records(store: Store, guild: int | None = None) -> list[Record]:
    return [record async for page in store.records.pages(guild) for record in page]


async def put(store: Store, *given: Record) -> Stored:
    return await store.records.put(given, await store.records.slugs())


async def test_an_empty_store_has_none(store: Store) -> None:
    assert await records(store) == []
    assert await store.records.count() == 0


async def test_a_vote_and_a_thought_of_a_member_on_a_film_are_one_record(
    store: Store, films: list[int], clock: Clock
) -> None:
    await store.votes.change(Change(10, films[0], 1, sheep=4, thought=Thought("Baa.", spoiler=True)))
    await store.votes.change(Change(20, films[1], 1, thought=Thought("Hm.")))
    clock.now += 60
    await store.votes.cast(10, films[0], 1, 5)
    await store.votes.cast(10, films[2], 2, 3)
    then, now = clock.now - 60, clock.now

    assert await records(store) == [
        Record(10, "film-0", 1, 5, then, now, "Baa.", 1, then, then),
        Record(10, "film-2", 2, 3, now, now, *NO_THOUGHT),
        Record(20, "film-1", 1, *NO_VOTE, "Hm.", 0, then, then),
    ]
    assert await records(store, 20) == (await records(store))[2:]
    assert (await store.records.count(), await store.records.count(10), await store.records.count(20)) == (2, 2, 0)


async def test_what_moderators_hold_back_or_set_aside_stays_where_it_is(
    store: Store, films: list[int], clock: Clock
) -> None:
    await store.moderation.add_words(10, {"wolf"}, 9)
    for member, body in ((1, "A wolf."), (2, "Grass."), (3, "Baa.")):
        await store.votes.change(Change(10, films[0], member, sheep=4, thought=Thought(body)))
    await store.moderation.report(10, films[0], 2, 3)
    assert await store.moderation.judge((10, films[0], 2), clock.now, Verdict.REMOVE, 9)
    await store.aside.lay(10, 3, Reason.VOIDED, 9)
    assert await store.aside.move(10, 3) == [films[0]]

    assert [(one.member_id, one.sheep, one.thought) for one in await records(store)] == [
        (1, 4, None),
        (2, 4, None),
        (3, None, "Baa."),
    ]


@pytest.mark.parametrize(("share_of_votes", "share_of_thoughts"), [(1, 0), (0, 1), (0.9, 0.1), (0.1, 0.9), (0.5, 0.5)])
async def test_pages_leave_nothing_out_and_nothing_twice(
    store: Store, films: list[int], monkeypatch: pytest.MonkeyPatch, share_of_votes: float, share_of_thoughts: float
) -> None:
    dice = random.Random(7)  # noqa: S311 - the same each time
    given: dict[tuple[int, str, int], Record] = {}
    for _ in range(200):
        key = dice.choice([10, 20]), f"film-{dice.randrange(len(films))}", dice.randrange(1, 90)
        has = [dice.random() < share for share in (share_of_votes, share_of_thoughts)]
        if any(has):
            given[key] = Record(
                *key, *((3, 5, 6) if has[0] else NO_VOTE), *(("Baa.", 1, 7, 8) if has[1] else NO_THOUGHT)
            )
    await put(store, *given.values())
    monkeypatch.setattr(module, "PAGE", 7)
    for name in ("_VOTES", "_THOUGHTS"):
        monkeypatch.setattr(module, name, getattr(module, name).replace("LIMIT 10000", "LIMIT 7"))

    found = await records(store)

    assert sorted(found, key=lambda record: record[:3]) == [given[key] for key in sorted(given)]


async def test_the_newer_one_stands_in_whatever_order_they_come(store: Store, films: list[int], engine: Engine) -> None:
    assert films
    assert await put(store, vote(1, 4, 2000), vote(2, 1, 2000), thought(1, "Old.", 2000)) == Stored(3, 0)
    assert await put(store, vote(1, 5, 1999), vote(2, 2, 2001), thought(1, "New.", 3000)) == Stored(0, 2)
    assert await put(store, vote(3, 2, 50), vote(3, 3, 60), vote(3, 4, 55)) == Stored(1, 0)

    expected = [
        Record(10, "film-0", 1, 4, 1000, 2000, "New.", 0, 1000, 3000),
        vote(2, 2, 2001),
        vote(3, 3, 60),
    ]
    assert await records(store) == expected
    await assert_tallies_are_true(engine)


async def test_the_same_again_changes_nothing(store: Store, films: list[int], engine: Engine) -> None:
    assert films
    given = [vote(member, member % 5 + 1, 2000, guild) for member in range(1, 40) for guild in (10, 20)]
    await put(store, *given, thought(1, "Baa.", 2000))
    before = await engine.rows("SELECT * FROM tallies ORDER BY guild_id, review_id")

    assert await put(store, *given, thought(1, "Baa.", 2000)) == Stored(0, 0)
    assert await put(store, vote(1, 5, 2000), thought(1, "Boo.", 2000)) == Stored(0, 0)

    assert await engine.rows("SELECT * FROM tallies ORDER BY guild_id, review_id") == before
    await assert_tallies_are_true(engine)


async def test_tallies_are_true_after_imports_in_any_order(store: Store, films: list[int], engine: Engine) -> None:
    dice = random.Random(11)  # noqa: S311 - the same each time
    for _ in range(20):
        await put(
            store,
            *(
                vote(dice.randrange(1, 30), dice.randrange(1, 6), dice.randrange(9), dice.choice([10, 20]), film)
                for film in map("film-{}".format, range(len(films)))
                for _ in range(20)
            ),
            *(thought(dice.randrange(1, 30), "Baa.", dice.randrange(9)) for _ in range(5)),
        )
        await assert_tallies_are_true(engine)


async def test_an_import_beside_votes_loses_none(store: Store, films: list[int], engine: Engine) -> None:
    async def import_all() -> None:
        for member in range(1, 200, 10):
            await put(store, *(vote(number, 1, 2000) for number in range(member, member + 10)))

    await asyncio.gather(import_all(), *(store.votes.cast(20, films[0], member, 5) for member in range(1, 200)))

    await assert_tallies_are_true(engine)
    assert await store.records.count() == 200 + 199


async def test_a_batch_that_cannot_be_stored_leaves_nothing(store: Store, films: list[int]) -> None:
    assert films
    with pytest.raises(StoreError):
        await put(store, vote(1, 4, 2000), vote(2, 9, 2000))

    assert await records(store) == []


async def test_a_sqlite_file_is_read_beside_the_store_that_has_it_open(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    async with opened(path) as store:
        (film,) = await shelve(store, 1)
        await store.votes.cast(10, film, 1, 4)
        reader = await open_store(Sqlite(path).url, read_only=True)
        assert [record.sheep for record in await records(reader)] == [4]
        await store.votes.cast(10, film, 2, 2)
        assert [record.sheep for record in await records(reader)] == [4, 2]
        with pytest.raises(StoreError):
            await reader.votes.cast(10, film, 3, 1)
        await reader.close()
        await store.votes.cast(10, film, 4, 1)
    async with opened(path) as store:
        assert len(await records(store)) == 3
