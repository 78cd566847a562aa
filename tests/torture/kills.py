"""SIGKILL at any moment, while members click."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

from tests.conftest import REVIEWS
from tests.process.stage import Stage
from tests.torture.crowd import Crowd, Venue
from tests.torture.ledger import Ledger

if TYPE_CHECKING:
    from tests.torture.trial import Trial

MEMBERS = 64
LONGEST = 0.8
"""Seconds of clicking until the kill, at the most."""


async def under_load(trial: Trial) -> None:
    """Kill the bot while members click, again and again on the same database."""
    async with Venue() as discord:
        stage = Stage(trial.folder, discord, REVIEWS)
        ledger = Ledger()
        try:
            bot = await stage.start()
            await discord.ready()
            crowd = await Crowd.gather(discord, ledger, trial)
            for number in range(trial.rounds):
                async with crowd.clicking(MEMBERS):
                    await asyncio.sleep(trial.dice.uniform(0, LONGEST))
                    bot.send(signal.SIGKILL)
                    trial.expect(await bot.ended() == -signal.SIGKILL, "the bot ended by itself")
                    await discord.offline()
                bot = await stage.start()
                await discord.ready(number + 2)
                await ledger.audit(stage.database, trial)
                trial.ends_round()
        finally:
            await stage.close()
