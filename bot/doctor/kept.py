"""What is kept on this machine: settings, the database, its backups, and the reviews."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import ConfigError
from bot.findings import Finding, Mark
from bot.settings import ENV_FILE

if TYPE_CHECKING:
    from bot.settings import Settings

HOUR = 3600.0
LATE = 2.0
"""A backup is missing once the newest is so many times as old as it may be."""


def settings(wrong: list[ConfigError]) -> list[Finding]:
    """Whether each can be read."""
    if wrong:
        return [Finding.of("Settings", error) for error in wrong]
    file = Path(ENV_FILE)
    said = f"read from {file.absolute()} and the environment" if file.exists() else "read from the environment"
    return [Finding("Settings", Mark.GOOD, said + ("" if file.exists() else f"; no {ENV_FILE} in {Path.cwd()}"))]


def database(settings: Settings) -> list[Finding]:
    """What the database's engine tells."""
    from bot.store.checks import examine  # noqa: PLC0415 - where a driver is missing, this check says so

    return examine(settings.database_url, settings.database_connections)


def backups(settings: Settings) -> list[Finding]:
    """Whether the bot takes them when they are due."""
    from bot.backups import database_of, newest  # noqa: PLC0415 - as above

    if not settings.backup_every:
        return [Finding("Backups", Mark.SKIPPED, "BACKUP_EVERY is not set: the bot makes none by itself")]
    try:
        taken = newest(database_of(settings))
    except ConfigError as error:
        return [Finding.of("Backups", error)._replace(mark=Mark.NOTE)]
    if not taken:
        return [Finding("Backups", Mark.NOTE, "there is none yet", "The bot makes one as soon as it runs.")]
    hours = (time.time() - taken) / HOUR
    said = f"the newest is {hours:,.1f} hours old, with BACKUP_EVERY={settings.backup_every:g}"
    if hours > LATE * settings.backup_every:
        fix = "Make one with `sheepbot backup`. Where the bot runs, its log says why the last one failed."
        return [Finding("Backups", Mark.BAD, said, fix)]
    return [Finding("Backups", Mark.GOOD, said)]


def reviews(settings: Settings) -> list[Finding]:
    """Whether there are review files, and all of them can be read."""
    from bot.app import reviews_folder  # noqa: PLC0415 - as above
    from bot.reviews.files import read_folder  # noqa: PLC0415 - as above

    folder = reviews_folder(settings.reviews_path)
    found, problems = read_folder(folder)
    if problems:
        files = len({problem.path for problem in problems})
        said = f"{len(problems)} problem{'s' * (len(problems) != 1)} in {files} file{'s' * (files != 1)} of {folder}"
        return [Finding("Reviews", Mark.BAD, said, f"They are listed by: sheepbot reviews check {folder}")]
    if not found:
        return [Finding("Reviews", Mark.NOTE, f"there is none in {folder}", "Put some there; see the README.")]
    return [Finding("Reviews", Mark.GOOD, f"{len(found)} are sound, in {folder}")]
