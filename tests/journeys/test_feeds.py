"""Feeds: what a critic publishes on their site is posted by itself, follows its post there, and stays in the server."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import discord

from bot.feeds.following import TICK
from bot.feeds.planning import INTERVAL
from tests.journeys.blog import Blog
from tests.journeys.screens import answered, said, sheep, told
from tests.journeys.shelf import write_films, write_review
from tests.journeys.world import World, open_world
from tests.site import Site

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from simcord import ChannelHandle

    from tests.store.tools import Engine


@asynccontextmanager
async def opened(engine: Engine, shelf: Path) -> AsyncGenerator[tuple[World, Blog, ChannelHandle]]:
    """A world, a site with two reviews, and a channel for them."""
    write_films(shelf, 1)
    async with Site() as site, open_world(engine, shelf, site.listed) as world:
        blog = Blog(site)
        for title in ("Old Film", "Older Film"):
            blog.publish(title, world.env.now() - timedelta(days=9))
        yield world, blog, world.alice.guild.create_text_channel("news")


def titles(channel: ChannelHandle) -> list[str | None]:
    """The films that are posted in a channel, the first one first."""
    return [message.embeds[0].title for message in channel.history() if message.embeds]


async def follow(world: World, url: str, channel: ChannelHandle) -> str:
    """Have the manager add a feed; what they are told."""
    return told(await world.manager.slash(world.channel, "sheep feed add", url=url, channel=channel))


async def listed(world: World) -> str:
    return said(await world.ask(world.manager, "sheep feed list"))


async def test_what_a_critic_publishes_is_posted_follows_its_post_and_goes_with_it(engine: Engine, shelf: Path) -> None:
    async with opened(engine, shelf) as (world, blog, news):
        answer = await follow(world, blog.site.url, news)
        assert answer.startswith("“Black Sheep Reviews”: 2 posts, 2 of them reviews, the newest *")
        await world.later(INTERVAL)
        assert titles(news) == []
        assert blog.unchanged == 1

        now = world.env.now()
        new = [blog.publish(f"Film {word}", now + timedelta(seconds=place)) for place, word in enumerate("ABCDE")]
        await world.later(INTERVAL)
        assert len(titles(news)) >= 3
        await world.later(2 * TICK)
        assert titles(news) == [f"Film {word}" for word in "ABCDE"]
        first = news.history()[0]
        assert (await world.give(world.alice, first, 5)).embeds

        new[0].body = new[0].body.replace("4 sheep", "2 sheep")
        await world.later(INTERVAL)
        post = news.history()[0]
        assert "2 of 5" in said(post)
        assert "1 vote" in said(post)

        await world.restart()
        blog.delete(new[0])
        blog.publish("Film F", world.env.now())
        await world.later(INTERVAL)
        assert "withdrawn" in said(news.history()[0])
        assert titles(news)[1:] == [f"Film {word}" for word in "BCDEF"]
