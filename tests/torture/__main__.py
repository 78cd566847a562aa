"""``python -m tests.torture``: play every scenario, print the table, write ``build/torture.json``.

It exits with 0 if every scenario passed, with 1 if one failed, and with 2 if none failed and some could not be played.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import sys
import tempfile
import time
from pathlib import Path

import click

from tests.torture import trial
from tests.torture.scenarios import SCENARIOS
from tests.torture.trial import Trial

PROGRESS_SECONDS = 10


class Progress:
    """A line on stderr now and then, where a scenario takes long."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._said = time.monotonic()

    def __call__(self, one: Trial) -> None:
        if time.monotonic() - self._said > PROGRESS_SECONDS:
            self._said = time.monotonic()
            click.echo(f"  {self._name}: {one.played} rounds", err=True)


def play(name: str, rounds: int, seed: int) -> Trial:
    """Play one scenario; whatever ends it is a fault, and the next one is played all the same."""
    scenario = SCENARIOS[name]
    dice = random.Random(f"{seed} {name}")  # noqa: S311 - any moment will do
    with tempfile.TemporaryDirectory() as folder:
        one = Trial(Path(folder), dice, min(rounds, scenario.long), Progress(name), not_run=scenario.lacking())
        if not one.not_run:
            try:
                asyncio.run(scenario.play(one))
            except Exception as error:  # noqa: BLE001 - it is in the table, and the exit code tells
                one.expect(held=False, otherwise=f"{type(error).__name__}: {error}")
    return one


@click.command()
@click.option("--rounds", default=200, show_default=True, help="So many rounds of each scenario at the most.")
@click.option("--only", type=click.Choice(list(SCENARIOS)), multiple=True, help="Only this one; may be repeated.")
@click.option("--seed", type=int, help="The seed of the dice; without it, another one each time.")
def main(rounds: int, only: tuple[str, ...], seed: int | None) -> None:
    """Show that nothing acknowledged is ever lost."""
    seed = secrets.randbelow(10**6) if seed is None else seed
    click.echo(f"seed {seed}")
    played: dict[str, Trial] = {}
    for name in only or SCENARIOS:
        begun = time.monotonic()
        played[name] = one = play(name, rounds, seed)
        seconds = time.monotonic() - begun
        click.echo(f"{name}: {one.played} rounds in {seconds:.0f} s, {one.summary() or 'passed'}")
    click.echo(f"\n{trial.table(played)}")
    trial.write(played, seed, Path("build") / "torture.json")
    verdict, exit_code = trial.verdict(played)
    click.echo(f"\n{verdict}")
    sys.exit(exit_code)


if __name__ == "__main__":
    main()
