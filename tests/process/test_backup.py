"""Backups beside the running bot and without it, on request and on schedule, and the way back."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import socket
import sqlite3
from typing import TYPE_CHECKING

import pytest

from tests.process.stage import PATIENCE, assert_one_last_line, burst
from tests.store.tools import Sqlite, assert_tallies_are_true, read_only

if TYPE_CHECKING:
    from pathlib import Path

    from tests.process.stage import Discord, Stage

COUNT = "SELECT count(*) FROM votes"
OFTEN = {"BACKUP_EVERY": "0.0001", "BACKUP_KEEP": "2"}


async def test_votes_are_taken_while_a_backup_is_made_and_a_restore_brings_them_back(
    stage: Stage, discord: Discord
) -> None:
    bot, post = await stage.start_with_review()
    await discord.vote(post, "ada")
    assert stage.database.with_name("sheepbot.db.sock").stat().st_mode & 0o777 == 0o600

    backup = await stage.start(None, "backup", "kept/one.db")
    await burst(discord, post, 50)
    await discord.answers(1 + 1 + 50)

    assert await backup.ended() == 0
    kept = stage.folder / "kept" / "one.db"
    assert re.fullmatch(rf"Backed up to {kept}: \d+ votes, \d+\.\d MB, in \d+\.\d s\.\n", backup.out)
    assert f"Backed up to {kept}" in bot.log
    assert discord.member("ada").id in {str(member) for (member,) in read_only(kept, "SELECT member_id FROM votes")}
    await assert_tallies_are_true(Sqlite(kept))
    ((votes,),) = read_only(kept, COUNT)

    refused = await stage.start(None, "restore", str(kept))
    assert await refused.ended() == 6
    assert "in use by another Sheepbot" in assert_one_last_line(refused)

    bot.send(signal.SIGTERM)
    assert await bot.ended() == 0
    assert not stage.database.with_name("sheepbot.db.sock").exists()
    assert len(stage.votes()) == 51
    restored = await stage.start(None, "restore", str(kept))
    assert await restored.ended() == 0
    (former,) = stage.folder.glob("sheepbot.db.replaced-*")
    assert restored.out.startswith(f"Restored {kept} to {stage.database}: {votes} votes, ")
    assert restored.out.endswith(f" The former database is kept as {former}.\n")
    assert read_only(former, COUNT) == [(51,)]
    assert len(stage.votes()) == votes
    bot = await stage.start()
    await discord.ready(2)
    await discord.vote(post, "late")
    assert len(stage.votes()) == votes + 1
    assert discord.syncs == 2, "it is not taken on trust which commands Discord was told"


async def test_a_killed_bot_is_backed_up_without_it_and_the_next_one_listens_again(
    stage: Stage, discord: Discord
) -> None:
    bot, post = await stage.start_with_review()
    await discord.vote(post, "ada")
    bot.send(signal.SIGKILL)
    await bot.ended()
    await discord.offline()

    alone = await stage.start(None, "backup")
    assert await alone.ended() == 0
    (kept,) = (stage.folder / "backups").iterdir()
    assert re.fullmatch(r"sheepbot-\d{8}-\d{6}\.db", kept.name)
    assert f"{kept}: 1 vote, " in alone.out

    bot = await stage.start()
    await discord.ready(2)
    await discord.vote(post, "bob")
    beside = await stage.start(None, "backup", str(kept))
    assert await beside.ended() == 0
    assert f"{kept}: 2 votes, " in beside.out
    assert "Backed up" in bot.log


async def test_what_the_bot_refuses_is_said_and_the_bot_goes_on(stage: Stage, discord: Discord) -> None:
    await stage.start()
    await discord.ready()

    backup = await stage.start(None, "backup", str(stage.database))

    assert await backup.ended() == 6
    assert "belongs to the database itself" in assert_one_last_line(backup)
    for line in (b"Baa.\n", b"[]\n", b"{}\n", b'{"backup": 4}\n', b"\n", b"x" * 200_000 + b"\n"):
        assert b"did not understand" in await _ask(stage.database, line)
    await discord.vote(await discord.review(), "ada")


async def test_the_schedule_keeps_the_newest_of_its_own(stage: Stage, discord: Discord) -> None:
    folder = stage.folder / "backups"
    folder.mkdir()
    mine = {
        "notes.txt",
        "sheepbot-20200101-000000.db.old",
        "my sheepbot-20200101-000000.db",
        "sheepbot-99999999-999999.db",
    }
    old = {"sheepbot-20200101-000000.db", "sheepbot-20210101-000000.db", "sheepbot-20220101-000000.db.part"}
    for name in mine | old | {"sheepbot-20230101-000000.db"}:
        (folder / name).write_text("Sheep.")
    bot = await stage.start(OFTEN)
    await discord.ready()
    await discord.vote(await discord.review(), "ada")
    there = bot.log.count("Backed up to")
    async with asyncio.timeout(PATIENCE):
        while bot.log.count("Backed up to") < there + 3:  # noqa: ASYNC110 - `logged` waits for the first only
            await asyncio.sleep(0.01)

    bot.send(signal.SIGTERM)
    assert await bot.ended() == 0
    assert "Traceback" not in bot.log
    left = {found.name for found in folder.iterdir()}
    assert left > mine
    assert not left & old
    newest = sorted(left - mine)
    assert len(newest) in {2, 3}, "two, and one that was just made when the signal came"
    assert read_only(folder / newest[-1], COUNT) == [(1,)]


async def test_a_backup_that_fails_is_logged_and_made_the_next_time(stage: Stage, discord: Discord) -> None:
    in_the_way = stage.folder / "backups"
    in_the_way.write_text("Not a folder.")
    bot = await stage.start(OFTEN)
    await discord.ready()

    line = await bot.logged("A backup failed")
    assert "ERROR" in line
    assert str(in_the_way) in line
    await discord.vote(await discord.review(), "ada")
    in_the_way.unlink()

    await bot.logged("Backed up to")
    assert "Traceback" not in bot.log


async def test_the_next_one_counts_from_the_newest(stage: Stage, discord: Discord) -> None:
    first = await stage.start({"BACKUP_EVERY": "24"})
    await discord.ready()
    await first.logged("Backed up to")
    first.send(signal.SIGTERM)
    assert await first.ended() == 0

    second = await stage.start({"BACKUP_EVERY": "24"})
    await discord.ready(2)
    await discord.vote(await discord.review(), "ada")
    second.send(signal.SIGTERM)
    assert await second.ended() == 0

    assert "Backed up to" not in second.log
    assert len(list((stage.folder / "backups").iterdir())) == 1


async def test_a_path_too_long_for_a_socket_is_said_and_does_without(stage: Stage, discord: Discord) -> None:
    url = f"sqlite:///{stage.folder}/{'deep/' * 30}x.db"
    bot = await stage.start({"DATABASE_URL": url})
    await discord.ready()
    assert "a shorter path" in await bot.logged("cannot reach this bot")

    backup = await stage.start({"DATABASE_URL": url}, "backup")

    assert await backup.ended() == 6
    assert "Stop that one first" in assert_one_last_line(backup)
    bot.send(signal.SIGTERM)
    assert await bot.ended() == 0
    assert await (await stage.start({"DATABASE_URL": url}, "backup")).ended() == 0


async def test_to_stop_the_bot_ends_a_backup_under_way(stage: Stage, discord: Discord) -> None:
    bot = await stage.start()
    await discord.ready()
    bot.send(signal.SIGTERM)
    assert await bot.ended() == 0
    with contextlib.closing(sqlite3.connect(stage.database)) as large, large:
        large.execute("CREATE TABLE ballast AS SELECT zeroblob(200000000) AS bytes")
    bot = await stage.start()
    await discord.ready(2)
    backup = await stage.start(None, "backup", "one.db")
    part = stage.folder / "one.db.part"
    while not part.exists():  # noqa: ASYNC110 - another process sets no event
        await asyncio.sleep(0.001)

    bot.send(signal.SIGTERM)

    assert await bot.ended() == 0
    assert await backup.ended() == 6
    assert "stopped before the backup was finished" in assert_one_last_line(backup).lower()
    assert not part.exists()
    assert not (stage.folder / "one.db").exists()
    assert "Traceback" not in bot.log


@pytest.mark.parametrize("args", [("backup",), ("restore", "x.dump")])
async def test_postgresql_has_its_own_tools(stage: Stage, args: tuple[str, ...]) -> None:
    (stage.folder / "x.dump").touch()

    command = await stage.start({"DATABASE_URL": "postgresql://localhost/sheep"}, *args)

    assert await command.ended() == 3
    assert "pg_dump" in (line := assert_one_last_line(command))
    assert "pg_restore" in line


async def _ask(database: Path, line: bytes) -> bytes:
    """Say something to the bot that has a database open; its answer."""
    with socket.socket(socket.AF_UNIX) as bot:
        bot.setblocking(False)  # noqa: FBT003 - as socket has it
        loop = asyncio.get_running_loop()
        await loop.sock_connect(bot, str(database) + ".sock")
        with contextlib.suppress(OSError):  # it need not read to the end what is too long
            await loop.sock_sendall(bot, line)
        return await loop.sock_recv(bot, 1000)
