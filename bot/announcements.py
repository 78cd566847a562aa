"""Tells servers of new reviews, in the channel that they chose, each with its sheep buttons."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from bot import poster
from bot.poster import Outcome

if TYPE_CHECKING:
    import discord

    from bot.client import SheepBot
    from bot.findings import Finding
    from bot.store.announcements import Due

EACH = 3
"""The most reviews that a server is told of in one round."""
SOON = 30.0
"""Seconds to the next round where there is more to tell, or there are servers that could not be told."""
LATER = 300.0
"""The same where all have been told."""


def found(guild: discord.Guild | None, channel_id: int) -> Finding:
    """Whether new reviews can be announced in a channel of a server, or what keeps them, and who can mend it."""
    return poster.found(guild, channel_id, "New reviews", "in `/sheep settings`")


class Announcer:
    """Posts what came onto the shelf since a server was told last."""

    def __init__(self, bot: SheepBot) -> None:
        self._bot = bot
        self._store = bot.store
        self._poster = poster.Poster(bot)

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
        tellings = (self._tell(one, reviews[one.announced]) for one in due)
        # To its end, whatever fails: a round that went on behind the next would tell some servers twice.
        for failed in await asyncio.gather(*tellings, return_exceptions=True):
            if failed:
                raise failed
        return SOON if behind else LATER

    async def close(self) -> None:
        """Have what is on its way taken down as sent."""
        await self._poster.close()

    def _can_tell(self, due: Due) -> bool:
        guild = self._bot.get_guild(due.guild_id)
        if guild is None or guild.unavailable:
            return False
        finding = found(guild, due.channel_id)
        return self._poster.can_post(due.channel_id, finding, f"New reviews in guild {guild.id}")

    async def _tell(self, due: Due, reviews: list[int]) -> None:
        for review_id in reviews:
            taken_down = partial(self._store.announcements.announced, due.guild_id, review_id)
            if await self._poster.post(due.guild_id, due.channel_id, review_id, taken_down) is Outcome.HELD:
                return
