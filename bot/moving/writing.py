"""Votes written to files: CSV, for spreadsheets as well, and JSON Lines.

A spreadsheet runs a cell that begins as a formula does, rounds an id of eighteen digits, and takes "5/5" for a day in
May. So every cell of CSV that holds text begins with an apostrophe, which is taken off again when it is read.
"""

from __future__ import annotations

import csv
import io
import json
import re
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.store.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

COLUMNS = Record._fields
ENCODING = {"csv": "utf-8-sig", "jsonl": "utf-8"}
"""What begins with no byte order mark, a spreadsheet does not take for UTF-8."""
REJECTS_HEADER = "line,reason,row\r\n"

_TO_JSON = json.JSONEncoder(ensure_ascii=False).encode
_STARTS_A_CELL = re.compile(r"([;\t\r\n|])(?='*[=+\-@＝＋－＠])")  # noqa: RUF001 - full-width ones are run as well
_STARTED_A_CELL = re.compile(r"([;\t\r\n|])'(?='*[=+\-@＝＋－＠])")  # noqa: RUF001 - as above


class Rejected(NamedTuple):
    """A row that is not taken: where it begins, why, and what it is."""

    line: int
    reason: str
    row: str


def defused(text: str) -> str:
    """Text as a cell that every spreadsheet shows and leaves alone, also one that splits cells elsewhere."""
    return "'" + _STARTS_A_CELL.sub(r"\1'", text)


def restored(cell: str) -> str:
    """What :func:`defused` was given; a cell that never was is left as it is."""
    return _STARTED_A_CELL.sub(r"\1", cell[1:]) if cell.startswith("'") else cell


def written(records: Iterable[Record], form: str) -> str:
    """Records as rows."""
    if form == "csv":
        return _cells(map(_csv_row, records))
    return "".join(_TO_JSON(_json_row(record)) + "\n" for record in records)


def header(form: str) -> str:
    """What stands before the rows."""
    return _cells([COLUMNS]) if form == "csv" else ""


def rejects(found: Iterable[Rejected]) -> str:
    """Rejected rows as CSV."""
    return _cells((str(each.line), defused(each.reason), defused(each.row)) for each in found)


def _cells(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _csv_row(record: Record) -> Sequence[str]:
    guild_id, review, member_id, sheep, voted, vote_changed, thought, spoiler, said, said_changed = record
    return (
        f"'{guild_id}",
        f"'{review}",
        f"'{member_id}",
        "" if sheep is None else str(sheep),
        moment(voted),
        moment(vote_changed),
        "" if thought is None else defused(thought),
        "" if spoiler is None else str(spoiler),
        moment(said),
        moment(said_changed),
    )


def _json_row(record: Record) -> dict[str, Any]:
    guild_id, review, member_id, sheep, voted, vote_changed, thought, spoiler, said, said_changed = record
    # An id that is a number would be rounded by most that read JSON.
    row: dict[str, Any] = {"guild_id": str(guild_id), "review": review, "member_id": str(member_id)}
    if sheep is not None:
        row |= {"sheep": sheep, "voted_at": moment(voted), "vote_changed_at": moment(vote_changed)}
    if thought is not None:
        row |= {"thought": thought, "spoiler": bool(spoiler)}
        row |= {"thought_at": moment(said), "thought_changed_at": moment(said_changed)}
    return row


def moment(seconds: int | None) -> str:
    """A time in Unix seconds as it stands in files, empty where there is none."""
    if seconds is None:
        return ""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
