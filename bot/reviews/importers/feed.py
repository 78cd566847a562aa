"""RSS, Atom and RDF feeds, as feedparser reads them: it is given bytes only, and fetches nothing itself."""

# ruff: noqa: SLF001 - feedparser has no other way in

from __future__ import annotations

import calendar
import io
import re
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

import feedparser  # pyright: ignore[reportMissingTypeStubs] - untyped
from feedparser.mixin import _FeedParserMixin  # pyright: ignore[reportMissingTypeStubs, reportPrivateUsage] - mended below

from bot.errors import SourceError
from bot.reviews.importers.links import host
from bot.reviews.importers.post import Post
from bot.reviews.importers.repair import decode
from bot.reviews.importers.source import Source

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

MAX_ENTRIES = 50_000
MAX_AUTHOR = 200
"""Characters of an author that are looked at."""
MAX_TAGS = 100
"""Categories and tags of one post that are."""

# Without looking back, which comments could make take for ever.
_PROLOG = re.compile(r"(?>(?:\s+|<\?[^>]*>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>)*)", re.DOTALL)
_ROOT = re.compile(r"<(?:rss|feed|rdf:RDF)[\s>]")
_TAG = re.compile(r"<\w")
_REFERENCE = re.compile(r"&#(?:x0*([0-9a-f]+)|0*(\d+));?", re.IGNORECASE)

_library: Any = _FeedParserMixin
_sync_author_detail, _add_tag = _library._sync_author_detail, _library._add_tag


def _sync_author(parser: Any, key: str = "author") -> None:
    context = parser._get_context()
    if author := context.get(key):
        context[key] = author[:MAX_AUTHOR]
    _sync_author_detail(parser, key)


def _add_tag_of_few(parser: Any, *said: Any) -> None:
    if len(parser._get_context().get("tags", ())) < MAX_TAGS:
        _add_tag(parser, *said)


# It looks for an address in a name, and for each tag among those before it, in a time that grows with their square:
# one hostile feed would stop the whole process, and there is no other way in.
_library._sync_author_detail, _library._add_tag = _sync_author, _add_tag_of_few


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


def is_feed(beginning: bytes) -> bool:
    """Whether a file or page that begins so is a feed, by its first element."""
    return _ROOT.match(_from_root(decode(beginning))) is not None


def read_feed(raw: bytes, name: str, *, url: str | None = None, charset: str | None = None) -> Feed:
    """Read a feed, or what can be read of a damaged one.

    Args:
        name: What it is called where it cannot be read.
        url: Where it was fetched from.
        charset: As its header says.

    Raises:
        SourceError: It is none.
    """
    text = _REFERENCE.sub(_replaced, decode(raw, charset))  # feedparser fails at what is no character
    if "<!ENTITY" in text:  # feedparser would replace them, and no feed has need of them
        raise SourceError(f"{name} declares entities, which no feed needs and some attacks do.")
    try:
        # As bytes in a file, since it takes a str for an address or a path to be opened. Cleaning is done where posts
        # are read, for all sources alike.
        found = cast("Any", feedparser).parse(
            io.BytesIO(_from_root(text).encode(errors="replace")),
            response_headers={"content-type": "application/xml; charset=utf-8", "content-location": url or ""},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
        entries = tuple(_post(entry) for entry in found.entries[:MAX_ENTRIES])
    except Exception as error:  # what it makes of a damaged feed can fail in any way
        raise SourceError(f"{name} is damaged in a way that keeps it from being read.") from error
    if not found.get("version") and not entries:
        raise SourceError(f"{name} is no feed that can be read.")
    home = host(url or str(found.feed.get("link", ""))) or name
    return Feed(home, str(found.feed.get("title", "")), entries)


def _replaced(found: re.Match[str]) -> str:
    """A reference to a character, or the sign for none."""
    digits = found[1] or found[2]
    code = int(digits, 16 if found[1] else 10) if len(digits) <= len("1114111") else -1
    return found[0] if 0 < code < 0xD800 or 0xDFFF < code <= 0x10FFFF else "\ufffd"


def _from_root(text: str) -> str:
    """A feed without what stands before its first element, where feedparser's patterns take the length squared."""
    prolog = _PROLOG.match(text)
    root = _TAG.search(text, prolog.end() if prolog else 0)
    return text[root.start() :] if root else ""


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
