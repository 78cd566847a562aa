"""Sharing thoughts and reading those of others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord.ext import commands

from bot import gate
from bot.store.votes import Change, Thought
from bot.ui import controls, embeds, ids, modals, moderation
from bot.ui.names import names
from bot.ui.pages import guild_of, show

if TYPE_CHECKING:
    from bot.client import SheepBot
    from bot.ui.pages import Interaction


class Thoughts(commands.Cog):
    """Opens the form for a thought, stores it, and shows what the server thinks."""

    def __init__(self, bot: SheepBot) -> None:
        self.bot = bot
        bot.router.on(ids.Share, self.ask)
        bot.router.on(ids.ThoughtForm, self.share)
        bot.router.on(ids.Unshare, self.unshare)
        bot.router.on(ids.ReadThoughts, self.read)

    async def ask(self, interaction: Interaction, control: ids.Share) -> None:
        """Open the form, filled with what the member said before."""
        title = self.bot.film(interaction, control.review_id)
        member_id = interaction.user.id
        rules = await gate.let_share(self.bot.store, interaction)  # before anything is typed
        sheep, said = await self.bot.store.thoughts.standing(guild_of(interaction), control.review_id, member_id)
        said = said or Thought("")
        votes = rules.counts_votes_of(member_id, control.review_id, gate.now())
        form = modals.thought(title, sheep, said.body, spoiler=said.spoiler, votes=votes)
        await interaction.response.send_modal(form)

    async def share(self, interaction: Interaction, control: ids.ThoughtForm) -> None:
        """Store the thought and the vote that came with it, together."""
        title = self.bot.film(interaction, control.review_id)
        data: Any = interaction.data
        sheep, body, spoiler = modals.read_thought(data)
        thought = Thought(body, spoiler)
        await gate.let_share(self.bot.store, interaction)
        if sheep is not None:
            await gate.let_vote(self.bot.store, interaction, control.review_id)
        change = Change(
            guild_of(interaction),
            control.review_id,
            interaction.user.id,
            sheep=... if sheep is None else sheep,
            thought=thought,
        )
        with self.bot.refresher.following(interaction, control.review_id):
            ballot = await self.bot.store.votes.change(change)
            view = controls.shared(control.review_id, ballot.tally.thoughts, own=True)
            await show(interaction, embeds.shared(title, ballot, thought), view)

    async def unshare(self, interaction: Interaction, control: ids.Unshare) -> None:
        """Delete the member's thought; the vote stays."""
        title = self.bot.film(interaction, control.review_id)
        change = Change(guild_of(interaction), control.review_id, interaction.user.id, thought=None)
        with self.bot.refresher.following(interaction, control.review_id):
            ballot = await self.bot.store.votes.change(change)
            view = controls.shared(control.review_id, ballot.tally.thoughts, own=False)
            await show(interaction, embeds.unshared(title, ballot), view)

    async def read(self, interaction: Interaction, control: ids.ReadThoughts) -> None:
        """Show a page of the server's thoughts, privately; the reader's own comes first."""
        title = self.bot.film(interaction, control.review_id)
        reader = interaction.user.id
        at_most = embeds.THOUGHTS_PAGE
        first = max(0, control.start - at_most) if control.back else control.start
        limit = control.start - first if control.back else at_most
        found, total = await self.bot.store.thoughts.read(
            guild_of(interaction), control.review_id, reader, first, limit
        )
        if not found and (control.start or control.back):
            # The thoughts that stood here were deleted since the page was offered.
            await self.read(interaction, ids.ReadThoughts(control.review_id))
            return
        if not (await gate.poll_of(self.bot.store, interaction, control.review_id)).shown:
            # Of a vote whose result is hidden, also no single votes are told, but for one's own.
            found = [one if one.member_id == reader else one._replace(sheep=None) for one in found]
        shown = embeds.fit_thoughts(found, reader, from_end=bool(control.back))
        start = control.start - len(shown) if control.back else first
        own = start == 0 and bool(shown) and shown[0].member_id == reader
        authors = await names(interaction, [one.member_id for one in shown if one.member_id != reader])
        menu = moderation.report_menu(control.review_id, shown, start, reader, authors or {})
        await show(
            interaction,
            embeds.thoughts(title, shown, start, total, reader, authors or {}),
            controls.thoughts(control.review_id, start, len(shown), total, own=own, report=menu),
        )


async def setup(bot: SheepBot) -> None:
    """Load this topic."""
    await bot.add_cog(Thoughts(bot))
