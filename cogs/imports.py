"""``/import``: a member's ratings from Letterboxd, looked through first, then given as votes."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot import gate, ratings
from bot.background import repeatedly
from bot.errors import InputError, StoreError
from bot.mover import FOLLOWING
from bot.moving import letterboxd
from bot.reviews.matching import Matcher, distinct
from bot.store.imports import BATCH, Imported
from bot.ui import controls, import_ids
from bot.ui import imports as shown
from bot.ui.pages import guild_of, is_private, show

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from bot.client import SheepBot
    from bot.ratings import Plan, Waiting
    from bot.reviews.matching import Rating
    from bot.rules import Rules
    from bot.ui.pages import Interaction

log = logging.getLogger(__name__)

AT_ONCE = 2
"""So many files are read at the same time; others wait for their turn."""
PATIENCE = 20.0
"""Seconds that Discord has to hand a file over."""
SLICE = 0.002
"""Seconds for which ratings are matched until others have their turn."""
HOUR = 3_600.0


class Imports(commands.Cog):
    """Takes ratings in; what waits for a member's word is in the store, and nothing in memory."""

    def __init__(self, bot: SheepBot) -> None:
        self.bot = bot
        self._busy: set[tuple[int, int]] = set()
        self._turns = asyncio.Semaphore(AT_ONCE)
        bot.router.on(import_ids.RatingsPage, self.turn)
        bot.router.on(import_ids.GiveRatings, self.give)
        bot.router.on(import_ids.DropRatings, self.drop)

    async def cog_load(self) -> None:
        """Begin to forget what has waited for a day."""
        self._sweeping = asyncio.create_task(repeatedly(self._sweep))

    async def cog_unload(self) -> None:
        """End that."""
        self._sweeping.cancel()

    @app_commands.command(name="import")
    @app_commands.guild_only()
    @app_commands.describe(
        file="Letterboxd's ratings.csv, or the whole zip that it exports",
        override="Whether ratings take the place of votes that you gave here later",
    )
    async def bring(self, interaction: Interaction, file: discord.Attachment, *, override: bool = False) -> None:
        """Import your ratings from Letterboxd, once you have seen what that gives."""
        await gate.let_vote_at_all(self.bot.store, interaction)
        letterboxd.must_fit(file.size)
        await interaction.response.defer(ephemeral=True, thinking=True)
        self.bot.take_time(interaction, self._bring(interaction, file, override=override))

    async def turn(self, interaction: Interaction, control: import_ids.RatingsPage) -> None:
        """Turn to a page of what would be given, with or without overriding."""
        rules = await gate.rules_of(self.bot.store, interaction)
        waits = await self._waiting(interaction, control.number)
        await show(interaction, *await self._preview(interaction, control, waits, rules))

    async def give(self, interaction: Interaction, control: import_ids.GiveRatings) -> None:
        """Give the votes."""
        rules = await gate.let_vote_at_all(self.bot.store, interaction)
        await interaction.response.defer(ephemeral=True, thinking=not is_private(interaction))
        self.bot.take_time(interaction, self._give(interaction, control, rules))

    async def drop(self, interaction: Interaction, control: import_ids.DropRatings) -> None:
        """Forget what a member has brought."""
        with self._alone(interaction):
            await self._waiting(interaction, control.number)
            await self.bot.store.imports.drop(guild_of(interaction), interaction.user.id)
        await show(interaction, shown.discarded(), controls.nothing())

    async def _bring(self, interaction: Interaction, file: discord.Attachment, *, override: bool) -> None:
        guild_id, number = guild_of(interaction), interaction.id
        with self._alone(interaction):
            async with self._turns:
                data = await _fetched(file)
                export, different = await asyncio.to_thread(_read, data)
                matcher = await self._match(guild_id, different)
                waits, body = await asyncio.to_thread(_written, number, export, matcher)
            if not waits.found and not waits.ambiguous:
                await interaction.followup.send(embed=shown.nothing_found(waits), ephemeral=True)
                return
            await self.bot.store.imports.put(guild_id, interaction.user.id, body)
        page = import_ids.RatingsPage(number, int(override))
        rules = await gate.rules_of(self.bot.store, interaction)
        embed, view = await self._preview(interaction, page, waits, rules)
        await interaction.followup.send(embed=embed, view=view, ephemeral=True)

    async def _match(self, guild_id: int, different: Sequence[Rating]) -> Matcher:
        matcher = Matcher(partial(self.bot.catalogue.spelt, guild_id=guild_id))
        until = time.monotonic() + SLICE
        for rating in different:
            matcher.add(rating)
            if time.monotonic() > until:
                await asyncio.sleep(0)
                until = time.monotonic() + SLICE
        return matcher

    async def _give(self, interaction: Interaction, control: import_ids.GiveRatings, rules: Rules) -> None:
        guild_id, member_id, override = guild_of(interaction), interaction.user.id, bool(control.override)
        films: list[int] = []
        with self._alone(interaction):
            waits = await self._waiting(interaction, control.number)
            plan = await self._plan(interaction, waits, rules, override=override)
            try:
                for first in range(0, len(plan.given), BATCH):
                    votes = [Imported(one.review_id, one.sheep, one.at) for one in plan.given[first : first + BATCH]]
                    done = await self.bot.store.imports.give(guild_id, member_id, votes, override=override)
                    if done is None:
                        raise InputError(shown.NOTHING_WAITS)
                    films += done
                await self.bot.store.imports.drop(guild_id, member_id)
            except StoreError as error:
                if films:
                    raise StoreError(shown.broken_off(len(films))) from error
                raise
            finally:
                await self._follow(guild_id, films)
        await interaction.edit_original_response(embed=shown.given(plan, len(films)), view=controls.nothing())

    async def _follow(self, guild_id: int, films: Sequence[int]) -> None:
        """Have the newest of the films' posts show what was given; others follow with their next vote."""
        try:
            newest = await self.bot.store.posts.newest([(guild_id, review_id) for review_id in films], FOLLOWING)
        except StoreError as error:
            log.warning("The posts of what was imported follow with their next vote: %s", error.cause)
            return
        for film in newest:
            self.bot.refresher.touch(*film)

    async def _waiting(self, interaction: Interaction, number: int) -> Waiting:
        """What waits for the word of whoever uses a control that was made for it.

        Raises:
            InputError: There is nothing, or something else by now.
        """
        body = await self.bot.store.imports.get(guild_of(interaction), interaction.user.id)
        waits = None if body is None else await asyncio.to_thread(ratings.restored, body)
        if waits is None or waits.number != number:
            raise InputError(shown.NOTHING_WAITS)
        return waits

    async def _preview(
        self, interaction: Interaction, page: import_ids.RatingsPage, waits: Waiting, rules: Rules
    ) -> tuple[discord.Embed, discord.ui.View]:
        plan = await self._plan(interaction, waits, rules, override=bool(page.override))
        return shown.preview(page, waits, plan, partial(self.bot.catalogue.found_in, guild_of(interaction)))

    async def _plan(self, interaction: Interaction, waits: Waiting, rules: Rules, *, override: bool) -> Plan:
        guild_id = guild_of(interaction)
        films = [review_id for review_id, *_ in waits.found]
        standing = await self.bot.store.imports.standing(guild_id, interaction.user.id, films)
        return await asyncio.to_thread(
            ratings.plan,
            waits.found,
            {review_id: ratings.Standing(*vote) for review_id, vote in standing.items()},
            here=lambda review_id: self.bot.catalogue.found_in(guild_id, review_id) is not None,
            closed=partial(rules.closed, now=gate.now()),
            override=override,
        )

    @contextmanager
    def _alone(self, interaction: Interaction) -> Generator[None]:
        """Do one thing at a time for a member in a server.

        Raises:
            InputError: There is another.
        """
        key = (guild_of(interaction), interaction.user.id)
        if key in self._busy:
            raise InputError(shown.UNDER_WAY)
        self._busy.add(key)
        try:
            yield
        finally:
            self._busy.discard(key)

    async def _sweep(self) -> float:
        await self.bot.store.imports.sweep()
        return HOUR


async def _fetched(file: discord.Attachment) -> bytes:
    try:
        async with asyncio.timeout(PATIENCE):
            return await file.read()
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
        raise InputError(shown.NOT_FETCHED) from error


def _read(data: bytes) -> tuple[letterboxd.Export, list[Rating]]:
    export = letterboxd.read(data, time.time())
    return export, distinct(export.ratings)


def _written(number: int, export: letterboxd.Export, matcher: Matcher) -> tuple[Waiting, str]:
    waits = ratings.waiting(number, len(export.ratings) + export.unread, export.unread, matcher.matches())
    return waits, ratings.written(waits)


async def setup(bot: SheepBot) -> None:
    """Load this topic."""
    await bot.add_cog(Imports(bot))
