"""The labels of the shelf in memory: genres, directors and critics, found as members type them."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from bot.reviews.catalogue import complete, resolve
from bot.reviews.titles import MOST, Title, Titles, fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.reviews.catalogue import Resolution

_DECADE = re.compile(r"(?P<year>[0-9]{4})(?:'?s)?|'?(?P<short>[0-9]0)'?s?", re.IGNORECASE)


class Kind(StrEnum):
    """What a label says of a film."""

    GENRE = "genre"
    DIRECTOR = "director"
    CRITIC = "critic"


class Label(NamedTuple):
    """A label as it was written in a review.

    Attributes:
        films: How many films on the shelf have it; it need not be counted to the end where there are many.
    """

    label_id: int
    kind: Kind
    name: str
    films: int


class Labels:
    """Labels by kind and spelling. Those that differ by case, accents or punctuation only are one.

    Args:
        beside: What everyone finds, where these are the labels of one server's own films: found with them.

    Attributes:
        decades: The first years of the decades that the shelf has films of.
    """

    def __init__(
        self, labels: Iterable[Label] = (), decades: Iterable[int] = (), *, beside: Labels | None = None
    ) -> None:
        self.decades = sorted({*decades, *(beside.decades if beside else ())})
        self._beside = beside
        self._alike: dict[tuple[Kind, str], list[Label]] = {}
        self._group: dict[int, tuple[Kind, str]] = {}
        for label in labels:
            group = (label.kind, fold(label.name))
            self._alike.setdefault(group, []).append(label)
            self._group[label.label_id] = group
        self._offered = {
            kind: Titles(
                Title(label.label_id, f"label:{label.label_id}", label.name, None, sort_title=folded)
                for (of, folded), alike in self._alike.items()
                if of is kind and folded and not (beside and beside.offers(kind, folded))
                if (label := _spoken_for(alike)).films
            )
            for kind in Kind
        }

    def index(self, most: int) -> bool:
        """Make ready to search, by so many labels at a time; return whether there are more."""
        return any(titles.index(most) for titles in self._offered.values())

    def offers(self, kind: Kind, folded: str) -> bool:
        """Whether films on the shelf have a label of this folded spelling."""
        return any(label.films for label in self._alike.get((kind, folded), ()))

    def complete(self, kind: Kind, typed: str) -> list[Title]:
        """Labels to offer while a member types, best first: those that films on the shelf have."""
        return complete(self._shelves(kind), typed)

    def resolve(self, kind: Kind, typed: str) -> Resolution:
        """Find the label that a member means, as films are found."""
        return resolve(self._shelves(kind), typed)

    def name(self, kind: Kind, label_id: int) -> str | None:
        """How a label is written, or None where there is none of this kind with this id."""
        group = self._group_of(label_id)
        return _spoken_for(self._in_group(group)).name if group and group[0] is kind else None

    def alike(self, label_id: int) -> tuple[int, ...]:
        """The ids of a label in all its spellings."""
        group = self._group_of(label_id)
        return tuple(dict.fromkeys(label.label_id for label in self._in_group(group))) if group else ()

    def _shelves(self, kind: Kind) -> tuple[Titles, ...]:
        beside = self._beside._shelves(kind) if self._beside else ()  # noqa: SLF001 - of its own kind
        return *beside, self._offered[kind]

    def _group_of(self, label_id: int) -> tuple[Kind, str] | None:
        return self._group.get(label_id) or (self._beside._group_of(label_id) if self._beside else None)  # noqa: SLF001 - as above

    def _in_group(self, group: tuple[Kind, str]) -> list[Label]:
        beside = self._beside._in_group(group) if self._beside else []  # noqa: SLF001 - as above
        return beside + self._alike.get(group, [])

    def decades_like(self, typed: str) -> list[int]:
        """Decades to offer while a member types, the latest first."""
        return [decade for decade in reversed(self.decades) if typed.strip().lower() in f"{decade}s"][:MOST]

    def decade(self, typed: str) -> tuple[int | None, list[int]]:
        """The decade on the shelf that a member means: ``1990s``, ``1994``, or ``90s`` for the latest of these.

        Returns:
            Its first year, or None; and the decades on the shelf, the nearest first where a year was typed.
        """
        said = _DECADE.fullmatch(typed.strip())
        if said is None:
            return None, self.decades[::-1]
        if said["short"]:
            return max((one for one in self.decades if one % 100 == int(said["short"])), default=None), self.decades[
                ::-1
            ]
        first = int(said["year"]) // 10 * 10
        nearest = sorted(self.decades, key=lambda decade: abs(decade - first))
        return first if first in self.decades else None, nearest


def _spoken_for(alike: list[Label]) -> Label:
    """Which of its spellings stands for a label: the one that most films have, in capitals rather than without."""
    return min(alike, key=lambda label: (-label.films, label.name))
