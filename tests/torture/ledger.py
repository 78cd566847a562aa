"""What members sent and what they were told, against what is in the database."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

from tests.store.tools import Sqlite, assert_tallies_are_true, read_only

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.torture.trial import Trial

Key: TypeAlias = tuple[str, int, int, int]
"""``"vote"`` or ``"thought"``, guild_id, review_id, member_id."""
Kept: TypeAlias = int | str | None
"""Sheep, or the text of a thought, or None for neither."""


class Ledger:
    """The book of one database, kept by those who wrote to it.

    What is stored must be what was last acknowledged, or what was sent after it
    and neither acknowledged nor refused: that may have been committed or not.
    A member sends one thing at a time.
    """

    def __init__(self) -> None:
        self._told: dict[Key, Kept] = {}
        self._open: defaultdict[Key, list[Kept]] = defaultdict(list)
        self._acknowledged = 0

    def send(self, key: Key, value: Kept) -> None:
        self._open[key].append(value)

    def acknowledge(self, key: Key) -> None:
        """The last that was sent was acknowledged; what was sent before it no longer matters."""
        self._told[key] = self._open.pop(key)[-1]
        self._acknowledged += 1

    def refuse(self, key: Key) -> None:
        """The last that was sent was refused: it must not be stored."""
        self._open[key].pop()

    def told(self, key: Key) -> Kept:
        """What stands, as far as the member knows."""
        return self._told.get(key)

    def compare(self, stored: dict[Key, Kept], trial: Trial) -> None:
        """Note what is lost or wrong; go on from what is stored."""
        for key in stored.keys() | self._told.keys() | self._open.keys():
            value, told = stored.get(key), self._told.get(key)
            if value == told or value in self._open.get(key, ()):
                continue
            finds = trial.finds_lost if key in self._told else trial.finds_wrong
            finds(f"{key} is {value!r}, and was acknowledged as {told!r}")
        trial.acknowledged += self._acknowledged
        self._acknowledged = 0
        self._told = dict(stored)
        self._open.clear()

    async def audit(self, path: Path, trial: Trial) -> None:
        """Compare a database with this book, and look whether it is sound."""
        await sound(path, trial)
        self.compare(stored(path), trial)


def stored(path: Path) -> dict[Key, Kept]:
    """Every vote and thought in a database."""
    return dict(_keyed("vote", read_only(path, "SELECT guild_id, review_id, member_id, sheep FROM votes"))) | dict(
        _keyed("thought", read_only(path, "SELECT guild_id, review_id, member_id, body FROM thoughts"))
    )


def _keyed(what: str, rows: Iterable[tuple[int, int, int, int | str]]) -> Iterable[tuple[Key, Kept]]:
    return (((what, *row[:3]), row[3]) for row in rows)


async def sound(path: Path, trial: Trial) -> None:
    """Look whether a database is whole, its references lead somewhere, and its tallies are what a recount makes."""
    for check, good in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
        found = read_only(path, f"PRAGMA {check}")
        if found != good:
            trial.finds_wrong(f"{check}: {found[:3]}")
    try:
        await assert_tallies_are_true(Sqlite(path))
    except AssertionError as error:
        trial.finds_wrong(f"tallies and recount differ: {error}")
