"""Deletes all of a member or a server behind everything else, and has the posts follow."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bot.errors import StoreError
from bot.shelf import bring_in_line

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.refresher import TallyRefresher
    from bot.reviews.catalogue import Catalogue
    from bot.store import Store
    from bot.store.privacy import Film, Wish

log = logging.getLogger(__name__)

AT_ONCE = 2
"""So many members and servers are deleted at the same time; the others wait."""
PATIENCE = 1.0
"""Seconds for which an answer waits for the end."""
AGAIN = 5.0
"""Seconds until it is gone on with what the database broke off."""
FOLLOWED = 200
"""The posts of so many films follow at once, the newest; older ones follow with their next vote."""
APART = 0.5
"""Seconds between the films whose posts are refreshed."""


class Eraser:
    """Makes wishes come true; what a restart breaks off, the next start goes on with.

    Posts are edited wherever they are: that needs no shard.
    """

    def __init__(self, store: Store, catalogue: Catalogue, refresher: TallyRefresher) -> None:
        self._store = store
        self._catalogue = catalogue
        self._refresher = refresher
        self._erasing: dict[Wish, tuple[asyncio.Task[None], asyncio.Future[None]]] = {}
        self._following: set[asyncio.Task[None]] = set()
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def erase(self, wish: Wish) -> asyncio.Task[None]:
        """Record a wish, and begin with it; the task is done when nothing is left.

        Raises:
            StoreError: It is not recorded, and nothing is begun.
        """
        if wish not in self._erasing:
            loop = asyncio.get_running_loop()
            recorded: asyncio.Future[None] = loop.create_future()
            task = loop.create_task(self._erase(wish, recorded))
            self._erasing[wish] = task, recorded
            task.add_done_callback(lambda _: self._erasing.pop(wish))
        task, recorded = self._erasing[wish]
        await asyncio.shield(recorded)  # others may wait for it too
        return task

    async def close(self) -> None:
        """Leave off; the next start goes on."""
        tasks = (*(task for task, _ in self._erasing.values()), *self._following)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _erase(self, wish: Wish, recorded: asyncio.Future[None]) -> None:
        try:
            await self._store.privacy.wish(wish)
        except BaseException as error:
            recorded.set_exception(error if isinstance(error, StoreError) else StoreError())
            if not isinstance(error, StoreError):
                raise
            return
        recorded.set_result(None)
        async with self._turns:
            while True:
                try:
                    films = await self._store.privacy.erase(wish)
                    own = {film[1] for film in films if (title := self._catalogue.get(film[1])) and title.guild_id}
                    if own:
                        await bring_in_line(self._store, self._catalogue, own)
                    break
                except StoreError as error:
                    log.warning("Deleting all of a %s is broken off, and gone on with: %s", wish.subject, error.cause)
                    await asyncio.sleep(AGAIN)
        log.info("All of a %s is deleted, on %d films", wish.subject, len(films))
        following = asyncio.create_task(self._follow(films))
        self._following.add(following)
        following.add_done_callback(self._following.discard)

    async def _follow(self, films: Collection[Film]) -> None:
        """Have the newest of the films' posts show what is left."""
        try:
            newest = await self._store.posts.newest(films, FOLLOWED)
        except StoreError as error:
            log.warning("The posts of what was deleted follow with their next vote: %s", error.cause)
            return
        for number, film in enumerate(newest):
            if number:
                await asyncio.sleep(APART)
            self._refresher.touch(*film)


async def soon_done(task: asyncio.Task[None]) -> bool:
    """Wait as long as an answer may; whether all is deleted."""
    return await done(task, PATIENCE)


async def done(task: asyncio.Task[None], patience: float | None = None) -> bool:
    """Wait for the end; whether all is deleted: what the bot's own end cuts off, the next start goes on with."""
    await asyncio.wait({task}, timeout=patience)
    return task.done() and not task.cancelled()
