"""Bots in processes of their own, on a loopback Discord that spends as little as it can on a click."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import re
import sys
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from tests.conftest import REVIEWS
from tests.process.stage import TOKEN, environment
from tests.wire.payloads import Message, invocation
from tests.wire.server import WireDiscord

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from pathlib import Path

    from aiohttp.typedefs import Handler

    from tests.bench.load import Send

FIRST_MEMBER = 2 * 10**17
FIRST_CLICK = 10**18
STARTS_WITHIN = 30.0
SHEEPBOT = "sheepbot"
FLOOR = "acknowledging"
ROUTED = "routed"
PEER = "naive"


class Range(WireDiscord):
    """A loopback Discord for one bot under load.

    Clicks are sent from a rendered payload in which only the ids change. An
    answer is read, noted, and confirmed as Discord confirms it: with the
    message that it made where that is asked for, and with nothing otherwise.
    """

    process: asyncio.subprocess.Process

    def __init__(self) -> None:
        super().__init__(TOKEN, guilds=1)
        self._waiting: dict[str, Callable[[Any], None]] = {}
        self._numbers = itertools.count(FIRST_CLICK)

    def clicks_on(self, message: Message, control: str = ":vote:") -> Send:
        """Prepare clicks on a review's sheep, or on another control; the last digit of its custom_id is the sheep."""
        custom_id = next(found for found in message.custom_ids if control in found)
        data = {"custom_id": custom_id[:-1] + "%(sheep)d", "component_type": 2, "id": 1}
        return self._prepared({"type": 3, "data": data, "message": message})

    def uses_of(self, name: str, **options: Any) -> Send:
        """Prepare uses of a slash command."""
        return self._prepared({"type": 2, "data": invocation(self.commands, name, options)})

    def _prepared(self, what: dict[str, Any]) -> Send:
        """Render an interaction in which only the ids are left open."""
        guild = self.guilds[0]
        payload: dict[str, Any] = what | {
            "id": "%(id)d", "application_id": self.application_id, "token": "%(id)d", "version": 1,
            "guild_id": guild.id, "guild": guild.partial(), "channel_id": guild.channel_id, "channel": guild.channel(),
            "member": self.owner.payload() | {"user": self.owner.user() | {"id": "%(member)d"}},
            "locale": "en-US", "guild_locale": "en-US", "app_permissions": "0", "entitlements": [],
            "authorizing_integration_owners": {"0": guild.id}, "context": 0, "attachment_size_limit": 10 << 20,
        }  # fmt: skip
        event = orjson.dumps({"op": 0, "t": "INTERACTION_CREATE", "s": 1, "d": payload}).decode()
        template = event.replace("%", "%%").replace("%%(", "%(")

        async def send(member: int, sheep: int, answered: Callable[[Any], None]) -> None:
            number = next(self._numbers)
            self._waiting[str(number)] = answered
            link = next(session.link for session in self._sessions.values() if session.link)
            await link.socket.send_str(template % {"id": number, "member": FIRST_MEMBER + member, "sheep": sheep})

        return send

    @web.middleware
    async def _serve(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        token = request.path.removesuffix("/callback").rpartition("/")[2]
        answered = self._waiting.pop(token, None)
        if answered is None:
            return await super()._serve(request, handler)
        answer = orjson.loads(await request.read())
        answered(answer)
        if "with_response" not in request.query:
            return web.Response(status=204)
        confirmed: dict[str, Any] = {"interaction": {"id": token, "type": 3}}
        if answer["type"] == 4:
            confirmed["interaction"] |= {"response_message_id": token}
            shape: dict[str, Any] = {
                "attachments": [],
                "mentions": [],
                "mention_roles": [],
                "mention_everyone": False,
                "pinned": False,
            }
            author = {"author": self.bot.user(), "channel_id": self.guilds[0].channel_id, "timestamp": _NOW, "type": 19}
            message = shape | author | answer["data"] | {"id": token, "edited_timestamp": None, "content": ""}
            confirmed["resource"] = {"type": 4, "message": message}
        return web.Response(body=orjson.dumps(confirmed), content_type="application/json")

    async def until(self, test: Callable[[], bool], seconds: float) -> None:
        """Wait until something that the bot does has happened."""
        await self._until("so", seconds, test)

    def cpu_seconds(self) -> float:
        """The processor time that the bot has used."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:  # noqa: PTH123 - a moment's read
            user, system = file.read().rpartition(") ")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self) -> int:
        """The memory that the bot holds."""
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as file:  # noqa: PTH123 - a moment's read
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


_NOW = "2026-01-01T00:00:00+00:00"


@contextlib.asynccontextmanager
async def contender(folder: Path, name: str, reviews: Path | None = None) -> AsyncGenerator[Range]:
    """A bot, online.

    Args:
        folder: Where its database is, or will be.
        name: ``sheepbot``, or one of :mod:`tests.bench.bots`.
        reviews: Its folder of reviews; by default those that ship.
    """
    async with Range() as discord:
        settings: dict[str, str | None] = {
            **discord.env,
            "DISCORD_TOKEN": TOKEN,
            "DATABASE_URL": f"sqlite:///{folder / 'sheepbot.db'}",
            "REVIEWS_PATH": str(reviews or REVIEWS),
            "LOG_LEVEL": "ERROR",
            "BENCH_DATABASE": str(folder / f"{name}.db"),
            "PYTHONDONTWRITEBYTECODE": "",  # an operator's second start compiles nothing either
        }
        module = ["bot", "run"] if name == SHEEPBOT else ["tests.bench.bots", name]
        discord.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", *module), env=environment(settings), cwd=folder
        )
        try:
            await discord.ready(timeout=STARTS_WITHIN)
            yield discord
        finally:
            with contextlib.suppress(ProcessLookupError):
                discord.process.terminate()
            await discord.process.wait()


def for_the_others(post: Message) -> Message:
    """The same review with the custom_ids of :mod:`tests.bench.bots`: to parse it is part of every click."""
    return Message(orjson.loads(re.sub(rb"sheep1:vote:\d+:", b"bench:vote:1:", orjson.dumps(post))))
