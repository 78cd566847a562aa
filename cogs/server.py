"""``/sheep diagnose``: what keeps the bot from working in a channel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from bot import announcements, gate
from bot.errors import StoreError
from bot.feeds import following
from bot.findings import Finding, Mark
from bot.ui import feeds as said_of_feeds
from bot.ui.diagnosis import Surroundings, diagnosis
from bot.ui.guards import ForManagers
from bot.ui.pages import guild_of

if TYPE_CHECKING:
    from bot.client import SheepBot
    from bot.ui.pages import Interaction


class Server(commands.Cog):
    """Helps those who manage a server."""

    sheep = ForManagers()

    def __init__(self, bot: SheepBot) -> None:
        self.bot = bot

    @sheep.command()
    async def diagnose(self, interaction: Interaction) -> None:
        """See what keeps Sheepbot from working in this channel, and who can mend it."""
        guild = self.bot.get_guild(guild_of(interaction))
        channel = interaction.channel
        thread = channel if isinstance(channel, discord.Thread) else None
        me = guild and guild.me
        latency = dict(self.bot.latencies).get(guild.shard_id) if guild else None
        said = diagnosis(
            Surroundings(
                channel_id=interaction.channel_id or 0,
                here=interaction.app_permissions,
                server=me.guild_permissions if me else None,
                everyone=_everyone(guild, thread.parent if thread else channel),
                in_thread=thread is not None,
                shut_out=thread is not None and thread.is_private() and thread.me is None,
                latency=latency if latency is not None and math.isfinite(latency) else None,
                answers=await self.bot.store.answers(),
                reviews=self.bot.catalogue.count(guild_of(interaction)),
                decided=await self._decided(interaction, guild),
                invite=self.bot.invite_url(),
            )
        )
        await interaction.response.send_message(said, ephemeral=True)

    async def _decided(self, interaction: Interaction, guild: discord.Guild | None) -> list[Finding]:
        """What the server has decided and what has become of it since; nothing where that is not known just now."""
        try:
            settings = (await gate.rules_of(self.bot.store, interaction)).settings
            feeds = await self.bot.store.feeds.of(guild_of(interaction))
        except StoreError:  # that the database does not answer stands in a line of its own
            return []
        findings = [announcements.found(guild, settings.channel_id)] if settings.channel_id is not None else []
        if guild and settings.voter_role is not None and guild.get_role(settings.voter_role) is None:
            fix = "Choose another, or none, in `/sheep settings`. Who: anyone with Manage Server."
            findings.append(Finding("Voting", Mark.BAD, "nobody can, as the role that members need was deleted", fix))
        if feeds:
            channels = [following.found(guild, feed.channel_id) for feed in feeds]
            findings.append(said_of_feeds.diagnosed(feeds, channels))
        return findings


def _everyone(guild: discord.Guild | None, channel: object) -> discord.Permissions | None:
    """What members without a role may do in a channel."""
    if guild is None or not isinstance(channel, discord.abc.GuildChannel):
        return None
    return channel.permissions_for(guild.default_role)


async def setup(bot: SheepBot) -> None:
    """Load this topic."""
    await bot.add_cog(Server(bot))
