"""HTML or plain text to Markdown that reads well in Discord: only the critic's words stay."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import nh3
from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.exceptions import ParserRejectedMarkup
from markdownify import MarkdownConverter

from bot.reviews.importers import ratings
from bot.reviews.importers.repair import sound

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_HTML = 1_000_000
"""Characters of HTML that are parsed at the most, once scripts and comments are gone."""
MAX_TAGS = 40_000
MAX_DEPTH = 100
MAX_PROMPT = 400
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
_BLOCKS = "p|div|h[1-6]|ul|ol|li|dl|blockquote|pre|table|tr|td|figure|section|article|hr|center|form|header|main"
_STARTS_BLOCK = re.compile(rf"\s*</?(?:{_BLOCKS})(?=[\s/>])", re.IGNORECASE)
_HAS_PARAGRAPHS = re.compile(r"<(?:p|br)(?=[\s/>])", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")

_DROPPED = frozenset(("form", "nav", "footer", "button", "audio", "video", "canvas", "embed", "map", "input", "hr"))
_JUNK = re.compile(
    r"(?:post-|entry-|article-|jp-|wp-block-|site-|td-|et_)?(?:shar(?:e|ing)|sharedaddy|social|related|relatedposts|"
    r"addtoany|a2a|heateor|comments?|respond|newsletter|subscribe|subscription|advert(?:isement)?s?|ads?|adsbygoogle|"
    r"promo|breadcrumbs?|author-(?:box|bio)|nav(?:igation)?|pagination|gallery|tiled-gallery|blocks-gallery|slideshow|"
    r"polls?|yarpp|outbrain|taboola|screen-reader-text|sidebar|widget|popup|likes|tags?-links|cat-links|toc)"
    r"(?:[-_](?:\w|-)*)?",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)

_ATTRIBUTES = r"(?:[^\]\[\"\n]|\"[^\"\n]{0,2000}\"){0,200}"
_EMBED = re.compile(r"\[(embed|video|audio|youtube|vimeo|playlist)\b[^\]\n]{0,500}\][^\[\n]{0,500}\[/\1\]", re.IGNORECASE)
_SCORED = re.compile(rf"\[(?:\w+[-_])?(?:rating|stars?|review)(?:[-_]\w+)?\s({_ATTRIBUTES})/?\]", re.IGNORECASE)
_SHORTCODE = re.compile(
    r"\[/?(?:(?:caption|gallery|embed|video|audio|playlist|youtube|vimeo|soundcloud|twitter|tweet|instagram|spotify)\b"
    rf"(?:[ =]{_ATTRIBUTES})?|(?:et_pb|vc|fusion|su|mk|av|wp)_\w+\b{_ATTRIBUTES}|/?[a-z][\w-]*(?:\s+[\w-]+=[^\]\n]{{0,500}}))/?\]|"
    r"\[/[a-z][\w-]{1,40}\]",
    re.IGNORECASE,
)
_VALUE = re.compile(r"\b(?:rating|value|score|stars?)=[\"']?([\d.,]{1,5})", re.IGNORECASE)
_BEST = re.compile(r"\b(?:max|best|of|out[-_]?of|total)=[\"']?(\d{1,3})", re.IGNORECASE)

_PROMPT = re.compile(
    r"\W*(?:your\s+turn\b.*|how\s+many\s+sheep\s+would\s+you\b.*|share\s+(?:your\s+thoughts|this(?:\s+\w+)?|on\s+\w+)\b.{0,80}|like\s+this:?.{0,20}|"
    r"(?:you\s+(?:may|might)\s+also\s+like|related(?:\s+(?:posts?|articles?|reviews?))?)\W*|the\s+post\s.{1,300}appeared\s+first\s+on\s.*|"
    r"(?:continue\s+reading|read\s+more)\b.{0,150}|click\s+(?:here\s+)?to\s+(?:share|email|print|tweet)\b.*|leave\s+a\s+(?:comment|reply)\W*|"
    r"(?:filed|posted)\s+(?:under|in)\b.{0,200}|tags?:.{0,200}|(?:tweet|pin\s+it|loading)\W*|(?:sign\s+up|subscribe)\b.{0,150}|"
    r"follow\s+(?:me|us)\s+on\b.{0,100}|advertisements?\W*)",
    re.IGNORECASE,
)
_ESCAPED = re.compile(r"[\\*_`~|]|[<\[](?=[@#:/a-z!&\d])|(?<=\])\(", re.IGNORECASE)
_AT_START = re.compile(r"^(\s*)(#{1,3}|-#|>{1,3}|[-+]|\d{1,9}(?=\.))(?=[\s.])")
_LINK = re.compile(r"(?<!\\)\[((?:[^\]\[\\]|\\.)*+)\]\([^)\s]*\)")
_MARKS = re.compile(r"\\([^\w\s])|\*{1,3}|~~|`+")
_LISTED = re.compile(r" +(?:-|1\.) ")
_LEADING = re.compile(r"^(?:> ?|#{1,3} |- |\d+\. )+")


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


def from_plain(text: str) -> str:
    """Plain text as HTML; lines that were only broken to a width are joined."""
    paragraphs: list[str] = []
    for paragraph in _BLANK_LINES.split(sound(text).strip()):
        lines = paragraph.split("\n")
        wrapped = len(lines) > 1 and all(50 <= len(one) <= 100 for one in lines[:-1])
        paragraphs.append(html.escape(paragraph).replace("\n", " " if wrapped else "<br>"))
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


def to_tree(markup: str) -> BeautifulSoup:
    """The tree of a post: shortcodes resolved, paragraphs made where its editor leaves that to the blog."""
    if "[" in markup:
        markup = _SHORTCODE.sub("", _SCORED.sub(_scored, _EMBED.sub("", markup)))
    if "\n" in markup and not _HAS_PARAGRAPHS.search(markup):
        chunks = _BLANK_LINES.split(markup.replace("\r\n", "\n").strip())
        markup = "\n".join(
            chunk if _STARTS_BLOCK.match(chunk) else f"<p>{'<br>'.join(chunk.split(chr(10)))}</p>" for chunk in chunks
        )
    return parse(markup)


def _scored(found: re.Match[str]) -> str:
    value, best = _VALUE.search(found[1]), _BEST.search(found[1])
    if not value:
        return ""
    return f"<p>Rating: {value[1]}{f'/{best[1]}' if best else ''}</p>"


def to_markdown(tree: BeautifulSoup, base: str | None = None) -> str:
    """The tree as Markdown of the kinds that Discord shows; the tree is used up.

    Args:
        base: The address that relative links start from.

    Raises:
        UnreadableError: It is nested too deeply.
    """
    _prune(tree, base)
    try:
        written = _Converter(heading_style="atx", bullets="-", autolinks=False).convert_soup(tree)
    except RecursionError as error:
        raise UnreadableError("its HTML is nested too deeply") from error
    lines = "\n".join(
        one.rstrip() if _LISTED.match(one) else one.strip() for one in sound(written).split("\n")
    )
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def _prune(tree: BeautifulSoup, base: str | None) -> None:
    depths = {id(tree): 0}
    for tag in list(tree.find_all(True)):
        depth = depths.get(id(tag.parent), 0) + 1
        if depth > MAX_DEPTH:
            raise UnreadableError("its HTML is nested too deeply")
        depths[id(tag)] = depth
        if tag.decomposed:
            continue
        if tag.name == "img":
            alt = _string(tag, "alt")
            said = not any(map(str.isalnum, alt)) and len(alt) <= 8 or ratings.alone(alt)
            tag.replace_with(NavigableString(alt if said else ""))
        elif tag.name in _DROPPED or (tag.attrs and _is_junk(tag, tree)):
            tag.decompose()
        elif tag.name == "a":
            tag.attrs = {"href": href} if (href := address(_string(tag, "href"), base)) else {}


def _is_junk(tag: Tag, tree: BeautifulSoup) -> bool:
    if "hidden" in tag.attrs or _HIDDEN.search(_string(tag, "style")):
        return True
    names = f"{_string(tag, 'class')} {_string(tag, 'id')}".split()
    # What holds most of the text is no side matter, whatever it is called.
    return any(map(_JUNK.fullmatch, names)) and 2 * len(tag.get_text()) <= len(tree.get_text())


def _string(tag: Tag, name: str) -> str:
    value = tag.get(name) or ""
    return value if isinstance(value, str) else " ".join(value)


def address(href: str, base: str | None = None) -> str | None:
    """A link as Markdown can hold it; None where it leads nowhere on the web."""
    href = html.unescape(sound(href)).strip()
    if not href:
        return None
    try:
        href = urljoin(base or "", href)
    except ValueError:
        return None
    if not re.match(r"https?://[^\s/?#]", href, re.IGNORECASE) or len(href) > MAX_LINE:
        return None
    return re.sub(r"[\s()<>\\]", lambda found: f"%{ord(found[0]):02X}", href)


class _Converter(MarkdownConverter):
    """Markdown as Discord shows it: no tables, rules or pictures, two sizes of headings."""

    def escape(self, text: str, parent_tags: set[str]) -> str:
        del parent_tags
        text = text.replace("\n", " ")
        return _AT_START.sub(r"\1\\\2" if not text.lstrip()[:1].isdigit() else r"\1\2\\", _ESCAPED.sub(r"\\\g<0>", text))

    def _marked(self, mark: str, again: set[str], text: str, parent_tags: set[str]) -> str:
        """Each line marked by itself, so that lines can be taken out one by one."""
        if again & parent_tags or "_noformat" in parent_tags:
            return text
        return "\n".join(_wrapped(one, mark) for one in text.split("\n"))

    def convert_b(self, _el: Tag, text: str, parent_tags: set[str]) -> str:
        return self._marked("**", {"b", "strong", "h1", "h2", "h3", "h4", "h5", "h6"}, text, parent_tags)

    def convert_em(self, _el: Tag, text: str, parent_tags: set[str]) -> str:
        return self._marked("*", {"i", "em", "cite"}, text, parent_tags)

    def convert_del(self, _el: Tag, text: str, parent_tags: set[str]) -> str:
        return self._marked("~~", {"s", "del"}, text, parent_tags)

    convert_strong = convert_b
    convert_i = convert_cite = convert_em
    convert_s = convert_del

    def convert_br(self, _el: Tag, text: str, parent_tags: set[str]) -> str:
        return f" {text}" if "_inline" in parent_tags else f"\n{text}"

    def convert_hN(self, _n: int, _el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: N802 - the library's name for it
        text = " ".join(text.split())
        return text if "_inline" in parent_tags else f"\n\n### {text}\n\n" if text else ""

    def convert_li(self, el: Tag, text: str, _parent_tags: set[str]) -> str:
        mark = "1." if el.parent and el.parent.name == "ol" else "-"  # Discord counts on from the first number itself
        lines = [one.rstrip() for one in text.strip().split("\n") if one.strip()]
        return f"{mark} {f'{chr(10)}  '.join(lines)}\n" if lines else ""

    def convert_tr(self, _el: Tag, text: str, _parent_tags: set[str]) -> str:
        return f"\n{text.strip()}\n"

    def convert_td(self, _el: Tag, text: str, _parent_tags: set[str]) -> str:
        return f"{text.strip()} " if "\n" not in text.strip() else f"\n\n{text.strip()}\n\n"

    def convert_dt(self, _el: Tag, text: str, _parent_tags: set[str]) -> str:
        return f"\n{text.strip()}\n"

    convert_dd = convert_dt
    convert_th = convert_td
    convert_header = convert_main = convert_center = MarkdownConverter.convert_div


def _wrapped(text: str, mark: str) -> str:
    inner = text.strip()
    if not inner:
        return text
    return f"{text[: len(text) - len(text.lstrip())]}{mark}{inner}{mark}{text[len(text.rstrip()) :]}"


def bare(markdown: str) -> str:
    """A line of Markdown that :func:`to_markdown` wrote, without its marks."""
    without = _LINK.sub(r"\1", _LEADING.sub("", markdown))
    return " ".join(_MARKS.sub(lambda found: found[1] or "", without).split())


def blocks(markdown: str) -> list[str]:
    """The paragraphs of a Markdown text."""
    return [block for block in markdown.split("\n\n") if block.strip()]


def without_prompts(paragraphs: list[str]) -> list[str]:
    """The paragraphs without what asks readers to vote, share, subscribe or read on, and without feeds' own notes."""
    kept = ("\n".join(one for one in block.split("\n") if not _is_prompt(one)) for block in paragraphs)
    return [block for block in kept if block.strip(" \n*_~#>")]


def _is_prompt(one: str) -> bool:
    return len(one) <= MAX_PROMPT and _PROMPT.fullmatch(bare(one)) is not None
