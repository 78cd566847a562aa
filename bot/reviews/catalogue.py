"""The catalogue: every title on the shelf, in memory, found as members type it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

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
MAX_QUERY = 200


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


class Catalogue:
    """Titles by id, by slug and by spelling."""

    def __init__(self, titles: Iterable[Title] = ()) -> None:
        self._by_id: dict[int, Title] = {}
        self._by_slug: dict[str, Title] = {}
        self._spellings: dict[str, list[Title]] = {}
        self._in_order: list[Title] = []
        self.replace(titles)

    def replace(self, titles: Iterable[Title]) -> None:
        """Put other titles in the place of the present ones."""
        self._in_order = sorted(titles, key=lambda title: (fold(title.title), title.year or 0))
        self._by_id = {title.review_id: title for title in self._in_order}
        self._by_slug = {title.slug: title for title in self._in_order}
        self._spellings = {}
        for title in self._in_order:
            names = (title.title, *title.aliases)
            for spelling in {fold(text) for name in names for text in (name, titled(name, title.year))}:
                self._spellings.setdefault(spelling, []).append(title)

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
        if same := self._spellings.get(folded):
            return Resolution(found=same[0]) if len(same) == 1 else Resolution(candidates=tuple(same))
        ranked = self._rank(folded)
        near = [(score, title) for score, title in ranked if score >= NEAR]
        if not near:
            return Resolution(nearest=tuple(title for _, title in ranked[:3]))
        best = near[0][0]
        close = [title for score, title in near if score > best - LEAD]
        if best >= SURE and len(close) == 1:
            return Resolution(found=close[0])
        return Resolution(candidates=tuple(title for _, title in near[:25]))

    def complete(self, query: str, limit: int = 25) -> list[Title]:
        """Titles to offer while a member types, best first."""
        folded = fold(query[:MAX_QUERY])
        if not folded:
            return self._in_order[:limit]
        return [title for score, title in self._rank(folded) if score >= NEAR][:limit]

    def _rank(self, folded: str) -> list[tuple[float, Title]]:
        """Every title with its best score over its spellings, best first, ties by title."""
        best: dict[int, float] = {}
        for spelling, score, _ in process.extract(folded, list(self._spellings), scorer=fuzz.ratio, limit=None):
            if folded and spelling.startswith(folded):
                score = max(score, STARTS_WITH)  # noqa: PLW2901 - a better score of the same spelling
            elif folded and f" {folded}" in spelling:
                score = max(score, CONTAINS_WORDS)  # noqa: PLW2901 - as above
            for title in self._spellings[spelling]:
                best[title.review_id] = max(best.get(title.review_id, 0.0), score)
        order = sorted(self._in_order, key=lambda title: -best.get(title.review_id, 0.0))
        return [(best.get(title.review_id, 0.0), title) for title in order]
