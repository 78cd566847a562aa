"""The controls for those who manage a server; a part of ``ids``.

All can be forged: each is registered through ``guards.managed``, which asks again who uses it.
"""

from __future__ import annotations

from enum import StrEnum

from bot.ui.control import Control


def check_part(part: int) -> None:
    """Refuse a part of the settings that there is none of.

    Raises:
        ValueError: It is neither the first nor the second.
    """
    if part not in {0, 1}:
        raise ValueError(f"part {part}")


class SetClosing(Control):
    """Have a film's vote close at a moment (Unix seconds), or open it (0): what undoes a change."""

    kind = "closing"
    review_id: int
    closes_at: int


class Setting(StrEnum):
    """The settings of a server that are chosen from a menu; the values are fields of ``GuildSettings``."""

    VOTER_ROLE = "voter_role"
    RESULTS = "results"
    THOUGHTS = "thoughts"
    CHANNEL = "channel_id"
    PICTURES = "pictures"
    LEAVERS = "leavers"
    CRITIC_ROLE = "critic_role"


class SettingsPage(Control):
    """A part of the server's settings, counted from 0."""

    kind = "settings"
    part: int = 0

    def __post_init__(self) -> None:
        check_part(self.part)


class SetSetting(Control):
    """The menu of one setting."""

    kind = "set"
    setting: Setting


class AskNumbers(Control):
    """Open the form for the numbers in a part of the settings."""

    kind = "ask-numbers"
    part: int

    def __post_init__(self) -> None:
        check_part(self.part)


class NumbersForm(Control):
    """The form for the numbers in a part of the settings, sent in."""

    kind = "numbers"
    part: int

    def __post_init__(self) -> None:
        check_part(self.part)


class RestoreSettings(Control):
    """Set all settings back: 0 asks whether that is meant, 1 does it."""

    kind = "defaults"
    sure: int

    def __post_init__(self) -> None:
        check_part(self.sure)


class ResetForm(Control):
    """The form in which a film's title is typed to delete its votes, sent in."""

    kind = "reset"
    review_id: int


class PurgeForm(Control):
    """The form in which the server's name is typed to delete all of its data, sent in."""

    kind = "purge"


CONTROLS: tuple[type[Control], ...] = (
    *(SetClosing, ResetForm, SettingsPage, SetSetting, AskNumbers, NumbersForm, RestoreSettings),
    PurgeForm,
)
