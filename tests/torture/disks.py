"""Disks that are full, fail, or can only be read, and databases that somebody else has locked, while the bot runs."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from tests.process.stage import PATIENCE, REPOSITORY
from tests.torture import strace
from tests.torture.crowd import is_refusal
from tests.torture.evening import evening, refused_at_start

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from pathlib import Path

    from tests.torture.trial import Trial

CALLS, SYNCS = ",".join(strace.CALLS), ",".join(strace.SYNCS)
MEGABYTES = 4
STALL_SECONDS = 4
LOCKED_SECONDS = 10
IN_SHORT = 3


def lacking() -> str:
    """Why no disk can be mounted here; empty where one can."""
    if os.geteuid() != 0:
        return "only root may mount a disk"
    with tempfile.TemporaryDirectory() as folder:
        tried = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], check=False, capture_output=True)
        if tried.returncode == 0:
            subprocess.run(["umount", folder], check=True)
    return "" if tried.returncode == 0 else "no disk can be mounted"


@contextmanager
def small_disk(folder: Path) -> Generator[Path]:
    """A disk of a few megabytes."""
    with _mounted(folder / "disk", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs") as disk:
        yield disk


async def full(trial: Trial) -> None:
    """Fill the disk, and make room again."""
    with small_disk(trial.folder) as disk:
        async with evening(trial, disk) as one:
            for _ in range(trial.rounds):
                _fill(disk / "ballast")
                await one.refuses("on a full disk")
                (disk / "ballast").unlink()
                await one.takes("with room again")
                trial.ends_round()


async def failing_sync(trial: Trial) -> None:
    """Let one fsync fail, and then all is well."""
    async with evening(trial, trial.folder) as one:
        for _ in range(trial.rounds):
            async with strace.failing(one.pid, one.stage.database, f"{SYNCS}:error=EIO:when=1"):
                await one.refuses("with a failing fsync")
                await one.takes("after a failing fsync")
            trial.ends_round()


async def stalled(trial: Trial) -> None:
    """Let one fsync take seconds: who is told meanwhile that nothing was stored is told the truth."""
    async with evening(trial, trial.folder) as one:
        for _ in range(trial.rounds):
            async with strace.failing(one.pid, one.stage.database, f"{SYNCS}:delay_enter={STALL_SECONDS}s:when=1"):
                told = await one.rushes()
                await one.recovers()
            trial.expect(any(is_refusal(words) for words in told), f"while the disk stalled, all were told {told}")
            await one.takes("after the disk stalled")
            trial.ends_round()


async def turned_read_only(trial: Trial) -> None:
    """Let every write fail as it does once a disk has been made read-only, and then none."""
    async with evening(trial, trial.folder) as one:
        for _ in range(trial.rounds):
            async with strace.failing(one.pid, one.stage.database, f"{CALLS}:error=EROFS"):
                await one.refuses("on a disk that turned read-only")
            await one.takes("on a disk that can be written to again")
            trial.ends_round()


async def locked(trial: Trial) -> None:
    """Have another process hold the database for some seconds, ten where there is time."""
    loop = asyncio.get_running_loop()
    async with evening(trial, trial.folder) as one:
        async with _held(one.stage.database):
            end = loop.time() + (LOCKED_SECONDS if trial.rounds > 1 else IN_SHORT)
            while loop.time() < end:
                await one.refuses("on a locked database")
        await one.takes("on a database that is free again")
        trial.ends_round()


async def read_only_at_start(trial: Trial) -> None:
    """Start on a disk, and on a file, that can only be read."""
    with small_disk(trial.folder) as disk:
        async with evening(trial, disk) as one:
            await one.stop()
            _remount(disk, "ro")
            await refused_at_start(trial, one.stage, "a disk that can only be read")
            _remount(disk, "rw")
            with _mounted(one.stage.database, "--bind", str(one.stage.database)) as file:
                _remount(file, "bind,ro")
                await refused_at_start(trial, one.stage, "a file that can only be read")
            await one.start()
            trial.ends_round()


@contextmanager
def _mounted(path: Path, *what: str) -> Generator[Path]:
    if not path.exists():
        path.mkdir()
    subprocess.run(["mount", *what, str(path)], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)  # lazy: even with a file still open there


def _remount(path: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(path)], check=True)


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            return


@asynccontextmanager
async def _held(database: Path) -> AsyncGenerator[None]:
    """Another process has the database locked."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.torture.child", "hold", str(database)),
        cwd=REPOSITORY,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout
        assert await asyncio.wait_for(process.stdout.readline(), PATIENCE) == b"held\n"
        yield
    finally:
        await process.communicate(b"")
