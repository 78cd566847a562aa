"""Follows the feeds of the servers of this process: looks at them, and posts what is new, a few at a time."""

from __future__ import annotations

import asyncio
import logging
import random
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from bot import poster
from bot.errors import FeedGoneError, ImportMissingError, InputError, SourceError, StoreError
from bot.feeds import planning
from bot.feeds.looking import READER, Looker
from bot.feeds.taking import Taken, Taker
from bot.gate import now
from bot.poster import Outcome
from bot.store.feeds import Feed
from bot.ui import feeds as said
from bot.worker import Worker

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

    import discord

    from bot.addresses import Listed
    from bot.client import SheepBot
    from bot.findings import Finding

log = logging.getLogger(__name__)

MAX_FEEDS = 10
"""So many feeds a server can follow."""
EACH = 3
"""The most posts of a feed in one tick."""
TICK = 30.0
"""Seconds until more of what waits is posted, and the least between two rounds."""
LATER = 300.0
"""The most between two rounds."""
HELD = 300.0
"""Seconds until it is tried again to post where that could not be done."""
AWAY = 300.0
"""Seconds for which a feed is left that could not be seen to, as its server is not here."""
CLAIM = 600.0
"""Seconds for which a feed stays claimed by a process that was killed; seeing to one takes less."""
BATCH = 20
"""Feeds that are seen to in one round."""
LOOKS = 4
"""The most feeds that are fetched and read at a time."""


class Seen(NamedTuple):
    """What seeing to a feed came to.

    Attributes:
        feed: As it is now.
        taken: What the look found; None where there was none, or it failed.
        posted: How many reviews were posted.
    """

    feed: Feed
    taken: Taken | None
    posted: int


class Added(NamedTuple):
    """A feed that was added.

    Attributes:
        posts: How many it has, of very many the newest; ``reviews`` how many of them are reviews.
        newest: The film of the newest review.
        skipped: Where none is, why the newest post is none.
        was_followed: Whether it was there before, and only its channel is another.
    """

    title: str
    posts: int = 0
    reviews: int = 0
    newest: str = ""
    skipped: str = ""
    was_followed: bool = False


def found(guild: discord.Guild | None, channel_id: int) -> Finding:
    """Whether new reviews of a feed can be posted in a channel, or what keeps them, and who can mend it."""
    return poster.found(guild, channel_id, "New reviews", "with `/sheep feed add` and the feed's address")


class Follower:
    """Sees to feeds; each is claimed first, so that no other task or process does at the same time."""

    def __init__(self, bot: SheepBot, listed: Iterable[Listed] | None) -> None:
        self._bot = bot
        self._store = bot.store
        self._listed = tuple(listed or ())
        self._poster = poster.Poster(bot)
        self._taker = Taker(bot)
        self._reader = Worker(READER)
        self._looks = asyncio.Semaphore(LOOKS)
        self._cannot_read = False

    async def round(self) -> float:
        """See to feeds that are due.

        Returns:
            In how many seconds the next round is due.

        Raises:
            StoreError: The database did not answer; the next round goes on there.
        """
        bot = self._bot
        due = await self._store.feeds.due(now(), bot.served, bot.shard_count or 1, BATCH)
        # To its end, whatever fails: one feed must not keep the others.
        for failed in await asyncio.gather(*(self.see_to(feed_id) for feed_id in due), return_exceptions=True):
            if isinstance(failed, BaseException) and not isinstance(failed, FeedGoneError):
                raise failed
        if len(due) == BATCH:
            return 0.0
        ahead = await self._store.feeds.next()
        return LATER if ahead is None else max(TICK, min(LATER, ahead - now()))

    async def close(self) -> None:
        """Have what is on its way taken down as posted, and end what reads."""
        await self._poster.close()
        await self._reader.close()

    @asynccontextmanager
    async def looker(self) -> AsyncGenerator[Looker]:
        """What looks at feeds, when it is its turn.

        Raises:
            ImportMissingError: It is not installed.
        """
        from bot.fetching import Fetcher  # noqa: PLC0415 - where no server follows a feed, nothing is fetched

        async with self._looks, Fetcher(self._listed) as fetcher:
            yield Looker(fetcher, self._reader, now())

    async def add(self, guild_id: int, channel_id: int, typed: str, actor_id: int) -> Added:
        """Follow a feed, or have one that is followed post in another channel; what it has now is not posted.

        Raises:
            ImportMissingError: What reads feeds is not installed.
            InputError: The server follows as many as it can.
            SourceError: There is no feed at that address, or it cannot be read.
        """
        async with self.looker() as looker:
            url, look = await looker.find(typed)
            feeds = await self._store.feeds.of(guild_id)  # now: one may have been removed while the site was asked
            there = next((feed for feed in feeds if feed.url == url), None)
            if not there and len(feeds) >= MAX_FEEDS:
                raise InputError(f"A server follows up to {MAX_FEEDS} feeds. `/sheep feed remove` makes room.")
            readings = [] if there else await looker.read([look.posts[item.guid] for item in look.items])
        moment = int(now())
        feed = Feed(
            *(0, guild_id, channel_id, url, look.title, look.etag, look.modified),
            added_at=moment,
            checked_at=moment,
            look_at=int(moment + planning.pause(0, random.random())),  # noqa: S311 - no secret
        )
        items = [] if there else await self._taker.first(guild_id, look)
        await self._store.feeds.add(feed, actor_id, items, said.in_log(url))
        reviews = [reading.review for reading in readings if reading.review]
        return Added(
            look.title,
            len(look.items),
            len(reviews),
            reviews[0].name if reviews else "",
            (readings[0].skipped or "") if readings and not reviews else "",
            was_followed=there is not None,
        )

    async def see_to(self, feed_id: int, *, look: bool = False) -> Seen | None:
        """Look at a feed where it is time to, and post what waits; None where another does already.

        Args:
            look: Whether it is time to in any case.

        Raises:
            FeedGoneError: It was removed meanwhile.
            StoreError: The database did not answer; what was done until then is.
        """
        feed = await self._store.feeds.claim(feed_id, now(), now() + CLAIM)
        if feed is None:
            return None
        due_at = now() + AWAY
        try:
            guild = self._bot.get_guild(feed.guild_id)
            if guild is None or guild.unavailable:
                return None
            taken = None
            if look or feed.look_at <= now():
                feed, taken = await self._look(feed)
            posted, due_at = await self._post(feed)
        finally:
            with suppress(StoreError):  # the claim ends by itself
                await self._store.feeds.release(feed, due_at)
        return Seen(feed, taken, posted)

    async def _look(self, feed: Feed) -> tuple[Feed, Taken | None]:
        taken = None
        try:
            async with self.looker() as looker:
                look = await looker.look(feed.url, feed.etag, feed.modified)
                taken = await self._taker.take(feed, look, looker) if look else Taken()
        except ImportMissingError as error:
            feed = feed._replace(look_at=int(now() + planning.INTERVAL), trouble=error.told)
            if not self._cannot_read:
                log.warning("No feed can be followed: %s", error.told)
            self._cannot_read = True
        except SourceError as error:
            feed = await self._failed(feed, error.told)
        else:
            if look:
                feed = feed._replace(title=look.title, etag=look.etag, modified=look.modified)
            next_look = int(now() + planning.pause(0, random.random()))  # noqa: S311 - no secret
            feed = feed._replace(checked_at=int(now()), look_at=next_look, failures=0, trouble=None, told=False)
        await self._store.feeds.looked(feed)
        return feed, taken

    async def _failed(self, feed: Feed, trouble: str) -> Feed:
        failures = feed.failures + 1
        look_at = int(now() + planning.pause(failures, random.random()))  # noqa: S311 - no secret
        feed = feed._replace(failures=failures, look_at=look_at, trouble=trouble)
        log.info("Feed %d of guild %d failed %d times in a row: %s", feed.id, feed.guild_id, failures, trouble)
        if planning.is_dead(feed, now()) and not feed.told and self._can_post(feed):
            log.warning("Feed %d of guild %d is dead, and the server is told: %s", feed.id, feed.guild_id, trouble)
            channel = self._bot.get_partial_messageable(feed.channel_id, guild_id=feed.guild_id)
            try:
                await channel.send(embed=said.dead(feed))
            except poster.ERRORS as error:
                log.warning("Guild %d could not be told of its feed %d: %r", feed.guild_id, feed.id, error)
                return feed._replace(told=not self._poster.is_held_up(feed.channel_id, error))
            return feed._replace(told=True)
        return feed

    async def _post(self, feed: Feed) -> tuple[int, float]:
        """Post what waits; how many were, and when there is something to do again."""
        posted = 0
        waiting = await self._store.feeds.waiting(feed.id, EACH)
        if waiting and not self._can_post(feed):
            return posted, min(feed.look_at, now() + HELD)
        for guid, review_id in waiting:
            take_down = partial(self._store.feeds.posted, feed.id, guid)
            there = await self._store.posts.showing(feed.guild_id, review_id)
            if any(post.channel_id == feed.channel_id for post in there):
                await take_down()
                continue
            outcome = await self._poster.post(feed.guild_id, feed.channel_id, review_id, take_down)
            if outcome is Outcome.HELD:
                return posted, min(feed.look_at, now() + HELD)
            posted += outcome is Outcome.POSTED
        return posted, min(feed.look_at, now() + TICK) if len(waiting) == EACH else feed.look_at

    def _can_post(self, feed: Feed) -> bool:
        finding = found(self._bot.get_guild(feed.guild_id), feed.channel_id)
        what = f"New reviews of feed {feed.id} in guild {feed.guild_id}"
        return self._poster.can_post(feed.channel_id, finding, what)
