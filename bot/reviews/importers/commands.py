"""``sheepbot reviews import``: what critics published elsewhere becomes review files."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.errors import ExtensionLoadError, TransferError

if TYPE_CHECKING:
    from collections.abc import Generator

    from bot.moving.commands import GetSettings

LOCK = ".imported.lock"


@click.command("import")
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="By default where REVIEWS_PATH says.")
@click.pass_obj
def import_reviews(get_settings: GetSettings, sources: tuple[str, ...], dry_run: bool, folder: Path | None) -> None:  # noqa: FBT001 - click passes by name
    """Bring in reviews from WordPress sites, their exports (WXR), feeds, pages, and folders of saved pages.

    Run again, it brings in what is new and what changed. Files that were corrected by hand stay as they are.
    """
    settings = get_settings()
    try:
        from bot.reviews.importers.running import Run  # noqa: PLC0415 - an optional part
    except ImportError as error:
        raise ExtensionLoadError(
            f"What reads other sites is not installed ({error}). In Sheepbot's folder: pip install '.[import]'"
        ) from error
    folder = folder or Path(settings.reviews_path)
    try:
        with _alone_in(folder, dry_run=dry_run):
            failed = asyncio.run(Run(folder, settings.fetch_allow, dry_run=dry_run).take(sources))
    except BrokenPipeError:  # of whoever reads the table
        raise
    except OSError as error:
        raise TransferError(
            f"{error.filename or folder}: {error.strerror}. Mend that, and run it again: it goes on where it stopped."
        ) from error
    if failed:
        more = "" if len(sources) == len(failed) else " The others were read."
        if len(failed) == 1:
            raise TransferError(f"{failed[0]}{more}")
        for one in failed:
            click.echo(one, err=True)
        raise TransferError(f"{len(failed):,} sources could not be read, see above.{more}")


@contextmanager
def _alone_in(folder: Path, *, dry_run: bool) -> Generator[None]:
    """Keep other imports out of a folder, which is made where it is not there yet."""
    from filelock import FileLock, Timeout  # noqa: PLC0415 - few commands need it

    if dry_run:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise TransferError(f"Another import is at work in {folder}. Wait until it has ended.") from None
    try:
        yield
    finally:
        lock.release()
