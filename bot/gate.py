"""What a server lets a member do, asked before anything is stored; on the click path, so only memory is looked into."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.rules import ShowResults
from bot.ui.pages import guild_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.rules import Poll, Rules
    from bot.store import Store
    from bot.ui.pages import Interaction


def now() -> float:
    """The time by which votes close, in Unix seconds."""
    return discord.utils.utcnow().timestamp()


async def rules_of(store: Store, interaction: Interaction) -> Rules:
    """What the server at hand has decided.

    Raises:
        NotInServerError: There is no server.
    """
    return await store.guilds.rules(guild_of(interaction))


async def let_vote(store: Store, interaction: Interaction, review_id: int) -> Rules:
    """Refuse a member who may not vote on a film here; return what the server has decided.

    Raises:
        NotAllowedError: It says why, and who can change it.
    """
    rules = await rules_of(store, interaction)
    rules.must_let_vote(*_standing(rules, interaction), review_id, now())
    return rules


async def let_vote_at_all(store: Store, interaction: Interaction) -> Rules:
    """Refuse a member who may vote on no film here; return what the server has decided, closed films too.

    Raises:
        NotAllowedError: It says why, and who can change it.
    """
    rules = await rules_of(store, interaction)
    rules.must_let_vote_at_all(*_standing(rules, interaction), now())
    return rules


async def let_share(store: Store, interaction: Interaction) -> Rules:
    """Refuse a member who may not share thoughts here; return what the server has decided.

    Raises:
        NotAllowedError: It says why, and who can change it.
    """
    rules = await rules_of(store, interaction)
    rules.must_let_share(*_standing(rules, interaction), now())
    return rules


async def let_publish(store: Store, interaction: Interaction) -> None:
    """Refuse a member who may not publish reviews here.

    Raises:
        NotAllowedError: It says why, and who can change it.
    """
    rules = await rules_of(store, interaction)
    manages = interaction.permissions.manage_guild
    rules.must_let_publish(interaction.user.id, _roles(interaction.user), manages=manages)


async def let_take_back(store: Store, interaction: Interaction, review_id: int) -> Rules:
    """Refuse to take a vote back on a film that is closed here; whoever may not vote may still do it before.

    Raises:
        NotAllowedError: It says why, and who can change it.
    """
    rules = await rules_of(store, interaction)
    rules.must_be_open(review_id, now())
    return rules


async def poll_of(store: Store, interaction: Interaction, review_id: int) -> Poll:
    """How the vote on a film stands for the member; the database is asked for their vote only where that decides.

    Raises:
        NotInServerError: There is no server.
        StoreError: The database did not answer.
    """
    rules, guild_id = await rules_of(store, interaction), guild_of(interaction)
    poll = rules.poll(review_id, now(), voted=False)
    if not poll.shown and poll.results is ShowResults.AFTER_VOTING:
        sheep, _ = await store.thoughts.standing(guild_id, review_id, interaction.user.id)
        return rules.poll(review_id, now(), voted=sheep is not None)
    return poll


def _standing(rules: Rules, interaction: Interaction) -> tuple[int, Collection[int], float]:
    """A member's id and roles, and when their account was made; the roles only where they decide."""
    member = interaction.user
    roles = _roles(member) if rules.settings.voter_role is not None else ()
    return member.id, roles, member.created_at.timestamp()


def _roles(member: discord.User | discord.Member) -> Collection[int]:
    """The ids of a member's roles; ``.roles`` leaves out what is not cached."""
    return member._roles if isinstance(member, discord.Member) else ()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - as said
