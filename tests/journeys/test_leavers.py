"""Members who leave: their votes stay, or are set aside where the server wants it so, until they return."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NoReturn

import discord
import pytest

from bot.errors import StoreError
from bot.store.aside import Aside
from tests.journeys.screens import answered, said
from tests.store.tools import assert_tallies_are_true

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from simcord import MemberActor, ResponseMessage

    from tests.journeys.world import World
    from tests.store.tools import Engine


pytestmark = pytest.mark.usefixtures("short_days")
DAY = 60.0


@pytest.fixture
def short_days(monkeypatch: pytest.MonkeyPatch) -> None:
    """Days of a minute: whatever else the bot looks at twice a minute would take the test an hour."""
    monkeypatch.setattr("bot.mover.FIRST", DAY)
    monkeypatch.setattr("bot.mover.DAY", DAY)


async def set_leavers(world: World, value: str) -> None:
    """Decide what becomes of the votes of those who leave."""
    await world.bot.store.guilds.change(world.alice.guild.id, world.manager.id, "leavers", value)


def leave(world: World, member: MemberActor) -> None:
    """Have a member leave their server."""
    world.env.backend.remove_member(member.guild.id, member.id)


def join(world: World, member: MemberActor) -> None:
    """Have a member come back."""
    world.env.backend.add_member(member.guild.id, member.id)


async def a_day(world: World) -> None:
    """Let a day pass."""
    await world.later(DAY + 6)


async def cats(world: World) -> ResponseMessage:
    """A film on which two members of one server voted, and one of them in another server, too."""
    await world.give(world.alice_elsewhere, await world.review("cats", member=world.stranger), 3)
    return await world.votes_on("cats", [(world.alice, 1), (world.bob, 5)])


async def test_votes_of_who_left_count_again_when_they_do_anything_here_or_are_found_again(
    world: World, engine: Engine
) -> None:
    post = await cats(world)
    before = world.kept()
    leave(world, world.alice)
    await a_day(world)
    assert world.kept() == before

    await set_leavers(world, "drop")
    await a_day(world)
    assert "Readers 5.0 · 1 vote" in said(post)
    assert len(world.kept().votes) == len(before.votes) - 1
    await assert_tallies_are_true(engine)

    join(world, world.alice)
    other = await world.review()
    await world.give(world.alice, other, 4)
    await world.later()
    assert "Readers 3.0 · 2 votes" in said(post)
    assert len(world.kept().votes) == len(before.votes) + 1

    leave(world, world.alice)
    leave(world, world.bob)
    await a_day(world)
    assert "Readers No votes yet" in said(post)
    join(world, world.bob)
    await a_day(world)
    assert "Readers 5.0 · 1 vote" in said(post)
    log = answered(await world.mod.slash(world.channel, "sheepmod log"))
    assert "Sheepbot brought the votes of **bob** back, who returned" in said(log)
    await set_leavers(world, "keep")
    await a_day(world)
    assert world.kept().votes.items() >= before.votes.items()
    await assert_tallies_are_true(engine)


@pytest.mark.parametrize("failure", [ConnectionResetError(), discord.ClientException(), RuntimeError()], ids=repr)
async def test_where_discord_does_not_tell_who_left_nothing_changes(
    world: World, engine: Engine, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    await cats(world)
    await set_leavers(world, "drop")
    leave(world, world.alice)
    before = world.kept()

    async def unanswered(*_: object, **__: object) -> NoReturn:
        await asyncio.sleep(0)
        raise failure

    with monkeypatch.context() as broken:
        broken.setattr(discord.Guild, "query_members", unanswered)
        await a_day(world)
        assert world.kept() == before

    await a_day(world)
    assert len(world.kept().votes) == len(before.votes) - 1
    await assert_tallies_are_true(engine)


async def test_what_a_stop_cut_off_is_gone_on_with_at_the_next_start(
    world: World, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cats(world)
    await world.give(world.alice, await world.review(), 2)
    before = world.kept()
    guild_id = world.alice.guild.id

    def never(*_: Any) -> None:
        """Nothing is moved: the process ends before."""

    for what, left in (("void", 1), ("restore", 3)):
        with monkeypatch.context() as cut:
            cut.setattr("bot.mover.Mover.begin", never)
            await world.mod.slash(world.channel, f"sheepmod {what}", member=world.alice)
        await world.restart()
        await world.later()
        assert len([key for key in world.kept().votes if key[0] == guild_id]) == left
        await assert_tallies_are_true(engine)
    assert world.kept() == before


async def test_what_the_database_breaks_off_is_gone_on_with_after_a_while(
    world: World, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = await cats(world)
    asked: list[str] = []

    async def broken(*_: object) -> NoReturn:
        asked.append("moved")
        await asyncio.sleep(0)
        raise StoreError

    async def also_broken(*_: object) -> AsyncGenerator[tuple[int, int]]:
        asked.append("looked")
        await asyncio.sleep(0)
        if asked:
            raise StoreError
        yield 0, 0

    with monkeypatch.context() as failing:
        failing.setattr(Aside, "move", broken)
        failing.setattr(Aside, "pending", also_broken)
        await world.mod.slash(world.channel, "sheepmod void", member=world.alice)
        await world.restart()
        await world.later(1)
        assert asked == ["moved", "looked"]
        await world.mod.slash(world.channel, "sheepmod void", member=world.bob)
        assert "Readers 3.0 · 2 votes" in said(post)

    await world.later(60)
    assert "Readers No votes yet" in said(post)
    assert len(asked) == 3
    await assert_tallies_are_true(engine)
