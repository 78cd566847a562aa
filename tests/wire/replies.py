"""Interactions and what they came to, as a test holds them."""

# ruff: noqa: ASYNC109 - a wait that fails says what did not happen, so it takes its own timeout

from __future__ import annotations

import asyncio
import copy
from dataclasses import dataclass, field
from typing import NoReturn

from .payloads import Guild, Json, Member, Message

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5  # types of interactions
MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9  # types of callbacks
ANSWERS = {COMMAND: {4, 5, 9}, COMPONENT: {4, 5, 6, 7, 9}, AUTOCOMPLETE: {8}, MODAL_SUBMIT: {4, 5, 6, 7}}


@dataclass(eq=False)
class Pending:
    """An interaction that was sent to the bot and may not be answered yet."""

    id: str
    type: int
    user: Member
    guild: Guild
    source: Message | None
    metadata: Json
    kind: int | None = None
    original: Message | None = None
    followups: list[Message] = field(default_factory=list[Message])
    answer: asyncio.Future[Reply] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def token(self) -> str:
        return f"wire-{self.id}"

    @property
    def done(self) -> bool:
        """Whether the callback has arrived; a deferring one counts."""
        return self.kind is not None

    async def reply(self, timeout: float = 5) -> Reply:
        """What the callback says or, where it defers, what the edit of @original after it says."""
        try:
            return await asyncio.wait_for(asyncio.shield(self.answer), timeout)
        except TimeoutError:
            state = "only deferred" if self.done else "not answered"
            raise TimeoutError(f"interaction of type {self.type} {state} within {timeout} s") from None

    def settle(self, data: Json) -> None:
        if not self.answer.done() and self.kind:
            self.answer.set_result(Reply(self.kind, data, copy.deepcopy(self.original), self))


@dataclass
class Reply:
    """What an interaction came to: `kind` is the type of the callback, `data` what the bot sent with it."""

    kind: int
    data: Json
    shown: Message | None
    to: Pending

    @property
    def message(self) -> Message:
        """The message as it was when this reply came; `WireDiscord.messages` has it as it is now."""
        return self.shown or self._lacks("message")

    @property
    def ephemeral(self) -> bool:
        return bool(self.shown and self.shown.ephemeral)

    @property
    def modal(self) -> Json:
        """The modal that was opened, its components numbered as Discord does."""
        return self.data if self.kind == MODAL else self._lacks("modal")

    @property
    def choices(self) -> list[Json]:
        return self.data["choices"] if self.kind == CHOICES else self._lacks("choices")

    @property
    def followups(self) -> list[Message]:
        """The follow-ups so far, as they are now."""
        return self.to.followups

    def _lacks(self, what: str) -> NoReturn:
        raise LookupError(f"a reply of type {self.kind} has no {what}")
