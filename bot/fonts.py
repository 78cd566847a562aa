"""The fonts that are installed: which of them has a letter, and how wide a text is in them.

Pictures are drawn with these fonts and no others, so nothing is drawn in a box that no font has a letter for.
"""

from __future__ import annotations

import os
import re
import unicodedata
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("~/.local/share/fonts"),
    Path("~/.fonts"),
    Path("/System/Library/Fonts"),
    Path("/Library/Fonts"),
    Path("~/Library/Fonts"),
    Path("C:/Windows/Fonts"),
)
FAMILIES = ("notosans", "dejavusans", "liberationsans", "helvetica", "arial", "segoeui")
"""For what is not in a script of its own: the first of these that is there, else any that has the alphabet."""
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789…"
_SUFFIXES = (".ttf", ".otf", ".ttc")
_UNFIT = "italic|oblique|mono|condensed|narrow|light|thin|black|medium|extra|semi|math|slanted|lastresort"
_SANS = "sans|gothic|helvet|arial|cjk|emoji"
_EMOJI = 0x1F000
"""From here on, letters are pictures."""
_AS_EMOJI, _JOINER = "\ufe0f", "\u200d"
_STYLES = ("regular", "book", "bold")
_KEPT = 20_000
"""Letters whose font is remembered."""
FAMILY_NAMES = (16, 1)
"""The entries of a font's table of names by which a family is asked for, best first."""


class NoFontError(Exception):
    """No installed font has a letter; the message says of which script."""


class Font:
    """A font file, opened when it is looked at."""

    def __init__(self, path: Path, stem: str) -> None:
        self.path = path
        self.stem = stem
        self.bold = "bold" in stem
        self.emoji = "emoji" in stem

    @cached_property
    def _face(self) -> Any:
        hb = _harfbuzz()
        return hb.Face(hb.Blob.from_file_path(str(self.path)))

    @cached_property
    def _points(self) -> Any:
        try:
            return self._face.unicodes  # a file that is no font has none
        except _harfbuzz().HarfBuzzError:  # it cannot be read
            return frozenset[int]()

    @cached_property
    def family(self) -> str:
        """The name by which it is asked for."""
        names: list[str | None] = [self._face.get_name(number) for number in FAMILY_NAMES]
        return next(filter(None, names), "")

    @cached_property
    def _variable(self) -> bool:
        return any(axis.tag == "wght" for axis in self._face.axis_infos)

    def draws(self, text: str) -> bool:
        """Whether it has all letters of a text."""
        return all(ord(char) in self._points for char in text if not _is_sign(char))

    def width(self, text: str, *, bold: bool) -> float:
        """How wide it sets a text, in the height of its letters (em)."""
        hb = _harfbuzz()
        font = hb.Font(self._face)
        if self._variable:
            font.set_variations({"wght": 700 if bold else 400})
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        hb.shape(font, buffer)
        return sum(place.x_advance for place in buffer.glyph_positions or ()) / self._face.upem


class Fonts:
    """The installed fonts, best first."""

    def __init__(self, folders: Iterable[Path] = FOLDERS) -> None:
        found = [Font(path, re.sub(r"[^a-z0-9]", "", path.stem.lower())) for path in font_files(folders)]
        self._all = sorted((font for font in found if not re.search(_UNFIT, font.stem)), key=_order)
        self._base = next((font for font in self._all if font.draws(ALPHABET)), None)
        family = re.sub(r"(regular|book|bold)$", "", self._base.stem) if self._base else ""
        self._family = [font for font in self._all if font.stem in {family, *(family + style for style in _STYLES)}]
        self._found: dict[tuple[str, bool], Font | None] = {}

    def runs(self, text: str, *, bold: bool = False) -> list[tuple[Font, str]]:
        """A text in parts, each with the font that it is set in.

        Raises:
            NoFontError: A letter is in no font.
        """
        parts: list[tuple[Font, str]] = []
        for cluster in _clusters(text):
            before = parts[-1][0] if parts else None
            stays = before and not before.emoji and not cluster[0].isalpha() and ord(cluster[0]) < _EMOJI
            font = before if before and stays and before.draws(cluster) else self._look_up(cluster, bold=bold)
            if font is None:
                raise NoFontError(f"no installed font has {script(cluster)} letters")
            if font is before:
                parts[-1] = font, parts[-1][1] + cluster
            else:
                parts.append((font, cluster))
        return parts

    def width(self, text: str, *, bold: bool = False) -> float:
        """How wide a text is, in the height of its letters (em); raises as :meth:`runs` does."""
        return sum(font.width(part, bold=bold) for font, part in self.runs(text, bold=bold))

    def lacking(self, text: str) -> list[str]:
        """Which scripts of a text no font has letters for."""
        return sorted({script(cluster) for cluster in _clusters(text) if not self._look_up(cluster, bold=False)})

    def _look_up(self, cluster: str, *, bold: bool) -> Font | None:
        key = cluster, bold
        if key not in self._found:
            if len(self._found) > _KEPT:
                self._found.clear()
            fonts = self._candidates(cluster, bold=bold)
            self._found[key] = next((font for font in fonts if font.draws(cluster)), None)
        return self._found[key]

    def _candidates(self, cluster: str, *, bold: bool) -> Iterator[Font]:
        if self._base is None:
            return
        if ord(cluster[0]) >= _EMOJI or _AS_EMOJI in cluster:
            yield from (font for font in self._all if font.emoji)
        yield from sorted(self._family, key=lambda font: font.bold is not bold)
        for wanted in (bold, not bold):
            yield from (font for font in self._all if font.bold is wanted)


def _harfbuzz() -> Any:
    import uharfbuzz  # pyright: ignore  # noqa: PGH003, PLC0415 - untyped; an optional part, which only those load who draw

    return uharfbuzz


def font_files(folders: Iterable[Path] = FOLDERS) -> Iterator[Path]:
    """Every font file in the folders."""
    for folder in folders:
        for place, _, names in os.walk(folder.expanduser()):
            yield from (Path(place, name) for name in names if name.lower().endswith(_SUFFIXES))


def script(letter: str) -> str:
    """The script of a letter, by the first word of its name: ``THAI``, ``CJK``."""
    return unicodedata.name(letter[0], "UNNAMED").split()[0]


def _clusters(text: str) -> Iterator[str]:
    """A text in letters, each with its marks and all that is joined to it."""
    cluster = ""
    for char in text:
        kind = unicodedata.category(char)
        if cluster and (kind in {"Mn", "Me", "Mc", "Cf"} or (cluster[-1] == _JOINER and kind[0] in "LS")):
            cluster += char
        else:
            if cluster:
                yield cluster
            cluster = char
    if cluster:
        yield cluster


def _is_sign(char: str) -> bool:
    """Whether a character only tells how another is drawn: a joiner, a direction, a choice of variants."""
    return unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


def _order(font: Font) -> tuple[int, bool, int, str]:
    plain = re.sub(r"(regular|book|bold)$", "", font.stem)
    preferred = FAMILIES.index(plain) if plain in FAMILIES else len(FAMILIES)
    return preferred, not re.search(_SANS, font.stem), len(font.stem), font.stem
