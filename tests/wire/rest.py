"""The REST half of the loopback Discord: messages, commands, and how interactions are answered."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass
from email.utils import formatdate
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple

from aiohttp import web

from .gateway import Gateway
from .payloads import EPHEMERAL, LOADING, Guild, Json, Message, numbered, timestamp
from .replies import ANSWERS, DEFERRED_MESSAGE, DEFERRED_UPDATE, MESSAGE, MODAL, UPDATE, Pending

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

API = "/api/v10"
STICKY = EPHEMERAL | LOADING | 1 << 15  # flags that an edit cannot take away; the last is "components v2"
Files = list[web.FileField]


class Request(NamedTuple):
    """A REST call, its path without /api/v10 and without the query."""

    method: str
    path: str
    json: Any


class ApiError(Exception):
    """An answer that refuses a call as Discord does."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.body = status, {"code": code, "message": message}


@dataclass
class Fault:
    """Calls to fail; `times` counts down as they do."""

    method: str
    path_glob: str
    status: int
    times: int
    body: Json


class Rest(Gateway):
    """What the bot reads and writes over HTTP."""

    def __init__(self, token: str, guilds: int, shards: int, *, refuse_intents: bool) -> None:
        super().__init__(token, guilds, shards, refuse_intents=refuse_intents)
        self.commands: list[Json] = []  # as last synced
        self.syncs = 0
        self.requests: list[Request] = []
        self.messages: dict[str, Message] = {}  # as they are now, by id, in the order of their making
        self.edits: Counter[str] = Counter()  # by message id; filling a deferred reply is no edit
        self.clock = 0.0  # seconds that the Date of its answers is ahead
        self.logins = 999  # how many IDENTIFYs /gateway/bot says are left
        self.flags = 0  # the application's
        self.files: dict[str, bytes] = {}  # uploads, by attachment id
        self._pending: dict[str, Pending] = {}  # by token
        self._faults: list[Fault] = []
        self._crashes: list[Exception] = []

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[self._serve], client_max_size=32 << 20)
        commands = f"{API}/applications/{self.application_id}/commands"
        webhook, channel = f"{API}/webhooks/{self.application_id}/{{token}}", f"{API}/channels/{{channel}}"
        app.add_routes([
            web.get("/gateway", self._connect),
            web.get(f"{API}/gateway", self._where),
            web.get(f"{API}/gateway/bot", self._gateway_bot),
            web.get(f"{API}/users/@me", self._me),
            web.get(f"{API}/oauth2/applications/@me", self._application),
            web.get(commands, self._list_commands),
            web.put(commands, self._sync),
            web.post(f"{API}/interactions/{{id}}/{{token}}/callback", self._callback),
            web.post(webhook, self._followup),
            web.post(f"{channel}/messages", self._post),
        ])  # fmt: skip
        for place in (webhook, channel):
            path = f"{place}/messages/{{message}}"
            app.add_routes([web.get(path, self._get), web.patch(path, self._patch), web.delete(path, self._delete)])
        app.on_response_prepare.append(self._date)
        return app

    @web.middleware
    async def _serve(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Record a call, check its token, fail it where a fault says so, and answer errors as Discord does."""
        path = request.path.removeprefix(API)
        try:
            if path == request.path:
                return await handler(request)  # the gateway
            self.requests.append(Request(request.method, path, (await _body(request))[0]))
            self._touch()
            claimed = request.headers.get("Authorization")
            needs_none = path == "/gateway" or path.startswith(("/interactions/", "/webhooks/"))
            if claimed != f"Bot {self.token}" and (claimed or not needs_none):
                return _json({"code": 0, "message": "401: Unauthorized"}, 401)
            for fault in self._faults:
                if fault.times > 0 and request.method == fault.method and fnmatchcase(path, fault.path_glob):
                    fault.times -= 1
                    return _json(fault.body, fault.status)
            return await handler(request)
        except ApiError as error:
            return _json(error.body, error.status)
        except web.HTTPException as error:
            return _json({"code": 0, "message": f"{error.status}: {error.reason}"}, error.status)
        except Exception as error:
            self._crashes.append(error)
            raise

    async def _date(self, _: web.Request, response: web.StreamResponse) -> None:
        if self.clock:
            response.headers["Date"] = formatdate(time.time() + self.clock, usegmt=True)

    # The application

    async def _where(self, _: web.Request) -> web.Response:
        return _json({"url": self.gateway_url})

    async def _gateway_bot(self, _: web.Request) -> web.Response:
        limit = {"total": 1000, "remaining": self.logins, "reset_after": 14_400_000}
        limit |= {"max_concurrency": self.concurrency}
        return _json({"url": self.gateway_url, "shards": self.shards, "session_start_limit": limit})

    async def _me(self, _: web.Request) -> web.Response:
        return _json(self._self())

    async def _application(self, _: web.Request) -> web.Response:
        return _json({
            "id": self.application_id, "name": self.bot.name, "icon": None, "description": "", "summary": "",
            "bot_public": True, "bot_require_code_grant": False, "verify_key": "00" * 32, "flags": self.flags,
            "team": None, "owner": self.owner.user(), "interactions_endpoint_url": None,
        })  # fmt: skip

    async def _list_commands(self, _: web.Request) -> web.Response:
        return _json(self.commands)

    async def _sync(self, request: web.Request) -> web.Response:
        known = {command["name"]: command["id"] for command in self.commands}
        self.commands = [
            {"type": 1, "description": "", "options": [], "default_member_permissions": None, "nsfw": False}
            | command
            | {"id": known.get(command["name"]) or self._id(), "application_id": self.application_id}
            | {"version": self._id()}
            for command in (await _body(request))[0]
        ]
        self.syncs += 1
        self._touch()
        return _json(self.commands)

    # Answers to interactions

    async def _callback(self, request: web.Request) -> web.Response:
        body, files = await _body(request)
        pending = self._pending.get(request.match_info["token"])
        if not pending or pending.id != request.match_info["id"]:
            raise ApiError(404, 10062, "Unknown interaction")
        if pending.done:
            raise ApiError(400, 40060, "Interaction has already been acknowledged.")
        kind: int = body["type"]
        data: Json = body.get("data") or {}
        if kind not in ANSWERS[pending.type] or (kind in (DEFERRED_UPDATE, UPDATE) and not pending.source):
            raise ApiError(400, 50035, f"Invalid Form Body: type {kind} answers no such interaction")
        self._answer(pending, kind, data, files)
        if not _asked(request, "with_response"):
            return web.Response(status=204)
        about: Json = {"id": pending.id, "type": pending.type}
        resource: Json = {"type": kind}
        if pending.original:
            about |= {"response_message_id": pending.original.id, "response_message_loading": kind == DEFERRED_MESSAGE}
            about |= {"response_message_ephemeral": pending.original.ephemeral}
            resource |= {"message": pending.original} if kind in (MESSAGE, UPDATE) else {}
        return _json({"interaction": about, "resource": resource})

    def _answer(self, pending: Pending, kind: int, data: Json, files: Files) -> None:
        pending.kind = kind
        if kind == MESSAGE:
            pending.original = self._create(pending.guild, data, files, pending)
        elif kind == DEFERRED_MESSAGE:
            loading = {"flags": data.get("flags", 0) & EPHEMERAL | LOADING}
            pending.original = self._create(pending.guild, loading, [], pending)
        elif kind in (DEFERRED_UPDATE, UPDATE):
            pending.original = pending.source
            if kind == UPDATE and pending.source:
                self._edit(pending.source, data, files)
        elif kind == MODAL:
            numbered(data["components"])
        if kind not in (DEFERRED_MESSAGE, DEFERRED_UPDATE):
            pending.settle(data)
        self._touch()

    async def _followup(self, request: web.Request) -> web.Response:
        pending, (body, files) = self._answered(request), await _body(request)
        if pending.original and pending.original.flags & LOADING:
            message = self._edit(pending.original, body, files, pending)  # Discord fills the deferred reply
        else:
            message = self._create(pending.guild, body, files, pending)
            pending.followups.append(message)
        return _json(message) if _asked(request, "wait") else web.Response(status=204)

    def _answered(self, request: web.Request) -> Pending:
        pending = self._pending.get(request.match_info["token"])
        if not pending or not pending.done:
            raise ApiError(404, 10015, "Unknown Webhook")
        return pending

    # Messages

    def _found(self, request: web.Request) -> tuple[Message, Pending | None]:
        """A channel route's message or, with its interaction, of a webhook's; only that reaches ephemeral ones."""
        key, pending = request.match_info["message"], None
        if "channel" in request.match_info:
            message = self.messages.get(key)
            reached = message and message.channel_id == request.match_info["channel"] and not message.ephemeral
        else:
            pending = self._answered(request)
            own = [pending.original, *pending.followups]
            message = next((one for one in own if one and key in ("@original", one.id)), None)
            reached = message and message.id in self.messages
        if not message or not reached:
            raise ApiError(404, 10008, "Unknown Message")
        return message, pending

    async def _get(self, request: web.Request) -> web.Response:
        return _json(self._found(request)[0])

    async def _patch(self, request: web.Request) -> web.Response:
        message, pending = self._found(request)
        return _json(self._edit(message, *await _body(request), pending))

    async def _delete(self, request: web.Request) -> web.Response:
        message, _ = self._found(request)
        del self.messages[message.id]
        self._touch()
        return web.Response(status=204)

    def _guild_of(self, channel_id: str) -> Guild:
        for guild in self.guilds:
            if guild.channel_id == channel_id:
                return guild
        raise ApiError(404, 10003, "Unknown Channel")

    async def _post(self, request: web.Request) -> web.Response:
        return _json(self._create(self._guild_of(request.match_info["channel"]), *await _body(request)))

    def _create(self, guild: Guild, data: Json, files: Files, pending: Pending | None = None) -> Message:
        message = Message({
            "id": self._id(), "type": 0, "channel_id": guild.channel_id, "author": self.bot.user(), "content": "",
            "embeds": [], "components": [], "attachments": [], "flags": 0, "timestamp": timestamp(),
            "edited_timestamp": None, "tts": False, "pinned": False, "mention_everyone": False, "mentions": [],
            "mention_roles": [],
        })  # fmt: skip
        if pending:
            message |= {"webhook_id": self.application_id, "application_id": self.application_id}
            message |= {"type": 19 if pending.source else 20, "interaction_metadata": pending.metadata}
        self._write(message, data, files)
        self.messages[message.id] = message
        return message

    def _edit(self, message: Message, data: Json, files: Files, pending: Pending | None = None) -> Message:
        """Edit a message. Done through a deferred interaction to its @original, this is the interaction's reply."""
        self._write(message, data, files)
        if message.flags & LOADING:
            message["flags"] &= ~LOADING
        else:
            message["edited_timestamp"] = timestamp()
            self.edits[message.id] += 1
        if pending and message is pending.original:
            pending.settle(data)
        self._touch()
        return message

    def _write(self, message: Message, data: Json, files: Files) -> None:
        """Put what a create or an edit says into a message; what it leaves out stays."""
        message["content"] = data.get("content", message.content) or ""
        message["embeds"] = data.get("embeds", message.embeds) or []
        message["components"] = numbered(data.get("components", message.components) or [])
        message["flags"] = data.get("flags", message.flags) | message.flags & STICKY
        listed: list[Json] = data.get("attachments", message.attachments) or []
        kept = {str(attachment["id"]) for attachment in listed}
        message["attachments"] = [attachment for attachment in message.attachments if attachment["id"] in kept]
        described = {f"files[{attachment['id']}]": attachment.get("description") for attachment in listed}
        for part in files:
            key, content = self._id(), part.file.read()
            self.files[key] = content
            url = f"http://127.0.0.1:{self.port}/attachments/{key}/{part.filename}"
            shape: Json = {"filename": part.filename, "size": len(content), "content_type": part.content_type}
            shape["description"] = described.get(part.name)
            message.attachments.append(shape | {"id": key, "url": url, "proxy_url": url})


def _asked(request: web.Request, flag: str) -> bool:
    return request.query.get(flag, "").lower() in ("1", "true")


def _json(data: Any, status: int = 200) -> web.Response:
    """A response of type `application/json` without a charset: discord.py compares the whole header.

    It takes a 429 for Discord's own only if it has a Via header.
    """
    headers = {"Via": "1.1 wire"} if status == 429 else None
    return web.Response(status=status, body=json.dumps(data).encode(), headers=headers, content_type="application/json")


async def _body(request: web.Request) -> tuple[Any, Files]:
    """A call's JSON and its uploads."""
    if request.content_type == "multipart/form-data":
        form = await request.post()
        return json.loads(str(form["payload_json"])), [
            part for part in form.values() if isinstance(part, web.FileField)
        ]
    raw = await request.read()
    return (json.loads(raw) if raw else None), []
