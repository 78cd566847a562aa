"""Verdicts, as people write them, and all that only looks like one."""

# ruff: noqa: RUF001 - signs as critics type them

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reviews.importers import ratings

VERDICTS = {
    "4 sheep": 8,
    "3½ sheep": 7,
    "3 1/2 sheep": 7,
    "3-1/2 sheep": 7,
    "3.5 sheep": 7,
    "3,5 sheep": 7,
    "½ sheep": 1,
    "1/2 sheep": 1,
    "0 sheep": 0,
    "three and a half sheep": 7,
    "Three-and-a-half sheep.": 7,
    "3 and a half sheep": 7,
    "3-½ sheep": 7,
    "half a sheep": 1,
    "five sheep!": 10,
    "4 sheep out of 5": 8,
    "🐑🐑🐑": 6,
    "🐑 🐑 🐑 ½": 7,
    "4/5": 8,
    "(4/5)": 8,
    "4 / 5": 8,
    "4.5/5": 9,
    "8/10": 8,
    "7.5/10": 8,
    "3/4": 8,
    "85/100": 9,
    "8 out of 10": 8,
    "eight out of ten": 8,
    "4 of 5 stars": 8,
    "★★★½": 7,
    "★★★1/2": 7,
    "★★★☆☆": 6,
    "★★★½☆": 7,
    "★★★☆": 8,
    "★★★½ out of four": 9,
    "⭐️⭐️⭐️": 6,
    "★": 2,
    "***½": 7,
    "***/****": 8,
    "3 stars": 6,
    "3 stars out of 4": 8,
    "3½ stars out of 4": 9,
    "3 out of 4 stars": 8,
    "2.5 stars (out of 4)": 6,
    "B+": 8,
    "A-": 9,
    "C–": 4,
    "F+": 1,
    "F-": 0,
    "4 (out of 5)": 8,
    "★★★★☆ (4/5)": 8,
    "85%": 9,
    "0/10": 0,
}
LABELLED = {
    "Rating: 7": 7,
    "Rating: 4/5": 8,
    "RATING – 4/5": 8,
    "Rating 4 out of 5": 8,
    "Verdict: B": 8,
    "My grade: F": 0,
    "Final grade: A+": 10,
    "Overall: 6/10": 6,
    "Final verdict: ★★★★ – a small wonder": 8,
    "Sheep: 4": 8,
    "Final rating: 4 stars (out of 5 stars)": 8,
    "Cats: 1 sheep": 2,
    "Cats – half a sheep": 1,
    "Cats (2019) – 1 sheep": 2,
    "1 sheep for Cats": 2,
    "4 stars for this film.": 8,
    "Rating: 4 sheep": 8,
    "Rating: 4 sheep for Cats": 8,
    "Grade: B": 8,
    "Star rating: 3.5": 7,
    "Score: 72%": 7,
    "Verdict: ***": 6,
    "It left me cold in the end. Rating: 2/5": 4,
    "Runtime: 90 minutes | Rating: 2/5": 4,
    "Rating: ★★★½ (3.5/5)": 7,
    "My rating: three sheep": 6,
    "I give it 4 out of 5 stars.": 8,
    "I'd give this film a solid B+, and my sister a C.": 8,
    "We gave Cats 1 sheep and went home.": 2,
    "Cats gets half a sheep.": 1,
    "The film earns three and a half stars.": 7,
}
NONE = (
    *(
        "4",
        "Rating: 4",
        "7",
        "A",
        "***",
        "Rating: 15",
        "Rated R",
        "Rating: PG-13",
        "Certificate: 12A",
        "6 sheep",
        "11/10",
        "120%",
        "☆☆☆☆☆",
    ),
    *(
        "4/5/2015",
        "Rating: 4/5/2015",
        "Seen on 4/5",
        "10 out of 10 people left",
        "Verdict: 10 out of 10 people left",
        "2/3 of it works",
    ),
    *(
        "★ poor, ★★★★★ superb",
        "★★★ = good",
        "Ratings: ★ poor ★★ fair ★★★ good",
        "Rating: ★ poor, ★★★★★ superb",
        "5 sheep: a masterpiece",
    ),
    *(
        "Rotten Tomatoes: 85%",
        "Rotten Tomatoes gives it 85%",
        "IMDb rating: 7.5/10",
        "Audience score: 90%",
        "User rating: 4/5 (312 votes)",
    ),
    *("Readers' verdict: 4/5", "Average rating: 4.2/5", "Metacritic score: 74/100", "Rating by visitors: 4/5"),
    *(
        "She is 9 and he is 85.",
        "It cost $4/5 million",
        "Budget: 85%",
        "The farmer has 4 sheep.",
        "He owns 3 sheep and a dog",
        "4 sheep for effort",
        "4 sheep for Dogs",
        "3-4 sheep",
        "Rating: 3–4 sheep",
        "★★★ (4/5)",
        "Rating: A for effort",
        "4/5 stars (for the music)",
        "a 3 star hotel",
    ),
    *(
        "I wanted to give it 5/5",
        "I would have given it 4/5",
        "I almost gave it 4 stars",
        "I gave the first film 4/5",
        "24/7",
        "9/11",
        "50/50",
    ),
    *(
        "Rating: 4/5. The first film got 2/5.",
        "version 2.4/5.1",
        "Grade: A film for all",
        "Verdict: A triumph",
        "Score by Hans Zimmer",
    ),
    *("", "½", "/5", "★" * 7, "1/2"),
)


def verdict(*lines: str, **meta: str) -> int | None:
    """Half-sheep found in lines of text of a review of *Cats*."""
    found = ratings.find(lines, {name.replace("__", "."): value for name, value in meta.items()}, "Cats", None)
    return found.half_sheep if found else None


@pytest.mark.parametrize("style", VERDICTS)
def test_a_line_that_is_a_verdict(style: str) -> None:
    assert verdict("A film about cats.", style, "See you next week.") == VERDICTS[style]
    assert verdict(f"Rating: {style}") == VERDICTS[style]


@pytest.mark.parametrize("line", LABELLED)
def test_a_verdict_with_a_label_or_in_a_sentence(line: str) -> None:
    assert verdict("A film about cats.", line) == LABELLED[line]


@pytest.mark.parametrize("line", NONE)
def test_nothing_is_taken_for_a_verdict_that_may_be_none(line: str) -> None:
    assert verdict("A film about cats.", line) is None


def test_a_label_may_stand_above_its_verdict() -> None:
    assert verdict("Verdict", "B") == 8
    assert verdict("The verdict:", "4/5") == 8


def test_verdicts_of_one_kind_that_differ_are_none() -> None:
    assert verdict("★★★", "★★★★") is None
    assert verdict("4/5", "8 out of 10") == 8
    assert verdict("Rating: 4/5", "Verdict: 2/5") is None
    assert verdict("Rating: 4/5", "2/5") == 8, "a label says more than none"
    assert verdict("Story: 2/5", "Acting: 3/5", "Overall: 3/5") == 6


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        ({"rating": "4/5"}, 8),
        ({"review_rating": "8"}, 8),
        ({"review_rating": "4"}, None),
        ({"_sheep": "3.5"}, 7),
        ({"starRating": "2"}, 4),
        ({"critic-grade": "B-"}, 7),
        ({"user_rating": "4/5"}, None),
        ({"rating_count": "4"}, None),
        ({"imdb_rating": "8.1"}, None),
        ({"rating": "4/5", "stars": "1"}, None),
        ({"review__rating": "4"}, 8),
        ({"review__rating": "7"}, 7),
        ({"review__rating": "B+"}, 8),
        ({"review__rating": "7.8", "review__best": "10", "review__worst": "1"}, 8),
        ({"review__rating": "0", "review__best": "10", "review__worst": "-10"}, 5),
        ({"review__rating": "80", "review__best": "100"}, 8),
        ({"review__rating": "6", "review__best": "5"}, None),
        ({"review__rating": "3\n4"}, None),
        ({"review__rating": "4", "review__best": "0"}, None),
        ({"review__rating": "4", "review__best": "5", "review__worst": "9"}, None),
    ],
)
def test_what_is_said_for_machines(meta: dict[str, str], expected: int | None) -> None:
    assert verdict("A film about cats.", **meta) == expected


def test_what_is_said_for_machines_comes_first_and_the_title_last() -> None:
    above = ratings.alone("1/5")

    assert verdict("Rating: 2/5", review__rating="4") == 8
    assert ratings.find(["Rating: 2/5"], {}, "Cats", above) == ratings.alone("2/5")
    assert ratings.find(["A film about cats."], {}, "Cats", above) == above


@pytest.mark.parametrize(
    ("title", "film", "expected"),
    [
        ("Cats ★½", "Cats", 3),
        ("Cats – 8/10", "Cats", 8),
        ("Cats: 3 sheep", "Cats", 6),
        ("Cats (B+)", "Cats", 8),
        ("Cats [3/5]", "Cats", 6),
        ("Cats – 3-½ stars", "Cats", 7),
        ("Cats – 3-4 stars", "Cats – 3-4 stars", None),
        ("Cats – F+", "Cats – F+", None),
        *(
            (title, title, None)
            for title in ("8½", "Fahrenheit 9/11", "50/50", "Catch-22", "Apollo 13", "Plan B", "Star 80", "U.S. vs. A")
        ),
    ],
)
def test_a_verdict_in_the_title(title: str, film: str, expected: int | None) -> None:
    rest, found = ratings.off_title(title)

    assert (rest, found.half_sheep if found else None) == (film, expected)


def test_a_verdict_tells_what_was_said_and_by_which_rule_it_was_converted() -> None:
    assert ratings.find(["Rating: 3½ stars out of 4."], {}, "", None) == ratings.Rating(
        9, "3½ stars out of 4", "3.5 of 4, to the nearest half"
    )
    assert ratings.find(["2.5 stars (out of 4)"], {}, "", None) == ratings.Rating(
        6, "2.5 stars (out of 4)", "2.5 of 4, to the nearest half"
    )
    assert ratings.alone("B+") == ratings.Rating(8, "B+", "B+ is 83 of 100, to the nearest half")
    assert ratings.find(
        [], {"review.rating": "5", "review.best": "10", "review.worst": "0"}, "", None
    ) == ratings.Rating(5, "5/10", "5 of 10, to the nearest half")


@given(st.integers(0, 100), st.sampled_from((5, 10, 20, 100)))
def test_a_verdict_is_never_off_by_more_than_a_quarter_sheep(value: int, best: int) -> None:
    found = ratings.alone(f"{value}/{best}")

    assert (found is None) == (value > best)
    if found:
        assert abs(found.half_sheep * best - value * 10) <= best / 2


@given(st.text(st.sampled_from("★☆🐑½1234567890/.,%*ABF+- outfsheptar:I giv"), max_size=40))
def test_any_line_gives_a_verdict_in_range_or_none(line: str) -> None:
    found = ratings.find([line, line], {"rating": line}, line, None)

    assert found is None or 0 <= found.half_sheep <= 10
    assert ratings.off_title(line)[0] or not line
