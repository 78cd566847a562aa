"""WordPress's export files (WXR): read as a stream, so that memory does not grow with them."""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from bot.errors import SourceError
from bot.reviews.importers.links import host
from bot.reviews.importers.post import Post, moment
from bot.reviews.importers.source import Source

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator
    from pathlib import Path
    from xml.etree.ElementTree import Element

MARK = b"http://wordpress.org/export/"
"""Stands near the beginning of each such file."""
MAX_DEPTH = 50
MAX_ELEMENTS = 200_000
"""In one post, its comments included."""
POST_TYPES = frozenset(("post", "page"))
TERMS = frozenset(("category", "post_tag"))
_PREFIXES = (
    (re.compile(r"\{http://wordpress\.org/export/[\d.]+/\}"), "wp:"),
    (re.compile(r"\{http://purl\.org/rss/1\.0/modules/content/\}"), "content:"),
    (re.compile(r"\{http://purl\.org/dc/elements/1\.1/\}"), "dc:"),
)
_CONTROLS = bytes(set(range(32)) - {9, 10, 13})


class Export(Source):
    """An export file. It is read twice, as what a post needs of its pictures may stand behind it.

    It can be an old one, or of a part of the site: what is missing in it need not be gone.

    Attributes:
        home: The host of the site that was exported.
        total: How many posts there are, drafts and all.
    """

    kind = "export"

    def __init__(self, path: Path) -> None:
        self._path = path
        self.home = path.name
        self._authors: dict[str, str] = {}
        self._pictures: dict[str, str] = {}
        try:
            self._survey()
        except SourceError:
            return  # it is told of where the posts are read, behind those that are sound

    def _survey(self) -> None:
        for element in self._children():
            kind, said = _name(element.tag), element.text or ""
            if kind in {"link", "wp:base_blog_url"} and (found := host(said)):
                self.home = found
            elif kind == "wp:author":
                author = _texts(element)
                self._authors[author.get("wp:author_login", "")] = author.get("wp:author_display_name", "")
            elif kind == "item":
                item = _texts(element)
                self.total = (self.total or 0) + (item.get("wp:post_type") in POST_TYPES)
                if url := item.get("wp:attachment_url"):
                    self._pictures[item.get("wp:post_id", "")] = url

    async def posts(self) -> AsyncGenerator[Post]:
        """Each published post and page that has no password.

        Raises:
            SourceError: The file breaks off or is damaged; what stands before that has been given.
        """
        for element in self._children():
            if _name(element.tag) == "item" and (post := self._post(element)):
                yield post

    def _post(self, element: Element) -> Post | None:
        item = _texts(element)
        published = item.get("wp:status") == "publish" and not item.get("wp:post_password")
        if item.get("wp:post_type") not in POST_TYPES or not published:
            return None
        meta = dict(_meta(element))
        login = item.get("dc:creator", "")
        url = item.get("link") or None
        return Post(
            guid=item.get("guid") or url or item.get("wp:post_id", ""),
            title=item.get("title", ""),
            body=item.get("content:encoded", ""),
            url=url,
            author=self._authors.get(login) or login or None,
            published=moment(item.get("wp:post_date_gmt", "")) or moment(item.get("wp:post_date", "")),
            modified=moment(item.get("wp:post_modified_gmt", "")),
            categories=tuple(
                term.text for term in element.iterfind("category") if term.text and term.get("domain") in TERMS
            ),
            image_url=self._pictures.get(meta.get("_thumbnail_id", "")),
            meta=meta,
        )

    def _children(self) -> Iterator[Element]:
        """Each child of the channel.

        Raises:
            SourceError: The file cannot be read further.
        """
        name = self._path.name
        try:
            with self._path.open("rb") as file:
                yield from children(file, name)
        except ParseError as error:
            line, _ = error.position
            raise SourceError(
                f"{name} is damaged or breaks off in line {line}; what stands before it was read."
            ) from error
        except DefusedXmlException as error:
            raise SourceError(f"{name} declares a document type or entities, which no export does.") from error
        except OSError as error:
            raise SourceError(f"{name} cannot be read: {error.strerror}.") from error
        except (ValueError, LookupError) as error:
            raise SourceError(f"{name} is in an encoding that cannot be read.") from error


class _Readable:
    """A file without the control characters that XML forbids, and that old posts have."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size).translate(None, _CONTROLS)


def children(file: IO[bytes], name: str) -> Iterator[Element]:
    """Each child of the channel, whole, and gone as soon as the next one is asked for.

    Raises:
        SourceError: It is too deep or too large.
    """
    above: list[Element] = []  # the document and its channel
    depth = elements = 0
    for event, element in iterparse(_Readable(file), events=("start", "end"), forbid_dtd=True):
        if event == "start":
            depth += 1
            elements += 1
            if depth < 3:
                above[depth - 1 :] = [element]
            if depth > MAX_DEPTH or elements > MAX_ELEMENTS:
                raise SourceError(f"{name} has more in one place than an export does: {MAX_DEPTH} tags in each other.")
            continue
        if depth == 3:
            yield element
        if 1 < depth <= 3:
            above[depth - 2].clear()
            elements = 0
        depth -= 1


def _name(tag: str) -> str:
    for namespace, prefix in _PREFIXES:
        if found := namespace.match(tag):
            return prefix + tag[found.end() :]
    return tag


def _texts(element: Element) -> dict[str, str]:
    """What stands directly in an element, by name."""
    return {_name(child.tag): child.text.strip() for child in element if child.text}


def _meta(element: Element) -> Iterator[tuple[str, str]]:
    for child in element:
        if _name(child.tag) == "wp:postmeta":
            pair = _texts(child)
            yield pair.get("wp:meta_key", ""), pair.get("wp:meta_value", "")
