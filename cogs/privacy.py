"""``/privacy``: what is stored about a member, to see, to take along, and to delete; and what servers leave behind."""

from __future__ import annotations

import asyncio
import time
from io import BytesIO
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.departures import Departures
from bot.eraser import done as is_done
from bot.eraser import soon_done
from bot.store.privacy import Subject, Wish
from bot.ui import controls, guards, ids, manager_ids, modals, pages, text
from bot.ui import privacy as texts

if TYPE_CHECKING:
    from bot.client import SheepBot
    from bot.moving.takeout import Takeout
    from bot.ui.pages import Interaction


class Privacy(commands.Cog):
    """Answers for what is stored, and forgets the servers that the bot was removed from."""

    privacy = app_commands.Group(
        name="privacy",
        description="See, take along or delete what is stored about you",
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True),
    )
    sheep = guards.ForManagers()

    def __init__(self, bot: SheepBot) -> None:
        self.bot = bot
        self._departures = Departures(bot)
        self._exporting = asyncio.Lock()
        bot.router.on(ids.Erase, self.erase)
        bot.router.on(manager_ids.PurgeForm, guards.managed(self.purge_all))

    @privacy.command()
    async def show(self, interaction: Interaction) -> None:
        """See what is stored about you, in every server."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        self.bot.take_time(interaction, self._show(interaction))

    @privacy.command()
    async def export(self, interaction: Interaction) -> None:
        """Get all that is stored about you as files: JSON, and CSV that Letterboxd imports."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        self.bot.take_time(interaction, self._export(interaction))

    @privacy.command()
    async def delete(self, interaction: Interaction) -> None:
        """Delete everything about you, in every server, once you have confirmed it."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        self.bot.take_time(interaction, self._ask(interaction))

    async def erase(self, interaction: Interaction, _: ids.Erase) -> None:
        """Delete everything about the member who pressed the button, whoever forged it."""
        wish = Wish(Subject.MEMBER, interaction.user.id)
        await self._answer_when_done(interaction, wish, texts.erasing(), texts.erased())

    @sheep.command()
    async def purge(self, interaction: Interaction) -> None:
        """Delete all data of this server at once, after you typed its name."""
        await interaction.response.send_modal(
            modals.confirm("Delete all votes, thoughts and settings", manager_ids.PurgeForm(), _name(interaction))
        )

    async def purge_all(self, interaction: Interaction, _: manager_ids.PurgeForm) -> None:
        """Delete all data of the server, where who manages it typed its name."""
        guild_id = pages.guild_of(interaction)
        data: Any = interaction.data
        modals.must_confirm(data, _name(interaction))
        wish = Wish(Subject.SERVER, guild_id)
        await self._answer_when_done(interaction, wish, texts.purging(), texts.purged())

    @commands.Cog.listener()
    async def on_shard_ready(self, shard_id: int) -> None:
        """Look for the servers that were lost meanwhile, and go on with what was broken off."""
        self._departures.connected(shard_id)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Begin the grace after which a server's data is deleted; an outage is another event."""
        await self._departures.left(guild.id)

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """End that grace."""
        await self._departures.joined(guild.id)

    async def cog_unload(self) -> None:
        """Look no further."""
        self._departures.close()

    async def _taken(self, interaction: Interaction) -> Takeout:
        from bot.moving import takeout  # noqa: PLC0415 - loads csv and html, which no start needs

        return await takeout.take_out(self.bot.store, interaction.user.id)

    async def _show(self, interaction: Interaction) -> None:
        taken = await self._taken(interaction)
        await interaction.followup.send(embed=texts.stored(taken.rows, self._server), ephemeral=True)

    async def _export(self, interaction: Interaction) -> None:
        async with self._exporting:  # one at a time: all of it is in memory
            taken = await self._taken(interaction)
            if taken.is_empty:
                await interaction.followup.send(embed=texts.nothing_stored(), ephemeral=True)
                return
            packed = await asyncio.to_thread(_packed, taken)
        for number, files in enumerate(packed):
            more: dict[str, Any] = {} if number else {"embed": texts.exported(len(packed))}
            attached = [discord.File(body, name, description=texts.file_described(name)) for name, body in files]
            await interaction.followup.send(files=attached, ephemeral=True, **more)

    async def _ask(self, interaction: Interaction) -> None:
        taken = await self._taken(interaction)
        view = controls.nothing() if taken.is_empty else controls.erase()
        await interaction.followup.send(embed=texts.really(taken.rows), view=view, ephemeral=True)

    async def _answer_when_done(
        self, interaction: Interaction, wish: Wish, begun: discord.Embed, done: discord.Embed
    ) -> None:
        task = await self.bot.eraser.erase(wish)
        finished = await soon_done(task)
        await pages.show(interaction, done if finished else begun, controls.nothing())
        if not finished:
            self.bot.take_time(interaction, _tell_when_done(interaction, task, done))

    def _server(self, guild_id: int) -> str | None:
        guild = self.bot.get_guild(guild_id)
        return guild.name if guild else None


async def _tell_when_done(interaction: Interaction, task: asyncio.Task[None], done: discord.Embed) -> None:
    if await is_done(task):
        await interaction.followup.send(embed=done, ephemeral=True)


def _packed(taken: Takeout) -> list[list[tuple[str, BytesIO]]]:
    from bot.moving import takeout  # noqa: PLC0415 - as above

    found = takeout.messages(takeout.files(taken, time.time()))
    return [[(name, BytesIO(body)) for name, body in files] for files in found]


def _name(interaction: Interaction) -> str:
    """What the server at hand is called; one that is not known is called by its id."""
    name = text.plain(interaction.guild.name, modals.TYPED) if interaction.guild else ""
    return name or str(interaction.guild_id)


async def setup(bot: SheepBot) -> None:
    """Load this topic."""
    await bot.add_cog(Privacy(bot))
