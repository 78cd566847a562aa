"""Ratings from elsewhere: kept for a day, and given as votes in batches that keep every tally true."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.ranking import Tally
from bot.rules import DAY
from bot.store.aside import Reason
from bot.store.imports import Imported
from bot.store.privacy import Subject, Wish
from tests.store.tools import Clock, assert_tallies_are_true, shelve

if TYPE_CHECKING:
    from bot.store import Store
    from tests.store.tools import Engine, Row

HERE, THERE, ALICE, BOB = 10, 20, 1, 2


@pytest.fixture
def now(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time by which votes are given, by hand and by imports."""
    monkeypatch.setattr("bot.store.imports.time", clock)
    return clock


async def votes(engine: Engine) -> set[Row]:
    """Every vote, as ``guild_id, review_id, member_id, sheep, created_at, updated_at``."""
    rows = await engine.rows("SELECT guild_id, review_id, member_id, sheep, created_at, updated_at FROM votes")
    return set(rows)


async def test_what_a_member_brings_waits_a_day_and_the_last_file_counts(
    store: Store, engine: Engine, now: Clock
) -> None:
    imports = store.imports
    assert await imports.get(HERE, ALICE) is None
    await imports.put(HERE, ALICE, "first")
    await imports.put(THERE, ALICE, "there")
    await imports.put(HERE, ALICE, '{"a": "\\u0000🐑"}')
    assert [await imports.get(*key) for key in ((HERE, ALICE), (THERE, ALICE), (HERE, BOB))] == [
        '{"a": "\\u0000🐑"}',
        "there",
        None,
    ]

    now.now += DAY - 1
    await imports.put(THERE, BOB, "later")
    await imports.sweep()
    assert await imports.get(HERE, ALICE)
    now.now += 1
    assert await imports.get(HERE, ALICE) is None
    await imports.sweep()
    assert await engine.rows("SELECT guild_id, member_id FROM imports") == [(THERE, BOB)]
    await imports.drop(THERE, BOB)
    assert await engine.rows("SELECT guild_id, member_id FROM imports") == []


async def test_votes_count_for_their_day_and_newer_ones_stay_unless_overridden(
    store: Store, engine: Engine, now: Clock
) -> None:
    new, older, newer, same, elsewhere = await shelve(store, 5)
    then, at = now.now - 200 * DAY, now.now - 100 * DAY
    late = now.now
    now.now = then
    await store.votes.cast(HERE, older, ALICE, 1)
    await store.votes.cast(HERE, new, BOB, 5)
    now.now = late
    for film in (newer, same):
        await store.votes.cast(HERE, film, ALICE, 4)
    await store.votes.cast(THERE, elsewhere, ALICE, 2)
    await store.imports.put(HERE, ALICE, "{}")
    films = [new, older, newer, same, elsewhere]
    assert await store.imports.standing(HERE, ALICE, films) == {
        older: (1, then),
        newer: (4, late),
        same: (4, late),
    }
    brought = [Imported(film, 4 if film == same else 3, at) for film in films]

    done = await store.imports.give(HERE, ALICE, brought, override=False)

    assert sorted(done or ()) == sorted([new, older, elsewhere])
    given = {
        (HERE, new, BOB, 5, then, then),
        (HERE, new, ALICE, 3, at, at),
        (HERE, older, ALICE, 3, then, at),
        (HERE, newer, ALICE, 4, late, late),
        (HERE, same, ALICE, 4, late, late),
        (HERE, elsewhere, ALICE, 3, at, at),
        (THERE, elsewhere, ALICE, 2, late, late),
    }
    assert await votes(engine) == given
    await assert_tallies_are_true(engine)
    assert await store.votes.tally(0, elsewhere) == Tally((0, 1, 0, 0, 0)), "the newest vote of a member counts"

    assert await store.imports.give(HERE, ALICE, brought, override=False) == []
    now.now += 5
    assert await store.imports.give(HERE, ALICE, brought, override=True) == [newer]
    assert await store.imports.give(HERE, ALICE, brought, override=True) == []
    overridden = given - {(HERE, newer, ALICE, 4, late, late)} | {(HERE, newer, ALICE, 3, late, late + 5)}
    assert await votes(engine) == overridden
    await assert_tallies_are_true(engine)


async def test_nothing_is_given_of_what_is_not_kept_any_more(store: Store, engine: Engine, films: list[int]) -> None:
    brought = [Imported(film, 5, 1_000) for film in films]
    await store.imports.put(THERE, ALICE, "{}")
    await store.imports.put(HERE, BOB, "{}")

    assert await store.imports.give(HERE, ALICE, brought, override=True) is None

    assert await votes(engine) == set()


async def test_who_has_everything_deleted_meanwhile_keeps_no_vote(store: Store, engine: Engine) -> None:
    films = await shelve(store, 5)
    await store.imports.put(HERE, ALICE, "{}")
    await store.imports.give(HERE, ALICE, [Imported(film, 5, 1_000) for film in films], override=False)

    erasing = asyncio.create_task(store.privacy.erase(Wish(Subject.MEMBER, ALICE)))
    given = 0
    while await store.imports.give(HERE, ALICE, [Imported(films[given % 5], 1 + given % 3, 1_000)], override=True):
        given += 1
    await erasing

    assert await votes(engine) == set()
    assert await engine.rows("SELECT 1 FROM imports") == []
    await assert_tallies_are_true(engine)


async def test_a_vote_that_is_aside_and_comes_back_is_not_lost_to_an_older_rating(
    store: Store, engine: Engine, films: list[int]
) -> None:
    await store.votes.cast(HERE, films[0], ALICE, 2)
    await store.aside.lay(HERE, ALICE, Reason.LEFT, None)
    while await store.aside.move(HERE, ALICE):
        pass
    await store.aside.lift(HERE, ALICE, Reason.LEFT, None)
    await store.imports.put(HERE, ALICE, "{}")

    brought = [Imported(film, 5, 1_000) for film in films]
    assert sorted(await store.imports.give(HERE, ALICE, brought, override=True) or ()) == films[1:]
    while await store.aside.move(HERE, ALICE):
        pass

    assert {row[1:4] for row in await votes(engine)} == {
        (films[0], ALICE, 2),
        *((film, ALICE, 5) for film in films[1:]),
    }
    await assert_tallies_are_true(engine)


async def test_clicks_of_others_and_the_member_go_on_beside_an_import(store: Store, engine: Engine) -> None:
    films = await shelve(store, 30)
    await store.imports.put(HERE, ALICE, "{}")
    await store.imports.put(THERE, ALICE, "{}")
    brought = [Imported(film, 1 + film % 5, 1_000_000 + film) for film in films]

    await asyncio.gather(
        *(store.imports.give(guild, ALICE, brought[at : at + 6], override=at % 4 == 0)
          for guild in (HERE, THERE) for at in range(0, 30, 6)),
        *(store.votes.cast(HERE, film, ALICE, 3) for film in films[::3]),
        *(store.votes.cast(THERE, film, BOB, 2) for film in films),
        *(store.votes.remove(HERE, film, ALICE) for film in films[::5]),
    )  # fmt: skip

    found, _ = await assert_tallies_are_true(engine)
    assert len(found) >= 30 + 30 + 24
