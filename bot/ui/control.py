"""What every control has in common; they stand in ``ids`` and in the rooms that it names."""

from __future__ import annotations

from typing import ClassVar, NoReturn, Self, dataclass_transform

VERSION = "sheep1"
MAX_POSITION = 1_000_000
"""The furthest page or entry that a control can lead to."""


@dataclass_transform(frozen_default=True)
class Control:
    """A control and its state; the subclasses are all the controls that there are.

    Each is what ``@dataclass(frozen=True)`` would make of it, from the fields that it annotates. But ``@dataclass``
    compiles the same methods anew for each class, at every start: a quarter of a millisecond, some fifty times.

    Attributes:
        kind: By this its custom_ids are told from all others.
        fields: The names of its fields, in the order of the custom_id.
    """

    kind: ClassVar[str]
    fields: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        cls.fields = (*cls.fields, *cls.__annotations__)

    def __init__(self, *values: object, **named: object) -> None:
        given = dict(zip(self.fields[: len(values)], values, strict=True)) | named
        state = {name: given.pop(name) if name in given else getattr(self, name) for name in self.fields}
        if given:
            raise TypeError(f"{type(self).__name__} has no {', '.join(given)}")
        vars(self).update(state)
        self.__post_init__()

    def __post_init__(self) -> None:
        """Refuse a state that nothing leads to.

        Raises:
            ValueError: It is one.
        """

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{name!r} of a control is not to be changed")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    def __hash__(self) -> int:
        return hash((type(self), *vars(self).values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"

    def pack(self) -> str:
        """The custom_id of this control."""
        return ":".join((VERSION, self.kind, *map(str, vars(self).values())))

    def replace(self, **changed: object) -> Self:
        """The same control, but for these fields."""
        return type(self)(**vars(self) | changed)


def check_position(position: int) -> None:
    """Refuse a page or entry that nothing leads to.

    Raises:
        ValueError: It is one.
    """
    if not 0 <= position <= MAX_POSITION:
        raise ValueError(f"position {position}")
