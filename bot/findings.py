"""What a check finds: a mark, what is so, and what to do about it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from bot.errors import StartError


class Mark(Enum):
    """How bad it is; the mark says so without its colour."""

    GOOD = "✓"
    NOTE = "!"
    BAD = "✗"
    SKIPPED = "–"  # noqa: RUF001 - a dash as wide as the other marks


class Finding(NamedTuple):
    """What one check found.

    Attributes:
        about: What was checked, in a word or two.
        mark: How bad it is.
        said: What is so.
        fix: What to do, and where it is not the operator, who; empty where nothing need be done.
    """

    about: str
    mark: Mark
    said: str
    fix: str = ""

    @classmethod
    def of(cls, about: str, error: StartError) -> Self:
        """What would keep the bot from starting: the first sentence of its line is what is so, the rest the fix."""
        said, _, fix = str(error).partition(". ")
        return cls(about, Mark.BAD, said.removesuffix("."), fix)
