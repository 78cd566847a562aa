"""The composition root: opens the store and the catalogue, builds the client, closes all in order."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from bot.client import SheepBot
from bot.errors import ConfigError, StoreError
from bot.metrics import SILENT, Metrics
from bot.reviews.catalogue import Catalogue
from bot.settings import DEFAULT_REVIEWS
from bot.shelf import following
from bot.store import CONNECTIONS, open_store, unusable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from bot.addresses import Listed
    from bot.store import Store

log = logging.getLogger(__name__)

FILES = "files"
"""The source, in the database, of the reviews that come from files."""
FILES_READ = "files_read"
READ = 60.0
"""Seconds that one process has to bring the shelf in line with its files, until another one begins.

Two that write tens of thousands of reviews at once would wait for each other's rows longer than a statement may take.
"""


@contextlib.asynccontextmanager
async def open_bot(  # noqa: PLR0913 - what an operator can set
    database_url: str,
    reviews_path: str,
    *,
    connections: int = CONNECTIONS,
    shard_count: int | None = None,
    shard_ids: Sequence[int] | None = None,
    fetch_allow: Sequence[Listed] | None = None,
    metrics: Metrics = SILENT,
) -> AsyncGenerator[SheepBot]:
    """The bot on its open store, not yet logged in; the store is closed after it.

    Raises:
        StartError: The database or the folder of reviews cannot be used, now or when the commands are synced.
    """
    folder = reviews_folder(reviews_path)
    store = await open_store(database_url, metrics, connections=connections)
    try:
        if store.vacuum_due:
            await store.vacuum_if_small()
        catalogue = await load_catalogue(store, folder)
        async with following(store, catalogue):
            bot = SheepBot(
                *(store, catalogue, metrics), shard_count=shard_count, shard_ids=shard_ids, fetch_allow=fetch_allow
            )
            try:
                yield bot
            finally:
                await bot.pictures.close()
    except StoreError as error:
        raise unusable(error, shared=store.shared) from error
    finally:
        await store.close()


async def load_catalogue(store: Store, folder: Path) -> Catalogue:
    """Bring the reviews in the database in line with the files, and read the titles.

    A broken file is logged and leaves its review as it was.
    """
    if store.shared:  # each process has files of its own, and may run on a machine of its own
        async with store.leases.held(FILES, READ):
            await _read_files(store, folder)
    else:
        state = _state(folder)
        if await store.meta.get(FILES_READ) != state and await _read_files(store, folder):
            await store.meta.set(FILES_READ, state)
    titles = await store.reviews.shelf()
    log.info("%d reviews on the shelf", len(titles))
    return Catalogue(titles)


async def _read_files(store: Store, folder: Path) -> bool:
    """Put what the files hold on the shelf; return whether that was all of them."""
    from bot.reviews.files import read_folder  # noqa: PLC0415 - loads pydantic and yaml, which few starts need

    reviews, problems = read_folder(folder)
    for problem in problems:
        log.error("Review skipped: %s", problem)
    synced = await store.reviews.sync(FILES, reviews, keep={problem.path.stem for problem in problems})
    log.info(
        "%d review files read (%d new, %d changed, %d retired, %d skipped)",
        len(reviews),
        synced.added,
        synced.changed,
        synced.retired,
        len({problem.path for problem in problems}),
    )
    return not problems and not synced.passed_over


def _state(folder: Path) -> str:
    """What tells whether a folder's files are those that this version has read; a change of any changes it."""
    try:
        with os.scandir(folder) as reviews, os.scandir(Path(__file__).parent / "reviews") as readers:
            files = sorted(_state_of(entry) for entry in (*reviews, *readers) if entry.name.endswith((".md", ".py")))
    except OSError as error:
        raise ConfigError(f"{folder} cannot be read: {error.strerror}. Check its permissions.") from error
    return hashlib.sha256("\n".join(files).encode(errors="surrogateescape")).hexdigest()


def _state_of(entry: os.DirEntry[str]) -> str:
    try:
        found = entry.stat()
    except OSError:  # a link to nowhere
        found = entry.stat(follow_symlinks=False)
    return f"{entry.name}/{found.st_ino}/{found.st_size}/{found.st_mtime_ns}/{found.st_ctime_ns}"


def reviews_folder(path: str) -> Path:
    """The folder of review files: the one that is set, or the samples that came with the bot.

    Raises:
        ConfigError: A folder was set, and it is not there.
    """
    folder = Path(path)
    if folder.is_dir():
        return folder
    samples = Path(__file__).parent / "reviews" / "samples"
    if path == DEFAULT_REVIEWS and samples.is_dir():
        return samples
    raise ConfigError(f"REVIEWS_PATH names {path}, which is not a folder. Create it, or correct REVIEWS_PATH.")
