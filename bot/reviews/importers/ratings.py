"""The critic's verdict, as people write it, in half-sheep.

The rule: a verdict of v on a scale from 0 to b is ``10 · v / b`` half-sheep, to the nearest, and up where two are as
near. Sheep and stars are of five unless they say of how many; so are schema.org's ratings, by its definition. A number
that does not say of how many is of ten where it is over five, and nobody's guess below. Letters go by the conversion
that Metacritic publishes: A+ and A 100, A- 91, B+ 83, B 75, B- 67, C+ 58, C 50, C- 42, D+ 33, D 25, D- 16, F+ 8,
F and F- 0.
"""

# ruff: noqa: RUF001 - signs as critics type them

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import TYPE_CHECKING

from bot.reviews.importers.post import Rating
from bot.reviews.model import MAX_HALF_SHEEP

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LETTERS = {
    "A+": 100,
    "A": 100,
    "A-": 91,
    "B+": 83,
    "B": 75,
    "B-": 67,
    "C+": 58,
    "C": 50,
    "C-": 42,
    "D+": 33,
    "D": 25,
    "D-": 16,
    "F+": 8,
    "F": 0,
    "F-": 0,
}
MAX_LINE = 2_000
"""Characters of a line that are looked at."""

_PARTS = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3"}
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBER = (
    r"(?:(?<![\d.,/$£€#])(?<!\d[–—-])(?:"
    r"\d{1,3}(?:[.,]\d{1,2})?(?:[\s-]?[½¼¾⅓⅔]|[ -][123]/[234](?!\d)|[ -]and[ -]a[ -]half\b)?|"
    r"[123]/[234](?=\s)|[½¼¾⅓⅔]))"
)
_WORD = rf"(?:\b(?:{'|'.join(_WORDS)})(?:[ -]and[ -]a[ -]half)?\b|\bhalf an?\b)"
_VALUE = rf"(?:{_NUMBER}|{_WORD})"
_OF = r"\s*(?:/|out of|of)\s*"
_ROW = (
    r"(?P<row>(?:[★⭐🌟✮✭🐑🐏]\s?)+)(?P<half>½|1/2|[.,]5|⯨|⯪)?\s?(?P<empty>(?:[☆✩✰]\s?)*)"
    rf"(?:{_OF}(?P<row_best>\d{{1,2}}|four|five|six|ten)(?:\s+stars?|\s+sheep)?\b)?"
)
_UNITS = (
    rf"(?P<units>{_VALUE})\s*-?(?P<unit>sheep\b|stars?\b|[★⭐🌟🐑])"
    rf"(?:\s*\(?{_OF}(?:an?\s+possible\s+)?(?P<unit_best>\d{{1,3}}|four|five|six|ten)\b"
    r"(?:\s+(?:stars?|sheep)\b)?\)?)?"
)
_OUT_OF = (
    rf"(?P<points>{_VALUE})(?:\s*\()?{_OF}(?P<best>4|5|6|10|20|100|four|five|six|ten)(?!\w|\s*/|[.,]\d)"
    r"(?:\s+(?:sheep|stars?|points?|possible stars)\b)?(?!\s+[^\W\d_])"
)
_PERCENT = r"(?P<percent>(?<![\d.,])\d{1,3}(?:[.,]\d)?)\s?%"
_LETTER = r"(?<![\w'’])(?P<letter>(?-i:[A-DF][+−–-]?))(?![\w'’+])"
_ASTERISKS = rf"(?P<asterisks>\*+)(?P<asterisk_half>½|1/2)?(?:{_OF}(?P<asterisk_best>\*+|\d\b|four\b|five\b))?"
_SCORE = re.compile(f"{_ROW}|{_UNITS}|{_OUT_OF}|{_PERCENT}", re.IGNORECASE)
_LABELLED_SCORE = "|".join((_ROW, _UNITS, _OUT_OF, _PERCENT, _LETTER, _ASTERISKS, rf"(?P<bare>{_NUMBER})"))

_LABEL = (
    r"(?P<label>(?:(?:my|our|the|final|overall|critic['’]?s|film|movie|star|sheep|black sheep|letter|total)\s+){0,3}"
    r"(?:rating|score|verdict|grade|overall|total|sheep|stars|conclusion|bottom line|final thoughts?))\b"
)
_LABELLED = re.compile(
    rf"(?:^\W*|[.!?…)”\"|]\s+){_LABEL}\s*(?:[:=–—-]+|is\b|of\b)?\s*[(\[“\"]?(?:{_LABELLED_SCORE})"
    r"(?=\s*(?:$|[.,;!?)\]”\"|(–—]|-\s))",
    re.IGNORECASE,
)
_YEAR = re.compile(r"^\s*\(\d{4}\)")
_LABEL_ALONE = re.compile(rf"\W*{_LABEL}\W*", re.IGNORECASE)
_ALONE = re.compile(
    rf"[\s\[(–—•|“\"-]*(?:{_ROW}|{_UNITS}|{_OUT_OF}|{_PERCENT}|{_LETTER}|{_ASTERISKS})[\s\])–—|.!”\"-]*", re.IGNORECASE
)
_IT = r"(?:it|this(?:\s+(?:one|film|movie))?|the\s+(?:film|movie)|{title})"
_VERBS = ("giv", "gave", "award", "rate", "scor", "gets", "earns", "receives", "deserves")
_GIVEN = (
    r"\b(?:(?:I|we)(?:['’](?:d|ll|m|re|ve))?(?:\s+(?!not|never|almost|nearly|wanted|would|could|might)\w+){{0,2}}?\s+"
    rf"(?:give|gave|giving|given|award(?:ed)?|rate|rated|score|scored)\s+{_IT}|{_IT}\s+(?:gets|earns|receives|deserves))"
    r"(?:\s+(?:an?|only|just|exactly|my|generous|solid|strong|easy|perfect|full|reluctant|rare|well-earned|whopping|mere)){{0,3}}"
)
_OTHERS = re.compile(
    r"\b(?:imdb|rotten|tomato\w*|metacritic|metascore|cinemascore|mubi|mpaa|bbfc|audiences?|readers?['’]?s?|users?|visitors?|"
    r"votes?|voters|community|average|critics['’]?)\b",
    re.IGNORECASE,
)
_AT_END = re.compile(
    rf"(?P<before>.*?\S)(?:\s*[:–—|([-]\s*|\s+(?=[★⭐🌟🐑🐏✮✭]))(?:{_ROW}|{_UNITS}|{_OUT_OF}|{_PERCENT}|(?<=[(\[]){_LETTER})[)\]]?\s*",
    re.IGNORECASE,
)
_META_WORDS = frozenset(
    (
        *("critic", "critics", "editor", "editors", "review", "reviewer", "film", "movie", "my", "our"),
        *("final", "overall", "total", "value", "wp", "post", "s"),
    )
)
_META_VERDICTS = frozenset(("rating", "star", "stars", "sheep", "score", "verdict", "grade"))
_RULE = "{value:g} of {best:g}, to the nearest half"


def find(lines: Sequence[str], meta: Mapping[str, str], title: str, in_title: Rating | None) -> Rating | None:
    """The verdict of a post, or None where it has none that is certain.

    Looked for in this order: what the page or the blog says for machines; a labelled verdict; a line that is nothing
    else; "I give it …" and "it gets …"; the title. Where verdicts of one of these kinds differ, there is none.

    Args:
        lines: The text, without marks, and without what it quotes.
        title: The film's, by which sentences may call it.
        in_title: The verdict that stood in the title.
    """
    for_it = re.compile(rf"\s+for\s+{_IT.format(title=re.escape(title) or 'it')}(?=\W*$)", re.IGNORECASE)
    lines = [for_it.sub("", _plainly(one)) for one in lines if len(one) <= MAX_LINE]
    for kind in (_structured(meta), _labelled(lines), _standing_alone(lines, title), _given(lines, title), [in_title]):
        said = [rating for rating in kind if rating]
        if said:
            return said[0] if len({rating.half_sheep for rating in said}) == 1 else None
    return None


def alone(text: str) -> Rating | None:
    """The verdict that a text is, and nothing else; it may be said once more in brackets: ``★★★☆ (3/4)``."""
    found = _ALONE.fullmatch(_plainly(text)) if len(text) <= 100 else None
    if not found:
        first, _, again = text.partition("(")
        rating, other = (alone(first), alone(again)) if first and again else (None, None)
        return rating if rating and other and rating.half_sheep == other.half_sheep else None
    if found["letter"] and len(found["letter"]) == 1:
        return None
    if found["asterisks"] and not (found["asterisk_half"] or found["asterisk_best"]):
        return None  # a row of asterisks parts two scenes
    return _rating(found)


def repeats(text: str, rating: Rating) -> bool:
    """Whether a text is but a verdict, of five as sheep are, and so says only what is shown beside it."""
    rule = _RULE.format(value=rating.half_sheep / 2, best=5)
    found = alone(text)
    return found is not None and found.rule == rule


def off_title(title: str) -> tuple[str, Rating | None]:
    """A title without the verdict at its end, and the verdict."""
    found = _AT_END.fullmatch(_plainly(title)) if len(title) <= 400 else None
    rating = _rating(found) if found else None
    return (found["before"], rating) if found and rating else (title, None)


def _plainly(text: str) -> str:
    return text.replace("\ufe0f", "")  # it asks for a coloured star


def _structured(meta: Mapping[str, str]) -> Iterable[Rating | None]:
    said = meta.get("review.rating", "")
    for one in said.split("\n"):
        yield _on_scale(one, meta.get("review.best", ""), meta.get("review.worst", ""))
    for name, value in meta.items():
        words = set(filter(None, re.split(r"[\W_\d]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())))
        if name.startswith("review.") or not words & _META_VERDICTS or words - _META_VERDICTS - _META_WORDS:
            continue
        if len(value) <= 100:
            unit = "sheep" if "sheep" in words else "stars" if words & {"star", "stars"} else ""
            yield alone(value) or _bare(value, unit) or _letter(value.strip())


def _on_scale(said: str, best: str, worst: str) -> Rating | None:
    """A rating as schema.org has it, whose scale is 1 to 5 unless it says so."""
    value, top, bottom = _number(said), _number(best) if best else None, _number(worst) if worst else None
    if value is None:
        return alone(said) or _letter(said.strip())
    if top is None:
        return _scaled(value, Fraction(5), said) if value <= 5 else _bare(said, "")
    if bottom is None or bottom in {0, 1}:  # sites write 1 and mean that three of five is 3/5
        return _scaled(value, top, f"{said}/{best}")
    if bottom >= top:
        return None
    rating = _scaled(value - bottom, top - bottom, f"{said} from {worst} to {best}")
    return rating and Rating(
        rating.half_sheep, rating.said, f"{said} on a scale from {worst} to {best}, to the nearest half"
    )


def _labelled(lines: Sequence[str]) -> Iterable[Rating | None]:
    for number, one in enumerate(lines):
        if _OTHERS.search(one):
            continue
        if number + 1 < len(lines) and _LABEL_ALONE.fullmatch(one):
            yield alone(lines[number + 1]) or _letter(lines[number + 1].strip())
        found = _LABELLED.search(one)
        if not found:
            continue
        unit = "sheep" if "sheep" in found["label"].lower() else "stars" if "star" in found["label"].lower() else ""
        rating = _bare(found["bare"], unit) if found["bare"] else _rating(found)
        rest = {other.half_sheep for match in _SCORE.finditer(one, found.end()) if (other := _rating(match))}
        if rating and rest <= {rating.half_sheep}:  # else it is a legend, or compares
            yield rating


def _standing_alone(lines: Sequence[str], title: str) -> Iterable[Rating | None]:
    """Lines that are a verdict, perhaps behind the film's title: ``Cats: 1 sheep``, ``Cats (2019): 1 sheep``."""
    for one in lines:
        behind = _YEAR.sub("", one[len(title) :]).lstrip()
        yield alone(behind[1:] if title and one.startswith(title) and behind[:1] in {":", "–", "—", "-"} else one)


def _given(lines: Sequence[str], title: str) -> Iterable[Rating | None]:
    start = _GIVEN.format(title=re.escape(title) or "it")
    given = re.compile(rf"{start}\s+(?:{_ROW}|{_UNITS}|{_OUT_OF}|{_LETTER})", re.IGNORECASE)
    for one in lines:
        if any(verb in one for verb in _VERBS):
            yield from (_rating(found) for found in given.finditer(one) if not _OTHERS.search(one))


def _rating(found: re.Match[str]) -> Rating | None:
    """The verdict of a match of one of the patterns above."""
    groups: dict[str, str | None] = found.groupdict()

    def said(part: str) -> str:
        return found[0][found.start(part) - found.start() :]

    half = Fraction(1, 2)
    if row := groups["row"]:
        value = sum(not char.isspace() for char in row) + (half if groups["half"] else 0)
        blank = sum(not char.isspace() for char in groups["empty"] or "")
        best = _number(groups["row_best"] or "") or Fraction(math.ceil(value) + blank if blank else 5)
        return _scaled(Fraction(value), best, said("row")) if best in {4, 5, 6, 10} else None
    for part, of in (("units", "unit_best"), ("points", "best")):
        if given := groups[part]:
            return _scaled(_number(given), _number(groups[of] or "5"), said(part))
    if percent := groups.get("percent"):
        return _scaled(_number(percent), Fraction(100), f"{percent}%")
    if letter := groups.get("letter"):
        return _letter(letter)
    if asterisks := groups.get("asterisks"):
        of = groups["asterisk_best"] or "5"
        best = Fraction(len(of)) if of.startswith("*") else _number(of)
        return _scaled(len(asterisks) + (half if groups["asterisk_half"] else Fraction(0)), best, said("asterisks"))
    return None


def _letter(said: str) -> Rating | None:
    grade = re.sub("[−–]", "-", said)
    if grade not in LETTERS:
        return None
    rating = _scaled(Fraction(LETTERS[grade]), Fraction(100), grade)
    return rating and Rating(rating.half_sheep, said, f"{grade} is {LETTERS[grade]} of 100, to the nearest half")


def _bare(said: str, unit: str) -> Rating | None:
    value = _number(said)
    if value is None or not (unit or 5 < value <= 10):
        return None
    return _scaled(value, Fraction(5 if unit else 10), f"{said} {unit}".strip())


def _number(said: str) -> Fraction | None:
    """``3½``, ``3 1/2``, ``3.5``, ``3,5``, ``3 and a half``, ``three and a half``; None of anything else."""
    text = said.strip().lower().replace(",", ".")
    if text.startswith("half a"):
        return Fraction(1, 2)
    word, half_more, rest = re.sub(r"[ -]+", " ", text).partition(" and a half")
    if word in _WORDS or (half_more and re.fullmatch(r"\d{1,3}", word)):
        return Fraction(_WORDS.index(word) if word in _WORDS else word) + Fraction(1 if half_more else 0, 2)
    found = re.fullmatch(r"(-?\d{1,6}(?:\.\d{1,9})?)?[ -]?([½¼¾⅓⅔]|[123]/[234])?", text)
    if rest or not found or not text:
        return None
    return Fraction(found[1] or 0) + Fraction(_PARTS.get(found[2] or "", found[2] or 0))


def _scaled(value: Fraction | None, best: Fraction | None, said: str) -> Rating | None:
    """By the rule at the top; None off the scale."""
    if value is None or not best or not 0 <= value <= best:
        return None
    half_sheep = math.floor(value / best * MAX_HALF_SHEEP + Fraction(1, 2))
    rule = _RULE.format(value=float(value), best=float(best))
    said = " ".join(said.split())[:60].strip(" )].!")
    return Rating(half_sheep, f"{said})" if "(" in said else said, rule)
