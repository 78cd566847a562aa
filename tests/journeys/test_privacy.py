"""What members and managers see of their data, take along and have deleted; and what a server leaves behind."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import simcord
from simcord.backend import serializers
from simcord.enums import InteractionType

from bot.store.privacy import Subject, Wish
from bot.ui import ids, manager_ids
from tests.journeys.screens import answered, fields, offers, said, told
from tests.journeys.world import open_world
from tests.postgres import on_a_loop
from tests.store.tools import everything

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from simcord import MemberActor, ResponseMessage, UserHandle

    from tests.journeys.world import World
    from tests.store.tools import Engine

NOTHING = "Nothing is stored about you."
GONE = "Everything about you is deleted, in every server."
SERVER_GONE = "All of this server's votes, thoughts, settings and logs are deleted."
NAME_FIELD = "name"


def in_dms(world: World, member: MemberActor) -> UserHandle:
    """The same person, alone with the bot."""
    return simcord.UserHandle(world.env, world.env.backend.get_user(member.id))


def traces(engine: Engine, number: int) -> int:
    """How often an id stands in the database."""
    return on_a_loop(lambda: everything(engine)).count(str(number))


def departed(engine: Engine) -> set[int]:
    """The servers that are noted as left."""
    return {row[0] for row in on_a_loop(lambda: engine.rows("SELECT guild_id FROM departures"))}


async def attached(message: ResponseMessage) -> dict[str, str]:
    """A message's files, by name."""
    return {file.filename: (await file.read()).decode() for file in message.attachments}


async def test_a_member_sees_takes_along_and_deletes_everything_in_every_server(world: World, engine: Engine) -> None:
    here, there = await world.review(), await world.review(member=world.stranger)
    assert NOTHING in said(await world.ask(world.alice, "privacy show"))
    assert NOTHING in said(await world.ask(world.alice, "privacy export"))
    await world.share(world.alice, here, "=1+1, she <said>.", sheep="5", spoiler=True)
    await world.give(world.alice_elsewhere, there, 2)
    await world.share(world.bob, here, "Bob's own.", sheep="4")
    kept = world.kept()

    shown = await world.ask(world.alice, "privacy show")
    assert shown.ephemeral
    assert fields(shown)["By server"] == "**Film club**: 1 vote, 1 thought\n**Another club**: 1 vote"
    files = await attached(await world.ask(world.alice, "privacy export"))
    everything_of_hers = json.loads(files["sheepbot.json"])
    assert everything_of_hers["member"] == str(world.alice.id)
    assert {(row["server"], row["review"], row["sheep"]) for row in everything_of_hers["votes"]} == {
        (str(world.alice.guild.id), "miss-you-already", 5),
        (str(world.stranger.guild.id), "miss-you-already", 2),
    }
    assert [row["body"] for row in everything_of_hers["thoughts"]] == ["=1+1, she <said>."]
    (row,) = csv.DictReader(io.StringIO(files["letterboxd.csv"]))
    assert row == {
        "Title": "Miss You Already",
        "Year": "2015",
        "Directors": "Catherine Hardwicke",
        "Rating": row["Rating"],
        "Review": "Spoilers ahead.\n\n=1+1, she &lt;said&gt;.",
    }
    assert str(world.bob.id) not in "".join(files.values())

    asked = await world.ask(world.alice, "privacy delete")
    assert "in 2 servers" in said(asked)
    assert "- 2 votes\n- 1 thought" in said(asked)
    assert world.kept() == kept
    done = await world.press(world.alice, asked, "Delete everything")
    assert said(done).strip() == GONE
    assert not offers(done, "Delete")
    await world.later()

    assert traces(engine, world.alice.id) == 0
    mine = {key: value for key, value in kept.votes.items() if key[2] == world.bob.id}
    assert world.kept().votes == mine
    assert [body for body, _ in world.kept().thoughts.values()] == ["Bob's own."]
    assert "Readers 4.0 · 1 vote" in said(here)
    assert "No votes yet" in said(there)
    assert offers(here, "Thoughts (1)")
    assert NOTHING in said(await world.ask(world.alice, "privacy show"))
    asked = await world.ask(world.alice, "privacy delete")
    assert NOTHING in said(asked)
    assert not asked.components
    assert "You gave" in said(await world.give(world.alice, here, 1))  # and may begin anew


async def test_whoever_forges_the_button_deletes_only_what_is_their_own(world: World, engine: Engine) -> None:
    post = await world.review()
    await world.give(world.alice, post, 5)
    await world.give(world.bob, post, 3)
    asked = await world.ask(world.alice, "privacy delete")

    for _ in range(2):
        result = await world.forge(world.bob, {"custom_id": ids.Erase().pack()}, asked)
        assert result.acknowledged
    await world.forge(world.mod, {"custom_id": ids.Erase().pack()}, post)
    await world.later()

    assert traces(engine, world.bob.id) == 0
    assert [key[2] for key in world.kept().votes] == [world.alice.id]
    assert "Readers 5.0 · 1 vote" in said(post)


async def test_all_of_it_works_in_direct_messages_too(world: World, engine: Engine) -> None:
    await world.give(world.alice_elsewhere, await world.review(member=world.stranger), 2)
    alone = in_dms(world, world.alice)

    assert "Another club" in said(answered(await alone.slash("privacy show")))
    assert "letterboxd.csv" in await attached(answered(await alone.slash("privacy export")))
    asked = answered(await alone.slash("privacy delete"))
    done = await world.forge(alone, {"custom_id": ids.Erase().pack()}, asked)

    assert GONE in said(answered(done))
    assert traces(engine, world.alice.id) == 0


async def test_what_a_restart_breaks_off_is_gone_on_with(
    world: World, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for title in world.bot.catalogue:
        await world.give(world.alice, await world.review(title.slug), 4)
    asked = await world.ask(world.alice, "privacy delete")
    for name in ("FEWEST", "MOST"):
        monkeypatch.setattr(f"bot.store.privacy.{name}", 2)

    world.send(world.alice, {"custom_id": ids.Erase().pack()}, on=asked)
    await world.env.settle()
    assert 0 < len(world.kept().votes) < len(world.bot.catalogue)
    await world.restart()
    await world.give(world.alice, await world.review(), 5)
    await world.later()

    assert traces(engine, world.alice.id) == 0
    assert NOTHING in said(await world.ask(world.alice, "privacy show"))


async def test_much_is_said_to_have_begun_and_then_to_be_done(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for title in world.bot.catalogue:
        await world.give(world.alice, await world.review(title.slug), 4)
    for name, value in {"FEWEST": 1, "MOST": 1, "REST": 10.0}.items():
        monkeypatch.setattr(f"bot.store.privacy.{name}", value)

    pressed = await world.forge(world.alice, {"custom_id": ids.Erase().pack()}, await world.review())
    await world.later(1.5)
    assert "It has begun" in said(answered(pressed))
    assert pressed.followups == []
    assert world.kept().votes
    await world.later(300)

    assert [said(message).strip() for message in pressed.followups] == [GONE]
    assert not world.kept().votes


async def test_deleting_that_goes_on_after_a_restart_does_not_begin_anew_with_each_shard(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts = [await world.review(title.slug) for title in world.bot.catalogue]
    for post in posts:
        await world.give(world.alice, post, 4)
    await world.bot.store.privacy.wish(Wish(Subject.MEMBER, world.alice.id))
    for name, value in {"FEWEST": 1, "MOST": 1, "REST": 10.0}.items():
        monkeypatch.setattr(f"bot.store.privacy.{name}", value)

    await world.restart()
    await world.later(15)
    assert 0 < len(world.kept().votes) < len(posts)
    world.bot.dispatch("shard_ready", 0)
    await world.later(300)

    assert not world.kept().votes
    assert ["No votes yet" in said(post) for post in posts] == [True] * len(posts)


async def test_who_manages_a_server_deletes_all_of_its_data_after_typing_its_name(world: World, engine: Engine) -> None:
    here, there = await world.review(), await world.review(member=world.stranger)
    await world.share(world.alice, here, "Here.", sheep="5")
    await world.give(world.stranger, there, 2)
    await world.bot.store.guilds.change(world.manager.guild.id, world.manager.id, "min_votes", 1)

    opened = await world.manager.slash(world.channel, "sheep purge")
    assert "nothing was deleted" in told(await world.manager.submit_modal(opened, {NAME_FIELD: "Another club"}))
    for member in (world.alice, world.mod, world.manager_elsewhere):
        name = "Film club" if member is not world.manager_elsewhere else "Film Club"
        result = world.send_form(member, manager_ids.PurgeForm().pack(), {NAME_FIELD: name})
        await world.env.settle()
        assert told(result)
    data: dict[str, Any] = {"custom_id": manager_ids.PurgeForm().pack(), "components": []}
    assert told(await world.forge(in_dms(world, world.manager), data, kind=InteractionType.MODAL_SUBMIT))
    assert "sheep purge" not in world.mod.available_commands(world.channel)
    assert len(world.kept().votes) == 2

    opened = await world.manager.slash(world.channel, "sheep purge")
    done = answered(await world.manager.submit_modal(opened, {NAME_FIELD: "  film  CLUB "}))
    await world.later()

    assert SERVER_GONE in said(done)
    assert done.ephemeral
    assert [key[0] for key in world.kept().votes] == [world.stranger.guild.id]
    assert world.kept().thoughts == {}
    assert await engine.rows("SELECT * FROM audit_log") == await engine.rows("SELECT * FROM guild_settings") == []
    assert "No votes yet" in said(here)
    await world.give(world.alice, here, 4)
    await world.later()
    assert "Readers 4.0 · 1 vote" in said(here)
    assert "Readers 2.0 · 1 vote" in said(there)


async def test_what_a_server_leaves_behind_is_deleted_after_its_grace(
    engine: Engine, reviews_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_world(engine, reviews_path) as world:
        here, gone = world.alice.guild.id, world.stranger.guild.id
        lost = 999 << 22
        await world.give(world.alice, await world.review(), 5)
        await world.give(world.stranger, await world.review(member=world.stranger), 2)
        await world.give(world.alice_elsewhere, await world.review(member=world.stranger), 2)
        await world.bot.store.votes.cast(lost, next(iter(world.bot.catalogue)).review_id, world.bob.id, 1)

        world.env.backend.emit("GUILD_DELETE", {"id": str(here), "unavailable": True})
        await world.env.settle()
        assert departed(engine) == set()  # an outage
        guild = world.env.backend.guilds.pop(gone)
        world.env.backend.emit("GUILD_DELETE", {"id": str(gone)})
        await world.env.settle()
        assert departed(engine) == {gone}
        assert "I do not see" in said(answered(await in_dms(world, world.alice).slash("privacy show")))
        world.env.backend.guilds[gone] = guild
        payload = dict(serializers.guild_create_payload(world.env.backend, guild))
        del payload["unavailable"]  # only after an outage it is there
        world.env.backend.emit("GUILD_CREATE", payload)
        await world.env.settle()
        assert departed(engine) == set()  # it came back

        world.env.backend.remove_guild(gone)
        await world.restart()
        assert departed(engine) == {gone, lost}
        assert len(world.kept().votes) == 4
        monkeypatch.setattr("bot.departures.GRACE", -1)
        await world.restart()
        await world.later()

        assert {key[0] for key in world.kept().votes} == {here}
        assert departed(engine) == set()
        assert traces(engine, gone) == traces(engine, lost) == traces(engine, world.stranger.id) == 0


async def test_a_server_that_came_back_while_the_bot_was_away_keeps_its_data(
    engine: Engine, reviews_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.departures.GRACE", -1)
    async with open_world(engine, reviews_path) as world:
        await world.give(world.alice, await world.review(), 5)
        await world.bot.store.departures.note([world.alice.guild.id])
        await world.bot.store.privacy.wish(Wish(Subject.MEMBER, world.bob.id))
        await world.restart()
        await world.later()

        assert departed(engine) == set()
        assert len(world.kept().votes) == 1
        assert traces(engine, world.bob.id) == 0
