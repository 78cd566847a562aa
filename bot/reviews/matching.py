"""Ratings from elsewhere, matched with the films on the shelf by title and year; nothing here guesses.

A title fits as the catalogue folds it: case, accents, punctuation, a leading article and the way of numerals do not
matter; a typo does. The year decides among films of one name:

- The same year is sure.
- A year beside it fits too, as festivals show a film before its year, where the name is the same and no other fits.
- Where the rating or the review has no year, they fit if no other film has the name.

Two reviews that fit one rating, or two ratings that may be of one film, are ambiguous.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from bot.reviews.titles import article_first, fold, names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bot.reviews.titles import Title


class Rating(NamedTuple):
    """What a member gave a film elsewhere.

    Attributes:
        half_stars: 1 to 10.
        at: When, in Unix seconds.
    """

    name: str
    year: int | None
    half_stars: int
    at: int


class Match(NamedTuple):
    """A rating of a film that has a review here."""

    review_id: int
    half_stars: int
    at: int


class Ambiguous(NamedTuple):
    """A rating that may be of these films, or of another one."""

    name: str
    year: int | None
    half_stars: int
    review_ids: tuple[int, ...]


class Matches(NamedTuple):
    """What has become of ratings; ``missing`` counts those of films that have no review here."""

    found: Sequence[Match] = ()
    ambiguous: Sequence[Ambiguous] = ()
    missing: int = 0


class Fit(NamedTuple):
    """The films that a rating may be of.

    Attributes:
        one: Whether it is of the one film that there is, unless another rating fits that better.
        sure: Whether no other rating can.
    """

    films: Sequence[Title]
    one: bool = False
    sure: bool = False


def fit(films: Sequence[Title], folded: str, year: int | None) -> Fit:
    """The films that a rating may be of.

    Args:
        films: All films of the name, as :meth:`Titles.spelt` finds them.
        folded: The name, folded.
    """
    named = [film for film in films if folded in names(film)]
    if year is None:
        return Fit(named, one=len(named) == 1)
    same = [film for film in named if film.year == year] or [film for film in films if film.year == year]
    if same:
        return Fit(same, one=len(same) == 1, sure=len(same) == 1)
    beside = [film for film in named if film.year in {year - 1, year + 1}]
    found = beside + [film for film in named if film.year is None]
    return Fit(found, one=len(found) == 1 and (bool(beside) or len(named) == 1))


def distinct(ratings: Iterable[Rating]) -> list[Rating]:
    """The newest rating of each name and year; of two on one day, the one further down."""
    newest: dict[tuple[str, int | None], Rating] = {}
    for rating in ratings:
        key = (_folded(rating.name), rating.year)
        if key not in newest or newest[key].at <= rating.at:
            newest[key] = rating
    return list(newest.values())


class Matcher:
    """Takes distinct ratings one by one, each in a time that does not depend on how many films there are.

    Args:
        spelt: Finds all films of a folded name.
    """

    def __init__(self, spelt: Callable[[str], Sequence[Title]]) -> None:
        self._spelt = spelt
        self._sure: dict[int, Rating] = {}
        self._likely: defaultdict[int, list[Rating]] = defaultdict(list)
        self._ambiguous: list[Ambiguous] = []
        self._missing = 0

    def add(self, rating: Rating) -> None:
        """Look for a rating's film."""
        folded = _folded(rating.name)
        films, one, sure = fit(self._spelt(folded), folded, rating.year)
        if sure:
            known = self._sure.get(films[0].review_id, rating)  # under another of the film's names
            self._sure[films[0].review_id] = max(known, rating, key=_at)
        elif one:
            self._likely[films[0].review_id].append(rating)
        elif films:
            self._ambiguous.append(_ambiguous(rating, *(film.review_id for film in films)))
        else:
            self._missing += 1

    def matches(self) -> Matches:
        """What has become of all of them."""
        found, ambiguous, missing = dict(self._sure), list(self._ambiguous), self._missing
        for review_id, ratings in self._likely.items():
            if review_id in found:
                missing += len(ratings)
            elif len(ratings) > 1:
                ambiguous += [_ambiguous(rating, review_id) for rating in ratings]
            else:
                found[review_id] = ratings[0]
        matched = [Match(review_id, rating.half_stars, rating.at) for review_id, rating in found.items()]
        return Matches(matched, ambiguous, missing)


def _ambiguous(rating: Rating, *review_ids: int) -> Ambiguous:
    return Ambiguous(rating.name, rating.year, rating.half_stars, review_ids)


def _folded(name: str) -> str:
    return fold(article_first(name))


def _at(rating: Rating) -> int:
    return rating.at
