"""The gateway half of the loopback Discord: IDENTIFY, RESUME, heartbeats, dispatch by shard, and ways to break it."""

# ruff: noqa: ASYNC109 - a wait that fails says what did not happen, so it takes its own timeout

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import ClientConnectionResetError, WSMsgType, web

from .payloads import FIRST_GUILD, Guild, Json, Member, Snowflakes

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(eq=False)
class Link:
    """One gateway connection and the session on it, if it has identified or resumed."""

    request: web.Request
    socket: web.WebSocketResponse
    session: Session | None = None
    serving: asyncio.Task[Any] | None = field(default_factory=asyncio.current_task)
    close_code: int | None = None

    async def send(self, op: int, data: Any, event: str | None = None) -> None:
        seq = None
        if event and self.session:
            seq = self.session.seq = self.session.seq + 1
        with contextlib.suppress(ConnectionError):  # it has just gone; the loop that reads it will notice
            await self.socket.send_str(json.dumps({"op": op, "d": data, "t": event, "s": seq}))

    def detach(self) -> None:
        if self.session and self.session.link is self:
            self.session.link = None

    def close(self, code: int) -> None:
        """Close the connection, and wait for the bot to close its side.

        Only who reads a socket can wait for that. Torn off before, it shows the bot a 1006 in the code's place.
        """
        self.detach()
        self.close_code = code
        if self.serving:
            self.serving.cancel()

    def abort(self) -> None:
        self.detach()
        if self.request.transport:
            self.request.transport.abort()


@dataclass(eq=False)
class Session:
    """A gateway session. It outlives its connection, so that it can be resumed."""

    id: str
    shard: int
    shards: int
    link: Link | None
    seq: int = 0


class Gateway:
    """The application, its bot and guilds, and who is connected."""

    def __init__(self, token: str, guilds: int, shards: int, *, refuse_intents: bool) -> None:
        self.token, self.shards, self.refuse_intents = token, shards, refuse_intents
        self.refuse_gateway = False  # while true, gateway connects are answered with HTTP 503
        self.concurrency = 1  # how many may identify in five seconds
        self.refuse_shards: set[int] = set()  # whose IDENTIFY is answered by hanging up
        self.identified_at: list[tuple[int, float]] = []  # each IDENTIFY that was received: the shard, when
        self.port = 0
        self.identifies = self.resumes = 0  # received, refused ones too
        self._id = Snowflakes()
        self.application_id = self._id()
        self.bot = Member(self.application_id, "sheepbot", bot=True)
        self.owner = Member(self._id(), "owner")
        self.guilds = [Guild(str((FIRST_GUILD + index) << 22), self._id(), f"Guild {index}") for index in range(guilds)]
        self._links: set[Link] = set()
        self._sessions: dict[str, Session] = {}
        self._identified: Counter[int] = Counter()  # by shard
        self._changed = asyncio.Event()

    @property
    def gateway_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/gateway"

    def _touch(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _until(self, what: str, timeout: float, test: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(timeout):
                while not test():
                    await self._changed.wait()
        except TimeoutError:
            raise TimeoutError(f"not {what} within {timeout} s") from None

    def _online(self) -> set[int]:
        return {session.shard for session in self._sessions.values() if session.link}

    async def ready(self, count: int = 1, timeout: float = 30) -> None:
        """Until every shard has identified `count` times in all and is connected.

        discord.py waits 5 s before every IDENTIFY but the first one of a process.
        """
        shards = range(self.shards)
        await self._until(
            f"identified {count} times on {self.shards} shards",
            timeout,
            lambda: self._online() >= set(shards) and all(self._identified[shard] >= count for shard in shards),
        )

    async def resumed(self, count: int = 1, timeout: float = 10) -> None:
        """Until there were `count` resumes in all and every shard is connected."""
        every = set(range(self.shards))
        await self._until("resumed", timeout, lambda: self.resumes >= count and self._online() >= every)

    async def online(self, *shards: int, timeout: float = 30) -> None:
        """Until these shards are connected."""
        await self._until(f"online on {shards}", timeout, lambda: self._online() >= set(shards))

    async def offline(self, timeout: float = 10) -> None:
        """Until no shard is connected."""
        await self._until("offline", timeout, lambda: not self._online())

    async def drop_gateway(self, code: int | None = None, *, resumable: bool = True) -> None:
        """Cut every connection without a word (the bot sees 1006), or close it with `code`.

        After `resumable=False` the bot's RESUME is answered with op 9: it has to identify anew.
        """
        links = [session.link for session in self._sessions.values() if session.link]
        if not resumable:
            self._sessions.clear()
        for link in links:
            if code is None:
                link.abort()
            else:
                link.close(code)
        self._touch()

    async def _dispatch(self, guild: Guild, event: str, data: Json) -> bool:
        """Send an event to the newest session that serves the guild; False where none is connected."""
        for session in reversed(self._sessions.values()):
            if session.link and guild.shard(session.shards) == session.shard:
                await session.link.send(0, data, event)
                return True
        return False

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        if self.refuse_gateway:
            return web.Response(status=503)
        socket = web.WebSocketResponse(timeout=2, max_msg_size=0)
        try:
            await socket.prepare(request)
        except ClientConnectionResetError:  # the bot has hung up by now
            return socket
        link = Link(request, socket)
        self._links.add(link)
        try:
            await link.send(10, {"heartbeat_interval": 41_250})
            while (frame := await socket.receive(timeout=90)).type is WSMsgType.TEXT:
                await self._received(link, **json.loads(frame.data))
                self._touch()
        except TimeoutError:
            await socket.close(code=4009)
        except asyncio.CancelledError:
            if link.close_code is None:
                raise
            await socket.close(code=link.close_code)
        finally:
            link.detach()
            self._links.discard(link)
            self._touch()
        return socket

    async def _received(self, link: Link, op: int, d: Any, **_: Any) -> None:
        self.identifies += op == 2
        if op == 1:
            await link.send(11, None)
        elif op in (2, 6) and d["token"] != self.token:
            await link.socket.close(code=4004, message=b"Authentication failed.")
        elif op == 2 and self.refuse_intents:
            await link.socket.close(code=4014, message=b"Disallowed intent(s).")
        elif op == 2:
            await self._identify(link, d)
        elif op == 6 and (session := self._sessions.get(d["session_id"])):
            link.session, session.link = session, link
            await link.send(0, {}, "RESUMED")
            self.resumes += 1
        elif op == 6:
            await link.send(op=9, data=False)

    async def _identify(self, link: Link, data: Json) -> None:
        shard, shards = data.get("shard", [0, 1])
        self.identified_at.append((shard, asyncio.get_running_loop().time()))
        if shard in self.refuse_shards:
            link.abort()
            return
        session = link.session = Session(f"session-{self._id()}", shard, shards, link)
        here = [guild for guild in self.guilds if guild.shard(shards) == shard]
        await link.send(0, {
            "v": 10, "user": self._self(), "session_id": session.id, "resume_gateway_url": self.gateway_url,
            "shard": [shard, shards], "application": {"id": self.application_id, "flags": 0}, "private_channels": [],
            "guilds": [{"id": guild.id, "unavailable": True} for guild in here],
        }, "READY")  # fmt: skip
        for guild in here:
            await link.send(0, guild.payload(self.bot, self.owner), "GUILD_CREATE")
        self._sessions[session.id] = session
        self._identified[shard] += 1

    def _self(self) -> Json:
        return self.bot.user() | {"verified": True, "mfa_enabled": True, "flags": 0, "locale": "en-US", "email": None}
