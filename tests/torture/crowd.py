"""Members at a loopback Discord, who write down what they sent and what they were told."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from bot.errors import StoreBusyError, StoreError, TooSlowError
from tests.process.stage import PATIENCE, Discord, control, said

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine

    from tests.torture.ledger import Kept, Key, Ledger
    from tests.torture.trial import Trial
    from tests.wire.payloads import Message
    from tests.wire.replies import Reply

FILM = "miss you already"
REFUSALS = (StoreError.told, StoreBusyError.told)


def is_refusal(words: str) -> bool:
    """Whether a member was told that nothing was stored."""
    return any(refusal in words for refusal in REFUSALS)


class Venue(Discord):
    """A loopback Discord that can be played at for a long time."""

    def forget(self) -> None:
        """Let go of private messages and of past calls; public messages stay."""
        self.messages = {key: message for key, message in self.messages.items() if not message.ephemeral}
        self.requests.clear()
        self._pending.clear()

    def server(self, message: Message) -> int:
        """The id of the server that a message stands in."""
        return int(self._guild_of(message.channel_id).id)


class Crowd:
    """The members; they vote on one film, under a post of it in every server."""

    def __init__(self, discord: Venue, ledger: Ledger, trial: Trial, posts: list[Message]) -> None:
        self.discord, self.ledger, self.trial, self.posts = discord, ledger, trial, posts

    @classmethod
    async def gather(cls, discord: Venue, ledger: Ledger, trial: Trial) -> Crowd:
        """Have the film's review posted in every server."""
        posts = [
            (await discord.slash("review", guild=guild, title=FILM, timeout=PATIENCE)).message
            for guild in range(len(discord.guilds))
        ]
        return cls(discord, ledger, trial, posts)

    @asynccontextmanager
    async def clicking(self, members: int) -> AsyncGenerator[None]:
        """Have members vote, share and take back, each again as soon as they are answered, until the block ends."""
        over = asyncio.Event()
        turns = [asyncio.create_task(self._click_on(f"member {number}", over)) for number in range(members)]
        try:
            yield
            await asyncio.sleep(0.02)  # for the answers that are still in the sockets
        finally:
            over.set()  # wait_for, until Python 3.12, may lose a cancellation that comes together with an answer
            for turn in turns:
                turn.cancel()
            ends = await asyncio.gather(*turns, return_exceptions=True)
        for end in ends:
            away = end is None or isinstance(end, (asyncio.CancelledError, ConnectionError))
            self.trial.expect(away, f"a member met with {end!r}")
        self.discord.forget()

    async def vote(self, name: str) -> str:
        """Give sheep in any server; what the member was told."""
        post, sheep = self.trial.dice.choice(self.posts), self.trial.dice.randint(1, 5)
        return said((await self._vote(name, post, sheep)).message)

    async def reads(self, name: str, when: str) -> None:
        """See that what only reads is answered."""
        post = self.posts[0]
        results = await self.discord.click(post, control(post, "results"), user=name, timeout=PATIENCE)
        board = await self.discord.slash("toprated", user=name, timeout=PATIENCE)
        for reply in (results, board):
            self.trial.expect(reply.message.embeds, f"who only reads was told {said(reply.message)!r} {when}")

    async def _click_on(self, name: str, over: asyncio.Event) -> None:
        dice = self.trial.dice
        panel: Message | None = None
        while not over.is_set():
            post, sheep, act = dice.choice(self.posts), dice.randint(1, 5), dice.random()
            if act < 0.8:
                panel = (await self._vote(name, post, sheep)).shown
            elif act < 0.9:
                await self._share(name, post, sheep)
            elif panel:
                await self._take_back(name, panel)
                panel = None

    async def _vote(self, name: str, post: Message, sheep: int) -> Reply:
        click = self.discord.click(post, control(post, "vote", sheep), user=name, timeout=PATIENCE)
        return await self._change({self._key("vote", name, post): sheep}, click, "You gave")

    async def _take_back(self, name: str, panel: Message) -> None:
        click = self.discord.click(panel, control(panel, "unvote"), user=name, timeout=PATIENCE)
        await self._change({self._key("vote", name, panel): None}, click, "is taken back")

    async def _share(self, name: str, post: Message, sheep: int) -> None:
        form = await self.discord.click(post, control(post, "share"), user=name, timeout=PATIENCE)
        body = f"{self.trial.dice.random()}"
        changes: dict[Key, Kept] = {self._key("vote", name, post): sheep, self._key("thought", name, post): body}
        submit = self.discord.submit(form, {"sheep": f"{sheep}", "body": body}, timeout=PATIENCE)
        await self._change(changes, submit, "is shared")

    async def _change(self, changes: dict[Key, Kept], act: Coroutine[Any, Any, Reply], good: str) -> Reply:
        for key, value in changes.items():
            self.ledger.send(key, value)
        reply = await act
        words = said(reply.message)
        for key in changes:
            if good in words:
                self.ledger.acknowledge(key)
            elif is_refusal(words):
                self.ledger.refuse(key)
        told = good in words or is_refusal(words) or TooSlowError.told in words  # too slow: it may be stored or not
        self.trial.expect(told and reply.ephemeral, f"a vote was answered with {words!r}")
        return reply

    def _key(self, what: str, name: str, message: Message) -> Key:
        review = next(custom_id for custom_id in message.custom_ids if ":vote:" in custom_id or ":share:" in custom_id)
        return what, self.discord.server(message), int(review.split(":")[2]), int(self.discord.member(name).id)
