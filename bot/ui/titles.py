"""Titles as members type them: offered while they type, and asked about where no one film is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands

from bot.ui import controls, embeds, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.reviews.catalogue import Catalogue, Resolution
    from bot.reviews.titles import Title
    from bot.ui.ids import Control
    from bot.ui.pages import Interaction


def choices(interaction: Interaction, catalogue: Catalogue, current: str) -> list[app_commands.Choice[str]]:
    """The films that are offered for what has been typed so far."""
    return offered(catalogue.complete(current, controls.MAX_OPTIONS, interaction.guild_id or 0))


def offered(films: Iterable[Title]) -> list[app_commands.Choice[str]]:
    """Films as they are offered."""
    return [app_commands.Choice(name=controls.film_label(film), value=film.slug) for film in films]


async def find(
    interaction: Interaction, catalogue: Catalogue, typed: str, menu: Control | None = None, *, note: str = ""
) -> Title | None:
    """The film that a typed title means.

    Where it is no one film's, the member is told so privately and asked which is meant; there is nothing more to do.

    Args:
        menu: The menu in which the member may choose one of the films that come near; without it they are only named.
        note: What else is said to the member then.
    """
    return await meant(interaction, catalogue.resolve(typed, interaction.guild_id or 0), typed, menu, note=note)


async def meant(
    interaction: Interaction, resolution: Resolution, typed: str, menu: Control | None = None, *, note: str = ""
) -> Title | None:
    """The same, of what a typed title was found to stand for."""
    if resolution.found:
        return resolution.found
    films = (resolution.candidates or resolution.nearest)[: controls.MAX_OPTIONS]
    embed = embeds.not_found(typed, known=bool(resolution.candidates), near=bool(films))
    embed.description = "\n".join(
        filter(None, [embed.description, *([] if menu else [f"- {_named(film)}" for film in films]), note])
    )
    if menu and films:
        await interaction.response.send_message(embed=embed, view=controls.did_you_mean(films, menu), ephemeral=True)
    else:
        await interaction.response.send_message(embed=embed, ephemeral=True)
    return None


def _named(film: Title) -> str:
    return text.literal(film.name, embeds.NAME_IN_LIST) or text.literal(film.slug, embeds.NAME_IN_LIST)
