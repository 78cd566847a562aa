"""Review files: ``data/reviews/<slug>.md``, YAML front matter and a Markdown body."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated

import yaml
from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from rapidfuzz import process

from bot.reviews.model import MAX_HALF_SHEEP, Credits, Review

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MAX_FILE_BYTES = 256 * 1024
MAX_FACTS = 16 * 1024
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MAX_SLUG = 80
FENCE = "---"
WEB_ADDRESS = re.compile(r"https?://[^\s/?#]\S*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a review file, and where."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class ReviewFileError(Exception):
    """A review file that cannot be taken; carries every problem found in it."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(map(str, problems)))


def _listed(value: object) -> object:
    """A single name may stand where a list is expected."""
    return [value] if isinstance(value, str) else value


def _half_sheep(value: object) -> object:
    """``4`` and ``3.5`` become 8 and 7 half-sheep."""
    sheep = re.fullmatch(r"([0-5])(?:\.([05]))?", value) if isinstance(value, str) else None
    half = int(sheep[1]) * 2 + (sheep[2] == "5") if sheep else MAX_HALF_SHEEP + 1
    if half > MAX_HALF_SHEEP:
        raise ValueError("must be from 0 to 5 sheep, in halves")
    return half


def _web_address(value: str) -> str:
    try:
        AnyHttpUrl(value)  # the address itself stays as its writer spelt it, and as Discord is to take it
    except ValidationError:
        value = ""
    if not WEB_ADDRESS.fullmatch(value) or not value.isprintable():
        raise ValueError("must be a web address with http:// or https://, and with %20 for each space")
    return value


def _readable(value: str) -> str:
    if "\0" in value or not any(char.isprintable() for char in value):
        raise ValueError("has nothing that can be read")
    return value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), AfterValidator(_readable)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_readable)]
Names = Annotated[
    tuple[Name, ...],
    BeforeValidator(_listed),
    Field(max_length=30),
]
WebAddress = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(_web_address)]


class FrontMatter(BaseModel):
    """The keys of a review file, as their writer spells them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Text
    year: Annotated[int, Field(ge=1870, le=2200)] | None = None
    critic: Text | None = None
    sheep: Annotated[int, BeforeValidator(_half_sheep)] | None = None
    quote: Text | None = None
    quote_by: Text | None = None
    written_by: Names = ()
    directed_by: Names = ()
    starring: Names = ()
    genres: Names = ()
    url: WebAddress | None = None
    image: WebAddress | None = None
    published: date | None = None
    aliases: Names = ()
    spoilers: bool = False

    def review(self, slug: str, body: str) -> Review:
        """The review that these are the facts of."""
        return Review(
            slug=slug,
            title=self.title,
            body=body,
            year=self.year,
            critic=self.critic,
            half_sheep=self.sheep,
            quote=self.quote,
            quote_by=self.quote_by,
            credits=Credits(self.written_by, self.directed_by, self.starring),
            genres=self.genres,
            url=self.url,
            image_url=self.image,
            published=self.published,
            aliases=self.aliases,
            spoilers=self.spoilers,
        )


def read_folder(folder: Path) -> tuple[list[Review], list[Problem]]:
    """Read every ``*.md`` of a folder.

    Returns:
        The reviews of the sound files, and every problem of all the others.
    """
    reviews: list[Review] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.md")):
        try:
            reviews.append(read_file(path))
        except ReviewFileError as error:
            problems += error.problems
    return reviews, problems


def read_file(path: Path, raw: bytes | None = None) -> Review:
    """Read one review file; the file's name is the review's slug.

    Args:
        raw: What would stand in the file, where it is not written yet.

    Raises:
        ReviewFileError: With every problem that the file has.
    """
    problems: list[Problem] = []

    def wrong(message: str, line: int = 1) -> None:
        problems.append(Problem(path, line, message))

    if not SLUG.fullmatch(path.stem) or len(path.stem) > MAX_SLUG:
        wrong(f"the file's name must be lower-case letters and digits joined by hyphens, up to {MAX_SLUG} characters")
    lines = _lines(path, raw, wrong)
    fences = [number for number, line in enumerate(lines) if line.rstrip() == FENCE]
    if len(fences) < 2 or fences[0] != 0:
        if lines:
            wrong("must begin with its facts between two lines of ---")
        raise ReviewFileError(problems)
    if sum(map(len, lines[: fences[1]])) > MAX_FACTS:
        wrong(f"the facts are longer than {MAX_FACTS // 1024} KiB")
        raise ReviewFileError(problems)
    front, body = _front_matter(lines[1 : fences[1]], wrong), "\n".join(lines[fences[1] + 1 :]).strip()
    if not body:
        wrong("has no text below its facts", fences[1] + 1)
    elif "\0" in body:
        wrong("holds a character that no text has", next(n for n, line in enumerate(lines, start=1) if "\0" in line))
    if problems or front is None:
        raise ReviewFileError(problems)
    return front.review(path.stem, body)


def _lines(path: Path, raw: bytes | None, wrong: Callable[[str, int], None]) -> list[str]:
    """The lines of a file; none, and a problem, where it is no text of a fair size."""
    if raw is None:
        try:
            with path.open("rb") as file:
                raw = file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            wrong(f"cannot be read: {error.strerror}", 1)
            return []
    if len(raw) > MAX_FILE_BYTES:
        wrong(f"the file is larger than {MAX_FILE_BYTES // 1024} KiB", 1)
        return []
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError as error:
        wrong("is not UTF-8 text; save it as UTF-8", error.object.count(b"\n", 0, error.start) + 1)
        return []


def _front_matter(lines: list[str], wrong: Callable[[str, int], None]) -> FrontMatter | None:
    """Validate the lines between the fences; file lines start at 2 there."""
    first = 2
    text = "\n".join(lines)
    try:
        loader = yaml.BaseLoader(text)  # it makes only strings, lists and dicts
        node = loader.get_single_node()
        facts: object = loader.construct_document(node) if node else None  # pyright: ignore[reportUnknownMemberType] - untyped there
    except yaml.reader.ReaderError as error:
        wrong("holds a character that no text has", first + text.count("\n", 0, error.position))
        return None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        wrong(f"is not YAML: {getattr(error, 'problem', None) or error}", first + (mark.line if mark else 0))
        return None
    except (RecursionError, ValueError):  # nested too deeply, or an escape such as \U00110000
        wrong("is not YAML that can be read", first)
        return None
    if not isinstance(node, yaml.MappingNode):
        wrong("the facts must be lines of 'key: value'", first)
        return None
    line_of: dict[str, int] = {}
    for key, _ in node.value:
        line = first + key.start_mark.line
        if key.value in line_of:
            wrong(f"{key.value!r} stands twice", line)
        line_of[str(key.value)] = line
    try:
        return FrontMatter.model_validate(facts)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_input=False):
            key = str(detail["loc"][0]) if detail["loc"] else ""
            wrong(_explain(key, detail["type"], detail["msg"]), line_of.get(key, first))
    return None


def _explain(key: str, kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        nearest = process.extractOne(key, list(FrontMatter.model_fields))
        return f"{key!r} is not a key; did you mean {nearest[0]!r}?" if nearest else f"{key!r} is not a key"
    if kind == "missing":
        return f"{key!r} is missing"
    return f"{key!r}: {message.removeprefix('Value error, ').lower()}"
