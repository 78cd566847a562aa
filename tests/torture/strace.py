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
from typing import TYPE_CHECKING

from tests.process.stage import PATIENCE, REPOSITORY, environment

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

WRITES = ("pwrite64", "write", "ftruncate", "unlink", "rename")
SYNCS = ("fsync", "fdatasync")
CALLS = (*WRITES, *SYNCS)
_CALL = re.compile(r"^\d+ +(\w+)\(", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Moment:
    """The nth of one kind of call on the database's files, as it is entered: the call has done nothing yet.

    After a call is before the next one, so that all moments together are before and after every call.
    """

    call: str
    number: int

    def __str__(self) -> str:
        return f"{self.call} {self.number}"

    def killed(self) -> str:
        """What has strace kill the process there."""
        return f"{self.call}:signal=SIGKILL:when={self.number}"

    def failed(self) -> str:
        """What has strace let the call fail there, once."""
        error = "ENOSPC" if self.call in WRITES[:2] else "EIO"
        return f"{self.call}:error={error}:when={self.number}"


@dataclass(frozen=True, slots=True)
class Run:
    """A child that ran to its end.

    Attributes:
        said: The lines that it wrote to its standard output.
        moments: Those at which it could have been ended.
    """

    exit_code: int
    said: list[str]
    log: str
    moments: list[Moment]


def lacking() -> str:
    """Why processes cannot be traced here; empty where they can."""
    if not shutil.which("strace"):
        return "strace is not installed"
    return "" if os.geteuid() == 0 else "only root may trace any process"


async def run(task: str, database: Path, inject: str = "") -> Run:
    """Run a task of :mod:`tests.torture.child` under strace, with one fault or none."""
    log = database.with_name("strace.log")
    process = await asyncio.create_subprocess_exec(
        *("strace", "-f", "-o", str(log), *_only(database, f"trace={','.join(CALLS)}")),
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
    calls = Counter(_CALL.findall(log.read_text(encoding="utf-8", errors="replace")))
    moments = [Moment(call, number) for call, count in sorted(calls.items()) for number in range(1, count + 1)]
    return Run(process.returncode or 0, out.decode().splitlines(), err.decode(), moments)


@asynccontextmanager
async def failing(pid: int, database: Path, inject: str) -> AsyncGenerator[None]:
    """Let calls of a running process on a database's files fail for as long as the block lasts."""
    process = await asyncio.create_subprocess_exec(
        *("strace", "-f", "-o", os.devnull, "-p", f"{pid}", *_only(database, f"inject={inject}")),
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stderr
        assert b"attached" in await asyncio.wait_for(process.stderr.readline(), PATIENCE)
        yield
    finally:
        process.terminate()
        await process.communicate()


def _only(database: Path, expression: str) -> list[str]:
    """The arguments that have strace look at nothing but a database's files."""
    names = (str(database), f"{database}.new")  # should a new one be made under another name
    paths = [f"{name}{suffix}" for name in names for suffix in ("", "-journal", "-wal", "-shm")]
    return ["-e", expression, *(argument for path in paths for argument in ("-P", path))]
