"""Who made the film, from the lines in which critics say so."""

# ruff: noqa: RUF001 - signs as critics type them

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from bot.reviews.importers.markup import bare
from bot.reviews.importers.titles import set_right
from bot.reviews.model import Credits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_NAMES = 30
MAX_NAME = 60
"""Characters; what is longer is a sentence."""
MAX_LINE = 1_500

WRITTEN, DIRECTED, STARRING = Credits.__dataclass_fields__
_WROTE = r"(?:written|screenplay|script|scripted|story|teleplay|adapted)"
_DID = r"(?:directed|direction)"
_LABELS = {
    (WRITTEN, DIRECTED): (
        rf"(?:{_WROTE}\s*(?:and|&|\+|/|,)\s*{_DID}(?:\s+by)?|{_DID}\s*(?:and|&|\+|/|,)\s*{_WROTE}(?:\s+by)?|"
        r"writers?\s*(?:[-/&+]|and)\s*directors?|directors?\s*(?:[-/&+]|and)\s*writers?)"
    ),
    (
        WRITTEN,
    ): rf"(?:(?:{_WROTE}(?:\s*(?:&|and|/)\s*{_WROTE})?)\s+by|screenplay|script|screenwriters?|writers?|writ\.)",
    (DIRECTED,): r"(?:directed\s+by|direction\s+by|a\s+film\s+by|directors?|dir\.|dir)",
    (STARRING,): r"(?:starring|stars|(?:main\s+|voice\s+)?cast|featuring|with\s+the\s+voices?\s+of|actors)",
    (): (
        r"(?:(?:produced|music|edited|cinematography|photographed|costumes|distributed|released|photography|score|based\s+on\s+the\s+\w+)\s+by|"
        r"producers?|executive\s+producers?|music|composer|cinematographer|cinematography|editors?|editing|running\s+time|run\s*time|"
        r"length|rated|mpaa(?:\s+rating)?|certificate|release(?:d|\s+date)?|in\s+cinemas|genres?|country|language|studio|distributor|year)"
    ),
}
_LABEL = re.compile(
    "|".join(f"(?P<l{number}>{pattern})(?![^\\W_])" for number, pattern in enumerate(_LABELS.values())), re.IGNORECASE
)
_RUN_ON = re.compile(
    r"(?<=[^\W\d_A-Z])(?=(?:Written|Screenplay|Directed|Starring|Produced|Music|Distributed|Cast)(?:\s+(?:by|and|&)\b|:|\s+(?-i:[A-Z])))"
)
_WITH = re.compile(r"(?i:with)\s*:?\s+(?=\w)")
_WITH_INSIDE = re.compile(r"([.;|/])\s+With:?\s+(?=[^\W\da-z])")
_COLON = re.compile(r"\s*[:–—-]+\s*")
_ENDS = " \t,;.|/•·–—-:&*"
_AND = re.compile(r"\s*(?:[,;/|•·\n]|(?<=\s)(?:and|with|&|\+)(?=\s))\s*(?:(?:and|with|&)\s+)?", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|ph\.?d|esq)\.?", re.IGNORECASE)
_ASIDE = re.compile(
    r"\s*\([^()]{0,80}\)|\s*\[[^\[\]]{0,80}\]|\s+as\s+(?-i:[A-Z“\"])[^,;]{0,60}|,?\s*\(?based\s+on\b.*|,?\s*\(?\b(?:18|19|20)\d\d\b.*",
    re.IGNORECASE,
)
_LENGTH = re.compile(r"[,;|/(\s]*\b\d{2,3}\s*min(?:ute)?s?\b[.)\s]*$", re.IGNORECASE)
_AND_MORE = re.compile(r"(?:,\s*|\s+)(?:and|&)?\s*(?:(?:many\s+)?others|more|et al\.?|etc\.?)\s*\.?$", re.IGNORECASE)
_PARTICLES = frozenset(
    (
        *("de", "da", "das", "do", "dos", "del", "della", "der", "den", "di", "du", "la", "le", "las", "los"),
        *("van", "von", "ter", "ten", "bin", "al", "el", "y", "e", "of", "the", "brothers", "sisters"),
    )
)


class Found(NamedTuple):
    """Credits, and the text without the lines that gave them."""

    credits: Credits
    blocks: list[str]


class _Line(NamedTuple):
    """A line of credits: what is said under which labels.

    Attributes:
        last: The fields of a label at its end whose names are still to come.
    """

    said: list[tuple[tuple[str, ...], tuple[str, ...]]]
    last: tuple[str, ...] = ()


def find(blocks: Sequence[str]) -> Found:
    """Credits in the paragraphs of a Markdown text.

    A line counts that begins with a label ("Written by", "Dir:", "Cast:") and has nothing but labels and names, or
    facts of the film such as its length; a sentence does not. Where two lines name different directors, or different
    casts, the text is of several films, and names nobody.
    """
    said: dict[str, list[tuple[str, ...]]] = {WRITTEN: [], DIRECTED: [], STARRING: []}
    kept: list[tuple[int, str]] = []
    waiting: tuple[str, ...] = ()
    label_alone: int | None = None
    after = False
    for number, line in ((number, line) for number, block in enumerate(blocks) for line in block.split("\n")):
        text = bare(line) if len(line) <= MAX_LINE else ""
        names = _names(text, waiting) if waiting else ()
        if names and all(len(name.split()) > 1 or not name.isascii() for name in names):
            found = _Line([(waiting, names)])
            if label_alone is not None:
                del kept[label_alone]
        else:
            found = _line(text, after=after)
        waiting, label_alone = found.last if found else (), None
        after = bool(found and found.said) or (after and (not text or found is not None))
        for fields, listed in found.said if found else ():
            for field in fields:
                said[field].append(listed)
        if not found or (waiting and not found.said):
            label_alone = len(kept) if found else None  # it goes once the next line names somebody
            kept.append((number, line))
    rest = ["\n".join(line for _, line in lines) for _, lines in groupby(kept, key=lambda one: one[0])]
    return Found(
        Credits(tuple(_together(said[WRITTEN])), _one(said[DIRECTED]), _one(said[STARRING])),
        rest,
    )


def from_facts(facts: Mapping[str, str]) -> Credits:
    """Credits from what a page says for machines."""
    return Credits(
        *(
            tuple(facts.get(f"film.{field}", "").split("\n"))[:MAX_NAMES] if facts.get(f"film.{field}") else ()
            for field in (WRITTEN, DIRECTED, STARRING)
        )
    )


def _one(said: list[tuple[str, ...]]) -> tuple[str, ...]:
    return said[0] if said and all(names == said[0] for names in said) else ()


def _together(said: list[tuple[str, ...]]) -> list[str]:
    return list(dict.fromkeys(name for names in said for name in names))[:MAX_NAMES]


def _line(text: str, *, after: bool) -> _Line | None:
    """A line of credits taken apart; None where it is none.

    Args:
        after: Whether the line before is one, so that "With" begins a cast, and facts of the film belong to it.
    """
    text = text.lstrip(_ENDS + "([")
    if after and (alone := _WITH.match(text)):
        names = _names(text[alone.end() :], (STARRING,))
        return _Line([((STARRING,), names)]) if names else None
    if not _LABEL.match(text):
        return None
    text = _WITH_INSIDE.sub(r"\1 | Starring ", _RUN_ON.sub(" | ", text))
    labels = [found for found in _LABEL.finditer(text) if _is_label(text, found)]
    if not labels or labels[0].start():
        return None
    said: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    last: tuple[str, ...] = ()
    for number, label in enumerate(labels):
        end = labels[number + 1].start() if number + 1 < len(labels) else len(text)
        fields = list(_LABELS)[int(str(label.lastgroup)[1:])]
        value = text[label.end() : end].strip().removesuffix(" and")
        if not fields:
            by_whom = label[0].lower().endswith("by")
            if len(value) > 100 or not value.strip(_ENDS) or (by_whom and not _names(value, fields)):
                return None
            continue
        names = _names(value, fields)
        if names:
            said.append((fields, names))
        elif number == len(labels) - 1 and not value.strip(_ENDS):
            last = fields
        else:
            return None
    return _Line(said, last) if said or last or after else None


def _is_label(text: str, found: re.Match[str]) -> bool:
    """Whether a label stands where one can, and not inside a word, a name or a sentence."""
    before, word, behind = text[: found.start()].rstrip(), found[0], text[found.end() :]
    if found.start() and text[found.start() - 1].isalnum():
        return False
    needs_colon = not (
        re.search(r"\bby$", word, re.IGNORECASE)
        or word.lower() in {"starring", "featuring", "rated"}
        or word.endswith(".")
    )
    if needs_colon and behind.strip(_ENDS) and not _COLON.match(behind):
        return False
    # Inside a line a label begins large, or behind a sign or "and"; what goes on as a sentence has no names behind it.
    return not before or word[0].isupper() or before[-1] in _ENDS or before.endswith(" and")


def _names(said: str, fields: tuple[str, ...]) -> tuple[str, ...]:
    """The names in a list of names; none where any part of it is something else."""
    text = _AND_MORE.sub("", _LENGTH.sub("", _ASIDE.sub("", said.strip(_ENDS))))
    text = re.sub(r"^the\s+voices?\s+of\s+", "", text, flags=re.IGNORECASE).strip(_ENDS)
    if not text:
        return ()
    if re.search(r"(?i:\b[js]r)$", text) and said.rstrip(" \t").endswith("."):
        text += "."
    names: list[str] = []
    for part in _AND.split(text):
        name = part.strip(' \t"“”')
        if names and _SUFFIX.fullmatch(name):
            names[-1] = f"{names[-1]}, {name}" if name[0] in "JSjs" else f"{names[-1]} {name}"
        elif name:
            names.append(name)
    names = [set_right(name) if len(name) > 3 else name for name in names]
    shared = re.fullmatch(r"([\w-]+)\s+(?:and|&)\s+(\w+\s.+)", text)
    if shared and len(names) == 2 and STARRING not in fields:  # "Joel and Ethan Coen" share a name; "Cher" has but one
        names = [text]
    if not all(map(_is_name, names)):
        return ()
    return tuple(dict.fromkeys(names))[:MAX_NAMES]


def _is_name(name: str) -> bool:
    words = name.replace(",", "").split()
    if not words or len(name) > MAX_NAME or len(words) > 6 or not any(map(str.isalpha, name)):
        return False
    if re.search(r"[!?:;<>@#%=_]|[a-z]{3,}\.(?:\s|$)|https?", name):
        return False
    proper = [word for word in words if not word[0].islower()]
    return bool(proper) and all(
        word in _PARTICLES or word in {"and", "&"} or "’" in word or "'" in word for word in words if word[0].islower()
    )
