"""``/rate``: all that the buttons and the form below a review do, in one command for keyboards and screen readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands
from discord.ext import commands

from bot import gate
from bot.ranking import MAX_SHEEP, MIN_SHEEP
from bot.store.votes import Change, Thought
from bot.ui import controls, embeds, ids, modals, text, titles
from bot.ui.pages import chosen_review, guild_of, show

if TYPE_CHECKING:
    from bot.client import SheepBot
    from bot.reviews.titles import Title
    from bot.ui.pages import Interaction


class Rate(commands.Cog):
    """Takes a vote and a thought by command."""

    def __init__(self, bot: SheepBot) -> None:
        self.bot = bot
        bot.router.on(ids.PickRating, self.pick)

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(
        title="The film; start typing and choose",
        sheep="How many sheep you give it",
        thought="What you think of it; everyone in this server can read that, with your name",
        spoiler="Whether the thought gives something away; others see it blacked out until they press on it",
    )
    @app_commands.choices(
        sheep=[app_commands.Choice(name=f"{n} sheep", value=n) for n in range(MIN_SHEEP, MAX_SHEEP + 1)]
    )
    async def rate(
        self, interaction: Interaction, title: str, sheep: int, thought: str | None = None, *, spoiler: bool = False
    ) -> None:
        """Give a film your sheep, and share a thought if you like."""
        said = None if thought is None else Thought(modals.must_say_something(thought), spoiler)
        note = f"Your words:\n>>> {text.literal(said.body, modals.GIVEN_BACK)}" if said else ""
        if film := await titles.find(interaction, self.bot.catalogue, title, ids.PickRating(sheep), note=note):
            await self._rate(interaction, film, sheep, said)

    @rate.autocomplete("title")
    async def complete(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        """Offer titles while a member types."""
        return titles.choices(interaction, self.bot.catalogue, current)

    async def pick(self, interaction: Interaction, control: ids.PickRating) -> None:
        """Give the sheep to the film chosen from "Did you mean …?"."""
        await self._rate(interaction, self.bot.film(interaction, chosen_review(interaction)), control.sheep, None)

    async def _rate(self, interaction: Interaction, film: Title, sheep: int, thought: Thought | None) -> None:
        guild_id, review_id = guild_of(interaction), film.review_id
        rules = await gate.let_vote(self.bot.store, interaction, review_id)
        if thought:
            await gate.let_share(self.bot.store, interaction)
        change = Change(guild_id, review_id, interaction.user.id, sheep=sheep, thought=thought or ...)
        with self.bot.refresher.following(interaction, review_id):
            ballot = await self.bot.store.votes.change(change)
            if thought:
                embed = embeds.shared(film, ballot, thought)
                view = controls.shared(review_id, ballot.tally.thoughts, own=True, voted=True)
            else:
                poll = rules.poll(review_id, gate.now(), voted=True)
                embed = embeds.ballot(film, ballot.previous, ballot.current, ballot.tally, poll)
                view = controls.ballot(review_id, voted=True)
            await show(interaction, embed, view)


async def setup(bot: SheepBot) -> None:
    """Load this topic."""
    await bot.add_cog(Rate(bot))
