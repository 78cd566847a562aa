"""Feeds that cannot be posted or read just now: held and said, told of once, and gone on with."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.feeds.following import HELD
from tests.journeys.blog import allow, follow, manage, opened, titles, words
from tests.journeys.screens import told
from tests.journeys.shelf import write_review

if TYPE_CHECKING:
    from pathlib import Path

    from tests.store.tools import Engine


async def test_what_cannot_be_posted_or_read_is_held_said_and_gone_on_with(engine: Engine, shelf: Path) -> None:
    async with opened(engine, shelf) as (world, blog, news):
        world.errors_are_expected = True  # SimCord takes a refused command for one
        await allow(world, news, send=False)
        answer = await follow(world, f"{blog.site.url}/feed", news)
        assert "held, as I lack Send Messages" in answer
        assert "None yet." in await manage(world, "list")
        await allow(world, news, send=True)
        assert "neither a feed nor a page that links to one" in await follow(world, f"{blog.site.url}/old-film", news)
        assert "answers with status 404. Nothing was changed" in await follow(world, f"{blog.site.url}/nowhere", news)
        assert "2 posts" in await follow(world, f"{blog.site.url}/feed", news)
        assert "Feeds**: 1 followed" in told(await world.manager.slash(world.channel, "sheep diagnose"))

        await allow(world, news, send=False)
        held = blog.publish("Held Film", world.env.now() - timedelta(seconds=1))
        write_review(shelf, "shared-film", title="Shared Film", url=f"{blog.site.url}/shared-film")
        await world.restart()
        blog.publish("Shared Film", world.env.now())
        answer = await manage(world, "check", feed="")
        assert "2 new, 0 changed, 0 gone" in answer
        assert "2 reviews held, as I lack Send Messages" in answer
        assert "2 reviews waiting" in await manage(world, "list")
        assert "1 of 1 held" in told(await world.manager.slash(world.channel, "sheep diagnose"))
        await world.later(HELD)
        assert titles(news) == []
        on_shelf = sorted((title.title, title.guild_id > 0) for title in world.bot.catalogue)[1:]
        assert on_shelf == [("Held Film", True), ("Shared Film", False)]
        await allow(world, news, send=True)
        await world.later(HELD)
        assert titles(news) == ["Held Film", "Shared Film"]

        blog.status = 500
        for hours in (4, 28):
            await world.later(hours * 3600)
        assert "could not be read since" in words(news, -1)
        assert len(news.history()) == 3
        assert "answers with status 500" in await manage(world, "list")
        asked = len(blog.site.asked)
        await world.later(86_400)
        assert 1 <= len(blog.site.asked) - asked <= 2
        assert len(news.history()) == 3

        blog.status = 200
        blog.delete(held)
        assert "0 new, 0 changed, 0 gone" not in await manage(world, "check", feed="")
        await world.later()
        assert words(news, 0) == "This review was withdrawn."
        assert "⚠️" not in await manage(world, "list")
        assert [row[4:] for row in world.everything()["audit_log"]] == [("follow", None, None, row_detail(blog, news))]


def row_detail(blog: Blog, news: ChannelHandle) -> str:
    """What the log says of a feed that was added."""
    return f"{blog.site.url}/feed in {news.id}"
