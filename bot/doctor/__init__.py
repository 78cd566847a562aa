"""``sheepbot doctor``: everything that the bot needs, looked at from outside, each finding with its fix."""

from __future__ import annotations

import shutil
import sys
import textwrap
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple

import click

from bot import __version__, logs
from bot.doctor import installed, kept, online
from bot.errors import StartError
from bot.findings import Finding, Mark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bot.errors import ConfigError
    from bot.settings import Settings

SECONDS = 5.0
"""What a check may take; all of them begin at once."""
LOADED = (
    "packaging.requirements",
    "discord.http",
    "bot.app",
    "bot.reviews.files",
    "bot.backups",
    "bot.store.checks.sqlite",
)
"""What the checks load is loaded before they begin: on a slow machine that alone could take as long."""
COLOURS = {Mark.GOOD: "green", Mark.NOTE: "yellow", Mark.BAD: "red", Mark.SKIPPED: None}
MARGIN = 14
"""Columns before what a finding says."""
WIDEST = 110


class Check(NamedTuple):
    """Something to look at, under a name by which it is missed where it fails itself."""

    about: str
    look: Callable[[], list[Finding]]


def examine(settings: Settings, wrong: list[ConfigError]) -> Iterator[Finding]:
    """Look at everything; whatever happens to one check, the others are made.

    Args:
        settings: What could be read of the settings.
        wrong: What could not.
    """
    for name in LOADED:
        with suppress(ImportError):  # the check that needs it says so
            import_module(name)
    checks = [
        Check("Python", installed.python),
        Check("Packages", installed.packages),
        Check("Fonts", installed.fonts),
        Check("Settings", partial(kept.settings, wrong)),
        Check("Discord", partial(online.discord, settings)),
        Check("Database", partial(kept.database, settings)),
        Check("Backups", partial(kept.backups, settings)),
        Check("Reviews", partial(kept.reviews, settings)),
    ]
    for check, found in [(check, _begin(check)) for check in checks]:
        try:
            yield from found.result(SECONDS)
        except TimeoutError:
            fix = "See what it waits for: a disk or a network file system that hangs, or too slow a machine."
            yield Finding(check.about, Mark.BAD, f"was not looked at within {SECONDS:g} s", fix)


def show(findings: Iterable[Finding], token: str) -> bool:
    """Print the findings as they come, and what they come to; return whether nothing is bad."""
    click.echo(f"Sheepbot {__version__}\n")
    count = dict.fromkeys(Mark, 0)
    for finding in findings:
        count[finding.mark] += 1
        mark = click.style(finding.mark.value, fg=COLOURS[finding.mark], bold=True)
        said, *more = _lines(logs.without_tokens(finding.said, token))
        click.echo(f"{mark} {click.style(f'{finding.about:<{MARGIN - 2}}', bold=True)}{said}")
        for line in more:
            click.echo(" " * MARGIN + line)
        for number, line in enumerate(_lines(logs.without_tokens(finding.fix, token)) if finding.fix else ()):
            click.echo(f"{'' if number else '→ ':>{MARGIN}}{line}")
    bad, notes = count[Mark.BAD], count[Mark.NOTE]
    if bad:
        said = click.style(f"{bad} to mend before the bot can run well", fg="red", bold=True)
    else:
        said = click.style("Nothing keeps the bot from running well", fg="green", bold=True)
    click.echo(f"\n{said}" + (f", {notes} to know of." if notes else "."))
    return not bad


def _lines(text: str) -> list[str]:
    """Broken to fit a terminal; elsewhere one line, to be searched."""
    text = " ".join(text.split())
    if not sys.stdout.isatty():
        return [text]
    width = max(30, min(shutil.get_terminal_size().columns, WIDEST) - MARGIN)
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def _begin(check: Check) -> Future[list[Finding]]:
    """Begin a check in a thread of its own, which nobody waits for where it hangs."""
    done: Future[list[Finding]] = Future()

    def look() -> None:
        try:
            found = check.look()
        except StartError as error:
            found = [Finding.of(check.about, error)]
        except ImportError as error:
            found = [Finding(check.about, Mark.BAD, f"cannot be looked at: {error}", installed.REINSTALL)]
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is to be told
            cause = textwrap.shorten(f"{type(error).__name__}: {error}", 200)
            fix = "Mend that, or, where it tells you nothing, report it."
            found = [Finding(check.about, Mark.BAD, f"cannot be looked at: {cause}", fix)]
        done.set_result(found)

    Thread(target=look, daemon=True).start()
    return done
