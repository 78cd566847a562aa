"""A process that is killed at, or fails in, each system call of a group of votes and of a migration."""

from __future__ import annotations

import shutil
import signal
from typing import TYPE_CHECKING

from bot.errors import DatabaseError
from bot.store.votes import Thought
from tests.store.tools import opened, read_only, shelve
from tests.torture import strace
from tests.torture.child import GROUPS, MEMBERS, change
from tests.torture.ledger import sound, stored

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from tests.store.tools import Row
    from tests.torture.ledger import Kept, Key
    from tests.torture.strace import Moment, Run
    from tests.torture.trial import Trial

STRANGER = 10**6


async def killed_in_groups(trial: Trial) -> None:
    """Kill a process at each call of three groups of votes, of its opening, and of its closing."""
    await _at_each_moment(trial, "again", strace.Moment.killed, {-signal.SIGKILL})


async def killed_in_migration(trial: Trial) -> None:
    """Kill a process at each call of making a database from nothing, and of its closing."""
    await _at_each_moment(trial, "open", strace.Moment.killed, {-signal.SIGKILL}, fresh=True)


async def failed_in_groups(trial: Trial) -> None:
    """Let each call fail once; the process goes on, and tries what was refused again."""
    await _at_each_moment(trial, "again", strace.Moment.failed, {0, DatabaseError.exit_code})


async def failed_in_migration(trial: Trial) -> None:
    """Let each call of making a database from nothing fail once: the start is refused."""
    await _at_each_moment(trial, "make", strace.Moment.failed, {DatabaseError.exit_code}, fresh=True)


async def failed_then_killed(trial: Trial) -> None:
    """Let each call fail once, and kill the process as soon as that made it refuse a vote."""
    await _at_each_moment(trial, "die", strace.Moment.failed, {0, DatabaseError.exit_code, -signal.SIGKILL})


async def failing_then_killed(trial: Trial) -> None:
    """Let calls of one kind fail from each of them on, until the process is killed as it refuses a vote."""
    await _at_each_moment(trial, "die", strace.Moment.failing, {0, DatabaseError.exit_code, -signal.SIGKILL})


async def _at_each_moment(
    trial: Trial, task: str, fault: Callable[[Moment], str], ends: Collection[int], *, fresh: bool = False
) -> None:
    """Run a task as often as there are moments in it, or rounds in the trial, with a fault at another one each time.

    Args:
        ends: The exit codes that the task may end with.
        fresh: Whether it finds no database.
    """
    model = trial.folder / "model.db"
    async with opened(model) as store:
        await shelve(store, 1)
    folders = (trial.folder / f"{number}" for number in range(10**6))
    undisturbed = await strace.run(task, _made(next(folders), None if fresh else model))
    trial.expect(undisturbed.exit_code == 0, f"undisturbed, it ended with {undisturbed.log}")
    for moment in _some(undisturbed.moments, trial):
        database = _made(next(folders), None if fresh else model)
        ran = await strace.run(task, database, moment, fault(moment))
        trial.expect(ran.disturbed == moment, f"{moment}: it was {ran.disturbed} that was disturbed")
        trial.expect(ran.exit_code in ends, f"{moment}: it ended with {ran.exit_code}: {ran.log}")
        if ran.exit_code == DatabaseError.exit_code:
            lines = [line for line in ran.log.splitlines() if line.startswith("sheepbot: ")]
            trial.expect(len(lines) == 1, f"{moment}: the refusal was {ran.log!r}")
        await _judge(trial, moment, ran, database, _schema(model))
        shutil.rmtree(database.parent)
        trial.ends_round()


def _some(moments: list[Moment], trial: Trial) -> list[Moment]:
    """As many moments as there are rounds; half of them syncs, which are few and decide much."""
    syncs = [moment for moment in moments if moment.call in strace.SYNCS]
    others = [moment for moment in moments if moment.call not in strace.SYNCS]
    chosen = trial.dice.sample(syncs, min(len(syncs), (trial.rounds + 1) // 2))
    return chosen + trial.dice.sample(others, min(len(others), trial.rounds - len(chosen)))


def _made(folder: Path, model: Path | None) -> Path:
    """Where a database is to be in a new folder; a copy of the model, if there is one, is there already."""
    folder.mkdir()
    path = folder / "x.db"
    if model:
        shutil.copyfile(model, path)
    return path


async def _judge(trial: Trial, moment: Moment, ran: Run, database: Path, schema: list[Row]) -> None:
    """The database opens, is complete and sound, and holds whole groups: all that were acknowledged, none refused."""
    try:
        async with opened(database) as store:
            found = stored(database)
            film = [entry.review_id for entry in await store.reviews.shelf()] or await shelve(store, 1)
            await store.votes.cast(10, film[0], STRANGER, 3)
    except DatabaseError as error:
        trial.expect(held=False, otherwise=f"{moment}: the next start is refused: {error}")
        return
    await sound(database, trial)
    trial.expect(_schema(database) == schema, f"{moment}: the schema is not complete")
    acknowledged = [line for line in ran.said if line.startswith("stored")]
    refused = len(ran.said) - len(acknowledged)
    trial.acknowledged += len(acknowledged)
    trial.expect(refused % MEMBERS == 0, f"{moment}: {refused} of a group were refused, the others were not")
    told = max((int(line.split()[1]) + 1 for line in acknowledged), default=0)
    states = [_after(groups) for groups in range(GROUPS + 1)]
    if found not in states:
        trial.finds_wrong(f"{moment}: a group is stored in part")
    elif states.index(found) < told:
        trial.finds_lost(f"{moment}: {told} groups were acknowledged, and {states.index(found)} are stored")
    elif refused and states.index(found) > told:
        trial.finds_wrong(f"{moment}: a group that was refused is stored")


def _after(groups: int) -> dict[Key, Kept]:
    """What is to be stored after so many groups."""
    kept: dict[Key, Kept] = {}
    for group in range(groups):
        for member in range(1, MEMBERS + 1):
            made = change(group, member, film=1)
            thought = made.thought
            kept["vote", *made.key] = made.sheep if isinstance(made.sheep, int) else None
            kept["thought", *made.key] = thought.body if isinstance(thought, Thought) else None
    return {key: value for key, value in kept.items() if value is not None}


def _schema(path: Path) -> list[Row]:
    return read_only(path, "SELECT sql FROM sqlite_schema UNION ALL SELECT name FROM migrations")
