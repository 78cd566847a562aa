"""Tells the operator where two processes serve the same shard: both would answer every click there."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.background import in_background
from bot.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bot.client import SheepBot

log = logging.getLogger(__name__)

HELD = 60.0
"""Seconds for which a shard stays claimed by a process that was killed."""
RENEWED = 20.0
SOON = 1.0
"""Seconds between two looks at whether it is known yet which shards there are."""


@asynccontextmanager
async def claimed(bot: SheepBot) -> AsyncGenerator[None]:
    """Claim the shards that a bot serves, within the context."""
    if not bot.store.shared:
        yield
        return
    try:
        async with in_background(_keep_claiming(bot)):
            yield
    finally:
        try:
            async with asyncio.timeout(SOON):  # so that who starts next is not warned
                await asyncio.gather(*(bot.store.leases.give_back(_name(shard_id)) for shard_id in bot.served))
        except (StoreError, TimeoutError) as error:
            log.debug("The shards stay claimed for a while: %r", error)


async def _keep_claiming(bot: SheepBot) -> None:
    warned: set[int] = set()
    while True:
        for shard_id in bot.served:
            try:
                if await bot.store.leases.take(_name(shard_id), HELD):
                    warned.discard(shard_id)
                elif shard_id not in warned:
                    warned.add(shard_id)
                    log.warning(
                        "Shard %d is served by another process too, unless that one was killed less than a minute ago."
                        " Both would answer every click: give each process its own SHARD_IDS",
                        shard_id,
                    )
            except StoreError as error:
                log.debug("Shard %d could not be claimed: %r", shard_id, error.__cause__)
        await asyncio.sleep(RENEWED if bot.served else SOON)


def _name(shard_id: int) -> str:
    return f"shard {shard_id}"
