"""``sheepbot doctor``: each thing that can be wrong, made wrong for real."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sqlite3
import sysconfig
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import discord as api
import pytest
from aiohttp import web

from bot.findings import Mark
from tests import postgres
from tests.process.stage import REPOSITORY, SECRET, TOKEN, Discord, Stage, control, on_a_terminal

if TYPE_CHECKING:
    from collections.abc import Mapping

GOOD, NOTE, BAD, SKIPPED = (mark.value for mark in (Mark.GOOD, Mark.NOTE, Mark.BAD, Mark.SKIPPED))
ABOUT = {
    *("Python", "Packages", "Extras", "Fonts", "Settings", "Token", "Discord", "Clock", "Login", "Intents"),
    *("Writing", "Database", "Disk", "Backups", "Reviews"),
}


class Line(NamedTuple):
    """What was printed of one check."""

    mark: str
    said: str
    fix: str


class Printed(NamedTuple):
    """What the doctor printed, by what was checked, and its exit code."""

    lines: dict[str, Line]
    exit_code: int

    @property
    def bad(self) -> set[str]:
        return {about for about, line in self.lines.items() if line.mark == BAD}

    def only_bad(self, about: str) -> Line:
        """The one line that is bad, which tells what to do."""
        assert self.bad == {about}
        assert self.exit_code == 1
        assert self.lines[about].fix
        return self.lines[about]


async def doctor(stage: Stage, settings: Mapping[str, str | None] | None = None, **more: Any) -> Printed:
    """Run the doctor, and read what it prints."""
    process = await stage.start(settings, "doctor", **more)
    exit_code = await process.ended()
    assert SECRET not in process.out + process.log
    assert "Traceback" not in process.log
    assert "\x1b" not in process.out, "no colours but on a terminal"
    found = re.findall(rf"^({GOOD}|{NOTE}|{BAD}|{SKIPPED}) (\w+) +(.+)\n(?: +→ (.+)\n)?", process.out, re.MULTILINE)
    assert len(found) == len(process.out.splitlines()) - 4 - sum(bool(fix) for *_, fix in found)
    return Printed({about: Line(mark, said, fix) for mark, about, said, fix in found}, exit_code)


async def test_a_bot_that_is_fit_to_run(stage: Stage) -> None:
    await stage.make_database()
    before = sorted(path.name for path in stage.folder.iterdir())

    printed = await doctor(stage)

    assert set(printed.lines) == ABOUT
    assert not printed.bad
    assert printed.exit_code == 0
    assert {about for about, line in printed.lines.items() if line.mark != GOOD} <= {"Fonts", "Backups"}
    assert "sound: 0 votes, schema" in printed.lines["Database"].said
    assert "Guilds alone" in printed.lines["Intents"].said
    assert "999 of 1,000 logins left" in printed.lines["Login"].said
    assert sorted(path.name for path in stage.folder.iterdir()) == before


def test_on_a_terminal_there_are_colours_and_no_line_is_wider_than_it(tmp_path: Path) -> None:
    code, written = on_a_terminal(
        tmp_path, {"DISCORD_API_BASE": "http://127.0.0.1:1/api/v10", "COLUMNS": "60"}, "doctor"
    )

    assert code == 1
    lines = written.splitlines()
    assert any(line.startswith(f"\x1b[32m\x1b[1m{GOOD}\x1b[0m") for line in lines)
    assert any(line.startswith(f"\x1b[31m\x1b[1m{BAD}\x1b[0m") for line in lines)
    plain = [re.sub(r"\x1b\[\d+m", "", line) for line in lines]
    assert not [line for line in plain if len(line) > 60 and str(tmp_path) not in line]


# Settings


@pytest.mark.parametrize(
    ("name", "value", "about", "fix"),
    [
        ("DISCORD_TOKEN", None, "Token", "Put it in .env"),
        ("DISCORD_TOKEN", TOKEN.replace(".", ""), "Token", "Copy it again"),
        ("REVIEWS_PATH", "no/such/folder", "Reviews", "correct REVIEWS_PATH"),
    ],
)
async def test_a_wrong_setting(stage: Stage, name: str, value: str | None, about: str, fix: str) -> None:
    printed = await doctor(stage, {name: value})

    assert fix in printed.only_bad(about).fix
    assert name in printed.lines[about].said
    assert printed.lines["Discord"].mark == printed.lines["Clock"].mark == GOOD


async def test_all_that_is_wrong_with_the_settings_is_told_at_once(stage: Stage) -> None:
    (stage.folder / ".env").write_text("BACKUP_KEEP=0\n")
    process = await stage.start({"LOG_LEVEL": "LOUD", "DATABASE_URL": "mysql://x"}, "doctor")

    assert await process.ended() == 1
    for setting in ("BACKUP_KEEP must be", "LOG_LEVEL must be", "DATABASE_URL must look like"):
        assert len(re.findall(f"^✗ .*{setting}", process.out, re.MULTILINE)) == 1
    assert "✓ Token " in process.out


async def test_an_env_file_that_is_not_utf_8(stage: Stage) -> None:
    (stage.folder / ".env").write_text("LOG_LEVEL=INFO\n", encoding="utf-16")

    assert "UTF-8" in (await doctor(stage)).only_bad("Settings").said


# Discord


async def test_a_token_that_discord_refuses(stage: Stage) -> None:
    async with Discord(TOKEN[::-1]) as other:
        printed = await doctor(stage, discord=other)

    assert "Reset it" in printed.only_bad("Token").fix
    assert printed.lines["Discord"].mark == GOOD
    assert {printed.lines[about].mark for about in ("Login", "Intents")} == {SKIPPED}


class Hanging(Discord):
    """A Discord that takes connections, and answers nothing."""

    async def _where(self, _: web.Request) -> web.Response:
        await self.takes_answers.wait()
        return await super()._where(_)


class Elsewhere(Discord):
    """Something that is not Discord."""

    async def _where(self, _: web.Request) -> web.Response:
        return web.Response(text="<title>Welcome</title>", content_type="text/html")


async def test_an_api_that_is_not_there(stage: Stage) -> None:
    printed = await doctor(stage, {"DISCORD_API_BASE": "http://127.0.0.1:1/api/v10"})

    assert "127.0.0.1:1 cannot be reached" in printed.only_bad("Discord").said
    assert {printed.lines[about].mark for about in ("Token", "Clock", "Login", "Intents")} == {SKIPPED}
    assert printed.lines["Writing"].mark == GOOD


async def test_an_api_that_does_not_answer(stage: Stage) -> None:
    async with Hanging() as hanging:
        hanging.takes_answers.clear()
        printed = await doctor(stage, discord=hanging)
        hanging.takes_answers.set()

    assert "no answer within" in printed.only_bad("Discord").said


async def test_an_api_that_is_another(stage: Stage) -> None:
    async with Elsewhere() as elsewhere:
        printed = await doctor(stage, discord=elsewhere)

    assert "does not answer as Discord does (200)" in printed.only_bad("Discord").said


async def test_an_address_that_asked_too_much(stage: Stage, discord: Discord) -> None:
    discord.inject("GET", "/gateway", 429)

    assert "(429)" in (await doctor(stage)).only_bad("Discord").said


async def test_an_api_that_answers_some_questions_only(stage: Stage, discord: Discord) -> None:
    for path in ("/users/@me", "/gateway/bot", "/oauth2/applications/@me"):
        discord.inject("GET", path, 503)

    printed = await doctor(stage)

    assert printed.bad == {"Token", "Login", "Intents"}
    assert all("503" in printed.lines[about].said for about in printed.bad)


# The database; more of it in tests/store/test_checks.py


async def test_a_running_bot_is_not_held_up(stage: Stage, discord: Discord) -> None:
    bot = await stage.start()
    await discord.ready()
    post = (await discord.slash("review", title="miss you already")).message

    printed = await doctor(stage)

    assert not printed.bad
    assert "is in use by a running Sheepbot, and answers" in printed.lines["Database"].said
    assert bot.running
    await discord.click(post, control(post, "vote", 4))
    assert list(stage.votes().values()) == [4]

    bot.send(signal.SIGKILL)
    await bot.ended()
    assert "sound: 1 vote, schema" in (await doctor(stage)).lines["Database"].said


async def test_a_first_start(stage: Stage) -> None:
    printed = await doctor(stage, {"DATABASE_URL": "sqlite:///data/sheepbot.db"})

    assert printed.lines["Database"].mark == NOTE
    assert "first start makes it" in printed.lines["Database"].fix
    assert printed.exit_code == 0
    assert not list(stage.folder.iterdir())


@pytest.mark.skipif(bool(postgres.missing()), reason=postgres.missing())
async def test_a_database_on_postgresql(stage: Stage) -> None:
    with postgres.server().database() as name:
        printed = await doctor(stage, {"DATABASE_URL": postgres.server().url(name), "BACKUP_EVERY": "24"})

    assert set(printed.lines) == ABOUT - {"Disk"} | {"Durability", "Connections"}
    assert "no tables of Sheepbot's yet" in printed.lines["Database"].said
    assert "fsync off" in printed.only_bad("Durability").said  # as no test cuts the power
    assert "pg_dump" in printed.lines["Backups"].fix


# All at once: a start of the doctor takes a second


async def test_all_that_must_be_mended_is_told(stage: Stage, discord: Discord) -> None:
    await stage.make_database()
    stage.damage("reviews")
    discord.clock, discord.logins = 120, 0
    (stage.folder / "backups").mkdir()
    (stage.folder / "backups" / "sheepbot-20200101-000000.db").touch()
    shelf = stage.folder / "mine"
    shelf.mkdir()
    (shelf / "two-problems.md").write_text("---\ntitle: Two\nsheep: 7\nyears: 1999\n---\n\nText.\n", encoding="utf-8")

    printed = await doctor(stage, {"BACKUP_EVERY": "24", "REVIEWS_PATH": str(shelf)})
    lines = printed.lines

    assert printed.exit_code == 1
    assert printed.bad == {"Clock", "Login", "Database", "Backups", "Reviews"}
    assert all(lines[about].fix for about in printed.bad)
    assert re.fullmatch(r"1[12]\d s behind Discord's", lines["Clock"].said)
    assert lines["Login"].said.startswith("0 of 1,000 logins left")
    assert f"{stage.database} is damaged" in lines["Database"].said
    assert "sheepbot restore" in lines["Database"].fix
    assert "sheepbot backup" in lines["Backups"].fix
    assert lines["Reviews"].said == f"2 problems in 1 file of {shelf}"
    assert f"sheepbot reviews check {shelf}" in lines["Reviews"].fix


async def test_a_clock_that_is_ahead_and_a_database_of_a_newer_version(stage: Stage, discord: Discord) -> None:
    await stage.make_database()
    with contextlib.closing(sqlite3.connect(stage.database)) as other, other:
        other.execute("INSERT INTO migrations VALUES (9999, '9999_wings.sql', 0)")
    discord.clock = -120
    (stage.folder / "backups").mkdir()
    (stage.folder / "backups" / time.strftime("sheepbot-%Y%m%d-%H%M%S.db", time.gmtime())).touch()

    printed = await doctor(stage, {"BACKUP_EVERY": "24"})

    assert printed.bad == {"Clock", "Database"}
    assert re.fullmatch(r"1[12]\d s ahead of Discord's", printed.lines["Clock"].said)
    assert "newer Sheepbot (schema 9999)" in printed.lines["Database"].said
    assert "Upgrade" in printed.lines["Database"].fix
    assert printed.lines["Backups"].mark == GOOD


async def test_what_is_only_worth_knowing_is_no_fault(stage: Stage, discord: Discord) -> None:
    discord.clock, discord.logins = 10, 50
    discord.flags = api.ApplicationFlags(gateway_message_content_limited=True).value
    shelf = stage.folder / "mine"
    shelf.mkdir()

    printed = await doctor(stage, {"BACKUP_EVERY": "24", "REVIEWS_PATH": str(shelf)})

    assert printed.exit_code == 0
    assert printed.lines["Clock"].mark == GOOD
    notes = {about for about, line in printed.lines.items() if line.mark == NOTE} - {"Fonts"}
    assert notes == {"Login", "Intents", "Database", "Backups", "Reviews"}
    assert "Message Content" in printed.lines["Intents"].said


async def test_a_check_that_hangs_holds_up_no_other(stage: Stage, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    os.mkfifo(folder / "nobody-writes.md")

    printed = await doctor(stage, {"REVIEWS_PATH": str(folder)})

    assert "was not looked at within 5 s" in printed.only_bad("Reviews").said


async def test_a_check_that_fails_itself_stops_no_other(stage: Stage) -> None:
    printed = await doctor(stage, {"DATABASE_URL": f"sqlite:///{'long' * 100}.db"})

    assert "File name too long" in printed.only_bad("Database").said
    assert printed.lines["Reviews"].mark == GOOD


# Packages


def without(folder: Path, package: str) -> Path:
    """All that is installed here, but for one package."""
    there = Path(sysconfig.get_path("purelib"))
    folder.mkdir()
    for entry in there.iterdir():
        if not re.match(rf"_?{package}\b", entry.name, re.IGNORECASE):
            (folder / entry.name).symlink_to(entry)
    return folder


async def start_with(stage: Stage, packages: Path) -> Printed:
    """Run the doctor where no other packages are to be found."""
    path = os.pathsep.join([str(REPOSITORY), str(packages)])
    return await doctor(stage, {"PYTHONPATH": path}, program=("-S", "-m", "bot"))


async def test_a_package_that_is_missing(stage: Stage, tmp_path: Path) -> None:
    printed = await start_with(stage, without(tmp_path / "packages", "pyyaml|yaml"))

    assert printed.bad == {"Packages", "Reviews"}
    assert printed.lines["Packages"].said == "pyyaml is missing"
    assert "requirements.lock" in printed.lines["Packages"].fix
    assert "No module named 'yaml'" in printed.lines["Reviews"].said
    assert printed.lines["Database"].mark == NOTE


async def test_a_package_that_does_not_fit_and_a_part_that_is_left_out(stage: Stage, tmp_path: Path) -> None:
    folder = without(tmp_path / "packages", "asyncpg")
    (about,) = folder.glob("rapidfuzz-*.dist-info")
    about.unlink()
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: RapidFuzz\nVersion: 2.0.1\n", encoding="utf-8")

    printed = await start_with(stage, folder)

    assert printed.only_bad("Packages").said == "rapidfuzz is 2.0.1, not >=3.10"
    extras = printed.lines["Extras"].said
    assert extras == "playground, speed, pictures, import there; without postgres (asyncpg is missing)"


async def test_an_installed_sheepbot_knows_what_it_requires(stage: Stage, tmp_path: Path) -> None:
    """Where there is no pyproject.toml beside it."""
    folder = tmp_path / "installed"
    folder.mkdir()
    for package in ("bot", "cogs"):
        (folder / package).symlink_to(REPOSITORY / package)
    about = folder / "sheepbot-0.1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: sheepbot\nVersion: 0.1.0\nRequires-Python: >=3.99\nRequires-Dist: click>=8.1\n"
        "Requires-Dist: wool>=1\nProvides-Extra: speed\nRequires-Dist: shears>=2; extra == 'speed'\n",
        encoding="utf-8",
    )
    process = await stage.start({"PYTHONPATH": str(folder)}, "doctor")

    assert await process.ended() == 1
    assert re.search(r"^✗ Packages +wool is missing$", process.out, re.MULTILINE)
    assert "without speed (shears is missing)" in process.out
    assert re.search(r"✗ Python .*\n.* Sheepbot needs Python >=3.99", process.out)
