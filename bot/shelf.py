"""Keeps titles and labels in memory in line with the reviews in the database, whichever process changes them."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.background import in_background
from bot.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection

    from bot.reviews.catalogue import Catalogue
    from bot.store import Store

log = logging.getLogger(__name__)

GATHER = 0.05
"""Seconds in which changes that come close together are gathered into one question."""
AGAIN = 1.0
"""Seconds until the database is asked again that did not answer."""
SLICE = 100
"""Titles that are put or dropped in one go, some 20 ms' work at a hundred thousand titles."""


@asynccontextmanager
async def following(store: Store, catalogue: Catalogue) -> AsyncGenerator[None]:
    """Let the catalogue follow what other processes do to the shelf, within the context."""
    if not store.shared:
        yield
        return
    shelf = _Shelf(store, catalogue)
    async with in_background(shelf.follow()), store.reviews.watched(shelf.changed):
        yield


class _Shelf:
    """Knows which reviews have changed since the catalogue was last brought in line."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self._store = store
        self._catalogue = catalogue
        self._changed: set[int] = set()
        self._anything = False
        self._wake = asyncio.Event()

    def changed(self, review_ids: set[int] | None) -> None:
        """Take down that reviews changed; None: nobody knows which."""
        if review_ids is None:
            self._anything = True
        else:
            self._changed |= review_ids
        self._wake.set()

    async def follow(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(GATHER)
            self._wake.clear()
            ids = None if self._anything else frozenset(self._changed)
            self._anything = False
            self._changed.clear()
            try:
                await bring_in_line(self._store, self._catalogue, ids)
            except Exception as error:  # whatever it was, what other processes change must be followed
                cause = error.__cause__ if isinstance(error, StoreError) else error
                log.warning("The titles could not be read anew, and are once more: %r", cause, exc_info=cause is error)
                self.changed(None if ids is None else set(ids))
                await asyncio.sleep(AGAIN)


async def bring_in_line(store: Store, catalogue: Catalogue, ids: Collection[int] | None) -> None:
    """Have titles and labels in memory be those of reviews as they are in the database; of all where ``ids`` is None.

    Raises:
        StoreError: The database did not answer, and it is to be done again.
    """
    present = {title.review_id: title for title in await store.reviews.shelf(ids)}
    known = {title.review_id for title in catalogue} if ids is None else set(ids)
    changed = 0
    for review_id in known | present.keys():
        title, former = present.get(review_id), catalogue.get(review_id)
        for each in (title, former):
            if each:
                store.labels.forget(each.guild_id)
        if title == former:
            continue
        if title:
            catalogue.put(title)
        else:
            catalogue.drop(review_id)
        changed += 1
        if changed % SLICE == 0:
            await asyncio.sleep(0)
    if changed:
        log.info("%d titles brought in line with the shelf", changed)
