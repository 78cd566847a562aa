"""A process of its own that opens a store, for the tests that need a second one or must kill one.

Usage: ``python -m tests.store.child open URL`` or ``… vote URL ROUND``.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys

from bot.errors import DatabaseError
from bot.store import open_store
from bot.store.votes import Change, Thought
from tests.store.tools import shelve

SERVERS = (10, 20)
MEMBERS = 24
LINES = 1  # a descriptor: what is written there is with the kernel, and outlives this process


async def say_whether_it_opens(url: str) -> None:
    """Print why the store cannot be opened, or that it can."""
    try:
        store = await open_store(url)
    except DatabaseError as error:
        sys.stdout.write(str(error))
    else:
        await store.close()
        sys.stdout.write("opened")


async def vote_until_killed(url: str, number_of_round: str) -> None:
    """Vote with ever new thoughts, and write a line for each that is acknowledged."""
    store = await open_store(url)
    films = [entry.review_id for entry in await store.reviews.shelf()] or await shelve(store, 2)

    async def member(number: int) -> None:
        for turn in itertools.count(1):
            guild, film = SERVERS[turn % 2], films[turn // 2 % 2]
            thought = Thought(f"{number_of_round}:{turn}")
            await store.votes.change(Change(guild, film, number, sheep=turn % 5 + 1, thought=thought))
            os.write(LINES, f"{guild} {film} {number} {turn}\n".encode())

    await asyncio.gather(*map(member, range(1, MEMBERS + 1)))


if __name__ == "__main__":
    task, *arguments = sys.argv[1:]
    asyncio.run({"open": say_whether_it_opens, "vote": vote_until_killed}[task](*arguments))
