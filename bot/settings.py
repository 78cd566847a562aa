"""Settings: the environment and ``.env``, read once into one frozen value."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import ConfigError

ENV_FILE = ".env"
DEFAULT_REVIEWS = "data/reviews"
_TOKEN = re.compile(r"[\w-]{18,}\.[\w-]{4,}\.[\w-]{20,}", re.ASCII)


def _address(schemes: tuple[str, ...], value: str) -> str:
    if value and not value.startswith(schemes):
        raise ValueError(f"must start with {' or '.join(schemes)}")
    return value.rstrip("/")


class Settings(BaseSettings):
    """What an operator can set; the descriptions are those of ``.env.example`` and the README."""

    model_config = SettingsConfigDict(env_file=ENV_FILE, env_file_encoding="utf-8", extra="ignore", frozen=True)

    discord_token: Annotated[SecretStr, Field(description="The bot's token. Without it, `make run` plays.")] = (
        SecretStr("")
    )
    database_url: Annotated[str, Field(description="Where votes are kept.")] = "sqlite:///data/sheepbot.db"
    reviews_path: Annotated[str, Field(description="The folder of review files.")] = DEFAULT_REVIEWS
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], Field(description="How much is logged.")] = (
        "INFO"
    )
    discord_api_base: Annotated[
        str,
        Field(description="Another address of Discord's REST API: a proxy, or a test."),
        AfterValidator(lambda value: _address(("https://", "http://"), value)),
    ] = ""
    discord_gateway: Annotated[
        str,
        Field(description="Another address of Discord's gateway: a proxy, or a test."),
        AfterValidator(lambda value: _address(("wss://", "ws://"), value)),
    ] = ""

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
        raise ConfigError(f"{name} {detail['msg'].removeprefix('Value error, ')}. Mend it in .env.") from None
