"""How a review is posted for everyone; and posting it as the answer to whoever asked, or after one that was private."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import gate
from bot.store.posts import Post
from bot.ui import controls
from bot.ui.pages import guild_of

if TYPE_CHECKING:
    import discord

    from bot.client import SheepBot
    from bot.ranking import Tally
    from bot.reviews.model import Review
    from bot.store import Store
    from bot.ui.pages import Interaction


async def as_posted(
    store: Store, guild_id: int, review_id: int, film: Review
) -> tuple[discord.Embed, discord.ui.View, Tally]:
    """A review as it is posted for everyone in a server now; with the tally that stands on it.

    Raises:
        StoreError: The database did not answer.
    """
    tally = await store.votes.tally(guild_id, review_id)
    poll = (await store.guilds.rules(guild_id)).poll(review_id, gate.now(), voted=False)
    return *controls.posted(review_id, film, tally, poll), tally


async def post(bot: SheepBot, interaction: Interaction, review_id: int, film: Review) -> None:
    """Post a review where the interaction was, and remember the message so that its tally can follow.

    Raises:
        StoreError: The database did not answer, and nothing is posted.
    """
    guild_id = guild_of(interaction)
    embed, view, tally = await as_posted(bot.store, guild_id, review_id, film)
    if interaction.response.is_done():
        message_id: int | None = (await interaction.followup.send(embed=embed, view=view, wait=True)).id
    else:
        message_id = (await interaction.response.send_message(embed=embed, view=view)).message_id
    if message_id is not None and interaction.channel_id is not None:
        await bot.refresher.follow(Post(guild_id, review_id, interaction.channel_id, message_id), tally)
