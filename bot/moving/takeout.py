"""All that is stored of a member, as files: JSON with everything, and CSV as Letterboxd imports it.

Letterboxd takes UTF-8 of at most a megabyte, with the columns below (letterboxd.com/about/importing-data). A review may
hold HTML, so a member's words are written as entities where they could be taken for that. Sources do not agree on how a
quotation mark stands in a cell: none is left in one.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from bot.moving.writing import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.store import Store
    from bot.store.database import Row
    from bot.store.privacy import FilmName, Place

TOPICS = {
    ("votes", "member_id"): "votes",
    ("thoughts", "member_id"): "thoughts",
    ("voided_votes", "member_id"): "votes_set_aside",
    ("raters", "member_id"): "votes_counted",
    ("restrictions", "member_id"): "restrictions",
    ("reports", "reporter_id"): "reports_by_you",
    ("reports", "member_id"): "reports_of_your_thoughts",
    ("uncompared", "member_id"): "not_compared",
    ("reviews", "author_id"): "reviews",
    ("drafts", "member_id"): "drafts",
    ("imports", "member_id"): "imports",
    ("audit_log", "actor_id"): "log_of_what_you_did",
    ("audit_log", "member_id"): "log_of_what_was_done_to_you",
}
"""What a member reads of each table, by the column with the member's id."""
TIMES = ("created_at", "updated_at", "judged_at", "since", "at")
LISTS = ("written_by", "directed_by", "starring", "genres")
PART = 7_000_000
"""The most bytes of a file of JSON, and of all files in a message: Discord takes ten million."""
LETTERBOXD = ("Title", "Year", "Directors", "Rating", "Review")
LETTERBOXD_PART = 1_000_000
SPOILERS = "Spoilers ahead.\n\n"
"""Letterboxd has no column that says so."""
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # noqa: RUF001 - full-width ones are run as well
_ENTITIES = {ord(char): f"&#{ord(char)};" for char in '\\"'}

File: TypeAlias = tuple[str, bytes]
"""Its name, and what is in it."""


class Takeout(NamedTuple):
    """All that is stored of a member: rows by topic, each by column, and the films that they name."""

    member_id: int
    rows: Mapping[str, Sequence[Mapping[str, Any]]]
    films: Mapping[int, FilmName]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is stored."""
        return not any(self.rows.values())


async def take_out(store: Store, member_id: int) -> Takeout:
    """Read all that is stored of a member.

    Raises:
        StoreError: The database did not answer.
    """
    rows: dict[str, list[Mapping[str, Any]]] = {topic: [] for topic in TOPICS.values()}
    films: dict[int, FilmName] = {}
    async for place, page in store.privacy.of_member(member_id):
        found = [_shown(place, row) for row in page]
        rows[TOPICS[place.table, place.scope]] += found
        if unnamed := {row["review_id"] for row in found if row.get("review_id")} - films.keys():
            films |= await store.privacy.films(unnamed)
    return Takeout(member_id, rows, films)


def files(taken: Takeout, now: float) -> list[File]:
    """All files, each of a size that Discord and Letterboxd take."""
    return [*_named("sheepbot", "json", _json(taken, now)), *_named("letterboxd", "csv", _letterboxd(taken))]


def messages(found: Iterable[File]) -> list[list[File]]:
    """Files as they are sent: at most ten in a message, and no more than fits."""
    packed: list[list[File]] = []
    room = 0
    for file in found:
        if not packed or room < len(file[1]) or len(packed[-1]) == 10:
            packed.append([])
            room = PART
        packed[-1].append(file)
        room -= len(file[1])
    return packed


def _shown(place: Place, row: Row) -> dict[str, Any]:
    return {name: value for name, value in zip(place.columns, row, strict=True) if name in place.shown}


def _named(name: str, ending: str, parts: Sequence[bytes]) -> list[File]:
    return [(f"{name}{f'-{number}' if number > 1 else ''}.{ending}", part) for number, part in enumerate(parts, 1)]


def _json(taken: Takeout, now: float) -> list[bytes]:
    """Parts that are whole documents, each with some of the rows."""
    head = f'{{\n"member": "{taken.member_id}",\n"exported_at": "{moment(int(now))}"'
    parts, room = [io.StringIO()], PART
    parts[0].write(head)
    for topic, rows in taken.rows.items():
        begun: io.StringIO | None = None
        for row in rows:
            written = json.dumps(_readable(row, taken.films), ensure_ascii=False)
            room -= len(written.encode()) + len(topic) + 10
            if room < len(head):
                if begun:
                    begun.write("\n]")
                parts.append(io.StringIO())
                parts[-1].write(head)
                begun, room = None, PART - len(written.encode())
            parts[-1].write(",\n" if begun else f',\n"{topic}": [\n')
            parts[-1].write(written)
            begun = parts[-1]
        if begun:
            begun.write("\n]")
    return [f"{part.getvalue()}\n}}\n".encode() for part in parts]


def _readable(row: Mapping[str, Any], films: Mapping[int, FilmName]) -> dict[str, Any]:
    """A row in words; an id that is a number would be rounded by most that read JSON."""
    said: dict[str, Any] = {}
    for name, value in row.items():
        if name == "review_id":
            if film := films.get(value):
                said |= {"review": film.slug, "title": film.title, "year": film.year}
        elif name == "guild_id":
            said["server"] = str(value)
        elif name in TIMES:
            said[name] = moment(value)
        elif name in LISTS:
            said[name] = json.loads(value)
        else:
            said[name] = bool(value) if name in {"spoiler", "spoilers"} else value
    return said


def _letterboxd(taken: Takeout) -> list[bytes]:
    """The newest vote on each film and the newest thought, wherever they were given; no file where there is none."""
    votes = _newest([*taken.rows["votes"], *taken.rows["votes_set_aside"]])
    thoughts = _newest(taken.rows["thoughts"])
    parts: list[bytes] = []
    for review_id in sorted(votes.keys() | thoughts.keys()):
        film, vote, thought = taken.films[review_id], votes.get(review_id), thoughts.get(review_id)
        row = _cells(
            _plain(film.title),
            "" if film.year is None else str(film.year),
            _plain(", ".join(film.directed_by)),
            str(vote["sheep"]) if vote else "",
            _review(thought) if thought else "",
        )
        if not parts or len(parts[-1]) + len(row) > LETTERBOXD_PART:
            parts.append(_cells(*LETTERBOXD))
        parts[-1] += row
    return parts


def _newest(rows: Sequence[Mapping[str, Any]]) -> dict[int, Mapping[str, Any]]:
    return {row["review_id"]: row for row in sorted(rows, key=lambda row: (row["updated_at"], row["guild_id"]))}


def _cells(*values: str) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(values)
    return text.getvalue().encode()


def _plain(text: str) -> str:
    """Text that finds the film, and that a spreadsheet takes for no formula: it shows the space before it."""
    text = " ".join(re.sub(r'["\\]', "'", text).split())
    return f" {text}" if text.startswith(_FORMULA) else text


def _review(thought: Mapping[str, Any]) -> str:
    words = (SPOILERS if thought["spoiler"] else "") + thought["body"]
    words = html.escape(words, quote=False).translate(_ENTITIES)
    return f"&#{ord(words[0])};{words[1:]}" if words.startswith(_FORMULA) else words
