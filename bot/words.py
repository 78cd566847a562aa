"""A server's list of words, found in thoughts as whole words, however they are dressed up. No I/O."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from bot.reviews.titles import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_WORDS = 200
"""So many words a server's list has at the most."""
MAX_WORD = 40
"""Characters of a word, folded."""
_SELECTORS = re.compile("[\ufe00-\ufe0f]")  # they choose between two looks of one character


def fold_word(text: str) -> str:
    """A word, or a few, as they are kept on a list; empty where there is nothing to find."""
    return fold(_seen(text))


def found(words: Iterable[str], body: str) -> list[str]:
    """The folded words that are in a text, in order.

    Case, accents and full-width letters make no difference, and neither do signs or spaces between the letters. What
    has no letters, such as an emoji, or is of a script that puts no spaces between words, is found anywhere.
    """
    body = _seen(body)
    apart = f" {fold(body)} "
    joined = f" {' '.join(fold(chunk).replace(' ', '') for chunk in body.split())} "
    everything = "".join(_letters(body).split())
    return sorted(word for word in words if _is_in(word, apart, joined, everything))


def _is_in(word: str, apart: str, joined: str, everything: str) -> bool:
    letters = word.replace(" ", "")
    if not any(map(str.isalnum, letters)) or any(unicodedata.east_asian_width(char) == "W" for char in letters):
        return letters in everything
    return f" {word} " in apart or f" {word} " in joined or f" {' '.join(letters)} " in apart


def _seen(text: str) -> str:
    return "".join(char for char in _SELECTORS.sub("", text) if char.isascii() or unicodedata.category(char) != "Cf")


def _letters(text: str) -> str:
    """The text as :func:`fold` sees it, with its signs."""
    marked = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(char for char in marked if not unicodedata.combining(char))
