"""A bot and its crowd, where every single vote is looked after."""

from __future__ import annotations

import asyncio
import signal
from contextlib import asynccontextmanager
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, TypeVar

from bot.errors import DatabaseError
from tests.conftest import REVIEWS
from tests.process.stage import PATIENCE, Stage, assert_one_last_line
from tests.torture.crowd import Crowd, Venue, is_refusal
from tests.torture.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable
    from pathlib import Path

    from tests.process.stage import BotProcess
    from tests.torture.trial import Trial

Answer = TypeVar("Answer")

VOTERS, READERS = 5, 5
OFTEN = 2
ENOUGH = 50
"""So many votes are tried until one is refused: some may still find room."""


class Evening:
    """A bot that is voted at; made by :func:`evening`."""

    def __init__(self, trial: Trial, stage: Stage, crowd: Crowd, bot: BotProcess) -> None:
        self.trial, self.stage, self.crowd, self.bot = trial, stage, crowd, bot
        self._newcomers = (f"member {number}" for number in count())

    @property
    def pid(self) -> int:
        return self.bot._process.pid  # pyright: ignore[reportPrivateUsage] - strace must be told whom to follow

    async def refuses(self, when: str) -> None:
        """See that votes are refused and say so, and that the bot answers whoever reads, however many try to vote."""
        for _ in range(ENOUGH):
            if is_refusal(await self._vote()):
                break
        else:
            self.trial.expect(held=False, otherwise=f"no vote was refused {when}")
        readers = (self._often(partial(self.crowd.reads, f"reader {number}", when)) for number in range(READERS))
        await asyncio.gather(self.rushes(), *readers)

    async def rushes(self) -> list[str]:
        """Have several members try to vote; what they were told."""
        voters = (self._often(self._vote) for _ in range(VOTERS))
        return [words for told in await asyncio.gather(*voters) for words in told]

    async def recovers(self) -> None:
        """Try until a vote is taken."""
        async with asyncio.timeout(PATIENCE):
            while "You gave" not in await self._vote():  # noqa: ASYNC110 - only a try can tell
                await asyncio.sleep(0.1)

    async def takes(self, when: str) -> None:
        """See that votes are taken, by the same process, and that none is stored that was refused before."""
        for _ in range(VOTERS):
            words = await self._vote()
            self.trial.expect("You gave" in words, f"a vote {when} was answered with {words!r}")
        await self.crowd.ledger.audit(self.stage.database, self.trial)
        await self.crowd.reads("reader", when)
        self.trial.expect(self.bot.running, f"the bot ended {when}")

    async def _vote(self) -> str:
        """What a member is told who votes for the first time: to vote again hides what is stored of a refused vote."""
        return await self.crowd.vote(next(self._newcomers))

    async def _often(self, act: Callable[[], Awaitable[Answer]]) -> list[Answer]:
        answers: list[Answer] = []
        for _ in range(OFTEN):
            await asyncio.sleep(self.trial.dice.uniform(0, 0.2))  # so that they meet each other at every stage
            answers.append(await act())
        return answers

    async def start(self) -> None:
        """Start the bot again, and look for what was acknowledged."""
        before = self.stage.discord.identifies
        self.bot = await self.stage.start()
        await self.stage.discord.ready(before + 1)
        await self.crowd.ledger.audit(self.stage.database, self.trial)
        await self.takes("after a restart")

    async def stop(self) -> None:
        self.bot.send(signal.SIGTERM)
        self.trial.expect(await self.bot.ended() == 0, "the bot did not end well")
        await self.stage.discord.offline()


@asynccontextmanager
async def evening(trial: Trial, folder: Path) -> AsyncGenerator[Evening]:
    """A bot that has been voted at; it is started anew at the end, to see that everything is there."""
    async with Venue() as discord:
        stage = Stage(folder, discord, REVIEWS)
        try:
            bot = await stage.start()
            await discord.ready()
            crowd = await Crowd.gather(discord, Ledger(), trial)
            one = Evening(trial, stage, crowd, bot)
            await one.takes("at the beginning")
            yield one
            await one.stop()
            await one.start()
        finally:
            await stage.close()


async def refused_at_start(trial: Trial, stage: Stage, what: str) -> None:
    """See that the bot refuses a database in one line, before Discord hears of it."""
    discord = stage.discord
    discord.requests.clear()
    bot = await stage.start()
    ended = asyncio.create_task(bot.ended())
    login = asyncio.create_task(discord.requested("GET", "/users/@me", timeout=60))
    await asyncio.wait({ended, login}, return_when=asyncio.FIRST_COMPLETED)
    trial.expect(not discord.requests, f"{what}: the bot logged in")
    login.cancel()
    if not ended.done():
        await bot.end()
    code = await ended
    trial.expect(code == DatabaseError.exit_code, f"{what}: it ended with {code}")
    if code == DatabaseError.exit_code:
        try:
            assert_one_last_line(bot)
        except AssertionError:
            trial.expect(held=False, otherwise=f"{what}: it was refused with {bot.log!r}")
