"""``/sheep settings``: what a server decides holds at once, for its members alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
import pytest
from simcord.enums import ComponentType

from bot.rules import GuildSettings
from tests.journeys.screens import answered, components, form, offers, said, sheep, told
from tests.journeys.world import Kept

if TYPE_CHECKING:
    from simcord import InteractionResult, MemberActor, ResponseMessage

    from tests.journeys.world import World

ROLE, CHANNEL = ComponentType.ROLE_SELECT, ComponentType.CHANNEL_SELECT
CONTROLS: list[dict[str, Any]] = [
    {"custom_id": "sheep1:settings:0"},
    {"custom_id": "sheep1:set:results", "component_type": ComponentType.STRING_SELECT, "values": ["after-closing"]},
    {"custom_id": "sheep1:set:voter_role", "component_type": ROLE, "values": []},
    {"custom_id": "sheep1:set:channel_id", "component_type": CHANNEL, "values": []},
    {"custom_id": "sheep1:ask-numbers:0"},
    {"custom_id": "sheep1:defaults:1"},
    {"custom_id": "sheep1:closing:1:1"},
]
FORMS = ["sheep1:numbers:1", "sheep1:reset:1"]
BAD_NUMBERS = ["", "x", "-1", "101", "1e3", "inf", "nan", "\uff11", "1_0", 5, None, ["1"]]


async def panel(world: World, who: MemberActor | None = None, *, part: int = 0) -> ResponseMessage:
    """The settings that a manager sees."""
    shown = await world.ask(who or world.manager, "sheep settings")
    return await world.press(who or world.manager, shown, "Boards and news") if part else shown


async def choose(world: World, shown: ResponseMessage, setting: str, *values: object) -> InteractionResult:
    """Choose from the menu of a setting."""
    return await world.manager.select(shown, list(values), custom_id=f"sheep1:set:{setting}")


async def settings(world: World) -> GuildSettings:
    """What the first server has decided."""
    return (await world.bot.store.guilds.rules(world.alice.guild.id)).settings


async def test_each_choice_is_saved_at_once_shown_in_words_and_survives_a_restart(world: World) -> None:
    role = world.alice.guild.create_role("cinephiles")
    shown = await panel(world)
    assert shown.ephemeral
    assert "**Who takes part**: everyone" in said(shown)

    for setting, value, words in (
        ("voter_role", role, f"**Who takes part**: only members with <@&{role.id}>"),
        ("results", "after-voting", "**Results**: after voting"),
        ("thoughts", "off", "**Thoughts**: off"),
    ):
        assert words in said(answered(await choose(world, shown, setting, value)))
    shown = await world.press(world.manager, shown, "Boards and news")
    for setting, value, words in (
        ("pictures", "0", "**Pictures**: off"),
        ("leavers", "drop", "**Votes of members who left**: are set aside"),
        ("channel_id", world.channel, f"**New reviews**: announced in <#{world.channel.id}>"),
    ):
        assert words in said(answered(await choose(world, shown, setting, value)))
    opened = await world.manager.click(shown, label="Numbers for boards …")
    assert form(opened) == {"weight": "3", "min_votes": "3"}
    shown = answered(await world.manager.submit_modal(opened, {"weight": "2,5", "min_votes": "1"}))
    assert "2.5 votes at the mean added (m), and needs 1 vote" in said(shown)
    opened = await world.manager.click(await panel(world), label="Age of accounts …")
    assert "accounts 30 days old" in said(
        answered(await world.manager.submit_modal(opened, {"min_account_days": "30"}))
    )

    await world.restart()
    decided = await settings(world)
    assert (decided.voter_role, decided.min_account_days) == (role.id, 30)
    assert (decided.results, decided.thoughts, decided.leavers) == ("after-voting", "off", "drop")
    assert (decided.weight, decided.min_votes, decided.pictures) == (2.5, 1, False)
    assert decided.channel_id == world.channel.id
    assert "**Who takes part**: everyone" in said(await world.ask(world.manager_elsewhere, "sheep settings"))

    asked = await world.press(world.manager, await panel(world, part=1), "Restore defaults")
    assert (await settings(world)).min_votes == 1
    assert "**Who takes part**: everyone" in said(await world.press(world.manager, asked, "Restore defaults"))
    assert await settings(world) == GuildSettings()


async def test_a_choice_can_be_cleared_and_everyone_is_no_role(world: World) -> None:
    guild = world.alice.guild
    shown = await panel(world)
    await choose(world, shown, "voter_role", guild.create_role("cinephiles"))
    assert "everyone" in said(answered(await choose(world, shown, "voter_role")))
    await choose(world, shown, "voter_role", guild.default_role)
    assert (await settings(world)).voter_role is None

    shown = await panel(world, part=1)
    await choose(world, shown, "channel_id", world.channel)
    assert "announced nowhere" in said(answered(await choose(world, shown, "channel_id")))


async def test_none_but_a_manager_of_this_very_server_can_use_any_of_its_controls(world: World) -> None:
    shown = await panel(world)
    before = await settings(world)

    for control in CONTROLS:
        for member in (world.alice, world.mod):
            refusal = told(await world.forge(member, control, shown))
            assert "those who may manage this server" in refusal, control
        await world.forge(world.manager_elsewhere, control)
    for custom_id in FORMS:
        result = world.send_form(world.alice, custom_id, {"weight": "1", "min_votes": "1", "name": "x"}, on=shown)
        await world.env.settle()
        assert "those who may manage this server" in told(result), custom_id
    for command in ("sheep settings", "sheep close", "sheep reopen", "sheep reset"):
        assert command not in world.alice.available_commands(world.channel)

    assert await settings(world) == before
    assert (await world.bot.store.guilds.rules(world.alice.guild.id)).closings == {}


async def test_what_no_menu_offers_is_refused_in_a_sentence(world: World) -> None:
    role_elsewhere = world.stranger.guild.create_role("cinephiles")
    voice = world.alice.guild.create_voice_channel("talk")
    shown = await panel(world)

    for setting, kind, value, sentence in (
        ("voter_role", ROLE, role_elsewhere.id, "none of this server's"),
        ("voter_role", ROLE, "x", "do not know this control"),
        ("channel_id", CHANNEL, world.elsewhere.id, "their channel is gone"),
        ("channel_id", CHANNEL, voice.id, "their channel is gone"),
        ("channel_id", CHANNEL, 2**63, "do not know this control"),
        ("results", ComponentType.STRING_SELECT, "never", "do not know this control"),
        ("pictures", ComponentType.STRING_SELECT, "2", "do not know this control"),
    ):
        data = {"custom_id": f"sheep1:set:{setting}", "component_type": kind, "values": [str(value)]}
        assert sentence in told(await world.forge(world.manager, data, shown)), setting
    for values in ([], ["1", "0"], None, [5]):
        data = {"custom_id": "sheep1:set:pictures", "component_type": ComponentType.STRING_SELECT, "values": values}
        assert "do not know this control" in told(await world.forge(world.manager, data, shown))
    for number in BAD_NUMBERS:
        result = world.send_form(world.manager, "sheep1:numbers:1", {"weight": number, "min_votes": "9"}, on=shown)
        await world.env.settle()
        assert "takes a number from 0 to 100. Nothing was changed." in told(result), number
    result = world.send_form(world.manager, "sheep1:numbers:1", {"weight": "1", "min_votes": "2.5"}, on=shown)
    await world.env.settle()
    assert "takes a whole number from 1 to 1,000" in told(result)
    assert await settings(world) == GuildSettings()


async def test_who_lacks_the_role_or_has_too_young_an_account_is_told_and_can_still_take_their_own_back(
    world: World,
) -> None:
    world.errors_are_expected = True  # SimCord takes a refused command for one
    post = await world.review()
    await world.give(world.bob, post, 4)
    await world.share(world.bob, post, "A thought of mine.")
    role = world.alice.guild.create_role("cinephiles")
    shown = await panel(world)
    await choose(world, shown, "voter_role", role)
    member = world.alice.guild.add_member(world.env.create_user("chosen"), roles=[role])

    for refused in (
        await world.bob.click(post, custom_id=sheep(post, 5)),
        await world.bob.click(post, label="Share your thoughts"),
        world.send_form(world.bob, await _form_id(member, post), {"body": "More.", "sheep": "1"}, on=post),
        await world.bob.slash(world.channel, "rate", title="cats", sheep=3),
    ):
        await world.env.settle()
        assert f"only members with the role <@&{role.id}> take part" in told(refused)
    assert "You gave" in said(await world.give(member, post, 5))
    panel_of_own = await world.press(world.bob, await world.press(world.bob, post, "Thoughts ("), "Delete mine")
    assert "is deleted" in said(panel_of_own)
    mine = {"custom_id": sheep(post, 4).replace("vote", "unvote").removesuffix(":4")}
    assert "taken back" in said(answered(await world.forge(world.bob, mine, post)))
    assert list(world.kept().votes.values()) == [5]

    await world.bot.store.guilds.change(world.bob.guild.id, 1, "voter_role", None)
    await world.bot.store.guilds.change(world.bob.guild.id, 1, "min_account_days", 1)
    assert "account is too young" in told(await world.bob.click(post, custom_id=sheep(post, 5)))
    await world.bot.store.guilds.change(world.bob.guild.id, 1, "min_account_days", 0)
    assert "You gave" in said(await world.give(world.bob, post, 5))


async def _form_id(member: MemberActor, post: ResponseMessage) -> str:
    opened = await member.click(post, label="Share your thoughts")
    assert opened.modal
    return str(opened.modal["custom_id"])


async def test_a_role_that_was_deleted_keeps_everyone_out_and_managers_are_told(world: World) -> None:
    role = world.alice.guild.create_role("cinephiles")
    await choose(world, await panel(world), "voter_role", role)
    guild = world.bot.get_guild(world.alice.guild.id)
    assert guild
    await guild.get_role(role.id).delete()  # type: ignore[union-attr] - it is there
    await world.env.settle()

    shown = await panel(world)
    assert "⚠️ nobody, as the role that members need was deleted" in said(shown)
    assert "❌ **Voting**: nobody can" in told(await world.manager.slash(world.channel, "sheep diagnose"))
    assert "take part" in told(await world.alice.click(await world.review(), label="Share your thoughts"))
    await choose(world, shown, "voter_role")
    assert "You gave" in said(await world.give(world.alice, await world.review(), 5))


async def test_results_show_after_voting_to_who_has_voted(world: World) -> None:
    post = await world.review()
    await world.give(world.bob, post, 2)
    await world.share(world.bob, post, "Not for me.")
    await world.later()
    assert "Readers 2.0 · 1 vote" in said(post)

    answer = said(answered(await choose(world, await panel(world), "results", "after-voting")))
    await world.later()

    assert "films posted last follow in a moment" in answer
    hidden = "Readers 1 vote\nGive your sheep to see how the others voted."
    assert hidden in said(post)
    assert hidden in said(await world.review())
    assert hidden in said(await world.press(world.alice, post, "Results"))
    assert "flock" not in said(await world.press(world.alice, post, "Results"))
    assert "🐑" not in (await world.press(world.alice, post, "Thoughts (")).embeds[0].description  # type: ignore[operator]
    assert "Readers 2.0 · 1 vote" in said(await world.press(world.bob, post, "Results"))
    given = await world.give(world.alice, post, 5)
    assert "Readers 3.5 · 2 votes" in said(given)
    assert "2 sheep" in said(await world.press(world.alice, post, "Thoughts ("))
    assert "Readers 1 vote\nGive" in said(await world.press(world.alice, given, "Remove my vote"))
    assert hidden in said(post)

    await world.bot.store.guilds.change(world.bob.guild.id, 1, "results", "after-closing")
    assert "is shown when the vote closes" in said(await world.press(world.bob, post, "Results"))
    assert "is shown when the vote closes" in said(await world.give(world.alice, post, 5))


async def test_thoughts_that_are_off_are_refused_before_anything_is_typed(world: World) -> None:
    post = await world.review()
    custom_id = await _form_id(world.alice, post)
    await choose(world, await panel(world), "thoughts", "off")

    refusal = told(await world.alice.click(post, label="Share your thoughts"))
    assert "takes no thoughts, only sheep" in refusal
    result = world.send_form(world.alice, custom_id, {"body": "I had begun already.", "sheep": "5"}, on=post)
    await world.env.settle()
    assert told(result) == f"{refusal}\nYour words:\n>>> I had begun already."
    assert world.kept() == Kept({}, {})
    assert not offers(await panel(world), "Restore")


@pytest.mark.parametrize("lacking", ["send_messages", "embed_links", "view_channel"])
async def test_a_channel_where_the_bot_cannot_post_is_refused_with_what_it_lacks(world: World, lacking: str) -> None:
    bot = world.bot.user
    assert bot
    quiet = world.alice.guild.create_text_channel(
        "quiet", overwrites={bot: discord.PermissionOverwrite(**{lacking: False})}
    )
    shown = await panel(world, part=1)

    refusal = told(await choose(world, shown, "channel_id", quiet))

    assert lacking.replace("_", " ").title() in refusal
    assert "Who: anyone with Manage Permissions" in refusal
    assert (await settings(world)).channel_id is None
    assert next(component["type"] for component in components(shown)) == CHANNEL
