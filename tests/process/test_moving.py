"""Moving house by the real commands: files and copies, killed half-way, and beside a running bot."""

from __future__ import annotations

import asyncio
import csv
import random
import re
import signal
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING

import asyncpg
import pytest

from tests.process.stage import assert_one_last_line, control, on_a_terminal, said
from tests.store.tools import ALL_ENGINES, ENGINES, Engine, Sqlite, assert_tallies_are_true

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from tests.process.stage import BotProcess, Discord, Stage

MANY = 30_000
"""Rows that take a second or two to import or to copy, in three transactions."""
HEADER = "guild_id,review,member_id,sheep,voted_at,vote_changed_at,thought,spoiler,thought_at,thought_changed_at"
COUNT = "SELECT count(*) FROM votes"


@pytest.fixture(params=ALL_ENGINES)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Engine]:
    """A new database of each kind."""
    folder = tmp_path / "house"
    folder.mkdir()
    with ENGINES[request.param](folder) as engine:
        yield engine


def rows(count: int) -> list[str]:
    """Rows as an export writes them, in its order; some members voted in two servers, some shared a thought."""
    moment = "2024-02-03T04:05:06Z"
    found: list[str] = []
    for number in range(count):
        server, member = 7 * 10**17 + number * 3 // count, 2 * 10**17 + number % (count // 2)
        thought = f"\"'Baa, said {number}\n'=1+1\",0,{moment},{moment}" if number % 100 == 0 else ",,,"
        found.append(f"'{server},'miss-you-already,'{member},{number % 5 + 1},{moment},{moment},{thought}")
    return found


def write(path: Path, lines: list[str], head: str = HEADER) -> None:
    path.write_text("\r\n".join([head, *lines, ""]), encoding="utf-8-sig", newline="")


def records(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return sorted(csv.reader(file))


async def done(stage: Stage, database: str, *args: str) -> BotProcess:
    """A command that does what it is to."""
    command = await stage.start({"DATABASE_URL": database}, *args)
    assert await command.ended(120) == 0, command.log
    return command


async def killed_half_way(stage: Stage, engine: Engine, database: str, *args: str) -> None:
    """Start a command and kill it at some moment after it stored something; what is there then is not all."""
    before = await stored(engine)
    command = await stage.start({"DATABASE_URL": database}, *args)
    while await stored(engine) == before:
        assert command.running, command.log
        await asyncio.sleep(0.01)
    await asyncio.sleep(random.uniform(0, 0.1))  # noqa: S311 - any moment will do
    command.send(signal.SIGKILL)
    await command.ended()


async def stored(engine: Engine) -> int:
    with suppress(sqlite3.OperationalError, asyncpg.UndefinedTableError):
        return int((await engine.rows(COUNT))[0][0])
    return 0


@pytest.mark.timeout(180)  # several processes, each with much to do
async def test_an_import_that_is_killed_and_run_again_is_as_if_it_had_run_once(stage: Stage, house: Engine) -> None:
    source = stage.folder / "votes.csv"
    write(source, rows(MANY))

    await killed_half_way(stage, house, house.url, "votes", "import", "votes.csv")
    assert 0 < await stored(house) < MANY
    await assert_tallies_are_true(house)
    finished = await done(stage, house.url, "votes", "import", "votes.csv")

    assert "Imported 30,000 rows: " in finished.out
    await assert_tallies_are_true(house)
    again = await done(stage, house.url, "votes", "import", "votes.csv")
    assert again.out == (
        "Imported 30,000 rows: 0 votes and thoughts are new, 0 took the place of older ones, 0 rows were rejected.\n"
    )
    await done(stage, house.url, "votes", "export", "again.csv")
    assert records(stage.folder / "again.csv") == records(source)


async def test_what_is_exported_is_imported_elsewhere_and_comes_out_the_same(stage: Stage, house: Engine) -> None:
    third = f"sqlite:///{stage.folder}/third.db"
    write(stage.folder / "votes.csv", rows(200))
    await done(stage, house.url, "votes", "import", "votes.csv")

    await done(stage, house.url, "votes", "export", "again.jsonl")
    await done(stage, third, "votes", "import", "again.jsonl")
    exported = await done(stage, third, "votes", "export", "-", "--format", "csv")

    (stage.folder / "third.csv").write_text(exported.out, encoding="utf-8", newline="")
    assert records(stage.folder / "third.csv") == records(stage.folder / "votes.csv")


@pytest.mark.timeout(180)  # a dozen processes
@pytest.mark.parametrize("house", ALL_ENGINES[1:], indirect=True)
async def test_a_copy_that_is_killed_goes_on_and_comes_back_as_it_was(stage: Stage, house: Engine) -> None:
    first, last = f"sqlite:///{stage.database}", Sqlite(stage.folder / "last.db")
    write(stage.folder / "votes.csv", rows(MANY))
    await done(stage, first, "votes", "import", "votes.csv")

    for source, target in ((first, house), (house.url, last)):
        copy = ("store", "copy", "--from", source, "--to", target.url)
        await killed_half_way(stage, target, first, *copy)
        assert 0 < await stored(target) <= MANY  # or it was comparing already, and is no less unfinished
        refused = await stage.start({"DATABASE_URL": target.url})
        assert await refused.ended() == 6
        assert "unfinished copy" in (line := assert_one_last_line(refused))
        assert "`sheepbot store copy` again" in line
        finished = await done(stage, first, *copy)
        assert "Copied: both databases are the same." in finished.out
        assert "votes           30,000 rows  sha256 " in finished.out
        await assert_tallies_are_true(target)

    await done(stage, last.url, "votes", "export", "again.csv")
    assert records(stage.folder / "again.csv") == records(stage.folder / "votes.csv")
    over = await stage.start(None, "store", "copy", "--to", last.url)
    assert await over.ended() == 6
    assert "The target is not empty" in assert_one_last_line(over)


async def test_a_bot_keeps_its_database_to_itself_but_for_an_export(stage: Stage, discord: Discord) -> None:
    await stage.start()
    await discord.ready()
    post = (await discord.slash("review", title="miss you already")).message
    vote = await discord.click(post, control(post, "vote", 4), user="ada")
    assert "You gave" in said(vote.message)

    exported = await done(stage, f"sqlite:///{stage.database}", "votes", "export", "-", "--format=jsonl")

    assert exported.out.count("\n") == 1
    assert '"review": "miss-you-already"' in exported.out
    assert '"sheep": 4' in exported.out
    assert exported.log == "Exported 1 row to -.\n"
    (stage.folder / "votes.jsonl").write_text(exported.out, encoding="utf-8")
    for command in (
        ("votes", "import", "votes.jsonl"),
        ("store", "copy", "--to", f"sqlite:///{stage.folder}/new.db"),
        ("store", "migrate"),
    ):
        refused = await stage.start(None, *command)
        assert await refused.ended() == 6
        assert "in use by another Sheepbot. Stop that one first" in assert_one_last_line(refused)
    assert not (stage.folder / "new.db").exists()
    vote = await discord.click(post, control(post, "vote", 5), user="ada")
    assert "it was 4" in said(vote.message)


def test_on_a_terminal_a_bar_tells_how_far_it_is_how_fast_and_how_long(tmp_path: Path, reviews_path: Path) -> None:
    write(tmp_path / "votes.csv", rows(MANY))
    settings = {"DATABASE_URL": f"sqlite:///{tmp_path}/new.db", "REVIEWS_PATH": str(reviews_path)}

    code, written = on_a_terminal(tmp_path, settings, "votes", "import", "votes.csv")

    assert code == 0
    *bars, end = written.split("\r\x1b[K")
    assert re.search(r"\[#+\.*\] importing: [\d,]+ rows, [\d,]+/s, \d+%, \d+:\d\d left", bars[-1])
    assert end.startswith("Imported 30,000 rows: ")


async def test_rejected_rows_are_kept_with_their_reasons_and_all_others_are_imported(stage: Stage) -> None:
    good = rows(4)
    bad = [row.replace("'miss-you-already", "'=baa()") for row in good[1:3]]
    text = "\r\n".join([HEADER, good[1], *bad, good[2], "7E+17,x", good[3]])
    (stage.folder / "votes.csv").write_text(text, encoding="utf-8", newline="")  # it ends without a line break
    kept = stage.folder / "votes.rejected.csv"

    for _ in range(2):
        command = await stage.start(None, "votes", "import", "votes.csv")
        assert await command.ended() == 9
        assert command.out.endswith(" 4 rows were rejected.\n")
        assert command.log.splitlines()[-1].startswith(f"sheepbot: 4 rows rejected; {kept.name} says why.")
        with kept.open(encoding="utf-8-sig", newline="") as file:
            head, *found = csv.reader(file)
        assert head == ["line", "reason", "row"]
        assert [(line, reason.split(":")[0].split(";")[0]) for line, reason, _ in found] == [
            ("3", "'names a review that there is not"),
            ("4", "'names a review that there is not"),
            ("6", "'has 2 cells, not 10"),
            ("7", "'is where the file breaks off"),
        ]
        assert len(stage.votes()) == 2
    write(stage.folder / "votes.csv", good)
    assert await (await stage.start(None, "votes", "import", "votes.csv")).ended() == 0
    assert not kept.exists(), "it would tell of a file that is no more"


async def test_what_cannot_be_done_is_said_and_leaves_no_file(stage: Stage) -> None:
    write(stage.folder / "strange.csv", ["1,2"], head="who;what")
    (stage.folder / "folder.csv").mkdir()
    missing = f"There is no database at {stage.database}"
    for code, why, args in (
        (6, missing, ("votes", "export", "votes.csv")),
        (6, missing, ("store", "copy", "--to", "sqlite:///new.db")),
        (3, "name the same database", ("store", "copy", "--to", f"sqlite:///{stage.database}")),
        (9, "The first line must name columns", ("votes", "import", "strange.csv")),
        (9, "nowhere/votes.csv cannot be written", ("votes", "export", "nowhere/votes.csv")),
    ):
        command = await stage.start(None, *args)
        assert await command.ended() == code, command.log
        assert why in assert_one_last_line(command)
    for args in (
        ("votes", "export", "votes.xls"),
        ("votes", "export", "folder.csv"),
        ("votes", "import", "-"),
        ("votes", "import", "strange.csv", "--rejected", "strange.csv"),
        ("store", "copy"),
    ):
        command = await stage.start(None, *args)
        assert await command.ended() == 2
    assert {path.name for path in stage.folder.iterdir()} <= {
        "strange.csv", "folder.csv", "sheepbot.db", "sheepbot.db.lock",
    }  # fmt: skip


async def test_migrate_makes_the_schema_and_says_so(stage: Stage, house: Engine) -> None:
    for _ in range(2):
        migrated = await done(stage, house.url, "store", "migrate")
        ((version,),) = await house.rows("SELECT max(version) FROM migrations")
        assert migrated.out == f"The schema is up to date, at version {version}.\n"


async def test_one_server_is_exported_alone(stage: Stage) -> None:
    write(stage.folder / "votes.csv", rows(9))
    url = f"sqlite:///{stage.database}"
    await done(stage, url, "votes", "import", "votes.csv")

    alone = await done(stage, url, "votes", "export", "one.csv", "--guild", str(7 * 10**17 + 1))

    assert alone.out == "Exported 3 rows to one.csv.\n"
    assert {row[0] for row in records(stage.folder / "one.csv")} == {"guild_id", f"'{7 * 10**17 + 1}"}
