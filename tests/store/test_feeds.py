"""Feeds in the store: claimed by one at a time, each post kept once, and gone with its server."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.errors import FeedGoneError
from bot.store import open_store
from bot.store.feeds import Feed, Item, State, putting
from bot.store.privacy import Subject, Wish
from tests.store.tools import SOURCE, film, shelve

if TYPE_CHECKING:
    from bot.store import Store
    from tests.store.tools import Engine

HERE, THERE = 5 << 22, 6 << 22
"""Servers of two shards."""
ACTOR = 7
NEW = Feed(0, HERE, 70, "https://a.example/feed", "A", "e", "m", added_at=100, checked_at=100, look_at=900)


async def added(store: Store, feed: Feed = NEW, *items: Item) -> Feed:
    await store.feeds.add(feed, ACTOR, items, "a.example")
    return next(one for one in await store.feeds.of(feed.guild_id) if one.url == feed.url)


async def test_a_feed_is_seen_to_by_one_of_its_shard_at_a_time(store: Store, engine: Engine) -> None:
    feed = await added(store)
    assert feed == NEW._replace(id=feed.id)
    other = await added(store, NEW._replace(guild_id=THERE))
    assert await store.feeds.due(899, [0, 1], 2, 9) == []
    assert await store.feeds.due(900, [1], 2, 9) == [feed.id]
    assert await store.feeds.due(900, [0, 1], 2, 1) in ([feed.id], [other.id])
    assert await store.feeds.next() == 900

    second = await open_store(engine.url) if store.shared else store
    claims = await asyncio.gather(*(one.feeds.claim(feed.id, 900, 1_500) for one in (store, second, store, second)))
    (claimed,) = filter(None, claims)
    assert claimed.claimed_until == 1_500
    assert await second.feeds.due(901, [1], 2, 9) == []

    looked = claimed._replace(title="B", etag=None, failures=2, trouble="Away.", told=True, look_at=2_000)
    await store.feeds.looked(looked)
    await store.feeds.release(claimed, 2_000)
    assert await store.feeds.get(feed.id) == looked._replace(claimed_until=0)
    assert await store.feeds.claim(feed.id, 2_000, 2_600)
    late = await store.feeds.claim(feed.id, 2_600, 3_200)  # who had it was killed
    assert late
    await store.feeds.release(claimed, 0)  # and what it would still do is no matter
    assert await store.feeds.get(feed.id) == late
    assert await store.feeds.claim(other.id + 9, 0, 9) is None
    if second is not store:
        await second.close()


async def test_posts_wait_in_order_and_are_taken_down_with_their_reviews(store: Store) -> None:
    (known,) = await shelve(store, 1)
    feed = await added(store, NEW, Item("old", "h", 50), Item("had", "h", 60, State.POSTED, known))
    for guid, moment in (("c", 103), ("a", 101), ("b", 102)):
        also = [putting(feed.id, Item(guid, "h", moment, State.WAITING), "feed")]
        await store.own.add(HERE, film(f"film-{guid}"), source="feed", guid=guid, also=also)
    waiting = await store.feeds.waiting(feed.id, 2)
    assert [guid for guid, _ in waiting] == ["a", "b"]
    own = await store.own.with_guid("feed", "a")
    assert own
    assert waiting[0][1] == own.review_id
    assert await store.feeds.counts(HERE) == {feed.id: 3}

    await store.feeds.posted(feed.id, "a")
    await store.own.retire(own, also=[putting(feed.id, Item("a", "h2", 101, State.RETIRED, own.review_id))])
    await store.feeds.posted(feed.id, "a")  # a message that was still on its way
    found = await store.feeds.items(feed.id, ["a", "old", "had", "none"])
    assert found == {
        "a": Item("a", "h2", 101, State.RETIRED, own.review_id),
        "old": Item("old", "h", 50),
        "had": Item("had", "h", 60, State.POSTED, known),
    }

    missing = await store.feeds.missing(feed.id, 50, ["c"], 1, 9)
    assert [item.guid for item in missing] == ["b", "had"]
    await store.feeds.asked(feed.id, "b", 10)
    assert [item.guid for item in await store.feeds.missing(feed.id, 59, ["c"], 10, 9)] == ["had"]
    assert [item.guid for item in await store.feeds.missing(feed.id, 59, ["c"], 11, 9)] == ["had", "b"]
    assert await store.feeds.missing(feed.id, 102, ["c"], 11, 9) == []


async def test_a_feed_is_added_once_moved_and_removed_and_its_reviews_stay(store: Store, engine: Engine) -> None:
    feed = await added(store, NEW, Item("g", "h", 50))
    moved = await added(store, NEW._replace(channel_id=71, title="C"), Item("g", "x", 50, State.WAITING))
    assert moved == feed._replace(channel_id=71)
    assert list(await store.feeds.items(feed.id, ["g"])) == ["g"]
    review_id = await store.own.add(HERE, film("film"), source="feed", guid="g")

    await store.feeds.remove(feed._replace(guild_id=THERE), ACTOR, "theirs")
    assert await store.feeds.of(HERE)
    await store.feeds.remove(feed, ACTOR, "a.example")
    await store.feeds.put(feed.id, Item("late", "h", 1))  # a look that was still going on
    assert await store.feeds.of(HERE) == []
    assert await engine.rows("SELECT * FROM feed_items") == []
    assert await store.reviews.get(review_id)
    acts = await engine.rows("SELECT act, detail FROM audit_log WHERE guild_id <> 0 ORDER BY id")
    assert acts[0] == ("follow", "a.example in 70")
    assert acts[-1] == ("unfollow", "a.example")


async def test_the_oldest_posts_are_forgotten_but_for_those_that_wait(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.feeds.MOST_ITEMS", 3)
    items = [Item(guid, "h", moment) for guid, moment in (("a", 1), ("b", 2), ("c", 5), ("d", 5), ("e", 5), ("f", 5))]
    (review_id,) = await shelve(store, 1)
    feed = await added(store, NEW, *items, Item("w", "h", 0, State.WAITING, review_id))
    other = await added(store, NEW._replace(guild_id=THERE), *items)
    for _ in range(2):
        await store.feeds.forget_old(feed.id)
        assert set(await store.feeds.items(feed.id, "abcdefw")) == set("defw")
    assert len(await store.feeds.items(other.id, "abcdef")) == 6


async def test_a_look_that_was_still_going_on_brings_nothing_back(store: Store, engine: Engine) -> None:
    mine = replace(film("mine"), critic="Ann", genres=("Drama",))
    for wish in (None, Wish(Subject.SERVER, HERE)):
        feed = await added(store)
        review_id = await store.own.add(HERE, mine, source=f"feed:{feed.id}", guid="g", feed_id=feed.id)
        own = await store.own.get(review_id)
        assert own
        if wish:
            await store.privacy.wish(wish)
            await store.privacy.erase(wish)
        else:
            await store.feeds.remove(feed, ACTOR, "a.example")
        before = await engine.rows("SELECT * FROM reviews ORDER BY id"), await engine.rows("SELECT * FROM labels")

        also = [putting(feed.id, Item("late", "h", 1, State.WAITING), "feed")]
        with pytest.raises(FeedGoneError):
            await store.own.add(HERE, film("late"), source="feed", guid="late", feed_id=feed.id, also=also)
        if wish:
            await store.own.change(own, replace(mine, body="Late.", critic="Bea"))
        after = await engine.rows("SELECT * FROM reviews ORDER BY id"), await engine.rows("SELECT * FROM labels")
        assert after == before
        assert await engine.rows("SELECT * FROM feed_items") == []
    other = await added(store)
    with pytest.raises(FeedGoneError):
        await store.own.add(THERE, film("theirs"), source="feed", guid="theirs", feed_id=other.id)


async def test_a_review_is_found_by_its_address_on_everyones_shelf_or_the_servers_own(store: Store) -> None:
    url = "https://a.example/" + "\u00e9" * 480
    own_id = await store.own.add(HERE, replace(film("own"), url=url), source="guild")
    assert await store.reviews.with_url(HERE, url) == own_id
    assert await store.reviews.with_url(THERE, url) is None
    await store.reviews.sync(SOURCE, [replace(film("shared"), url=url)])
    shared = {title.slug: title.review_id for title in await store.reviews.shelf()}["shared"]
    assert await store.reviews.with_url(HERE, url) == await store.reviews.with_url(THERE, url) == shared
    await store.reviews.sync(SOURCE, [])
    assert await store.reviews.with_url(HERE, url) == own_id
