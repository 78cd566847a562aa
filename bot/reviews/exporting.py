"""``sheepbot reviews export``: the reviews in the database become review files."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.errors import DatabaseError, StoreError, TransferError

if TYPE_CHECKING:
    from bot.moving.commands import GetSettings


@click.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--guild", "guild_id", type=click.IntRange(1, 2**63 - 1), help="Only this server's own, by its id.")
@click.pass_obj
def export_reviews(get_settings: GetSettings, folder: Path, guild_id: int | None) -> None:
    """Write the reviews on the shelf, servers' own ones too, into a folder as review files, also while the bot runs.

    Files of the same names are replaced.
    """
    settings = get_settings()
    if folder.resolve() == Path(settings.reviews_path).resolve():
        raise TransferError(
            f"{folder} is where the bot reads everyone's reviews: a server's own would be everyone's at the next start."
            " Name another folder."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        count, refused = asyncio.run(_export(settings.database_url, folder, guild_id))
    except OSError as error:
        raise TransferError(
            f"{error.filename or folder} cannot be written: {error.strerror}. Check the disk and its permissions."
        ) from error
    for reason in refused:
        click.echo(reason, err=True)
    click.echo(f"Exported {count:,} {'review' if count == 1 else 'reviews'} to {folder}.")
    if refused:
        raise TransferError(f"{len(refused):,} could not be written as files, see above. The others are.")


async def _export(url: str, folder: Path, guild_id: int | None) -> tuple[int, list[str]]:
    """How many reviews were written, and why others were not."""
    from bot.reviews.files import ReviewFileError  # noqa: PLC0415 - loads pydantic and yaml
    from bot.reviews.writing import put, written  # noqa: PLC0415 - as above
    from bot.store import open_store  # noqa: PLC0415 - loads the drivers

    count, refused = 0, list[str]()
    opened = await open_store(url, read_only=True)
    try:
        async with aclosing(opened.reviews.pages(guild_id)) as pages:
            async for page in pages:
                for review in page:
                    try:
                        put(folder, review.slug, written(review))
                        count += 1
                    except ReviewFileError as error:
                        refused.append(str(error))
                    except ValueError as error:
                        refused.append(f"{error}, so it names no file")
    except StoreError as error:
        raise DatabaseError(f"The export stopped: {error.cause}. Run it again.") from error
    finally:
        await opened.close()
    return count, refused
