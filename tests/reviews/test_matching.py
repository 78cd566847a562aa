"""Ratings matched with reviews: by title and year, and never by a guess."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reviews.catalogue import Catalogue
from bot.reviews.matching import Matcher, Matches, Rating, distinct
from bot.reviews.titles import Title

HERE, THERE = 7, 8
SHELF = [
    Title(1, "suspiria-1977", "Suspiria", 1977),
    Title(2, "suspiria-2018", "Suspiria", 2018),
    Title(3, "amelie", "Amélie", 2001, ("Le Fabuleux Destin d'Amélie Poulain",)),
    Title(4, "the-thing", "The Thing", 1982),
    Title(5, "thing", "Thing", 2011),
    Title(6, "godfather-2", "The Godfather: Part II", 1974),
    Title(7, "heidi", "Heidi", None),
    Title(8, "blade-runner-2049", "Blade Runner 2049", 2017),
    Title(9, "emma-1996-a", "Emma", 1996),
    Title(10, "emma-1996-b", "Emma", 1996),
    Title(11, "own", "Ours", 2020, (), "", HERE),
    Title(12, "theirs", "Theirs", 2020, (), "", THERE),
    Title(13, "own-suspiria", "Amélie", 2001, (), "", THERE),
    Title(14, "dune-1984", "Dune", 1984),
    Title(15, "dune", "Dune", None),
    Title(16, "twins-1", "Twins", 2000),
    Title(17, "twins-2", "Twins", 2002),
]


def matched(*ratings: tuple[str, int | None], guild_id: int = HERE, shelf: list[Title] | None = None) -> Matches:
    """What becomes of ratings of three stars and a half, each given a second after the one before."""
    matcher = Matcher(partial(Catalogue(SHELF if shelf is None else shelf).spelt, guild_id=guild_id))
    for rating in distinct(Rating(name, year, 7, at) for at, (name, year) in enumerate(ratings)):
        matcher.add(rating)
    return matcher.matches()


@pytest.mark.parametrize(
    ("name", "year", "review_id"),
    [
        ("Suspiria", 1977, 1),
        ("SUSPIRIA ", 2018, 2),
        ("Amelie", 2001, 3),
        ("le fabuleux destin d’amélie poulain", 2001, 3),  # noqa: RUF001 - a typographic apostrophe
        ("The Thing", 1982, 4),
        ("Thing, The", 1982, 4),
        ("Thing", 1982, 4),
        ("Thing", 2011, 5),
        ("Godfather Part 2", 1974, 6),
        ("Heidi", 2015, 7),
        ("Heidi", None, 7),
        ("Blade Runner 2049", 2017, 8),
        ("Blade Runner 2049", 2018, 8),
        ("Amélie", 2002, 3),
        ("Amélie", 2000, 3),
        ("Amélie", None, 3),
        ("Suspiria", 2017, 2),
        ("Ours", 2020, 11),
    ],
)
def test_title_and_year_find_the_review(name: str, year: int | None, review_id: int) -> None:
    found, ambiguous, missing = matched((name, year))
    assert [match.review_id for match in found] == [review_id]
    assert (list(ambiguous), missing) == ([], 0)


@pytest.mark.parametrize(
    ("name", "year"),
    [
        *(("Suspira", 1977), ("Suspiria", 1990), ("Amélie", 2003), ("Thing", 1983), ("The Thing", 2011 + 5)),
        *(("Blade Runner", 2049), ("Blade Runner", 2017), ("Suspiria 1977", 1977), ("Theirs", 2020), ("!", 2020)),
    ],
)
def test_what_only_comes_near_is_not_here(name: str, year: int) -> None:
    assert matched((name, year)) == Matches([], [], 1)


@pytest.mark.parametrize(
    ("name", "year", "review_ids"),
    [
        ("Suspiria", None, (1, 2)),
        ("Emma", 1996, (9, 10)),
        ("Emma", 1997, (9, 10)),
        ("Dune", 2021, (15,)),
        ("Dune", 1985, (14, 15)),
        ("Twins", 2001, (16, 17)),
    ],
)
def test_what_may_be_another_film_is_ambiguous(name: str, year: int | None, review_ids: tuple[int, ...]) -> None:
    found, ambiguous, missing = matched((name, year))
    assert [one.review_ids for one in ambiguous] == [review_ids]
    assert (list(found), missing) == ([], 0)


def test_a_review_of_another_server_is_no_match_and_makes_none_ambiguous() -> None:
    assert [match.review_id for match in matched(("Amélie", 2001)).found] == [3]
    assert [one.review_ids for one in matched(("Amélie", 2001), guild_id=THERE).ambiguous] == [(3, 13)]


def test_a_film_rated_twice_is_given_what_it_was_given_last() -> None:
    (match,) = matched(("Amélie", 2001), ("AMELIE", 2001)).found
    assert match.at == 1
    (match,) = matched(("Amélie", 2001), ("Le fabuleux destin d'Amélie Poulain", 2001)).found
    assert match.at == 1


def test_a_rating_of_the_very_year_stands_over_one_of_the_year_beside_it() -> None:
    found, ambiguous, missing = matched(("Amélie", 2002), ("Amélie", 2001), ("Amélie", None))
    assert [(match.review_id, match.at) for match in found] == [(3, 1)]
    assert (list(ambiguous), missing) == ([], 2)


def test_two_ratings_that_may_both_be_of_one_film_are_ambiguous() -> None:
    found, ambiguous, _ = matched(("Amélie", 2002), ("Amélie", 2000))
    assert not found
    assert [(one.year, one.review_ids) for one in ambiguous] == [(2002, (3,)), (2000, (3,))]


NAMES = st.sampled_from(["Emma", "The Emma", "Emma II", "Emma Part 2", "émma", "Heidi"])
YEARS = st.none() | st.integers(1999, 2003)


@given(st.lists(st.tuples(NAMES, YEARS), max_size=8), st.lists(st.tuples(NAMES, YEARS), max_size=8))
@settings(max_examples=100)
def test_each_rating_comes_to_one_thing_and_no_film_to_two(
    films: list[tuple[str, int | None]], ratings: list[tuple[str, int | None]]
) -> None:
    shelf = [Title(number, f"film-{number}", name, year) for number, (name, year) in enumerate(films)]
    found, ambiguous, missing = matched(*ratings, shelf=shelf)

    different = {(name.replace("é", "E").casefold(), year) for name, year in ratings}
    review_ids = [match.review_id for match in found]
    assert len(review_ids) == len(set(review_ids))
    assert len(found) + len(ambiguous) + missing <= len(different)
    assert bool(different) == bool(found or ambiguous or missing)
    for match in found:
        _, year = ratings[match.at]
        film = shelf[match.review_id]
        assert year is None or film.year is None or abs(film.year - year) <= 1
