"""Titles in memory, found as they are spelt."""

from __future__ import annotations

import heapq
import re
import unicodedata
from bisect import bisect_left, insort
from typing import TYPE_CHECKING, NamedTuple

from bot.reviews.index import SpellingIndex
from bot.reviews.model import titled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Scores are rapidfuzz's, 0 to 100. A title is offered from NEAR on.
NEAR = 60.0
STARTS_WITH = 92.0
STARTS_ALIKE = 91.0
CONTAINS_WORDS = 84.0
YEAR_FITS = 5.0
NUMBERED = re.compile(r"(.+), (\w+)((?:\W+(?:part|vol|\d+|[ivx]+))*\W*)", re.IGNORECASE)
"""``Title, The``, perhaps with a number or year after it."""
MOST = 25
"""So many films are offered at the most."""
SMALL = 1000
"""A shelf of at most so many spellings is compared whole."""
ARTICLES = frozenset(
    (
        *("the", "a", "an", "le", "la", "les", "l", "un", "une", "der", "die", "das", "ein", "eine"),
        *("el", "los", "las", "il", "lo", "gli", "i"),
    )
)
ASCII = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}
"""What :func:`fold` makes of each character of ASCII."""
PARTS = frozenset(("part", "chapter", "vol", "volume", "episode"))
NUMERALS = {
    "ii": "2",
    "iii": "3",
    "iv": "4",
    "v": "5",
    "vi": "6",
    "vii": "7",
    "viii": "8",
    "ix": "9",
    "x": "10",
    "xi": "11",
    "xii": "12",
    "xiii": "13",
    "xiv": "14",
    "xv": "15",
    "xvi": "16",
    "xvii": "17",
    "xviii": "18",
}


class Title(NamedTuple):
    """A film as the catalogue knows it.

    Attributes:
        sort_title: The title folded, as the store keeps it; empty where that is still to be done.
        guild_id: The server whose own it is; 0: everyone's.
    """

    review_id: int
    slug: str
    title: str
    year: int | None
    aliases: tuple[str, ...] = ()
    sort_title: str = ""
    guild_id: int = 0

    @property
    def order(self) -> tuple[str, int, int]:
        """By this films stand on the shelf."""
        return (self.sort_title or fold(self.title), self.year or 0, self.review_id)

    @property
    def name(self) -> str:
        """``Title (Year)``."""
        return titled(self.title, self.year)


def fold(text: str) -> str:
    """Bring spellings of one title together: case, accents, punctuation and spacing go.

    A title that is nothing but punctuation, as ``$`` is, keeps it.
    """
    if text.isascii():  # which most titles are, and folding them is most of the time that a shelf takes to fill
        return " ".join(text.translate(ASCII).split()) or "".join(text.split())
    marked = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    letters = "".join(char for char in marked if not unicodedata.combining(char))
    return " ".join(re.findall(r"[^\W_]+", letters)) or "".join(letters.split())


def canonical(folded: str) -> str:
    """A folded title without its leading article, with its roman numerals in digits and no "part" before the last."""
    words = folded.split()
    if len(words) > 1 and words[0] in ARTICLES:
        del words[0]
    words = list(map(NUMERALS.get, words, words))
    if len(words) > 2 and words[-1].isdecimal() and words[-2] in PARTS:
        del words[-2]
    return " ".join(words)


class Titles:
    """Titles by id, by slug and by spelling; changed in place."""

    def __init__(self, titles: Iterable[Title] = ()) -> None:
        self._by_id = {title.review_id: title for title in titles}
        self._by_slug = {title.slug: title for title in self._by_id.values()}
        self._in_order = sorted(self._by_id.values(), key=_order)
        self._unspelled = self._in_order[::-1]
        self._films: dict[str, list[Title]] = {}
        self._index = SpellingIndex()

    def index(self, most: int | None = None) -> bool:
        """Make ready to search, or go on with it by so many films or spellings; return whether there are more.

        The first search does what is left of it. Done before, in slices, it keeps nobody waiting long: the one that
        sorts the spellings, of a hundred thousand films, is the longest.
        """
        if self._unspelled:
            self._spell(most)
            if most is not None:
                return True
        return self._index.fill(most)

    def _spell(self, most: int | None = None) -> None:
        """Take down the spellings of the films of which none is yet, or of so many of those."""
        if not self._unspelled:
            return
        for _ in range(len(self._unspelled) if most is None else min(most, len(self._unspelled))):
            title = self._unspelled.pop()
            for spelling in _spellings(title):
                self._films.setdefault(spelling, []).append(title)
        if not self._unspelled:
            self._index = SpellingIndex(self._films)

    def put(self, title: Title) -> None:
        """Put a film on the shelf, in the place of what had its id."""
        self.drop(title.review_id)
        self._by_id[title.review_id] = self._by_slug[title.slug] = title
        insort(self._in_order, title, key=_order)
        for spelling in _spellings(title):
            if spelling not in self._films:
                self._films[spelling] = []
                self._index.add(spelling)
            insort(self._films[spelling], title, key=_order)

    def drop(self, review_id: int) -> None:
        """Take a film off the shelf; a no-op where it is not there."""
        self._spell()
        title = self._by_id.pop(review_id, None)
        if title is None:
            return
        del self._by_slug[title.slug]
        del self._in_order[bisect_left(self._in_order, title.order, key=_order)]
        for spelling in _spellings(title):
            self._films[spelling].remove(title)
            if not self._films[spelling]:
                del self._films[spelling]
                self._index.remove(spelling)

    def __len__(self) -> int:
        return len(self._in_order)

    def __iter__(self) -> Iterator[Title]:
        return iter(self._in_order)

    def __getitem__(self, place: int) -> Title:
        return self._in_order[place]

    def get(self, review_id: int) -> Title | None:
        """The film with this id, where it is on the shelf."""
        return self._by_id.get(review_id)

    def by_slug(self, slug: str) -> Title | None:
        """The film with this slug, where it is on the shelf."""
        return self._by_slug.get(slug)

    def named(self, folded: str) -> list[Title]:
        """The films of this very name: as it is, then without article and with digits, then told apart by a year."""
        self._spell()
        if films := self._films.get(folded) or self._films.get(canonical(folded)):
            exact = [title for title in films if folded in {fold(name) for name in (title.title, *title.aliases)}]
            return exact or films
        name, _, year = folded.rpartition(" ")
        films = self._films.get(name) or self._films.get(canonical(name)) or []
        return [title for title in films if str(title.year) == year]

    def spelt(self, folded: str) -> list[Title]:
        """The films of this name, also where an article, a "part" or the way of its numerals is all that differs."""
        self._spell()
        return self._films.get(canonical(folded), [])

    def rank(self, folded: str, least: float = NEAR) -> list[tuple[float, Title]]:
        """The films that come nearest to a name, best first, and score so much; of a small shelf all are compared."""
        self._spell()
        name, _, year = folded.rpartition(" ")
        with_year = name and len(year) == 4 and year.isdecimal()
        queries = ((folded, 0.0), (name, YEAR_FITS)) if with_year else ((folded, 0.0),)
        if len(self._films) <= SMALL:
            near = list(self._films)
        else:
            near = self._index.near(canonical(queries[-1][0]), folded, canonical(folded))
        best: dict[int, float] = {}
        for query, bonus in queries:
            for spelling, score in _scores(near, query, least - bonus).items():
                for title in self._films[spelling]:
                    if score + bonus > best.get(title.review_id, -1.0) and (not bonus or str(title.year) == year):
                        best[title.review_id] = score + bonus
        ranked = heapq.nsmallest(MOST, ((-score, self._by_id[review_id].order) for review_id, score in best.items()))
        return [(-score, self._by_id[order[-1]]) for score, order in ranked]


def _scores(spellings: list[str], query: str, least: float) -> dict[str, float]:
    """What spellings are worth to a query, those that are worth so much."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - not a part of the start, of which it would be a fortieth

    simple = canonical(query)
    alike = process.extract(simple, spellings, scorer=fuzz.ratio, limit=None, score_cutoff=max(least, 0.0))
    scores = {spelling: ratio for spelling, ratio, _ in alike}
    for spelling in [one for one in spellings if query in one or one.startswith(simple)] if simple else ():
        if (worth := _worth_within(spelling, query, simple)) >= least:
            scores[spelling] = max(scores.get(spelling, 0.0), worth)
    return scores


def _worth_within(spelling: str, query: str, simple: str) -> float:
    """What it is worth that a spelling holds a query: much at its beginning, something where a word begins."""
    if spelling.startswith(query):
        return STARTS_WITH
    if spelling.startswith(simple):
        return STARTS_ALIKE
    return CONTAINS_WORDS if f" {query}" in spelling else 0.0


def _order(title: Title) -> tuple[str, int, int]:
    return title.order


def names(title: Title) -> set[str]:
    """A film's names, folded."""
    return {fold(article_first(name)) for name in (title.title, *title.aliases)}


def _spellings(title: Title) -> set[str]:
    """Every folded spelling of a film's names, with and without article and numerals."""
    folded = names(title)
    return folded.union(map(canonical, folded))


def article_first(name: str) -> str:
    """``Title, The`` as ``The Title``, and ``Title, The 2`` as ``The Title 2``."""
    if ", " in name and (parts := NUMBERED.fullmatch(name)) and parts[2].casefold() in ARTICLES:
        return f"{parts[2]} {parts[1]}{parts[3]}"
    return name
