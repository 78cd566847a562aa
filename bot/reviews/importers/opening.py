"""What a source is, from what is said of it: an address of a site, a feed or a page; an export, a page, a folder."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import SourceError
from bot.reviews.importers import wxr
from bot.reviews.importers.feed import is_feed, read_feed
from bot.reviews.importers.folder import checked_size, open_folder, open_page, read_bytes
from bot.reviews.importers.links import FEED_TYPES, linked_feed
from bot.reviews.importers.page import read_page
from bot.reviews.importers.reading import read_post
from bot.reviews.importers.repair import decode
from bot.reviews.importers.source import Source
from bot.reviews.importers.wordpress import WordPress, discover, is_home

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from bot.fetching import Fetched, Fetcher
    from bot.reviews.importers.post import Post

BEGINNING = 16 * 1024
"""Bytes in which a file shows what it is."""
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)*\.(?!(?:xml|html?|txt)$)[\w-]+(?::\d+)?(?:/\S*)?")
"""An address without https://, and no file that is not there."""


class _Page(Source):
    """A page on the web."""

    kind = "page"
    total = 1

    def __init__(self, post: Post, home: str) -> None:
        self._post = post
        self.home = home

    async def posts(self) -> AsyncGenerator[Post]:
        yield self._post


async def open_source(said: str, fetcher: Fetcher, since: Mapping[str, str]) -> Source:
    """Find out what a source is.

    A path that is there is an export, a feed, a page or a folder of pages. Anything
    else is an address: of a feed; the home of a WordPress site, else of one that
    links to its feed; or of a page, which is taken for itself where it is a review,
    else for the feed that it links to.

    Args:
        since: What marks were kept of, by their keys.

    Raises:
        SourceError: It cannot be read, or is neither.
    """
    if "://" not in said:
        if source := _open_path(Path(said)):
            return source
        if not _HOST.fullmatch(said):
            raise SourceError(f"{_told(said)} is neither a file or folder that is there nor an address with https://.")
        said = f"https://{said}"
    return await _open_address(said, fetcher, since)


def _open_path(path: Path) -> Source | None:
    """The source that lies at a path; None where nothing does."""
    try:
        if not path.exists():
            return None
        if path.is_dir():
            return open_folder(path)
        checked_size(path)
        with path.open("rb") as file:
            beginning = file.read(BEGINNING)
    except (OSError, ValueError) as error:
        raise SourceError(
            f"{_told(str(path))} cannot be read: {getattr(error, 'strerror', None) or 'there is no such path'}."
        ) from error
    if wxr.MARK in beginning:
        return wxr.Export(path)
    if is_feed(beginning):
        return read_feed(read_bytes(path), path.name)
    return open_page(path)


async def _open_address(url: str, fetcher: Fetcher, since: Mapping[str, str]) -> Source:
    page = await fetcher.get(url)
    if is_feed(page.body[:BEGINNING]) or page.content_type in FEED_TYPES:
        return _feed(page)
    if root := await discover(fetcher, page):
        return WordPress(fetcher, root, since.get(str(root)))
    name = page.url.partition("://")[2]
    post = read_page(decode(page.body, page.charset), page.url, name, plain=page.content_type == "text/plain")
    single = _Page(post, name.split("/", maxsplit=1)[0])
    if not is_home(page.url) and read_post(post).review:
        return single
    if linked := linked_feed(page):
        with suppress(SourceError):
            return _feed(await fetcher.get(linked))
    return single


def _told(said: str) -> str:
    """What was typed, as it is told of."""
    return "".join(char if char.isprintable() else "?" for char in said[:200])


def _feed(page: Fetched) -> Source:
    return read_feed(page.body, page.url, url=page.url, charset=page.charset)
