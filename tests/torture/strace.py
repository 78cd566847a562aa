"""strace: which system calls reach a database's files, and what happens when one of them does not come back."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.process.stage import PATIENCE, REPOSITORY, environment

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

WRITES = ("pwrite64", "write", "ftruncate", "unlink", "rename")
SYNCS = ("fsync", "fdatasync")
CALLS = (*WRITES, *SYNCS)
_CALL = re.compile(r'^\d+ +(\w+)\((?:\d+<|")([^>"]+)')
_FAULT = re.compile(r"\(INJECTED\)$|killed by SIGKILL")


@dataclass(frozen=True, slots=True)
class Moment:
    """The nth of one kind of call on a database's files, as it is entered: the call has done nothing yet.

    After a call is before the next one, so that all moments together are before and after every call.

    Attributes:
        name: The name of the database when it was called; a new one is made under another name. strace counts by
            thread, and each name belongs to one.
    """

    name: str
    call: str
    number: int

    def __str__(self) -> str:
        return f"{self.call} {self.number} of {self.name}"

    def killed(self) -> str:
        """What has strace kill the process there."""
        return f"{self.call}:signal=SIGKILL:when={self.number}"

    def failed(self) -> str:
        """What has strace let the call fail there, once."""
        error = "ENOSPC" if self.call in WRITES[:2] else "EIO"
        return f"{self.call}:error={error}:when={self.number}"

    def failing(self) -> str:
        """What has strace let such calls fail from there on."""
        return f"{self.failed()}+"


@dataclass(frozen=True, slots=True)
class Run:
    """A child that ran to its end.

    Attributes:
        said: The lines that it wrote to its standard output.
        moments: Those at which it could have been ended, in their order.
        disturbed: The first at which a call failed or the process was killed.
    """

    exit_code: int
    said: list[str]
    log: str
    moments: list[Moment]
    disturbed: Moment | None


def lacking() -> str:
    """Why processes cannot be traced here; empty where they can."""
    if not shutil.which("strace"):
        return "strace is not installed"
    return "" if os.geteuid() == 0 else "only root may trace any process"


async def run(task: str, database: Path, moment: Moment | None = None, inject: str = "") -> Run:
    """Run a task of :mod:`tests.torture.child` under strace, with what a moment has it inject or undisturbed."""
    log = database.with_name("strace.log")
    process = await asyncio.create_subprocess_exec(
        *("strace", "-f", "-y", "-o", str(log), "-e", f"trace={','.join(CALLS)}"),
        *_only(database, [moment.name] if moment else _names(database)),
        *(("-e", f"inject={inject}") if inject else ()),
        *(sys.executable, "-m", "tests.torture.child", task, str(database)),
        cwd=REPOSITORY,
        env={name: value for name, value in environment({}).items() if not name.startswith("COVERAGE")},  # it is slow
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), PATIENCE)
    finally:
        if process.returncode is None:
            process.kill()
    moments, disturbed = _read(log.read_text(encoding="utf-8", errors="replace"), database)
    return Run(process.returncode or 0, out.decode().splitlines(), err.decode(), moments, disturbed)


@asynccontextmanager
async def failing(pid: int, database: Path, inject: str) -> AsyncGenerator[None]:
    """Let calls of a running process on a database's files fail for as long as the block lasts."""
    process = await asyncio.create_subprocess_exec(
        *("strace", "-f", "-o", os.devnull, "-p", f"{pid}", "-e", f"inject={inject}"),
        *_only(database, _names(database)),
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stderr
        assert b"attached" in await asyncio.wait_for(process.stderr.readline(), PATIENCE)
        yield
    finally:
        process.terminate()
        await process.communicate()


def _names(database: Path) -> list[str]:
    """What a database is called, and what a new one is called while it is made."""
    return [database.name, f".{database.name}.making"]


def _only(database: Path, names: Sequence[str]) -> list[str]:
    """The arguments that have strace look at nothing but a database's files."""
    paths = [database.with_name(f"{name}{suffix}") for name in names for suffix in ("", "-journal", "-wal", "-shm")]
    return [argument for path in paths for argument in ("-P", str(path))]


def _read(trace: str, database: Path) -> tuple[list[Moment], Moment | None]:
    """The moments of a run, and the one that was disturbed."""
    counts: Counter[tuple[str, str]] = Counter()
    moments: list[Moment] = []
    disturbed: Moment | None = None
    for line in trace.splitlines():
        if found := _CALL.match(line):
            call, path = found.groups()
            name = next(name for name in _names(database) if Path(path).name.startswith(name))
            counts[name, call] += 1
            moments.append(Moment(name, call, counts[name, call]))
        if _FAULT.search(line) and moments:
            disturbed = disturbed or moments[-1]
    return moments, disturbed
