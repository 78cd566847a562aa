"""Settings: the environment and ``.env``, read once into one frozen value.

Read without pydantic-settings, whose import was a quarter of the time to start.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass, field, fields
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dotenv import dotenv_values

from bot.addresses import Listed, read_listed
from bot.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

ENV_FILE = ".env"
DEFAULT_REVIEWS = "data/reviews"
A_YEAR = 8784
"""Hours."""
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOG_FORMATS = ("text", "json")
_RANGE = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?", re.ASCII)
_TOKEN = re.compile(r"[\w-]{18,}\.[\w-]{4,}\.[\w-]{20,}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator can set.

    Attributes:
        discord_token: The bot's token; empty where there is none.
        database_url: Where votes are kept.
        database_connections: The most connections to PostgreSQL.
        shard_count: How many shards the bot has in all its processes; None is as many as Discord says.
        shard_ids: Those of this process; None is all.
        backup_every: Hours between two backups that the bot makes by itself; 0 for none.
        backup_keep: How many backups are kept then.
        reviews_path: The folder of review files.
        fetch_allow: Hosts and addresses that are not public, or ports, and may be fetched from all the same.
        log_level: How much is logged.
        log_format: How it is written: text or json.
        health_port: Where the bot tells how it is; 0 is any free port, None is nowhere.
        health_host: The address of that port.
        discord_api_base: Another address of Discord's REST API, or empty.
        discord_gateway: Another address of Discord's gateway, or empty.
    """

    discord_token: str = field(default="", repr=False)
    database_url: str = field(default="sqlite:///data/sheepbot.db", repr=False)  # it may hold a password
    database_connections: int = 5
    shard_count: int | None = None
    shard_ids: tuple[int, ...] | None = None
    backup_every: float = 0
    backup_keep: int = 7
    reviews_path: str = DEFAULT_REVIEWS
    fetch_allow: tuple[Listed, ...] | None = None
    log_level: str = "INFO"
    log_format: str = "text"
    health_port: int | None = None
    health_host: str = "127.0.0.1"
    discord_api_base: str = ""
    discord_gateway: str = ""

    def token(self) -> str:
        """The token, checked for its shape.

        Raises:
            ConfigError: It is missing, or cannot be a bot's token.
        """
        token = self.discord_token.strip()
        if not token:
            raise ConfigError("DISCORD_TOKEN is not set. Put it in .env, or try `sheepbot play`, which needs none.")
        if not _TOKEN.fullmatch(token):
            raise ConfigError(
                "DISCORD_TOKEN does not look like a bot's token. Copy it again from the Bot page of your application."
            )
        return token


def load_settings() -> Settings:
    """Read the environment, and ``.env`` for what it does not say; what is set to nothing is not set.

    Raises:
        ConfigError: A setting is wrong; the message names it.
    """
    settings, wrong = read_settings()
    if wrong:
        raise wrong[0]
    return settings


def read_settings() -> tuple[Settings, list[ConfigError]]:
    """Read them as :func:`load_settings` does, but go on: what is wrong is told, and stays as if it were not set."""
    wrong: list[ConfigError] = []
    values: dict[str, str | None] = {}
    try:
        values = dotenv_values(ENV_FILE, encoding="utf-8-sig")
    except UnicodeDecodeError:
        wrong.append(ConfigError(f"{ENV_FILE} is not UTF-8 text. Save it as UTF-8."))
    except OSError as error:
        wrong.append(ConfigError(f"{ENV_FILE} cannot be read: {error.strerror}. Check its permissions."))
    values |= {key: text for key, text in os.environ.items() if text}
    given: dict[str, Any] = {}
    for name in (setting.name for setting in fields(Settings)):
        if value := values.get(name.upper()):
            try:
                given[name] = _READ.get(name, str)(value)
            except ValueError as error:
                wrong.append(ConfigError(f"{name.upper()} {error}. Mend it in .env."))
    settings = Settings(**given)
    try:
        _check_shards(settings)
    except ConfigError as error:
        wrong.append(error)
    return settings, wrong


def _check_shards(settings: Settings) -> None:
    count, ids = settings.shard_count, settings.shard_ids
    if ids is None:
        return
    if count is None or ids[-1] >= count:
        raise ConfigError(
            f"SHARD_IDS names shard {ids[-1]}, and SHARD_COUNT is {count or 'not set'}. Mend it in .env:"
            " SHARD_COUNT is the number of shards in all processes, and the first shard is 0."
        )
    if len(ids) < count and settings.database_url.startswith("sqlite:"):
        raise ConfigError(
            "SHARD_IDS leaves shards to other processes, and SQLite serves only one. Set DATABASE_URL to a PostgreSQL"
            " database, or leave SHARD_IDS out."
        )


def _choice(choices: tuple[str, ...], value: str) -> str:
    for choice in choices:
        if value.lower() == choice.lower():
            return choice
    raise ValueError(f"must be one of {', '.join(choices)}")


def _hours(value: str) -> float:
    with suppress(ValueError):
        if 0 <= (hours := float(value)) <= A_YEAR:
            return hours
    raise ValueError(f"must be a number of hours, from 0 (never) to {A_YEAR}")


def _count(value: str) -> int:
    if not value.isdecimal() or not int(value):
        raise ValueError("must be a whole number, at least 1")
    return int(value)


def _shard_ids(value: str) -> tuple[int, ...]:
    ids: set[int] = set()
    for part in value.split(","):
        if not (found := _RANGE.fullmatch(part.strip())) or int(found[2] or found[1]) < int(found[1]):
            raise ValueError("must be numbers and ranges of shards, such as 0-3 or 0,2,4-7")
        ids.update(range(int(found[1]), int(found[2] or found[1]) + 1))
    return tuple(sorted(ids))


def _port(value: str) -> int:
    if not (value.isascii() and value.isdecimal() and len(value) < 6 and int(value) < 1 << 16):
        raise ValueError("must be a number from 0 to 65535")
    return int(value)


def _address(schemes: tuple[str, ...], value: str) -> str:
    if not (value.startswith(schemes) and urlsplit(value).hostname):
        raise ValueError(f"must start with {' or '.join(schemes)} and the name of a host")
    return value.rstrip("/")


_READ: dict[str, Callable[[str], Any]] = {
    "database_connections": _count,
    "shard_count": _count,
    "shard_ids": _shard_ids,
    "backup_every": _hours,
    "backup_keep": _count,
    "fetch_allow": read_listed,
    "log_level": partial(_choice, LOG_LEVELS),
    "log_format": partial(_choice, LOG_FORMATS),
    "health_port": _port,
    "discord_api_base": partial(_address, ("https://", "http://")),
    "discord_gateway": partial(_address, ("wss://", "ws://")),
}
