"""Deadlines as they are typed: ``3d``, ``12 hours``, ``1d 12h``, or a day. No I/O."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

from bot.errors import InputError
from bot.rules import DAY

FURTHEST = 366 * DAY
"""The most seconds until a deadline."""
_UNITS = {
    name: seconds
    for seconds, names in (
        (60, "m min mins minute minutes"),
        (3_600, "h hour hours"),
        (DAY, "d day days"),
        (7 * DAY, "w week weeks"),
    )
    for name in names.split()
}
_SPAN = re.compile(r"(\d{1,5})\s*([a-z]+)\s*", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def parse(typed: str, now: float) -> int:
    """The moment that is meant, in Unix seconds; a day is meant to its end, in UTC.

    Raises:
        InputError: It is none, has passed, or is more than a year away.
    """
    said = typed.strip().lower().removeprefix("in ")
    moment = _end_of(said) if _DAY.fullmatch(said) else int(now) + _seconds(said)
    if moment <= now:
        raise InputError("That moment has passed already, and nothing was changed. Please name one that lies ahead.")
    if moment > now + FURTHEST:
        raise InputError("That is more than a year away, and nothing was changed. Please name an earlier moment.")
    return moment


def _end_of(day: str) -> int:
    try:
        midnight = datetime.combine(date.fromisoformat(day), time(tzinfo=UTC))
        return int((midnight + timedelta(days=1)).timestamp())
    except (ValueError, OverflowError) as error:
        raise InputError("There is no such day, and nothing was changed. A day looks like `2026-12-24`.") from error


def _seconds(said: str) -> int:
    spans = _SPAN.findall(said)
    if not spans or _SPAN.sub("", said) or any(unit not in _UNITS for _, unit in spans):
        raise InputError(
            "I do not understand that deadline, and nothing was changed. Write `3d`, `12h`, `1d 12h`, or a day such as"
            " `2026-12-24`."
        )
    return sum(int(count) * _UNITS[unit] for count, unit in spans)
