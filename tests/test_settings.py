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
        ("LOG_FORMAT", "xml", "must be one of text, json"),
        ("HEALTH_PORT", "65536", "must be a number from 0 to 65535"),
        ("HEALTH_PORT", "-1", "must be a number from 0 to 65535"),
        (
            "FETCH_ALLOW",
            "http://blog.lan",
            (
                "must be hosts, addresses or networks between commas, each with a port or without, such as blog.lan,"
                " 10.0.0.0/8, [::1]:8080"
            ),
        ),
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


@pytest.mark.parametrize(
    ("text", "ids"),
    [("0", (0,)), ("0-3", (0, 1, 2, 3)), ("7, 0-1,4-5", (0, 1, 4, 5, 7)), ("3,3,2-3", (2, 3))],
)
def test_shards_are_numbers_and_ranges(monkeypatch: pytest.MonkeyPatch, text: str, ids: tuple[int, ...]) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://localhost/sheep")
    monkeypatch.setenv("SHARD_COUNT", "8")
    monkeypatch.setenv("SHARD_IDS", text)

    assert load_settings().shard_ids == ids


@pytest.mark.parametrize("text", ["a", "1-", "3-1", "-1", "0..3", ",", "1,,2", "²"])
def test_what_names_no_shards_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("SHARD_IDS", text)

    with pytest.raises(ConfigError, match="SHARD_IDS must be numbers and ranges of shards"):
        load_settings()


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"SHARD_IDS": "0"}, "SHARD_COUNT is not set"),
        ({"SHARD_IDS": "2-4", "SHARD_COUNT": "4"}, "names shard 4, and SHARD_COUNT is 4"),
        ({"SHARD_IDS": "0-1", "SHARD_COUNT": "4"}, "SQLite serves only one"),
    ],
)
def test_shards_that_do_not_fit_together_are_refused(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], problem: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(ConfigError, match=problem):
        load_settings()


def test_one_process_may_name_all_its_shards_on_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHARD_COUNT", "2")
    monkeypatch.setenv("SHARD_IDS", "0-1")

    assert load_settings().shard_ids == (0, 1)
