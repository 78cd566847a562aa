"""``/sheep settings``: what a server lets its members do and see, and where new reviews are announced."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from discord.ext import commands

from bot import gate
from bot.announcements import Announcer, found
from bot.background import repeatedly
from bot.errors import InputError, UnknownControlError
from bot.findings import Mark
from bot.ui import manager_ids, settings_panel
from bot.ui.guards import ForManagers, managed
from bot.ui.manager_ids import Setting
from bot.ui.pages import guild_of, selected, selected_id, show

if TYPE_CHECKING:
    from bot.client import SheepBot
    from bot.store.database import Value
    from bot.ui.pages import Interaction

SAVED = "✓ Saved."
FOLLOWING = 10
"""So many of the films posted last follow at once when results are shown or hidden; others with their next vote."""


class Settings(commands.Cog):
    """Shows and changes what a server has decided, and announces new reviews."""

    sheep = ForManagers()

    def __init__(self, bot: SheepBot) -> None:
        self.bot = bot
        self._announcer = Announcer(bot)
        bot.router.on(manager_ids.SettingsPage, managed(self.turn))
        bot.router.on(manager_ids.SetSetting, managed(self.choose))
        bot.router.on(manager_ids.AskNumbers, managed(self.ask))
        bot.router.on(manager_ids.NumbersForm, managed(self.take_numbers))
        bot.router.on(manager_ids.RestoreSettings, managed(self.restore))

    async def cog_load(self) -> None:
        """Begin to announce."""
        self._announcing = asyncio.create_task(repeatedly(self._announcer.round))

    async def cog_unload(self) -> None:
        """End that."""
        self._announcing.cancel()
        await self._announcer.close()

    @sheep.command()
    async def settings(self, interaction: Interaction) -> None:
        """See and change who takes part here, what shows when, and where new reviews are announced."""
        await self._show(interaction, 0)

    async def turn(self, interaction: Interaction, control: manager_ids.SettingsPage) -> None:
        """Show another part."""
        await self._show(interaction, control.part)

    async def choose(self, interaction: Interaction, control: manager_ids.SetSetting) -> None:
        """Save what was chosen from a menu."""
        guild_id, actor_id, setting = guild_of(interaction), interaction.user.id, control.setting
        value = _chosen(interaction, setting)
        note = SAVED
        if setting is Setting.CHANNEL and isinstance(value, int):
            await self.bot.store.announcements.into(guild_id, actor_id, value)
            note += " What comes onto the shelf from now on is announced there."
        else:
            await self.bot.store.guilds.change(guild_id, actor_id, setting, value)
        if setting is Setting.RESULTS:
            note += await self._have_posts_follow(guild_id)
        await self._show(interaction, settings_panel.part_of(setting), note)

    async def ask(self, interaction: Interaction, control: manager_ids.AskNumbers) -> None:
        """Open the form for the numbers of a part."""
        rules = await gate.rules_of(self.bot.store, interaction)
        await interaction.response.send_modal(settings_panel.numbers(rules.settings, control.part))

    async def take_numbers(self, interaction: Interaction, control: manager_ids.NumbersForm) -> None:
        """Save the numbers that were typed, all or none."""
        data: Any = interaction.data
        settings = (await gate.rules_of(self.bot.store, interaction)).settings
        for name, value in settings_panel.read_numbers(data, control.part).items():
            if value != getattr(settings, name):
                await self.bot.store.guilds.change(guild_of(interaction), interaction.user.id, name, value)
        await self._show(interaction, control.part, SAVED)

    async def restore(self, interaction: Interaction, control: manager_ids.RestoreSettings) -> None:
        """Ask whether all settings are to be set back, and then do it."""
        if not control.sure:
            await show(interaction, *settings_panel.sure())
            return
        guild_id = guild_of(interaction)
        await self.bot.store.guilds.restore(guild_id, interaction.user.id)
        await self._show(interaction, 0, SAVED + await self._have_posts_follow(guild_id))

    async def _show(self, interaction: Interaction, part: int, note: str = "") -> None:
        settings = (await gate.rules_of(self.bot.store, interaction)).settings
        guild = self.bot.get_guild(guild_of(interaction))
        role, critics = (
            role_id is not None and guild is not None and guild.get_role(role_id) is not None
            for role_id in (settings.voter_role, settings.critic_role)
        )
        channel = settings.channel_id is not None and guild is not None and guild.get_channel(settings.channel_id)
        news = None if settings.channel_id is None else found(guild, settings.channel_id)
        await show(
            interaction,
            settings_panel.panel(settings, part, role=role, critics=critics, news=news, note=note),
            settings_panel.menus(settings, part, role=role, critics=critics, channel=bool(channel)),
        )

    async def _have_posts_follow(self, guild_id: int) -> str:
        """Let posts show or hide results as it is set now; what is said of that."""
        for review_id in await self.bot.store.posts.films(guild_id, FOLLOWING):
            self.bot.refresher.touch(guild_id, review_id)
        return f" Posts of the {FOLLOWING} films posted last follow in a moment; those of others with their next vote."


def _chosen(interaction: Interaction, setting: Setting) -> Value:
    """What was chosen for a setting, as it is kept.

    Raises:
        UnknownControlError: No menu of ours offers it.
        InputError: It is a role or a channel that will not do.
    """
    guild = interaction.guild
    if setting in settings_panel.MENUS:
        chosen = selected(interaction)
        if chosen is None or chosen not in settings_panel.MENUS[setting].choices:
            raise UnknownControlError
        return int(chosen) if setting is Setting.PICTURES else chosen
    if (chosen_id := selected_id(interaction)) is None:
        return None
    if setting is Setting.CHANNEL:
        finding = found(guild, chosen_id)
        if finding.mark is not Mark.GOOD:
            raise InputError(f"New reviews there would be {finding.said}. Nothing was changed. {finding.fix}")
        return chosen_id
    role = guild and guild.get_role(chosen_id)
    if not role:
        raise InputError("That role is none of this server's. Nothing was changed; please choose another.")
    if role.is_default() and setting is Setting.CRITIC_ROLE:
        raise InputError("Everyone has that role. Nothing was changed; please choose one that your critics have.")
    return None if role.is_default() else chosen_id


async def setup(bot: SheepBot) -> None:
    """Load this topic."""
    await bot.add_cog(Settings(bot))
