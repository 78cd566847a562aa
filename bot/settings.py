"""Settings: the environment and ``.env``, read once into one frozen value."""

from __future__ import annotations

import re
from functools import partial
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import ConfigError

ENV_FILE = ".env"
DEFAULT_REVIEWS = "data/reviews"
_TOKEN = re.compile(r"[\w-]{18,}\.[\w-]{4,}\.[\w-]{20,}", re.ASCII)


def _address(schemes: tuple[str, ...], value: str) -> str:
    if value and not (value.startswith(schemes) and urlsplit(value).hostname):
        raise ValueError(f"must start with {' or '.join(schemes)} and the name of a host")
    return value.rstrip("/")


class Settings(BaseSettings):
    """What an operator can set.

    Attributes:
        discord_token: The bot's token; empty where there is none.
        database_url: Where votes are kept.
        reviews_path: The folder of review files.
        log_level: How much is logged.
        discord_api_base: Another address of Discord's REST API, or empty.
        discord_gateway: Another address of Discord's gateway, or empty.
    """

    model_config = SettingsConfigDict(env_file=ENV_FILE, env_file_encoding="utf-8-sig", extra="ignore", frozen=True)

    discord_token: SecretStr = SecretStr("")
    database_url: str = "sqlite:///data/sheepbot.db"
    reviews_path: str = DEFAULT_REVIEWS
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(str.upper)] = "INFO"
    discord_api_base: Annotated[str, AfterValidator(partial(_address, ("https://", "http://")))] = ""
    discord_gateway: Annotated[str, AfterValidator(partial(_address, ("wss://", "ws://")))] = ""

    def token(self) -> str:
        """The token, checked for its shape.

        Raises:
            ConfigError: It is missing, or cannot be a bot's token.
        """
        token = self.discord_token.get_secret_value().strip()
        if not token:
            raise ConfigError("DISCORD_TOKEN is not set. Put it in .env, or try `sheepbot play`, which needs none.")
        if not _TOKEN.fullmatch(token):
            raise ConfigError(
                "DISCORD_TOKEN does not look like a bot's token. Copy it again from the Bot page of your application."
            )
        return token


def load_settings() -> Settings:
    """Read the environment and ``.env``.

    Raises:
        ConfigError: A setting is wrong; the message names it.
    """
    try:
        return Settings()
    except ValidationError as error:
        detail = error.errors(include_url=False, include_input=False)[0]
        name = str(detail["loc"][0]).upper() if detail["loc"] else "A setting"
        problem = detail["msg"].removeprefix("Value error, ").removeprefix("Input ")
        raise ConfigError(f"{name} {problem}. Mend it in .env.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{ENV_FILE} is not UTF-8 text. Save it as UTF-8.") from None
    except OSError as error:
        raise ConfigError(f"{ENV_FILE} cannot be read: {error.strerror}. Check its permissions.") from None
