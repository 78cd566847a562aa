"""A critic's site on loopback, with a feed, for the journeys that follow one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from email.utils import format_datetime
from html import escape
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from datetime import datetime

    from tests.site import Site

SHOWN = 10


@dataclass
class Entry:
    """A post of the site."""

    name: str
    title: str
    body: str
    published: datetime


@dataclass
class Blog:
    """What the site has published, the newest last, of which its feed shows ten; it knows what has changed since.

    Attributes:
        status: What the feed answers with instead, where it is one of an error.
    """

    site: Site
    entries: list[Entry] = field(default_factory=list[Entry])
    status: int = 200
    unchanged: int = 0

    def __post_init__(self) -> None:
        self.site.answers["/feed"] = self._feed
        link = '<link rel="alternate" type="application/rss+xml" href="/feed">'
        self.site.answers["/"] = web.Response(text=f"<html><head>{link}</head></html>", content_type="text/html")

    def publish(self, title: str, published: datetime, body: str = "") -> Entry:
        """Publish a review, with its page."""
        name = title.lower().replace(" ", "-")
        said = body or f"<p>Directed by Ewe Ramsey</p><p>I gave {escape(title)} my whole evening.</p><p>4 sheep</p>"
        entry = Entry(name, title, said, published)
        self.entries.append(entry)
        self.site.answers[f"/{name}"] = web.Response(text="A page.", content_type="text/html")
        return entry

    def delete(self, entry: Entry) -> None:
        """Take a post back, and its page."""
        self.entries.remove(entry)
        del self.site.answers[f"/{entry.name}"]

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        if self.status != 200:
            return web.Response(status=self.status)
        items = "".join(
            f"<item><title>{escape(one.title)}</title><link>{self.site.url}/{one.name}</link>"
            f"<guid isPermaLink='false'>post {one.name}</guid><pubDate>{format_datetime(one.published)}</pubDate>"
            f"<description>{escape(one.body)}</description></item>"
            for one in self.entries[: -SHOWN - 1 : -1]
        )
        text = f"<rss version='2.0'><channel><title>Black Sheep Reviews</title>{items}</channel></rss>"
        etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'
        if request.headers.get("If-None-Match") == etag:
            self.unchanged += 1
            return web.Response(status=304, headers={"ETag": etag})
        return web.Response(text=text, content_type="application/rss+xml", headers={"ETag": etag})
