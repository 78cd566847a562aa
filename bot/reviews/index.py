"""An index of spellings: those near a query, among a hundred thousand, within a slice of the event loop.

Three ways lead to a spelling: its beginning, its trigrams, and, for short ones, whose trigrams a single slip can all
spoil, the spellings with one letter left out. What they find is few enough to be compared letter by letter.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from collections import Counter
from itertools import chain

POSTINGS = 8000
"""So many entries of the trigrams' lists are counted, the rarest trigrams' first."""
CANDIDATES = 200
"""About so many of the spellings that share most trigrams are worth comparing."""
BEGINNINGS = 50
SHORT = 7
"""Spellings of at most so many characters are also found with a letter left out."""


class SpellingIndex:
    """Spellings, each under a number; changed in place."""

    def __init__(self) -> None:
        self._spellings: list[str | None] = []
        self._numbers: dict[str, int] = {}
        self._in_order: list[str] = []
        self._trigrams: dict[str, array[int]] = {}
        self._shortened: dict[str, array[int]] = {}

    def __len__(self) -> int:
        return len(self._in_order)

    def fill(self, spellings: set[str]) -> None:
        """Add many spellings at once to an empty index."""
        self._in_order = sorted(spellings)
        for spelling in self._in_order:
            self._enter(spelling)

    def add(self, spelling: str) -> None:
        """Add a spelling; one that is there already stays as it is."""
        if spelling not in self._numbers:
            insort(self._in_order, spelling)
            self._enter(spelling)

    def discard(self, spelling: str) -> None:
        """Remove a spelling. Its number is never given again, so lists that name it need no search."""
        if (number := self._numbers.pop(spelling, None)) is not None:
            self._spellings[number] = None
            del self._in_order[bisect_left(self._in_order, spelling)]

    def near(self, query: str, *beginnings: str) -> set[str]:
        """The spellings that are worth comparing with a query, and those that begin with it or the other beginnings."""
        found = set(chain.from_iterable(map(self._beginning_with, {query, *beginnings})))
        numbers = self._sharing_trigrams(query)
        if len(query) <= SHORT:
            numbers += chain.from_iterable(self._shortened.get(text, ()) for text in _shortenings(query))
        found.update(spelling for number in numbers if (spelling := self._spellings[number]) is not None)
        return found

    def _enter(self, spelling: str) -> None:
        number = self._numbers[spelling] = len(self._spellings)
        self._spellings.append(spelling)
        for trigram in _trigrams(spelling):
            self._trigrams.setdefault(trigram, array("I")).append(number)
        if len(spelling) <= SHORT:
            for text in _shortenings(spelling):
                self._shortened.setdefault(text, array("I")).append(number)

    def _beginning_with(self, query: str) -> list[str]:
        first = bisect_left(self._in_order, query)
        return [spelling for spelling in self._in_order[first : first + BEGINNINGS] if spelling.startswith(query)]

    def _sharing_trigrams(self, query: str) -> list[int]:
        """The numbers of the spellings that share most trigrams with a query."""
        lists = sorted((found for text in _trigrams(query) if (found := self._trigrams.get(text))), key=len)
        counted: list[array[int]] = []
        room = POSTINGS
        for numbers in lists:
            counted.append(numbers[:room])
            room -= len(counted[-1])
            if not room:
                break
        shared = Counter(chain.from_iterable(counted))
        # A full sort of thousands for the best two hundred is most of the time; counts are few, so they are counted.
        spread = Counter(shared.values())
        least, room = max(spread, default=0), CANDIDATES
        while least > 1 and room > spread[least]:
            room -= spread[least]
            least -= 1
        best = [number for number, count in shared.items() if count >= least]
        if len(best) > 2 * CANDIDATES:
            best.sort(key=shared.__getitem__, reverse=True)
            del best[CANDIDATES:]
        return best


def _trigrams(text: str) -> set[str]:
    padded = f" {text} "
    return {padded[at : at + 3] for at in range(len(padded) - 2)}


def _shortenings(text: str) -> set[str]:
    """A text, and the text with each of its characters left out."""
    return {text, *(text[:at] + text[at + 1 :] for at in range(len(text)))}
