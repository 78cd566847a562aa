"""What moderators decide, as it is stored: once, whole, and to be gone on with."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.store import audit, open_store
from bot.store.aside import BATCH, Reason
from bot.store.moderation import Verdict
from bot.store.votes import Change, Thought
from tests.store.tools import assert_tallies_are_true, shelve

if TYPE_CHECKING:
    from bot.store import Store
    from tests.store.tools import Clock, Engine

HERE, THERE = 10, 20
ANN, BEA, MOD = 1, 2, 7


async def test_of_many_verdicts_at_once_one_counts_and_is_recorded(
    store: Store, films: list[int], engine: Engine, clock: Clock
) -> None:
    key = (HERE, films[0], ANN)
    await store.votes.change(Change(*key, thought=Thought("Hm.")))
    await store.moderation.report(*key, BEA)

    judged = await asyncio.gather(
        *(store.moderation.judge(key, clock.now, verdict, MOD) for verdict in [*Verdict] * 4),
        *(store.moderation.block_author(key, clock.now, MOD) for _ in range(2)),
    )

    assert sum(each if isinstance(each, bool) else each.removed for each in judged) == 1
    log = await store.audit.page(HERE, audit.NEWEST, 20)
    assert sorted(one.act for one in log if one.act != "block") in (["approve"], ["remove"])
    assert "block" in {one.act for one in log}
    await assert_tallies_are_true(engine)


async def test_a_thought_written_while_it_is_removed_is_never_shown_unseen(
    store: Store, films: list[int], engine: Engine, clock: Clock
) -> None:
    key = (HERE, films[0], ANN)
    for reporter in range(50, 55):
        await store.votes.change(Change(*key, thought=Thought("Bad.")))
        await store.moderation.report(*key, reporter)
        seen, clock.now = clock.now, clock.now + 1
        removed, *_ = await asyncio.gather(
            store.moderation.judge(key, seen, Verdict.REMOVE, MOD),
            store.votes.change(Change(*key, thought=Thought("Worse."))),
        )

        ((state, body),) = await engine.rows("SELECT state, body FROM thoughts")
        assert body == "Worse."
        assert state == ("held" if removed else "shown")  # where it was written first, the moderator saw other words
        await assert_tallies_are_true(engine)
        waiting, _ = await store.moderation.queue(HERE, 0)
        assert waiting
        assert waiting.removed_before == removed
        await store.moderation.judge(key, clock.now, Verdict.APPROVE, MOD)
        clock.now += 1


async def test_the_queue_is_read_from_the_longest_waiting_on_and_only_where_it_is(
    store: Store, films: list[int], clock: Clock
) -> None:
    await store.guilds.change(HERE, MOD, "thoughts", "reviewed")
    for member in range(5):
        for film in films:
            await store.votes.change(Change(HERE, film, 100 + member, thought=Thought("Held.")))
            await store.votes.change(Change(THERE, film, 100 + member, thought=Thought("Shown.")))
            clock.now += 1

    read = [(await store.moderation.queue(HERE, place)) for place in range(15)]

    assert {total for _, total in read} == {15}
    assert [(one.member_id, one.review_id) for one, _ in read if one] == [
        (100 + member, film) for member in range(5) for film in films
    ]
    assert await store.moderation.queue(HERE, 15) == (None, 15)
    assert await store.moderation.queue(THERE, 0) == (None, 0)


async def test_many_votes_move_in_batches_that_are_right_each_and_whoever_opens_next_goes_on(engine: Engine) -> None:
    store = await open_store(engine.url)
    films = await shelve(store, 2 * BATCH + 50)
    await asyncio.gather(*(store.votes.cast(HERE, film, ANN, film % 5 + 1) for film in films))
    await asyncio.gather(*(store.votes.cast(THERE, film, ANN, 5) for film in films))
    await asyncio.gather(*(store.votes.cast(HERE, film, BEA, 1) for film in films))
    before = set((await engine.read("SELECT * FROM votes"))[0])

    assert await store.aside.lay(HERE, ANN, Reason.VOIDED, MOD)
    assert not await store.aside.lay(HERE, ANN, Reason.VOIDED, MOD)
    assert len(await store.aside.move(HERE, ANN)) == BATCH
    await assert_tallies_are_true(engine)
    await store.close()
    store = await open_store(engine.url)
    assert [each async for each in store.aside.pending()] == [(HERE, ANN)]
    while await store.aside.move(HERE, ANN):
        await assert_tallies_are_true(engine)
    assert [each async for each in store.aside.pending()] == []
    assert len((await engine.read("SELECT * FROM voided_votes"))[0]) == len(films)

    await store.votes.cast(HERE, films[0], ANN, 5)  # let in just before it was decided
    assert await store.aside.lift(HERE, ANN, Reason.VOIDED, MOD)
    await store.aside.move(HERE, ANN)
    assert [each async for each in store.aside.pending()] == [(HERE, ANN)]
    assert await store.aside.lay(HERE, ANN, Reason.LEFT, None)  # meanwhile she left: all go back
    assert await store.aside.lay(HERE, ANN, Reason.VOIDED, MOD)
    assert await store.aside.lift(HERE, ANN, Reason.LEFT, None)
    while await store.aside.move(HERE, ANN):
        await assert_tallies_are_true(engine)
    assert not await engine.rows(f"SELECT 1 FROM votes WHERE guild_id = {HERE} AND member_id = {ANN}")  # noqa: S608 - ids of the test
    assert await store.aside.lift(HERE, ANN, Reason.VOIDED, MOD)
    while await store.aside.move(HERE, ANN):
        await assert_tallies_are_true(engine)

    after = set((await engine.read("SELECT * FROM votes"))[0])
    assert {row[:4] for row in before ^ after} <= {(HERE, films[0], ANN, sheep) for sheep in range(1, 6)}
    assert await engine.read("SELECT * FROM voided_votes", "SELECT * FROM restrictions") == [[], []]
    acts = [(one.act, one.actor_id) for one in await store.audit.page(HERE, audit.NEWEST, 20, ANN)]
    assert acts[::-1] == [
        *(("void", MOD), ("restore", MOD), ("left", None), ("void", MOD), ("returned", None), ("restore", MOD)),
    ]
    await store.close()


async def test_the_log_is_read_in_pages_and_an_export_of_it_ends(store: Store, films: list[int]) -> None:
    for member in range(30):
        await store.moderation.block(HERE, member, MOD)
        await store.moderation.block(THERE, member, MOD)
    await store.moderation.block(HERE, 3, MOD)

    first = await store.audit.page(HERE, audit.NEWEST, 20)
    rest = await store.audit.page(HERE, first[-1].number, 20)
    assert [one.member_id for one in (*first, *rest)] == list(range(29, -1, -1))
    assert [one.member_id for one in await store.audit.page(HERE, audit.NEWEST, 20, 3)] == [3]
    assert [one async for page in store.audit.pages(HERE, audit.NEWEST) for one in page] == [*first, *rest]
    assert films
