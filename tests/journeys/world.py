"""A simulated Discord with two servers, and the real bot in it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import simcord

from bot.app import open_bot

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from simcord import ChannelHandle, Env, InteractionResult, MemberActor, ResponseMessage

    from bot.client import SheepBot

SETTLE = 2.0
"""Seconds; below the refresher's interval, so that a tally due later waits for ``later``."""


class World:
    """Two servers with members, one bot, one database file.

    Attributes:
        env: The simulated Discord.
        channel: Where ``alice``, ``bob`` and ``mod`` are; ``elsewhere`` is in another server,
            with ``alice_elsewhere`` (the same person) and ``stranger``.
        errors_are_expected: Whether a test makes the bot meet errors; otherwise any fails it.
    """

    def __init__(self, env: Env, bot: SheepBot, lifetime: contextlib.AsyncExitStack, url: str, reviews: Path) -> None:
        self.env = env
        self.bot = bot
        self._lifetime = lifetime
        self._url = url
        self._reviews = reviews
        self.errors_are_expected = False
        here, there = env.create_guild("Film club"), env.create_guild("Another club")
        self.channel: ChannelHandle = here.create_text_channel("films")
        self.elsewhere: ChannelHandle = there.create_text_channel("films")
        alice, bob, stranger = (env.create_user(name) for name in ("alice", "bob", "stranger"))
        self.alice: MemberActor = here.add_member(alice)
        self.bob: MemberActor = here.add_member(bob)
        self.alice_elsewhere: MemberActor = there.add_member(alice)
        self.stranger: MemberActor = there.add_member(stranger)

    async def restart(self) -> None:
        """Stop the bot and start it anew on the same database; Discord keeps its messages."""
        await self._lifetime.aclose()
        self.bot = await self._lifetime.enter_async_context(open_bot(self._url, str(self._reviews), shard_count=1))
        await self.env.restart_bot(self.bot)

    async def later(self, seconds: float = 6.0) -> None:
        """Let time pass, so that everything due by then is done."""
        await self.env.advance_time(seconds)

    async def review(self, title: str = "miss you already", member: MemberActor | None = None) -> ResponseMessage:
        """Have a review posted, by Alice unless told otherwise; returns the public message."""
        member = member or self.alice
        channel = self.channel if member.guild.id == self.channel.guild.id else self.elsewhere
        return answered(await member.slash(channel, "review", title=title))


@contextlib.asynccontextmanager
async def open_world(folder: Path, reviews: Path) -> AsyncGenerator[World]:
    """The world on a new database in ``folder``; what the bot raised unseen fails the test."""
    url = f"sqlite:///{folder / 'sheepbot.db'}"
    async with contextlib.AsyncExitStack() as lifetime:
        bot = await lifetime.enter_async_context(open_bot(url, str(reviews), shard_count=1))
        # Not simcord.run(): a fixture's two halves run in two contexts, and it cannot be left in another.
        env = simcord.Env(bot, settle_timeout=SETTLE)
        await env.start()
        world = World(env, bot, lifetime, url, reviews)
        try:
            yield world
        finally:
            await env.shutdown()
        if not world.errors_are_expected:
            env.raise_errors()


def answered(result: InteractionResult) -> ResponseMessage:
    """The message with which an interaction was answered."""
    assert result.acknowledged, "no answer"
    assert result.response is not None, "no message in the answer"
    return result.response


def said(message: ResponseMessage) -> str:
    """Everything that a message says: content, embeds, labels."""
    parts = [message.content]
    for embed in message.embeds:
        parts += [embed.title or "", embed.description or "", embed.footer.text or ""]
        parts += [f"{field.name}\n{field.value}" for field in embed.fields]
    return "\n".join([*parts, *labels(message)])


def labels(message: ResponseMessage) -> list[str]:
    """The labels of a message's buttons and menu options."""
    return [
        label
        for component in components(message)
        for label in [component.get("label"), *(option["label"] for option in component.get("options", ()))]
        if label
    ]


def components(message: ResponseMessage) -> list[dict[str, Any]]:
    """A message's buttons and menus."""
    return [component for row in message.components for component in row["components"]]


def sheep(message: ResponseMessage, count: int) -> str:
    """The custom_id of a message's button for so many sheep."""
    return next(
        component["custom_id"]
        for component in components(message)
        if component.get("emoji") and component["label"] == str(count)
    )
