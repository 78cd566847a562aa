"""Looking at a feed: found, fetched, and its posts read. The one room of feeds that needs the extra ``import``."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from bot.errors import FetchError, SourceError
from bot.reviews.importers.feed import FEED_TYPES, read_feed
from bot.reviews.importers.ledger import fingerprint
from bot.reviews.importers.links import links
from bot.reviews.importers.post import Reading
from bot.reviews.importers.reading import read_post
from bot.store.feeds import MAX_URL, Item
from bot.ui import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.fetching import Fetched, Fetcher
    from bot.reviews.importers.post import Post

log = logging.getLogger(__name__)

MOST = 100
"""Of more posts than this only the newest are looked at."""
TITLE = 100
VALIDATOR = 500
"""So long may be what a site wants to be asked with the next time."""
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


class Looker:
    """Looks at feeds; what takes the processor long is done in a thread."""

    def __init__(self, fetcher: Fetcher, now: float) -> None:
        self._fetcher = fetcher
        self._now = int(now)

    async def find(self, typed: str) -> tuple[str, Look]:
        """The feed at an address, or that the page there links to, with its own address.

        Raises:
            SourceError: There is none, or it cannot be read.
        """
        url = typed if "://" in typed else f"https://{typed}"
        page = await self._fetcher.get(url)
        try:
            return url, await self._read(page, url)
        except SourceError:
            linked = next((one.href for one in links(page) if "alternate" in one.rel and one.type in FEED_TYPES), None)
            if not linked or len(linked) > MAX_URL:
                raise SourceError(f"{page.url} is neither a feed nor a page that links to one.") from None
        return linked, await self._read(await self._fetcher.get(linked), linked)

    async def look(self, url: str, etag: str | None, modified: str | None) -> Look | None:
        """What a feed has now; None where that is what it had at the look that said ``etag`` and ``modified``.

        Raises:
            SourceError: It cannot be read.
        """
        page = await self._fetcher.get(url, etag=etag, modified=modified)
        return None if page.not_modified else await self._read(page, url)

    async def read(self, posts: Iterable[Post]) -> list[Reading]:
        """What posts turn out to be."""
        return await asyncio.to_thread(lambda: [_reading(post) for post in posts])

    async def is_gone(self, url: str) -> bool:
        """Whether a page says that it is there no more; where that cannot be known, it is."""
        try:
            await self._fetcher.get(url)
        except FetchError as error:
            return error.status in GONE
        return False

    async def _read(self, page: Fetched, url: str) -> Look:
        try:
            return await asyncio.to_thread(self._look, page, url)
        except SourceError:
            raise
        except Exception as error:  # a stranger's feed may make the library fail in any way
            log.warning("%s made reading it fail", url, exc_info=error)
            raise SourceError(f"{page.url} sends what I cannot make sense of.") from None

    def _look(self, page: Fetched, url: str) -> Look:
        feed = read_feed(page.body, page.url, url=page.url, charset=page.charset)
        site = urlsplit(url).netloc.lower()
        posts = {_guid(site, post): post for post in reversed(feed.entries)}  # of two of one guid, the first
        newest = enumerate(reversed(posts.items()))
        items = [Item(guid, fingerprint(post), self._published(post, place)) for place, (guid, post) in newest]
        items.sort(key=lambda item: -item.published_at)
        return Look(
            text.plain(feed.title, TITLE) or site,
            _short(page.etag),
            _short(page.last_modified),
            tuple(items[:MOST]),
            posts,
        )

    def _published(self, post: Post, place: int) -> int:
        """When a post was published: as it says; else it is taken for news, older than those that stand before it."""
        said = int(post.published.timestamp()) if post.published else self._now - place
        return max(0, min(said, self._now))


def _reading(post: Post) -> Reading:
    try:
        return read_post(post)
    except Exception:  # one post must not keep all others of its feed
        log.exception("A post made reading it fail: %s", post.url)
        return Reading(skipped="it cannot be read")


def _guid(site: str, post: Post) -> str:
    """What names a post among those of all sites, whatever length and letters its guid has."""
    return hashlib.sha256(f"{site}\n{post.guid}".encode(errors="surrogatepass")).hexdigest()


def _short(validator: str | None) -> str | None:
    return validator if validator and len(validator) <= VALIDATOR else None
