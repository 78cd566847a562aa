"""Ratings as Letterboxd exports them: what is taken, and that whatever else comes is refused in one sentence."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.errors import InputError
from bot.moving import letterboxd
from bot.moving.letterboxd import Export, read
from bot.reviews.matching import Rating

NOW = datetime(2026, 11, 26, 18, tzinfo=UTC).timestamp()
HEAD = "Date,Name,Year,Letterboxd URI,Rating\n"
ROWS = (
    HEAD
    + '2026-10-31,Miss You Already,2015,https://boxd.it/1,3.5\n2025-01-02,"Dog, the ""Star""",,https://boxd.it/2,5\n'
)
RATINGS = [
    Rating("Miss You Already", 2015, 7, int(datetime(2026, 10, 31, 12, tzinfo=UTC).timestamp())),
    Rating('Dog, the "Star"', None, 10, int(datetime(2025, 1, 2, 12, tzinfo=UTC).timestamp())),
]


def packed(*members: tuple[str, bytes | str], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip with these files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", how) as archive:
        for name, body in members:
            archive.writestr(name, body)
    return made.getvalue()


def encrypted(data: bytes) -> bytes:
    """A zip whose files say that they are encrypted."""
    for head, place in ((b"PK\x03\x04", 6), (letterboxd.ZIP_ENTRY, 8)):
        at = data.index(head) + place
        data = data[:at] + bytes([data[at] | 1]) + data[at + 1 :]
    return data


@pytest.mark.parametrize(
    "data",
    [
        ROWS.encode(),
        ROWS.encode("utf-8-sig"),
        ROWS.replace("\n", "\r\n").encode(),
        ROWS.replace("\n", "\r\n\r\n").encode() + b",,,,\n",
        ROWS.encode("utf-16"),
        ROWS.replace(",", "\t").replace("Dog\t", "Dog,").encode("utf-16"),
        ROWS.replace(",", ";").replace("Dog;", "Dog,").replace("3.5", "3,5").encode(),
        packed(("ratings.csv", ROWS)),
        packed(("ratings.csv", ROWS), how=zipfile.ZIP_STORED),
        packed(("someone/ratings.csv", ROWS.encode("utf-8-sig")), ("someone/reviews.csv", b"\xff")),
        packed(("deleted/ratings.csv", HEAD), ("orphaned/ratings.csv", HEAD), ("me/Ratings.csv", ROWS)),
        packed(("me/ratings.csv", HEAD), ("ratings.csv", ROWS), ("a/b/ratings.csv", HEAD), ("nested.zip", b"PK")),
    ],
)
def test_an_export_is_read_however_it_is_packed_and_saved(data: bytes) -> None:
    assert read(data, NOW) == Export(RATINGS)


def test_columns_are_found_by_their_names() -> None:
    text = "Rating,Tags,name,RATING, Date \n0.5,a,Cats,5,2026-01-01\n1.0,b,Dogs,,2026-01-02\n5,,Cows\n"

    found = read(text.encode(), NOW)

    assert [(one.name, one.year, one.half_stars) for one in found.ratings] == [("Cats", None, 1), ("Dogs", None, 2)]
    assert found.unread == 1


@pytest.mark.parametrize(
    "row",
    [
        *("2026-01-01,Cats,2019,x,0", "2026-01-01,Cats,2019,x,5.5", "2026-01-01,Cats,2019,x,3.25"),
        *("2026-01-01,Cats,2019,x,", "2026-01-01,Cats,2019,x,４", "2026-01-01,Cats,2019,x,nan"),  # noqa: RUF001 - full-width
        *("2026-02-30,Cats,2019,x,4", "1969-12-30,Cats,2019,x,4", ",Cats,2019,x,4", "01/02/2026,Cats,2019,x,4"),
        *("2026-01-01,,2019,x,4", "2026-01-01,Cats,next,x,4", "2026-01-01,Cats,99999,x,4", "2026-01-01"),
        f"2026-01-01,{'C' * (letterboxd.MAX_NAME + 1)},2019,x,4",
    ],
)
def test_a_row_that_cannot_be_taken_is_counted_and_takes_no_other_with_it(row: str) -> None:
    assert read(f"{ROWS}{row}\n".encode(), NOW) == Export(RATINGS, 1)


@pytest.mark.parametrize(
    ("day", "at"),
    [("2026-11-25", (25, 12)), ("2026-11-26", (26, 12)), ("2026-11-27", (26, 0)), ("9999-12-31", (26, 0))],
)
def test_no_rating_lies_in_the_future(day: str, at: tuple[int, int]) -> None:
    (rating,) = read(f"{HEAD}{day},Cats,2019,x,4\n".encode(), NOW).ratings
    assert rating.at == datetime(2026, 11, *at, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no column"),
        (b"Title,Year,Directors,Rating,Review\n", "names no column Date and no column Name"),
        (b"Date,Name,Rating\n\xe9", "no text in UTF-8"),
        (b"\xff\xfe\x00\xd8\x00", "no text in UTF-8"),
        (b"Date,Name,Rating\n" + b"a" * 200_000, "no CSV"),
        (b"\x89PNG\r\n\x1a\n\x00", "no text in UTF-8"),
        (HEAD.encode() + b"2026-01-01,Cats,2019,x,4\n" * (letterboxd.MAX_ROWS + 1), "more than 20,000 rows"),
        (b"\n" * (letterboxd.MAX_FILE + 1), "larger than 5 MB"),
        (packed(), "no `ratings.csv`"),
        (packed(("reviews.csv", ROWS), ("a/b/ratings.csv", ROWS), ("export.zip", b"PK\x03\x04")), "no `ratings.csv`"),
        (packed(("a/ratings.csv", ROWS), ("b/ratings.csv", ROWS)), "more than one"),
        (packed(("ratings.csv", packed(("ratings.csv", ROWS)))), "no text in UTF-8"),
        (packed(("ratings.csv", b"0" * (letterboxd.MAX_FILE + 1))), "in that zip is larger than 5 MB"),
        (packed(("ratings.csv", ROWS), how=zipfile.ZIP_LZMA), "in a way that I do not read"),
        (packed(("ratings.csv", ROWS), how=zipfile.ZIP_BZIP2), "in a way that I do not read"),
        (encrypted(packed(("ratings.csv", ROWS))), "is encrypted"),
        (packed(*((str(number), b"") for number in range(letterboxd.MAX_MEMBERS + 1))), "more than 1,000 files"),
        (packed(("ratings.csv", ROWS))[:-30], "is damaged"),
        (b"PK\x03\x04", "is damaged"),
    ],
)
def test_what_is_no_export_is_refused_with_the_reason_and_what_to_send(data: bytes, why: str) -> None:
    with pytest.raises(InputError) as refused:
        read(data, NOW)

    assert why in refused.value.told
    assert "lease send" in refused.value.told
    assert refused.value.__cause__ is None, "whoever sends such files would fill the log"


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """An export in which some bytes are others."""
    data = bytearray(draw(st.sampled_from([ROWS.encode(), packed(("ratings.csv", ROWS)), ROWS.encode("utf-16")])))
    for _ in range(draw(st.integers(0, 4))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data)


@given(
    st.binary(max_size=300)
    | broken()
    | st.text(max_size=200).map(str.encode)
    | st.text('0123456789.-,;\t"\r\n aé\0', max_size=200).map((HEAD + "2026-01-01,").__add__).map(str.encode)
)
@example(b'Date,Name,Rating\n"')
@settings(max_examples=100)
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    try:
        export = read(data, NOW)
    except InputError:
        return
    for rating in export.ratings:
        assert 1 <= rating.half_stars <= 10
        assert 0 <= rating.at <= NOW
        assert rating.name
        rating.name.encode()
