"""The command line; what moves votes and whole databases stands in :mod:`bot.moving.commands`."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot import __version__, logs
from bot.errors import ExtensionLoadError, StartError
from bot.moving.commands import store, votes
from bot.reviews.importers.commands import import_reviews
from bot.settings import load_settings, read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from bot.settings import Settings


class _Commands(click.Group):
    """Says in one line why a command cannot do its work; the exit code tells the causes apart."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except StartError as error:
            click.echo(f"sheepbot: {' '.join(str(error).split())}", err=True)
            raise SystemExit(error.exit_code) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sheepbot")
@click.pass_context
def cli(context: click.Context) -> None:
    """Film reviews in Discord, rated by the flock."""
    context.obj = _settings  # a function, as not every command has need of them


cli.add_command(votes)
cli.add_command(store)


@cli.command()
def run() -> None:
    """Run the bot on Discord; needs DISCORD_TOKEN."""
    gc.disable()  # what is made during the start stays; to look for garbage in it is a tenth of the start
    from bot.service import serve  # noqa: PLC0415 - discord.py is not loaded for the other commands

    settings = _settings()
    _run(serve(settings), event_loop_of_speed())


@cli.command()
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="The port of the page; by default any free one.")
@click.option("--no-browser", is_flag=True, help="Print the address only.")
@click.option("--empty", is_flag=True, help="Begin without anyone's votes and thoughts.")
@click.option("--db", type=click.Path(dir_okay=False, path_type=Path), help="Keep the votes in this file.")
def play(port: int, no_browser: bool, empty: bool, db: Path | None) -> None:  # noqa: FBT001 - click passes by name
    """Play with the bot in a simulated server, in the browser; needs no token."""
    settings = _settings()
    if settings.log_level == "INFO":  # a player wants the address, not the log
        logging.getLogger().setLevel(logging.WARNING)
        logging.getLogger("discord").setLevel(logging.ERROR)
    try:
        from bot.playground import play as play_it  # noqa: PLC0415 - an optional part
    except ImportError as error:
        raise ExtensionLoadError(
            f"The playground is not installed ({error}). In Sheepbot's folder: pip install '.[playground]'"
        ) from error
    _run(play_it(settings, port=port, open_browser=not no_browser, empty=empty, database=db))


@cli.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def start(context: click.Context, args: tuple[str, ...]) -> None:
    """Do `run` where DISCORD_TOKEN is set, else `play`."""
    command = run if _settings().discord_token else play
    with command.make_context(command.name, list(args), parent=context) as own:
        command.invoke(own)


@cli.command()
def doctor() -> None:
    """Look at everything that the bot needs; exit 1 where something must be mended."""
    from bot.doctor import examine, show  # noqa: PLC0415 - no start needs it

    settings, wrong = read_settings()
    logs.begin(settings.log_level, settings.log_format, settings.discord_token)
    if not show(examine(settings, wrong), settings.discord_token.strip()):
        sys.exit(1)


@cli.command()
@click.argument("path", required=False, type=click.Path(dir_okay=False, path_type=Path))
def backup(path: Path | None) -> None:
    """Back the database up, checked, whether the bot is running or not."""
    from bot.backups import take  # noqa: PLC0415 - loads the store

    done = take(_settings(), path)
    click.echo(f"Backed up to {done.path}: {done}.")


@cli.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(path: Path) -> None:
    """Put a backup in the place of the database, which is kept aside; the bot must be stopped."""
    from bot.backups import restore as put_back  # noqa: PLC0415 - loads the store

    done, aside = put_back(_settings(), path)
    kept = f" The former database is kept as {aside}." if aside else ""
    click.echo(f"Restored {path} to {done.path}: {done}.{kept}")


@cli.group()
def reviews() -> None:
    """Look after the review files."""


@reviews.command()
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
def check(folder: Path | None) -> None:
    """List every problem in every review file; exit 1 where there is one."""
    from bot.app import reviews_folder  # noqa: PLC0415 - loads pydantic and yaml
    from bot.reviews.files import read_folder  # noqa: PLC0415 - as above

    found, problems = read_folder(folder or reviews_folder(_settings().reviews_path))
    for problem in problems:
        click.echo(str(problem))
    click.echo(f"{len(found)} reviews are sound, {len({problem.path for problem in problems})} files have problems.")
    if problems:
        sys.exit(1)


reviews.add_command(import_reviews)


def main() -> None:
    """The entry point of ``sheepbot`` and of ``python -m bot``."""
    cli(prog_name="sheepbot")


def _settings() -> Settings:
    settings = load_settings()
    logs.begin(settings.log_level, settings.log_format, settings.discord_token)
    return settings


def _run(work: Coroutine[Any, Any, None], loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None) -> None:
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(work)


def event_loop_of_speed() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The event loop of uvloop, where the speed extra is installed."""
    try:
        import uvloop  # noqa: PLC0415 - optional
    except ImportError:
        return None
    return uvloop.new_event_loop
