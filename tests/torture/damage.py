"""Database files that something else has damaged: the bot refuses them before it logs in, or nothing is missing."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import sqlite3
from typing import TYPE_CHECKING, TypeAlias

from tests.conftest import REVIEWS
from tests.process.stage import Stage
from tests.store.tools import read_only
from tests.torture.crowd import Crowd, Venue
from tests.torture.evening import refused_at_start
from tests.torture.ledger import Ledger, stored

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.torture.ledger import Kept, Key
    from tests.torture.trial import Trial

    Damage: TypeAlias = Callable[[Path, int], None]

PAGE = 4096
CROWD, CLICKING = 64, 0.7


def _cut(path: Path, size: int) -> None:
    os.truncate(path, size)


def _overwrite(path: Path, start: int, size: int) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(random.Random(0).randbytes(size))  # noqa: S311 - garbage is no secret


DAMAGES: dict[str, Damage] = {
    "emptied": lambda path, _: _cut(path, 0),
    "cut to 50 bytes": lambda path, _: _cut(path, 50),
    "cut in its second page": lambda path, _: _cut(path, PAGE + 10),
    "cut to a half": lambda path, size: _cut(path, size // 2),
    "cut by its last page": lambda path, size: _cut(path, size - PAGE),
    "cut in its last page": lambda path, size: _cut(path, size - PAGE // 2),
    "garbage": lambda path, size: _overwrite(path, 0, size),
    "garbage in its first page": lambda path, _: _overwrite(path, 0, PAGE),
    "garbage in its second half": lambda path, size: _overwrite(path, size // 2, size - size // 2),
}
HARMLESS: dict[str, Damage] = {
    "garbage behind its end": lambda path, size: _overwrite(path, size, PAGE),
    "none": lambda _, __: None,
}


async def damaged(trial: Trial) -> None:
    """Start on every kind of damage, to a database that was closed and to one whose process was killed."""
    async with Venue() as discord:
        stage = Stage(trial.folder / "stage", discord, REVIEWS)
        stage.folder.mkdir()
        try:
            models = await _make_models(trial, stage, discord)
            cases = [(kind, state) for kind in DAMAGES | HARMLESS for state in ("closed", "killed")]
            for kind, state in trial.dice.sample(cases, min(trial.rounds, len(cases))):
                shutil.rmtree(stage.folder)
                shutil.copytree(trial.folder / state, stage.folder)
                (DAMAGES | HARMLESS)[kind](stage.database, stage.database.stat().st_size)
                if _is_harmed(stage.database, trial.folder / "copy"):
                    await refused_at_start(trial, stage, f"{kind}, {state}")
                else:
                    await _starts_whole(trial, stage, f"{kind}, {state}", models[state])
                trial.ends_round()
        finally:
            await stage.close()


async def _make_models(trial: Trial, stage: Stage, discord: Venue) -> dict[str, dict[Key, Kept]]:
    """A folder with a database that was closed, and one with that database a vote later, its process killed.

    Returns:
        What is stored in each of them.
    """
    ledger = Ledger()
    bot = await stage.start()
    await discord.ready()
    crowd = await Crowd.gather(discord, ledger, trial)
    async with crowd.clicking(CROWD):
        await asyncio.sleep(CLICKING)
    bot.send(signal.SIGTERM)
    trial.expect(await bot.ended() == 0, "the bot did not end well")
    shutil.copytree(stage.folder, trial.folder / "closed")
    await ledger.audit(stage.database, trial)
    closed = stored(stage.database)
    await discord.offline()
    bot = await stage.start()
    await discord.ready(2)
    await crowd.vote("member 0")
    bot.send(signal.SIGKILL)
    await bot.ended()
    await discord.offline()
    shutil.copytree(stage.folder, trial.folder / "killed", ignore=shutil.ignore_patterns("*.sock"))
    await ledger.audit(stage.database, trial)
    return {"closed": closed, "killed": stored(stage.database)}


async def _starts_whole(trial: Trial, stage: Stage, what: str, kept: dict[Key, Kept]) -> None:
    """See that the bot starts on a database that misses nothing, and that everything is there."""
    before = stage.discord.identifies
    bot = await stage.start()
    await stage.discord.ready(before + 1)
    trial.expect(stored(stage.database) == kept, f"{what}: it holds other votes than before")
    bot.send(signal.SIGTERM)
    trial.expect(await bot.ended() == 0, f"{what}: the bot did not end well")
    await stage.discord.offline()


def _is_harmed(database: Path, copy: Path) -> bool:
    """Whether anything is missing: what is cut off may stand in the write-ahead log.

    Args:
        copy: A folder to look in, as to look at a log is to apply it.
    """
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(database.parent, copy, ignore=shutil.ignore_patterns("*.sock"))
    try:
        return not database.stat().st_size or read_only(copy / database.name, "PRAGMA integrity_check") != [("ok",)]
    except sqlite3.DatabaseError:
        return True
