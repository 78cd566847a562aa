"""Where the process plays: a folder, a loopback Discord, and every bot that a test starts there."""

# ruff: noqa: ASYNC109 - a wait that fails says what did not happen, so it takes its own timeout

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import sqlite3
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.app import open_bot
from bot.settings import Settings
from tests.wire.payloads import walk
from tests.wire.server import WireDiscord

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable, Mapping, Sequence

    from tests.wire.payloads import Message
    from tests.wire.replies import Pending, Reply

REPOSITORY = Path(__file__).parent.parent.parent
SECRET = "it-opens-the-loopback-Discord-only"  # noqa: S105 - as it says
TOKEN = f"MTIzNDU2Nzg5MDEyMzQ1Njc4.GwireX.{SECRET}"
PATIENCE = 30.0
"""Seconds until a wait fails: far more than the slowest machine needs, as no test is about speed."""


class Discord(WireDiscord):
    """A loopback Discord that can keep answers waiting, lose them, and look around the moment they arrive.

    Attributes:
        takes_answers: While it is not set, the answers to interactions are received and not replied to.
        loses_answers: How many of the next answers are cut off, their connection with them.
        loses_edits: How many of the next edits of messages are.
        asked_back: Of each answer, whether the bot asked to have it sent back.
        at_answer: Called as each answer arrives, before the bot learns that it did.
    """

    def __init__(self, token: str = TOKEN, *, guilds: int = 2, shards: int = 1) -> None:
        super().__init__(token, guilds=guilds, shards=shards)
        self.takes_answers = asyncio.Event()
        self.takes_answers.set()
        self.loses_answers = self.loses_edits = 0
        self.asked_back: list[bool] = []
        self.at_answer: Callable[[], object] = lambda: None

    async def _callback(self, request: web.Request) -> web.Response:
        self.at_answer()
        self.asked_back.append("with_response" in request.query)
        if self.loses_answers:
            self.loses_answers -= 1
            cut(request)
            return web.Response()
        await self.takes_answers.wait()
        return await super()._callback(request)

    async def _patch(self, request: web.Request) -> web.Response:
        if self.loses_edits:
            self.loses_edits -= 1
            cut(request)
            return web.Response()
        return await super()._patch(request)

    async def answers(self, count: int) -> None:
        """Wait until so many answers to interactions have arrived in all, taken or not."""
        await self.requested("POST", "/interactions/*", count, PATIENCE)

    async def review(self, title: str = "miss you already") -> Message:
        """The post of a review that a member asks for."""
        return (await self.slash("review", title=title)).message

    async def vote(self, post: Message, user: str, sheep: int = 5) -> Reply:
        """Give sheep below a post, and see that the member is told so."""
        vote = await self.click(post, control(post, "vote", sheep), user=user)
        assert "You gave" in said(vote.message)
        return vote


class BotProcess:
    """A process that was started; what it writes is kept."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._written = asyncio.Condition()
        self._stdout, self._stderr = bytearray(), bytearray()
        assert process.stdout
        assert process.stderr
        self._readers = [
            asyncio.create_task(self._read(process.stdout, self._stdout)),
            asyncio.create_task(self._read(process.stderr, self._stderr)),
        ]

    @property
    def running(self) -> bool:
        return self._process.returncode is None

    @property
    def out(self) -> str:
        return self._stdout.decode()

    @property
    def log(self) -> str:
        return self._stderr.decode(errors="replace")

    async def logged(self, text: str, timeout: float = PATIENCE) -> str:
        """The first line of the log that has the text, as soon as it is there."""

        def found() -> list[str]:
            return [line for line in self.log.splitlines(keepends=True) if text in line and line.endswith("\n")]

        async with self._written:
            try:
                await asyncio.wait_for(self._written.wait_for(found), timeout)
            except TimeoutError:
                raise TimeoutError(f"{text!r} is not in the log:\n{self.log}") from None
        return found()[0]

    def send(self, signum: signal.Signals) -> None:
        self._process.send_signal(signum)

    async def ended(self, timeout: float = PATIENCE) -> int:
        """The exit code, once the process is gone and all that it wrote is read."""
        try:
            async with asyncio.timeout(timeout):
                await asyncio.wait(self._readers)
                return await self._process.wait()
        except TimeoutError:
            raise TimeoutError(f"the process did not end within {timeout} s:\n{self.log}") from None

    async def end(self) -> None:
        """End the process, whatever it is doing; with good words first, so that it leaves its coverage behind."""
        with contextlib.suppress(TimeoutError, ProcessLookupError):
            if self.running:
                self._process.terminate()
                await self.ended(10)
        if self.running:
            self._process.kill()
        await self.ended()

    async def _read(self, stream: asyncio.StreamReader, into: bytearray) -> None:
        while chunk := await stream.read(1 << 16):
            async with self._written:
                into += chunk
                self._written.notify_all()


class Stage:
    """A folder with a database, a Discord, and the processes started there."""

    def __init__(self, folder: Path, discord: Discord, reviews: Path) -> None:
        self.folder, self.discord, self.reviews = folder, discord, reviews
        self.database = folder / "sheepbot.db"
        self._started: list[BotProcess] = []

    async def start(
        self,
        settings: Mapping[str, str | None] | None = None,
        *args: str,
        discord: WireDiscord | None = None,
        program: Sequence[str] = ("-m", "bot"),
    ) -> BotProcess:
        """Start ``python -m bot run``, or with other arguments; a setting that is None is not in its environment."""
        ours = {
            "DISCORD_TOKEN": TOKEN,
            "DATABASE_URL": f"sqlite:///{self.database}",
            "REVIEWS_PATH": str(self.reviews),
            **(discord or self.discord).env,
            **(settings or {}),
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *program, *(args or ("run",))),
            cwd=self.folder,
            env=environment(ours),
            start_new_session=True,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        self._started.append(BotProcess(process))
        return self._started[-1]

    async def start_with_review(self) -> tuple[BotProcess, Message]:
        """Start the bot, and have it post a review."""
        bot = await self.start()
        await self.discord.ready()
        return bot, await self.discord.review()

    async def close(self) -> None:
        for process in self._started:
            await process.end()

    async def make_database(self) -> None:
        """Have a database there, as a bot leaves it."""
        async with open_bot(f"sqlite:///{self.database}", str(self.reviews)):
            pass

    def damage(self, table: str) -> None:
        """Overwrite the page on which a table begins."""
        query = "SELECT rootpage, page_size FROM sqlite_schema, pragma_page_size WHERE name = ?"
        ((page, size),) = self.stored(query, table)
        with self.database.open("r+b") as file:
            file.seek((page - 1) * size)
            file.write(b"\xa5" * size)

    def stored(self, sql: str, *values: str) -> list[tuple[Any, ...]]:
        """What is in the database now; read only, as the bot's must be the one connection that writes."""
        with contextlib.closing(sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(sql, values).fetchall()

    def votes(self) -> dict[str, int]:
        """The sheep that are stored, by the ids of who gave them."""
        return {str(member): sheep for member, sheep in self.stored("SELECT member_id, sheep FROM votes")}


def environment(settings: dict[str, str | None]) -> dict[str, str]:
    """The environment of this process, but for the bot's settings."""
    ours = {setting.name.upper() for setting in fields(Settings)}
    env = {key: value for key, value in os.environ.items() if key not in ours}
    env["PYTHONPATH"] = os.pathsep.join([str(REPOSITORY), *filter(None, [env.get("PYTHONPATH")])])
    return env | {key: value for key, value in settings.items() if value is not None}


def on_a_terminal(folder: Path, settings: Mapping[str, str | None], *args: str) -> tuple[int, str]:
    """Run ``python -m bot`` with its output on a terminal; returns the exit code and what was written there."""
    ours, theirs = pty.openpty()
    env = environment({"TERM": "xterm", **settings})
    with subprocess.Popen(
        [sys.executable, "-m", "bot", *args],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        written = b""
        with contextlib.suppress(OSError):  # which is how a terminal ends
            while chunk := os.read(ours, 1 << 16):
                written += chunk
    os.close(ours)
    return process.returncode, written.decode()


def assert_one_last_line(bot: BotProcess) -> str:
    """The one line, after whatever was logged, that tells the operator what to do; nothing gives the token away."""
    *before, last = bot.log.splitlines()
    assert last.startswith("sheepbot: ")
    assert not [line for line in before if line.startswith("sheepbot: ")]
    assert bot.out == ""
    assert SECRET not in bot.log
    return last


def cut(request: web.Request) -> None:
    """Cut a connection as a failing network does."""
    assert request.transport
    request.transport.abort()


def said(message: Message | None) -> str:
    """Everything that a message says: content, embeds, labels."""
    if message is None:
        return ""
    parts = [message.content]
    for embed in message.embeds:
        parts += [embed.get("title", ""), embed.get("description", ""), embed.get("footer", {}).get("text", "")]
        parts += [f"{field['name']}\n{field['value']}" for field in embed.get("fields", ())]
    return "\n".join([*parts, *(part["label"] for part in walk(message.components) if "label" in part)])


def control(message: Message, kind: str, last: int | None = None) -> str:
    """The custom_id of a message's control, such as "vote" with 4 sheep."""
    return next(
        custom_id
        for custom_id in message.custom_ids
        if custom_id.split(":")[1] == kind and (last is None or custom_id.endswith(f":{last}"))
    )


async def burst(discord: Discord, message: Message, count: int) -> dict[Pending, int]:
    """Have so many members click at once; the sheep that each of them gave."""
    return {
        await discord.begin_click(message, control(message, "vote", sheep), user=f"member {number}"): sheep
        for number in range(count)
        for sheep in [number % 5 + 1]
    }


def acknowledged(clicks: dict[Pending, int]) -> dict[str, int]:
    """The votes of the members who were told "You gave …", by their ids."""
    return {click.user.id: sheep for click, sheep in clicks.items() if "You gave" in said(click.original)}
