"""``kill -9`` of a process that votes: what was acknowledged is there, and nothing is half-done."""

# ruff: noqa: ASYNC240 - a test that blocks keeps nobody else on its loop waiting

from __future__ import annotations

import asyncio
import random
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bot.store import open_store
from tests.store.tools import Sqlite, assert_tallies_are_true

if TYPE_CHECKING:
    from tests.store.tools import Engine

ROOT = Path(__file__).parent.parent.parent


async def test_every_acknowledged_vote_survives(engine: Engine, tmp_path: Path) -> None:
    dice = random.Random()  # noqa: S311 - any moment will do
    acknowledged: dict[tuple[int, int, int], tuple[int, int]] = {}
    for number in range(5):
        for key, turn in (await _vote_and_kill(engine, tmp_path / "said", number, dice.uniform(0, 0.25))).items():
            acknowledged[key] = (number, turn)

        await (await open_store(engine.url)).close()

        if isinstance(engine, Sqlite):
            assert await engine.read("PRAGMA integrity_check", "PRAGMA foreign_key_check") == [[("ok",)], []]
        await assert_tallies_are_true(engine)
        stored = {
            row[:3]: row[3:]
            for row in await engine.rows(
                "SELECT guild_id, review_id, member_id, sheep, body"
                " FROM votes FULL JOIN thoughts USING (guild_id, review_id, member_id)",
            )
        }
        assert stored.keys() >= acknowledged.keys()
        for key, (sheep, body) in stored.items():
            of_round, _, turn = body.partition(":")
            assert sheep == int(turn) % 5 + 1  # vote and thought are of one transaction
            assert (int(of_round), int(turn)) >= acknowledged.get(key, (0, 0))

    assert len(acknowledged) > 20


async def _vote_and_kill(engine: Engine, said: Path, number: int, seconds: float) -> dict[tuple[int, int, int], int]:
    with said.open("wb") as lines:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.store.child", "vote", engine.url, str(number), cwd=ROOT, stdout=lines
        )
    try:
        while not said.stat().st_size and child.returncode is None:  # noqa: ASYNC110 - another process sets no event
            await asyncio.sleep(0.005)
        await asyncio.sleep(seconds)
    finally:
        if child.returncode is None:
            child.send_signal(signal.SIGKILL)
        assert await child.wait() == -signal.SIGKILL
    acknowledged: dict[tuple[int, int, int], int] = {}
    for line in said.read_text().splitlines():
        guild, review, member, turn = map(int, line.split())
        acknowledged[guild, review, member] = turn
    return acknowledged
