"""Keeps the tallies on public messages current, without an edit a click.

The posts of a film that was quiet in its server are edited at once; after that at
most once in five seconds however many click, and always once more after the last
click; one that was lost on its way is made again. A film has one refresh under way
at a time: an edit that Discord keeps waiting would land on top of its successor and
leave an old tally on show.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from contextvars import Context
from typing import TYPE_CHECKING, TypeAlias

import aiohttp
import discord

from bot.errors import StoreError
from bot.posting import as_posted
from bot.ui import controls
from bot.ui.pages import guild_of, shown_on

if TYPE_CHECKING:
    from collections.abc import Generator

    from bot.metrics import Metrics
    from bot.ranking import Tally
    from bot.store import Store
    from bot.store.posts import Post
    from bot.ui.pages import Interaction

log = logging.getLogger(__name__)

INTERVAL = 5.0
"""Seconds from the end of one refresh of a film's posts to the next."""

LEFT_ALONE = 900.0
"""Seconds for which a post that may not be edited is left alone."""

Film: TypeAlias = tuple[int, int]
"""(guild_id, review_id)."""


class TallyRefresher:
    """Edits the posts of the films that it is told of; remembers only those refreshed within the interval."""

    def __init__(self, client: discord.Client, store: Store, metrics: Metrics) -> None:
        self._client = client
        self._store = store
        self._metrics = metrics
        self._refreshing: dict[Film, asyncio.Task[None]] = {}
        self._cooling: dict[Film, asyncio.TimerHandle] = {}
        self._refused: set[int] = set()
        self._stale: dict[Film, set[int]] = {}
        """Films with a refresh still due, and the messages on which members have voted since the last."""
        self._closed = False

    @contextlib.contextmanager
    def following(self, interaction: Interaction, review_id: int) -> Generator[None]:
        """Let a film's posts follow a change to its votes or thoughts, made and answered within the context.

        They follow whatever becomes of the answer: the change may be stored all the same.
        """
        film, clicked = (guild_of(interaction), review_id), shown_on(interaction)
        try:
            yield
        finally:
            self._touch(film, clicked)

    def touch(self, guild_id: int, review_id: int) -> None:
        """Let a film's posts follow what was changed about its vote."""
        self._touch((guild_id, review_id), set())

    async def follow(self, post: Post, shown: Tally) -> None:
        """Let a new post follow its film from the tally that it was sent with, which may be another by now."""
        try:
            await self._store.posts.add(post)
            stands = await self._store.votes.tally(post.guild_id, post.review_id)
        except StoreError as error:  # the review is there; only its tally will not follow
            log.warning("Message %d is posted and could not be remembered: %r", post.message_id, error)
        else:
            if stands != shown:  # a refresh made in the meantime did not know of this post
                self._touch((post.guild_id, post.review_id), {post.message_id})

    def _touch(self, film: Film, clicked: set[int]) -> None:
        if self._closed:
            return
        if film in self._refreshing or film in self._cooling:
            self._due(film, clicked)
        else:
            self._begin(film, clicked)

    def _due(self, film: Film, clicked: set[int]) -> None:
        self._stale.setdefault(film, set()).update(clicked)

    async def close(self) -> None:
        """Finish the refreshes under way, make those that are due, and no more."""
        while self._refreshing:
            await asyncio.gather(*self._refreshing.values())
        for timer in self._cooling.values():
            timer.cancel()
        await asyncio.gather(*(self._refresh(film, clicked) for film, clicked in self._stale.items()))
        self._closed = True

    def _begin(self, film: Film, clicked: set[int]) -> None:
        refresh = asyncio.create_task(self._refresh(film, clicked))
        self._refreshing[film] = refresh
        refresh.add_done_callback(lambda _: self._refreshed(film))

    def _refreshed(self, film: Film) -> None:
        del self._refreshing[film]
        # A timer, not a look at the clock: it also says when the film may be forgotten. In a context of its own: what
        # is refreshed next is not the work of the interaction that had this refresh made.
        timer = asyncio.get_running_loop().call_later(INTERVAL, self._cooled, film, context=Context())
        self._cooling[film] = timer

    def _cooled(self, film: Film) -> None:
        del self._cooling[film]
        if (clicked := self._stale.pop(film, None)) is not None:
            self._begin(film, clicked)

    async def _refresh(self, film: Film, clicked: set[int]) -> None:
        guild_id, review_id = film
        try:
            review = await self._store.reviews.get(review_id)
            own = None if review else await self._store.own.get(review_id)
            # Asked of the store: a forged click could name any message and any film.
            posts = await self._store.posts.showing(guild_id, review_id, clicked)
            embed, view = controls.withdrawn()
            if review is not None:
                embed, view, _ = await as_posted(self._store, guild_id, review_id, review)
        except StoreError as error:
            self._metrics.refreshed("failed")
            log.warning("The posts of review %d in guild %d could not be refreshed: %r", review_id, guild_id, error)
            self._due(film, clicked)
            return
        if review is not None or own is not None:
            await asyncio.gather(
                *(self._edit(post, embed, view) for post in posts if post.message_id not in self._refused)
            )

    async def _edit(self, post: Post, embed: discord.Embed, view: discord.ui.View) -> None:
        channel = self._client.get_partial_messageable(post.channel_id, guild_id=post.guild_id)
        try:
            await channel.get_partial_message(post.message_id).edit(embed=embed, view=view)
            self._metrics.refreshed("ok")
        except discord.NotFound:
            self._metrics.refreshed("gone")
            await self._forget(post)
        except discord.Forbidden:
            # Discord shuts out who is refused too often: this post is left alone for a while.
            self._metrics.refreshed("forbidden")
            log.info("Message %d may not be edited", post.message_id)
            self._refused.add(post.message_id)
            asyncio.get_running_loop().call_later(LEFT_ALONE, self._refused.discard, post.message_id, context=Context())
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            self._metrics.refreshed("failed")
            log.warning("The tally on message %d could not be refreshed: %r", post.message_id, error)
            # What Discord refuses, as in a locked thread, it would refuse again.
            if isinstance(error, discord.DiscordServerError) or not isinstance(error, discord.HTTPException):
                self._due((post.guild_id, post.review_id), {post.message_id})

    async def _forget(self, post: Post) -> None:
        try:
            await self._store.posts.forget(post.message_id)
        except StoreError as error:
            log.warning("The deleted message %d could not be forgotten: %r", post.message_id, error)
