"""Feeds: what a critic publishes on their site is posted by itself, follows its post there, and stays in the server."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.feeds.following import TICK
from bot.feeds.planning import INTERVAL
from tests.journeys.blog import follow, manage, opened, titles, words
from tests.journeys.screens import said, sheep, told

if TYPE_CHECKING:
    from pathlib import Path

    from simcord import ChannelHandle

    from tests.journeys.world import World
    from tests.store.tools import Engine


async def test_what_a_critic_publishes_is_posted_follows_its_post_and_goes_with_it(engine: Engine, shelf: Path) -> None:
    async with opened(engine, shelf) as (world, blog, news):
        answer = await follow(world, blog.site.url, news)
        assert answer.startswith("“Black Sheep Reviews”: 2 posts, 2 of them reviews, the newest *Old")
        await world.later(INTERVAL)
        assert titles(news) == []
        assert blog.unchanged == 1

        now = world.env.now()
        blog.publish("On holiday", now, "<p>Back in two weeks.</p>")
        new = [blog.publish(f"Film {word}", now + timedelta(seconds=place)) for place, word in enumerate("ABCDE")]
        await world.later(INTERVAL)
        await world.later(2 * TICK)
        assert titles(news) == [f"Film {word}" for word in "ABCDE"]
        a_tick = Counter(int(message.created_at.timestamp()) // 10 for message in news.history())
        assert sorted(a_tick.values()) == [2, 3]
        await world.alice.click(news.history()[0], label="5")

        new[0].body = new[0].body.replace("4 sheep", "2 sheep")
        new[1].body = "<p>Taken back for a rewrite.</p>"
        await world.later(INTERVAL)
        assert "2 of 5" in words(news, 0)
        assert "1 vote" in words(news, 0)
        assert "my whole evening" in words(news, 1)

        await world.restart()
        blog.delete(new[0])
        blog.publish("Film F", world.env.now())
        await world.later(INTERVAL)
        assert words(news, 0) == "This review was withdrawn."
        assert titles(news)[1:] == [f"Film {word}" for word in "BCDEF"]

        blog.entries.insert(2, new[0])  # it comes back, with the votes that it had
        await world.later(INTERVAL)
        assert titles(news) == [f"Film {word}" for word in "ABCDEF"]
        assert "1 vote" in words(news, 0)

        assert "is not followed any more" in await manage(world, "remove", feed="black")
        await follow(world, blog.site.url, news)
        new[2].title = "Film See"
        await world.later(2 * INTERVAL)
        assert titles(news) == ["Film A", "Film B", "Film See", "Film D", "Film E", "Film F"]
        await stays_in_the_server(world, news)


async def stays_in_the_server(world: World, news: ChannelHandle) -> None:
    """Nobody in another server finds, sees or votes on a review that came by a feed; here it is as any other."""
    here = await world.review("film see")
    (stored,) = [title for title in world.bot.catalogue if title.title == "Film See"]
    assert stored.guild_id == world.alice.guild.id
    for member, channel, finds in ((world.bob, world.channel, True), (world.stranger, world.elsewhere, False)):
        offered = await member.autocomplete(channel, "review", "title", "film see")
        assert (stored.slug in {choice["value"] for choice in offered}) is finds
    (vote,) = [world.send(world.stranger, {"custom_id": sheep(here, 3)}, on=here)]
    await world.env.settle()
    assert "not on the shelf" in told(vote)
    assert "I have no review" in said(await world.ask(world.stranger, "review", title=stored.slug))
    assert not [key for key in world.kept().votes if key[1] == stored.slug]
    for count, member in enumerate((world.alice, world.bob, world.mod), 3):
        await world.give(member, here, count)
    assert "Film See" in said(await world.ask(world.bob, "toprated"))
    assert "Film See" not in said(await world.ask(world.bob, "toprated", scope="everywhere"))
    assert titles(news).count("Film See") == 1
