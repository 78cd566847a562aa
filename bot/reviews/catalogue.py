"""The catalogue: every title on the shelf, and those that are one server's own, found as members type them."""

from __future__ import annotations

import heapq
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from bot.reviews.titles import MOST, Titles, article_first, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.reviews.titles import Title

# A title is taken without asking from a score of SURE on when no other film comes within LEAD of it.
SURE = 80.0
LEAD = 8.0
MAX_QUERY = 200


class Resolution(NamedTuple):
    """What a typed title stands for.

    Attributes:
        found: The one film meant, or None.
        candidates: Where none is clear: the films that may be meant, best first.
        nearest: Where there are no candidates either: up to three that come closest.
    """

    found: Title | None = None
    candidates: tuple[Title, ...] = ()
    nearest: tuple[Title, ...] = ()


def resolve(shelves: Sequence[Titles], query: str) -> Resolution:
    """Find the film that a member means, on any of some shelves: by slug, exactly, folded, then forgiving typos."""
    query = query[:MAX_QUERY].strip()
    for shelf in shelves:
        if exact := shelf.by_slug(query):
            return Resolution(found=exact)
    folded = fold(article_first(query))
    if same := [title for shelf in shelves for title in shelf.named(folded)]:
        return Resolution(found=same[0]) if len(same) == 1 else Resolution(candidates=tuple(same[:MOST]))
    ranked = _ranked(shelves, folded)
    if not ranked:
        return Resolution(nearest=tuple(title for _, title in _ranked(shelves, folded, 0.0)[:3]))
    best = ranked[0][0]
    close = [title for score, title in ranked if score > best - LEAD]
    if best >= SURE and len(close) == 1:
        return Resolution(found=close[0])
    return Resolution(candidates=tuple(title for _, title in ranked))


def complete(shelves: Sequence[Titles], query: str, limit: int = MOST) -> list[Title]:
    """Titles of some shelves to offer while a member types, best first."""
    folded = fold(article_first(query[:MAX_QUERY]))
    if not folded:
        return list(islice(_in_order(shelves), limit))
    return [title for _, title in _ranked(shelves, folded)[:limit]]


def _ranked(shelves: Sequence[Titles], folded: str, *least: float) -> list[tuple[float, Title]]:
    """The films of all shelves that come nearest to a name, best first."""
    ranked = [shelf.rank(folded, *least) for shelf in shelves]
    return list(islice(heapq.merge(*ranked, key=lambda scored: (-scored[0], scored[1].order)), MOST))


def _in_order(shelves: Sequence[Titles]) -> Iterator[Title]:
    return heapq.merge(*shelves, key=lambda title: title.order)


class Catalogue:
    """What everyone finds, and what is found in one server alone; changed in place."""

    def __init__(self, titles: Iterable[Title] = ()) -> None:
        by_guild: dict[int, list[Title]] = {0: []}
        for title in titles:
            by_guild.setdefault(title.guild_id, []).append(title)
        self._everyones = Titles(by_guild.pop(0))
        self._own = {guild_id: Titles(own) for guild_id, own in by_guild.items()}
        self._guild_of = {title.review_id: guild_id for guild_id, own in by_guild.items() for title in own}

    def index(self, most: int | None = None) -> bool:
        """Make ready to search what everyone finds, as :meth:`Titles.index` does; a server's own is small."""
        return self._everyones.index(most)

    def put(self, title: Title) -> None:
        """Put a film on the shelf, in the place of what had its id."""
        self.drop(title.review_id)
        if title.guild_id:
            self._guild_of[title.review_id] = title.guild_id
            self._own.setdefault(title.guild_id, Titles()).put(title)
        else:
            self._everyones.put(title)

    def drop(self, review_id: int) -> None:
        """Take a film off the shelf; a no-op where it is not there."""
        guild_id = self._guild_of.pop(review_id, None)
        if guild_id is None:
            self._everyones.drop(review_id)
        else:
            self._own[guild_id].drop(review_id)
            if not len(self._own[guild_id]):
                del self._own[guild_id]

    def __iter__(self) -> Iterator[Title]:
        return chain(self._everyones, *self._own.values())

    def __len__(self) -> int:
        return len(self._everyones) + len(self._guild_of)

    def count(self, guild_id: int) -> int:
        """How many films are found in a server."""
        return sum(map(len, self._shelves(guild_id)))

    def at(self, place: int, guild_id: int) -> Title:
        """One of the films that are found in a server, by a place from 0: everyone's come first.

        Raises:
            IndexError: There are not so many.
        """
        everyones, *own = self._shelves(guild_id)
        return everyones[place] if place < len(everyones) or not own else own[0][place - len(everyones)]

    def own(self, guild_id: int) -> Titles:
        """The films that are a server's own."""
        return self._own.get(guild_id) or Titles()

    def get(self, review_id: int) -> Title | None:
        """The film with this id, where it is on any shelf; :meth:`found_in` asks whose it is."""
        guild_id = self._guild_of.get(review_id)
        return (self._everyones if guild_id is None else self._own[guild_id]).get(review_id)

    def found_in(self, guild_id: int, review_id: int) -> Title | None:
        """The film with this id, where it is on everyone's shelf or on this server's own."""
        title = self.get(review_id)
        return title if title and title.guild_id in {0, guild_id} else None

    def resolve(self, query: str, guild_id: int = 0) -> Resolution:
        """Find the film that a member of a server means."""
        return resolve(self._shelves(guild_id), query)

    def complete(self, query: str, limit: int = MOST, guild_id: int = 0) -> list[Title]:
        """Titles to offer while a member of a server types, best first."""
        return complete(self._shelves(guild_id), query, limit)

    def spelt(self, folded: str, guild_id: int) -> list[Title]:
        """The films of this very name that are found in a server, as :meth:`Titles.spelt` has them."""
        return [title for shelf in self._shelves(guild_id) for title in shelf.spelt(folded)]

    def _shelves(self, guild_id: int) -> tuple[Titles, ...]:
        own = self._own.get(guild_id)
        return (self._everyones, own) if own else (self._everyones,)
