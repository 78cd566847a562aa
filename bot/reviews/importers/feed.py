"""RSS, Atom and RDF feeds, as feedparser reads them: it is given bytes only, and fetches nothing itself."""

from __future__ import annotations

import calendar
import io
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import feedparser  # pyright: ignore[reportMissingTypeStubs] - untyped

from bot.errors import SourceError
from bot.reviews.importers.post import Post
from bot.reviews.importers.source import Source

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

FEED_TYPES = frozenset(("application/rss+xml", "application/atom+xml", "application/rdf+xml"))
MAX_ENTRIES = 50_000


class Feed(Source):
    """A feed that was read; it has the newest posts only, so what is missing in it need not be gone.

    Attributes:
        title: What it calls itself.
        entries: Its posts.
    """

    kind = "feed"

    def __init__(self, home: str, title: str, entries: tuple[Post, ...]) -> None:
        self.home = home
        self.title = title
        self.entries = entries
        self.total = len(entries)

    async def posts(self) -> AsyncGenerator[Post]:
        """Each of its posts."""
        for post in self.entries:
            yield post


def read_feed(raw: bytes, name: str, *, url: str | None = None, content_type: str | None = None) -> Feed:
    """Read a feed, or what can be read of a damaged one.

    Args:
        name: What it is called where it cannot be read.
        url: Where it was fetched from.
        content_type: As its header says, charset and all.

    Raises:
        SourceError: It is none.
    """
    if b"<!ENTITY" in raw:  # feedparser would replace them, and no feed has need of them
        raise SourceError(f"{name} declares entities, which no feed needs and some attacks do.")
    # As bytes in a file, since it takes a str for an address or a path to be opened. Cleaning is done where posts are
    # read, for all sources alike.
    found = cast("Any", feedparser).parse(
        io.BytesIO(raw),
        response_headers={"content-type": content_type or "application/xml", "content-location": url or ""},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not found.get("version") and not found.entries:
        raise SourceError(f"{name} is no feed that can be read.")
    home = urlsplit(url or str(found.feed.get("link", ""))).netloc or name
    entries = tuple(_post(entry) for entry in found.entries[:MAX_ENTRIES])
    return Feed(home, str(found.feed.get("title", "")), entries)


def _post(entry: Any) -> Post:
    body, plain = _body(entry)
    title, url = str(entry.get("title", "")), str(entry.get("link", "")) or None
    return Post(
        guid=str(entry.get("id", "")) or url or f"{title}\n{entry.get('published', '')}",
        title=title,
        body=body,
        plain=plain,
        url=url,
        author=str(entry.get("author", "")) or None,
        published=_moment(entry.get("published_parsed")),
        modified=_moment(entry["updated_parsed"] if "updated_parsed" in entry else None),  # noqa: SIM401 - get would say published
        categories=tuple(str(tag["term"]) for tag in entry.get("tags", ()) if tag.get("term")),
        image_url=next(_images(entry), None),
    )


def _body(entry: Any) -> tuple[str, bool]:
    """The longest that an entry has to say, and whether it is plain text: some feeds repeat only a part as content."""
    said: list[Any] = [*entry.get("content", ()), entry.get("summary_detail") or {}]
    best = max(said, key=lambda one: len(one.get("value", "")))
    return str(best.get("value", "")), best.get("type") == "text/plain"


def _images(entry: Any) -> Iterator[str]:
    for media in chain(entry.get("media_content", ()), entry.get("media_thumbnail", ())):
        if media.get("url") and media.get("medium", "image") == "image":
            yield str(media["url"])
    for enclosure in entry.get("enclosures", ()):
        if enclosure.get("href") and str(enclosure.get("type", "")).startswith("image/"):
            yield str(enclosure["href"])


def _moment(parsed: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
    except (ValueError, OverflowError, OSError):  # a year that there is not
        return None
