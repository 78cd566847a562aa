"""What a critic types into the form for a review: read as a review, and written out to be typed on. No I/O."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.errors import InputError
from bot.reviews.titles import fold
from bot.ui import text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import ValidationError

    from bot.reviews.model import Review

MAX_BODY = 4000
"""The most characters that a form takes in one field."""
MAX_SLUG = 40
KEPT = "Your draft is kept; *Edit* opens it again."


class Line(NamedTuple):
    """A line of the credits: what it begins with, the key of a review file that it is, and whether it takes several."""

    label: str
    key: str
    several: bool = False


LINES = (
    Line("Written by", "written_by", several=True),
    Line("Directed by", "directed_by", several=True),
    Line("Starring", "starring", several=True),
    Line("Genres", "genres", several=True),
    Line("Review by", "critic"),
    Line("Link", "url"),
    Line("Image", "image"),
    Line("Spoilers", "spoilers"),
)
_BY_LABEL = {line.label.lower(): line for line in LINES}
_LABELS = "|".join(_BY_LABEL)
_LINE = re.compile(rf"({_LABELS})\b[\s:]*(.*)", re.IGNORECASE)
_NEW_LINE = re.compile(rf"\n|\s/\s(?=\s*(?:{_LABELS})\b)", re.IGNORECASE)
_YEAR = re.compile(r"(.*?)\s*\(([0-9]{4})\)")
_COMMA = re.compile("[,;\u3001\uff0c\u060c\uff1b]")
_AND = frozenset(("and", "&"))
_DASHES = "-\u2013\u2014"
_NAMED = {
    "title": "The title",
    "sheep": "The verdict",
    "quote": "The line from the film",
    "quote_by": "Who says the line",
    **{line.key: f"“{line.label}”" for line in LINES},
}


class Typed(NamedTuple):
    """The fields of the form, as they were typed.

    Attributes:
        title: ``Title (Year)``, or the title alone.
        sheep: ``4`` or ``3.5``; empty for no verdict.
        facts: A line of :data:`LINES` each.
        quote: A line from the film, and, on one below that begins with a dash, who says it.
    """

    title: str = ""
    sheep: str = ""
    facts: str = "".join(f"{line.label}:\n" for line in LINES).rstrip()
    quote: str = ""
    body: str = ""


LIMITS = {"title": 320, "sheep": 3, "facts": MAX_BODY, "quote": 700, "body": MAX_BODY}
"""The most characters of each field."""


class Draft(NamedTuple):
    """What is kept until it is posted or saved.

    Attributes:
        base: The fingerprint of the review that is being changed, as it was when that began; 0 for a new one.
    """

    typed: Typed = Typed()
    base: int = 0

    def packed(self) -> str:
        """The draft as it is kept: JSON in ASCII, whatever was typed."""
        return json.dumps({"typed": self.typed._asdict(), "base": self.base})

    @classmethod
    def unpacked(cls, kept: str) -> Draft:
        """The draft that was kept."""
        stored: dict[str, Any] = json.loads(kept)
        return cls(Typed(**stored["typed"]), stored["base"])

    @property
    def version(self) -> int:
        """Tells this draft from any other, as a number from 0 to 2^60."""
        return _fingerprint(self.packed())


def base_of(review: Review) -> int:
    """Tells a review from what it was before, and will be after a change, as a number from 0 to 2^60."""
    return _fingerprint(review.content_hash())


def _fingerprint(said: str) -> int:
    return int(hashlib.sha256(said.encode()).hexdigest()[:15], 16)


def typed(review: Review) -> Typed:
    """A review as it is typed."""
    values: dict[str, Any] = asdict(review.credits) | {
        "genres": review.genres,
        "critic": review.critic,
        "url": review.url,
        "image": review.image_url,
        "spoilers": "yes" if review.spoilers else "no",
    }
    half = review.half_sheep
    return Typed(
        title=review.name,
        sheep="" if half is None else f"{half / 2:g}",
        facts="\n".join(f"{line.label}: {_joined(values[line.key])}".rstrip() for line in LINES),
        quote=f"{review.quote}\n{_DASHES[-1]} {review.quote_by}" if review.quote_by else review.quote or "",
        body=review.body,
    )


def from_form(values: Mapping[str, object]) -> Typed:
    """What came back from a form, whoever forged it.

    Raises:
        InputError: It is more than the form takes.
    """
    fields = {name: value if isinstance(value := values.get(name), str) else "" for name in LIMITS}
    if too_long := [name for name, limit in LIMITS.items() if len(fields[name]) > limit]:
        raise InputError(
            f"That is more than the form takes ({', '.join(too_long)}). Nothing was kept; please shorten it."
        )
    return Typed(**fields)


def read(draft: Typed, former: Review | None = None) -> Review:
    """The review that was typed, with the same limits as a review file.

    Args:
        former: The review that is being changed: what the form does not ask for stays as it is there.

    Raises:
        InputError: It says what cannot be taken.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - with yaml below, a third of a start, and few write reviews

    from bot.reviews.files import FrontMatter, ReviewFileError  # noqa: PLC0415 - as above
    from bot.reviews.writing import written  # noqa: PLC0415 - as above

    title = _one_line(draft.title)
    year = match[2] if (match := _YEAR.fullmatch(title)) else None
    quote, quote_by = _quote(draft.quote)
    facts: dict[str, Any] = {
        "title": match[1] if match else title,
        "year": year,
        "sheep": draft.sheep or None,
        "quote": quote or None,
        "quote_by": quote_by or None,
        **_facts(draft.facts),
    }
    body = text.clean(draft.body)
    if not any(char.isprintable() for char in body):
        raise InputError(f"There is nothing to read in the review. {KEPT}")
    try:
        front = FrontMatter.model_validate(facts)
    except ValidationError as error:
        raise InputError(f"{_explained(error)}. {KEPT}") from None
    review = front.review(former.slug if former else slug_of(front.title, front.year), body)
    if former:
        review = replace(review, published=former.published, aliases=former.aliases)
    if any(len(value) > LIMITS[name] for name, value in typed(review)._asdict().items()):
        raise InputError(f"That is more than the form takes again. Please shorten it. {KEPT}")
    try:
        written(review)
    except ReviewFileError as error:
        raise InputError(f"No file can hold that: {error.problems[0].message}. {KEPT}") from None
    return review


def slug_of(title: str, year: int | None) -> str:
    """A name for the file of a review: ``miss-you-already-2015``; ``film`` where the title has no letter for it."""
    words = "-".join(re.findall("[a-z0-9]+", fold(title)))[:MAX_SLUG].strip("-") or "film"
    return words if year is None else f"{words}-{year}"


def _facts(lines: str) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for written_line in _NEW_LINE.split(text.clean(lines)):
        line = _one_line(written_line)
        if not line:
            continue
        if (match := _LINE.fullmatch(line)) is None:
            shown = text.literal(text.cut(line, 60), 120)
            known = ", ".join(f"*{each.label}*" for each in LINES)
            raise InputError(f"I cannot read “{shown}” in the credits: each line begins with one of {known}. {KEPT}")
        label, key, several = _BY_LABEL[match[1].lower()]
        value = _names(match[2]) if several else match[2]
        if not value:
            continue
        if several:
            facts[key] = (*facts.get(key, ()), *value)
        elif key in facts:
            raise InputError(f"“{label}” stands twice in the credits. {KEPT}")
        else:
            facts[key] = value
    return facts


def _names(listed: str) -> tuple[str, ...]:
    """The names in ``A, B and C``."""
    words = [part.split() for part in _COMMA.split(listed)]
    return tuple(
        " ".join(name)
        for part in words
        for joins, name in groupby(part, key=lambda word: word.lower() in _AND)
        if not joins
    )


def _joined(value: str | Sequence[str] | None) -> str:
    return value if isinstance(value, str) else ", ".join(value or ())


def _quote(written_lines: str) -> tuple[str, str]:
    """A line from the film, and who says it."""
    lines = [line for line in map(_one_line, text.clean(written_lines).split("\n")) if line]
    by = _one_line(lines.pop()[1:]) if len(lines) > 1 and lines[-1][0] in _DASHES else ""
    return " ".join(lines), by


def _one_line(said: str) -> str:
    return " ".join(text.clean(said).split())


def _explained(error: ValidationError) -> str:
    """The first thing that is wrong, in words."""
    detail = error.errors(include_url=False, include_input=False)[0]
    key = str(detail["loc"][0])
    if key == "year":
        return "The year must be from 1870 to 2200, as in *Miss You Already (2015)*"
    if key == "spoilers":
        return "“Spoilers” takes *yes* or *no*"
    if key == "title" and detail["type"] == "string_too_short":
        return "There is no title to read, as in *Miss You Already (2015)*"
    said = detail["msg"].removeprefix("Value error, ")
    return f"{_NAMED.get(key, key)} cannot be taken as it is: {said[:1].lower()}{said[1:]}"
