"""Members at work: each again as soon as they are answered, or so many a second whatever the bot makes of it."""

from __future__ import annotations

import asyncio
import itertools
import math
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

Send: TypeAlias = Callable[[int, int, Callable[[Any], None]], Awaitable[None]]
"""``await send(member, sheep, answered)``: ``answered`` is called with the answer as it comes in."""

CALLERS = 64
MEMBERS = 5000
PATIENCE = 60.0


async def back_to_back(send: Send, *, seconds: float = math.inf, count: float = math.inf) -> tuple[int, float]:
    """Have 64 members act who each act again as soon as they are answered, for so long or so often.

    Returns:
        How often they were answered, and in how many seconds.
    """
    loop = asyncio.get_running_loop()
    numbers = itertools.count()
    sending: set[asyncio.Task[None]] = set()
    over = asyncio.Event()
    begun = time.perf_counter()
    answers = in_flight = 0

    def act() -> None:
        nonlocal in_flight
        number = next(numbers)
        if number < count and time.perf_counter() - begun < seconds:
            in_flight += 1
            task = loop.create_task(_sent(number))
            sending.add(task)
            task.add_done_callback(sending.discard)
        elif not in_flight:
            over.set()

    def answered(_: Any) -> None:
        nonlocal answers, in_flight
        answers += 1
        in_flight -= 1
        act()

    async def _sent(number: int) -> None:
        await send(number % MEMBERS, (number + number // MEMBERS) % 5 + 1, answered)

    for _ in range(CALLERS):
        act()
    await asyncio.wait_for(over.wait(), (seconds if count == math.inf else 10 * PATIENCE) + PATIENCE)
    return answers, time.perf_counter() - begun


async def at_rate(send: Send, seconds: float, rate: int) -> list[float]:
    """Have a member act so many times a second, whether the last ones are answered or not.

    Returns:
        Seconds from the moment at which each act was due to its answer.
    """
    found: list[float] = []
    wanted = max(1, int(seconds * rate))
    over = asyncio.Event()
    begun = time.perf_counter()
    for number in range(wanted):
        due = begun + number / rate
        if (ahead := due - time.perf_counter()) > 0:
            await asyncio.sleep(ahead)

        def answered(_: Any, due: float = due) -> None:
            found.append(time.perf_counter() - due)
            if len(found) == wanted:
                over.set()

        await send(number, number % 5 + 1, answered)
    await asyncio.wait_for(over.wait(), PATIENCE)
    return found
