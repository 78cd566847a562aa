"""Moves votes that are set aside or brought back, behind everything else; and looks daily for members who left."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import discord

from bot.background import repeatedly
from bot.errors import StoreError
from bot.rules import DAY, Leavers
from bot.store.aside import PAGE, Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.refresher import TallyRefresher
    from bot.store import Store
    from bot.ui.pages import Interaction

log = logging.getLogger(__name__)

FIRST = 300.0
"""Seconds from the start to the first look for members who left."""
AGAIN = 5.0
"""Seconds until it is gone on with what the database broke off."""
PAUSE = 1.0
"""Seconds between two questions to Discord about a hundred members: it takes two a second, clicks' own among them."""
FOLLOWING = 20
"""Of so many films, those posted last, the posts follow at once; of the others with the next vote."""
REFUSALS = (OSError, RuntimeError, discord.DiscordException, StoreError)
"""What a question can come to: a TimeoutError is an OSError, and without a connection it is a RuntimeError."""


class Mover:
    """Works through what was decided about members' votes, one batch after the other; a task a member."""

    def __init__(self, client: discord.Client, store: Store, refresher: TallyRefresher) -> None:
        self._client = client
        self._store = store
        self._refresher = refresher
        self._moving: dict[tuple[int, int], asyncio.Task[None]] = {}
        self._returning: set[asyncio.Task[None]] = set()
        self._sweeping: asyncio.Task[None] | None = None
        self._begun = False

    def start(self) -> None:
        """Go on with what a former process left undone as soon as the bot is online, then look after the servers."""
        self._sweeping = asyncio.create_task(self._look_after())

    async def close(self) -> None:
        """Leave the rest for the next start."""
        tasks = [*self._moving.values(), *self._returning, *filter(None, [self._sweeping])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def begin(self, guild_id: int, member_id: int) -> asyncio.Task[None]:
        """Move a member's votes to where they belong by now."""
        key = (guild_id, member_id)
        task = asyncio.create_task(self._move(*key, self._moving.get(key)))
        self._moving[key] = task
        task.add_done_callback(lambda done: self._moving.pop(key) if self._moving.get(key) is done else None)
        return task

    def seen(self, interaction: Interaction) -> None:
        """Bring back the votes of a member who had left and does something here again."""
        guild_id, member_id = interaction.guild_id, interaction.user.id
        rules = None if guild_id is None else self._store.guilds.known(guild_id)
        if guild_id is not None and rules is not None and member_id in rules.left:
            task = asyncio.create_task(self._came_back(guild_id, member_id))
            self._returning.add(task)
            task.add_done_callback(self._returning.discard)

    async def _move(self, guild_id: int, member_id: int, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait({before})
        films: set[tuple[int, int]] = set()
        while True:
            try:
                while moved := await self._store.aside.move(guild_id, member_id):
                    films |= {(guild_id, review_id) for review_id in moved}
                newest = await self._store.posts.newest(films, FOLLOWING)
                break
            except StoreError as error:
                log.warning(
                    "Moving the votes of member %d in guild %d is broken off, and gone on with: %s",
                    *(member_id, guild_id, error.cause),
                )
                await asyncio.sleep(AGAIN)
        for film in newest:
            self._refresher.touch(*film)

    async def _came_back(self, guild_id: int, member_id: int) -> None:
        try:
            await self._lift(guild_id, member_id)
        except StoreError as error:
            log.warning("The votes of member %d in guild %d wait for tomorrow: %r", member_id, guild_id, error)

    async def _lift(self, guild_id: int, member_id: int) -> None:
        await self._store.aside.lift(guild_id, member_id, Reason.LEFT, None)
        await self.begin(guild_id, member_id)

    async def _look_after(self) -> None:
        await self._client.wait_until_ready()
        await repeatedly(self._round)

    async def _round(self) -> float:
        """Go on with what is left undone, and look for members who left, but not right at the start.

        Returns:
            In how many seconds the next round is due.
        """
        await self._go_on()
        if not self._begun:
            self._begun = True
            return FIRST
        await self._sweep()
        return float(DAY)

    async def _go_on(self) -> None:
        async for guild_id, member_id in self._store.aside.pending():
            if self._client.get_guild(guild_id) is not None:  # else another process serves it, or none
                await self.begin(guild_id, member_id)

    async def _sweep(self) -> None:
        for guild_id in await self._store.aside.to_be_swept():
            guild = self._client.get_guild(guild_id)
            if guild is None or guild.unavailable:
                continue
            try:
                rules = await self._store.guilds.rules(guild_id)
                await self._sweep_server(guild, drop=rules.settings.leavers is Leavers.DROP)
            except REFUSALS as error:
                log.warning("Who left guild %d is not known; nothing more is changed there today: %r", guild_id, error)

    async def _sweep_server(self, guild: discord.Guild, *, drop: bool) -> None:
        """Bring back the votes of those who returned, and set aside those of who is gone, where it is to be so."""
        last = 0
        while members := await self._store.aside.leavers(guild.id, last):
            last = members[-1]
            for member_id in await self._present(guild, members) if drop else members:
                await self._lift(guild.id, member_id)
        last = 0
        while drop and (members := await self._store.aside.raters(guild.id, last)):
            last = members[-1]
            for member_id in set(members).difference(await self._present(guild, members)):
                await self._store.aside.lay(guild.id, member_id, Reason.LEFT, None)
                await self.begin(guild.id, member_id)

    async def _present(self, guild: discord.Guild, members: Sequence[int]) -> list[int]:
        """Those of the members who are in the server; asked of Discord, as nobody is told who leaves."""
        await asyncio.sleep(PAUSE)
        found = await guild.query_members(user_ids=list(members), limit=PAGE, cache=False)
        return [member.id for member in found]
