"""New reviews are posted by themselves where a server wants them: each once, from then on, and nowhere else."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import discord

from tests.journeys.screens import offers, said, told
from tests.journeys.shelf import write_films
from tests.journeys.world import World, open_world

if TYPE_CHECKING:
    from pathlib import Path

    from simcord import ChannelHandle

    from tests.store.tools import Engine

SECONDS_A_ROUND = 31


def titles(channel: ChannelHandle) -> list[str | None]:
    """The films that are posted in a channel, the first one first."""
    return [message.embeds[0].title for message in channel.history() if message.embeds]


async def choose(world: World, channel: ChannelHandle) -> None:
    """Have a manager choose a channel for new reviews."""
    shown = await world.press(world.manager, await world.ask(world.manager, "sheep settings"), "Boards and news")
    await world.manager.select(shown, [channel], custom_id="sheep1:set:channel_id")


async def test_what_comes_onto_the_shelf_is_posted_once_with_its_buttons_and_follows_its_tally(
    engine: Engine, shelf: Path
) -> None:
    write_films(shelf, 3)
    async with open_world(engine, shelf) as world:
        news = world.alice.guild.create_text_channel("news")
        await choose(world, news)
        await world.later(SECONDS_A_ROUND)
        assert titles(news) == []

        write_films(shelf, 8)
        await world.restart()
        await world.later(3 * SECONDS_A_ROUND)
        assert len(titles(news)) == 5
        a_round = Counter(int(message.created_at.timestamp()) // 10 for message in news.history())
        assert max(a_round.values()) == 3
        await world.restart()
        await world.later(3 * SECONDS_A_ROUND)

        assert len(set(titles(news))) == len(titles(news)) == 5
        assert titles(world.elsewhere) == titles(world.channel) == []
        post = news.history()[-1]
        assert post.components
        await world.alice.click(post, label="5")
        await world.later()
        assert "1 vote" in str(news.history()[-1].embeds[0].fields)


async def test_of_very_many_at_once_the_newest_are_posted(engine: Engine, shelf: Path) -> None:
    write_films(shelf, 1)
    async with open_world(engine, shelf) as world:
        news = world.alice.guild.create_text_channel("news")
        await choose(world, news)
        write_films(shelf, 30)
        await world.restart()
        await world.later(6 * SECONDS_A_ROUND)

        assert len(set(titles(news))) == len(titles(news)) == 10


async def test_where_the_bot_lost_its_permission_reviews_are_held_and_come_when_it_has_it_back(
    engine: Engine, shelf: Path
) -> None:
    write_films(shelf, 1)
    async with open_world(engine, shelf) as world:
        news = world.alice.guild.create_text_channel("news")
        await choose(world, news)
        guild, bot = world.bot.get_guild(world.alice.guild.id), world.bot.user
        assert guild
        assert bot
        channel = guild.get_channel(news.id)
        assert isinstance(channel, discord.TextChannel)
        await channel.set_permissions(guild.me, send_messages=False)
        write_films(shelf, 2)
        await world.restart()
        await world.later(2 * SECONDS_A_ROUND)
        assert titles(news) == []
        held = "held, as I lack Send Messages"
        assert held in told(await world.manager.slash(world.channel, "sheep diagnose"))
        shown = await world.ask(world.manager, "sheep settings")
        assert held in said(shown)
        assert offers(shown, "Boards and news")

        guild = world.bot.get_guild(world.alice.guild.id)
        assert guild
        channel = guild.get_channel(news.id)
        assert isinstance(channel, discord.TextChannel)
        await channel.set_permissions(guild.me, overwrite=None)
        await world.later(SECONDS_A_ROUND)
        assert len(titles(news)) == 1
