"""``/sheep diagnose``: those who manage a server are told what keeps the bot from working, and who can mend it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import discord
import pytest
from simcord.enums import ChannelType, InteractionType

from tests.journeys.screens import told
from tests.journeys.world import World, open_world

if TYPE_CHECKING:
    from pathlib import Path

    from simcord import ChannelHandle, GuildHandle, MemberActor

    from tests.store.tools import Engine

GOOD, NOTE, BAD = "✅", "⚠️", "❌"
ABOUT = {
    *("View Channel", "Embed Links", "Attach Files", "Use Application Commands", "Connection", "Database", "Reviews"),
}


class Line(NamedTuple):
    """What is said of one thing."""

    mark: str
    said: str
    fix: str


def manager(world: World, guild: GuildHandle) -> MemberActor:
    """One who may manage a server."""
    role = guild.create_role("managers", permissions=discord.Permissions(manage_guild=True))
    return guild.add_member(world.env.create_user("manager"), roles=[role])


async def diagnose(world: World, channel: ChannelHandle, guild: GuildHandle | None = None) -> dict[str, Line]:
    """What a manager is told in a channel."""
    answer = told(await manager(world, guild or world.alice.guild).slash(channel, "sheep diagnose"))
    assert answer.startswith(f"**Sheepbot in {channel.mention}**\n")
    lines = {
        about: Line(mark, said, fix)
        for mark, about, said, fix in re.findall(r"^(\S+) \*\*(.+?)\*\*: (.+)(?:\n→ (.+))?", answer, re.MULTILINE)
    }
    bad = sum(line.mark == BAD for line in lines.values())
    assert answer.endswith(
        f"\n{bad} thing{'s' * (bad != 1)} to mend." if bad else "\nNothing keeps me from working here."
    )
    assert all(line.fix for line in lines.values() if line.mark in {NOTE, BAD})
    return lines


def the_bad_one(lines: dict[str, Line]) -> tuple[str, Line]:
    """The one thing that is bad."""
    (found,) = ((about, line) for about, line in lines.items() if line.mark == BAD)
    return found


def denied(world: World, **permissions: bool) -> ChannelHandle:
    """A channel that denies the bot some permissions."""
    bot = world.bot.user
    assert bot
    return world.alice.guild.create_text_channel("quiet", overwrites={bot: discord.PermissionOverwrite(**permissions)})


async def test_where_all_is_well(world: World) -> None:
    lines = await diagnose(world, world.channel)

    assert set(lines) == ABOUT
    assert {line.mark for line in lines.values()} == {GOOD}
    assert lines["Reviews"].said == "12 on the shelf."


async def test_a_member_is_not_offered_it_and_is_refused_it_in_one_sentence(world: World) -> None:
    assert "sheep diagnose" not in world.alice.available_commands(world.channel)
    (command,) = (one for one in world.env.backend.commands[None].values() if one["name"] == "sheep")
    world.alice.guild.set_command_permissions(int(command["id"]), {world.alice: True})

    answer = told(await world.alice.slash(world.channel, "sheep diagnose"))

    assert answer == "That is for those who may manage this server (the permission Manage Server)."


async def test_it_is_refused_outside_of_a_server(world: World) -> None:
    data: dict[str, Any] = {"id": "1", "name": "sheep", "type": 1, "options": [{"name": "diagnose", "type": 1}]}
    alone = world.env.create_user("alone")

    answer = told(await world.forge(alone, data, kind=InteractionType.APPLICATION_COMMAND))

    assert "only in a server" in answer


async def test_a_channel_that_denies_embed_links(world: World) -> None:
    channel = denied(world, embed_links=False)

    about, line = the_bad_one(await diagnose(world, channel))

    assert about == "Embed Links"
    assert "in this channel, though the server allows it" in line.said
    assert "Edit Channel > Permissions" in line.fix
    assert "Manage Permissions" in line.fix


async def test_a_channel_that_denies_sending_and_with_it_embeds(world: World) -> None:
    channel = denied(world, embed_links=False, send_messages=False)

    about, line = the_bad_one(await diagnose(world, channel))

    assert about == "Embed Links and Send Messages"
    assert "Discord takes the first away" in line.said


async def test_a_channel_that_the_bot_cannot_see(world: World) -> None:
    channel = denied(world, view_channel=False)

    assert (await diagnose(world, channel))["View Channel"].mark == BAD


async def test_a_server_that_gives_the_bot_nothing(world: World) -> None:
    guild = world.alice.guild
    for role in world.env.backend.get_guild(guild.id).roles.values():
        kept = discord.Permissions(role.permissions)
        kept.update(embed_links=False, administrator=False)
        world.env.backend.edit_role(guild.id, role.id, {"permissions": kept.value})

    about, line = the_bad_one(await diagnose(world, world.channel))

    assert about == "Embed Links"
    assert "in the whole server" in line.said
    assert "Manage Roles" in line.fix
    there = await diagnose(world, world.elsewhere, world.stranger.guild)
    assert {line.mark for line in there.values()} == {GOOD}, "another server is not concerned"


async def test_a_channel_where_not_everyone_may_use_commands(world: World) -> None:
    guild = world.alice.guild
    channel = guild.create_text_channel(
        "quiet", overwrites={guild.default_role: discord.PermissionOverwrite(use_application_commands=False)}
    )
    managers = guild.create_role("commanders", permissions=discord.Permissions(administrator=True))
    boss = guild.add_member(world.env.create_user("boss"), roles=[managers])

    answer = told(await boss.slash(channel, "sheep diagnose"))

    assert f"{NOTE} **Use Application Commands**: not everyone has it here" in answer
    assert "allow it to @everyone" in answer


@pytest.mark.parametrize(("kind", "bad"), [(ChannelType.PUBLIC_THREAD, []), (ChannelType.PRIVATE_THREAD, ["Thread"])])
async def test_a_thread(world: World, kind: ChannelType, bad: list[str]) -> None:
    who = manager(world, world.alice.guild)
    world.env.backend.create_thread(world.channel.id, "aside", who.id, type=kind)
    (thread,) = world.channel.threads

    answer = told(await who.slash(thread, "sheep diagnose"))

    assert re.findall(rf"^{BAD} \*\*(.+?)\*\*", answer, re.MULTILINE) == bad
    assert f"{GOOD} **Use Application Commands**" in answer


async def test_a_database_that_does_not_answer_and_a_shelf_that_is_empty(engine: Engine, shelf: Path) -> None:
    async with open_world(engine, shelf) as world:
        await world.bot.store.close()
        lines = await diagnose(world, world.channel)

    assert {about for about, line in lines.items() if line.mark == BAD} == {"Database", "Reviews"}
    assert all("operator" in lines[about].fix for about in ("Database", "Reviews"))
