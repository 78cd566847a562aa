"""Deadlines as they are typed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import deadlines
from bot.errors import InputError

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC).timestamp()
HOUR, DAY = 3_600, 86_400


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        *(("3d", 3 * DAY), ("12h", 12 * HOUR), ("90 minutes", 90 * 60), ("1d 12h", 36 * HOUR), ("1d12h", 36 * HOUR)),
        *(("in 2 weeks", 14 * DAY), (" 3 Days ", 3 * DAY), ("1 min", 60), ("366d", 366 * DAY)),
        ("2026-11-22", 11.5 * HOUR),  # to the end of that day
        ("2026-12-24", 32 * DAY + 11.5 * HOUR),
    ],
)
def test_what_is_understood(typed: str, seconds: float) -> None:
    assert deadlines.parse(typed, NOW) == NOW + seconds


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        *((typed, "do not understand") for typed in ("", "5", "3 donkeys", "1d, 2h", "d", "-1d", "\u0663d", "1.5h")),
        *((typed, "has passed") for typed in ("0m", "2026-11-21", "0001-01-01")),
        *((typed, "a year away") for typed in ("367d", "99999w", "2028-01-01")),
        *((typed, "no such day") for typed in ("2026-13-01", "2026-02-30", "9999-12-31", "0000-01-01")),
    ],
)
def test_what_is_refused_and_why(typed: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        deadlines.parse(typed, NOW)


@given(st.text(max_size=30) | st.text("0123456789wdhm- ", max_size=30))
def test_whatever_is_typed_is_a_moment_ahead_within_a_year_or_is_refused(typed: str) -> None:
    try:
        moment = deadlines.parse(typed, NOW)
    except InputError:
        return
    assert NOW < moment <= NOW + deadlines.FURTHEST
