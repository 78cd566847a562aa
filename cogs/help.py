"""``/help``: what the bot can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
            (command.qualified_name, command.description)
            for command in self.bot.tree.walk_commands()
            if isinstance(command, app_commands.Command) and _is_for(command, interaction)
        ]
        groups = [group for group in self.bot.tree.get_commands() if isinstance(group, app_commands.Group)]
        theirs = [
            (command.qualified_name, command.description)
            for group in groups
            if group.default_permissions is None or group.default_permissions <= interaction.permissions
            for command in group.commands
        ]
        embed = embeds.help_page(sorted(listed), sorted(theirs))
        await interaction.response.send_message(embed=embed, ephemeral=True)


def _is_for(command: app_commands.Command[Any, ..., Any], interaction: Interaction) -> bool:
    """Whether a command is for the member who asks: those of a group may need permissions."""
    needed = command.root_parent.default_permissions if command.root_parent else None
    return needed is None or interaction.permissions >= needed


async def setup(bot: SheepBot) -> None:
    """Load this topic."""
    await bot.add_cog(Help(bot))
