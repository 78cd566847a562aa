"""Tells servers of new reviews, in the channel that they chose, each with its sheep buttons."""

from __future__ import annotations

import asyncio
import logging
from contextvars import Context
from typing import TYPE_CHECKING

import aiohttp
import discord

from bot.findings import Finding, Mark
from bot.gate import now
from bot.store.posts import Post
from bot.ui import controls

if TYPE_CHECKING:
    from bot.client import SheepBot
    from bot.store.announcements import Due

log = logging.getLogger(__name__)

EACH = 3
"""The most reviews that a server is told of in one round."""
SOON = 30.0
"""Seconds to the next round where there is more to tell, or there are servers that could not be told."""
LATER = 300.0
"""The same where all have been told."""
AT_ONCE = 5
"""The most messages that are on their way at a time."""
LEFT_ALONE = 900.0
"""Seconds for which a server is left alone whose channel refused a message, whatever its permissions say."""
DRAIN = 2.0
"""Seconds that messages on their way have to be taken down as sent when the bot stops."""
NEEDED = {"view_channel": "View Channel", "send_messages": "Send Messages", "embed_links": "Embed Links"}


def found(guild: discord.Guild | None, channel_id: int) -> Finding:
    """Whether new reviews can be announced in a channel of a server, or what keeps them, and who can mend it."""
    channel = guild and guild.get_channel(channel_id)
    if guild is None or not isinstance(channel, discord.TextChannel):
        fix = "Choose another one in `/sheep settings`. Who: anyone with Manage Server."
        return Finding("New reviews", Mark.BAD, "held, as their channel is gone", fix)
    allowed = channel.permissions_for(guild.me)
    if lacking := [name for flag, name in NEEDED.items() if not getattr(allowed, flag)]:
        said = f"held, as I lack {' and '.join(lacking)} in {channel.mention}"
        fix = "In Edit Channel > Permissions there, allow it to my role. Who: anyone with Manage Permissions in it."
        return Finding("New reviews", Mark.BAD, said, fix)
    return Finding("New reviews", Mark.GOOD, f"announced in {channel.mention}")


class Announcer:
    """Posts what came onto the shelf since a server was told last.

    A message is taken down as sent right after it was: a crash in between has that one review posted twice, and none
    is lost. What cannot be posted is held until it can.
    """

    def __init__(self, bot: SheepBot) -> None:
        self._bot = bot
        self._store = bot.store
        self._held: set[int] = set()
        self._refused: set[int] = set()
        self._on_their_way: set[asyncio.Task[bool]] = set()

    async def round(self) -> float:
        """Tell all servers of this process that are behind the shelf.

        Returns:
            In how many seconds the next round is due.

        Raises:
            StoreError: The database did not answer; the next round goes on there.
        """
        behind = await self._store.announcements.due()
        due = [one for one in behind if self._can_tell(one)]
        reviews = {
            after: await self._store.announcements.after(after, EACH) for after in {one.announced for one in due}
        }
        slots = asyncio.Semaphore(AT_ONCE)
        tellings = (self._tell(one, reviews[one.announced], slots) for one in due)
        # To its end, whatever fails: a round that went on behind the next would tell some servers twice.
        for failed in await asyncio.gather(*tellings, return_exceptions=True):
            if failed:
                raise failed
        return SOON if behind else LATER

    async def close(self) -> None:
        """Have what is on its way taken down as sent."""
        if self._on_their_way:
            await asyncio.wait(self._on_their_way, timeout=DRAIN)

    def _can_tell(self, due: Due) -> bool:
        guild = self._bot.get_guild(due.guild_id)
        if guild is None or guild.unavailable or guild.id in self._refused:
            return False
        finding = found(guild, due.channel_id)
        if finding.mark is Mark.GOOD:
            self._held.discard(guild.id)
        elif guild.id not in self._held:
            self._held.add(guild.id)
            log.info("New reviews in guild %d are %s", guild.id, finding.said)
        return finding.mark is Mark.GOOD

    async def _tell(self, due: Due, reviews: list[int], slots: asyncio.Semaphore) -> None:
        for review_id in reviews:
            async with slots:
                posting = asyncio.create_task(self._post(due, review_id))
                self._on_their_way.add(posting)
                posting.add_done_callback(self._on_their_way.discard)
                if not await asyncio.shield(posting):
                    return

    async def _post(self, due: Due, review_id: int) -> bool:
        """Post one review; whether the next may follow."""
        sent = None
        if film := await self._store.reviews.get(review_id):
            tally = await self._store.votes.tally(due.guild_id, review_id)
            poll = (await self._store.guilds.rules(due.guild_id)).poll(review_id, now(), voted=False)
            embed, view = controls.posted(review_id, film, tally, poll)
            channel = self._bot.get_partial_messageable(due.channel_id, guild_id=due.guild_id)
            try:
                message = await channel.send(embed=embed, view=view)
                sent = Post(due.guild_id, review_id, due.channel_id, message.id), tally
            except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
                if self._is_held_up(due.guild_id, review_id, error):
                    return False
        await self._store.announcements.announced(due.guild_id, review_id)
        if sent:
            await self._bot.refresher.follow(*sent)
        return True

    def _is_held_up(self, guild_id: int, review_id: int, error: Exception) -> bool:
        """Whether a review that could not be posted is to be tried again, rather than passed over."""
        log.warning("Review %d could not be announced in guild %d: %r", review_id, guild_id, error)
        if isinstance(error, discord.Forbidden | discord.NotFound):
            self._refused.add(guild_id)
            asyncio.get_running_loop().call_later(LEFT_ALONE, self._refused.discard, guild_id, context=Context())
            return True
        # What else Discord refuses it would refuse again, and hold up those that come after.
        return isinstance(error, discord.DiscordServerError) or not isinstance(error, discord.HTTPException)
