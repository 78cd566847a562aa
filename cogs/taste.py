"""``/tastematch`` and ``/recommend``: who agrees with whom, and what to see next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot import gate
from bot.errors import InputError
from bot.rules import ShowResults
from bot.store.leaderboard import Question
from bot.taste import ENOUGH, LOVED, furthest
from bot.ui import controls, ids, stories
from bot.ui.pages import guild_of, is_private, show

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from bot.client import SheepBot
    from bot.reviews.titles import Title
    from bot.rules import Rules
    from bot.taste import Pair
    from bot.ui.pages import Interaction

RECOMMENDED = 5
LOOKED_THROUGH = 500
"""So many of the films that a server loves are looked through, at the most, for one that a member has not rated."""


class Taste(commands.Cog):
    """Compares members with those who can be compared, and tells them privately."""

    def __init__(self, bot: SheepBot) -> None:
        self.bot = bot
        bot.router.on(ids.Compare, self.compare)

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(member="With whom; leave it away for the critic")
    async def tastematch(self, interaction: Interaction, member: discord.User | None = None) -> None:
        """See how far you agree with the critic, or with another member."""
        guild_id, me, taste = guild_of(interaction), interaction.user.id, self.bot.store.taste
        alone = await taste.uncompared(me, *([member.id] if member else []))
        if member is None:
            pairs, name = await taste.pairs_with_critic(guild_id, me), None
        else:
            _must_be_comparable(me, member, alone)
            rules = await gate.rules_of(self.bot.store, interaction)
            found = await taste.pairs(guild_id, me, member.id)
            pairs = [pair for pair in found if rules.shows_results(pair.review_id, gate.now(), voted=True)]
            name = stories.name_of(member.display_name) or member.mention
        embed = stories.match(name, pairs, self._named(furthest(pairs, stories.DIFFERENCES)))
        await show(interaction, embed, controls.compare(allowed=me not in alone), in_place=False)

    async def compare(self, interaction: Interaction, control: ids.Compare) -> None:
        """Compare the member with others again, or with nobody."""
        guild_of(interaction)
        allowed = bool(control.allowed)
        await self.bot.store.taste.compare(interaction.user.id, allowed=allowed)
        view = controls.compare(allowed=allowed)
        await show(interaction, stories.compared(allowed=allowed), view, in_place=is_private(interaction))

    @app_commands.command()
    @app_commands.guild_only()
    async def recommend(self, interaction: Interaction) -> None:
        """See what you may like, by members whose taste is like yours."""
        guild_id, me, taste = guild_of(interaction), interaction.user.id, self.bot.store.taste
        rules = await gate.rules_of(self.bot.store, interaction)
        rated = await taste.votes_of(guild_id, me)
        found: list[tuple[int, str]] = []
        first = ""
        if len(rated) < ENOUGH:
            first = stories.few_votes(len(rated))
        elif await taste.uncompared(me):
            first = stories.UNCOMPARED
        elif rules.settings.results is not ShowResults.AFTER_CLOSING:  # else it would tell what is hidden until then
            liked = await taste.liked_by_like_minded(
                guild_id, me, rated, weight=rules.settings.weight, count=RECOMMENDED
            )
            found = [(film.review_id, stories.liked(film, shown=_shows(rules, film.review_id))) for film in liked]
            first = "" if found else stories.NOBODY_ALIKE
        alike = bool(found)
        if len(found) < RECOMMENDED:
            found += await self._loved_here(guild_id, rules, rated)
        if len(found) < RECOMMENDED:
            loved = await taste.loved_by_critic(guild_id, me, 2 * RECOMMENDED)
            found += [(review_id, stories.loved_by_critic(half)) for review_id, half in loved]
        reasons = dict(reversed(found))  # of several for one film the first stands
        films = [film for review_id in dict(found) if (film := self.bot.catalogue.get(review_id))][:RECOMMENDED]
        embed = stories.recommendations([(film, reasons[film.review_id]) for film in films], first, alike=alike)
        await show(interaction, embed, controls.recommended(films), in_place=False)

    async def _loved_here(self, guild_id: int, rules: Rules, rated: Collection[int]) -> list[tuple[int, str]]:
        """What the server loves and a member has not rated, with the reason."""
        question = Question(
            guild_id,
            min_votes=rules.settings.min_votes,
            weight=rules.settings.weight,
            closed=rules.countable(gate.now()),
        )
        board = await self.bot.store.leaderboard.top(question, 0, min(len(rated), LOOKED_THROUGH) + 2 * RECOMMENDED)
        return [
            (place.review_id, stories.loved_here(place, shown=_shows(rules, place.review_id)))
            for place in board.places
            if place.mean >= LOVED and place.review_id not in rated
        ]

    def _named(self, pairs: Iterable[Pair]) -> list[tuple[Pair, Title]]:
        return [(pair, film) for pair in pairs if (film := self.bot.catalogue.get(pair.review_id))]


def _must_be_comparable(me: int, member: discord.User | discord.Member, alone: set[int]) -> None:
    """Refuse whom nobody can be compared with.

    Raises:
        InputError: It says why.
    """
    instead = "Choose another member, or none for the critic."
    if member.id == me:
        raise InputError(f"You agree with yourself on every film. {instead}")
    if member.bot:
        raise InputError(f"A bot gives no sheep. {instead}")
    if me in alone:
        raise InputError("You are compared with nobody, as you wished. `/tastematch` without a member changes that.")
    if member.id in alone:
        raise InputError(f"That member wishes to be compared with nobody. {instead}")


def _shows(rules: Rules, review_id: int) -> bool:
    """Whether someone who has not voted on a film may see how others did."""
    return rules.shows_results(review_id, gate.now(), voted=False)


async def setup(bot: SheepBot) -> None:
    """Load this topic."""
    await bot.add_cog(Taste(bot))
