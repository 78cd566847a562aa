"""Importing reviews by the real command: killed half-way, watched on a terminal, and without what it needs."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.process.stage import environment, on_a_terminal
from tests.reviews.importers.samples import export, samples

if TYPE_CHECKING:
    from pathlib import Path

    from tests.process.stage import Stage

MANY = 160


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != ".imported.lock"}


async def test_an_import_that_is_killed_and_run_again_is_as_if_it_had_run_once(stage: Stage) -> None:
    (stage.folder / "export.xml").write_text(export(samples(MANY)), encoding="utf-8")
    killed, whole = stage.folder / "killed", stage.folder / "whole"
    command = await stage.start(None, "reviews", "import", "export.xml", "--folder", "killed")
    while len(list(killed.glob("*.md"))) < 20:
        assert command.running, command.log
        await asyncio.sleep(0.002)
    command.send(signal.SIGKILL)
    await command.ended()
    assert len(list(killed.glob("*.md"))) < MANY

    again = await stage.start(None, "reviews", "import", "export.xml", "--folder", "killed")
    code, written = await asyncio.to_thread(
        on_a_terminal, stage.folder, {}, "reviews", "import", "export.xml", "--folder", "whole"
    )

    assert await again.ended() == 0, again.log
    assert contents(killed) == contents(whole)
    assert len(contents(whole)) == MANY + 1
    assert code == 0
    assert re.search(r"\[#+\.*\] importing: \d+ posts, \d+/s, \d+%, 0:\d\d left", written)
    assert f"{MANY} added, 0 changed, 0 unchanged, 0 skipped." in written


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    script = "import sys; sys.modules['defusedxml'] = None; from bot.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, "reviews", "import", "x"],
        cwd=tmp_path,
        env=environment({}),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 8
    assert "pip install '.[import]'" in done.stderr
    assert done.stderr.count("\n") == 1
