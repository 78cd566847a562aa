"""``python -m tests.bench``: take every measure, print the table, write ``build/bench.json``."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli import event_loop_of_speed
from tests.bench import boards, clicks, importing, memory, pictures, report, start, store, stories, titles
from tests.bench.report import QUICK, SCALE, USUAL

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.bench.report import Measure, Size

SUBJECTS: dict[str, Callable[[Path, Size], Coroutine[Any, Any, list[Measure]]]] = {
    "clicks": clicks.measure,
    "memory": memory.measure,
    "start": start.measure,
    "store": store.measure,
    "boards": boards.measure,
    "pictures": pictures.measure,
    "stories": stories.measure,
    "titles": titles.measure,
    "importing": importing.measure,
}


@click.command()
@click.option("--quick", "size", flag_value="quick", help="Under a minute, and rougher.")
@click.option("--scale", "size", flag_value="scale", help="With the large sets: ten million votes.")
@click.option("--only", type=click.Choice(list(SUBJECTS)), multiple=True, help="Only this subject; may be repeated.")
def main(size: str | None, only: tuple[str, ...]) -> None:
    """Measure Sheepbot beside its floors and its peers."""
    wanted = {"quick": QUICK, "scale": SCALE}.get(size or "", USUAL)
    found: list[Measure] = []
    for name in only or SUBJECTS:
        click.echo(f"{name} ...", err=True)
        with tempfile.TemporaryDirectory() as folder, asyncio.Runner(loop_factory=event_loop_of_speed()) as runner:
            found += runner.run(SUBJECTS[name](Path(folder), wanted))
    click.echo(report.table(found))
    report.write(found, Path("build") / "bench.json")


if __name__ == "__main__":
    main()
