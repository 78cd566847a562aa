"""Members' names: asked of Discord whenever they are shown, as none is kept."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.ui.pages import Interaction

WAIT = 1.0
"""Seconds that names are waited for; a mention stands where none comes."""
MOST = 100
"""So many members can be asked about at once."""


async def names(interaction: Interaction, member_ids: Sequence[int]) -> dict[int, str] | None:
    """The names of those who are in the server, at most a hundred; None where Discord cannot be asked just now.

    In an embed many clients show a mention as digits, so names are worth the question.
    """
    if not member_ids:
        return {}
    if interaction.guild is None or interaction.client.is_ws_ratelimited():
        return None
    try:
        async with asyncio.timeout(WAIT):
            members = await interaction.guild.query_members(user_ids=list(member_ids[:MOST]), limit=MOST, cache=False)
    except (OSError, discord.DiscordException):  # a TimeoutError is an OSError, as is a gateway just lost
        return None
    return {member.id: member.display_name for member in members}
