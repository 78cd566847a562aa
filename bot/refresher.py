"""Keeps the tallies on public messages current, without an edit a click.

A message that was quiet is edited at once; after that it is edited at most once
in five seconds however many click, and always once more after the last click.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import discord

from bot.errors import StoreError
from bot.ui import controls, embeds
from bot.ui.pages import is_private

if TYPE_CHECKING:
    from bot.store import Store

log = logging.getLogger(__name__)

INTERVAL = 5.0
"""Seconds from one edit of a message to the next."""


class TallyRefresher:
    """Edits the posts that it is told of; remembers only those edited within the interval."""

    def __init__(self, client: discord.Client, store: Store) -> None:
        self._client = client
        self._store = store
        self._cooling: dict[int, asyncio.TimerHandle] = {}
        self._stale: set[int] = set()
        self._edits: set[asyncio.Task[None]] = set()

    async def follow(self, interaction: discord.Interaction[Any], review_id: int) -> None:
        """Refresh the post on which a vote or thought was given, or the server's latest post of the film."""
        if interaction.message is not None and not is_private(interaction):
            self.touch(interaction.message.id)
        elif post := await self._store.posts.latest(interaction.guild_id or 0, review_id):
            self.touch(post.message_id)

    def touch(self, message_id: int) -> None:
        """Say that what a post shows may have changed; the edit follows by itself."""
        if message_id in self._cooling:
            self._stale.add(message_id)
        else:
            self._begin(message_id)

    async def close(self) -> None:
        """Make the edits that are due now, and no more."""
        for timer in self._cooling.values():
            timer.cancel()
        for message_id in self._stale:
            self._edits.add(asyncio.create_task(self._edit(message_id)))
        self._stale.clear()
        await asyncio.gather(*self._edits)

    def _begin(self, message_id: int) -> None:
        # A timer, not a look at the clock: it also says when the message may be forgotten.
        timer = asyncio.get_running_loop().call_later(INTERVAL, self._cooled, message_id)
        self._cooling[message_id] = timer
        edit = asyncio.create_task(self._edit(message_id))
        self._edits.add(edit)
        edit.add_done_callback(self._edits.discard)

    def _cooled(self, message_id: int) -> None:
        del self._cooling[message_id]
        if message_id in self._stale:
            self._stale.discard(message_id)
            self._begin(message_id)

    async def _edit(self, message_id: int) -> None:
        try:
            # Read back, not taken from the click: a forged one could name any message and any film.
            post = await self._store.posts.get(message_id)
            film = await self._store.reviews.get(post.review_id) if post else None
            if post is None or film is None:
                return
            tally = await self._store.votes.tally(post.guild_id, post.review_id)
            channel = self._client.get_partial_messageable(post.channel_id, guild_id=post.guild_id)
            await channel.get_partial_message(message_id).edit(
                embed=embeds.review(film, tally), view=controls.review(post.review_id, film, tally.thoughts)
            )
        except discord.NotFound:
            await self._store.posts.forget(message_id)
        except discord.Forbidden:
            log.info("Message %d cannot be edited any more", message_id)
        except (discord.HTTPException, StoreError) as error:
            log.warning("The tally on message %d could not be refreshed: %r", message_id, error)
