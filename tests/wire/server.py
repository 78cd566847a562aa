"""A loopback Discord for tests of the real process: one application on 127.0.0.1, over real sockets.

    async with WireDiscord() as discord:
        ...  # start the bot with discord.env and discord.token
        await discord.ready()
        reply = await discord.slash("review", title="miss you already")
        vote = await discord.click(reply.message, "vote:4", user="ada")
        assert vote.ephemeral

A test acts as members do and sees what they see; the bot sees only HTTP and a websocket. There are no rate-limit
buckets, no replay after RESUME, no permission checks and no limits of content. Every wait ends in a TimeoutError.
"""

# ruff: noqa: ASYNC109 - a wait that fails says what did not happen, so it takes its own timeout

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web

from .payloads import Guild, Json, Member, Message, filled, invocation, walk
from .replies import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL_SUBMIT, Pending, Reply
from .rest import API, Fault, Request, Rest

if TYPE_CHECKING:
    from types import TracebackType

TOKEN = "wire.loopback.token"  # noqa: S105 - it opens nothing but this server
Who = Member | str
Ref = Message | str | int
Values = Mapping[str, str | bool | list[str] | None]


class WireDiscord(Rest):
    """One application, its bot in `guilds` guilds with one text channel each, served to whoever has `token`.

    `shards` is what /gateway/bot recommends; `refuse_intents` closes every IDENTIFY with 4014. Members are made by
    being named: "ada" is the same person everywhere. Guilds are given by their index.
    """

    def __init__(self, token: str = TOKEN, *, guilds: int = 2, shards: int = 1, refuse_intents: bool = False) -> None:
        super().__init__(token, guilds, shards, refuse_intents=refuse_intents)
        self._members = {self.owner.name: self.owner}
        self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=1)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.refuse_gateway = True
        for link in list(self._links):
            link.abort()
        await self._runner.cleanup()
        if self._crashes and not error:
            raise ExceptionGroup("the loopback Discord itself failed", self._crashes)

    @property
    def api_base(self) -> str:
        return f"http://127.0.0.1:{self.port}{API}"

    @property
    def env(self) -> dict[str, str]:
        """The environment that points the bot here."""
        return {"DISCORD_API_BASE": self.api_base, "DISCORD_GATEWAY": self.gateway_url}

    # What a test arranges and waits for

    def member(self, name: str, permissions: int | None = None) -> Member:
        """The member of that name; `permissions` are what they may do from now on."""
        member = self._members.get(name) or Member(self._id(), name)
        if permissions is not None:
            member = replace(member, permissions=permissions)
        self._members[name] = member
        return member

    def inject(self, method: str, path_glob: str, status: int, times: int = 1, body: Json | None = None) -> Fault:
        """Fail the next `times` calls to `path_glob`, such as "/channels/*" (a * crosses slashes)."""
        default: Json = {"code": 0, "message": f"injected {status}"}
        if status == 429:
            default |= {"retry_after": 0.05, "global": False}
        fault = Fault(method, path_glob, status, times, body or default)
        self._faults.append(fault)
        return fault

    async def edited(self, message: Ref, count: int = 1, timeout: float = 10) -> Message:
        """The message as it is once it has been edited `count` times in all."""
        key = _id_of(message)
        await self._until(f"edited {count} times", timeout, lambda: self.edits[key] >= count)
        return copy.deepcopy(self.messages[key])

    async def requested(self, method: str, path_glob: str, count: int = 1, timeout: float = 10) -> Request:
        """The `count`th call to `path_glob`, as soon as it has come in."""

        def calls() -> list[Request]:
            return [call for call in self.requests if call.method == method and fnmatchcase(call.path, path_glob)]

        await self._until(f"requested {method} {path_glob} {count} times", timeout, lambda: len(calls()) >= count)
        return calls()[count - 1]

    # What a member does

    async def slash(
        self, name: str, /, *, user: Who = "ada", guild: int = 0, timeout: float = 5, **options: Any
    ) -> Reply:
        """Use a synced slash command ("group sub" for a subcommand)."""
        data = invocation(self.commands, name, options)
        return await (await self._interact(COMMAND, user, self.guilds[guild], data)).reply(timeout)

    async def autocomplete(
        self,
        name: str,
        typing: str,
        text: str,
        /,
        *,
        user: Who = "ada",
        guild: int = 0,
        timeout: float = 5,
        **given: Any,
    ) -> Reply:
        """Type `text` into the option `typing` of a command, with the options `given` filled in already."""
        data = invocation(self.commands, name, given | {typing: text}, typing)
        return await (await self._interact(AUTOCOMPLETE, user, self.guilds[guild], data)).reply(timeout)

    async def begin_click(self, message: Ref, custom_id: str, *, user: Who = "ada") -> Pending:
        """Click a button, and do not wait for the answer."""
        return await self._use(message, custom_id, 2, user, {})

    async def click(self, message: Ref, custom_id: str, *, user: Who = "ada", timeout: float = 5) -> Reply:
        """Click a button of a message as it is now."""
        return await (await self.begin_click(message, custom_id, user=user)).reply(timeout)

    async def select(
        self, message: Ref, custom_id: str, values: list[str], *, user: Who = "ada", timeout: float = 5
    ) -> Reply:
        """Choose from a string select of a message as it is now."""
        part = self.messages[_id_of(message)].control(custom_id, 3)
        if not set(values) <= {option["value"] for option in part["options"]}:
            raise LookupError(f"{values} cannot be chosen from {part['options']}")
        return await (await self._use(message, custom_id, 3, user, {"values": values})).reply(timeout)

    async def submit(self, modal: Reply, values: Values, *, user: Who | None = None, timeout: float = 5) -> Reply:
        """Submit the modal of a reply; fields that `values` leaves out keep what they were opened with."""
        fields = [part for part in walk(modal.modal["components"]) if "custom_id" in part]
        if unknown := set(values) - {part["custom_id"] for part in fields}:
            raise LookupError(f"the modal has no field {sorted(unknown)}")
        data: Json = {"custom_id": modal.modal["custom_id"]}
        data["components"] = [filled(part, values) for part in modal.modal["components"]]
        pending = await self._interact(MODAL_SUBMIT, user or modal.to.user, modal.to.guild, data, modal.to)
        return await pending.reply(timeout)

    async def _use(self, ref: Ref, custom_id: str, kind: int, user: Who, extra: Json) -> Pending:
        message = self.messages[_id_of(ref)]
        control = message.control(custom_id, kind)
        data = {"custom_id": custom_id, "component_type": kind, "id": control["id"]} | extra
        return await self._interact(COMPONENT, user, self._guild_of(message.channel_id), data, message)

    async def _interact(
        self, kind: int, user: Who, guild: Guild, data: Json, cause: Message | Pending | None = None
    ) -> Pending:
        """Send an interaction. Its cause is the message of a component, or what a modal was the answer to."""
        who = user if isinstance(user, Member) else self.member(user)
        owners = {"0": guild.id}
        about: Json = {"id": self._id(), "type": kind, "user": who.user(), "authorizing_integration_owners": owners}
        if kind == COMMAND:
            about |= {"name": data["name"], "command_type": 1}
        elif isinstance(cause, Message):
            about["interacted_message_id"] = cause.id
        elif cause:
            about["triggering_interaction_metadata"] = cause.metadata
        source = cause.source if isinstance(cause, Pending) else cause
        pending = Pending(about["id"], kind, who, guild, source, about)
        self._pending[pending.token] = pending
        payload: Json = {
            "id": pending.id, "application_id": self.application_id, "type": kind, "token": pending.token,
            "version": 1, "data": data, "guild_id": guild.id, "guild": guild.partial(), "channel_id": guild.channel_id,
            "channel": guild.channel() | {"permissions": str(who.permissions)}, "member": who.payload(),
            "locale": "en-US", "guild_locale": "en-US", "app_permissions": str(self.bot.permissions),
            "entitlements": [], "authorizing_integration_owners": owners, "context": 0,
            "attachment_size_limit": 10 << 20,
        }  # fmt: skip
        if source:
            payload["message"] = source
        if not await self._dispatch(guild, "INTERACTION_CREATE", payload):
            raise ConnectionError(f"no gateway connection serves {guild.name}")
        return pending


def _id_of(message: Ref) -> str:
    return message.id if isinstance(message, Message) else str(message)
