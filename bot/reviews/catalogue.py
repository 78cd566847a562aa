"""The catalogue: every title on the shelf, in memory, found as members type it."""

from __future__ import annotations

import heapq
import re
import unicodedata
from bisect import insort
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from bot.reviews.index import SpellingIndex
from bot.reviews.model import titled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Scores are rapidfuzz's, 0 to 100. A title is offered from NEAR on, and taken without asking
# from SURE on when no other film comes within LEAD of it.
NEAR = 60.0
SURE = 80.0
LEAD = 8.0
STARTS_WITH = 92.0
CONTAINS_WORDS = 84.0
YEAR_FITS = 5.0
MAX_QUERY = 200
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


@dataclass(frozen=True, slots=True)
class Title:
    """A film as the catalogue knows it."""

    review_id: int
    slug: str
    title: str
    year: int | None
    aliases: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """``Title (Year)``."""
        return titled(self.title, self.year)


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a typed title stands for.

    Attributes:
        found: The one film meant, or None.
        candidates: Where none is clear: the films that may be meant, best first.
        nearest: Where there are no candidates either: up to three that come closest.
    """

    found: Title | None = None
    candidates: tuple[Title, ...] = ()
    nearest: tuple[Title, ...] = ()


def fold(text: str) -> str:
    """Bring spellings of one title together: case, accents, punctuation and spacing go.

    A title that is nothing but punctuation, as ``$`` is, keeps it.
    """
    marked = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    letters = "".join(char for char in marked if not unicodedata.combining(char))
    return " ".join(re.findall(r"[^\W_]+", letters)) or "".join(letters.split())


def canonical(folded: str) -> str:
    """A folded title without its leading article, and with its roman numerals in digits."""
    words = folded.split()
    if len(words) > 1 and words[0] in ARTICLES:
        del words[0]
    return " ".join(NUMERALS.get(word, word) for word in words)


class Catalogue:
    """Titles by id, by slug and by spelling; changed in place."""

    def __init__(self, titles: Iterable[Title] = ()) -> None:
        self._by_id = {title.review_id: title for title in titles}
        self._by_slug = {title.slug: title for title in self._by_id.values()}
        self._in_order = sorted(self._by_id.values(), key=_order)
        self._films: dict[str, list[Title]] = {}
        self._index = SpellingIndex()
        for title in self._in_order:
            for spelling in _spellings(title):
                self._films.setdefault(spelling, []).append(title)
        self._index.fill(set(self._films))

    def put(self, title: Title) -> None:
        """Put a film on the shelf, in the place of what had its id."""
        self.drop(title.review_id)
        self._by_id[title.review_id] = self._by_slug[title.slug] = title
        insort(self._in_order, title, key=_order)
        for spelling in _spellings(title):
            insort(self._films.setdefault(spelling, []), title, key=_order)
            self._index.add(spelling)

    def drop(self, review_id: int) -> None:
        """Take a film off the shelf; a no-op where it is not there."""
        title = self._by_id.pop(review_id, None)
        if title is None:
            return
        del self._by_slug[title.slug]
        self._in_order.remove(title)
        for spelling in _spellings(title):
            self._films[spelling].remove(title)
            if not self._films[spelling]:
                del self._films[spelling]
                self._index.discard(spelling)

    def __len__(self) -> int:
        return len(self._in_order)

    def __iter__(self) -> Iterator[Title]:
        return iter(self._in_order)

    def get(self, review_id: int) -> Title | None:
        """The film with this id, where it is on the shelf."""
        return self._by_id.get(review_id)

    def by_slug(self, slug: str) -> Title | None:
        """The film with this slug, where it is on the shelf."""
        return self._by_slug.get(slug)

    def resolve(self, query: str) -> Resolution:
        """Find the film that a member means: by slug, exactly, folded, then forgiving typos."""
        query = query[:MAX_QUERY].strip()
        if exact := self.by_slug(query):
            return Resolution(found=exact)
        folded = fold(query)
        if same := self._named(folded):
            return Resolution(found=same[0]) if len(same) == 1 else Resolution(candidates=tuple(same[:MOST]))
        ranked = self._rank(folded)
        near = [(score, title) for score, title in ranked if score >= NEAR]
        if not near:
            return Resolution(nearest=tuple(title for _, title in ranked[:3]))
        best = near[0][0]
        close = [title for score, title in near if score > best - LEAD]
        if best >= SURE and len(close) == 1:
            return Resolution(found=close[0])
        return Resolution(candidates=tuple(title for _, title in near[:MOST]))

    def complete(self, query: str, limit: int = MOST) -> list[Title]:
        """Titles to offer while a member types, best first."""
        folded = fold(query[:MAX_QUERY])
        if not folded:
            return self._in_order[:limit]
        return [title for score, title in self._rank(folded) if score >= NEAR][:limit]

    def _named(self, folded: str) -> list[Title]:
        """The films of this very name: as it is, then without article and with digits, then told apart by a year."""
        if films := self._films.get(folded) or self._films.get(canonical(folded)):
            exact = [title for title in films if folded in {fold(name) for name in (title.title, *title.aliases)}]
            return exact or films
        name, _, year = folded.rpartition(" ")
        films = self._films.get(name) or self._films.get(canonical(name)) or []
        return [title for title in films if str(title.year) == year]

    def _rank(self, folded: str) -> list[tuple[float, Title]]:
        """The films that come nearest to a name, best first; of a small shelf all are compared."""
        best: dict[int, float] = {}
        name, _, year = folded.rpartition(" ")
        with_year = name and len(year) == 4 and year.isdecimal()
        for query, bonus in ((folded, 0.0), (name, YEAR_FITS)) if with_year else ((folded, 0.0),):
            simple = canonical(query)
            near = self._films if len(self._index) <= SMALL else self._index.near(simple, query)
            for spelling, ratio, _ in process.extract(simple, list(near), scorer=fuzz.ratio, limit=None):
                score = ratio + bonus
                if query and query in spelling:
                    score = max(score, _worth_within(spelling, query) + bonus)
                elif simple and spelling.startswith(simple):
                    score = max(score, STARTS_WITH + bonus)
                for title in self._films[spelling]:
                    if score > best.get(title.review_id, -1.0) and (not bonus or str(title.year) == year):
                        best[title.review_id] = score
        ranked = heapq.nlargest(MOST, best.items(), key=itemgetter(1))
        films = [(score, self._by_id[review_id]) for review_id, score in ranked]
        return sorted(films, key=lambda one: (-one[0], _order(one[1])))


def _worth_within(spelling: str, query: str) -> float:
    """What it is worth that a spelling holds a query: much at its beginning, something where a word begins."""
    if spelling.startswith(query):
        return STARTS_WITH
    return CONTAINS_WORDS if f" {query}" in spelling else 0.0


def _order(title: Title) -> tuple[str, int, int]:
    return (fold(title.title), title.year or 0, title.review_id)


def _spellings(title: Title) -> set[str]:
    """Every folded spelling of a film's names, with and without article and numerals."""
    folded = {fold(_article_first(name)) for name in (title.title, *title.aliases)}
    return folded | {canonical(spelling) for spelling in folded}


def _article_first(name: str) -> str:
    """``Title, The`` as ``The Title``."""
    title, comma, article = name.rpartition(", ")
    return f"{article} {title}" if comma and article.casefold() in ARTICLES else name
