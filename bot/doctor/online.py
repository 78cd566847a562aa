"""What is asked of Discord: whether it is there, knows the token, lets the bot log in, and has our time."""

from __future__ import annotations

import asyncio
import json
import textwrap
import time
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import urlsplit

from bot import __version__
from bot.errors import ConfigError, TokenError
from bot.findings import Finding, Mark

if TYPE_CHECKING:
    import aiohttp

    from bot.settings import Settings

SECONDS = 3.0
"""What each question to Discord may take; all are asked at once."""
CLOCK = 30.0
"""Seconds by which the clocks may differ: discord.py tells the age of an interaction by its id."""
FEW = 0.1
"""The part of a day's logins from which on there are few left."""
DATE_STEP = 0.5
"""A Date header is cut to the second: on average, that much is missing."""
PORTAL = "the Bot page of your application, at discord.com/developers/applications"


class _Answer(NamedTuple):
    """What a question came to.

    Attributes:
        failure: Why there was no answer; empty where there was one.
        status: Its HTTP status.
        body: Its JSON; empty where it is none.
        ahead: Seconds by which this clock is ahead of Discord's; None where it told no time.
        seconds: What it took.
    """

    failure: str = ""
    status: int = 0
    body: dict[str, Any] = {}  # noqa: RUF012 - never changed
    ahead: float | None = None
    seconds: float = 0

    @property
    def lack(self) -> str:
        """What is wrong with an answer that is not the one expected."""
        return self.failure or f"Discord answered {self.status}: {self.body.get('message', 'not as Discord does')}"


def discord(settings: Settings) -> list[Finding]:
    """Ask Discord, with the token where its shape is right."""
    from discord.http import Route  # noqa: PLC0415 - where it is missing, this check says so

    base = settings.discord_api_base or Route.BASE
    try:
        token, shape = settings.token(), None
    except ConfigError as error:
        token, shape = "", Finding.of("Token", error)
    there, *answers = asyncio.run(_ask(base, token))
    findings = [_reached(base, there), _clock(there)]
    if shape:
        return [shape, *findings, *_skipped("needs a token", "Login", "Intents")]
    if findings[0].mark is Mark.BAD:
        return [*findings, *_skipped("needs Discord", "Token", "Login", "Intents")]
    me, gateway, application = answers
    findings.insert(0, _token(me))
    if me.status == _UNAUTHORIZED:
        return [*findings, *_skipped("needs a token that Discord takes", "Login", "Intents")]
    return [*findings, _logins(gateway, settings), _intents(application)]


_UNAUTHORIZED = 401


def _skipped(why: str, *names: str) -> list[Finding]:
    return [Finding(name, Mark.SKIPPED, f"not looked at: {why}") for name in names]


def _reached(base: str, there: _Answer) -> Finding:
    host = urlsplit(base).netloc.rpartition("@")[2]
    if there.status == 200 and "url" in there.body:
        return Finding("Discord", Mark.GOOD, f"{host} answers, in {there.seconds * 1000:.0f} ms")
    fix = "Check the network, and DISCORD_API_BASE where it is set. Discord's own troubles: discordstatus.com"
    if there.failure:
        return Finding("Discord", Mark.BAD, f"{host} cannot be reached ({there.failure})", fix)
    if there.status == 429:
        fix = "Wait, with the bot stopped; it, or a neighbour at the same address, asked too much."
        return Finding("Discord", Mark.BAD, f"{host} turns this address away for now (429)", fix)
    return Finding("Discord", Mark.BAD, f"{host} does not answer as Discord does ({there.status})", fix)


def _clock(there: _Answer) -> Finding:
    if there.ahead is None:
        return Finding("Clock", Mark.SKIPPED, "not looked at: nobody told the time")
    off = abs(there.ahead)
    said = f"{off:,.0f} s {'ahead of' if there.ahead > 0 else 'behind'} Discord's"
    if off > CLOCK:
        return Finding("Clock", Mark.BAD, said, "Set it, and keep it set: timedatectl set-ntp true")
    return Finding("Clock", Mark.GOOD, f"within {max(1, round(off))} s of Discord's")


def _token(me: _Answer) -> Finding:
    if me.status == 200 and me.body.get("id"):
        return Finding("Token", Mark.GOOD, f"Discord knows it, as {str(me.body.get('username'))!r} ({me.body['id']})")
    if me.status == _UNAUTHORIZED:
        return Finding.of("Token", TokenError(f"Discord refused DISCORD_TOKEN. Reset it on {PORTAL}, and copy it."))
    return Finding("Token", Mark.BAD, f"not known: {me.lack}", "Try again in a while.")


def _logins(gateway: _Answer, settings: Settings) -> Finding:
    """How often the bot may identify itself; who does it more often than that has his token reset."""
    try:
        limit = gateway.body["session_start_limit"]
        total, left = int(limit["total"]), int(limit["remaining"])
        shards = len(settings.shard_ids or ()) or settings.shard_count or int(gateway.body["shards"])
        again = timedelta(seconds=int(limit["reset_after"]) // 1000)
    except (LookupError, TypeError, ValueError):
        return Finding("Login", Mark.BAD, f"not known: {gateway.lack}", "Try again in a while.")
    said = f"{left:,} of {total:,} logins left, all again in {again}; a start takes {shards}"
    if left < shards:
        return Finding("Login", Mark.BAD, said, "Stop the bot until then, and find out why it starts so often.")
    if left < FEW * total:
        return Finding("Login", Mark.NOTE, said, "Find out why the bot starts so often: its log says so.")
    return Finding("Login", Mark.GOOD, said)


def _intents(application: _Answer) -> Finding:
    """Whether privileged intents are on, which the bot does not ask for."""
    import discord as api  # noqa: PLC0415 - where it is missing, this check says so

    privileged = {
        "Presence": api.ApplicationFlags(gateway_presence=True, gateway_presence_limited=True),
        "Server Members": api.ApplicationFlags(gateway_guild_members=True, gateway_guild_members_limited=True),
        "Message Content": api.ApplicationFlags(gateway_message_content=True, gateway_message_content_limited=True),
    }
    flags = application.body.get("flags")
    if application.status != 200 or not isinstance(flags, int):
        return Finding("Intents", Mark.BAD, f"not known: {application.lack}", "Try again in a while.")
    if on := [name for name, meant in privileged.items() if flags & meant.value]:
        said = f"on without need: {', '.join(on)}; the bot asks for Guilds alone"
        return Finding("Intents", Mark.NOTE, said, f"Turn them off on {PORTAL}.")
    return Finding("Intents", Mark.GOOD, "Guilds alone is asked for; no privileged one is needed, and none is on")


async def _ask(base: str, token: str) -> list[_Answer]:
    """Ask for what needs no token, and, where there is one, for what it opens; as the bot does, past any proxy."""
    import aiohttp  # noqa: PLC0415 - where it is missing, this check says so

    agent = {"User-Agent": f"DiscordBot (https://discord.com, {__version__}) Sheepbot doctor"}
    key = {"Authorization": f"Bot {token}"}
    async with aiohttp.ClientSession(headers=agent, timeout=aiohttp.ClientTimeout(SECONDS)) as session:
        questions = [_get(session, f"{base}/gateway", {})]
        if token:
            paths = ("/users/@me", "/gateway/bot", "/oauth2/applications/@me")
            questions += [_get(session, base + path, key) for path in paths]
        return await asyncio.gather(*questions)


async def _get(session: aiohttp.ClientSession, url: str, headers: dict[str, str]) -> _Answer:
    import aiohttp  # noqa: PLC0415 - as above

    begun, clock = time.perf_counter(), time.time()
    try:
        async with session.get(url, headers=headers, allow_redirects=False) as response:
            seconds = time.perf_counter() - begun
            text = await response.text(errors="replace")
    except TimeoutError:
        return _Answer(f"no answer within {SECONDS:g} s")
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return _Answer(textwrap.shorten(str(error) or type(error).__name__, 200))
    return _Answer("", response.status, _json(text), _ahead(response.headers.get("Date"), clock + seconds / 2), seconds)


def _json(text: str) -> dict[str, Any]:
    try:
        body: Any = json.loads(text)
    except ValueError:
        return {}
    return cast("dict[str, Any]", body) if isinstance(body, dict) else {}


def _ahead(date: str | None, ours: float) -> float | None:
    try:
        return ours - parsedate_to_datetime(date).timestamp() - DATE_STEP if date else None
    except ValueError:
        return None
