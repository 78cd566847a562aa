"""Everything that is for managers and moderators, tried by all who are neither: by command, and by forged control."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord import app_commands
from simcord.enums import InteractionType

from bot.ui import ids, manager_ids, moderation_ids
from bot.ui.manager_ids import Setting
from tests.journeys.screens import BUTTON, MENU, answered, sheep, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simcord import MemberActor, ResponseMessage

    from bot.ui.ids import Control
    from tests.journeys.world import World

FOR_EVERYONE = {moderation_ids.PickReport}
MANAGERS = [control for control in manager_ids.CONTROLS if control not in FOR_EVERYONE]
MODERATORS = [control for control in moderation_ids.CONTROLS if control not in FOR_EVERYONE]
REFUSED = {"sheep": "those who may manage this server", "sheepmod": "those who moderate this server"}


@pytest.fixture
async def film(world: World) -> ResponseMessage:
    """A film in the middle of everything: votes, a reported thought and a held one, rules of all kinds."""
    post = await world.votes_on("miss you already", [(world.alice, 5), (world.bob, 2)])
    await world.share(world.bob, post, "Reported.")
    guilds, moderation = world.bot.store.guilds, world.bot.store.moderation
    here, review_id = world.bob.guild.id, film_of(post)
    await guilds.change(here, world.manager.id, "weight", 5)
    await world.bot.store.closings.close(here, film_of(await world.review("cats")), world.manager.id, 4_000_000_000)
    await moderation.add_words(here, ["baa"], world.mod.id)
    await world.share(world.alice, post, "Baa.")
    await moderation.report(here, review_id, world.bob.id, world.alice.id)
    await moderation.block(here, world.mod.id, world.mod.id)
    return post


def film_of(post: ResponseMessage) -> int:
    return int(sheep(post, 1).split(":")[2])


async def test_no_command_lets_anybody_else_through(world: World, film: ResponseMessage) -> None:
    world.errors_are_expected = True  # SimCord takes a refused command for one
    commands = [
        command
        for command in world.bot.tree.walk_commands()
        if isinstance(command, app_commands.Command) and command.root_parent and command.root_parent.name in REFUSED
    ]
    assert len(commands) >= 17
    before = world.everything()

    for command in commands:
        group = command.qualified_name.split()[0]
        data = called(world, command)
        for outsider in outsiders(world, moderators=group == "sheep"):
            answer = await world.forge(outsider, data, kind=InteractionType.APPLICATION_COMMAND)
            assert REFUSED[group] in told(answer), (command.qualified_name, outsider)
        alone = await world.forge(world.manager.user, data, kind=InteractionType.APPLICATION_COMMAND)
        assert "only in a server" in told(alone), command.qualified_name
    assert world.everything() == before

    for command in commands:  # to those whom it is for it is open
        answer = await world.forge(world.manager, called(world, command), kind=InteractionType.APPLICATION_COMMAND)
        assert answer.modal or answered(answer)
        assert answer.modal or not any(sentence in (answered(answer).content or "") for sentence in REFUSED.values())
    assert film


async def test_no_forged_control_lets_anybody_else_through(world: World, film: ResponseMessage) -> None:
    before = world.everything()

    for control in (*MANAGERS, *MODERATORS):
        for custom_id in forged(world, control, film_of(film)):
            for shape in shapes(world, custom_id):
                for outsider in outsiders(world, moderators=control in MANAGERS):
                    answer = await world.forge(outsider, shape["data"], film, kind=shape["kind"])
                    assert any(sentence in told(answer) for sentence in REFUSED.values()), (custom_id, outsider)
                alone = await world.forge(world.manager.user, shape["data"], film, kind=shape["kind"])
                assert "only in a server" in told(alone), custom_id
    assert world.everything() == before


async def test_who_manages_another_server_changes_nothing_here(world: World, film: ResponseMessage) -> None:
    world.errors_are_expected = True
    here = world.bob.guild.id
    before = world.everything(here)

    for control in (*MANAGERS, *MODERATORS):
        for custom_id in forged(world, control, film_of(film)):
            for shape in shapes(world, custom_id):
                answer = await world.forge(world.manager_elsewhere, shape["data"], film, kind=shape["kind"])
                assert answer.acknowledged, custom_id
    assert world.everything(here) == before


def outsiders(world: World, *, moderators: bool) -> list[MemberActor]:
    """Who must not; of what is for managers, also those who only moderate."""
    return [world.alice, world.bob, world.stranger, *([world.mod] if moderators else [])]


def called(world: World, command: app_commands.Command[Any, ..., Any]) -> dict[str, Any]:
    """The data of a command as the gateway brings it, with something for each option."""
    values: dict[discord.AppCommandOptionType, Any] = {
        discord.AppCommandOptionType.string: "miss-you-already",
        discord.AppCommandOptionType.user: str(world.bob.id),
        discord.AppCommandOptionType.channel: str(world.channel.id),
    }
    options = [
        {"type": parameter.type.value, "name": parameter.name, "value": values[parameter.type]}
        for parameter in command.parameters
        if parameter.required
    ]
    group, *within, name = command.qualified_name.split()
    inner: dict[str, Any] = {"type": 1, "name": name, "options": options}
    for outer in within:
        inner = {"type": 2, "name": outer, "options": [inner]}
    member: dict[str, Any] = {
        "roles": [],
        "joined_at": "2020-01-01T00:00:00+00:00",
        "deaf": False,
        "mute": False,
        "flags": 0,
    }
    channel = str(world.channel.id)
    user = {"id": str(world.bob.id), "username": "bob", "discriminator": "0", "avatar": None}
    return {
        "id": "1",
        "name": group,
        "type": 1,
        "options": [inner],
        "resolved": {
            "users": {user["id"]: user},
            "members": {user["id"]: member | {"permissions": "0"}},
            "channels": {channel: {"id": channel, "type": 0, "name": "films", "permissions": "0"}},
        },
    }


def forged(world: World, control: type[Control], review_id: int) -> Iterator[str]:
    """Custom_ids of a control that would do something here."""
    likely: dict[str, tuple[Any, ...]] = {
        "review_id": (review_id,),
        "member_id": (world.bob.id, world.mod.id),
        "seen": tuple({row[7] for row in world.everything()["thoughts"]}),
        "closes_at": (0, 1),
        "setting": tuple(Setting),
        "part": (0, 1),
        "sure": (1,),
        "before": (ids.MAX_ID,),
        "jsonl": (0, 1),
        "page": (0,),
    }
    for values in product(*(likely[name] for name in control.fields)):
        yield control(*values).pack()


def shapes(world: World, custom_id: str) -> Iterator[dict[str, Any]]:
    """A control pressed, chosen from, and sent in as a form."""
    component = InteractionType.MESSAGE_COMPONENT
    yield {"kind": component, "data": {"custom_id": custom_id, "component_type": BUTTON}}
    for value in ("off", str(world.channel.id)):
        yield {"kind": component, "data": {"custom_id": custom_id, "component_type": MENU, "values": [value]}}
    written = [{"type": 18, "component": {"custom_id": name, "value": "1"}} for name in ("name", "words", "weight")]
    yield {"kind": InteractionType.MODAL_SUBMIT, "data": {"custom_id": custom_id, "components": written}}
