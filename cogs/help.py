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
        listed: list[tuple[str, str]] = []
        theirs: list[tuple[str, str]] = []
        for command in self.bot.tree.walk_commands():
            needed = (command.root_parent or command).default_permissions
            if isinstance(command, app_commands.Command) and (needed is None or needed <= interaction.permissions):
                (listed if needed is None else theirs).append((command.qualified_name, command.description))
        embed = embeds.help_page(sorted(listed, key=_order), sorted(theirs, key=_order))
        await interaction.response.send_message(embed=embed, ephemeral=True)


def _order(listed: tuple[str, str]) -> tuple[bool, str]:
    """By name; what is done with films comes before the commands that stand in a group."""
    return " " in listed[0], listed[0]


async def setup(bot: SheepBot) -> None:
    """Load this topic."""
    await bot.add_cog(Help(bot))
