"""Feeds that cannot be posted or read just now: held and said, told of once, and gone on with."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from aiohttp import web
from simcord.enums import InteractionType

from bot.feeds.following import HELD
from bot.feeds.planning import INTERVAL
from bot.rules import DAY
from tests.journeys.blog import allow, follow, manage, opened, titles, words
from tests.journeys.screens import told
from tests.journeys.shelf import write_review

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from simcord import ChannelHandle, InteractionResult

    from tests.store.tools import Engine


async def test_what_cannot_be_posted_or_read_is_held_said_and_gone_on_with(engine: Engine, shelf: Path) -> None:
    async with opened(engine, shelf) as (world, blog, news):
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
        await world.later(INTERVAL)
        assert "answers with status 500" in await manage(world, "list")
        (feed,) = await world.bot.store.feeds.of(world.alice.guild.id)
        await world.bot.store.feeds.looked(feed._replace(failures=4, checked_at=feed.checked_at - DAY))  # it takes days
        assert len(news.history()) == 2
        assert "could not be read: " in await manage(world, "check", feed="")
        assert "could not be read since" in words(news, -1)
        await manage(world, "check", feed="")
        assert len(news.history()) == 3
        (feed,) = await world.bot.store.feeds.of(world.alice.guild.id)
        assert feed.look_at - feed.checked_at - DAY > 10 * 3600

        blog.status = 200
        blog.delete(held)
        assert "0 new, 0 changed, 0 gone" not in await manage(world, "check", feed="")
        await world.later()
        assert words(news, 0) == "This review was withdrawn."
        assert "⚠️" not in await manage(world, "list")
        log = [(row[4], row[-1]) for row in world.everything()["audit_log"]]
        assert log == [("follow", f"{blog.site.url}/feed in {news.id}")]


async def test_what_cannot_be_followed_is_not_and_the_manager_learns_why(
    engine: Engine, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(engine, shelf) as (world, blog, news):
        world.errors_are_expected = True  # SimCord takes a refused command for one
        with monkeypatch.context() as uninstalled:
            uninstalled.setattr("bot.feeds.looking.NEEDED", ("not_installed",))
            assert "pip install" in await follow(world, blog.site.url, news)
        await allow(world, news, send=False)
        answer = await follow(world, f"{blog.site.url}/feed", news)
        assert "held, as I lack Send Messages" in answer
        assert "None yet." in await manage(world, "list")
        await allow(world, news, send=True)
        assert "neither a feed nor a page that links to one" in await follow(world, f"{blog.site.url}/old-film", news)
        broken = "<!DOCTYPE r [<!ENTITY a 'b'>]><rss version='2.0'><channel><item><title>&a;</title></item>"
        blog.site.answers["/broken"] = web.Response(text=broken, content_type="text/xml")
        assert "Nothing was changed" in await follow(world, f"{blog.site.url}/broken", news)
        assert "answers with status 404. Nothing was changed" in await follow(world, f"{blog.site.url}/nowhere", news)
        for number in range(8):
            blog.site.answers[f"/feed{number}"] = blog.site.answers["/feed"]
            assert "2 posts" in await follow(world, f"{blog.site.url}/feed{number}", news)
        twice: list[InteractionResult] = []
        for number in (8, 9):
            blog.site.answers[f"/feed{number}"] = blog.site.answers["/feed"]
            data = adding(f"{blog.site.url}/feed{number}", news)
            twice.append(world.send(world.manager, data, kind=InteractionType.APPLICATION_COMMAND))
        await world.env.settle()
        assert sorted("still looking at the last feed" in told(result) for result in twice) == [False, True]
        await follow(world, f"{blog.site.url}/feed9", news)
        assert "up to 10 feeds" in await follow(world, blog.site.url, news)
        assert "was followed already" in await follow(world, f"{blog.site.url}/feed1", world.channel)
        assert f"<#{world.channel.id}>" in await manage(world, "list")


def adding(url: str, channel: ChannelHandle) -> dict[str, Any]:
    """``/sheep feed add`` as it is sent."""
    given = [{"type": 3, "name": "url", "value": url}, {"type": 7, "name": "channel", "value": str(channel.id)}]
    inner = {"type": 2, "name": "feed", "options": [{"type": 1, "name": "add", "options": given}]}
    shown = {"id": str(channel.id), "name": channel.name, "type": 0, "permissions": "0"}
    resolved = {"channels": {str(channel.id): shown}}
    return {"id": "1", "name": "sheep", "type": 1, "options": [inner], "resolved": resolved}


async def test_others_learn_nothing_of_feeds_and_nothing_in_one_takes_effect(
    engine: Engine, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(engine, shelf) as (world, blog, news):
        world.errors_are_expected = True  # as above
        await follow(world, blog.site.url, news)
        typed = {"type": 3, "name": "feed", "value": "", "focused": True}
        inner = {"type": 2, "name": "feed", "options": [{"type": 1, "name": "remove", "options": [typed]}]}
        data: dict[str, Any] = {"id": "1", "name": "sheep", "type": 1, "options": [inner]}
        for member, offered in ((world.alice, 0), (world.mod, 0), (world.manager, 1)):
            forged = await world.forge(member, data, kind=InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE)
            assert len(forged.autocomplete_choices or ()) == offered
        assert await world.manager_elsewhere.autocomplete(world.elsewhere, "sheep feed check", "feed", "") == []
        for command in ("remove", "check"):
            refused = await world.manager_elsewhere.slash(world.elsewhere, f"sheep feed {command}", feed="1")
            assert "follows no such feed" in told(refused)

        blog.publish("Refused Film", world.env.now() - timedelta(seconds=1))
        blog.publish("@everyone <@&1> [free](https://evil.example)", world.env.now(), f"<p>{'**' * 900}</p><p>1/5</p>")
        world.env.inject_error("POST", f"/channels/{news.id}/messages", status=400, code=50035)
        answer = await manage(world, "check", feed="black")
        assert "2 new" in answer
        assert "Posted: 1 review" in answer
        (post,) = news.history()
        assert "free" in str(post.embeds[0].title)
        assert not post.mentions
        assert "[free](" not in str(post.embeds[0].title)

        (feed,) = await world.bot.store.feeds.of(world.alice.guild.id)
        add, shelf_before = world.bot.store.own.add, world.everything()["reviews"]

        async def removed_before(*args: Any, **more: Any) -> int:
            await world.bot.store.feeds.remove(feed, world.manager.id, "by another manager")
            return await add(*args, **more)

        monkeypatch.setattr(world.bot.store.own, "add", removed_before)
        blog.publish("Late Film", world.env.now())
        assert "does not follow that feed any more" in await manage(world, "check", feed="black")
        assert world.everything()["reviews"] == shelf_before
        await follow(world, blog.site.url, news)
        (feed,) = await world.bot.store.feeds.of(world.alice.guild.id)
        blog.publish("Later Film", world.env.now())
        await world.later(2 * INTERVAL)
        assert world.everything()["reviews"] == shelf_before
        assert len(news.history()) == 1
