"""Pictures of boards and results: drawn beside the bot, kept, and left out where they are not there in time.

Drawing is done by a process of its own, :mod:`bot.drawing`, which is started for the first card, and anew
where it died. Whatever fails, the answer is sent without a picture.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import logging
from collections import OrderedDict
from importlib.util import find_spec
from typing import TYPE_CHECKING

import discord

from bot.fonts import FOLDERS, font_files
from bot.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bot.ui.cards import Card
    from bot.ui.pages import Interaction

log = logging.getLogger(__name__)

PATIENCE = 0.7
"""Seconds that an answer waits for its picture."""
START = 0.8
"""Seconds that it waits in addition where the process is yet to be started; there is time to send it within the bot's
deadline."""
LIMIT = 10.0
"""Seconds for one picture, after which the process that draws is taken to hang."""
WAITING = 8
"""The most pictures that are drawn or wait to be; who asks for one more gets none."""
KEPT_BYTES = 16 * 1024 * 1024
OVERHEAD = 512
"""Bytes that a kept picture is counted for beside its own."""
REASONS = 50
"""The most reasons for missing pictures that are told, each once."""
DRAWN = b"+"
NEEDED = ("resvg_py", "uharfbuzz")


class Pictures:
    """Draws cards as PNG.

    Args:
        folders: Where fonts are.
        patience: Seconds that an answer waits for its picture.
        kept_bytes: How much is kept of what was drawn.
    """

    def __init__(
        self, folders: Sequence[Path] = FOLDERS, *, patience: float = PATIENCE, kept_bytes: int = KEPT_BYTES
    ) -> None:
        self._folders = folders
        self._patience = patience
        self._room = kept_bytes
        self._kept: OrderedDict[bytes, bytes | None] = OrderedDict()
        self._awaited: dict[bytes, asyncio.Task[bytes | None]] = {}
        self._told: set[str] = set()
        self._drawer = Worker("bot.drawing", *map(str, folders))
        self.possible = False

    def look(self) -> None:
        """Find out whether there is what it takes, and say so where there is not; until then, nothing is drawn."""
        lacking = next((name for name in NEEDED if find_spec(name) is None), None)
        if lacking:
            log.info(
                "Boards and results are text only: %s is missing. In Sheepbot's folder: pip install '.[pictures]'",
                lacking,
            )
        elif not any(font_files(self._folders)):
            log.info("Boards and results are text only: no font is installed. `sheepbot doctor` names one.")
        else:
            self.possible = True

    async def attach(self, interaction: Interaction, embed: discord.Embed, card: Card) -> list[discord.File]:
        """Put a card into an embed; the files to send with it, none where it stays text."""
        if not interaction.app_permissions.attach_files:
            return []
        png = await self.draw(card)
        if png is None:
            return []
        file = discord.File(io.BytesIO(png), f"{card.name}.png", description=card.alt)
        embed.set_image(url=f"attachment://{file.filename}")
        return [file]

    async def draw(self, card: Card) -> bytes | None:
        """A card as PNG; None where it cannot be drawn, or not in time."""
        if not self.possible:
            return None
        key = hashlib.sha256(card.svg.encode()).digest()
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        task = self._awaited.get(key)
        if task is None:
            if len(self._awaited) >= WAITING:
                return None
            task = self._awaited[key] = asyncio.create_task(self._drawn(key, card.svg))
        patience = self._patience and self._patience + (0 if self._drawer.is_started else START)
        try:
            async with asyncio.timeout(patience):
                return await asyncio.shield(task)
        except TimeoutError:
            return None

    async def close(self) -> None:
        """Draw no more."""
        self.possible = False
        for task in list(self._awaited.values()):
            task.cancel()
        await asyncio.gather(*self._awaited.values(), return_exceptions=True)
        await self._drawer.close()

    async def _drawn(self, key: bytes, svg: str) -> bytes | None:
        try:
            png = await self._ask(svg)
        except Exception as error:  # noqa: BLE001 - whatever keeps it from being drawn, the answer goes without
            self._tell(f"{type(error).__name__}: {error}".rstrip(": "))
            return None  # and the next time it may go well
        finally:
            del self._awaited[key]
        self._keep(key, png)
        return png

    async def _ask(self, svg: str) -> bytes | None:
        """Have the process draw; None where it said that this cannot be drawn."""
        answer = await self._drawer.ask(svg.encode(), LIMIT)
        if not answer.startswith(DRAWN):
            self._tell(answer[1:].decode())
            return None
        return answer[1:]

    def _keep(self, key: bytes, png: bytes | None) -> None:
        self._kept[key] = png
        self._room -= _weight(png)
        while self._room < 0:
            self._room += _weight(self._kept.popitem(last=False)[1])

    def _tell(self, reason: str) -> None:
        if reason not in self._told and len(self._told) < REASONS:
            self._told.add(reason)
            log.warning("A picture was left out: %s. `sheepbot doctor` knows what helps.", reason)


def _weight(png: bytes | None) -> int:
    return OVERHEAD + len(png or b"")
