"""The errors of the bot: each carries the one sentence that its reader is told.

What a member is told where a raiser knows no better, and what the process exits
with, is all in view here.
"""

from __future__ import annotations


class SheepbotError(Exception):
    """Something that a member is told about, in one clear sentence.

    Attributes:
        told: What went wrong and what to do next, fit to be shown privately.
    """

    told = "Something went wrong on my side. Please try again in a moment; `/myvotes` shows whether a vote was saved."

    def __init__(self, told: str | None = None) -> None:
        if told is not None:
            self.told = told
        super().__init__(self.told)


class UnknownControlError(SheepbotError):
    """A custom_id that this version never made: outdated, or forged."""

    told = "I do not know this control any more. Please run the command again to get a fresh one."


class ReviewGoneError(SheepbotError):
    """A control or command names a review that is not on the shelf."""

    told = "That review is not on the shelf any more. Votes already given are kept; try `/review` to find another film."


class NotInServerError(SheepbotError):
    """A control was used where there is no server."""

    told = "This works only in a server. Please use it there."


class NotAllowedError(SheepbotError):
    """A member used what is for those who manage the server, whatever Discord let through."""

    told = "That is for those who may manage this server (the permission Manage Server)."


class InputError(SheepbotError):
    """What the member sent cannot be taken as it is."""


class SourceError(SheepbotError):
    """What a stranger's site, feed or file sends cannot be read; tells which source it is, and why."""

    told = "That source cannot be read."


class FetchError(SourceError):
    """An address on the web cannot be fetched, or must not be.

    Attributes:
        status: The HTTP status where it is one of an error, else None.
    """

    def __init__(self, told: str, status: int | None = None) -> None:
        super().__init__(told)
        self.status = status


class ShelfFullError(SourceError):
    """A server has as many reviews of its own as are kept of one."""

    told = (
        "This server has as many reviews of its own as I keep for one, and nothing was added. Whoever runs me can put"
        " them on everyone's shelf, where there is no end."
    )


class FeedGoneError(SheepbotError):
    """A feed was removed, or all about its server deleted, while it was looked at."""

    told = "This server does not follow that feed any more. `/sheep feed list` shows those that it does."


class ImportMissingError(SheepbotError):
    """What reads other people's sites, an optional part, is not installed."""

    told = (
        "I cannot read feeds, as a part of me is not installed. Who: my operator. In Sheepbot's folder:"
        " `pip install '.[import]'`, then restart."
    )


class StoreError(SheepbotError):
    """The database did not do what was asked; nothing was half-done."""

    told = "I could not reach my records just now, and nothing was changed. Please try again in a moment."

    @property
    def cause(self) -> str:
        """What the database itself said, on one line: for the operator."""
        said = self.__cause__ or self
        return " ".join(str(said).split()) or type(said).__name__  # of a timeout there is only its name


class StoreBusyError(StoreError):
    """More is waiting to be written than can be in time, or the disk stalls."""

    told = "I am too busy just now, and that was not counted. Please try again in a moment."


class TooSlowError(SheepbotError):
    """The bot's own deadline passed before there was an answer."""

    told = "That took me too long. Please try again; if you voted, `/myvotes` shows whether it was saved."


class RestartingError(SheepbotError):
    """An interaction that came while the bot was stopping."""

    told = "I am just restarting, and nothing was changed. Please try again in a moment."


class StartError(Exception):
    """The bot cannot start; the operator gets one line with the fix.

    Attributes:
        exit_code: What the process exits with, distinct for each cause.
    """

    exit_code = 1


class ConfigError(StartError):
    """A setting is missing or wrong."""

    exit_code = 3


class TokenError(StartError):
    """Discord refused the token."""

    exit_code = 4


class IntentsError(StartError):
    """Discord refused the gateway intents."""

    exit_code = 5


class DatabaseError(StartError):
    """The database cannot be opened, is damaged, or belongs to another process."""

    exit_code = 6


class UnreachableError(StartError):
    """Discord's API cannot be reached."""

    exit_code = 7


class TransferError(StartError):
    """Votes or reviews cannot be read or written, or not all of them were taken."""

    exit_code = 9


class ExtensionLoadError(StartError):
    """A cog or an optional part of the bot does not load."""

    exit_code = 8
