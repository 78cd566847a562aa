"""Where an answer goes: into the private message at hand, or into a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import discord

from bot.errors import NotInServerError, UnknownControlError
from bot.ui import ids

if TYPE_CHECKING:
    from collections.abc import Sequence

FORBIDDEN, TOO_LARGE = 403, 413
"""What Discord answers where a file is not taken."""

Interaction: TypeAlias = "discord.Interaction[Any]"


def is_private(interaction: Interaction) -> bool:
    """Whether the control that was used stands on a message that only its user sees."""
    return interaction.message is not None and interaction.message.flags.ephemeral


def shown_on(interaction: Interaction) -> set[int]:
    """The ids of the messages that members see a control's film on: the one at hand, and the one that led to it."""
    message = interaction.message
    if message is None:
        return set()
    led_to = message.interaction_metadata.interacted_message_id if message.interaction_metadata else None
    return {message.id} if led_to is None else {message.id, led_to}


def is_own(interaction: Interaction) -> bool:
    """Whether the message at hand answered a command of the member who used the control."""
    metadata = interaction.message and interaction.message.interaction_metadata
    return metadata is not None and metadata.user.id == interaction.user.id


def guild_of(interaction: Interaction) -> int:
    """The id of the server in which an interaction happened.

    Raises:
        NotInServerError: It happened elsewhere; 0 would be read as everywhere.
    """
    if interaction.guild_id is None:
        raise NotInServerError
    return interaction.guild_id


async def show(  # noqa: PLR0913 - what a message has
    interaction: Interaction,
    embed: discord.Embed,
    view: discord.ui.View | None,
    *,
    in_place: bool | None = None,
    public: bool = False,
    files: Sequence[discord.File] = (),
    content: str | None = None,
) -> None:
    """Show a page to the member alone: in the message at hand where that is private, in a new one otherwise.

    Args:
        in_place: Whether to take the message at hand; by default where it is private.
        public: Whether a new message is for everyone.
        files: The picture that the embed shows, or a review to keep, in the place of any that was there; where Discord
            does not take it, the page goes without.
        content: What is said above the embed.
    """
    try:
        if is_private(interaction) if in_place is None else in_place:
            await interaction.response.edit_message(content=content, embed=embed, view=view, attachments=files)
        else:
            await interaction.response.send_message(
                content, embed=embed, view=view or discord.utils.MISSING, files=files, ephemeral=not public
            )
    except discord.HTTPException as error:
        if not files or error.status not in {FORBIDDEN, TOO_LARGE}:
            raise
        await show(interaction, embed.set_image(url=None), view, in_place=in_place, public=public, content=content)


def chosen_review(interaction: Interaction) -> int:
    """The review id that was chosen from one of our menus, like :func:`chosen_id`."""
    return chosen_id(interaction)


def chosen_id(interaction: Interaction) -> int:
    """The id that was chosen from one of our menus.

    Raises:
        UnknownControlError: What came back is no id.
    """
    if (review_id := selected_id(interaction)) is None:
        raise UnknownControlError
    return review_id


def selected_id(interaction: Interaction) -> int | None:
    """The one id that was chosen from one of our menus, or None where the choice was cleared.

    Raises:
        UnknownControlError: More was chosen than one, or what came back is no id.
    """
    value = selected(interaction)
    try:
        return None if value is None else ids.number(value)
    except ValueError as error:
        raise UnknownControlError from error


def selected(interaction: Interaction) -> str | None:
    """The one value that was chosen from one of our menus, or None where the choice was cleared.

    Raises:
        UnknownControlError: More was chosen than one value, or what came back is none.
    """
    data: Any = interaction.data
    match data.get("values"):
        case []:
            return None
        case [str(value)]:
            return value
        case _:
            raise UnknownControlError
