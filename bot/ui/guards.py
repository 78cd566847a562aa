"""Who may use what looks after a server: asked on our side each time, whatever Discord let through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.errors import NotAllowedError
from bot.ui.pages import guild_of

if TYPE_CHECKING:
    from bot.ui.pages import Interaction
    from bot.ui.router import Handler, Kind


def must_manage(interaction: Interaction) -> int:
    """Refuse whoever may not manage the server at hand; for commands, and for every control that stands on them.

    Returns:
        The server's id.

    Raises:
        NotInServerError: There is no server.
        NotAllowedError: The member lacks the permission Manage Server.
    """
    guild_id = guild_of(interaction)
    if not interaction.permissions.manage_guild:
        raise NotAllowedError
    return guild_id


def must_moderate(interaction: Interaction) -> int:
    """Refuse whoever may neither manage messages nor the server at hand, like :func:`must_manage`.

    It must be so in the whole server: in a channel of their own members may be allowed more.

    Returns:
        The server's id.

    Raises:
        NotInServerError: There is no server.
        NotAllowedError: The member lacks the permissions Manage Messages and Manage Server.
    """
    guild_id = guild_of(interaction)
    if not moderates(interaction):
        raise NotAllowedError("That is for those who moderate this server (the permission Manage Messages).")
    return guild_id


def moderates(interaction: Interaction) -> bool:
    """Whether the member may manage messages or the server at hand, in the whole of it.

    Raises:
        NotInServerError: There is no server.
    """
    guild, member = interaction.client.get_guild(guild_of(interaction)), interaction.user
    allowed = [interaction.permissions]
    if guild is not None and isinstance(member, discord.Member):  # else their roles are not known
        allowed.append(member.guild_permissions)
    return all(each.manage_messages or each.manage_guild for each in allowed)


def managed(handler: Handler[Kind]) -> Handler[Kind]:
    """The handler of a control, for those only who may manage the server: anyone can forge its custom_id."""

    async def guarded(interaction: Interaction, control: Kind) -> None:
        must_manage(interaction)
        await handler(interaction, control)

    return guarded


class ForManagers(app_commands.Group):
    """``/sheep``: shown to those with Manage Server, and refused to others whatever was set in the server.

    Each topic that has commands in the group makes one of its own; the client's tree joins those of one name.
    """

    def __init__(self) -> None:
        super().__init__(
            name="sheep",
            description="Look after Sheepbot in this server",
            default_permissions=discord.Permissions(manage_guild=True),
            guild_only=True,
        )

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Refuse all others."""
        must_manage(interaction)
        return True


class FeedsForManagers(app_commands.Group):
    """``/sheep feed``: Discord asks of the outer group only who may use it, and discord.py of the inner one."""

    def __init__(self, sheep: ForManagers) -> None:
        super().__init__(name="feed", description="Follow the feeds of sites that review films", parent=sheep)

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Refuse all others."""
        must_manage(interaction)
        return True


class ForModerators(app_commands.Group):
    """``/sheepmod``: shown to those with Manage Messages, likewise."""

    def __init__(self) -> None:
        super().__init__(
            name="sheepmod",
            description="Moderate what members share through Sheepbot",
            default_permissions=discord.Permissions(manage_messages=True),
            guild_only=True,
        )

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Refuse all others."""
        must_moderate(interaction)
        return True
