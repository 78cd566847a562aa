"""The stage, set anew for each test; whatever was started on it is ended after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.process.stage import Discord, Stage

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path


@pytest.fixture
async def discord() -> AsyncGenerator[Discord]:
    """A loopback Discord."""
    async with Discord() as discord:
        yield discord
        discord.takes_answers.set()  # whatever still waits must not hold up its end


@pytest.fixture
async def stage(tmp_path: Path, discord: Discord, reviews_path: Path) -> AsyncGenerator[Stage]:
    """A folder for the bot, beside that Discord."""
    stage = Stage(tmp_path, discord, reviews_path)
    try:
        yield stage
    finally:
        await stage.close()
