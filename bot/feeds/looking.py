"""Looking at a feed: found, fetched, and its posts read, which a process of its own does (:mod:`bot.feeds.reading`)."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import pickle
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.errors import FetchError, ImportMissingError, SourceError
from bot.reviews.importers.links import linked_feed
from bot.store.feeds import MAX_URL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.fetching import Fetched, Fetcher
    from bot.reviews.importers.post import Post, Reading
    from bot.store.feeds import Item
    from bot.worker import Worker

log = logging.getLogger(__name__)

READER = "bot.feeds.reading"
NEEDED = ("bs4", "charset_normalizer", "feedparser", "markdownify", "nh3")
LIMIT = 20.0
"""Seconds for reading a feed, or posts of one, after which it is given up."""
VALIDATOR = 500
"""So long may be what a site wants to be asked with the next time."""
BODY = "sha256:"
"""What stands before the hash of a feed whose site has no word for its version."""
GONE = frozenset((404, 410))


class Look(NamedTuple):
    """What a feed had when it was looked at.

    Attributes:
        items: Its posts as they are kept, the newest first.
        posts: The same as the feed has them, by guid.
    """

    title: str
    etag: str | None
    modified: str | None
    items: tuple[Item, ...]
    posts: Mapping[str, Post]


class Answer(NamedTuple):
    """What the process that reads says: what came of it, or why the source is refused, or how it failed."""

    result: Any = None
    refused: str = ""
    failed: str = ""


class Looker:
    """Looks at feeds.

    Raises:
        ImportMissingError: What reads them is not installed.
    """

    def __init__(self, fetcher: Fetcher, reader: Worker, now: float) -> None:
        if any(find_spec(name) is None for name in NEEDED):
            raise ImportMissingError
        self._fetcher = fetcher
        self._reader = reader
        self._now = int(now)

    async def find(self, typed: str) -> tuple[str, Look]:
        """The feed at an address, or that the page there links to, with its own address.

        Raises:
            SourceError: There is none, or it cannot be read.
        """
        url = typed if "://" in typed else f"https://{typed}"
        page = await self._fetcher.get(url)
        try:
            return url, await self._look(page, url)
        except SourceError:
            linked = linked_feed(page)
            if not linked or len(linked) > MAX_URL:
                raise SourceError(f"{page.url} is neither a feed nor a page that links to one.") from None
        return linked, await self._look(await self._fetcher.get(linked), linked)

    async def look(self, url: str, etag: str | None, modified: str | None) -> Look | None:
        """What a feed has now; None where that is what it had at the look that said ``etag`` and ``modified``.

        Raises:
            SourceError: It cannot be read.
        """
        body = etag if etag and etag.startswith(BODY) else None
        page = await self._fetcher.get(url, etag=None if body else etag, modified=modified)
        if page.not_modified or (body and body == validators(page)[0]):
            return None
        return await self._look(page, url)

    async def read(self, posts: Sequence[Post]) -> list[Reading]:
        """What posts turn out to be.

        Raises:
            SourceError: They cannot be read.
        """
        return await self._ask("read", posts) if posts else []

    async def is_gone(self, url: str) -> bool:
        """Whether a page says that it is there no more; where that cannot be known, it is."""
        try:
            await self._fetcher.get(url)
        except FetchError as error:
            return error.status in GONE
        return False

    async def _look(self, page: Fetched, url: str) -> Look:
        return await self._ask("look", page, url, self._now)

    async def _ask(self, name: str, *arguments: Any) -> Any:
        try:
            said = await self._reader.ask(pickle.dumps((name, arguments)), LIMIT)
            answer: Answer = pickle.loads(said)  # noqa: S301 - our own process's words
        except (TimeoutError, asyncio.IncompleteReadError, OSError) as error:
            log.warning("Reading a feed did not come to its end: %r", error)
            raise SourceError("It takes longer to read than I have.") from error
        if answer.failed:
            log.warning("Reading a feed failed: %s", answer.failed)
            raise SourceError("It sends what I cannot make sense of.")
        if answer.refused:
            raise SourceError(answer.refused)
        return answer.result


def validators(page: Fetched) -> tuple[str | None, str | None]:
    """What a site is asked with the next time: an ``ETag``, a ``Last-Modified``; without both, a hash of the body."""
    etag, modified = [said if said and len(said) <= VALIDATOR else None for said in (page.etag, page.last_modified)]
    if etag is None and modified is None:
        etag = f"{BODY}{hashlib.sha256(page.body).hexdigest()}"
    return etag, modified
