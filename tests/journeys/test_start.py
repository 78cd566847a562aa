"""Starting: a part that does not load stops it, and Discord is told of the commands only when they changed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from bot import client
from bot.errors import ExtensionLoadError
from tests.journeys.world import open_world

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journeys.world import World
    from tests.store.tools import Engine


@pytest.mark.parametrize(
    ("written", "cause"),
    [
        (None, "could not be loaded"),
        ("import nothing_of_this_name", "nothing_of_this_name"),
        ("async def setup(bot): raise RuntimeError('kaboom')", "kaboom"),
        ("", "setup"),
    ],
    ids=["missing", "import fails", "setup fails", "no setup"],
)
async def test_a_cog_that_does_not_load_stops_the_start_and_is_named(
    engine: Engine,
    tmp_path: Path,
    reviews_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    written: str | None,
    cause: str,
) -> None:
    if written is not None:
        (tmp_path / "cog_that_fails.py").write_text(written)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setattr(client, "COGS", (*client.COGS, "cog_that_fails"))

    with pytest.raises(ExtensionLoadError, match="cog_that_fails does not load") as stopped:
        async with open_world(engine, reviews_path):
            pytest.fail("it started")
    assert cause in str(stopped.value)
    assert "Traceback" not in str(stopped.value)


async def test_commands_are_synced_once_and_again_only_when_they_changed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _syncs(world) == 1
    await world.restart()
    assert _syncs(world) == 1
    await world.ask(world.alice, "help")

    monkeypatch.setattr(client, "COGS", client.COGS[:-1])
    await world.restart()
    assert _syncs(world) == 2
    assert "help" not in world.alice.available_commands(world.channel)
    await world.restart()
    assert _syncs(world) == 2


def _syncs(world: World) -> int:
    return sum(entry.method == "PUT" and entry.path.endswith("/commands") for entry in world.env.http_requests)
