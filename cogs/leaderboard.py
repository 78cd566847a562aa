"""``/toprated``: what this server loves, hates and talks about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands
from discord.ext import commands

from bot.ranking import MIN_VOTES_TO_LIST, Sort
from bot.ui import controls, embeds, ids
from bot.ui.pages import guild_of, is_own, is_private, show

if TYPE_CHECKING:
    import discord

    from bot.client import SheepBot
    from bot.ui.pages import Interaction


class Leaderboard(commands.Cog):
    """Answers with the leaderboard and turns its pages."""

    def __init__(self, bot: SheepBot) -> None:
        self.bot = bot
        bot.router.on(ids.BoardPage, self.turn)

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(sort="The order of the films", min_votes="Leave out films with fewer votes than this")
    @app_commands.choices(
        sort=[
            app_commands.Choice(name="top rated", value=Sort.TOP.value),
            app_commands.Choice(name="lowest rated", value=Sort.LOWEST.value),
            app_commands.Choice(name="most voted", value=Sort.MOST_VOTED.value),
        ]
    )
    async def toprated(
        self,
        interaction: Interaction,
        sort: str = Sort.TOP.value,
        min_votes: app_commands.Range[int, 1, 1000] = MIN_VOTES_TO_LIST,
    ) -> None:
        """See what this server loves."""
        embed, view = await self._page(interaction, ids.BoardPage(Sort(sort), min_votes))
        await interaction.response.send_message(embed=embed, view=view)

    async def turn(self, interaction: Interaction, control: ids.BoardPage) -> None:
        """Turn the page: for all where the member asked for the board, else in a private copy."""
        embed, view = await self._page(interaction, control)
        await show(interaction, embed, view, in_place=is_private(interaction) or is_own(interaction))

    async def _page(self, interaction: Interaction, control: ids.BoardPage) -> tuple[discord.Embed, discord.ui.View]:
        size = embeds.BOARD_PAGE
        board = await self.bot.store.leaderboard.top(
            guild_of(interaction), control.sort, control.page * size, size, control.min_votes
        )
        if not board.places and control.page:  # the films that stood here lost votes since the page was offered
            return await self._page(interaction, ids.BoardPage(control.sort, control.min_votes))
        return (
            embeds.board(board, control.sort, control.min_votes, control.page),
            controls.board(control.sort, control.min_votes, control.page, board.total),
        )


async def setup(bot: SheepBot) -> None:
    """Load this topic."""
    await bot.add_cog(Leaderboard(bot))
