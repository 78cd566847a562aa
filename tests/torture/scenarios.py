"""Every scenario, by its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.torture import calls, cancelled, damage, disks, kills, strace

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.torture.trial import Trial


@dataclass(frozen=True, slots=True)
class Scenario:
    """A way to suffer.

    Attributes:
        play: Plays it, the rounds of the trial at the most.
        short: So many rounds are enough to see that it works at all.
        long: More rounds than this show nothing new.
        lacking: Why it cannot be played here; empty where it can.
    """

    play: Callable[[Trial], Coroutine[Any, Any, None]]
    short: int
    long: int = 10**6
    lacking: Callable[[], str] = str


SCENARIOS = {
    "killed while members click": Scenario(kills.under_load, 2),
    "killed at a call of a group": Scenario(calls.killed_in_groups, 2, lacking=strace.lacking),
    "killed at a call of a migration": Scenario(calls.killed_in_migration, 2, lacking=strace.lacking),
    "a call of a group fails": Scenario(calls.failed_in_groups, 2, lacking=strace.lacking),
    "a call of a migration fails": Scenario(calls.failed_in_migration, 2, lacking=strace.lacking),
    "a call fails, then killed": Scenario(calls.failed_then_killed, 2, lacking=strace.lacking),
    "calls go on failing, then killed": Scenario(calls.failing_then_killed, 2, lacking=strace.lacking),
    "an fsync of the bot fails": Scenario(disks.failing_sync, 1, 5, strace.lacking),
    "an fsync of the bot stalls": Scenario(disks.stalled, 1, 5, strace.lacking),
    "disk full": Scenario(disks.full, 1, 5, disks.lacking),
    "disk turned read-only": Scenario(disks.turned_read_only, 1, 5, strace.lacking),
    "disk or file read-only at the start": Scenario(disks.read_only_at_start, 1, 1, disks.lacking),
    "database locked": Scenario(disks.locked, 1, 2),
    "file damaged": Scenario(damage.damaged, 4),
    "callers cancelled": Scenario(cancelled.callers, 3, 50),
}
