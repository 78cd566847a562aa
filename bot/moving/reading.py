"""Votes read from files, a row at a time; what cannot be taken comes out with its reason, and all else goes on."""

from __future__ import annotations

import codecs
import csv
import json
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from bot.errors import TransferError
from bot.moving.writing import COLUMNS, Rejected, restored
from bot.ranking import MAX_SHEEP, MIN_SHEEP
from bot.reviews.model import MAX_THOUGHT
from bot.store.records import Record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import BinaryIO

NEEDED = {"guild_id", "review", "member_id"}
MAX_LINE = 64 * 1024
"""Bytes of a row: more than a thought of 1,000 code points comes to, however it is written."""
DISCORD_EPOCH = 1_420_070_400
"""Unix seconds of the first id that Discord gave."""
A_DAY = 86_400
SMALLEST_ID = 10**15
"""Ids of Discord's count up from 2015 on; a smaller number is something else."""


class _Reason(Exception):  # noqa: N818 - it is told of a row, and is no failure
    """Why a row is not taken."""


class Reader:
    """Reads a file of votes, row by row; what cannot be taken comes out with its reason.

    Attributes:
        read: The bytes read so far.
    """

    def __init__(self, file: BinaryIO, form: str, slugs: Collection[str]) -> None:
        self.read = 0
        self._file = file
        self._slugs = slugs
        self._line = 0
        self._form = form
        self._again: list[tuple[int, bytes]] = []
        self._now = time.time()

    def __iter__(self) -> Iterator[Record | Rejected]:
        columns = self._columns() if self._form == "csv" else ()
        while found := self._next_line():
            number, raw = found
            if not raw.strip():
                continue
            try:
                yield self._record(self._cells(number, raw, columns) if columns else _object(_text(raw)))
            except _Reason as reason:
                yield Rejected(number, str(reason), raw[:MAX_LINE].decode(errors="backslashreplace").rstrip("\r\n"))

    def _columns(self) -> tuple[str, ...]:
        """The names in the first line.

        Raises:
            TransferError: They are not those of votes, so no row can be.
        """
        found = self._next_line()
        try:
            names = tuple(_parsed(_text(found[1])) if found else ())
        except _Reason as reason:
            raise TransferError(f"The first line {reason}. Save the file as CSV in UTF-8.") from None
        strange = [name for name in names if name not in COLUMNS]
        if strange or not set(names) >= NEEDED or len(set(names)) < len(names):
            raise TransferError(
                f"The first line must name columns, once each and separated by commas: {', '.join(COLUMNS)}."
                f" It has: {', '.join(names)[:200] or 'nothing'}."
            )
        return names

    def _next_line(self) -> tuple[int, bytes] | None:
        if self._again:
            return self._again.pop()
        raw = self._file.readline(MAX_LINE)
        if not raw:
            return None
        self.read += len(raw)
        self._line += 1
        if self._line == 1:
            raw = raw.removeprefix(codecs.BOM_UTF8)
        if len(raw) == MAX_LINE and not raw.endswith(b"\n"):
            while rest := self._file.readline(MAX_LINE):
                self.read += len(rest)
                if rest.endswith(b"\n"):
                    break
            raw += b"\n"  # it is too long, and refused for that
        return self._line, raw

    def _cells(self, number: int, raw: bytes, columns: tuple[str, ...]) -> dict[str, Any]:
        """The cells of a row, which goes on in the next line as long as a quote is open."""
        lines = [(number, raw)]
        size, quotes = len(raw), raw.count(b'"')
        while quotes % 2 and size <= MAX_LINE and (found := self._next_line()):
            lines.append(found)
            size += len(found[1])
            quotes += found[1].count(b'"')
        try:
            if quotes % 2:
                raise _Reason("has a quote that is never closed")  # noqa: TRY301 - as all that is wrong with a row
            text = _text(b"".join(line for _, line in lines))
            if not text.endswith(("\n", "\r")):
                raise _Reason("is where the file breaks off; if it is whole, end it with a line break")  # noqa: TRY301 - as above
            cells = _parsed(text)
            if len(cells) != len(columns):
                raise _Reason(f"has {len(cells)} cells, not {len(columns)}")  # noqa: TRY301 - as above
        except _Reason:
            self._again += reversed(lines[1:])  # one quote too many takes no other row with it
            raise
        row: dict[str, Any] = dict(zip(columns, [cell.removeprefix("'") or None for cell in cells], strict=True))
        if row.get("thought"):
            row["thought"] = restored(cells[columns.index("thought")])
        if spoiler := row.get("spoiler"):
            row["spoiler"] = {"1": True, "true": True, "0": False, "false": False}.get(spoiler.lower(), spoiler)
        if (sheep := row.get("sheep")) in _SHEEP:
            row["sheep"] = int(sheep)
        return row

    def _record(self, row: dict[str, Any]) -> Record:
        guild_id, member_id = self._id(row, "guild_id"), self._id(row, "member_id")
        review, sheep, thought = row.get("review"), row.get("sheep"), row.get("thought")
        if not isinstance(review, str) or review not in self._slugs:
            raise _Reason(f"names a review that there is not: {review!r}")
        if sheep is None and thought is None:
            raise _Reason("has neither sheep nor a thought")
        if sheep is not None and (type(sheep) is not int or not MIN_SHEEP <= sheep <= MAX_SHEEP):
            raise _Reason(f"has {sheep!r} for sheep, not {MIN_SHEEP} to {MAX_SHEEP}")
        voted = vote_changed = said = said_changed = spoiler = None
        if sheep is not None:
            voted = self._time(row, "voted_at")
            vote_changed = self._time(row, "vote_changed_at", voted)
        if thought is not None:
            _check_thought(thought)
            said = self._time(row, "thought_at")
            said_changed = self._time(row, "thought_changed_at", said)
            spoiler = row.get("spoiler") or False
            if not isinstance(spoiler, bool):
                raise _Reason(f"has {spoiler!r} for spoiler, not 1 or 0")
            spoiler = int(spoiler)
        return Record(guild_id, review, member_id, sheep, voted, vote_changed, thought, spoiler, said, said_changed)

    def _id(self, row: dict[str, Any], name: str) -> int:
        found = row.get(name)
        if isinstance(found, str) and len(found) < 20 and found.isascii() and found.isdecimal():
            number = int(found)
            if SMALLEST_ID <= number < 2**63 and (number >> 22) / 1000 + DISCORD_EPOCH < self._now + A_DAY:
                return number
        raise _Reason(f"has {found!r} for {name}, which is no id of Discord's, written as text")

    def _time(self, row: dict[str, Any], name: str, otherwise: int | None = None) -> int:
        found = row.get(name)
        if found is None and otherwise is not None:
            return otherwise
        try:
            seconds = _seconds(found)
        except (TypeError, ValueError, OverflowError):
            raise _Reason(f"has {found!r} for {name}, not a time such as 2026-10-31T18:30:00Z") from None
        if not DISCORD_EPOCH <= seconds < self._now + A_DAY:
            raise _Reason(f"has {found!r} for {name}, before Discord was there or after today")
        return seconds


_SHEEP = {str(number) for number in range(MIN_SHEEP, MAX_SHEEP + 1)}


@lru_cache(1024)
def _seconds(text: Any) -> int:
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _text(raw: bytes) -> str:
    if len(raw) > MAX_LINE:
        raise _Reason("is too long")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise _Reason("is not UTF-8") from None


def _parsed(text: str) -> list[str]:
    try:
        return next(csv.reader([text], strict=True))
    except StopIteration:
        return []
    except csv.Error as error:
        raise _Reason(f"is no CSV: {error}") from None


def _object(text: str) -> dict[str, Any]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        row = dict(pairs)
        if len(row) < len(pairs) or not row.keys() <= set(COLUMNS):
            raise _Reason(f"must have keys, once each, of these: {', '.join(COLUMNS)}")
        return row

    try:
        row: Any = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise _Reason(f"is no JSON: {error}") from None
    if not isinstance(row, dict):
        raise _Reason("is no JSON object")
    return row  # pyright: ignore[reportUnknownVariableType] - its values are looked at one by one


def _check_thought(thought: object) -> None:
    if not isinstance(thought, str) or not 1 <= len(thought) <= MAX_THOUGHT or "\0" in thought:
        raise _Reason(f"has a thought that is no text of 1 to {MAX_THOUGHT} characters")
    try:
        thought.encode()
    except UnicodeEncodeError:
        raise _Reason("has a thought with half a character in it") from None
