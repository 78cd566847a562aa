"""A process of its own at a database, for the trials that watch or break its system calls.

Usage: ``python -m tests.torture.child TASK PATH``; the tasks are make, open, again, die and hold.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import sys

from bot.errors import DatabaseError, StoreError
from bot.store import open_store
from bot.store.votes import Change, Thought
from tests.store.child import SERVERS

GROUPS = 3
MEMBERS = 60
TRIES = 3
SAID = 1  # a descriptor: what is written there is with the kernel, and outlives this process


def change(group: int, member: int, film: int) -> Change:
    """What a member does in a group: votes anew and says so at length, or now and then takes both back."""
    server = SERVERS[member % len(SERVERS)]
    if (group + member) % 7 == 0:
        return Change(server, film, member, sheep=None, thought=None)
    return Change(server, film, member, sheep=(group + member) % 5 + 1, thought=Thought(f"{group}: " + "baa " * 50))


async def write_groups(path: str, groups: int, *, die: bool = False) -> None:
    """Write groups one after the other to the first film on the shelf, and a line for each answer.

    Args:
        die: Whether to end at the first refusal as if killed; else the group is tried again.
    """
    store = await open_store(f"sqlite:///{path}")

    async def write(group: int, member: int) -> bool:
        try:
            await store.votes.change(change(group, member, film=1))
        except StoreError:
            os.write(SAID, f"refused {group} {member}\n".encode())
            return False
        os.write(SAID, f"stored {group} {member}\n".encode())
        return True

    for group in range(groups):
        for _ in range(TRIES):
            if all(await asyncio.gather(*(write(group, member) for member in range(1, MEMBERS + 1)))):
                break
            if die:
                os.kill(os.getpid(), signal.SIGKILL)
    await store.close()


async def make(path: str) -> None:
    """Open a database, and be gone before anything of its closing."""
    await open_store(f"sqlite:///{path}")
    os._exit(0)


def hold(path: str) -> None:
    """Lock a database against other writers, as a backup tool does, until the standard input ends."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        os.write(SAID, b"held\n")
        sys.stdin.read()
        connection.execute("ROLLBACK")


def main(task: str, path: str) -> None:
    """Do a task; a database that is refused is one line and an exit code, as with the bot."""
    if task == "hold":
        hold(path)
        return
    try:
        if task == "make":
            asyncio.run(make(path))
        asyncio.run(write_groups(path, 0 if task == "open" else GROUPS, die=task == "die"))
    except DatabaseError as error:
        sys.stderr.write(f"sheepbot: {error}\n")
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main(*sys.argv[1:])
