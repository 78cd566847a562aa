"""The line from the film that some critics put above or below a review."""

# ruff: noqa: RUF001 - signs as critics type them

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from bot.reviews.importers.markup import bare

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_QUOTE = 300
NEAR = 3
"""So many paragraphs from either end a quote may stand."""

_BY = r"[–—―~-]{1,2}\s*(?P<by>[^\W\d_][^\n.!?“”\"]{0,58}[.]?)"
_QUOTED = re.compile(rf"(?:[“„\"](?P<a>[^“”\"]+)[”“\"]|«(?P<b>[^«»]+)»|「(?P<c>[^「」]+)」|‘(?P<d>.+)’)\s*(?:{_BY})?")
_ATTRIBUTED = re.compile(rf"(?P<a>.+?[.!?…])\s*{_BY}")
_PRESS = re.compile(
    r"\b(?:times|post|guardian|variety|magazine|press|news|daily|review|reporter|observer|telegraph|empire|vulture|critics?|"
    r"rotten|metacritic|imdb)\b|\.(?:com|net|org|co)\b|, the\b",
    re.IGNORECASE,
)


class Quote(NamedTuple):
    """A line, who says it, and the text without it."""

    said: str | None
    by: str | None
    blocks: list[str]


def find(blocks: Sequence[str]) -> Quote:
    """The first line near either end that is set apart as a quotation: with who says it, or in a block quote."""
    ends = dict.fromkeys((*range(min(NEAR, len(blocks))), *range(max(0, len(blocks) - NEAR), len(blocks))))
    for number in ends:
        block = blocks[number]
        if len(block) > 2 * MAX_QUOTE:
            continue
        found = _quote(block, is_first=number == 0)
        if not found:
            continue
        rest = [*blocks[:number], *blocks[number + 1 :]]
        if not rest:
            return Quote(None, None, list(blocks))
        return Quote(*found, rest)
    return Quote(None, None, list(blocks))


def _quote(block: str, *, is_first: bool) -> tuple[str, str | None] | None:
    lines = block.split("\n")
    set_apart = all(line.startswith(">") for line in lines)
    text = " ".join(filter(None, map(bare, lines)))
    found = _QUOTED.fullmatch(text) or (_ATTRIBUTED.fullmatch(text) if set_apart else None)
    if not found:
        return None
    groups = found.groupdict()
    said = next(groups[name] for name in "abcd" if groups.get(name)).strip(' “”"')
    by = groups["by"]
    if (not by and not (set_apart and is_first)) or len(said) > MAX_QUOTE or (by and _PRESS.search(by)):
        return None
    return said, by.strip(" ,") if by else None
