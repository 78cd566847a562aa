"""``/sheep feed``: the sites whose new reviews a server has posted by themselves."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.background import repeatedly
from bot.errors import InputError, SourceError
from bot.feeds.following import Follower, found
from bot.findings import Mark
from bot.store.feeds import MAX_URL
from bot.ui import feeds as said
from bot.ui import text
from bot.ui.controls import MAX_OPTIONS
from bot.ui.guards import FeedsForManagers, ForManagers
from bot.ui.pages import guild_of

if TYPE_CHECKING:
    from bot.client import SheepBot
    from bot.store.feeds import Feed
    from bot.ui.pages import Interaction

TOLD = 400


class Feeds(commands.Cog):
    """Adds, lists, removes and checks a server's feeds, and follows all of them."""

    sheep = ForManagers()
    feed = FeedsForManagers(sheep)

    def __init__(self, bot: SheepBot) -> None:
        self.bot = bot
        self._follower = Follower(bot, bot.fetch_allow)
        self._adding: set[int] = set()

    async def cog_load(self) -> None:
        """Begin to follow."""
        self._following = asyncio.create_task(repeatedly(self._follower.round))

    async def cog_unload(self) -> None:
        """End that."""
        self._following.cancel()
        await self._follower.close()
        await asyncio.gather(self._following, return_exceptions=True)

    @feed.command()
    @app_commands.describe(
        url="The address of the feed, or of the site that has one", channel="Where its new reviews are posted"
    )
    async def add(self, interaction: Interaction, url: str, channel: discord.TextChannel) -> None:
        """Have the new reviews of a site posted by themselves in a channel."""
        guild_id = guild_of(interaction)
        finding = found(self.bot.get_guild(guild_id), channel.id)
        if finding.mark is not Mark.GOOD:
            raise InputError(f"New reviews there would be {finding.said}. Nothing was changed. {finding.fix}")
        if not 0 < len(url.strip()) <= MAX_URL:
            raise InputError(f"The address of a site or its feed has 1 to {MAX_URL} characters. Nothing was changed.")
        await interaction.response.defer(ephemeral=True, thinking=True)
        self.bot.take_time(interaction, self._add(interaction, url.strip(), channel.id))

    @feed.command(name="list")
    async def listed(self, interaction: Interaction) -> None:
        """See the feeds that this server follows, and how they stand."""
        guild_id = guild_of(interaction)
        feeds = await self.bot.store.feeds.of(guild_id)
        waiting = await self.bot.store.feeds.counts(guild_id)
        findings = [found(self.bot.get_guild(guild_id), feed.channel_id) for feed in feeds]
        await interaction.response.send_message(embed=said.listing(feeds, waiting, findings), ephemeral=True)

    @feed.command()
    @app_commands.describe(feed="The feed; start typing and choose")
    async def remove(self, interaction: Interaction, feed: str) -> None:
        """Follow a feed no more; its reviews stay, with their votes."""
        chosen = await self._chosen(interaction, feed)
        await self.bot.store.feeds.remove(chosen, interaction.user.id, said.in_log(chosen.url))
        await interaction.response.send_message(said.removed(chosen), ephemeral=True)

    @feed.command()
    @app_commands.describe(feed="The feed; start typing and choose")
    async def check(self, interaction: Interaction, feed: str) -> None:
        """Look at a feed now, and post what is new."""
        chosen = await self._chosen(interaction, feed)
        await interaction.response.defer(ephemeral=True, thinking=True)
        self.bot.take_time(interaction, self._check(interaction, chosen))

    @remove.autocomplete("feed")
    @check.autocomplete("feed")
    async def complete(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        """Offer the server's feeds while a manager types; discord.py asks no group whether it may."""
        if not interaction.permissions.manage_guild:
            return []
        typed = current.casefold()
        offered = ((said.label(feed), str(feed.id)) for feed in await self.bot.store.feeds.of(guild_of(interaction)))
        choices = [app_commands.Choice(name=name, value=value) for name, value in offered if typed in name.casefold()]
        return choices[:MAX_OPTIONS]

    async def _add(self, interaction: Interaction, url: str, channel_id: int) -> None:
        guild_id = guild_of(interaction)
        if guild_id in self._adding:
            raise InputError("I am still looking at the last feed. Please wait until I have said what it is.")
        self._adding.add(guild_id)
        try:
            added = await self._follower.add(guild_id, channel_id, url, interaction.user.id)
        except SourceError as error:
            reason = text.literal(error.told, TOLD)
            raise InputError(f"{reason} Nothing was changed. Please check the address, or try again later.") from None
        finally:
            self._adding.discard(guild_id)
        await interaction.followup.send(said.added(added, channel_id), ephemeral=True)

    async def _check(self, interaction: Interaction, feed: Feed) -> None:
        seen = await self._follower.see_to(feed.id, look=True)
        if seen is None:
            raise InputError("I am looking at that feed just now. Please try again in a moment.")
        waiting = (await self.bot.store.feeds.counts(feed.guild_id)).get(feed.id, 0)
        finding = found(self.bot.get_guild(feed.guild_id), feed.channel_id)
        await interaction.followup.send(said.checked(seen, waiting, finding), ephemeral=True)

    async def _chosen(self, interaction: Interaction, typed: str) -> Feed:
        """The feed that was chosen, or whose address or title was typed.

        Raises:
            InputError: This server follows no such feed.
        """
        for feed in await self.bot.store.feeds.of(guild_of(interaction)):
            if typed.strip() in {str(feed.id), feed.url, feed.title}:
                return feed
        raise InputError("This server follows no such feed. `/sheep feed list` shows those that it does.")


async def setup(bot: SheepBot) -> None:
    """Load this topic."""
    await bot.add_cog(Feeds(bot))
