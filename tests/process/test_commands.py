"""The other commands of the command line, as an operator types them."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

from bot import __version__
from tests.process.stage import REPOSITORY, environment

if TYPE_CHECKING:
    from pathlib import Path


def _sheepbot(folder: Path, *args: str, how: tuple[str, ...] = ("-m", "bot")) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *how, *args],
        cwd=folder,
        env=environment({}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_help_names_every_command(tmp_path: Path) -> None:
    done = _sheepbot(tmp_path, "--help")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: sheepbot ")
    for command in ("run", "play", "doctor", "reviews", "backup", "restore"):
        assert f"  {command} " in done.stdout


def test_the_installed_command_knows_its_version(tmp_path: Path) -> None:
    entry = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]["sheepbot"]
    module, function = entry.split(":")
    script = f"import sys; from {module} import {function}; sys.exit({function}())"  # as pip writes it

    done = _sheepbot(tmp_path, "--version", how=("-c", script))

    assert (done.returncode, done.stdout, done.stderr) == (0, f"sheepbot, version {__version__}\n", "")


def test_a_command_that_there_is_not(tmp_path: Path) -> None:
    done = _sheepbot(tmp_path, "baa")

    assert done.returncode == 2
    assert "No such command 'baa'" in done.stderr


def test_the_reviews_that_ship_are_sound(tmp_path: Path, reviews_path: Path) -> None:
    done = _sheepbot(tmp_path, "reviews", "check", str(reviews_path))

    count = len(list(reviews_path.glob("*.md")))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{count} reviews are sound, 0 files have problems.\n"


def test_every_problem_of_every_review_is_listed(tmp_path: Path, reviews_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "sound.md").write_bytes((reviews_path / "miss-you-already.md").read_bytes())
    (folder / "two-problems.md").write_text("---\ntitle: Two\nsheep: 7\nyears: 1999\n---\n\nText.\n", encoding="utf-8")
    (folder / "Bad Name.md").write_text("no facts at all\n", encoding="utf-8")

    done = _sheepbot(tmp_path, "reviews", "check", str(folder))

    assert (done.returncode, done.stderr) == (1, "")
    *problems, summary = done.stdout.splitlines()
    assert summary == "1 reviews are sound, 2 files have problems."
    assert {problem.split(": ")[0] for problem in problems} == {
        f"{folder}/two-problems.md:3",
        f"{folder}/two-problems.md:4",
        f"{folder}/Bad Name.md:1",
    }
    assert len(problems) == 4


def test_a_folder_of_reviews_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("REVIEWS_PATH=nowhere\n", encoding="utf-8")

    done = _sheepbot(tmp_path, "reviews", "check")

    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.startswith("sheepbot: REVIEWS_PATH names nowhere")
