"""Posts reviews by itself, each with its sheep buttons, where a server wants them."""

from __future__ import annotations

import asyncio
import logging
from contextvars import Context
from enum import Enum
from typing import TYPE_CHECKING

import aiohttp
import discord

from bot.findings import Finding, Mark
from bot.posting import as_posted
from bot.store.posts import Post

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.client import SheepBot

log = logging.getLogger(__name__)

AT_ONCE = 5
"""The most messages that are on their way at a time."""
LEFT_ALONE = 900.0
"""Seconds for which a channel is left alone that refused a message, whatever its permissions say."""
DRAIN = 2.0
"""Seconds that messages on their way have to be taken down as sent when the bot stops."""
NEEDED = {"view_channel": "View Channel", "send_messages": "Send Messages", "embed_links": "Embed Links"}
ERRORS = (discord.HTTPException, aiohttp.ClientError, OSError)
"""What sending a message can come to."""


class Outcome(Enum):
    """What became of a review that was to be posted: it was, it is passed over, or it and all others have to wait."""

    POSTED = "posted"
    PASSED = "passed over"
    HELD = "held"


def found(guild: discord.Guild | None, channel_id: int, about: str, elsewhere: str) -> Finding:
    """Whether the bot can post in a channel of a server, or what keeps it, and who can mend it.

    Args:
        about: What it would post.
        elsewhere: How another channel is chosen.
    """
    channel = guild and guild.get_channel(channel_id)
    if guild is None or not isinstance(channel, discord.TextChannel):
        fix = f"Choose another one {elsewhere}. Who: anyone with Manage Server."
        return Finding(about, Mark.BAD, "held, as their channel is gone", fix)
    allowed = channel.permissions_for(guild.me)
    if lacking := [name for flag, name in NEEDED.items() if not getattr(allowed, flag)]:
        said = f"held, as I lack {' and '.join(lacking)} in {channel.mention}"
        fix = "In Edit Channel > Permissions there, allow it to my role. Who: anyone with Manage Permissions in it."
        return Finding(about, Mark.BAD, said, fix)
    return Finding(about, Mark.GOOD, f"announced in {channel.mention}")


class Poster:
    """Posts one review after the other.

    A message is taken down as sent right after it was: a crash in between has that one review posted twice, and none
    is lost. What cannot be posted is held until it can.
    """

    def __init__(self, bot: SheepBot) -> None:
        self._bot = bot
        self._store = bot.store
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._refused: set[int] = set()
        self._held: set[str] = set()
        self._on_their_way: set[asyncio.Task[Outcome]] = set()

    def can_post(self, channel_id: int, finding: Finding, what: str) -> bool:
        """Whether a channel is posted in just now; the log is told when that begins to be held up.

        Args:
            finding: What :func:`found` says of the channel.
            what: All that is posted there for one reason, and then held together.
        """
        if channel_id in self._refused:
            return False
        if finding.mark is Mark.GOOD:
            self._held.discard(what)
        elif what not in self._held:
            self._held.add(what)
            log.info("%s are %s", what, finding.said)
        return finding.mark is Mark.GOOD

    async def post(
        self, guild_id: int, channel_id: int, review_id: int, take_down: Callable[[], Awaitable[None]]
    ) -> Outcome:
        """Post a review; one that is off the shelf, or that Discord does not take, is passed over.

        Args:
            take_down: Takes down that it was posted, or is not to be.

        Raises:
            StoreError: The database did not answer.
        """
        async with self._slots:
            posting = asyncio.create_task(self._post(guild_id, channel_id, review_id, take_down))
            self._on_their_way.add(posting)
            posting.add_done_callback(self._on_their_way.discard)
            return await asyncio.shield(posting)

    async def close(self) -> None:
        """Have what is on its way taken down as sent."""
        if self._on_their_way:
            await asyncio.wait(self._on_their_way, timeout=DRAIN)

    async def _post(
        self, guild_id: int, channel_id: int, review_id: int, take_down: Callable[[], Awaitable[None]]
    ) -> Outcome:
        sent = None
        if film := await self._store.reviews.get(review_id):
            embed, view, tally = await as_posted(self._store, guild_id, review_id, film)
            channel = self._bot.get_partial_messageable(channel_id, guild_id=guild_id)
            try:
                message = await channel.send(embed=embed, view=view)
                sent = Post(guild_id, review_id, channel_id, message.id), tally
            except ERRORS as error:
                log.warning("Review %d could not be posted in guild %d: %r", review_id, guild_id, error)
                if self.is_held_up(channel_id, error):
                    return Outcome.HELD
        await take_down()
        if not sent:
            return Outcome.PASSED
        await self._bot.refresher.follow(*sent)
        return Outcome.POSTED

    def is_held_up(self, channel_id: int, error: Exception) -> bool:
        """Whether what could not be posted is to be tried again, rather than passed over."""
        if isinstance(error, discord.Forbidden | discord.NotFound):
            self._refused.add(channel_id)
            asyncio.get_running_loop().call_later(LEFT_ALONE, self._refused.discard, channel_id, context=Context())
            return True
        # What else Discord refuses it would refuse again, and hold up those that come after.
        return isinstance(error, discord.DiscordServerError) or not isinstance(error, discord.HTTPException)
