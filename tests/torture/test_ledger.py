"""The ledger and the auditors themselves: what they are there to find, they find."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.store.tools import opened, shelve
from tests.torture.ledger import Ledger, sound
from tests.torture.trial import Trial, table, verdict

if TYPE_CHECKING:
    from pathlib import Path

    from tests.torture.ledger import Kept, Key

VOTE: Key = ("vote", 10, 1, 7)


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    return Trial(tmp_path, random.Random(0), 1)  # noqa: S311 - nothing is drawn


@pytest.mark.parametrize(
    ("stored", "lost", "wrong"),
    [
        ({VOTE: 3}, 0, 0),
        ({VOTE: 4}, 0, 0),
        ({VOTE: 2}, 1, 0),
        ({VOTE: 5}, 1, 0),
        ({}, 1, 0),
        ({VOTE: 3, ("vote", 10, 1, 8): 1}, 0, 1),
    ],
)
def test_what_stands_is_what_was_acknowledged_or_sent_later(
    trial: Trial, stored: dict[Key, Kept], lost: int, wrong: int
) -> None:
    ledger = Ledger()
    for sheep in (2, 3):
        ledger.send(VOTE, sheep)
        ledger.acknowledge(VOTE)
    ledger.send(VOTE, 5)
    ledger.refuse(VOTE)
    ledger.send(VOTE, 4)

    ledger.compare(stored, trial)

    assert (trial.acknowledged, trial.lost, trial.wrong) == (2, lost, wrong)
    assert trial.passed == (not lost + wrong)


def test_a_vote_taken_back_that_returns_is_lost(trial: Trial) -> None:
    ledger = Ledger()
    for sheep in (2, None):
        ledger.send(VOTE, sheep)
        ledger.acknowledge(VOTE)

    ledger.compare({VOTE: 2}, trial)

    assert trial.lost == 1


def test_after_a_comparison_what_is_stored_counts(trial: Trial) -> None:
    ledger = Ledger()
    ledger.send(VOTE, 2)
    ledger.compare({VOTE: 2}, trial)

    ledger.compare({}, trial)

    assert (ledger.told(VOTE), trial.acknowledged, trial.lost) == (None, 0, 1)


@pytest.mark.parametrize(
    ("harm", "finding"),
    [
        ("UPDATE tallies SET n3 = 2", "recount"),
        ("UPDATE tallies SET n3 = 0 WHERE guild_id = 0", "recount"),
        ("INSERT INTO posts VALUES (1, 1, 10, 99)", "foreign_key_check"),
    ],
)
async def test_a_database_that_is_not_sound_is_noticed(trial: Trial, harm: str, finding: str) -> None:
    path = trial.folder / "x.db"
    async with opened(path) as store:
        (film,) = await shelve(store, 1)
        await store.votes.cast(10, film, 7, 3)
    await sound(path, trial)
    assert trial.passed

    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(harm)
    await sound(path, trial)

    assert trial.wrong == 1
    assert finding in trial.faults[0]


def test_the_table_tells_what_passed_what_failed_and_what_was_not_played(trial: Trial) -> None:
    failed = Trial(trial.folder, trial.dice, 1)
    failed.finds_lost("a|b")
    failed.finds_wrong("c")
    not_played = Trial(trial.folder, trial.dice, 1, not_run="strace is not installed")

    rows = table({"one": trial, "two": failed, "three": not_played}).splitlines()

    assert [row.split("|")[1].strip() for row in rows[2:]] == ["✓", "✗", ""]
    assert "round 1: lost: a/b (and 1 more)" in rows[3]
    assert "not run: strace is not installed" in rows[4]
    assert {row.count("|") for row in rows} == {8}


def test_the_last_line_and_the_exit_code_tell_failed_from_not_played(trial: Trial) -> None:
    failed = Trial(trial.folder, trial.dice, 1, faults=["c"])
    not_played = Trial(trial.folder, trial.dice, 1, not_run="strace is not installed")

    assert verdict({"one": trial}) == ("all passed", 0)
    assert verdict({"one": trial, "two": not_played}) == ("not run: two", 2)
    assert verdict({"one": failed, "two": not_played}) == ("failed: one; not run: two", 1)
