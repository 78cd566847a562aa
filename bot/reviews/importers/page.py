"""A saved or fetched page as a post: its article, and what the page says about it."""

# ruff: noqa: RUF001 - signs as critics type them

from __future__ import annotations

import re
from datetime import datetime
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.reviews.importers import structured
from bot.reviews.importers.markup import address
from bot.reviews.importers.parsing import UnreadableError, attribute, line, parse
from bot.reviews.importers.post import Post

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bs4 import BeautifulSoup, Tag

LEAST = 200
"""Characters of text that an element must have to be taken for the article by its name."""
MAX_HEADING = 150

_CONTENT = re.compile(
    r"(?:entry|post|article|story|blog|page|review|single|td-post|main|hentry)[-_]?(?:item[-_]?)?(?:content|body|text|copy)(?:[-_]\w+)?|"
    r"e-content|prose|rich-text|hentry|sqs-layout",
    re.IGNORECASE,
)
_BY = re.compile(r"^(?:(?:written|posted|reviewed)\s+)?by:?\s+", re.IGNORECASE)
_SECTIONS = frozenset(("div", "section", "td", "article", "main", "body"))


def read_page(markup: str, url: str | None, name: str, *, plain: bool) -> Post:
    """A page as a post. Never fails: what cannot be read is left to :func:`bot.reviews.importers.reading.read_post`.

    The article is the longest of the elements that call themselves an article's content; of the ``<article>`` and
    ``<main>`` elements; of the elements that hold paragraphs: the first of these ways that finds any.

    Args:
        markup: The page, decoded.
        url: Where it was found.
        name: What it is called where it was found, such as a file's name.
        plain: Whether it is plain text: the title, and the text below it.
    """
    if plain:
        return _plain(markup, url, name)
    facts = structured.facts(markup)
    try:
        tree = parse(markup)
    except UnreadableError:
        return Post(guid=url or name, title=_stem(name), body=markup, url=url, meta=facts)
    facts = structured.facts("", tree) | facts
    said = _said(tree)
    own = _own_address(_linked(tree, "canonical") or said.get("og:url", ""), url)
    article = _article(tree)
    published = said.get("article:published_time") or facts.get("review.published") or facts.get("article.published")
    return Post(
        guid=own or name,
        title=_title(tree, article, said, facts) or _stem(name),
        body=str(article),
        url=own,
        author=facts.get("review.author") or facts.get("article.author") or said.get("author") or _author(tree),
        published=_moment(published) or next(filter(None, map(_moment, _times(article, tree))), None),
        modified=_moment(said.get("article:modified_time")),
        categories=tuple(_categories(tree, said)),
        image_url=said.get("og:image") or facts.get("review.image"),
        meta=facts,
    )


def _plain(text: str, url: str | None, name: str) -> Post:
    first, _, rest = text.strip("\ufeff \t\r\n").replace("\r\n", "\n").partition("\n")
    if not rest.strip() or len(first) > MAX_HEADING:
        first, rest = _stem(name), text
    # A title is HTML to those who read posts.
    title = first.strip("#= \t").replace("&", "&amp;").replace("<", "&lt;")
    return Post(guid=url or name, title=title, body=rest, plain=True, url=url)


def _stem(name: str) -> str:
    return " ".join(re.split(r"[-_\s]+", PurePath(name).stem)).strip().capitalize()


def _said(tree: BeautifulSoup) -> dict[str, str]:
    """The ``<meta>`` elements by name; of several the first, but for tags, which are joined by line breaks."""
    said: dict[str, str] = {}
    for tag in tree.find_all("meta"):
        name = (attribute(tag, "property") or attribute(tag, "name")).lower()
        value = attribute(tag, "content").strip()
        if name == "article:tag" and name in said:
            said[name] += f"\n{value}"
        elif name and value:
            said.setdefault(name, value)
    return said


def _linked(tree: BeautifulSoup, rel: str) -> str:
    link = tree.find("link", rel=rel)
    return attribute(link, "href") if link else ""


def _own_address(said: str, url: str | None) -> str | None:
    """What a page says its address is, where it is one of the site that it was found on."""
    own, found = address(said, url), address(url or "")
    if url and not (own and found and urlsplit(own).hostname == urlsplit(found).hostname):
        return url
    return own


def _article(tree: BeautifulSoup) -> Tag:
    tags = tree.find_all()
    named = [tag for tag in tags if tag.name in _SECTIONS and _is_content(tag)]
    articles = [tag for tag in tags if tag.name == "article"] or [
        tag for tag in tags if tag.name == "main" or attribute(tag, "role") == "main"
    ]
    for candidates in (named, articles):
        sized = {id(tag): len(tag.get_text()) for tag in candidates[:100]}
        best = max(candidates[:100], key=lambda tag: sized[id(tag)], default=None)
        if best is not None and sized[id(best)] >= LEAST:
            return best
    weights: dict[int, tuple[int, Tag]] = {}
    for tag in tags:
        if tag.name in {"p", "br", "blockquote"} and tag.parent is not None:
            weight, _ = weights.get(id(tag.parent), (0, tag.parent))
            said = tag.get_text() if tag.name != "br" else tag.next_sibling if isinstance(tag.next_sibling, str) else ""
            weights[id(tag.parent)] = weight + len(said), tag.parent
    heaviest = max(weights.values(), key=lambda pair: pair[0], default=None)
    return heaviest[1] if heaviest and heaviest[0] >= LEAST else tree.find("body") or tree


def _is_content(tag: Tag) -> bool:
    if attribute(tag, "itemprop") in {"articleBody", "reviewBody"}:
        return True
    return any(map(_CONTENT.fullmatch, (*attribute(tag, "class").split(), attribute(tag, "id"))))


def _title(tree: BeautifulSoup, article: Tag, said: dict[str, str], facts: dict[str, str]) -> str:
    heading = article.find("h1") or tree.find("h1")
    named = tree.find("title")
    title = (
        said.get("og:title")
        or facts.get("article.name")
        or (heading.get_text(" ") if heading else "")
        or (named.get_text() if named else "")
    )
    title = " ".join(title.split())
    site = line(said.get("og:site_name", ""))
    if site and title.lower().endswith(site.lower()):
        title = title[: -len(site)].rstrip(" |–—-:·»•") or title
    return title.replace("<", "&lt;")


def _author(tree: BeautifulSoup) -> str | None:
    by = tree.find(rel="author") or tree.find(class_="author") or tree.find(class_="byline")
    said = _BY.sub("", " ".join(by.get_text(" ").split())) if by else ""
    return said if 0 < len(said) <= 60 else None


def _times(article: Tag, tree: BeautifulSoup) -> Iterator[str]:
    for within in (article, tree):
        for tag in within.find_all("time", limit=5):
            yield attribute(tag, "datetime")


def _moment(said: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat((said or "").strip())
    except ValueError:
        return None


def _categories(tree: BeautifulSoup, said: dict[str, str]) -> Iterator[str]:
    found = [said.get("article:section", ""), *said.get("article:tag", "").split("\n")]
    found += [tag.get_text(" ", strip=True) for tag in tree.find_all("a", rel=["tag", "category"], limit=50)]
    return iter(dict.fromkeys(one for one in found if one))
