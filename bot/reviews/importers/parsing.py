"""HTML to a tree, whatever it is: bounded in size, depth and time."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import nh3
from bs4 import BeautifulSoup
from bs4.exceptions import ParserRejectedMarkup

from bot.reviews.importers.repair import sound

if TYPE_CHECKING:
    from bs4 import Tag

MAX_HTML = 1_000_000
"""Characters of HTML that are parsed at the most, once scripts and comments are gone."""
MAX_TAGS = 40_000
MAX_DEPTH = 100
MAX_LINE = 2_000
"""Characters of a title, a name or such a line that are looked at."""


class UnreadableError(Exception):
    """Says in a few words why a text cannot be read."""


_RAW = ("script", "style", "template", "svg", "noscript", "iframe", "object", "textarea", "select")
_RAW_START = re.compile(rf"<(?:(!--)|({'|'.join(_RAW)})(?=[\s/>]))", re.IGNORECASE)
_RAW_END = {name: re.compile(rf"</{name}(?=[\s/>])[^>]*>", re.IGNORECASE) for name in _RAW} | {"!--": re.compile("-->")}
_TAG = re.compile(r"""</?[a-z](?>[^<>"']++|"[^"]{0,4000}+"|'[^']{0,4000}+')*+>|<(?:[!?][^<>]*+>)?""", re.IGNORECASE)
_HUGE_REFERENCE = re.compile(r"&#x?[0-9a-f]{8,};?", re.IGNORECASE)
_UNCLOSED = re.compile(r"<p(?=[\s>])", re.IGNORECASE)


def parse(markup: str) -> BeautifulSoup:
    """A tree of HTML, whatever it is.

    The tree is Python's own parser's: it takes time in proportion to the text, and never makes more elements than
    there are tags, as the repair of open tags that the HTML standard asks for does without bound.

    Raises:
        UnreadableError: It is too long, or has too many tags.
    """
    markup = _without_raw(markup)
    if len(markup) > MAX_HTML:
        raise UnreadableError(f"it is longer than {MAX_HTML:,} characters")
    if markup.count("<") > MAX_TAGS:
        raise UnreadableError(f"it has more than {MAX_TAGS:,} tags")
    markup = _HUGE_REFERENCE.sub("\ufffd", _TAG.sub(_only_tags, markup))
    lowered = markup.lower()
    if lowered.count("<p>") + lowered.count("<p ") > lowered.count("</p"):
        markup = _UNCLOSED.sub("</p><p", markup)  # as a browser closes them
    try:
        return BeautifulSoup(f"<div>{markup}</div>", "html.parser")
    except (ParserRejectedMarkup, ValueError) as error:
        raise UnreadableError("its HTML is broken") from error


def _only_tags(found: re.Match[str]) -> str:
    tag = found[0]
    return "&lt;" if tag == "<" else "" if tag[1] in "!?" else tag


def _without_raw(markup: str) -> str:
    """What is not for reading cut out: comments, scripts, and what is in elements that browsers show otherwise."""
    kept: list[str] = []
    at = 0
    while start := _RAW_START.search(markup, at):
        kept.append(markup[at : start.start()])
        end = _RAW_END[(start[1] or start[2]).lower()].search(markup, start.end())
        at = end.end() if end else len(markup)
    return "".join((*kept, markup[at:]))


def line(markup: str) -> str:
    """HTML of a title or a name as one line of text, its entities resolved and tags gone."""
    markup = sound(markup[:MAX_LINE])
    if "<" in markup:
        markup = nh3.clean(re.sub(r"<br\s*/?>", " ", markup), tags=set())
    for _ in range(2):  # feeds often carry entities of entities
        markup = html.unescape(markup)
    return " ".join(sound(markup).split())


def attribute(tag: Tag, name: str) -> str:
    """An attribute of an element, its words joined where it is a list; nothing where there is none."""
    value = tag.get(name) or ""
    return value if isinstance(value, str) else " ".join(value)


def depth(tree: BeautifulSoup) -> int:
    """How deeply the elements of a tree lie in each other."""
    depths = {id(tree): 0}
    for tag in tree.find_all():
        depths[id(tag)] = depths[id(tag.parent)] + 1
    return max(depths.values())
