"""The process that draws: SVG comes in, PNG goes out.

resvg holds the interpreter's lock while it draws: in a thread of the bot, a card of a tenth of a second would hold up
every click for so long. So :mod:`bot.pictures` has it done here, in a process of its own, which ends with its input.

A text with a ``data-room`` is cut at a word to be no wider than that. Each is set in the fonts that have its letters;
where none has, its ``data-else`` is, so that nobody sees boxes.
"""

from __future__ import annotations

import sys
import unicodedata
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET

import resvg_py

from bot.fonts import Fonts, NoFontError
from bot.ui.text import cut
from bot.worker import serve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.fonts import Font

SVG = "http://www.w3.org/2000/svg"
TEXT, PART = f"{{{SVG}}}text", f"{{{SVG}}}tspan"
ROOM, ELSE = "data-room", "data-else"
BOLD = "700"
DRAWN, REFUSED = b"+", b"-"
PRESERVE = "{http://www.w3.org/XML/1998/namespace}space"
RIGHT_TO_LEFT, END = "\u2067", "\u2069"
"""A text between these runs from right to left, whatever it begins with."""
_DIRECTIONS = {"L": False, "R": True, "AL": True}
_GOES_ON = {"EN", "AN", "NSM", "BN"}
"""Numbers, marks and what is not seen: they go with what stands before them."""

ET.register_namespace("", SVG)


def draw(svg: str, fonts: Fonts) -> bytes:
    """The picture, as PNG.

    Raises:
        NoFontError: There is no font for a letter in it.
    """
    ready, files = typeset(svg, fonts)
    # With the fonts that it takes and no others: to look for those of the system costs more than to draw, each time.
    return resvg_py.svg_to_bytes(svg_string=ready, skip_system_fonts=True, font_files=files)


def typeset(svg: str, fonts: Fonts) -> tuple[str, list[str]]:
    """A card with its texts cut to fit and set in their fonts, and the files of those; raises as :func:`draw` does."""
    card = ET.fromstring(svg)  # noqa: S314 - it is one of our own templates, and what came from outside is escaped
    files: dict[Path, None] = {}
    _set(card, fonts, files, {"font-size": "16", "font-weight": "400", "text-anchor": "start"})
    return ET.tostring(card, encoding="unicode"), [str(file) for file in files]


def _set(element: ET.Element, fonts: Fonts, files: dict[Path, None], inherited: dict[str, str]) -> None:
    """Set every text of an element in its fonts, part by part.

    Each part is placed by itself: resvg would shape all of them in each of their fonts, and may fail in putting
    together what comes of it.
    """
    style = {name: element.get(name, value) for name, value in inherited.items()}
    if element.tag != TEXT:
        for child in element:
            _set(child, fonts, files, style)
        return
    size, bold = float(style["font-size"]), style["font-weight"] == BOLD
    words = element.text or ""
    if (spare := element.get(ELSE)) and fonts.lacking(words):
        words = spare
    words = fit(words, float(element.get(ROOM, "inf")) / size, fonts, bold=bold)
    parts = _parts(words, fonts, bold=bold)
    x = float(element.get("x", "0"))
    if style["text-anchor"] == "end":
        x -= size * _width(parts, bold=bold)
    element.text = None
    element.set("text-anchor", "start")
    for part in parts:
        shown = part.text.rstrip() if part.backward else part.text
        end = x + size * part.font.width(part.text, bold=bold)
        if part.backward:  # what stands at its end stands on its left, but a space would not
            x = end - size * part.font.width(shown, bold=bold)
            shown = f"{RIGHT_TO_LEFT}{shown}{END}"
        set_in = {"x": f"{x:.2f}", "font-family": f"'{part.font.family}'", PRESERVE: "preserve"}
        ET.SubElement(element, PART, set_in).text = shown
        files[part.font.path] = None
        x = end


def fit(words: str, room: float, fonts: Fonts, *, bold: bool = False) -> str:
    """A text cut at a word to be at most so wide, in the height of its letters (em)."""
    shown, limit = words, len(words)
    while limit and (width := _width(_parts(shown, fonts, bold=bold), bold=bold)) > room:
        limit = min(limit - 1, int(limit * room / width) + 1)
        shown = cut(words, limit)
    return shown


class _Part(NamedTuple):
    """A piece of a text in one font and one direction."""

    font: Font
    text: str
    backward: bool


def _width(parts: Sequence[_Part], *, bold: bool) -> float:
    return sum(part.font.width(part.text, bold=bold) for part in parts)


def _parts(words: str, fonts: Fonts, *, bold: bool) -> list[_Part]:
    """A text in the parts that it is set in, from left to right."""
    found: list[_Part] = []
    for text, backward in from_left_to_right(words):
        parts = [_Part(font, part, backward) for font, part in fonts.runs(text, bold=bold)]
        found += reversed(parts) if backward else parts
    return found


def from_left_to_right(words: str) -> list[tuple[str, bool]]:
    """A text in stretches of one direction, in the order in which they are seen; true runs backward.

    This is the Unicode Bidirectional Algorithm for a title's worth of text: numbers go with the words before them, and
    what has no direction of its own with the words around it, or else with the text, as its first letter tells.
    """
    letters = [unicodedata.bidirectional(char) for char in words]
    whole = next((_DIRECTIONS[letter] for letter in letters if letter in _DIRECTIONS), False)
    if not whole and not any(_DIRECTIONS.get(letter) for letter in letters):
        return [(words, False)]
    known: list[bool | None] = []
    before = whole
    for letter in letters:
        before = _DIRECTIONS.get(letter, before)
        known.append(before if letter in _DIRECTIONS or letter in _GOES_ON else None)
    following = whole
    stretches: list[tuple[str, bool]] = []
    for index in range(len(words) - 1, -1, -1):
        kind = known[index]
        if kind is None:
            led_to_by = next((one for one in known[index::-1] if one is not None), whole)
            kind = following if led_to_by == following else whole
        else:
            following = kind
        if stretches and stretches[-1][1] == kind:
            stretches[-1] = words[index] + stretches[-1][0], kind
        else:
            stretches.append((words[index], kind))
    return stretches if whole else stretches[::-1]


def answer(order: bytes, fonts: Fonts) -> bytes:
    """A card as PNG, behind :data:`DRAWN`; or why there is none, behind :data:`REFUSED`."""
    try:
        return DRAWN + draw(order.decode(), fonts)
    except NoFontError as error:
        return REFUSED + str(error).encode()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - a panic in resvg is none of Exception; it is told where there is a log
        return REFUSED + f"{type(error).__name__}: {error}".encode(errors="replace")


if __name__ == "__main__":
    serve(partial(answer, fonts=Fonts(map(Path, sys.argv[1:]))))
