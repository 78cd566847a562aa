"""The controls below ratings that a member has brought from elsewhere; a part of ``ids``.

Whoever forges one acts on what they brought themselves. Each names the file that it was made for.
"""

from __future__ import annotations

from bot.ui.control import Control, check_position


def _check_override(override: int) -> None:
    if override not in {0, 1}:
        raise ValueError(f"override {override}")


class RatingsPage(Control):
    """A page of what an import would give, counted from 0.

    Attributes:
        override: Whether ratings take the place of votes that are newer (1), or not (0).
    """

    kind = "ratings"
    number: int
    override: int
    page: int = 0

    def __post_init__(self) -> None:
        _check_override(self.override)
        check_position(self.page)


class GiveRatings(Control):
    """Give the votes."""

    kind = "give-ratings"
    number: int
    override: int

    def __post_init__(self) -> None:
        _check_override(self.override)


class DropRatings(Control):
    """Discard what was brought."""

    kind = "drop-ratings"
    number: int


CONTROLS: tuple[type[Control], ...] = (RatingsPage, GiveRatings, DropRatings)
