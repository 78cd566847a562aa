"""``/sheep close``, ``reopen`` and ``reset``: when a film takes votes in a server."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from discord import app_commands
from discord.ext import commands

from bot import deadlines, gate
from bot.background import repeatedly
from bot.errors import StoreError, UnknownControlError
from bot.ui import closing, controls, manager_ids, modals, text, titles
from bot.ui.guards import ForManagers, managed
from bot.ui.pages import guild_of, show

if TYPE_CHECKING:
    from bot.client import SheepBot
    from bot.reviews.titles import Title
    from bot.ui.pages import Interaction

log = logging.getLogger(__name__)

SOON = 30.0
"""Seconds until it is looked again where posts may still have to tell that a film has closed."""
LATER = 3_600.0
"""The same where none has to."""
PATIENCE = 1.5
"""Seconds that a reset may take until the manager is told that it goes on without them."""


class Closing(commands.Cog):
    """Closes, reopens and resets the vote on a film, and has its posts tell."""

    sheep = ForManagers()

    def __init__(self, bot: SheepBot) -> None:
        self.bot = bot
        self._told: set[tuple[int, int]] = set()
        self._resets: set[asyncio.Task[int]] = set()
        bot.router.on(manager_ids.SetClosing, managed(self.set))
        bot.router.on(manager_ids.ResetForm, managed(self.confirmed))

    async def cog_load(self) -> None:
        """Begin to look for films that have closed."""
        self._looking = asyncio.create_task(repeatedly(self._look))

    async def cog_unload(self) -> None:
        """End that."""
        self._looking.cancel()

    @sheep.command()
    @app_commands.describe(
        title="The film; start typing and choose",
        deadline="When, such as 3d, 12h or 2026-12-24 (to its end, in UTC); without it, now",
    )
    async def close(self, interaction: Interaction, title: str, deadline: str | None = None) -> None:
        """Take no more votes on a film, now or from a moment on."""
        if film := await titles.find(interaction, self.bot.catalogue, title):
            now = gate.now()
            await self._set(interaction, film, int(now) if deadline is None else deadlines.parse(deadline, now))

    @sheep.command()
    @app_commands.describe(title="The film; start typing and choose")
    async def reopen(self, interaction: Interaction, title: str) -> None:
        """Take votes on a film again, and without a deadline."""
        if film := await titles.find(interaction, self.bot.catalogue, title):
            await self._set(interaction, film, 0)

    @sheep.command()
    @app_commands.describe(title="The film; start typing and choose")
    async def reset(self, interaction: Interaction, title: str) -> None:
        """Delete all votes on a film in this server, once you have typed its title."""
        if film := await titles.find(interaction, self.bot.catalogue, title):
            form = modals.confirm("Delete all votes on a film", manager_ids.ResetForm(film.review_id), _name(film))
            await interaction.response.send_modal(form)

    @close.autocomplete("title")
    @reopen.autocomplete("title")
    @reset.autocomplete("title")
    async def complete(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        """Offer titles while a manager types."""
        return titles.choices(interaction, self.bot.catalogue, current)

    async def set(self, interaction: Interaction, control: manager_ids.SetClosing) -> None:
        """Undo a change, by making its reverse."""
        if control.closes_at > gate.now() + deadlines.FURTHEST:
            raise UnknownControlError
        await self._set(interaction, self.bot.film(interaction, control.review_id), control.closes_at)

    async def _set(self, interaction: Interaction, film: Title, closes_at: int) -> None:
        guild_id, review_id = guild_of(interaction), film.review_id
        before = (await gate.rules_of(self.bot.store, interaction)).closings.get(review_id, 0)
        if closes_at:
            await self.bot.store.closings.close(guild_id, review_id, interaction.user.id, closes_at)
            await self.cog_unload()
            await self.cog_load()  # to know of the new moment
        elif before:
            await self.bot.store.closings.reopen(guild_id, review_id, interaction.user.id)
        self.bot.refresher.touch(guild_id, review_id)
        undo = None if before == closes_at else manager_ids.SetClosing(review_id, before)
        await show(interaction, closing.changed(film, closes_at, gate.now()), controls.undo(undo))

    async def confirmed(self, interaction: Interaction, control: manager_ids.ResetForm) -> None:
        """Delete the votes on a film whose title was typed."""
        guild_id, film = guild_of(interaction), self.bot.film(interaction, control.review_id)
        data: Any = interaction.data
        modals.must_confirm(data, _name(film))
        reset = asyncio.create_task(self.bot.store.closings.reset(guild_id, film.review_id, interaction.user.id))
        self._resets.add(reset)
        reset.add_done_callback(lambda done: self._has_reset(done, guild_id, film.review_id))
        await asyncio.wait({reset}, timeout=PATIENCE)
        if reset.done() and reset.exception():
            raise StoreError("Not all votes could be deleted. Please try again in a moment.") from reset.exception()
        await show(interaction, closing.reset(film, reset.result() if reset.done() else None), controls.undo(None))

    def _has_reset(self, reset: asyncio.Task[int], guild_id: int, review_id: int) -> None:
        self._resets.discard(reset)
        self.bot.refresher.touch(guild_id, review_id)
        if not reset.cancelled() and (error := reset.exception()):
            log.error("Not all votes on review %d in guild %d could be deleted", review_id, guild_id, exc_info=error)

    async def _look(self) -> float:
        """Have the posts of films that have closed tell so; what has been told is taken down at the next look.

        Returns:
            In how many seconds that next look is due.
        """
        now = gate.now()
        closed = await self.bot.store.closings.due(now)
        due = {film for film in closed if self.bot.get_guild(film[0])}
        for film in due & self._told:
            await self.bot.store.closings.shown(*film, now)
        self._told = due - self._told
        for film in self._told:
            self.bot.refresher.touch(*film)
        if closed:  # those of servers that are not here may be about to come
            return SOON
        ahead = await self.bot.store.closings.next(now)
        return LATER if ahead is None else min(LATER, ahead - now)


def _name(film: Title) -> str:
    """What is typed to confirm; where nothing of the title can be seen, the slug."""
    return text.plain(film.title, modals.TYPED) or film.slug


async def setup(bot: SheepBot) -> None:
    """Load this topic."""
    await bot.add_cog(Closing(bot))
