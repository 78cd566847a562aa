"""``/sheep close``, ``reopen`` and ``reset``: managers decide when a film takes votes, and everyone sees it."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from tests.journeys.screens import answered, components, form, offers, said, sheep, told
from tests.store.tools import assert_tallies_are_true

if TYPE_CHECKING:
    import pytest
    from simcord import ResponseMessage

    from tests.journeys.world import World
    from tests.store.tools import Engine

FILM = "miss you already"
SECONDS_A_LOOK = 31


def rests(post: ResponseMessage) -> bool:
    """Whether none of the sheep buttons of a post can be pressed."""
    return all(one.get("disabled", False) for one in components(post) if one.get("emoji"))


async def close(world: World, title: str = FILM, **options: str) -> ResponseMessage:
    """Have a manager close a film's vote; returns the answer."""
    return await world.ask(world.manager, "sheep close", title=title, **options)


async def test_a_closed_film_takes_no_votes_and_its_posts_say_so_until_it_is_reopened(world: World) -> None:
    post = await world.review()
    answer = await world.give(world.alice, post, 4)
    await world.give(world.bob, post, 2)
    form_id = sheep(post, 4).replace("vote", "thought").removesuffix(":4")
    await world.later()

    done = await close(world)
    await world.later()

    assert done.ephemeral
    assert "The vote on *Miss You Already* is closed" in said(done)
    assert "Readers 3.0 · 2 votes" in said(post)
    assert re.search(r"The vote closed <t:\d+:R>\.", said(post))
    assert "Your turn!" not in said(post)
    assert rests(post)
    for refused in (
        await world.forge(world.alice, {"custom_id": sheep(post, 5)}, post),
        await world.alice.click(answer, label="Remove my vote"),
        world.send_form(world.alice, form_id, {"body": "Late.", "sheep": "1"}, on=post),
    ):
        await world.env.settle()
        assert "The vote on this film closed here" in told(refused)
        assert "`/sheep reopen`" in told(refused)
    opened = await world.alice.click(post, label="Share your thoughts")
    assert "sheep" not in form(opened)
    assert "is shared" in said(answered(await world.alice.submit_modal(opened, {"body": "Late, but here."})))
    assert sorted(world.kept().votes.values()) == [2, 4]
    assert rests(await world.review())
    there = await world.review(member=world.stranger)
    assert "You gave" in said(await world.give(world.stranger, there, 1))

    undone = await world.press(world.manager, done, "Undo")
    await world.later()
    assert "Votes on *Miss You Already* are taken" in said(undone)
    assert not rests(post)
    assert "closed" not in said(post)
    assert "You gave" in said(await world.give(world.alice, post, 5))
    assert "is closed" in said(await world.press(world.manager, undone, "Undo"))
    await world.ask(world.manager, "sheep reopen", title=FILM)
    await world.later()
    assert not rests(post)


async def test_a_deadline_is_shown_and_kept_across_a_restart_and_shows_hidden_results(world: World) -> None:
    await world.bot.store.guilds.change(world.alice.guild.id, 1, "results", "after-closing")
    post = await world.review()
    await world.give(world.alice, post, 4)

    assert "closes <t:" in said(await close(world, deadline="5m"))
    await world.later()
    assert re.search(r"is shown when the vote closes\.\nThe vote closes <t:\d+:R>\.", said(post))
    assert "Readers 1 vote" in said(post)
    assert "You gave" in said(await world.give(world.bob, post, 5))
    await world.restart()
    await world.later(300)
    await world.later(SECONDS_A_LOOK)

    assert "Readers 4.5 · 2 votes" in said(post)
    assert "The vote closed <t:" in said(post)
    assert rests(post)
    assert "closed here" in told(await world.forge(world.bob, {"custom_id": sheep(post, 1)}, post))
    await world.later(SECONDS_A_LOOK)
    edits = world.edits(post)
    await world.later(3 * SECONDS_A_LOOK)
    assert world.edits(post) == edits

    await close(world, deadline="2 days")
    await world.later()
    assert not rests(post)
    assert "Readers 2 votes" in said(post)


async def test_a_deadline_that_is_none_is_refused_in_a_sentence(world: World) -> None:
    world.errors_are_expected = True  # SimCord takes a refused command for one
    post = await world.review()

    for deadline, sentence in (("soon", "I do not understand"), ("0d", "has passed"), ("9999d", "a year away")):
        assert sentence in told(await world.manager.slash(world.channel, "sheep close", title=FILM, deadline=deadline))
    assert "I have no review of" in said(await close(world, "zzzzzz qqqq"))
    data = {"custom_id": f"sheep1:closing:{sheep(post, 1).split(':')[2]}:{2**62}"}
    assert "do not know this control" in told(await world.forge(world.manager, data, post))
    assert "on the shelf any more" in told(
        await world.forge(world.manager, {"custom_id": "sheep1:closing:999:0"}, post)
    )
    assert (await world.bot.store.guilds.rules(world.alice.guild.id)).closings == {}


async def test_a_reset_needs_the_title_and_deletes_the_votes_of_this_film_here_and_no_others(
    world: World, engine: Engine
) -> None:
    post = await world.votes_on(FILM, zip(world.crowd(3), (5, 4, 3), strict=True))
    await world.share(world.bob, post, "I stay.", sheep="2")
    other, there = await world.review("cats"), await world.review(member=world.stranger)
    await world.give(world.alice, other, 1)
    await world.give(world.stranger, there, 5)

    opened = await world.manager.slash(world.channel, "sheep reset", title=FILM)
    assert opened.modal
    assert "This cannot be undone" in str(opened.modal)
    refusal = told(await world.manager.submit_modal(opened, {"name": "Cats"}))
    assert refusal.startswith("That is not “Miss You Already”, so nothing was deleted.")
    assert len(world.kept().votes) == 6
    opened = await world.manager.slash(world.channel, "sheep reset", title=FILM)
    done = answered(await world.manager.submit_modal(opened, {"name": "miss you, already!"}))
    await world.later()

    assert "Deleted: 4 votes on *Miss You Already*" in said(done)
    assert not offers(done, "Undo")
    assert sorted(world.kept().votes.values()) == [1, 5]
    assert [body for body, _ in world.kept().thoughts.values()] == ["I stay."]
    assert "Readers No votes yet" in said(post)
    assert "Readers 5.0 · 1 vote" in said(there)
    await assert_tallies_are_true(engine)
    assert await engine.rows("SELECT actor_id, act, detail FROM audit_log") == [(world.manager.id, "reset", "votes: 4")]


async def test_a_reset_that_takes_long_goes_on_behind_its_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    reset = world.bot.store.closings.reset

    async def slow(*film: int) -> int:
        await asyncio.sleep(5)
        return await reset(*film)

    monkeypatch.setattr(world.bot.store.closings, "reset", slow)
    post = await world.votes_on(FILM, zip(world.crowd(3), (5, 4, 3), strict=True))
    opened = await world.manager.slash(world.channel, "sheep reset", title=FILM)

    data = {"name": FILM}
    assert opened.modal
    result = world.send_form(world.manager, opened.modal["custom_id"], data)
    await world.later(2)
    assert "are being deleted; that takes a while" in said(answered(result))
    assert len(world.kept().votes) == 3
    await world.later(12)

    assert world.kept().votes == {}
    assert "Readers No votes yet" in said(post)
