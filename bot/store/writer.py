"""The one writer of votes and thoughts: whatever is waiting goes into one transaction.

A commit costs an fsync whether it holds one vote or five hundred. While one
group is being written the next one gathers, so throughput rises with the load
and a lone vote waits for nobody.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, TypeVar

from bot.errors import StoreBusyError, StoreError
from bot.metrics import SILENT, Metrics
from bot.store.database import ConstraintError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Sequence

    from bot.store.database import Database

log = logging.getLogger(__name__)

MAX_GROUP = 512
MAX_WAITING = 8192
"""More than this waiting means seconds behind: callers are refused rather than kept past their deadline."""

STALLED = 1.5
"""Seconds that a group may take until those who wait behind it are refused, well before their own deadline."""

Change = TypeVar("Change")
Answer = TypeVar("Answer")


class GroupWriter(Generic[Change, Answer]):
    """Writes changes in groups and answers each caller after the commit.

    Args:
        commit: Writes a group in one transaction; returns one answer a change, in order.
    """

    def __init__(
        self,
        database: Database,
        commit: Callable[[Sequence[Change]], Awaitable[Sequence[Answer]]],
        metrics: Metrics = SILENT,
    ) -> None:
        self._database = database
        self._commit = commit
        self._metrics = metrics
        self._waiting: deque[tuple[Change, asyncio.Future[Answer]]] = deque()
        self._wake = asyncio.Event()
        self._closing = self._stalled = False
        self._task = asyncio.create_task(self._run(), name="group-writer")

    @property
    def waiting(self) -> int:
        """How many changes wait for their group."""
        return len(self._waiting)

    @property
    def is_open(self) -> bool:
        """Whether it takes a change now."""
        return not (self._closing or self._stalled or len(self._waiting) >= MAX_WAITING)

    async def write(self, change: Change) -> Answer:
        """Write one change; returns when it is committed and on disk.

        A caller that is cancelled before its group began leaves no trace.

        Raises:
            StoreBusyError: Too much is waiting already, or the disk stalls; nothing was written.
            StoreError: The commit failed; nothing was written.
        """
        if not self.is_open:
            raise StoreBusyError
        done: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((change, done))
        self._wake.set()
        answer = await done
        self._metrics.committed()
        return answer

    async def close(self) -> None:
        """Write what is waiting, then stop."""
        self._closing = True
        self._wake.set()
        await asyncio.shield(self._task)  # who gives up waiting here must not leave callers without an answer

    async def _run(self) -> None:
        while True:
            while self._waiting:
                count = min(len(self._waiting), MAX_GROUP)
                self._metrics.group_began(count)
                group = [self._waiting.popleft() for _ in range(count)]
                with self._watched():
                    await self._write([item for item in group if not item[1].done()])
            if self._closing:
                return
            self._wake.clear()
            try:
                with self._watched():
                    await self._database.rest()
            except Exception:  # whatever it is, the next group must be written all the same
                log.exception("A checkpoint failed; a later one does its work")
            if not self._waiting:
                await self._wake.wait()

    @contextmanager
    def _watched(self) -> Generator[None]:
        """Keep nobody waiting behind what takes too long."""
        stall = asyncio.get_running_loop().call_later(STALLED, self._stall)
        try:
            yield
        finally:
            stall.cancel()
            self._stalled = False

    def _stall(self) -> None:
        """Refuse who waits and who comes until what is under way is through: they would learn nothing in time."""
        self._stalled = True
        log.warning("The disk stalls: what is being written takes more than %g s, other changes are refused", STALLED)
        _fail(list(self._waiting), StoreBusyError())
        self._waiting.clear()

    async def _write(self, group: list[tuple[Change, asyncio.Future[Answer]]]) -> None:
        if not group:
            return
        try:
            answers = await self._commit([change for change, _ in group])
        except ConstraintError as error:
            if len(group) > 1:
                # One change that breaks a rule must not take its neighbours with it.
                for item in group:
                    await self._write([item])
                return
            _fail(group, error)
        except Exception as error:  # the writer must outlive anything that one group does
            if not isinstance(error, StoreError):
                log.exception("Writing a group failed")
            _fail(group, error if isinstance(error, StoreError) else StoreError())
        else:
            for (_, done), answer in zip(group, answers, strict=True):
                if not done.done():
                    done.set_result(answer)


def _fail(group: list[tuple[Change, asyncio.Future[Answer]]], error: StoreError) -> None:
    for _, done in group:
        if not done.done():
            done.set_exception(error)
