"""Every custom_id, in one place.

A control's whole state is in its custom_id, so that a message posted a year
ago still works and nothing has to be remembered for it. The form is
``sheep1:<kind>:<field>:<field>…``, where 1 is the version, in at most 100
characters. Whatever does not parse to exactly one of the classes below is
refused: anyone can send any custom_id.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from typing import get_type_hints

from bot.ranking import MAX_SHEEP, MIN_SHEEP, Period, Scope, Sort
from bot.ui import import_ids, manager_ids, moderation_ids, publishing_ids
from bot.ui.control import MAX_POSITION, VERSION, Control, check_position

__all__ = ["MAX_POSITION", "Control"]

MAX_ID = 2**63 - 1
"""The largest id that the database holds."""
MAX_LABEL = 10**10 - 1
"""The largest id of a label that a control can name: three of them have room beside all else."""
MAX_MIN_VOTES = 1_000_000
LAST_DECADE = 9990
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


def _check_sheep(sheep: int) -> None:
    if not MIN_SHEEP <= sheep <= MAX_SHEEP:
        raise ValueError(f"{sheep} sheep")


class Vote(Control):
    """Give a film sheep."""

    kind = "vote"
    review_id: int
    sheep: int

    def __post_init__(self) -> None:
        _check_sheep(self.sheep)


class Unvote(Control):
    """Take one's vote back."""

    kind = "unvote"
    review_id: int


class Share(Control):
    """Open the form for a thought."""

    kind = "share"
    review_id: int


class ThoughtForm(Control):
    """The form for a thought, sent in."""

    kind = "thought"
    review_id: int


class Unshare(Control):
    """Delete one's thought."""

    kind = "unshare"
    review_id: int


class ReadThoughts(Control):
    """Read the thoughts on a film.

    Attributes:
        start: How many thoughts come before this page; with ``back`` 1, how many come
            before its end.
        back: Whether the page is filled towards the front.
    """

    kind = "thoughts"
    review_id: int
    start: int = 0
    back: int = 0

    def __post_init__(self) -> None:
        check_position(self.start)
        if self.back not in {0, 1}:
            raise ValueError(f"back {self.back}")


class Results(Control):
    """See how a film's votes are spread."""

    kind = "results"
    review_id: int


class FullReview(Control):
    """Read the whole text, by pages counted from 0."""

    kind = "full"
    review_id: int
    page: int = 0

    def __post_init__(self) -> None:
        check_position(self.page)


class FormerBoardPage(Control):
    """A page of a leaderboard on messages from before boards could be narrowed; new ones have none."""

    kind = "board"
    sort: Sort
    min_votes: int
    page: int = 0

    def __post_init__(self) -> None:
        check_position(self.page)


class BoardPage(Control):
    """A page of a leaderboard, counted from 0.

    Attributes:
        genre: The id of a label, as ``director`` and ``critic`` are, or 0 where any will do.
        decade: The first year of ten, or 0.
    """

    kind = "boards"
    sort: Sort
    period: Period
    scope: Scope
    min_votes: int
    genre: int = 0
    director: int = 0
    critic: int = 0
    decade: int = 0
    page: int = 0

    def __post_init__(self) -> None:
        check_position(self.page)
        if not 1 <= self.min_votes <= MAX_MIN_VOTES:
            raise ValueError(f"min_votes {self.min_votes}")
        if max(self.genre, self.director, self.critic) > MAX_LABEL:
            raise ValueError("label")
        if self.decade % 10 or not 0 <= self.decade <= LAST_DECADE:
            raise ValueError(f"decade {self.decade}")


class MyVotes(Control):
    """A page of one's own votes, counted from 0."""

    kind = "mine"
    page: int = 0

    def __post_init__(self) -> None:
        check_position(self.page)


class PickVote(Control):
    """The menu from which one of one's own votes is taken to be changed."""

    kind = "pick"


class PickReview(Control):
    """The menu that asks "Did you mean …?"."""

    kind = "meant"


class Erase(Control):
    """Have all about oneself deleted."""

    kind = "erase"


class PickStats(Control):
    """The menu that asks which film's numbers are meant."""

    kind = "stats"


class Compare(Control):
    """Be compared with others again (1), or with nobody (0)."""

    kind = "compare"
    allowed: int

    def __post_init__(self) -> None:
        if self.allowed not in {0, 1}:
            raise ValueError(f"allowed {self.allowed}")


class PickRating(Control):
    """The menu that asks which film a typed title meant that is to be given sheep."""

    kind = "rate"
    sheep: int

    def __post_init__(self) -> None:
        _check_sheep(self.sheep)


CONTROLS: tuple[type[Control], ...] = (
    Vote,
    Unvote,
    Share,
    ThoughtForm,
    Unshare,
    ReadThoughts,
    Results,
    FullReview,
    FormerBoardPage,
    BoardPage,
    MyVotes,
    PickVote,
    PickReview,
    PickStats,
    Compare,
    PickRating,
    Erase,
    *import_ids.CONTROLS,
    *manager_ids.CONTROLS,
    *moderation_ids.CONTROLS,
    *publishing_ids.CONTROLS,
)


_KINDS: dict[str, type[Control]] = {control.kind: control for control in CONTROLS}


@cache
def _types(control: type[Control]) -> tuple[type, ...]:
    """The types of a control's fields."""
    hints = get_type_hints(control)
    return tuple(hints[name] for name in control.fields)


def parse(custom_id: str) -> Control | None:
    """The control that a custom_id stands for, or None where it is none of ours."""
    version, _, rest = custom_id.partition(":")
    kind, *values = rest.split(":")
    control = _KINDS.get(kind)
    if version != VERSION or control is None or len(values) != len(control.fields):
        return None
    try:
        return control(*map(_value, values, _types(control)))
    except ValueError:
        return None


def kind_of(custom_id: str) -> str | None:
    """The kind of control that a custom_id claims to be, or None where there is no such kind."""
    version, _, rest = custom_id.partition(":")
    kind = rest.partition(":")[0]
    return kind if version == VERSION and kind in _KINDS else None


def number(text: str) -> int:
    """A decimal number from 0 to 2^63 - 1 in ASCII digits, as we write it ourselves.

    Raises:
        ValueError: It is anything else; ``int()`` would take other scripts' digits and ``1_0`` too.
    """
    value = int(text) if _NUMBER.fullmatch(text) else -1
    if not 0 <= value <= MAX_ID:
        raise ValueError(text)
    return value


def _value(text: str, expected: type) -> int | StrEnum:
    return expected(text) if issubclass(expected, StrEnum) else number(text)
