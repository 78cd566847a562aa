"""Files of votes: whatever a thought holds comes back as it was, and whatever else a file holds is told apart."""

from __future__ import annotations

import csv
import io
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.errors import TransferError
from bot.moving.reading import MAX_LINE, Reader
from bot.moving.writing import COLUMNS, ENCODING, Rejected, defused, header, rejects, restored, written
from bot.store.records import Record

if TYPE_CHECKING:
    from collections.abc import Callable

SLUGS = {"miss-you-already", "1917", "mar-1"}
FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r")  # noqa: RUF001 - full-width ones are run as well
LIKELY = "'\"=;\t\r\n,|＝+\ufeff\u2028"  # noqa: RUF001 - as above
NASTY = st.text(
    st.one_of(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), st.sampled_from(LIKELY)),
    min_size=1,
    max_size=1000,
)
IDS = st.integers(10**17, 9 * 10**17)
TIMES = st.integers(1_420_070_400, int(time.time()))
VOTES = st.tuples(IDS, st.sampled_from(sorted(SLUGS)), IDS, st.integers(1, 5), TIMES, TIMES)
NO_VOTES = st.tuples(IDS, st.sampled_from(sorted(SLUGS)), IDS, st.none(), st.none(), st.none())
THOUGHTS = st.tuples(NASTY, st.integers(0, 1), TIMES, TIMES)
RECORDS = st.one_of(
    st.tuples(VOTES, st.one_of(st.just((None, None, None, None)), THOUGHTS)), st.tuples(NO_VOTES, THOUGHTS)
).map(lambda both: Record._make((*both[0], *both[1])))
GOOD = {
    "guild_id": "700000000000000001",
    "review": "1917",
    "member_id": "200000000000000001",
    "sheep": 4,
    "voted_at": "2026-10-31T18:30:00Z",
}
OTHERS = ("vote_changed_at", "thought", "thought_at", "spoiler")
TAKEN = Record(700000000000000001, "1917", 200000000000000001, 4, 1793471400, 1793471400, None, None, None, None)


@pytest.fixture(autouse=True)
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever day it is, the times in these tests have been."""
    monkeypatch.setattr("bot.moving.reading.time.time", lambda: 1_800_000_000.0)


def read(raw: bytes, form: str) -> list[Record | Rejected]:
    return list(Reader(io.BytesIO(raw), form, SLUGS))


def as_csv(**cells: object) -> bytes:
    row = {**GOOD, **cells}
    text = io.StringIO(newline="")
    csv.writer(text).writerows([row.keys(), row.values()])
    return text.getvalue().encode()


def as_json(**values: object) -> bytes:
    return json.dumps({**GOOD, **values}).encode() + b"\n"


@pytest.mark.parametrize("form", list(ENCODING))
@given(records=st.lists(RECORDS, max_size=5))
def test_what_is_written_comes_back_as_it_was(form: str, records: list[Record]) -> None:
    raw = header(form).encode(ENCODING[form]) + written(records, form).encode()

    assert read(raw, form) == records


@given(NASTY)
@example("'=1+1")
@example("''")
@example(";'=1")
def test_a_cell_comes_back_as_it_was(text: str) -> None:
    assert restored(defused(text)) == text


@given(NASTY)
@example("a;=1+1\t@x\n-1")
def test_no_cell_is_run_wherever_a_spreadsheet_splits_it(text: str) -> None:
    cell = defused(text)

    for separator in ";\t\r\n|":
        assert not any(part.startswith(FORMULAS[:8]) for part in cell.split(separator))
    assert not cell.startswith(FORMULAS)


def test_a_cell_of_another_program_is_left_as_it_is() -> None:
    assert restored("It is about sheep; -1 for the wolf") == "It is about sheep; -1 for the wolf"


@pytest.mark.parametrize("as_file", [as_csv, as_json])
def test_a_plain_row_is_taken(as_file: Callable[..., bytes]) -> None:
    form = "csv" if as_file is as_csv else "jsonl"

    assert read(as_file(), form) == [TAKEN]
    assert read(b"\xef\xbb\xbf" + as_file() + b"\r\n\r\n", form) == [TAKEN]
    assert read(as_file(voted_at="2026-10-31 19:30:00+01:00"), form) == [TAKEN]


def test_columns_stand_in_any_order_and_spreadsheets_write_words_their_own_way() -> None:
    raw = (
        b"thought,spoiler,thought_at,member_id,review,guild_id\r\n"
        b"Baa.,TRUE,2026-10-31 18:30,200000000000000001,1917,'700000000000000001\r\n"
    )

    expected = Record(*TAKEN[:3], None, None, None, "Baa.", 1, 1793471400, 1793471400)
    assert read(raw, "csv") == [expected]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"review": "no-such-film"}, "names a review that there is not: 'no-such-film'"),
        ({"sheep": 6}, "for sheep, not 1 to 5"),
        ({"sheep": "four"}, "has 'four' for sheep, not 1 to 5"),
        ({"sheep": ""}, "sheep"),
        ({"guild_id": "7E+17"}, "no id of Discord's"),
        ({"guild_id": "700000000000000001.0"}, "no id of Discord's"),
        ({"member_id": "12345"}, "no id of Discord's"),
        ({"member_id": "9223372036854775807"}, "no id of Discord's"),
        ({"member_id": "²00000000000000001"}, "no id of Discord's"),
        ({"voted_at": "yesterday"}, "not a time such as"),
        ({"voted_at": "1999-01-01T00:00:00Z"}, "before Discord was there"),
        ({"voted_at": "2099-01-01T00:00:00Z"}, "after today"),
        ({"voted_at": "0001-01-01T00:00:00+14:00"}, "voted_at"),
        ({"vote_changed_at": "x"}, "for vote_changed_at"),
        ({"thought": "Baa."}, "for thought_at"),
        ({"thought": "x" * 1001, "thought_at": GOOD["voted_at"]}, "1 to 1000"),
        ({"thought": "a\0b", "thought_at": GOOD["voted_at"]}, "1 to 1000"),
        ({"thought": "Baa.", "thought_at": GOOD["voted_at"], "spoiler": "perhaps"}, "for spoiler, not 1 or 0"),
        ({"thought": "Baa" * 30_000}, "too long"),
    ],
)
@pytest.mark.parametrize("as_file", [as_csv, as_json])
def test_a_row_that_cannot_be_is_rejected_with_its_reason(
    as_file: Callable[..., bytes], wrong: dict[str, Any], said: str
) -> None:
    blank: dict[str, Any] = dict.fromkeys(OTHERS, "") if as_file is as_csv else {}  # all rows have the same columns
    form = "csv" if as_file is as_csv else "jsonl"
    following = as_file(**blank).splitlines(keepends=True)[-1]

    found = read(as_file(**blank | wrong) + following, form)

    rejected, *rest = found
    assert isinstance(rejected, Rejected)
    assert said in rejected.reason
    assert rejected.line == (2 if form == "csv" else 1)
    assert rest == [TAKEN]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"\xff\xfe\n", "not UTF-8"),
        (b'{"guild_id": \n', "no JSON"),
        (b"[]\n", "no JSON object"),
        (b"[" * 50_000 + b"\n", "no JSON"),
        (b"9" * 50_000 + b"\n", "no JSON"),
        (b'{"sheep": 1, "sheep": 2}\n', "keys, once each"),
        (b'{"baa": 1}\n', "keys, once each"),
        (as_json(sheep=True), "True for sheep"),
        (as_json(sheep=4.0), "4.0 for sheep"),
        (as_json(guild_id=700000000000000001), "written as text"),
        (as_json(review=["1917"]), "names a review that there is not"),
        (as_json(thought=7), "no text"),
        (as_json(thought=""), "1 to 1000"),
        (as_json(thought="\ud800", thought_at=GOOD["voted_at"]), "half a character"),
        (as_json(voted_at=1793471400), "not a time"),
    ],
)
def test_what_only_json_can_get_wrong(line: bytes, said: str) -> None:
    rejected, taken = read(line + as_json(), "jsonl")

    assert isinstance(rejected, Rejected)
    assert said in rejected.reason
    assert taken == TAKEN


def test_a_quote_too_many_takes_no_other_row_with_it() -> None:
    head, row = as_csv().splitlines(keepends=True)
    broken = row.replace(b"1917", b'"1917')

    found = read(head + row + broken + row * 3, "csv")

    assert found == [TAKEN, Rejected(3, "has a quote that is never closed", broken.decode().strip()), *[TAKEN] * 3]


def test_a_row_that_spans_lines_is_told_by_its_first() -> None:
    columns = (*GOOD, "thought", "thought_at")
    rows = [[*GOOD.values(), "Two\nlines", GOOD["voted_at"]], [*GOOD.values(), "Two\nlines", "?"], ["x"]]
    text = io.StringIO(newline="")
    csv.writer(text).writerows([columns, *rows])

    taken, *rejected = read(text.getvalue().encode(), "csv")

    assert isinstance(taken, Record)
    assert taken.thought == "Two\nlines"
    assert [each.line for each in rejected if isinstance(each, Rejected)] == [4, 6]


@pytest.mark.parametrize("cut", range(1, 30))
def test_a_file_that_breaks_off_says_so(cut: int) -> None:
    head, row = as_csv().splitlines(keepends=True)

    found = read((head + row + row)[: -cut - 1], "csv")

    assert found[0] == TAKEN
    assert [type(each) for each in found[1:]] == [Rejected]


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (b"\r\n", "It has: nothing"),
        (b"guild_id;review;member_id\r\n", "separated by commas"),
        (b"guild_id,review\r\n", "must name columns"),
        (b"guild_id,review,member_id,member_id\r\n", "once each"),
        (b"guild_id,review,member_id,name\r\n", "must name columns"),
        ("guild_id,review,member_id\r\n".encode("utf-16"), "not UTF-8"),
        (b"x" * 2 * MAX_LINE, "too long"),
        (b'"guild_id\r\n', "CSV"),
    ],
)
def test_a_file_without_the_columns_is_refused_whole(head: bytes, said: str) -> None:
    with pytest.raises(TransferError, match=said):
        read(head + as_csv().splitlines()[-1] + b"\r\n", "csv")


def test_a_line_without_end_is_one_rejected_row() -> None:
    rejected, taken = read(b"x" * 5 * MAX_LINE + b"\n" + as_json(), "jsonl")

    assert isinstance(rejected, Rejected)
    assert (rejected.line, rejected.reason) == (1, "is too long")
    assert len(rejected.row) <= MAX_LINE
    assert taken == TAKEN


def test_rejected_rows_are_no_formulas_either() -> None:
    (row,) = csv.reader(io.StringIO(rejects([Rejected(3, "is no CSV", "=1+1")]), newline=""))

    assert row == ["3", "'is no CSV", "'=1+1"]


@pytest.mark.parametrize("form", list(ENCODING))
def test_an_empty_file_has_no_rows(form: str) -> None:
    if form == "csv":
        with pytest.raises(TransferError, match="It has: nothing"):
            read(b"", form)
    else:
        assert read(b"", form) == []


def test_the_columns_are_those_of_a_record() -> None:
    assert header("csv") == ",".join(COLUMNS) + "\r\n"
