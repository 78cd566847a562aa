"""A simulated Discord with two servers, and the real bot in it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import discord
import simcord
from simcord import InteractionResult
from simcord.backend import serializers
from simcord.enums import ComponentType, InteractionType
from simcord.interactions import base_payload

from bot.app import open_bot
from bot.store.tables import COUNTED, TABLES
from tests.journeys import sent
from tests.journeys.screens import answered, labelled, sheep
from tests.postgres import on_a_loop

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
    from pathlib import Path

    from simcord import ChannelHandle, Env, MemberActor, ResponseMessage, UserHandle

    from bot.addresses import Listed
    from bot.client import SheepBot
    from tests.store.tools import Engine

SETTLE = 10.0
"""Seconds that the bot may take, by the real clock, until everything that was asked of it is dealt with."""
IDLE = 0.001
"""Seconds between two looks at whether the bot is done; with SimCord's own 50 ms, most of a test is waiting."""


class _Env(simcord.Env):
    """SimCord, made quick and independent of the machine: the bot's time passes only in ``World.later``."""

    async def _settle_internal(self, *, idle: float = IDLE, **more: Any) -> None:
        await super()._settle_internal(idle=min(idle, IDLE), **more)

    def _schedule_timer(self, *_: object, **__: object) -> None:
        """SimCord also lets a timer go off by the real clock, which on a slow machine is in the middle of a test."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the database holds, by (guild_id, slug of the film, member_id)."""

    votes: dict[tuple[int, str, int], int]
    thoughts: dict[tuple[int, str, int], tuple[str, bool]]


class World:
    """Two servers with members, one bot, one database.

    Attributes:
        env: The simulated Discord.
        channel: Where ``alice``, ``bob``, ``mod``, who may delete messages, and ``manager``, who may manage
            the server, are; ``elsewhere`` is in another server, with ``alice_elsewhere`` (the same person),
            ``stranger``, and ``manager_elsewhere``, who manages that one.
        errors_are_expected: Whether a test makes the bot meet errors; otherwise any fails it.
    """

    def __init__(
        self,
        env: Env,
        bot: SheepBot,
        lifetime: contextlib.AsyncExitStack,
        reopen: Callable[[], contextlib.AbstractAsyncContextManager[SheepBot]],
        engine: Engine,
    ) -> None:
        self.env = env
        self.bot = bot
        self._lifetime = lifetime
        self._reopen = reopen
        self._engine = engine
        self.errors_are_expected = False
        self._here, there = env.create_guild("Film club"), env.create_guild("Another club")
        self.channel: ChannelHandle = self._here.create_text_channel("films")
        self.elsewhere: ChannelHandle = there.create_text_channel("films")
        alice, bob, mod, stranger, manager, other = (
            env.create_user(name) for name in ("alice", "bob", "mod", "stranger", "manager", "manager_elsewhere")
        )
        tidy = self._here.create_role("tidy", permissions=discord.Permissions(manage_messages=True))
        self.alice: MemberActor = self._here.add_member(alice)
        self.bob: MemberActor = self._here.add_member(bob)
        self.mod: MemberActor = self._here.add_member(mod, roles=[tidy])
        manages = discord.Permissions(manage_guild=True)
        self.manager: MemberActor = self._here.add_member(
            manager, roles=[self._here.create_role("managers", permissions=manages)]
        )
        self.manager_elsewhere: MemberActor = there.add_member(
            other, roles=[there.create_role("managers", permissions=manages)]
        )
        self.alice_elsewhere: MemberActor = there.add_member(alice)
        self.stranger: MemberActor = there.add_member(stranger)

    def crowd(self, count: int) -> list[MemberActor]:
        """That many more members of the first server."""
        return [self._here.add_member(self.env.create_user(f"member{number}")) for number in range(count)]

    async def restart(self) -> None:
        """Stop the bot and start it anew on the same database; Discord keeps its messages."""
        await self._lifetime.aclose()
        self.bot = await self._lifetime.enter_async_context(self._reopen())
        await self.env.restart_bot(self.bot)

    async def later(self, seconds: float = 6.0) -> None:
        """Let time pass, so that everything due by then is done."""
        await self.env.advance_time(seconds)

    # What members do.

    async def ask(self, member: MemberActor, command: str, /, **options: Any) -> ResponseMessage:
        """Use a command; returns the answer."""
        return answered(await member.slash(self._channel_of(member), command, **options))

    async def review(self, title: str = "miss you already", member: MemberActor | None = None) -> ResponseMessage:
        """Have a review posted, by Alice unless told otherwise; returns the public message."""
        return await self.ask(member or self.alice, "review", title=title)

    async def press(self, member: MemberActor, message: ResponseMessage, label: str) -> ResponseMessage:
        """Press the button that has this in its label; returns the answer."""
        return answered(await member.click(message, custom_id=labelled(message, label)["custom_id"]))

    async def give(self, member: MemberActor, message: ResponseMessage, count: int) -> ResponseMessage:
        """Press the button for so many sheep; returns the answer."""
        return answered(await member.click(message, custom_id=sheep(message, count)))

    async def share(self, member: MemberActor, message: ResponseMessage, body: str, **more: Any) -> ResponseMessage:
        """Write a thought on the film of a message, and perhaps choose sheep; returns the answer."""
        opened = await member.click(message, label="Share your thoughts")
        return answered(await member.submit_modal(opened, {"body": body, **more}))

    async def votes_on(self, title: str, votes: Iterable[tuple[MemberActor, int]]) -> ResponseMessage:
        """Have a review posted and voted on by many members at once; returns the public message."""
        post = await self.review(title)
        for member, count in votes:
            self.send(member, {"custom_id": sheep(post, count)}, on=post)
        await self.env.settle()
        return post

    # What no honest client does: whatever is in a payload, the bot has to bear it.

    def send(
        self,
        member: MemberActor | UserHandle,
        data: dict[str, Any],
        *,
        on: ResponseMessage | None = None,
        kind: InteractionType = InteractionType.MESSAGE_COMPONENT,
    ) -> InteractionResult:
        """Send the bot an interaction as it is, without waiting for what comes of it.

        Args:
            on: The message on which the control is said to stand.
        """
        backend, channel = self.env.backend, self._channel_of(member)
        guild_id = None if isinstance(member, simcord.UserHandle) else member.guild.id
        if kind == InteractionType.MESSAGE_COMPONENT:
            data = {"component_type": ComponentType.BUTTON, **data}
        record, payload = base_payload(
            backend, type=kind, channel_id=channel.id, guild_id=guild_id, user_id=member.id, data=data
        )
        if on is not None:
            stored = backend.get_message(on.channel_id, on.id)
            payload["message"] = dict(serializers.message_payload(backend, stored))
            record.source_message_id = on.id
        backend.emit("INTERACTION_CREATE", payload)
        return InteractionResult(self.env, record)

    async def forge(
        self, member: MemberActor | UserHandle, data: dict[str, Any], on: ResponseMessage | None = None, **more: Any
    ) -> InteractionResult:
        """Send the bot an interaction as it is, and wait until it is dealt with."""
        result = self.send(member, data, on=on, **more)
        await self.env.settle()
        return result

    def send_form(
        self, member: MemberActor, custom_id: str, fields: dict[str, Any], on: ResponseMessage | None = None
    ) -> InteractionResult:
        """Send the bot a form with these fields, whatever its own form would allow, without waiting."""
        parts = [{"type": 18, "component": {"custom_id": name, "value": value}} for name, value in fields.items()]
        data = {"custom_id": custom_id, "components": parts}
        return self.send(member, data, on=on, kind=InteractionType.MODAL_SUBMIT)

    # What an onlooker can tell.

    def kept(self) -> Kept:
        """What is in the database, read beside the bot."""
        votes, thoughts = on_a_loop(lambda: self._engine.read(_VOTES, _THOUGHTS))
        return Kept({row[:3]: row[3] for row in votes}, {row[:3]: (row[3], bool(row[4])) for row in thoughts})

    def everything(self, guild_id: int | None = None) -> dict[str, list[Any]]:
        """All that the database holds, or all that it holds of one server, read beside the bot."""
        tables = [table for table in (*TABLES, *COUNTED) if table.name != "meta"]
        if guild_id is not None:
            tables = [table for table in tables if "guild_id" in table.columns]
        only = "true" if guild_id is None else f"guild_id = {guild_id}"
        queries = [
            f"SELECT {', '.join(table.columns)} FROM {table.name} WHERE {only} AND {table.only} ORDER BY {table.keys}"  # noqa: S608 - constants of the tables
            for table in tables
        ]
        found = on_a_loop(lambda: self._engine.read(*queries))
        return {table.name: rows for table, rows in zip(tables, found, strict=True)}

    def edits(self, message: ResponseMessage) -> int:
        """How often the bot has edited a public message by itself."""
        path = f"/channels/{message.channel_id}/messages/{message.id}"
        return sum(entry.method == "PATCH" and entry.path == path for entry in self.env.http_requests)

    def _channel_of(self, member: MemberActor | UserHandle) -> ChannelHandle:
        if isinstance(member, simcord.UserHandle):
            return member.dm_channel
        return self.channel if member.guild.id == self._here.id else self.elsewhere


_VOTES = "SELECT v.guild_id, slug, member_id, sheep FROM votes v JOIN reviews r ON r.id = review_id"
_THOUGHTS = "SELECT t.guild_id, slug, member_id, t.body, spoiler FROM thoughts t JOIN reviews r ON r.id = review_id"


@contextlib.asynccontextmanager
async def open_world(engine: Engine, reviews: Path, fetch_allow: Sequence[Listed] = ()) -> AsyncGenerator[World]:
    """The world on a database; what the bot raised unseen, or sent beyond a limit, fails the test."""
    reopen = partial(open_bot, engine.url, str(reviews), shard_count=1, fetch_allow=fetch_allow)
    async with contextlib.AsyncExitStack() as lifetime:
        bot = await lifetime.enter_async_context(reopen())
        # Not simcord.run(): a fixture's two halves run in two contexts, and it cannot be left in another.
        env = _Env(bot, settle_timeout=SETTLE)
        await env.start()
        world = World(env, bot, lifetime, reopen, engine)
        try:
            yield world
        finally:
            await env.shutdown()
        sent.check(env)
        if not world.errors_are_expected:
            env.raise_errors()
