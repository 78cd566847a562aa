"""A critic's site on loopback, with a feed, for the journeys that follow one."""

from __future__ import annotations

import hashlib
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime
from html import escape
from typing import TYPE_CHECKING

import discord
from aiohttp import web

from tests.journeys.screens import said, told
from tests.journeys.shelf import write_films
from tests.journeys.world import World, open_world
from tests.site import Site

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from datetime import datetime
    from pathlib import Path

    from simcord import ChannelHandle

    from tests.store.tools import Engine

SHOWN = 10


@dataclass
class Entry:
    """A post of the site."""

    name: str
    title: str
    body: str
    published: datetime


@dataclass
class Blog:
    """What the site has published, the newest last, of which its feed shows ten; it knows what has changed since.

    Attributes:
        status: What the feed answers with instead, where it is one of an error.
    """

    site: Site
    entries: list[Entry] = field(default_factory=list[Entry])
    status: int = 200
    unchanged: int = 0

    def __post_init__(self) -> None:
        self.site.answers["/feed"] = self._feed
        link = '<link rel="alternate" type="application/rss+xml" href="/feed">'
        self.site.answers["/"] = web.Response(text=f"<html><head>{link}</head></html>", content_type="text/html")

    def publish(self, title: str, published: datetime, body: str = "") -> Entry:
        """Publish a review, with its page."""
        name = title.lower().replace(" ", "-")
        said = body or f"<p>Directed by Ewe Ramsey</p><p>I gave {escape(title)} my whole evening.</p><p>4 sheep</p>"
        entry = Entry(name, title, said, published)
        self.entries.append(entry)
        self.site.answers[f"/{name}"] = web.Response(text="A page.", content_type="text/html")
        return entry

    def delete(self, entry: Entry) -> None:
        """Take a post back, and its page."""
        self.entries.remove(entry)
        del self.site.answers[f"/{entry.name}"]

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        if self.status != 200:
            return web.Response(status=self.status)
        items = "".join(
            f"<item><title>{escape(one.title)}</title><link>{self.site.url}/{one.name}</link>"
            f"<guid isPermaLink='false'>post {one.name}</guid><pubDate>{format_datetime(one.published)}</pubDate>"
            f"<description>{escape(one.body)}</description></item>"
            for one in self.entries[: -SHOWN - 1 : -1]
        )
        text = f"<rss version='2.0'><channel><title>Black Sheep Reviews</title>{items}</channel></rss>"
        etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'
        if request.headers.get("If-None-Match") == etag:
            self.unchanged += 1
            return web.Response(status=304, headers={"ETag": etag})
        return web.Response(text=text, content_type="application/rss+xml", headers={"ETag": etag})


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


def words(channel: ChannelHandle, place: int) -> str:
    """What a message in a channel says; those that were sent last have negative places."""
    (embed,) = channel.history()[place].embeds
    return "\n".join([embed.description or "", *(f"{field.name}: {field.value}" for field in embed.fields)])


async def follow(world: World, url: str, channel: ChannelHandle) -> str:
    """Have the manager add a feed; what they are told."""
    return told(await world.manager.slash(world.channel, "sheep feed add", url=url, channel=channel))


async def manage(world: World, command: str, **options: str) -> str:
    """What the manager is told who uses a command on the one feed that there is."""
    if options:
        (choice,) = await world.manager.autocomplete(world.channel, f"sheep feed {command}", "feed", options["feed"])
        options = {"feed": choice["value"]}
    return said(await world.ask(world.manager, f"sheep feed {command}", **options))


async def allow(world: World, channel: ChannelHandle, *, send: bool) -> None:
    """Let the bot write in a channel, or not."""
    guild = world.bot.get_guild(world.alice.guild.id)
    found = guild and guild.get_channel(channel.id)
    assert guild
    assert isinstance(found, discord.TextChannel)
    await found.set_permissions(guild.me, send_messages=None if send else False)
