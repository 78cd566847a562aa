"""The commands that move house: votes to files and back, and a whole database to another."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from contextlib import ExitStack, aclosing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, TypeAlias

import click

from bot.errors import ConfigError, DatabaseError, StoreError, TransferError
from bot.moving.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from bot.moving.writing import Rejected
    from bot.settings import Settings
    from bot.store import Store

GetSettings: TypeAlias = "Callable[[], Settings]"

BATCH = 10_000
"""Rows that are imported in one transaction."""
STDIO = "-"
PATH = click.Path(dir_okay=False, path_type=Path, allow_dash=True)
FORMAT = click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), help="By default what the name says.")


@click.group()
def votes() -> None:
    """Take votes and thoughts out, and bring them in."""


@votes.command("export")
@click.argument("path", type=PATH)
@click.option("--guild", "guild_id", type=click.IntRange(1, 2**63 - 1), help="Only this server's, by its id.")
@FORMAT
@click.pass_obj
def export_votes(get_settings: GetSettings, path: Path, guild_id: int | None, form: str | None) -> None:
    """Write all votes that count and thoughts that are shown to a file (or -), also while the bot runs."""
    form = _form(path, form)
    with _put_in_place(path) as file:
        count = asyncio.run(_export(get_settings().database_url, file, form, guild_id))
    click.echo(f"Exported {_rows(count)} to {path}.", err=str(path) == STDIO)


@votes.command("import")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True))
@click.option("--rejected", type=click.Path(dir_okay=False, path_type=Path), help="Where rejected rows go.")
@FORMAT
@click.pass_obj
def import_votes(get_settings: GetSettings, path: Path, rejected: Path | None, form: str | None) -> None:
    """Bring in votes and thoughts from a file (or -), where they are newer than those that are there."""
    form = _form(path, form)
    beside = rejected or (Path("votes") if str(path) == STDIO else path).with_suffix(".rejected.csv")
    if path.exists() and beside.exists() and beside.samefile(path):
        raise click.UsageError("The rejected rows cannot go to the file itself.")
    try:
        beside.unlink(missing_ok=True)  # it would seem to be of this time
        with ExitStack() as stack:
            file = sys.stdin.buffer if str(path) == STDIO else stack.enter_context(path.open("rb"))
            done = asyncio.run(_import(get_settings(), file, form, beside))
    except OSError as error:
        raise TransferError(
            f"{error.filename or path}: {error.strerror}. Mend that, and run it again: nothing counts twice."
        ) from error
    click.echo(
        f"Imported {_rows(done.read)}: {done.added:,} votes and thoughts are new, {done.changed:,} took the place of"
        f" older ones, {done.rejected:,} rows were rejected."
    )
    if done.rejected:
        raise TransferError(f"{_rows(done.rejected)} rejected; {beside} says why. The others are imported.")


@click.group()
def store() -> None:
    """Look after the database."""


@store.command()
@click.pass_obj
def migrate(get_settings: GetSettings) -> None:
    """Bring the schema of the database up to date, and do nothing else."""
    version = asyncio.run(_migrate(get_settings().database_url))
    click.echo(f"The schema is up to date, at version {version}.")


@store.command()
@click.pass_obj
def vacuum(get_settings: GetSettings) -> None:
    """Write the database file anew, without what was deleted; the bot must be stopped."""
    if asyncio.run(_vacuum(get_settings().database_url)):
        click.echo("Vacuumed: nothing that was deleted is in the file any more.")
    else:
        click.echo("PostgreSQL looks after its files by itself: autovacuum clears what was deleted.")


@store.command()
@click.option("--from", "source", help="The database to copy; by default DATABASE_URL.")
@click.option("--to", "target", required=True, help="The new database: an empty one, or half a copy to go on with.")
@click.pass_obj
def copy(get_settings: GetSettings, source: str | None, target: str) -> None:
    """Copy everything to another database, compared at the end; run again, it goes on where it stopped."""
    from bot.store import copy_store  # noqa: PLC0415 - loads the drivers

    source = source or get_settings().database_url
    if source == target:
        raise ConfigError("--from and --to name the same database.")
    progress = Progress()
    try:
        tables = asyncio.run(
            copy_store(source, target, lambda what, done, of: progress.show(what, done, done / max(of, 1)))
        )
    finally:
        progress.done()
    for table in tables:
        click.echo(f"{table.table:<9} {table.rows:>12,} rows  sha256 {table.sha256}")
    click.echo("Copied: both databases are the same. Set DATABASE_URL to the new one, and keep the old for a while.")


class _Imported(NamedTuple):
    read: int = 0
    added: int = 0
    changed: int = 0
    rejected: int = 0


async def _migrate(url: str) -> int:
    from bot.store import open_store  # noqa: PLC0415 - loads the drivers

    opened = await open_store(url)
    try:
        return await opened.schema()
    finally:
        await opened.close()


async def _vacuum(url: str) -> bool:
    from bot.store import open_store, unusable  # noqa: PLC0415 - loads the drivers

    opened = await open_store(url)
    try:
        return await opened.vacuum()
    except StoreError as error:
        raise unusable(error, shared=opened.shared) from error
    finally:
        await opened.close()


async def _export(url: str, file: BinaryIO, form: str, guild_id: int | None) -> int:
    from bot.moving import writing  # noqa: PLC0415 - as below
    from bot.store import open_store  # noqa: PLC0415 - loads the drivers

    progress = Progress()
    opened = await open_store(url, read_only=True)
    try:
        total, done = await opened.records.count(guild_id), 0
        file.write(writing.header(form).encode(writing.ENCODING[form]))
        async with aclosing(opened.records.pages(guild_id)) as pages:
            async for records in pages:
                # The next page is read meanwhile.
                file.write((await asyncio.to_thread(writing.written, records, form)).encode())
                done += len(records)
                progress.show("exporting", done, done / max(total, done, 1))
    except StoreError as error:
        raise DatabaseError(f"The export stopped: {error.cause}. Run it again.") from error
    finally:
        progress.done()
        await opened.close()
    return done


async def _import(settings: Settings, file: BinaryIO, form: str, beside: Path) -> _Imported:
    from bot.app import load_catalogue, reviews_folder  # noqa: PLC0415 - loads discord.py
    from bot.store import open_store  # noqa: PLC0415 - loads the drivers

    opened = await open_store(settings.database_url)
    try:
        # A new house has no shelf yet, and a vote is on something that stands there.
        await load_catalogue(opened, reviews_folder(settings.reviews_path))
        return await _import_into(opened, file, form, beside)
    except StoreError as error:
        raise DatabaseError(
            f"The import stopped: {error.cause}. Run it again: what is imported already stays as it is."
        ) from error
    finally:
        await opened.close()


async def _import_into(opened: Store, file: BinaryIO, form: str, beside: Path) -> _Imported:
    """Store a batch while the next one is read."""
    from bot.moving.reading import Reader  # noqa: PLC0415 - loads the drivers
    from bot.moving.writing import Rejected  # noqa: PLC0415 - as above

    slugs = await opened.records.slugs()
    await opened.records.expect_much()
    reader = Reader(file, form, slugs)
    rows, size, progress = iter(reader), _size(file), Progress()
    done, storing = _Imported(), None
    try:
        while True:
            batch = await asyncio.to_thread(lambda: list(itertools.islice(rows, BATCH)))
            if storing:
                stored, storing = await storing, None
                done = done._replace(added=done.added + stored.added, changed=done.changed + stored.changed)
            if not batch:
                break
            records = [row for row in batch if not isinstance(row, Rejected)]
            rejected = [row for row in batch if isinstance(row, Rejected)]
            if rejected:
                await asyncio.to_thread(_keep, beside, rejected)
            storing = asyncio.create_task(opened.records.put(records, slugs))
            done = done._replace(read=done.read + len(batch), rejected=done.rejected + len(rejected))
            progress.show("importing", done.read, reader.read / size if size else None)
    finally:
        progress.done()
        if storing:
            await asyncio.gather(storing, return_exceptions=True)
    return done


def _keep(path: Path, rejected: list[Rejected]) -> None:
    from bot.moving.writing import REJECTS_HEADER, rejects  # noqa: PLC0415 - loads the drivers

    begins = not path.exists()
    path.touch(mode=0o600)  # it holds members' words
    with path.open("a", encoding="utf-8-sig" if begins else "utf-8", newline="") as file:
        file.write((REJECTS_HEADER if begins else "") + rejects(rejected))


def _size(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size


@contextmanager
def _put_in_place(path: Path) -> Generator[BinaryIO]:
    """A file that takes its name only once it is whole and on disk; half an export looks like a whole one."""
    if str(path) == STDIO:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    part = path.with_name(path.name + ".part")
    try:
        try:
            part.touch(mode=0o600)  # it holds members' words
            with part.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise TransferError(
            f"{path} cannot be written: {error.strerror}. Check the disk and its permissions."
        ) from error


def _form(path: Path, form: str | None) -> str:
    """The format that was asked for, or that the name of the file says.

    Raises:
        UsageError: Neither does.
    """
    if form:
        return form
    found = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}.get(path.suffix.lower())
    if not found:
        raise click.UsageError(f"What format {path} has is not known. Add --format csv or --format jsonl.")
    return found


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
