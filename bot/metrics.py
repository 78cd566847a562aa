"""What the rooms of the bot report about their work; nobody listens unless HEALTH_PORT is set."""

from __future__ import annotations

import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import aiohttp

    from bot.errors import SheepbotError
    from bot.ui.pages import Interaction


class Handling(NamedTuple):
    """An interaction that is being dealt with.

    It does not hold the interaction itself: a timer that is cancelled keeps its context for a while.

    Attributes:
        interaction_id: Its id.
        kind: What it is counted as; empty where nobody counts.
        received: When it was received, by :func:`time.perf_counter`.
    """

    interaction_id: int
    kind: str
    received: float


at_hand: ContextVar[Handling | None] = ContextVar("at_hand", default=None)
"""The interaction that a task works on, with the tasks that it starts, or None."""


class Metrics:
    """Takes every report, and does nothing with it; those that are about an interaction mean the one at hand."""

    def http_trace(self) -> aiohttp.TraceConfig | None:
        """What is to watch the calls of Discord's REST API."""
        return None

    def received(self, interaction: Interaction) -> None:
        """What this task does from here is work on an interaction."""
        at_hand.set(Handling(interaction.id, self.kind(interaction), time.perf_counter()))

    def kind(self, interaction: Interaction) -> str:  # noqa: ARG002 - nobody counts here
        """What an interaction is counted as."""
        return ""

    def acknowledged(self) -> None:
        """Discord has taken the answer to the interaction."""

    def committed(self) -> None:
        """What the interaction changed is on disk."""

    def ended(self, told: SheepbotError | None) -> None:
        """The interaction is dealt with: as it asked, or by telling the member what went wrong."""

    def group_began(self, size: int) -> None:
        """So many changes go into one transaction."""

    def refreshed(self, outcome: str) -> None:
        """A tally on a public message was edited, or it came to something else."""

    def database_failed(self, error: Exception) -> None:
        """The database raised an error."""


SILENT = Metrics()
