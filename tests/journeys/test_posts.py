"""The tally on the public posts: it follows the votes, without an edit a click."""

from __future__ import annotations

import asyncio
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NoReturn

import aiohttp
import pytest

from bot.errors import StoreError
from bot.refresher import LEFT_ALONE
from tests.journeys.screens import answered, options, said, sheep, told

if TYPE_CHECKING:
    from simcord import ResponseMessage

    from bot.ranking import Tally
    from bot.store.posts import Post
    from tests.journeys.world import World


async def test_the_first_vote_after_a_quiet_spell_is_on_the_post_at_once(world: World) -> None:
    post = await world.review()
    await world.give(world.alice, post, 4)
    assert "Readers 4.0 · 1 vote" in said(post)
    await world.later()

    await world.give(world.bob, post, 1)

    assert "Readers 2.5 · 2 votes" in said(post)


async def test_a_hundred_clicks_at_once_make_one_edit_now_one_later_and_the_truth(world: World) -> None:
    crowd = world.crowd(20)
    post = await world.review()
    for turn in range(5):
        for number, member in enumerate(crowd):
            world.send(member, {"custom_id": sheep(post, (number + turn) % 5 + 1)}, on=post)
    await world.env.settle()

    assert world.edits(post) == 1
    assert len(world.kept().votes) == 20
    await world.later(60)
    assert world.edits(post) <= 2
    assert "Readers 3.0 · 20 votes" in said(post)


async def test_clicks_that_keep_coming_make_at_most_an_edit_in_five_seconds(world: World) -> None:
    crowd = world.crowd(10)
    post = await world.review()
    for second in range(20):
        for number, member in enumerate(crowd):
            world.send(member, {"custom_id": sheep(post, (number + second) % 5 + 1)}, on=post)
        await world.env.settle()
        assert world.edits(post) <= 1 + second // 5
        await world.later(1)

    await world.give(world.alice, post, 5)
    await world.later()
    assert world.edits(post) <= 6
    assert "11 votes" in said(post)
    assert said(await world.press(world.alice, post, "Results")).count("█") == said(post).count("█")


async def test_a_vote_given_on_a_private_panel_reaches_the_post(world: World) -> None:
    post = await world.review()
    answer = await world.give(world.alice, post, 2)
    await world.later()

    panel = await world.press(world.alice, answer, "Remove my vote")
    assert "Readers No votes yet" in said(post)
    await world.later()
    await world.give(world.alice, panel, 5)
    assert "Readers 5.0 · 1 vote" in said(post)
    await world.later()

    mine = await world.ask(world.alice, "myvotes")
    await world.give(world.alice, answered(await world.alice.select(mine, list(options(mine).values()))), 1)
    assert "Readers 1.0 · 1 vote" in said(post)


async def test_a_post_still_follows_after_a_restart(world: World) -> None:
    post = await world.review()
    await world.give(world.alice, post, 2)
    await world.restart()

    await world.give(world.bob, post, 4)

    assert "Readers 3.0 · 2 votes" in said(post)


async def test_a_tally_that_is_due_is_shown_before_the_bot_leaves(world: World) -> None:
    post = await world.review()
    for member, count in ((world.alice, 5), (world.bob, 4), (world.mod, 3)):
        await world.give(member, post, count)
    assert "1 vote" in said(post)

    await world.bot.close()

    assert "Readers 4.0 · 3 votes" in said(post)


async def test_a_click_while_the_bot_is_leaving_is_refused_kindly_and_one_under_way_is_finished(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = await world.review()
    tally = world.bot.store.votes.tally

    async def slow(guild_id: int, review_id: int) -> Tally:
        await asyncio.sleep(2)
        return await tally(guild_id, review_id)

    monkeypatch.setattr(world.bot.store.votes, "tally", slow)
    results = await world.alice.click(post, label="Results")
    leaving = asyncio.create_task(world.bot.close())
    await asyncio.sleep(0)

    refused = await world.bob.click(post, custom_id=sheep(post, 5))
    await world.later(2)
    await leaving

    assert "restarting" in told(refused)
    assert world.kept().votes == {}
    assert "Readers No votes yet" in said(answered(results))


async def test_a_post_that_was_deleted_is_forgotten_and_votes_still_count(world: World) -> None:
    post = await world.review()
    answer = await world.give(world.alice, post, 2)
    await world.later()
    await world.mod.delete(post)

    panel = await world.press(world.alice, answer, "Remove my vote")
    await world.later()
    edits = world.edits(post)
    await world.give(world.alice, panel, 5)
    await world.later()

    assert world.edits(post) == edits
    assert list(world.kept().votes.values()) == [5]


@pytest.mark.parametrize(("status", "code"), [(500, 0), (503, 0), (429, 0)])
async def test_votes_count_while_discord_refuses_to_edit_the_post(world: World, status: int, code: int) -> None:
    post = await world.review()
    world.env.inject_error("PATCH", "/channels/*/messages/*", status=status, code=code, times=2)

    for member, count in ((world.alice, 5), (world.bob, 4), (world.mod, 3)):
        assert f"{count} sheep" in said(await world.give(member, post, count))
        await world.later()

    assert "Readers 4.0 · 3 votes" in said(post)


@pytest.mark.parametrize("error", [aiohttp.ServerDisconnectedError(), ConnectionResetError()], ids=repr)
async def test_a_lost_network_spoils_neither_the_votes_nor_the_leaving(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    await _votes_while_failing(world, monkeypatch, caplog, (world.bot.http, "request"), error)


@pytest.mark.parametrize("part", ["http.request", "store.posts.showing", "store.reviews.get"])
async def test_a_refresh_that_is_lost_is_made_again_without_another_vote(
    world: World, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    post = await world.review()
    owner, name = attrgetter(part.rpartition(".")[0])(world.bot), part.rpartition(".")[2]
    well = getattr(owner, name)
    losses = [StoreError() if part.startswith("store") else aiohttp.ServerDisconnectedError()] * 3

    async def failing(*args: Any, **more: Any) -> Any:
        if losses:
            raise losses.pop()
        return await well(*args, **more)

    monkeypatch.setattr(owner, name, failing)
    await world.give(world.alice, post, 4)

    await world.later(60)

    assert "Readers 4.0 · 1 vote" in said(post)
    edits = world.edits(post)
    await world.later(60)
    assert world.edits(post) == edits


async def test_a_lost_store_spoils_neither_the_answers_nor_the_leaving(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await _votes_while_failing(world, monkeypatch, caplog, (world.bot.store.posts, "showing"), StoreError())


async def test_a_deleted_post_that_cannot_be_forgotten_is_only_logged(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world.env.inject_error("PATCH", "/channels/*/messages/*", status=404, code=10008, times=2)
    await _votes_while_failing(world, monkeypatch, caplog, (world.bot.store.posts, "forget"), StoreError())


async def _votes_while_failing(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    part: tuple[object, str],
    error: Exception,
) -> None:
    """Two votes and the bot's leaving, while a part of it raises; both refreshes are logged in a line each."""
    post = await world.review()

    async def lost(*_: object, **__: object) -> NoReturn:
        raise error

    monkeypatch.setattr(*part, lost)
    for member in (world.alice, world.bob):
        assert "4 sheep" in said(await world.give(member, post, 4))
    await world.bot.close()

    assert len([record for record in caplog.records if record.name == "bot.refresher"]) == 2
    assert "Traceback" not in caplog.text


async def test_a_post_that_may_not_be_edited_is_left_alone_for_a_while(world: World) -> None:
    post = await world.review()
    world.env.inject_error("PATCH", "/channels/*/messages/*", status=403, code=50001)

    for member, count in ((world.alice, 5), (world.bob, 4)):
        await world.give(member, post, count)
        await world.later()
    assert world.edits(post) == 1

    await world.later(LEFT_ALONE)
    await world.give(world.mod, post, 3)
    assert "Readers 4.0 · 3 votes" in said(post)


async def test_an_edit_that_discord_keeps_waiting_never_lands_on_top_of_a_newer_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = await world.review()
    _slow_down_the_first_edit(world, monkeypatch, seconds=12)

    await world.give(world.alice, post, 1)
    await world.later(3)
    await world.give(world.bob, post, 5)
    await world.later(60)

    assert "Readers 3.0 · 2 votes" in said(post)


def _slow_down_the_first_edit(world: World, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Have Discord take its time over one edit, as it does where a rate limit or a fault of its own is in the way."""
    request = world.bot.http.request
    pauses = [seconds]

    async def slow(route: Any, **more: Any) -> Any:
        if route.method == "PATCH" and pauses:
            await asyncio.sleep(pauses.pop())
        return await request(route, **more)

    monkeypatch.setattr(world.bot.http, "request", slow)


async def test_every_recent_post_of_a_film_shows_the_truth(world: World) -> None:
    older, newer = await world.review(), await world.review()

    answer = await world.give(world.alice, older, 4)
    await world.later()
    assert "Readers 4.0 · 1 vote" in said(older)
    assert "Readers 4.0 · 1 vote" in said(newer)

    await world.press(world.alice, answer, "Remove my vote")
    await world.later()
    assert "Readers No votes yet" in said(older)
    assert "Readers No votes yet" in said(newer)


async def test_a_vote_given_before_its_post_is_remembered_is_on_it_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = world.bot.store.posts.add

    async def slow(post: Post) -> None:
        await asyncio.sleep(1)
        await add(post)

    monkeypatch.setattr(world.bot.store.posts, "add", slow)
    post = await world.review()
    await world.give(world.alice, post, 4)

    await world.later()

    assert "Readers 4.0 · 1 vote" in said(post)


async def test_only_the_post_of_the_film_that_was_voted_on_is_edited(world: World) -> None:
    film, other = await world.review(), await world.review("cats")

    await world.give(world.alice, film, 4)
    await world.later()

    assert _edits(world, film, other) == (1, 0)


def _edits(world: World, *posts: ResponseMessage) -> tuple[int, ...]:
    return tuple(map(world.edits, posts))
