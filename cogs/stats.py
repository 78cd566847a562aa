"""``/stats``: a film or the server in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands
from discord.ext import commands

from bot import gate
from bot.errors import ReviewGoneError
from bot.ranking import Sort
from bot.store.leaderboard import Question
from bot.ui import controls, ids, stories, titles
from bot.ui.names import MOST, names
from bot.ui.pages import chosen_review, guild_of, show

if TYPE_CHECKING:
    import discord

    from bot.client import SheepBot
    from bot.reviews.titles import Title
    from bot.store.leaderboard import Board
    from bot.ui.pages import Interaction


class Stats(commands.Cog):
    """Answers with numbers: for all where everyone may see them, privately where only the member may."""

    def __init__(self, bot: SheepBot) -> None:
        self.bot = bot
        bot.router.on(ids.PickStats, self.pick)

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(title="The film; leave it away for the whole server")
    async def stats(self, interaction: Interaction, title: str | None = None) -> None:
        """See a film, or this server, in numbers."""
        if title is None:
            embed = await self._server(interaction)
            await interaction.response.send_message(embed=embed)
        elif film := await titles.find(interaction, self.bot.catalogue, title, ids.PickStats()):
            await self._film(interaction, film)

    @stats.autocomplete("title")
    async def complete(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        """Offer titles while a member types."""
        return titles.choices(interaction, self.bot.catalogue, current)

    async def pick(self, interaction: Interaction, _: ids.PickStats) -> None:
        """Show the numbers of the film chosen from "Did you mean …?"."""
        await self._film(interaction, self.bot.film(interaction, chosen_review(interaction)))

    async def _film(self, interaction: Interaction, title: Title) -> None:
        review_id = title.review_id
        review = await self.bot.store.reviews.get(review_id)
        if review is None:
            raise ReviewGoneError
        found = await self.bot.store.stats.film(guild_of(interaction), review_id)
        poll = await gate.poll_of(self.bot.store, interaction, review_id)
        rules = await gate.rules_of(self.bot.store, interaction)
        embed = stories.film(review, found, poll)
        files = await self.bot.picture(interaction, embed, stories.film_card(review, found)) if poll.shown else []
        view = controls.film_stats(review_id, found.here.thoughts)
        public = rules.shows_results(review_id, gate.now(), voted=False)
        await show(interaction, embed, view, in_place=False, public=public, files=files)

    async def _server(self, interaction: Interaction) -> discord.Embed:
        guild_id = guild_of(interaction)
        rules = await gate.rules_of(self.bot.store, interaction)
        only = rules.countable(gate.now())
        found: list[tuple[Question, Board]] = []
        for sort in (Sort.TOP, Sort.DIVISIVE):
            asked = Question(
                guild_id, sort, min_votes=rules.settings.min_votes, weight=rules.settings.weight, closed=only
            )
            found.append((asked, await self.bot.store.leaderboard.top(asked, 0, stories.LISTED)))
        counted = await self.bot.store.stats.server(guild_id, only)
        active = await self.bot.store.stats.most_active(guild_id, MOST)
        called = await names(interaction, [rater.member_id for rater in active])
        return stories.server(counted, found, active, called)


async def setup(bot: SheepBot) -> None:
    """Load this topic."""
    await bot.add_cog(Stats(bot))
