"""What a page links to in its head and in the headers that it came with: its feed, and WordPress's interface."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.fetching import Fetched

FEED_TYPES = frozenset(("application/rss+xml", "application/atom+xml", "application/rdf+xml"))
HEAD = 512 * 1024
"""Bytes of a page in which its links are looked for."""
_HEADER = re.compile(r"<([^<>]{1,2000})>([^<>]{0,2000})")
_TAG = re.compile(r"<link\s([^<>]{1,4000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-z-]{1,40})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"',;>]+))""", re.IGNORECASE)


class Link(NamedTuple):
    """A link as :rfc:`8288` has it: the words of its ``rel`` and its type, in lower case."""

    href: str
    rel: frozenset[str]
    type: str


def links(page: Fetched) -> Iterator[Link]:
    """The links of a page: those of its headers, then those of its HTML."""
    from html import unescape  # noqa: PLC0415 - with its table of entities, not a part of the start

    for href, said in _HEADER.findall(page.headers.get("Link", "")):
        yield _link(page.url, href, _attributes(said))
    for tag in _TAG.findall(page.body[:HEAD].decode("latin-1")):
        attributes = _attributes(unescape(tag))
        if "href" in attributes:
            yield _link(page.url, attributes["href"], attributes)


def linked_feed(page: Fetched) -> str | None:
    """The address of the first feed that a page links to."""
    return next((link.href for link in links(page) if "alternate" in link.rel and link.type in FEED_TYPES), None)


def host(address: str) -> str:
    """The host of an address, with its port; nothing where it has none."""
    try:
        return urlsplit(address.strip()).netloc
    except ValueError:
        return ""


def _link(base: str, href: str, attributes: dict[str, str]) -> Link:
    try:
        href = urljoin(base, href.strip())
    except ValueError:
        href = ""
    return Link(href, frozenset(attributes.get("rel", "").lower().split()), attributes.get("type", "").lower())


def _attributes(said: str) -> dict[str, str]:
    return {name.lower(): double or single or bare for name, double, single, bare in _ATTRIBUTE.findall(said)}
