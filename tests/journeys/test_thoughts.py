"""Sharing a thought, changing it, taking it back, and reading those of others."""

from __future__ import annotations

import asyncio
from itertools import chain, count
from types import SimpleNamespace
from typing import TYPE_CHECKING, NoReturn

import discord
import pytest

from tests.journeys.screens import answered, components, fields, form, labelled, offers, said, told
from tests.journeys.world import Kept

if TYPE_CHECKING:
    from simcord import ResponseMessage

    from tests.journeys.world import World


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock for the store that moves on by a second whenever it is read."""
    seconds = count(1_800_000_000)
    monkeypatch.setattr("bot.store.votes.time", SimpleNamespace(time=lambda: next(seconds)))


def thoughts_of(page: ResponseMessage) -> list[str]:
    """The bodies of the thoughts on a page, in order."""
    return [line.removeprefix("> ") for line in str(page.embeds[0].description).splitlines() if line.startswith("> ")]


async def test_the_form_is_empty_for_a_member_who_has_said_nothing(world: World) -> None:
    opened = await world.alice.click(await world.review(), label="Share your thoughts")

    assert opened.modal
    assert opened.modal["title"] == "Miss You Already"
    assert form(opened) == {"sheep": None, "body": None, "spoiler": False}


async def test_the_form_is_filled_with_the_vote_and_thought_given_before(world: World) -> None:
    post = await world.review()
    await world.give(world.alice, post, 3)
    assert form(await world.alice.click(post, label="Share your thoughts"))["sheep"] == "3"

    await world.share(world.alice, post, "Bring tissues.", sheep="5", spoiler=True)

    opened = await world.alice.click(post, label="Share your thoughts")
    assert form(opened) == {"sheep": "5", "body": "Bring tissues.", "spoiler": True}
    assert form(await world.bob.click(post, label="Share your thoughts"))["body"] is None


async def test_a_thought_and_its_vote_are_stored_together_and_answered_privately(world: World) -> None:
    post = await world.review()

    answer = await world.share(world.alice, post, "Bring tissues.", sheep="4")

    assert answer.ephemeral
    assert "Your thought on *Miss You Already* is shared." in said(answer)
    assert "> Bring tissues." in said(answer)
    assert fields(answer)["Your vote"] == "🐑🐑🐑🐑 4 sheep"
    key = (world.alice.guild.id, "miss-you-already", world.alice.id)
    assert world.kept() == Kept({key: 4}, {key: ("Bring tissues.", False)})
    await world.later()
    assert "Readers 4.0 · 1 vote" in said(post)
    assert labelled(post, "Thoughts (")["label"] == "Thoughts (1)"


async def test_a_vote_changed_in_the_form_says_what_it_was(world: World) -> None:
    post = await world.review()
    await world.give(world.alice, post, 2)

    answer = await world.share(world.alice, post, "It grew on me.", sheep="4")

    assert fields(answer)["Your vote"] == "🐑🐑🐑🐑 4 sheep (it was 2)"


async def test_a_thought_without_sheep_leaves_the_vote_as_it_is(world: World) -> None:
    post = await world.review()
    assert "Your vote" not in fields(await world.share(world.bob, post, "No sheep from me."))
    await world.give(world.alice, post, 2)

    answer = await world.share(world.alice, post, "Hm.", sheep=None)

    assert fields(answer)["Your vote"] == "🐑🐑 2 sheep"
    assert list(world.kept().votes.values()) == [2]


async def test_a_thought_can_be_added_from_the_answer_to_a_vote(world: World) -> None:
    answer = await world.give(world.alice, await world.review(), 4)
    opened = await world.alice.click(answer, label="Add a thought")
    assert form(opened)["sheep"] == "4"

    shared = answered(await world.alice.submit_modal(opened, {"body": "And how.", "sheep": "4"}))

    assert shared.id == answer.id
    assert "> And how." in said(shared)


async def test_a_thought_is_edited_in_place_of_a_second_one(world: World) -> None:
    post = await world.review()
    answer = await world.share(world.alice, post, "Good.")

    opened = await world.alice.click(answer, label="Edit mine")
    edited = answered(await world.alice.submit_modal(opened, {"body": "Very good.", "spoiler": True}))

    assert "||Very good.||" in said(edited)
    assert list(world.kept().thoughts.values()) == [("Very good.", True)]
    await world.later()
    assert labelled(post, "Thoughts (")["label"] == "Thoughts (1)"


async def test_a_thought_is_deleted_and_the_vote_stays(world: World) -> None:
    post = await world.review()
    answer = await world.share(world.alice, post, "Never mind.", sheep="4")

    answer = await world.press(world.alice, answer, "Delete mine")

    assert "Your thought on *Miss You Already* is deleted. Your vote stays: 🐑🐑🐑🐑 4 sheep." in said(answer)
    assert not offers(answer, "Delete mine")
    assert world.kept().thoughts == {}
    assert list(world.kept().votes.values()) == [4]
    await world.later()
    assert labelled(post, "Thoughts (")["label"] == "Thoughts (0)"
    assert "Readers 4.0 · 1 vote" in said(post)


async def test_removing_the_vote_keeps_the_thought(world: World) -> None:
    post = await world.review()
    await world.share(world.alice, post, "Still true.", sheep="4")

    await world.press(world.alice, await world.give(world.alice, post, 4), "Remove my vote")

    page = await world.press(world.bob, post, "Thoughts (")
    assert thoughts_of(page) == ["Still true."]
    assert "sheep" not in said(page)


async def test_before_the_first_thought_readers_are_invited_to_write_it(world: World) -> None:
    page = await world.press(world.alice, await world.review(), "Thoughts (")

    assert page.ephemeral
    assert "Yours could be the first." in said(page)
    assert offers(page, "Share your thoughts")


async def test_a_spoiler_is_covered_for_everyone(world: World) -> None:
    post = await world.review()
    answer = await world.share(world.alice, post, "She dies.\nThen there is a sunrise.", spoiler=True)

    covered = "> ||She dies.\n> Then there is a sunrise.||"
    assert covered in said(answer)
    for reader in (world.alice, world.bob):
        assert covered in said(await world.press(reader, post, "Thoughts ("))


@pytest.mark.usefixtures("ticking")
async def test_readers_see_their_own_thought_first_then_the_newest(world: World) -> None:
    post = await world.review()
    for member, body in ((world.alice, "first"), (world.bob, "second"), (world.mod, "third")):
        await world.share(member, post, body, sheep="4")

    assert thoughts_of(await world.press(world.alice, post, "Thoughts (")) == ["first", "third", "second"]
    assert thoughts_of(await world.press(world.mod, post, "Thoughts (")) == ["third", "second", "first"]
    await world.share(world.bob, post, "second, edited")
    assert thoughts_of(await world.press(world.alice, post, "Thoughts (")) == ["first", "second, edited", "third"]


async def test_readers_see_whose_a_thought_is_with_its_sheep_and_can_change_only_their_own(world: World) -> None:
    post = await world.review()
    await world.share(world.alice, post, "Mine.", sheep="4")

    own, others = await world.press(world.alice, post, "Thoughts ("), await world.press(world.bob, post, "Thoughts (")

    assert "**You** · 🐑🐑🐑🐑 4 sheep" in said(own)
    assert offers(own, "Edit mine")
    assert offers(own, "Delete mine")
    assert "**alice** · " in said(others)
    assert "🐑🐑🐑🐑 4 sheep" in said(others)
    assert offers(others, "Share your thoughts")
    assert not offers(others, "mine")


@pytest.mark.parametrize("failure", [ConnectionResetError(), discord.ClientException(), None], ids=repr)
async def test_an_author_whose_name_is_not_to_be_had_is_mentioned_without_a_ping(
    world: World, monkeypatch: pytest.MonkeyPatch, failure: Exception | None
) -> None:
    post = await world.review()
    await world.share(world.alice, post, "Mine.")

    async def unanswered(*_: object, **__: object) -> NoReturn:
        if failure:
            raise failure
        await asyncio.sleep(3600)
        raise AssertionError

    monkeypatch.setattr(discord.Guild, "query_members", unanswered)
    result = await world.bob.click(post, label=labelled(post, "Thoughts (")["label"])
    await world.later(1.5)

    assert f"{world.alice.mention} · " in said(answered(result))


async def test_thoughts_never_leave_their_server(world: World) -> None:
    post, elsewhere = await world.review(), await world.review(member=world.stranger)
    await world.share(world.alice, post, "Between us.", sheep="4")

    for reader in (world.stranger, world.alice_elsewhere):
        assert "Between us." not in said(await world.press(reader, elsewhere, "Thoughts ("))
    assert form(await world.alice_elsewhere.click(elsewhere, label="Share your thoughts"))["body"] is None
    assert labelled(elsewhere, "Thoughts (")["label"] == "Thoughts (0)"


@pytest.mark.parametrize("body", [" ", "\n\n", "\u200b\u200d\u2060", "\u202e", "\u3164\u2800"])
async def test_a_blank_thought_is_refused_kindly_and_what_was_there_stays(world: World, body: str) -> None:
    post = await world.review()
    await world.share(world.alice, post, "Before.", sheep="2")
    opened = await world.alice.click(post, label="Share your thoughts")

    answer = told(await world.alice.submit_modal(opened, {"body": body, "sheep": "5"}))

    assert "nothing was saved" in answer
    assert list(world.kept().thoughts.values()) == [("Before.", False)]
    assert list(world.kept().votes.values()) == [2]


async def test_100_thoughts_are_paged_to_the_end_and_back_with_none_lost_or_repeated(world: World) -> None:
    post = await _with_thoughts(world, 100)
    page = await world.press(world.alice, post, "Thoughts (")
    read = [thoughts_of(page)]
    while offers(page, "Next"):
        await world.press(world.alice, page, "Next")
        read.append(thoughts_of(page))
        assert len(said(page)) < 6000

    assert sorted(body.replace("\\", "") for body in chain(*read)) == sorted(map(_body, range(100)))
    back = [thoughts_of(page)]
    while offers(page, "Previous"):
        await world.press(world.alice, page, "Previous")
        back.append(thoughts_of(page))
    assert list(chain(*reversed(back))) == list(chain(*read))
    await world.later()
    assert labelled(post, "Thoughts (")["label"] == "Thoughts (100)"


async def test_a_page_of_thoughts_that_is_empty_by_now_turns_to_one_that_is_not(world: World) -> None:
    post = await _with_thoughts(world, 6)
    page = await world.press(world.alice, post, "Thoughts (")
    first = thoughts_of(page)
    mine = await world.press(world.mod, post, "Thoughts (")
    await world.press(world.mod, mine, "Delete mine")

    await world.press(world.alice, page, "Next")

    assert "Nobody" not in said(page)
    assert set(thoughts_of(page)) & set(first)
    assert components(page)


def _body(number: int) -> str:
    """Thoughts of very different lengths, the longest as long as they may be."""
    return f"{number}." + "*" * (number * 37 % 998)


async def _with_thoughts(world: World, count: int) -> ResponseMessage:
    """A post of a film on which that many members, the moderator among them, have shared a thought at once."""
    post = await world.review()
    opened = await world.mod.click(post, label="Share your thoughts")
    assert opened.modal
    for number, member in enumerate([world.mod, *world.crowd(count - 1)]):
        world.send_form(member, opened.modal["custom_id"], {"body": _body(number)}, on=post)
        if number % 30 == 29:  # SimCord's work grows with the square of what is under way
            await world.env.settle()
    await world.env.settle()
    return post
