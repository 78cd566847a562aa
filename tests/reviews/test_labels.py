"""Genres, directors and critics: found as members type them, one in all their spellings."""

from __future__ import annotations

import pytest

from bot.reviews.labels import Kind, Label, Labels

LABELS = Labels(
    [
        Label(1, Kind.GENRE, "drama", 2),
        Label(2, Kind.GENRE, "Drama", 9),
        Label(3, Kind.GENRE, "Melodrama", 1),
        Label(4, Kind.GENRE, "Romantic Drama", 1),
        Label(5, Kind.GENRE, "War", 0),
        Label(6, Kind.DIRECTOR, "Agnès Varda", 1),
        Label(7, Kind.DIRECTOR, "AGNES VARDA", 0),
        Label(8, Kind.CRITIC, "Agnes Varda", 1),
        Label(9, Kind.CRITIC, "\u200b", 1),
        Label(10, Kind.CRITIC, "…", 1),
    ],
    [1990, 1890, 2020],
)


def offered(kind: Kind, typed: str) -> list[str]:
    return [label.title for label in LABELS.complete(kind, typed)]


def test_labels_are_offered_by_their_beginning_then_by_a_words_and_never_those_of_no_film() -> None:
    assert offered(Kind.GENRE, "dra") == ["Drama", "Romantic Drama"]
    assert offered(Kind.GENRE, "") == ["Drama", "Melodrama", "Romantic Drama"]
    assert offered(Kind.GENRE, "war") == []
    assert offered(Kind.DIRECTOR, "VÁR") == ["Agnès Varda"]
    assert len(Labels(Label(n, Kind.GENRE, f"Genre {n}", 1) for n in range(60)).complete(Kind.GENRE, "genre")) == 25


@pytest.mark.parametrize("typed", ["Drama", "DRAMA ", "dráma", "drama!", "label:2"])
def test_a_label_is_one_in_all_its_spellings(typed: str) -> None:
    found = LABELS.resolve(Kind.GENRE, typed).found

    assert found is not None
    assert (found.title, sorted(LABELS.alike(found.review_id))) == ("Drama", [1, 2])
    assert LABELS.name(Kind.GENRE, 1) == LABELS.name(Kind.GENRE, 2) == "Drama"


def test_a_label_of_one_kind_is_none_of_another() -> None:
    assert LABELS.alike(6) == (6, 7)
    assert LABELS.name(Kind.CRITIC, 8) == "Agnes Varda"
    assert LABELS.name(Kind.DIRECTOR, 8) is None
    assert LABELS.name(Kind.GENRE, 99) is None
    assert LABELS.name(Kind.GENRE, 5) == "War"


def test_what_is_no_label_names_the_nearest() -> None:
    resolution = LABELS.resolve(Kind.GENRE, "horror")

    assert resolution.found is None
    assert len(resolution.candidates or resolution.nearest) == 3


@pytest.mark.parametrize(
    ("typed", "decade", "nearest"),
    [
        *(("1990s", 1990, 1990), ("1994", 1990, 1990), (" 1990'S ", 1990, 1990), ("90s", 1990, 2020)),
        *(("'20s", 2020, 2020), ("1980s", None, 1990), ("1800", None, 1890), ("30s", None, 2020)),
        *((typed, None, 2020) for typed in ("", "nineties", "95s", "1990ss", "\u0661990", "9" * 99)),
    ],
)
def test_a_decade_is_one_on_the_shelf_however_it_is_said(typed: str, decade: int | None, nearest: int) -> None:
    found, near = LABELS.decade(typed)

    assert (found, near[0]) == (decade, nearest)
    assert LABELS.decades_like("9") == [1990, 1890]
    assert Labels().decade(typed) == (None, [])
