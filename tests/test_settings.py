"""Settings: what the environment says, then ``.env``, then the default."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest

from bot.errors import ConfigError
from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "MTIzNDU2Nzg5MDEyMzQ1Njc4.Gsecret.it-opens-nothing-at-all-anywhere"  # noqa: S105 - as it says


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to start in, and an environment that sets nothing."""
    monkeypatch.chdir(tmp_path)
    for name in asdict(Settings()):
        monkeypatch.delenv(name.upper(), raising=False)
    return tmp_path


def test_what_nobody_sets_has_its_default() -> None:
    assert load_settings() == Settings()


def test_the_environment_goes_before_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".env").write_text(
        "LOG_LEVEL=debug\nREVIEWS_PATH=shelf\nUNKNOWN=1\nDATABASE_URL=\n", encoding="utf-8-sig"
    )
    assert load_settings() == Settings(log_level="DEBUG", reviews_path="shelf")

    monkeypatch.setenv("LOG_LEVEL", "ERROR")
    assert load_settings() == Settings(log_level="ERROR", reviews_path="shelf")
    monkeypatch.setenv("LOG_LEVEL", "")
    assert load_settings() == Settings(log_level="DEBUG", reviews_path="shelf")


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("LOG_LEVEL", "LOUD", "must be one of DEBUG, INFO, WARNING, ERROR"),
        ("LOG_FORMAT", "xml", "must be text or json"),
        ("HEALTH_PORT", "65536", "must be a number from 0 to 65535"),
        ("HEALTH_PORT", "-1", "must be a number from 0 to 65535"),
        ("DISCORD_API_BASE", "discord.test", "must start with https:// or http:// and the name of a host"),
        ("DISCORD_API_BASE", "https://", "must start with https:// or http:// and the name of a host"),
        ("DISCORD_GATEWAY", "https://discord.test", "must start with wss:// or ws:// and the name of a host"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, problem: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ConfigError) as refused:
        load_settings()

    assert str(refused.value) == f"{name} {problem}. Mend it in .env."


def test_an_address_is_taken_without_its_last_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_API_BASE", "http://127.0.0.1:3000/api/v10/")

    assert load_settings().discord_api_base == "http://127.0.0.1:3000/api/v10"


@pytest.mark.parametrize("token", ["", "abc", "Bot " + SECRET])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(ConfigError, match="DISCORD_TOKEN"):
        Settings(discord_token=token).token()


def test_the_token_is_not_shown() -> None:
    settings = Settings(discord_token=f" {SECRET}\n")

    assert settings.token() == SECRET
    assert "secret" not in repr(settings)
