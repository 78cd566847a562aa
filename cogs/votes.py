"""Giving sheep: the five buttons, taking a vote back, and ``/myvotes``."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from discord import app_commands
from discord.ext import commands

from bot import gate
from bot.ui import controls, embeds, ids
from bot.ui.pages import chosen_review, guild_of, is_private, show

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.client import SheepBot
    from bot.rules import Rules
    from bot.store.votes import Ballot
    from bot.ui.pages import Interaction


class Votes(commands.Cog):
    """Takes members' votes and shows them their own."""

    def __init__(self, bot: SheepBot) -> None:
        self.bot = bot
        bot.router.on(ids.Vote, self.vote)
        bot.router.on(ids.Unvote, self.unvote)
        bot.router.on(ids.MyVotes, self.turn)
        bot.router.on(ids.PickVote, self.pick)

    async def vote(self, interaction: Interaction, control: ids.Vote) -> None:
        """Store a vote and say privately what changed."""
        await self._cast(interaction, control.review_id, control.sheep)

    async def unvote(self, interaction: Interaction, control: ids.Unvote) -> None:
        """Take a vote back and say so privately."""
        review_id = control.review_id
        rules = await gate.let_take_back(self.bot.store, interaction, review_id)
        removal = partial(self.bot.store.votes.remove, guild_of(interaction), review_id, interaction.user.id)
        await self._answer(interaction, review_id, removal, rules)

    @app_commands.command()
    @app_commands.guild_only()
    async def myvotes(self, interaction: Interaction) -> None:
        """See the sheep you gave in this server, and change them."""
        await self._list(interaction, 0)

    async def turn(self, interaction: Interaction, control: ids.MyVotes) -> None:
        """Turn to another page of one's own votes."""
        await self._list(interaction, control.page)

    async def pick(self, interaction: Interaction, _: ids.PickVote) -> None:
        """Show the buttons for one of one's own votes."""
        title = self.bot.film(interaction, chosen_review(interaction))
        guild_id = guild_of(interaction)
        sheep, _thought = await self.bot.store.thoughts.standing(guild_id, title.review_id, interaction.user.id)
        tally = await self.bot.store.votes.tally(guild_id, title.review_id)
        rules = await gate.rules_of(self.bot.store, interaction)
        poll = rules.poll(title.review_id, gate.now(), voted=sheep is not None)
        view = controls.change_vote(title.review_id, sheep, closed=poll.closed)
        await show(interaction, embeds.ballot(title, sheep, sheep, tally, poll), view, in_place=False)

    async def _list(self, interaction: Interaction, page: int) -> None:
        size = embeds.MY_VOTES_PAGE
        found, total = await self.bot.store.votes.of_member(
            guild_of(interaction), interaction.user.id, page * size, size
        )
        if not found and page:  # the votes that stood here were taken back since the page was offered
            await self._list(interaction, 0)
            return
        votes = [(vote, title) for vote in found if (title := self.bot.catalogue.get(vote.review_id))]
        await show(interaction, embeds.my_votes(votes, page, total), controls.my_votes(votes, page, total))

    async def _cast(self, interaction: Interaction, review_id: int, sheep: int) -> None:
        rules = await gate.let_vote(self.bot.store, interaction, review_id)
        cast = partial(self.bot.store.votes.cast, guild_of(interaction), review_id, interaction.user.id, sheep)
        await self._answer(interaction, review_id, cast, rules)

    async def _answer(
        self, interaction: Interaction, review_id: int, change: Callable[[], Awaitable[Ballot]], rules: Rules
    ) -> None:
        """Make a change to a vote, and answer with what it came to."""
        title = self.bot.film(interaction, review_id)
        with self.bot.refresher.following(interaction, review_id):
            ballot = await change()
            poll = rules.poll(review_id, gate.now(), voted=ballot.current is not None)
            if is_private(interaction):
                view = controls.change_vote(review_id, ballot.current)
            else:
                view = controls.ballot(review_id, voted=ballot.current is not None)
            await show(interaction, embeds.ballot(title, ballot.previous, ballot.current, ballot.tally, poll), view)


async def setup(bot: SheepBot) -> None:
    """Load this topic."""
    await bot.add_cog(Votes(bot))
