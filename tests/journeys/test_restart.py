"""Every control works after a restart, for any member."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from bot.ranking import Sort
from bot.ui import ids, import_ids, manager_ids, moderation_ids, publishing_ids
from tests.journeys import sent
from tests.journeys.screens import BUTTON, answered, components, labelled, offers, options, said
from tests.journeys.shelf import write_review
from tests.journeys.world import open_world

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator
    from pathlib import Path

    from simcord import ResponseMessage

    from tests.journeys.world import World
    from tests.store.tools import Engine


@dataclass
class Album:
    """Every control that was seen, with the message on which it stood and what was chosen from it."""

    controls: dict[str, tuple[ResponseMessage, dict[str, Any]]] = field(default_factory=dict[str, Any])

    def look(self, message: ResponseMessage) -> ResponseMessage:
        """Remember a message's controls."""
        for component in components(message):
            if custom_id := component.get("custom_id"):
                data = {"custom_id": custom_id, "component_type": component["type"]}
                if component["type"] != BUTTON:
                    data["values"] = [component["options"][0]["value"]]
                self.controls[custom_id] = (message, data)
        return message


@pytest.fixture
async def album_world(engine: Engine, shelf: Path, reviews_path: Path) -> AsyncGenerator[World]:
    """A world with one review more, so long that it has pages."""
    shutil.copytree(reviews_path, shelf, dirs_exist_ok=True)
    write_review(shelf, "long", "\n\n".join(["word " * 400] * 5), title="A long one")
    async with open_world(engine, shelf) as world:
        yield world


async def test_every_control_ever_shown_is_answered_after_a_restart(album_world: World) -> None:
    world = album_world
    album = await _tour(world)
    assert set(album.controls) == set(_custom_ids_sent(world))
    shown = {control.kind for custom_id in album.controls if (control := ids.parse(custom_id))}
    not_shown = {ids.ThoughtForm, ids.FormerBoardPage, *manager_ids.CONTROLS, *moderation_ids.CONTROLS}
    not_shown |= {*publishing_ids.CONTROLS, *import_ids.CONTROLS}  # they have journeys over restarts of their own
    not_shown.remove(moderation_ids.PickReport)
    assert shown == {control.kind for control in ids.CONTROLS if control not in not_shown}
    await world.restart()

    for message, data in album.controls.values():
        for member in (world.bob, world.mod):
            result = await world.forge(member, data, message)
            assert result.acknowledged, data
            if result.modal is None:
                answer = answered(result)
                assert answer.embeds, (data, answer.content)


async def test_everybodys_buttons_on_a_public_post_work_after_a_restart(world: World) -> None:
    post = await world.review()
    await world.share(world.alice, post, "Before the restart.", sheep="2")
    await world.restart()

    assert "You gave *Miss You Already* 🐑🐑🐑🐑 4 sheep." in said(await world.give(world.bob, post, 4))
    assert "Readers 3.0 · 2 votes" in said(await world.press(world.bob, post, "Results"))
    assert "Before the restart." in said(await world.press(world.bob, post, "Thoughts ("))
    assert "I brought a hard heart" in said(await world.press(world.bob, post, "Full review"))
    answer = await world.share(world.bob, post, "After it.", sheep="5")
    assert "(it was 4)" in said(answer)
    await world.later()
    assert labelled(post, "Thoughts (")["label"] == "Thoughts (2)"


async def test_a_private_answer_goes_on_after_a_restart(world: World) -> None:
    answer = await world.give(world.alice, await world.review(), 4)
    await world.restart()

    assert "taken back (it was 4)" in said(await world.press(world.alice, answer, "Remove my vote"))


async def test_a_form_that_was_open_during_a_restart_is_stored(world: World) -> None:
    post = await world.review()
    opened = await world.alice.click(post, label="Share your thoughts")
    await world.restart()

    answer = answered(await world.alice.submit_modal(opened, {"body": "Typed across it.", "sheep": "5"}))

    assert "Typed across it." in said(answer)
    assert [body for body, _ in world.kept().thoughts.values()] == ["Typed across it."]
    assert list(world.kept().votes.values()) == [5]


async def _tour(world: World) -> Album:
    """Go through every screen, so that every kind of control is seen."""
    album = Album()
    look, alice = album.look, world.alice
    for title in world.bot.catalogue:
        look(await world.give(alice, look(await world.review(title.slug)), 4))
    post = look(await world.review())
    await _say(world, post)
    look(await world.review("suspiria"))

    answer = look(await world.give(alice, post, 3))
    look(await world.press(alice, answer, "Remove my vote"))
    look(await world.give(alice, answer, 5))

    page = look(await world.press(alice, post, "Thoughts ("))
    while offers(page, "Next"):
        look(await world.press(alice, page, "Next"))
    while offers(page, "Previous"):
        look(await world.press(alice, page, "Previous"))
    shared = look(await world.share(alice, post, "Mine.", sheep="4"))
    look(await world.press(alice, post, "Thoughts ("))
    look(await world.press(alice, shared, "Delete mine"))

    page = look(await world.press(alice, look(await world.review("a long one")), "Full review"))
    while offers(page, "Next"):
        look(await world.press(alice, page, "Next"))
    look(await world.press(alice, post, "Results"))

    for sort in Sort:
        board = look(await world.ask(alice, "toprated", sort=sort.value, min_votes=1))
        look(await world.press(alice, board, "Next"))
    mine = look(await world.ask(alice, "myvotes"))
    look(await world.press(alice, mine, "Next"))
    look(answered(await alice.select(mine, [next(iter(options(mine).values()))])))
    look(await world.ask(alice, "random"))
    look(await world.ask(alice, "help"))
    look(await world.ask(alice, "stats", title="suspiria"))
    look(await world.ask(alice, "rate", title="suspiria", sheep=4))
    look(await world.ask(alice, "tastematch"))
    look(await world.ask(alice, "privacy delete"))
    await world.later()
    return album


async def _say(world: World, post: ResponseMessage) -> None:
    """Have a film talked about by more members than a page holds."""
    opened = await world.alice.click(post, label="Share your thoughts")
    assert opened.modal
    for member in world.crowd(12):
        world.send_form(member, opened.modal["custom_id"], {"body": "Well."}, on=post)
    await world.env.settle()


def _custom_ids_sent(world: World) -> Iterator[str]:
    """The custom_id of every control on every message that the bot has sent."""
    for entry in world.env.http_requests:
        for kind, payload in sent.payloads(entry):
            if kind in {sent.MESSAGE, sent.UPDATE}:
                rows: list[dict[str, Any]] = payload.get("components") or []
                yield from (part["custom_id"] for row in rows for part in row["components"] if "custom_id" in part)
