"""What a manager is told who closed, opened or reset the vote on a film."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.ui import embeds, text

if TYPE_CHECKING:
    from bot.reviews.titles import Title


def changed(film: Title, closes_at: int, now: float) -> discord.Embed:
    """A vote that was closed, was given a deadline, or was opened (0)."""
    name = _called(film)
    if not closes_at:
        said = f"Votes on {name} are taken, without a deadline. Its posts say so in a moment."
    elif closes_at > now:
        said = f"The vote on {name} closes <t:{closes_at}:F>, {text.when(closes_at)}. Its posts say so in a moment."
    else:
        said = (
            f"The vote on {name} is closed: nobody here can give it sheep, or take them back, until you reopen it."
            " Its posts show the result in a moment. Thoughts can still be shared."
        )
    return discord.Embed(description=said, colour=embeds.GRASS)


def reset(film: Title, votes: int | None) -> discord.Embed:
    """A vote whose sheep were deleted; None: that still goes on."""
    name = _called(film)
    if votes is None:
        said = f"The votes on {name} are being deleted; that takes a while"
    else:
        said = f"Deleted: {text.plural(votes, 'vote')} on {name}"
    return discord.Embed(
        description=f"{said}. Gone are those of this server only, also those that moderators had set aside. Thoughts"
        " stay, and so does whether the vote is closed. The posts follow in a moment.",
        colour=embeds.GRASS,
    )


def _called(film: Title) -> str:
    return f"*{text.literal(film.title, embeds.NAME_IN_LIST) or text.literal(film.slug, embeds.NAME_IN_LIST)}*"
