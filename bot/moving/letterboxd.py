"""A member's ratings as Letterboxd exports them: ``ratings.csv``, or the zip in which it comes.

Everything about the file is what anyone may have made of it, so all that is read of it is bounded before it is read.
"""

from __future__ import annotations

import codecs
import io
import re
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, NamedTuple

from bot.errors import InputError
from bot.reviews.matching import Rating
from bot.rules import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from zipfile import ZipFile, ZipInfo

MAX_FILE = 5_000_000
"""Bytes of the file, and of ``ratings.csv`` once it is unpacked; twenty thousand rows are less than two million."""
MAX_ROWS = 20_000
MAX_MEMBERS = 1_000
"""Files in a zip; an export has a few dozen, and one for each of a member's lists."""
MAX_NAME = 300
RATINGS = "ratings.csv"
NEEDED = ("Date", "Name", "Rating")
ZIP = b"PK\x03\x04", b"PK\x05\x06"
ZIP_ENTRY = b"PK\x01\x02"
"""What the entry of each file in a zip's directory begins with, however many the zip says that there are."""
FORMER = {"deleted", "orphaned"}
"""Folders of an export with what is not on Letterboxd any more."""
SEND = "Please send `ratings.csv` or the whole zip, as Letterboxd exports it (Settings, then Data)."
_HALF_STARS = {text: half for half in range(1, 11) for text in (f"{half / 2:g}", f"{half / 2:.1f}")}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_YEAR = re.compile(r"(?:18|19|20)\d{2}", re.ASCII)


class Export(NamedTuple):
    """What was read.

    Attributes:
        ratings: In the order of the file.
        unread: How many rows besides are none that can be taken.
    """

    ratings: Sequence[Rating]
    unread: int = 0


def must_fit(size: int) -> None:
    """Refuse a file by its size, before any of it is read.

    Raises:
        InputError: It is too large.
    """
    if size > MAX_FILE:
        raise InputError(f"That file is larger than {MAX_FILE // 1_000_000} MB, which no export of ratings is. {SEND}")


def read(data: bytes, now: float) -> Export:
    """Read an export.

    A rating has a day and no hour: noon UTC stands for it, and where that is still to come, the beginning of today.

    Args:
        now: In Unix seconds.

    Raises:
        InputError: It cannot be taken for one; the sentence says why.
    """
    must_fit(len(data))
    if data.startswith(ZIP):
        data = _unpacked(data)
    rows = _rows(_text(data))
    columns = [name.strip().casefold() for name in next(rows, [""])]
    if missing := [name for name in NEEDED if name.casefold() not in columns]:
        raise InputError(f"The first line of that file names no column {' and no column '.join(missing)}. {SEND}")
    ratings: list[Rating] = []
    unread = 0
    for cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if len(ratings) + unread == MAX_ROWS:
            raise InputError(f"That file has more than {MAX_ROWS:,} rows, which is more than I take. {SEND}")
        # From the end: of two columns with one name, the first counts.
        row = dict(reversed([(name, cell.strip()) for name, cell in zip(columns, cells, strict=False)]))
        if rating := _rating(row, now):
            ratings.append(rating)
        else:
            unread += 1
    return Export(ratings, unread)


def _unpacked(data: bytes) -> bytes:
    """``ratings.csv`` out of a zip."""
    from zipfile import ZipFile  # noqa: PLC0415 - no start needs it

    if data.count(ZIP_ENTRY) > MAX_MEMBERS:
        raise InputError(f"That zip has more than {MAX_MEMBERS:,} files in it, which no export has. {SEND}")
    try:
        with ZipFile(io.BytesIO(data)) as packed:
            found = _member(packed)
            with packed.open(found) as file:
                text = file.read(MAX_FILE + 1)
    except InputError:
        raise
    except Exception:  # noqa: BLE001 - a damaged zip makes zipfile raise a dozen kinds of errors
        raise InputError(f"That zip is damaged. {SEND}") from None
    if len(text) > MAX_FILE:
        raise InputError(f"`{RATINGS}` in that zip is larger than {MAX_FILE // 1_000_000} MB. {SEND}")
    return text


def _member(packed: ZipFile) -> ZipInfo:
    """The one ``ratings.csv`` at a zip's root or, where there is none, in a folder there."""
    from zipfile import ZIP_DEFLATED, ZIP_STORED  # noqa: PLC0415 - as above

    parts = [(info.filename.split("/"), info) for info in packed.infolist()]
    named = [(folders, info) for (*folders, name), info in parts if name.casefold() == RATINGS]
    found = [info for folders, info in named if not folders] or [
        info for folders, info in named if len(folders) == 1 and folders[0].casefold() not in FORMER
    ]
    if not found:
        raise InputError(f"There is no `{RATINGS}` in that zip. {SEND}")
    if len(found) > 1:
        raise InputError(f"There is more than one `{RATINGS}` in that zip. Please send the one that you mean.")
    if found[0].flag_bits & 1:
        raise InputError(f"`{RATINGS}` in that zip is encrypted. {SEND}")
    if found[0].compress_type not in {ZIP_STORED, ZIP_DEFLATED}:  # others unpack without a bound
        raise InputError(f"`{RATINGS}` in that zip is packed in a way that I do not read. {SEND}")
    return found[0]


def _text(data: bytes) -> str:
    """The text of a file; spreadsheets that save it anew make UTF-16 of it."""
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"That file is no text in UTF-8; a spreadsheet may have changed it. {SEND}") from None


def _rows(text: str) -> Iterator[list[str]]:
    """The rows of CSV; spreadsheets that save it anew part the cells by other signs."""
    import csv  # noqa: PLC0415 - no start needs it

    first = text.partition("\n")[0]
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    except csv.Error:
        raise InputError(f"That file is no CSV that I can read. {SEND}") from None


def _rating(row: Mapping[str, str], now: float) -> Rating | None:
    """What a row says, or None where it says nothing that can be taken."""
    name, year, day = row.get("name", ""), row.get("year", ""), row.get("date", "")
    half_stars = _HALF_STARS.get(row.get("rating", "").replace(",", "."))
    if not 1 <= len(name) <= MAX_NAME or half_stars is None or not _DAY.fullmatch(day):
        return None
    if year and not _YEAR.fullmatch(year):
        return None
    try:
        noon = int(datetime.combine(date.fromisoformat(day), time(12, tzinfo=UTC)).timestamp())
    except ValueError:  # there is no such day
        return None
    if noon < 0:
        return None
    return Rating(name, int(year) if year else None, half_stars, noon if noon <= now else int(now) // DAY * DAY)
