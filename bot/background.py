"""Work that goes on behind something else."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from bot.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine

log = logging.getLogger(__name__)

AGAIN = 30.0
"""Seconds after which work that failed is done again."""


@asynccontextmanager
async def in_background(work: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    """Do work within the context; at its end it is cancelled, and gone."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def repeatedly(work: Callable[[], Awaitable[float]]) -> None:
    """Do work now, and again so many seconds later as it says, until it is cancelled; what it raises is logged."""
    while True:
        rest = AGAIN
        try:
            rest = await work()
        except StoreError as error:
            log.warning("%s is put off: %s", work.__qualname__, error.cause)
        except Exception:  # whatever it was, the next time must come
            log.exception("%s failed, and is done again", work.__qualname__)
        await asyncio.sleep(rest)
