"""HTML or plain text to Markdown that reads well in Discord: only the critic's words stay."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from markdownify import MarkdownConverter

from bot.reviews.importers import ratings
from bot.reviews.importers.parsing import MAX_DEPTH, MAX_LINE, UnreadableError, attribute, depth, parse
from bot.reviews.importers.repair import sound

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

MAX_PROMPT = 400
_BLOCKS = "p|div|h[1-6]|ul|ol|li|dl|blockquote|pre|table|tr|td|figure|section|article|hr|center|form|header|main"
_STARTS_BLOCK = re.compile(rf"\s*</?(?:{_BLOCKS})(?=[\s/>])", re.IGNORECASE)
_HAS_PARAGRAPHS = re.compile(r"<(?:p|br)(?=[\s/>])", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")

_DROPPED = frozenset(("form", "nav", "footer", "button", "audio", "video", "canvas", "embed", "map", "input", "hr"))
_JUNK = re.compile(
    r"(?:post-|entry-|article-|jp-|wp-block-|site-|td-|et_)?(?:shar(?:e|ing)|sharedaddy|social|related|relatedposts|"
    r"addtoany|a2a|heateor|comments?|respond|newsletter|subscribe|subscription|advert(?:isement)?s?|ads?|adsbygoogle|"
    r"promo|breadcrumbs?|author-(?:box|bio)|nav(?:igation)?|pagination|gallery|tiled-gallery|blocks-gallery|slideshow|"
    r"polls?|yarpp|outbrain|taboola|screen-reader-text|sidebar|widget|popup|likes|tags?-links|cat-links|toc|meta|byline|posted-on)"
    r"(?:[-_](?:\w|-)*)?",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)

_ATTRIBUTES = r"(?:[^\]\[\"\n]|\"[^\"\n]{0,2000}\"){0,200}"
_EMBED = re.compile(
    r"\[(embed|video|audio|youtube|vimeo|playlist)\b[^\]\n]{0,500}\][^\[\n]{0,500}\[/\1\]", re.IGNORECASE
)
_SCORED = re.compile(rf"\[(?:\w+[-_])?(?:rating|stars?|review)(?:[-_]\w+)?\s({_ATTRIBUTES})/?\]", re.IGNORECASE)
_SHORTCODE = re.compile(
    r"\[/?(?:(?:caption|gallery|embed|video|audio|playlist|youtube|vimeo|soundcloud|twitter|tweet|instagram|spotify)\b"
    rf"(?:[ =]{_ATTRIBUTES})?|(?:et_pb|vc|fusion|su|mk|av|wp)_\w+\b{_ATTRIBUTES}|"
    r"/?[a-z][\w-]*(?:\s+[\w-]+=[^\]\n]{0,500}))/?\]|\[/[a-z][\w-]{1,40}\]",
    re.IGNORECASE,
)
_VALUE = re.compile(r"\b(?:rating|value|score|stars?)=[\"']?([\d.,]{1,5})", re.IGNORECASE)
_BEST = re.compile(r"\b(?:max|best|of|out[-_]?of|total)=[\"']?(\d{1,3})", re.IGNORECASE)

_PROMPT = re.compile(
    r"\W*(?:your\s+turn\b.*|how\s+many\s+sheep\s+would\s+you\b.*|share\s+your\s+thoughts\b.{0,80}|"
    r"share\s+(?:this(?:\s+(?:post|article|review|page|entry))?(?:\s+on\s+\w+)?|on\s+\w+)\W*|like\s+this:.{0,20}|"
    r"(?:you\s+(?:may|might)\s+also\s+like|related(?:\s+(?:posts?|articles?|reviews?))?|tweet|pin\s+it|loading)\W*|"
    r"the\s+post\s.{1,300}appeared\s+first\s+on\s.*|(?:continue\s+reading|read\s+more)\b.{0,150}|"
    r"click\s+(?:here\s+)?to\s+(?:share|email|print|tweet)\b.*|leave\s+a\s+(?:comment|reply)\W*|filed\s+under\b.{0,200}|"
    r"posted\s+in\b[^.!?]{0,150}|tags?:.{0,200}|(?:sign\s+up|subscribe)\b.{0,150}|follow\s+(?:me|us)\s+on\b.{0,100}|"
    r"advertisements?\W*)",
    re.IGNORECASE,
)
_ESCAPED = re.compile(r"[\\*_`~|]|<(?=[@#:/a-z!&\d])|(?<=\])\(", re.IGNORECASE)
_AT_START = re.compile(r"^(\s*)(#{1,3}|-#|>{1,3}|[-+]|\d{1,9}(?=\.\s))(?=[\s.])")
_LINK = re.compile(r"(?<!\\)\[((?:[^\]\[\\]|\\.)*+)\]\([^)\s]*\)")
_MARKS = re.compile(r"\\([^\w\s])|\*{1,3}|~~|`+")
_LISTED = re.compile(r" +(?:-|1\.) ")
_LEADING = re.compile(r"^(?:> ?|#{1,3} |- |\d+\. )+")


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
    """The tree as Markdown of the kinds that Discord shows.

    Args:
        base: The address that relative links start from.

    Raises:
        UnreadableError: It is nested too deeply.
    """
    if depth(tree) > MAX_DEPTH:
        raise UnreadableError("its HTML is nested too deeply")
    written = sound(_Converter(base, len(tree.get_text())).convert_soup(tree))
    lines = "\n".join(one.rstrip() if _LISTED.match(one) else one.strip() for one in written.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def address(href: str, base: str | None = None) -> str | None:
    """A link as Markdown can hold it; None where it leads nowhere on the web."""
    href = html.unescape(sound(href)).strip()
    if not href:
        return None
    try:
        href = urljoin(base or "", href)
        urlsplit(href)  # joining to nothing looks at nothing
    except ValueError:
        return None
    if not re.match(r"https?://[^\s/?#]", href, re.IGNORECASE) or len(href) > MAX_LINE:
        return None
    return re.sub(r"[\s()<>\\]", lambda found: f"%{ord(found[0]):02X}", href)


_library: Any = MarkdownConverter  # its types name none of what it converts with


class _Converter(MarkdownConverter):
    """Markdown as Discord shows it: no tables, rules or pictures, one size of headings; and without side matters."""

    def __init__(self, base: str | None, length: int) -> None:
        super().__init__(heading_style="atx", bullets="-", autolinks=False)
        self._base = base
        self._length = length

    def process_tag(self, node: Tag, parent_tags: set[str] | None = None) -> str:
        if node.name in _DROPPED or (node.attrs and self._is_junk(node)):
            return ""
        return str(_library.process_tag(self, node, parent_tags))

    def _is_junk(self, tag: Tag) -> bool:
        if "hidden" in tag.attrs or _HIDDEN.search(attribute(tag, "style")):
            return True
        names = f"{attribute(tag, 'class')} {attribute(tag, 'id')}".split()
        # What holds most of the text is no side matter, whatever it is called.
        return any(map(_JUNK.fullmatch, names)) and 2 * len(tag.get_text()) <= self._length

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        href = address(attribute(el, "href"), self._base)
        el.attrs = {"href": href} if href else {}
        return str(_library.convert_a(self, el, text, parent_tags))

    def convert_img(self, el: Tag, text: str, **_: object) -> str:
        """Nothing, or the emoji or the verdict that it is a picture of."""
        alt = sound(attribute(el, "alt"))
        said = (len(alt) <= 8 and not any(map(str.isalnum, alt))) or ratings.alone(alt)
        return self.escape(f"{alt}{text}", set()) if said else text

    def escape(self, text: str, parent_tags: set[str]) -> str:
        del parent_tags
        text = text.replace("\n", " ")
        return _AT_START.sub(
            r"\1\\\2" if not text.lstrip()[:1].isdigit() else r"\1\2\\", _ESCAPED.sub(r"\\\g<0>", text)
        )

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

    def convert_hN(self, _n: int, _el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: N802 - the library's
        text = " ".join(text.split())
        return text if "_inline" in parent_tags else f"\n\n### {text}\n\n" if text else ""

    def convert_li(self, el: Tag, text: str, **_: object) -> str:
        mark = "1." if el.parent and el.parent.name == "ol" else "-"  # Discord counts on from the first number itself
        lines = [one.rstrip() for one in text.strip().split("\n") if one.strip()]
        return f"{mark} {f'{chr(10)}  '.join(lines)}\n" if lines else ""

    def convert_tr(self, _el: Tag, text: str, **_: object) -> str:
        return f"\n{text.strip()}\n"

    def convert_td(self, el: Tag, text: str, **_: object) -> str:
        text = text.strip()
        if "\n" in text:
            return f"\n\n{text}\n\n"
        # The first of two cells is what the other says something of.
        named = text and len(text) <= 30 and not el.find_previous_sibling() and len(el.find_next_siblings(limit=2)) == 1
        return f"{text}: " if named and text.rstrip("*_")[-1:] not in set(":.") else f"{text} "

    def convert_dt(self, _el: Tag, text: str, **_: object) -> str:
        return f"\n{text.strip()}\n"

    convert_dd = convert_dt
    convert_th = convert_td
    convert_header = convert_main = convert_center = _library.convert_div


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
