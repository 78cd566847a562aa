"""The audit log as a file: CSV, for spreadsheets as well, and JSON Lines."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

from bot.moving.writing import ENCODING, defused, moment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.store.audit import Entry

COLUMNS = ("number", "at", "actor_id", "act", "member_id", "review", "detail")


def header(form: str) -> bytes:
    """What stands before the entries."""
    return _cells([COLUMNS]).encode(ENCODING[form]) if form == "csv" else b""


def written(entries: Iterable[Entry], form: str) -> bytes:
    """Entries as rows, without what stands before them."""
    rows = [_row(one) for one in entries]
    if form == "csv":
        said = _cells([[row[0], row[1], *map(_cell, row[2:])] for row in rows])
    else:
        said = "".join(json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False) + "\n" for row in rows)
    return said.encode()


def _row(one: Entry) -> tuple[str | None, ...]:
    actor, member = (None if each is None else str(each) for each in (one.actor_id, one.member_id))
    return (str(one.number), moment(one.at), actor, one.act, member, one.film, one.detail or None)


def _cell(value: str | None) -> str:
    return "" if value is None else defused(value)


def _cells(rows: Iterable[Iterable[str | None]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()
