"""``/help``: what members are told that there is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.journeys.screens import said

if TYPE_CHECKING:
    from tests.journeys.world import World

SUBCOMMAND = 1


async def test_help_lists_every_command_that_a_member_can_use_with_its_description(world: World) -> None:
    answer = await world.ask(world.alice, "help")

    assert answer.ephemeral
    listed = dict(re.findall(r"`/([\w ]+)` (.+)", said(answer)))
    assert set(world.alice.available_commands(world.channel)) == set(listed)
    described: dict[str, str] = {}
    for command in world.env.backend.commands[None].values():
        parts = [option for option in command.get("options") or () if option["type"] == SUBCOMMAND]
        described |= {f"{command['name']} {part['name']}": part["description"] for part in parts}
        described |= {} if parts else {command["name"]: command["description"]}
    assert listed.items() <= described.items()
    assert list(listed)[-3:] == ["privacy delete", "privacy export", "privacy show"], "films come first"


async def test_help_tells_moderators_and_managers_of_their_commands_too(world: World) -> None:
    for member, group, other in ((world.mod, "sheepmod", "sheep"), (world.manager, "sheep", "sheepmod")):
        listed = re.findall(r"`/([\w ]+)` .+", said(await world.ask(member, "help")))
        theirs = set(member.available_commands(world.channel))
        assert {name for name in listed if name.startswith(f"{group} ")} == {
            name for name in theirs if name.startswith(f"{group} ")
        }
        assert not [name for name in listed if name.startswith(f"{other} ")]
