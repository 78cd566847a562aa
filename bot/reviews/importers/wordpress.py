"""WordPress sites, through the REST interface that nearly all of them have: every post, or those modified since."""

from __future__ import annotations

import html
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from yarl import URL

from bot.errors import FetchError, SourceError
from bot.reviews.importers.links import links
from bot.reviews.importers.post import Post, moment
from bot.reviews.importers.source import Source

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterator

    from bot.fetching import Fetched, Fetcher

RELATION = "https://api.w.org/"
"""By this a page links to the root of its site's interface."""
SIZES = (100, 20, 5)
"""Posts a request: as many as WordPress gives, fewer where that is refused or too much. Each divides the one before."""
MAX_POSTS = 200_000
FIELDS = "id,guid,link,date_gmt,modified_gmt,status,title,content,meta,acf,_links,_embedded"
EMBEDDED = "author,wp:term,wp:featuredmedia"
REFUSALS = frozenset((401, 403, 404, 410, 429))
OVERLAP = timedelta(days=1)
"""So much is read again the next time: sites' clocks are set back, and posts are saved while others are read."""
MAX_META = 300
"""Fields of one post."""


class WordPress(Source):
    """A site.

    Attributes:
        home: Its host.
        total: How many posts will come, once the first of them has.
        present: Once all posts have come, the guids of all that there are, modified or not.
        mark: Once all posts have come, under what and what to keep, to be given as ``since`` the next time.
    """

    kind = "site"

    def __init__(self, fetcher: Fetcher, root: URL, since: str | None = None) -> None:
        self._fetcher = fetcher
        self._root = root
        self._since = since
        self.home = root.host_port_subcomponent or ""

    async def posts(self) -> AsyncGenerator[Post]:
        """Each post that is published and has no password, the oldest first.

        Raises:
            SourceError: The site stops answering as WordPress does.
        """
        newest = ""
        present: set[str] = set()
        asked = {"_fields": FIELDS, "_embed": EMBEDDED}
        if self._since:
            asked["modified_after"] = self._since
        async for entry in self._entries(asked):
            newest = max(newest, _text(entry.get("modified_gmt")))
            if post := _post(entry):
                present.add(post.guid)
                yield post
        if latest := moment(newest):
            latest = min(latest, datetime.now(UTC))  # a date to come would hide all until then
            self.mark = (str(self._root), (latest - OVERLAP).strftime("%Y-%m-%dT%H:%M:%SZ"))
        if self._since:
            present = {_guid(entry) async for entry in self._entries({"_fields": "id,guid,link"})}
        self.present = present

    async def _entries(self, asked: dict[str, str]) -> AsyncIterator[dict[str, Any]]:
        """Every entry of every page; in the order of their ids, so that one that is published meanwhile moves none."""
        seen: set[str] = set()
        sizes, page = list(SIZES), 1
        while len(seen) < MAX_POSTS:
            try:
                answer = await self._page(asked, page, sizes[0])
            except FetchError as error:
                if error.status == 400 and page > 1:  # there is no such page any more
                    return
                if error.status in REFUSALS or len(sizes) == 1:
                    raise
                page = (page - 1) * sizes.pop(0) // sizes[0] + 1
                continue
            entries = _read(answer)
            if entries is None:
                raise SourceError(f"{self.home} answers, but not as WordPress does.")
            with suppress(ValueError):
                self.total = int(answer.headers.get("X-WP-Total", ""))
            new = [entry for entry in entries if str(entry["id"]) not in seen]
            seen.update(str(entry["id"]) for entry in new)
            for entry in new:
                yield entry
            if not new or len(entries) < sizes[0]:
                return
            page += 1

    async def _page(self, asked: dict[str, str], page: int, size: int) -> Fetched:
        where = {"per_page": str(size), "page": str(page), "orderby": "id", "order": "asc"}
        return await self._fetcher.get(str(_posts(self._root).update_query(asked | where)))


async def discover(fetcher: Fetcher, page: Fetched) -> URL | None:
    """The root of a site's interface, where a page is the home of a WordPress site; else None."""
    here = URL(page.url)
    said = next((link.href for link in links(page) if RELATION in link.rel), None)
    try:
        roots = [URL(said)] if said else [here.with_query(None) / "wp-json/", here.with_query(rest_route="/")]
    except ValueError:
        return None
    if not is_home(page.url) and (here.query_string or here.path.rstrip("/") not in _homes(roots[0])):
        return None
    for root in roots:
        with suppress(FetchError):
            if _read(await fetcher.get(str(_posts(root).update_query(per_page="1", _fields="id")))) is not None:
                return root
    return None


def is_home(url: str) -> bool:
    """Whether an address is of a whole host."""
    return URL(url).path_qs in {"", "/"}


def _homes(root: URL) -> set[str]:
    """The paths that stand for the whole site of a root: of its home, and its own; without their last slash."""
    path = root.path.rstrip("/")
    return {path, path.removesuffix("/wp-json").removesuffix("/index.php")}


def _posts(root: URL) -> URL:
    if route := root.query.get("rest_route"):
        return root.update_query(rest_route=f"{route.rstrip('/')}/wp/v2/posts")
    return root / "wp/v2/posts"


def _read(answer: Fetched) -> list[dict[str, Any]] | None:
    """The entries of an answer; None where it is none of WordPress."""
    try:
        found: object = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, list):
        return None
    entries = cast("list[object]", found)
    return [cast("dict[str, Any]", entry) for entry in entries if isinstance(entry, dict) and "id" in entry]


def _post(entry: dict[str, Any]) -> Post | None:
    content = _object(entry.get("content"))
    if entry.get("status") != "publish" or content.get("protected"):
        return None
    embedded, url = _object(entry.get("_embedded")), _text(entry.get("link")) or None
    return Post(
        guid=_guid(entry),
        title=_rendered(entry.get("title")),
        body=_text(content.get("rendered")),
        url=url,
        author=next((name for one in _list(embedded.get("author")) if (name := _text(one.get("name")))), None),
        published=moment(_text(entry.get("date_gmt"))),
        modified=moment(_text(entry.get("modified_gmt"))),
        categories=tuple(_terms(embedded)),
        image_url=next(
            (url for one in _list(embedded.get("wp:featuredmedia")) if (url := _text(one.get("source_url")))), None
        ),
        meta=dict(_meta(entry)),
    )


def _guid(entry: dict[str, Any]) -> str:
    return html.unescape(_rendered(entry.get("guid"))) or _text(entry.get("link")) or str(entry["id"])


def _terms(embedded: dict[str, Any]) -> Iterator[str]:
    taxonomies: object = embedded.get("wp:term")
    for terms in cast("list[object]", taxonomies) if isinstance(taxonomies, list) else ():
        for term in _list(terms):
            if name := _text(term.get("name")):
                yield name


def _meta(entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The fields that the site shows of a post: its own, and those of Advanced Custom Fields, a level deep."""
    found = {**_object(entry.get("meta")), **_object(entry.get("acf"))}
    for name, value in list(found.items())[:MAX_META]:
        for inner, said in _object(value).items() or [("", value)]:
            one = _single(said)
            if isinstance(one, str | int | float) and not isinstance(one, bool) and one != "":
                yield f"{name}.{inner}" if inner else name, str(one)


def _single(value: object) -> object:
    """The one value of a list that has but one, as meta fields are given."""
    found = cast("list[object]", value) if isinstance(value, list) else []
    return found[0] if len(found) == 1 else cast("object", value)


def _rendered(value: object) -> str:
    return _text(_object(value).get("rendered"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _object(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: object) -> list[dict[str, Any]]:
    return [_object(one) for one in cast("list[object]", value)] if isinstance(value, list) else []
