"""Text for Discord: made harmless, cut to size, and said in words."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from bot.ranking import MAX_SHEEP, MIN_SHEEP

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.ranking import Tally

SHEEP = "🐑"
ELLIPSIS = "…"
BAR_WIDTH = 10
MAX_MARKS = 5
"""More marks than this on one letter are a way to paint over the lines around it; Burmese needs five."""

_JOINERS = "\u200c\u200d"
_MARKS = {"Mn", "Me"}
_BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # letters and marks that draw nothing
_UNSEEN = {"Cc", "Cf", "Cs", "Co"}
_MARKDOWN = re.compile(r"[\\*_~`|\[\]()<>@#:]|^\s*[-+]|^\s*\d+(?=\.)", re.MULTILINE)
_PAIRED = re.compile(r"\\.|```|\*\*|__|\*|~~|\|\||`", re.DOTALL)
_HALF_A_LINK = re.compile(r"\[[^\]]*(?:\](?:\([^)]*)?)?$")


def clean(text: str) -> str:
    r"""Take out what is not seen but does harm: controls, bidi overrides, zero-width characters.

    Line breaks stay as ``\n``, at most two in a row. A joiner stays where it joins
    an emoji or the letters of a script that needs it.
    """
    text = re.sub(r"\r\n?|[\u2028\u2029]", "\n", text).replace("\t", " ")
    seen = "".join(char for char in text if char in _JOINERS or _is_seen(char))
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", seen):
        before = kept[-1] if kept else " "
        if char in _JOINERS:
            if before.isascii() or before.isspace() or before in _JOINERS:
                continue
        elif not char.isascii() and unicodedata.category(char) in _MARKS:
            marks += 1
            if marks > MAX_MARKS or before.isspace():
                continue
        else:
            marks = 0
        kept.append(char)
    # What stood between a letter and its accent is gone: they are one character again.
    joined = unicodedata.normalize("NFC", re.sub(r"[\u200c\u200d](?=[\x00-\x7f\s]|\Z)", "", "".join(kept)))
    lines = "\n".join(line.rstrip() for line in joined.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def _is_seen(char: str) -> bool:
    if char.isascii():
        return " " <= char <= "~" or char == "\n"
    return unicodedata.category(char) not in _UNSEEN and char not in _BLANK


def plain(text: str, limit: int) -> str:
    """One clean line for places that know no Markdown: labels, footers, choices."""
    return cut(" ".join(clean(text).split()), limit)


def literal(text: str, limit: int) -> str:
    """Text that Discord shows as it was typed: no formatting, masked link, mention or invite takes effect.

    Args:
        limit: The most characters of the result, escapes included.
    """
    shown = source = clean(text)
    while len(escaped := _MARKDOWN.sub(_escape, shown)) > limit:
        shown = cut(source, len(shown) - max(1, (len(escaped) - limit) // 2))
    return escaped


def _escape(match: re.Match[str]) -> str:
    found = match[0]
    if found.strip().isdigit():
        return f"{found}\\"  # "1." would begin a list; the dot is what is escaped
    return f"{found[:-1]}\\{found[-1]}"


def cut(text: str, limit: int) -> str:
    """At most ``limit`` characters, cut at a word and ended with "…" where anything is missing."""
    if len(text) <= limit:
        return text
    if limit < 1:
        return ""
    head = text[: limit - 1]
    if not any(char.isspace() for char in text[max(limit - 2, 0) : limit]):
        words = head.rsplit(None, 1)
        # A single very long word is cut inside: half of it says more than nothing.
        head = words[0] if len(words) == 2 and len(words[0]) >= limit // 2 else head
    return head.rstrip() + ELLIPSIS


def excerpt(markdown: str, limit: int) -> tuple[str, bool]:
    """The beginning of a Markdown text: whole paragraphs, or a cut that closes the emphasis it left open.

    Returns:
        The excerpt, and whether it is the whole text.
    """
    text = clean(markdown[: 3 * limit])
    if len(text) <= 2 * limit:  # else what follows, however long it is, is not shown, and need not be cleaned
        text = clean(markdown)
    paragraphs = text[: limit + 2].rpartition("\n\n")[0]
    if len(text) > limit and len(paragraphs) >= limit // 3:
        return paragraphs, False
    shown = text
    room = limit
    while len(shown) > limit or (shown != text and len(shown + _open_marks(shown)) > limit):
        shown = _HALF_A_LINK.sub(ELLIPSIS, cut(text, room))
        room -= 1
    return (shown, True) if shown == text else (shown + _open_marks(shown), False)


def _open_marks(markdown: str) -> str:
    opened: list[str] = []
    for mark in _PAIRED.findall(markdown):
        if opened and opened[-1] == mark:
            opened.pop()
        elif not mark.startswith("\\"):
            opened.append(mark)
    return "".join(reversed(opened))


def pages(markdown: str, limit: int) -> list[str]:
    """A long text in pages of at most ``limit`` characters, broken between paragraphs where that can be."""
    done: list[str] = []
    page = ""
    for paragraph in clean(markdown).split("\n\n"):
        rest = paragraph
        if page and len(page) + 2 + len(rest) > limit:
            done.append(page)
            page = ""
        while len(rest) > limit:
            head = cut(rest, limit).removesuffix(ELLIPSIS)
            done += [head] if head else []
            rest = rest[len(head) :].lstrip()
        page = f"{page}\n\n{rest}" if page else rest
    return [*done, page] if page or not done else done


def fit_names(names: Iterable[str], limit: int) -> str:
    """``A, B and C``, with "and 4 more" in the place of those who do not fit."""
    shown = [name for name in (literal(name, limit // 2) for name in names) if name]
    for count in range(len(shown), 0, -1):
        more = len(shown) - count
        listed = [*shown[:count], f"{more} more"] if more else shown
        text = listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} and {listed[-1]}"
        if len(text) <= limit:
            return text
    return ""


def plural(count: int, one: str) -> str:
    """``1 vote``, ``17 votes``, ``1,204 votes``."""
    return f"{count:,} {one if count == 1 else one + 's'}"


def half_sheep(half: int) -> str:
    """A verdict in half-sheep as it is said: ``3½``."""
    whole, odd = divmod(half, 2)
    return f"{whole or ''}½" if odd else str(whole)


def flock(half: int) -> str:
    """A verdict in half-sheep as a row of sheep with the words beside it: ``🐑🐑🐑½ 3½ of 5``."""
    whole, odd = divmod(half, 2)
    row = SHEEP * whole + ("½" if odd and whole else "")
    return f"{row} {half_sheep(half)} of {MAX_SHEEP}".strip()


def given(sheep: int) -> str:
    """A vote in words: ``1 sheep``, with the sheep themselves before it."""
    return f"{SHEEP * sheep} {sheep} sheep"


def average(tally: Tally) -> str:
    """``4.2 · 17 votes``, or an invitation where nobody voted yet."""
    return f"{tally.mean:.1f} · {plural(tally.votes, 'vote')}" if tally.mean is not None else "No votes yet"


def bars(tally: Tally) -> str:
    """How the votes are spread, as a code block of five bars with their counts, five sheep first."""
    most = max(tally.counts)
    lines: list[str] = []
    for sheep in range(MAX_SHEEP, MIN_SHEEP - 1, -1):
        count = tally.counts[sheep - 1]
        lines.append(f"{sheep} sheep {bar(count, most)} {count:,}")
    return block(lines)


def bar(count: int, most: int) -> str:
    """A row of ten that is filled as far as a count goes; at all where there is anything to count."""
    filled = max(1, round(BAR_WIDTH * count / most)) if count else 0
    return "█" * filled + "░" * (BAR_WIDTH - filled)


def block(lines: Iterable[str]) -> str:
    """Lines in letters of one width."""
    return "```\n" + "\n".join(lines) + "\n```"


def beside_critic(who: str, gap: float) -> str:
    """How someone's mean lies to the critic's, in a sentence."""
    if abs(gap) < 0.05:
        return f"{who} and the critic agree."
    return f"{who} is {abs(gap):.1f} sheep {'kinder' if gap > 0 else 'harder'} than the critic."


def when(seconds: int) -> str:
    """A moment, as each reader's Discord words it: "3 hours ago"."""
    return f"<t:{seconds}:R>"
