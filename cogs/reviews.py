"""Reading reviews: ``/review``, ``/random``, and the controls that belong to a review."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from discord import app_commands
from discord.ext import commands

from bot import gate, posting
from bot.errors import ReviewGoneError
from bot.ui import cards, controls, embeds, ids, titles
from bot.ui.pages import chosen_review, guild_of, show

if TYPE_CHECKING:
    from bot.client import SheepBot
    from bot.reviews.model import Review
    from bot.reviews.titles import Title
    from bot.ui.pages import Interaction


class Reviews(commands.Cog):
    """Finds a review and posts it with its sheep buttons."""

    def __init__(self, bot: SheepBot) -> None:
        self.bot = bot
        bot.router.on(ids.PickReview, self.pick)
        bot.router.on(ids.FullReview, self.full_review)
        bot.router.on(ids.Results, self.results)

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(title="The film; start typing and choose")
    async def review(self, interaction: Interaction, title: str) -> None:
        """Read a film's review and give it your sheep."""
        if film := await titles.find(interaction, self.bot.catalogue, title, ids.PickReview()):
            await self._post(interaction, film)

    @review.autocomplete("title")
    async def complete(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        """Offer titles while a member types."""
        return titles.choices(interaction, self.bot.catalogue, current)

    @app_commands.command()
    @app_commands.guild_only()
    async def random(self, interaction: Interaction) -> None:
        """Be surprised by a review."""
        guild_id = guild_of(interaction)
        if count := self.bot.catalogue.count(guild_id):
            place = random.randrange(count)  # noqa: S311 - a surprise, not a secret
            await self._post(interaction, self.bot.catalogue.at(place, guild_id))
        else:
            await interaction.response.send_message(embed=embeds.empty_shelf(), ephemeral=True)

    async def pick(self, interaction: Interaction, _: ids.PickReview) -> None:
        """Post the review chosen from "Did you mean …?"."""
        await self._post(interaction, self.bot.film(interaction, chosen_review(interaction)))

    async def full_review(self, interaction: Interaction, control: ids.FullReview) -> None:
        """Show the whole text, privately."""
        embed, page, pages = embeds.full_review(await self._read(interaction, control.review_id), control.page)
        await show(interaction, embed, controls.full_review(control.review_id, page, pages))

    async def results(self, interaction: Interaction, control: ids.Results) -> None:
        """Show how the votes are spread, privately."""
        film = await self._read(interaction, control.review_id)
        review_id = control.review_id
        tally = await self.bot.store.votes.tally(guild_of(interaction), review_id)
        poll = await gate.poll_of(self.bot.store, interaction, review_id)
        embed = embeds.results(film, tally, poll)
        files = await self.bot.picture(interaction, embed, cards.film_card(film, tally)) if poll.shown else []
        await show(interaction, embed, None, in_place=False, files=files)

    async def _post(self, interaction: Interaction, title: Title) -> None:
        await posting.post(self.bot, interaction, title.review_id, await self._read(interaction, title.review_id))

    async def _read(self, interaction: Interaction, review_id: int) -> Review:
        self.bot.film(interaction, review_id)
        film = await self.bot.store.reviews.get(review_id)
        if film is None:
            raise ReviewGoneError
        return film


async def setup(bot: SheepBot) -> None:
    """Load this topic."""
    await bot.add_cog(Reviews(bot))
