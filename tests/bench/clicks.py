"""Clicks through the whole process: gateway event in, vote committed, reply with the readers' bars out.

Their floor is a bot that only acknowledges the same click, taken by a ``DynamicItem``, as discord.py has it done.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from functools import partial
from typing import TYPE_CHECKING

from tests.bench.load import at_rate, back_to_back
from tests.bench.loopback import FLOOR, PEER, ROUTED, SHEEPBOT, contender, for_the_others
from tests.bench.report import Goal, in_turns, measured, percentile

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.loopback import Range
    from tests.bench.report import Measure, Size
    from tests.wire.payloads import Message

HOT_FILMS = ("1917-2019", "amelie-2001", "cats-2019", "moonlight-2016", "suspiria-1977")
HOT_RATE = 200
SETTLES_WITHIN = 12.0
"""Seconds in which the last edit must have come; the bot waits 5."""


async def measure(folder: Path, size: Size) -> list[Measure]:
    """Lines 1, 2 and 9 of the table."""
    async with contextlib.AsyncExitStack() as stack:
        bots = {
            name: await stack.enter_async_context(contender(folder, name)) for name in (SHEEPBOT, FLOOR, ROUTED, PEER)
        }
        post = (await bots[SHEEPBOT].slash("review", title="miss-you-already")).message
        clicks = {name: bot.clicks_on(post if name == SHEEPBOT else for_the_others(post)) for name, bot in bots.items()}
        for name in bots:
            await back_to_back(clicks[name], seconds=min(0.5, 5 * size.share))

        async def rate_and_cost(name: str, _: int) -> tuple[float, float]:
            used = bots[name].cpu_seconds()
            answers, took = await back_to_back(clicks[name], seconds=(1 if name == PEER else 2) * size.share)
            return answers / took, (bots[name].cpu_seconds() - used) / answers * 1e6

        async def tail(name: str, _: int) -> float:
            waits = await at_rate(clicks[name], (1 if name == PEER else 3) * size.share, 500)
            return percentile(waits, 0.99) * 1e3

        async def longest(name: str, _: int) -> float:
            return max(await at_rate(clicks[name], 2 * size.share, 1000))

        found = await in_turns({name: partial(rate_and_cost, name) for name in bots}, size.repetitions)
        rates = {name: [rate for rate, _ in each] for name, each in found.items()}
        costs = {name: [cost for _, cost in each] for name, each in found.items()}
        tails = await in_turns({name: partial(tail, name) for name in (SHEEPBOT, FLOOR, PEER)}, size.repetitions)
        slowest = await in_turns({name: partial(longest, name) for name in (SHEEPBOT, FLOOR)}, size.repetitions)
        edits, wrong = await hot_messages(bots[SHEEPBOT], size.of(10 * HOT_RATE))
    return [
        measured(
            "clicks answered, 64 members at once", "/s", rates[SHEEPBOT], floors=rates[FLOOR], peers=rates[PEER],
            goal=Goal(floor_at_least=0.9, peer_at_least=4),
        ),
        measured(
            "the same; floor: a bot that acknowledges without a DynamicItem", "/s", rates[SHEEPBOT],
            floors=rates[ROUTED],
        ),
        measured("processor time a click", "µs", costs[SHEEPBOT], floors=costs[FLOOR], peers=costs[PEER]),
        measured(
            "p99 at 500 clicks a second", "ms", tails[SHEEPBOT], floors=tails[FLOOR], peers=tails[PEER],
            goal=Goal(floor_at_most=3),
        ),
        measured(
            "slowest at 1,000 clicks a second", "s", [max(slowest[SHEEPBOT])], floors=[max(slowest[FLOOR])],
            goal=Goal(value_at_most=3),
        ),
        measured(
            f"edits of a message for {size.of(10 * HOT_RATE):,} clicks at {HOT_RATE} a second", "", [max(edits)],
            floors=[1.0], goal=Goal(value_at_most=4),
        ),
        measured("votes missing or too many on it at the end", "", [sum(wrong)], goal=Goal(value_at_most=0)),
    ]  # fmt: skip


async def hot_messages(bot: Range, clicks: int) -> tuple[list[float], list[float]]:
    """Have many members vote on one message each of several films, on all of them at once.

    Returns:
        For each message, how often it was edited, and by how many votes its last state is wrong.
    """
    posts = [(await bot.slash("review", title=film)).message for film in HOT_FILMS]
    await asyncio.gather(*(at_rate(bot.clicks_on(post), clicks / HOT_RATE, HOT_RATE) for post in posts))
    given = [len(range(sheep, clicks, 5)) for sheep in range(5)]
    with contextlib.suppress(TimeoutError):  # what is missing then is the result
        await bot.until(lambda: all(_shown(bot.messages[post.id]) == given for post in posts), SETTLES_WITHIN)
    wrong = [
        sum(abs(shown - wanted) for shown, wanted in zip(_shown(bot.messages[post.id]), given, strict=True))
        for post in posts
    ]
    return [float(bot.edits[post.id]) for post in posts], [float(count) for count in wrong]


def _shown(post: Message) -> list[int]:
    """The votes for one to five sheep that a message shows."""
    bars = next(field["value"] for field in post.embeds[0]["fields"] if field["name"].startswith("Readers"))
    return [int(count.replace(",", "")) for count in re.findall(r"[█░] ([\d,]+)$", bars, re.MULTILINE)][::-1]
