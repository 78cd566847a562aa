"""An import as it runs: from source to source and post to post, with a table of what becomes of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import aclosing
from html import unescape
from typing import TYPE_CHECKING

import click

from bot.errors import SourceError
from bot.fetching import Fetcher
from bot.moving.progress import Progress
from bot.reviews.importers.opening import open_source
from bot.reviews.importers.shelving import Act, Outcome, Shelf

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from bot.addresses import Listed
    from bot.reviews.importers.post import Post, Reading
    from bot.reviews.importers.source import Source

WIDTHS = (9, 32, 36)
"""Of the columns of the table, but for the last."""
RARE = frozenset(("quote", "quote_by"))
"""Fields that most reviews have none of: who misses only these need not be looked at."""


class Run:
    """One run of the command.

    Raises:
        TransferError: What is kept of earlier runs cannot be read.
    """

    def __init__(self, folder: Path, listed: Iterable[Listed] | None = None, *, dry_run: bool = False) -> None:
        self._shelf = Shelf(folder, dry_run=dry_run)
        self._listed = listed
        self._dry_run = dry_run
        self._progress = Progress("posts")
        self._acts: Counter[str] = Counter()
        self._missing: Counter[str] = Counter()
        self._shown = 0

    async def take(self, sources: Iterable[str]) -> list[str]:
        """Take every post of every source; what failed is returned, a sentence each.

        Raises:
            OSError: A file cannot be written.
        """
        failed: list[str] = []
        try:
            async with Fetcher(self._listed) as fetcher:
                for said in sources:
                    try:
                        await self._take_all(await open_source(said, fetcher, self._shelf.ledger.marks))
                    except SourceError as error:
                        failed.append(error.told)
        finally:
            self._progress.done()
            self._shelf.close()
        self._sum_up()
        return failed

    async def _take_all(self, source: Source) -> None:
        done = 0
        async with aclosing(source.posts()) as posts:
            async for post in posts:
                self._show(post, self._shelf.take(source.home, source.kind, post))
                done += 1
                self._progress.show("importing", done, done / max(source.total, done) if source.total else None)
                await asyncio.sleep(0)  # Ctrl-C is heard here only, as what is read from a file waits for nothing
        self._shelf.save()  # what the source is not asked for again must be on disk
        if source.mark:
            key, value = source.mark
            self._shelf.ledger.marks[key] = value
        if source.present is not None:
            for slug in self._shelf.ledger.gone(source.home, source.kind, source.present):
                self._row("gone", slug, "not at its source any more; the file stays")

    def _show(self, post: Post, outcome: Outcome) -> None:
        """Tell of a post: in a dry run of each that is not as it was, else of those that somebody should look at."""
        self._acts[outcome.act.value] += 1
        written = outcome.act in {Act.ADDED, Act.CHANGED}
        missing = outcome.reading.missing if outcome.reading and written else ()
        misses = not RARE.issuperset(missing)
        self._missing.update(missing)
        if outcome.act is Act.SKIPPED or (written and (self._dry_run or misses)):
            verdict = outcome.reason or _rating(outcome.reading)
            self._row(
                outcome.act.value,
                outcome.slug or unescape(post.title) or post.url or post.guid,
                verdict,
                f"not found: {', '.join(missing)}" if missing else "",
            )

    def _row(self, *cells: str) -> None:
        self._progress.done()
        if not self._shown:
            click.echo(_line("", "review", "sheep, or why not", "fields"))
        self._shown += 1
        click.echo(_line(*cells))

    def _sum_up(self) -> None:
        would = "would be " if self._dry_run else ""
        said = [f"{self._acts[act]:,} {would}{act}" for act in ("added", "changed")]
        said += [f"{self._acts[act]:,} {act}" for act in ("unchanged", "skipped")]
        click.echo(f"{', '.join(said)}.")
        if self._missing:
            counts = ", ".join(f"{field} in {count:,}" for field, count in self._missing.most_common())
            click.echo(f"Fields that were not found: {counts}.")


def _rating(reading: Reading | None) -> str:
    """How a verdict was found: ``3.5 sheep: "3½ stars out of 4" (rule)``."""
    if not reading or not reading.rating:
        return "no sheep"
    found = reading.rating
    return f'{found.half_sheep / 2:g} sheep: "{found.said}" ({found.rule})'


def _line(*cells: str) -> str:
    """A row of the table; what strangers wrote has nothing left in it that a terminal would obey."""
    clean = ["".join(char if char.isprintable() else " " for char in cell)[:200] for cell in cells]
    widths = [*WIDTHS, 0][: len(clean)]
    return "  ".join(cell.ljust(width) for cell, width in zip(clean, widths, strict=True)).rstrip()
