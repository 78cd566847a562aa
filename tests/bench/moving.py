"""How fast votes move, and in how much memory: ``python -m tests.bench.moving [VOTES]``; ten million by default.

The real commands, each a process of its own; PostgreSQL with fsync on. These are seconds of this machine: there is
neither floor nor peer beside them.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bot.store import open_store
from tests import postgres
from tests.bench.boards import filled
from tests.bench.store import stock
from tests.store.tools import ENGINES

USUAL = 10**7


def main(votes: int) -> None:
    """Export, copy and import so many votes, and print a line for each."""
    print(f"{'command':<44}{'seconds':>9}{'rows/s':>10}{'MB':>7}")  # noqa: T201 - its output
    with tempfile.TemporaryDirectory() as name, ENGINES["postgres"](Path(name)) as copied:
        folder = Path(name)
        asyncio.run(filled(folder / "votes.db", votes))
        asyncio.run(
            postgres.server().ask("ALTER SYSTEM SET fsync = on", "SELECT pg_reload_conf()", database="postgres")
        )
        source = f"sqlite:///{folder}/votes.db"
        run(votes, source, "store", "copy", "--to", copied.url)
        for form in ("csv", "jsonl"):
            run(votes, source, "votes", "export", f"{folder}/votes.{form}")
        with ENGINES["postgres"](folder) as imported:
            for url in (f"sqlite:///{folder}/imported.db", imported.url):
                asyncio.run(shelve(url))
                run(votes, url, "votes", "import", f"{folder}/votes.csv")


def run(votes: int, url: str, *args: str) -> None:
    """Run a command to its end, and print what it took."""
    begun = time.monotonic()
    environment = {**os.environ, "DATABASE_URL": url}
    process = subprocess.Popen([sys.executable, "-m", "bot", *args], env=environment, stdout=sys.stderr)
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0, args
    process.returncode = 0  # it has been waited for
    seconds = time.monotonic() - begun
    name = f"{args[0]} {args[1]}, {url.partition(':')[0]}, {Path(args[2]).suffix}"
    print(f"{name:<44}{seconds:>9.0f}{votes / seconds:>10,.0f}{used.ru_maxrss / 1024:>7.0f}", flush=True)  # noqa: T201 - as above


async def shelve(url: str) -> None:
    """Put the films on the shelf of a new database."""
    store = await open_store(url)
    await stock(store)
    await store.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else USUAL)
