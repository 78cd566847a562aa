"""``/help``: what the bot can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands
from discord.ext import commands

from bot.ui import embeds

if TYPE_CHECKING:
    from bot.client import SheepBot
    from bot.ui.pages import Interaction


class Help(commands.Cog):
    """Tells members of the commands that there are."""

    def __init__(self, bot: SheepBot) -> None:
        self.bot = bot

    @app_commands.command()
    @app_commands.guild_only()
    async def help(self, interaction: Interaction) -> None:
        """See what Sheepbot can do."""
        listed = [
            (command.name, command.description)
            for command in self.bot.tree.get_commands()
            if isinstance(command, app_commands.Command)
        ]
        await interaction.response.send_message(embed=embeds.help_page(sorted(listed)), ephemeral=True)


async def setup(bot: SheepBot) -> None:
    """Load this topic."""
    await bot.add_cog(Help(bot))
