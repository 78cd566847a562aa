"""Takes what a feed has into the server's shelf: its own reviews, and which posts they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from bot.feeds import planning
from bot.feeds.planning import Turn
from bot.gate import now
from bot.rules import DAY
from bot.store.feeds import State, putting

if TYPE_CHECKING:
    from bot.client import SheepBot
    from bot.feeds.looking import Look, Looker
    from bot.reviews.model import Review
    from bot.store.feeds import Feed, Item
    from bot.store.own import Own

PAGES = 3
"""The most pages that a look asks for, of posts that the feed should have and has not."""
ASKED_AGAIN = 1.0 * DAY
"""Seconds until a page is asked for again that was still there."""


class Taken(NamedTuple):
    """What a look brought: reviews that are new, say something else, or are gone from their site."""

    new: int = 0
    changed: int = 0
    gone: int = 0


class Taker:
    """Brings the reviews of feeds onto servers' shelves; by one task a feed at a time."""

    def __init__(self, bot: SheepBot) -> None:
        self._bot = bot
        self._store = bot.store

    async def first(self, guild_id: int, look: Look) -> list[Item]:
        """The posts that a feed has when it is added, to be recorded and not posted.

        Those that came by it before it was removed are the reviews that they were.
        """
        items: list[Item] = []
        for item in look.items:
            own = await self._store.own.with_guid(_source(guild_id), item.guid)
            there = own is not None and not own.retired
            items.append(item._replace(state=State.POSTED, review_id=own.review_id) if own and there else item)
        return items

    async def take(self, feed: Feed, look: Look, looker: Looker) -> Taken:
        """Take what is new, what changed and what is gone.

        Raises:
            FeedGoneError: The feed was removed meanwhile, and nothing more is taken.
            StoreError: The database did not answer; what was taken until then is.
        """
        seen = {item.guid: item for item in look.items}
        known = await self._store.feeds.items(feed.id, seen)
        plan = planning.plan(known, look.items)
        readings = await looker.read([look.posts[guid] for guid in plan.to_read])
        turns: list[Turn] = []
        for guid, reading in zip(plan.to_read, readings, strict=True):
            before, review = known.get(guid), reading.review
            is_review, since = review is not None, plan.since
            turn = planning.turn(before, seen[guid], is_review=is_review, added_at=feed.added_at, since=since)
            turns.append(await self._take(feed, before, seen[guid], review, turn))
        if turns:
            await self._store.feeds.forget_old(feed.id)
        gone = await self._look_for_missing(feed, look, looker, plan.oldest) if look.items else 0
        new = sum(one in {Turn.NEW, Turn.BACK} for one in turns)
        return Taken(new, turns.count(Turn.CHANGED), gone)

    async def _take(self, feed: Feed, before: Item | None, seen: Item, review: Review | None, turn: Turn) -> Turn:
        item = (before or seen)._replace(hash=seen.hash)
        own = None
        if review is not None and turn is not Turn.NOTED:
            own = await self._store.own.with_guid(_source(feed.guild_id), seen.guid)
            # What moderators took off the shelf stays off it.
            if own and own.retired and turn is not Turn.BACK:
                item, turn = item._replace(review_id=own.review_id), Turn.NOTED
        if review is None or turn is Turn.NOTED:
            await self._store.feeds.put(feed.id, item)
            return Turn.NOTED
        if turn is not Turn.CHANGED:
            item = item._replace(state=State.WAITING)
        if own:
            return turn if await self._rewrite(feed, own, review, item) else Turn.NOTED
        if turn is Turn.NEW:
            await self._add(feed, review, item)
            return turn
        await self._store.feeds.put(feed.id, item)  # a review of everyone's is not the feed's to change
        return Turn.NOTED if turn is Turn.CHANGED else turn

    async def _add(self, feed: Feed, review: Review, item: Item) -> None:
        """Put a review on the server's shelf, unless it is there, or on everyone's, under its web address."""
        there = review.url and await self._store.reviews.with_url(feed.guild_id, review.url)
        if there:
            await self._store.feeds.put(feed.id, item._replace(review_id=there))
            return
        source = _source(feed.guild_id)
        also = [putting(feed.id, item, source)]
        guid = item.guid
        review_id = await self._store.own.add(
            feed.guild_id, review, source=source, guid=guid, feed_id=feed.id, also=also
        )
        await self._bot.reshelve([(feed.guild_id, review_id)])

    async def _rewrite(self, feed: Feed, own: Own, review: Review, item: Item) -> bool:
        """Have a review say what its post says now; whether there was anything to do."""
        item = item._replace(review_id=own.review_id)
        same = replace(review, slug=own.review.slug) == own.review and not own.retired
        if same:
            await self._store.feeds.put(feed.id, item)
            return item.state is State.WAITING
        await self._store.own.change(own, review, also=[putting(feed.id, item)])
        await self._bot.reshelve([(feed.guild_id, own.review_id)])
        return True

    async def _look_for_missing(self, feed: Feed, look: Look, looker: Looker, oldest: int) -> int:
        """Retire the reviews of posts that were deleted.

        A feed has only its newest posts. So one counts as deleted only where the feed has older ones, and its page says
        that it is gone.
        """
        gone = 0
        before = now() - ASKED_AGAIN
        for item in await self._store.feeds.missing(feed.id, oldest, look.posts, before, PAGES):
            own = await self._store.own.with_guid(_source(feed.guild_id), item.guid)
            review = own.review if own else await self._store.reviews.get(item.review_id or 0)
            if review is None or not review.url or not await looker.is_gone(review.url):
                await self._store.feeds.asked(feed.id, item.guid, now())
                continue
            gone += 1
            retired = item._replace(state=State.RETIRED)
            if own is None:
                await self._store.feeds.put(feed.id, retired)
            elif own.retired:  # by moderators, and so it stays when the post comes back
                await self._store.feeds.put(feed.id, item._replace(state=State.KNOWN))
            else:
                await self._store.own.retire(own, also=[putting(feed.id, retired)])
                await self._bot.reshelve([(feed.guild_id, own.review_id)])
        return gone


def _source(guild_id: int) -> str:
    return f"feed:{guild_id}"
