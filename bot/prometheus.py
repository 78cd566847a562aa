"""The metrics, for Prometheus to read."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import aiohttp
import discord
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bot.errors import SheepbotError, TooSlowError
from bot.metrics import Metrics, at_hand
from bot.store.writer import MAX_GROUP
from bot.ui import ids

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import SimpleNamespace
    from typing import Any

    from bot.client import SheepBot
    from bot.ui.pages import Interaction

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 5.0)
GROUPS = tuple(2**power for power in range(MAX_GROUP.bit_length()))
UNKNOWN = "unknown"


class Prometheus(Metrics):
    """Counts and times what is reported.

    Attributes:
        registry: Where a scrape reads.
    """

    def __init__(self) -> None:
        disable_created_metrics()  # a series beside each that says only since when it is counted
        self.registry = registry = CollectorRegistry()
        self._interactions = Counter(
            "sheepbot_interactions", "Interactions dealt with.", ["kind", "outcome"], registry=registry
        )
        self._acknowledged = Histogram(
            "sheepbot_acknowledged_seconds",
            "From an interaction received to its answer taken by Discord.",
            ["kind"],
            buckets=SECONDS,
            registry=registry,
        )
        self._committed = Histogram(
            "sheepbot_committed_seconds",
            "From an interaction received to what it changed on disk.",
            ["kind"],
            buckets=SECONDS,
            registry=registry,
        )
        self._group_size = Histogram(
            "sheepbot_writer_group_size", "Changes in one transaction.", buckets=GROUPS, registry=registry
        )
        self._reconnects = Counter(
            "sheepbot_gateway_reconnects", "Connections of a shard after its first.", ["shard"], registry=registry
        )
        self._rest = Counter(
            "sheepbot_rest_responses", "Answers of Discord by their HTTP status.", ["status"], registry=registry
        )
        self._refreshes = Counter(
            "sheepbot_tally_refreshes", "Edits of public messages.", ["outcome"], registry=registry
        )
        self._database_errors = Counter(
            "sheepbot_database_errors", "Errors that the database raised.", ["error"], registry=registry
        )

    def http_trace(self) -> aiohttp.TraceConfig:
        """Counts each call of the REST API by its status, and as "none" where there was no answer."""
        trace = aiohttp.TraceConfig()
        trace.on_request_end.append(self._answered)
        trace.on_request_exception.append(self._unanswered)
        return trace

    def kind(self, interaction: Interaction) -> str:
        """One of few names, whatever is in the payload: each new one would be kept for good."""
        if interaction.type is discord.InteractionType.autocomplete:
            return "autocomplete"
        if interaction.type is discord.InteractionType.application_command:
            return f"/{interaction.command.qualified_name}" if interaction.command else UNKNOWN
        data: Any = interaction.data
        return ids.kind_of(data.get("custom_id", "")) or UNKNOWN

    def acknowledged(self) -> None:
        """Time the interaction at hand."""
        _observe(self._acknowledged)

    def committed(self) -> None:
        """Time the interaction at hand."""
        _observe(self._committed)

    def ended(self, told: SheepbotError | None) -> None:
        """Count the interaction at hand."""
        if handling := at_hand.get():
            self._interactions.labels(handling.kind, _outcome(told)).inc()

    def group_began(self, size: int) -> None:
        """Note the size of a group."""
        self._group_size.observe(size)

    def refreshed(self, outcome: str) -> None:
        """Count an edit."""
        self._refreshes.labels(outcome).inc()

    def database_failed(self, error: Exception) -> None:
        """Count an error by its class."""
        self._database_errors.labels(type(error).__name__).inc()

    def reconnected(self, shard_id: int) -> None:
        """Count a connection of a shard that had one before."""
        self._reconnects.labels(shard_id).inc()

    def watch(self, bot: SheepBot) -> None:
        """Have a scrape read what the bot knows at that moment."""
        self.registry.register(_Live(bot))

    async def _answered(self, _: object, __: SimpleNamespace, call: aiohttp.TraceRequestEndParams) -> None:
        self._rest.labels(call.response.status).inc()

    async def _unanswered(self, _: object, __: SimpleNamespace, ___: aiohttp.TraceRequestExceptionParams) -> None:
        self._rest.labels("none").inc()


class _Live(Collector):
    """What is not counted but looked up."""

    def __init__(self, bot: SheepBot) -> None:
        self._bot = bot

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The length of the writer's queue, and the latency of each shard that has had a heartbeat answered."""
        waiting = self._bot.store.votes.writer.waiting
        yield GaugeMetricFamily("sheepbot_writer_waiting", "Changes that wait for their transaction.", value=waiting)
        latency = GaugeMetricFamily(
            "sheepbot_gateway_latency_seconds", "From a heartbeat to its answer.", labels=["shard"]
        )
        for shard_id, seconds in self._bot.latencies:
            if math.isfinite(seconds):
                latency.add_metric([str(shard_id)], seconds)
        yield latency


def _observe(histogram: Histogram) -> None:
    if handling := at_hand.get():
        histogram.labels(handling.kind).observe(time.perf_counter() - handling.received)


def _outcome(told: SheepbotError | None) -> str:
    if told is None:
        return "ok"
    if isinstance(told, TooSlowError):
        return "too_slow"
    return "failed" if type(told) is SheepbotError else type(told).__name__
