"""A critic's posts, and how each kind of source tells of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.site import Site

PAGE = "text/html; charset=utf-8"


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A post; by default a review."""

    number: int
    title: str = ""
    sheep: str = "4 sheep"
    credits: str = "Written by Ada Ram<br>Directed by Bo Lamb<br>Starring Ewe One, Ewe Two and Ewe Three"
    text: str = "The flock goes over the hill, and nobody counts it. I did not look away once."
    status: str = "publish"
    password: str = ""
    modified: str = "2024-05-02T10:00:00"
    site: str = "https://baa.example"

    @property
    def name(self) -> str:
        return self.title or f"The Shepherd {self.number} ({1980 + self.number % 40})"

    @property
    def body(self) -> str:
        return f"<p>{self.credits}</p><p>{self.text}</p><p><strong>{self.sheep}</strong></p>"

    @property
    def url(self) -> str:
        return f"{self.site}/{self.number}/"

    @property
    def guid(self) -> str:
        return f"{self.site}/?p={self.number}"

    def entry(self) -> dict[str, Any]:
        """As WordPress's interface tells of it."""
        return {
            "id": self.number,
            "guid": {"rendered": self.guid},
            "link": self.url,
            "date_gmt": "2015-09-20T10:00:00",
            "modified_gmt": self.modified,
            "status": self.status,
            "title": {"rendered": self.name},
            "content": {"rendered": "" if self.password else self.body, "protected": bool(self.password)},
            "meta": {"_edit": "", "seen": "4"},
            "acf": {"box": {"row": 4}, "list": ["one"]},
            "_embedded": {
                "author": [{"name": "Dolly"}],
                "wp:term": [[{"name": "Drama"}], [{"name": "sheep &amp; dogs"}]],
                "wp:featuredmedia": [{"source_url": f"{self.site}/{self.number}.jpg"}],
            },
        }

    def item(self) -> str:
        """As an export tells of it."""
        return (
            f"<item><title><![CDATA[{self.name}]]></title><link>{self.url}</link>"
            f"<dc:creator><![CDATA[dolly]]></dc:creator><guid isPermaLink='false'>{self.guid}</guid>"
            f"<content:encoded><![CDATA[{self.body}]]></content:encoded><excerpt:encoded>short</excerpt:encoded>"
            f"<wp:post_id>{self.number}</wp:post_id><wp:post_date_gmt>2015-09-20 10:00:00</wp:post_date_gmt>"
            f"<wp:post_modified_gmt>{self.modified.replace('T', ' ')}</wp:post_modified_gmt>"
            f"<wp:post_type>post</wp:post_type><wp:status>{self.status}</wp:status>"
            f"<wp:post_password>{self.password}</wp:post_password>"
            f"<category domain='category' nicename='drama'><![CDATA[Drama]]></category>"
            f"<category domain='post_format' nicename='aside'>Aside</category>"
            f"<wp:postmeta><wp:meta_key>_thumbnail_id</wp:meta_key>"
            f"<wp:meta_value>{9000 + self.number}</wp:meta_value></wp:postmeta></item>"
            f"<item><title>picture</title><wp:post_id>{9000 + self.number}</wp:post_id>"
            f"<wp:post_type>attachment</wp:post_type><wp:status>inherit</wp:status>"
            f"<wp:attachment_url>{self.site}/{self.number}.jpg</wp:attachment_url></item>"
        )

    def rss(self) -> str:
        """As a feed tells of it."""
        return (
            f"<item><title>{escape(self.name)}</title><link>{self.url}</link><dc:creator>Dolly</dc:creator>"
            f"<guid isPermaLink='false'>{self.guid}</guid><pubDate>Sun, 20 Sep 2015 10:00:00 +0000</pubDate>"
            f"<category>Drama</category><description>The flock …</description>"
            f"<content:encoded><![CDATA[{self.body}]]></content:encoded></item>"
        )

    def page(self) -> str:
        """As a page of its own."""
        return (
            f"<!DOCTYPE html><html><head><title>{escape(self.name)}</title></head><body><article>"
            f"<h1>{escape(self.name)}</h1><div class='entry-content'>{self.body}</div></article></body></html>"
        )


def samples(count: int, **changes: Any) -> list[Sample]:
    """So many reviews."""
    return [Sample(number=number, **changes) for number in range(1, count + 1)]


def news(number: int, title: str = "News of the site") -> Sample:
    """A post that is no review."""
    return Sample(number=number, title=title, text="We move to another host on Monday.", sheep="", credits="")


def export(posts: Iterable[Sample]) -> str:
    """An export file."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"'
        ' xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Baa</title><link>https://baa.example</link>'
        "<wp:wxr_version>1.2</wp:wxr_version><wp:author><wp:author_login>dolly</wp:author_login>"
        "<wp:author_display_name><![CDATA[Dolly W.]]></wp:author_display_name></wp:author>\n"
        + "\n".join(post.item() for post in posts)
        + "\n</channel></rss>\n"
    )


def feed(posts: Iterable[Sample]) -> str:
    """An RSS feed."""
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Baa</title><link>https://baa.example</link>'
        + "".join(post.rss() for post in posts)
        + "</channel></rss>"
    )


class WordPressSite:
    """WordPress's interface on a loopback site.

    Attributes:
        posts: What is published there, and what is not; by their numbers.
        most: The most posts that it gives at once.
        breaks_behind: Behind so many posts it fails.
    """

    def __init__(self, site: Site, posts: Iterable[Sample], *, linked: bool = True, root: str = "/wp-json/") -> None:
        self.posts = {post.number: post for post in posts}
        self.most = 100
        self.breaks_behind: int | None = None
        self._linked = linked
        self._root = root
        self._site = site
        site.answers["/"] = self._home
        site.answers[f"{root}wp/v2/posts"] = self._list

    async def _home(self, request: web.Request) -> web.Response:
        if "rest_route" in request.query:
            return await self._list(request) if self._root == "/?" else web.Response(status=404)
        response = web.Response(text="<html><body>My site.</body></html>", content_type="text/html")
        if self._linked:
            response.headers.add("Link", f'<{self._site.url}{self._root}>; rel="https://api.w.org/"')
            response.headers.add("Link", f"<{self._site.url}/?p=1>; rel=shortlink")
        return response

    async def _list(self, request: web.Request) -> web.Response:
        asked = request.query
        size, page = int(asked.get("per_page", "10")), int(asked.get("page", "1"))
        if size > self.most:
            return web.json_response({"code": "rest_invalid_param"}, status=400)
        if self.breaks_behind is not None and (page - 1) * size >= self.breaks_behind:
            return web.Response(status=503)
        since = asked.get("modified_after", "").removesuffix("Z")
        found = [post for _, post in sorted(self.posts.items()) if post.modified > since]
        if page > 1 and (page - 1) * size >= len(found):
            return web.json_response({"code": "rest_post_invalid_page_number"}, status=400)
        entries = [post.entry() for post in found[(page - 1) * size : page * size]]
        return web.Response(
            text=json.dumps(entries), content_type="application/json", headers={"X-WP-Total": str(len(found))}
        )
