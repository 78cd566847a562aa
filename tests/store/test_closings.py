"""Closing, reopening and resetting the vote on a film, and which servers are told of which reviews."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.rules import GuildSettings
from bot.store import open_store
from bot.store.aside import Reason
from tests.store.tools import assert_tallies_are_true, shelve

if TYPE_CHECKING:
    import pytest

    from bot.store import Store
    from bot.store.votes import Ballot
    from tests.store.tools import Engine

HERE, THERE, ACTOR, NOW = 10, 20, 7, 1_000


async def test_a_closing_holds_at_once_is_due_from_its_moment_on_and_told_once(store: Store, films: list[int]) -> None:
    await asyncio.gather(store.guilds.rules(HERE), store.guilds.rules(THERE))
    first, second, _ = films

    await store.closings.close(HERE, first, ACTOR, NOW)
    await store.closings.close(THERE, second, ACTOR, NOW + 1)

    assert (await store.guilds.rules(HERE)).closings == {first: NOW}
    assert await store.closings.due(NOW - 1) == []
    assert await store.closings.due(NOW + 0.5) == [(HERE, first)]
    await store.closings.shown(HERE, first, NOW)
    await store.closings.shown(THERE, second, NOW)  # not yet
    assert await store.closings.due(NOW + 1) == [(THERE, second)]

    await store.closings.close(HERE, first, ACTOR, NOW + 5)
    assert await store.closings.due(NOW + 9) == [(THERE, second), (HERE, first)]
    await store.closings.reopen(HERE, first, ACTOR)
    assert (await store.guilds.rules(HERE)).closings == {}
    assert await store.closings.due(NOW + 9) == [(THERE, second)]


async def test_every_act_is_on_record(store: Store, engine: Engine, films: list[int]) -> None:
    await store.closings.close(HERE, films[0], ACTOR, NOW)
    await store.closings.reopen(HERE, films[0], ACTOR)
    await store.closings.reset(HERE, films[0], ACTOR)
    await store.guilds.restore(HERE, ACTOR)

    acts = await engine.rows("SELECT guild_id, actor_id, act, review_id, detail FROM audit_log ORDER BY id")
    assert acts == [
        (HERE, ACTOR, "close", films[0], f"closes_at: {NOW}"),
        (HERE, ACTOR, "reopen", films[0], ""),
        (HERE, ACTOR, "reset", films[0], "votes: 0"),
        (HERE, ACTOR, "settings", None, "defaults"),
    ]


async def test_a_reset_takes_every_vote_on_the_film_here_and_no_other(
    store: Store, engine: Engine, films: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.closings.BATCH", 7)
    first, second, _ = films
    votes = [(guild, film, member) for guild in (HERE, THERE) for film in (first, second) for member in range(1, 31)]
    await asyncio.gather(*(store.votes.cast(*vote, 1 + vote[2] % 5) for vote in votes))
    for film in (first, second):
        aside = ("INSERT INTO voided_votes VALUES ($1, $2, 99, 5, 1, 1)", (HERE, film))
        await store._database.transaction([aside])  # pyright: ignore[reportPrivateUsage] - no verb sets one vote aside

    assert await store.closings.reset(HERE, first, ACTOR) == 30

    left = await engine.rows("SELECT DISTINCT guild_id, review_id FROM votes ORDER BY 1, 2")
    assert left == [(HERE, second), (THERE, first), (THERE, second)]
    assert await engine.rows("SELECT review_id FROM voided_votes") == [(second,)]
    await assert_tallies_are_true(engine)
    assert await store.closings.reset(HERE, first, ACTOR) == 0


async def test_a_vote_that_is_set_aside_while_a_reset_goes_on_is_gone_too(
    store: Store, engine: Engine, films: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.closings.BATCH", 7)
    await asyncio.gather(*(store.votes.cast(HERE, films[0], member, 3) for member in range(1, 31)))
    remove = store.votes.remove

    async def set_aside_meanwhile(guild_id: int, review_id: int, member_id: int) -> Ballot:
        if member_id == 1:
            await store.aside.lay(HERE, 30, Reason.VOIDED, ACTOR)
            assert await store.aside.move(HERE, 30) == [review_id]
        return await remove(guild_id, review_id, member_id)

    monkeypatch.setattr(store.votes, "remove", set_aside_meanwhile)
    assert await store.closings.reset(HERE, films[0], ACTOR) == 29

    assert await engine.read("SELECT * FROM votes", "SELECT * FROM voided_votes") == [[], []]
    await assert_tallies_are_true(engine)


async def test_votes_that_come_in_while_a_reset_goes_on_are_whole_or_gone(store: Store, engine: Engine) -> None:
    (film,) = await shelve(store, 1)
    await asyncio.gather(*(store.votes.cast(HERE, film, member, 3) for member in range(1, 400)))

    await asyncio.gather(
        store.closings.reset(HERE, film, ACTOR), *(store.votes.cast(HERE, film, member, 5) for member in range(1, 50))
    )

    assert {sheep for (sheep,) in await engine.rows("SELECT sheep FROM votes")} <= {5}
    await assert_tallies_are_true(engine)


async def test_only_servers_with_a_channel_that_are_behind_the_shelf_are_due(engine: Engine) -> None:
    store = await open_store(engine.url)
    await shelve(store, 3)
    await store.guilds.change(THERE, ACTOR, "min_votes", 1)
    await store.announcements.into(HERE, ACTOR, 77)
    assert await store.announcements.due() == []
    newest = max(title.review_id for title in await store.reviews.shelf())

    await shelve(store, 20)

    (due,) = await store.announcements.due()
    assert due == (HERE, 77, newest)
    after = sorted(title.review_id for title in await store.reviews.shelf() if title.review_id > newest)
    assert await store.announcements.after(newest, 3) == after[-10:][:3]
    await store.announcements.announced(HERE, after[-1])
    await store.announcements.announced(HERE, after[0])  # what came before is not told again
    assert await store.announcements.due() == []
    settings = (await store.guilds.rules(HERE)).settings
    assert settings.channel_id == 77
    await store.guilds.restore(HERE, ACTOR)
    assert (await store.guilds.rules(HERE)).settings == GuildSettings()
    await store.close()
