"""What every control has in common; they stand in ``ids`` and in the rooms that it names."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar

VERSION = "sheep1"
MAX_POSITION = 1_000_000
"""The furthest page or entry that a control can lead to."""


@dataclass(frozen=True)
class Control:
    """A control and its state; the subclasses are all the controls that there are."""

    kind: ClassVar[str]

    def pack(self) -> str:
        """The custom_id of this control."""
        return ":".join((VERSION, self.kind, *(str(getattr(self, field.name)) for field in fields(self))))


def check_position(position: int) -> None:
    """Refuse a page or entry that nothing leads to.

    Raises:
        ValueError: It is one.
    """
    if not 0 <= position <= MAX_POSITION:
        raise ValueError(f"position {position}")
