"""The command tree: held to the client's deadline and error path, and told to Discord where it changed."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import TYPE_CHECKING, Any

from discord import app_commands

from bot.errors import SheepbotError
from bot.store.meta import COMMANDS_HASH

if TYPE_CHECKING:
    from bot.client import SheepBot
    from bot.ui.pages import Interaction

log = logging.getLogger(__name__)

SYNC = 30.0
"""Seconds that one process has to tell Discord of the commands, until another one tries."""


class CommandTree(app_commands.CommandTree["SheepBot"]):
    """The commands; made by the client."""

    def add_command(self, command: Any, /, **where: Any) -> None:
        """Add a command; the commands of a group that another topic has brought already join that group."""
        there = self.get_command(command.name)
        if isinstance(command, app_commands.Group) and isinstance(there, app_commands.Group):
            for child in command.commands:
                there.add_command(child)
        else:
            super().add_command(command, **where)

    async def _call(self, interaction: Interaction) -> None:
        await self.client.answer(interaction, super()._call)

    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError, /) -> None:
        """Bring what a command raised to the client's one error path."""
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        if isinstance(cause, SheepbotError):
            raise cause
        await self.client.report(interaction, cause)


async def tell_discord(bot: SheepBot) -> None:
    """Tell Discord of the commands only when they are not those that it was told last."""
    if bot.store.shared:
        async with bot.store.leases.held("commands", SYNC):
            await _tell_discord(bot)
    else:
        await _tell_discord(bot)


async def _tell_discord(bot: SheepBot) -> None:
    payload = [command.to_dict(bot.tree) for command in bot.tree.get_commands()]
    told = json.dumps([bot.application_id, payload], sort_keys=True, default=str)
    current = hashlib.sha256(told.encode()).hexdigest()
    if await bot.store.meta.get(COMMANDS_HASH) == current:
        log.info("Commands are as Discord has them")
        return
    synced = await bot.tree.sync()
    await bot.store.meta.set(COMMANDS_HASH, current)
    log.info("Synced %d commands", len(synced))
