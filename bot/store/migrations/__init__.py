"""The schema's history: numbered files of SQL, a folder an engine, each applied once and in order."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

_NAME = re.compile(r"(\d{4})_\w+\.sql")


class Migration(NamedTuple):
    """One step of the schema."""

    version: int
    name: str
    sql: str


@functools.cache
def load(engine: str) -> tuple[Migration, ...]:
    """The migrations of an engine (``sqlite`` or ``postgres``), in the order in which they apply."""
    found = [
        Migration(int(match[1]), file.name, file.read_text(encoding="utf-8"))
        for file in Path(__file__).with_name(engine).iterdir()
        if (match := _NAME.fullmatch(file.name))
    ]
    return tuple(sorted(found, key=lambda migration: migration.version))


def known(engine: str) -> set[int]:
    """The versions of the migrations of an engine."""
    return {migration.version for migration in load(engine)}


def unknown(engine: str, applied: Collection[int]) -> set[int]:
    """The versions, of those that a database has seen, that only a newer Sheepbot knows."""
    return set(applied) - known(engine)
