"""An index of spellings: those near a query, among a hundred thousand, within a slice of the event loop.

Three ways lead to a spelling: its beginning, its trigrams, and, for short ones, whose trigrams a single slip can all
spoil, the spellings with one letter left out. What they find is few enough to be compared letter by letter.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter, defaultdict
from itertools import accumulate, chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

BEGINNINGS = 50
"""So many spellings that begin with a query are enough; nobody who sees them needs guesses."""
OF_A_TRIGRAM = 800
"""Of a trigram's spellings so many are looked at: those about as long as the query first, then the longer ones."""
SHORTER = 2
"""A spelling that is shorter than the query by more characters is not looked at."""
NAMED = 2000
"""The rarest trigrams, with so many spellings in all, name those that may be meant."""
LOOKED_AT = 6000
"""The other trigrams, up to so many spellings in all, only tell which of those are the likeliest."""
CANDIDATES = 200
"""About so many of the spellings that share most trigrams are worth comparing."""
SHORT = 7
"""Spellings of at most so many characters are also found with a letter left out."""


class SpellingIndex:
    """Spellings, changed in place.

    To fill it with a hundred thousand takes a second or two, which can be spread out. Whoever looks for something
    before it is full fills it.
    """

    def __init__(self, spellings: Iterable[str] = ()) -> None:
        self._in_order = sorted(spellings)
        self._waiting = sorted(self._in_order, key=len)
        self._waiting.reverse()
        # The spellings that have a trigram, the shortest first; spellings of one length in alphabetical order.
        self._trigrams: defaultdict[str, list[str]] = defaultdict(list)
        self._shortened: defaultdict[str, list[str]] = defaultdict(list)

    def fill(self, most: int | None = None) -> bool:
        """Enter the spellings that are waiting, or so many of them; return whether there are more."""
        for _ in range(len(self._waiting) if most is None else min(most, len(self._waiting))):
            spelling = self._waiting.pop()
            for trigram in _trigrams(spelling):
                self._trigrams[trigram].append(spelling)
            for text in _shortenings(spelling):
                self._shortened[text].append(spelling)
        return bool(self._waiting)

    def add(self, spelling: str) -> None:
        """Add a spelling that is not there."""
        self.fill()
        insort(self._in_order, spelling)
        for trigram in _trigrams(spelling):
            insort(self._trigrams[trigram], spelling, key=_by_length)
        for text in _shortenings(spelling):
            self._shortened[text].append(spelling)

    def remove(self, spelling: str) -> None:
        """Remove a spelling that is there."""
        self.fill()
        del self._in_order[bisect_left(self._in_order, spelling)]
        for trigram in _trigrams(spelling):
            sharing = self._trigrams[trigram]
            del sharing[bisect_left(sharing, _by_length(spelling), key=_by_length)]
            if not sharing:
                del self._trigrams[trigram]
        for text in _shortenings(spelling):
            self._shortened[text].remove(spelling)
            if not self._shortened[text]:
                del self._shortened[text]

    def near(self, query: str, *beginnings: str) -> list[str]:
        """The spellings with one of these beginnings, and if they are few, those that are like a query too."""
        self.fill()
        found = dict.fromkeys(chain.from_iterable(map(self._beginning_with, beginnings)))
        if len(found) < BEGINNINGS:
            found |= dict.fromkeys(self._beginning_with(query))
            found |= dict.fromkeys(self._sharing_trigrams(query))
            for text in _shortenings(query):
                found |= dict.fromkeys(self._shortened.get(text, ()))
        return list(found)

    def _beginning_with(self, query: str) -> list[str]:
        first = bisect_left(self._in_order, query)
        return [spelling for spelling in self._in_order[first : first + BEGINNINGS] if spelling.startswith(query)]

    def _sharing_trigrams(self, query: str) -> list[str]:
        """The spellings that share most trigrams with a query."""
        lists: list[list[str]] = []
        for trigram in _trigrams(query):
            if sharing := self._trigrams.get(trigram):
                first = bisect_left(sharing, len(query) - SHORTER, key=len)
                lists.append(sharing[first : first + OF_A_TRIGRAM])
        lists.sort(key=len)
        so_far = list(accumulate(map(len, lists)))
        naming = lists[: bisect_right(so_far, NAMED)]
        named = set(chain.from_iterable(naming))
        # Counting costs several times as much as leaving out, so only what is named is counted.
        telling = [named.intersection(found) for found in lists[len(naming) : bisect_right(so_far, LOOKED_AT)]]
        shared = Counter(chain.from_iterable((*naming, *telling)))
        # A full sort of thousands for the best two hundred is most of the time; counts are few, so they are counted.
        spread = Counter(shared.values())
        least, room = max(spread, default=0), CANDIDATES
        while least > 1 and room > spread[least]:
            room -= spread[least]
            least -= 1
        best = [spelling for spelling, count in shared.items() if count >= least]
        if len(best) > 2 * CANDIDATES:
            best.sort(key=shared.__getitem__, reverse=True)
            del best[CANDIDATES:]
        return best


def _by_length(spelling: str) -> tuple[int, str]:
    return len(spelling), spelling


def _trigrams(text: str) -> dict[str, None]:
    """The trigrams of a text, each once, in an order that is always the same."""
    padded = f" {text} "
    return {padded[at : at + 3]: None for at in range(len(text))}


def _shortenings(text: str) -> set[str]:
    """A short text, and the text with each of its characters left out; nothing of a longer one."""
    return {text, *(text[:at] + text[at + 1 :] for at in range(len(text)))} if len(text) <= SHORT else set()
