"""How the bot is shipped: its image, its services and its unit say what is true of it, and what they do works."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
from asyncio.subprocess import DEVNULL, PIPE, create_subprocess_exec
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
import yaml

from bot import __version__, errors
from bot.cli import cli
from bot.service import LEAVE
from bot.settings import DEFAULT_REVIEWS, Settings, load_settings
from tests.process.stage import TOKEN, BotProcess, Discord, environment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SETTINGS = {setting.name.upper() for setting in fields(Settings)}
STOPS_WITHIN = 3 * LEAVE
"""Seconds: as long again for whoever has not been answered, and for the store to close."""


# The image


def _dockerfile() -> list[list[tuple[str, str]]]:
    """The instructions of each stage with what follows them."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    stages: list[list[tuple[str, str]]] = []
    for line in filter(None, re.sub(r"\s*\\\n\s*", " ", text).splitlines()):
        word, rest = line.split(maxsplit=1)
        if word == "FROM":
            stages.append([])
        stages[-1].append((word, rest))
    return stages


BASE, BUILD, FINAL = _dockerfile()


def _of(stage: list[tuple[str, str]], word: str) -> list[str]:
    return [rest for found, rest in stage if found == word]


def _pairs(word: str) -> dict[str, str]:
    """What ENV or LABEL set in the image."""
    return dict(pair.split("=", 1) for rest in _of(FINAL, word) for pair in shlex.split(rest))


def _in_context(name: str) -> bool:
    """Whether .dockerignore lets a file into the image's build: the last pattern that fits it decides."""
    kept = True
    for pattern in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        regex = re.escape(pattern.lstrip("!")).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
        if re.fullmatch(rf"{regex}(?:/.*)?", name):
            kept = pattern.startswith("!")
    return kept


def test_the_base_is_pinned_to_a_python_that_the_bot_runs_on() -> None:
    first, *others = [stage[0][1] for stage in (BASE, BUILD, FINAL)]
    pinned = re.fullmatch(r"python:3\.(\d+)-slim-[a-z]+ AS base", first)
    assert pinned
    assert int(pinned[1]) >= 11
    assert others == ["base AS build", "base"]


def test_the_image_runs_as_nobody_in_particular_and_writes_to_its_volume_only() -> None:
    (user,), (volume,) = _of(FINAL, "USER"), _of(FINAL, "VOLUME")
    assert re.fullmatch(r"([1-9]\d+):\1", user)
    assert f"useradd --uid {user.split(':')[0]} " in _of(FINAL, "RUN")[0]
    (where,) = _of(FINAL, "WORKDIR")
    assert Settings().database_url.startswith(f"sqlite:///{volume[len(where) :]}/")
    assert str(Path(where, DEFAULT_REVIEWS).parent) == volume


def test_the_image_starts_and_stops_as_the_bot_does() -> None:
    assert _of(FINAL, "ENTRYPOINT") == ['["sheepbot"]']
    assert _of(FINAL, "STOPSIGNAL") == ["SIGTERM"]
    _command(json.loads(_of(FINAL, "CMD")[0]))


def test_the_image_sets_only_what_the_bot_reads_and_tells_what_it_is() -> None:
    assert set(_pairs("ENV")) - {"PATH"} <= SETTINGS
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    said = {key.removeprefix("org.opencontainers.image."): value for key, value in _pairs("LABEL").items()}
    assert said == {"title": project["name"], "description": project["description"], "licenses": project["license"]}


@pytest.mark.parametrize(
    "name",
    [
        ".env",
        ".git/config",
        "data/sheepbot.db",
        "data/backups/x.db",
        "bot/__pycache__/x",
        "data/reviews/.imported.json",
    ],
)
def test_nothing_private_gets_into_the_image(name: str) -> None:
    assert not _in_context(name)


def test_only_what_is_locked_is_installed_and_a_server_gets_what_is_tested() -> None:
    installs = [run for run in _of(BUILD, "RUN") if " install " in run]
    for run in installs:
        assert ("--require-hashes" in run) != ("--no-deps --no-build-isolation" in run)
    pins = {
        lock: set(re.findall(r"^(\S+==\S+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))
        for lock in (".deploy/requirements.lock", "tests/requirements.lock")
    }
    assert len(installs) == len(pins) == 2
    assert pins[".deploy/requirements.lock"] < pins["tests/requirements.lock"]


@pytest.mark.skipif(not os.environ.get("CI"), reason="installs forty packages from the index; CI=1 has it done")
@pytest.mark.timeout(300)
async def test_what_the_image_installs_runs_for_another_user_and_tells_whether_it_is_well(tmp_path: Path) -> None:
    opt, root = tmp_path / "opt", tmp_path / "root"
    _install(tmp_path / "src", opt)
    installed = set(opt.rglob("*"))
    data = root / "data"
    data.mkdir(parents=True)
    root.chmod(0o555)
    powerless: list[str] = []
    if os.geteuid() == 0:  # another user, who may write nowhere, but may read the Python that root has at home
        user = _of(FINAL, "USER")[0].split(":")[0]
        os.chown(data, int(user), int(user))
        keep = "-all,+dac_read_search"
        powerless = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs"]
        powerless += [f"--bounding-set={keep}", f"--inh-caps={keep}", f"--ambient-caps={keep}"]

    async def start(*command: str, **settings: str) -> BotProcess:
        env = environment({**_pairs("ENV"), "DISCORD_TOKEN": TOKEN, **discord.env, **settings})
        env |= {"PATH": f"{opt}/bin:{os.environ['PATH']}"}
        del env["PYTHONPATH"]
        return BotProcess(
            await create_subprocess_exec(
                *powerless, *command, cwd=root, env=env, stdin=DEVNULL, stdout=PIPE, stderr=PIPE
            )
        )

    async with Discord() as discord:
        version = await start("sheepbot", "--version")
        assert await version.ended() == 0
        assert version.out == f"sheepbot, version {__version__}\n"

        bot = await start(*json.loads(_of(FINAL, "ENTRYPOINT")[0]), *json.loads(_of(FINAL, "CMD")[0]), HEALTH_PORT="0")
        try:
            port = (await bot.logged("Health is told at ")).strip().rpartition(":")[2]
            await discord.ready()
            await discord.slash("review", title="miss you already")
            (check,) = _of(FINAL, "HEALTHCHECK")
            asks = json.loads(check.partition("CMD ")[2])
            well = await start(*asks, HEALTH_PORT=port)
            assert (await well.ended(), well.log) == (0, "")

            bot.send(signal.Signals[_of(FINAL, "STOPSIGNAL")[0]])
            assert await bot.ended() == 0
            assert await (await start(*asks, HEALTH_PORT=port)).ended() == 1
        finally:
            await bot.end()

    assert (data / "sheepbot.db").exists()
    assert set(root.iterdir()) == {data}
    assert set(opt.rglob("*")) == installed  # all bytecode was there


def _install(source: Path, opt: Path) -> None:
    """Do what the stage that builds does, in other folders."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    for name in (name for name in names if _in_context(name) and (ROOT / name).is_file()):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, source / name)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    for run in _of(BUILD, "RUN"):
        command = re.sub(r"--mount=\S+ ", "", run).replace("/opt/sheepbot", str(opt))
        done = subprocess.run(
            ["sh", "-c", command],  # as Docker does
            cwd=source,
            env=os.environ | {"PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


# The services


COMPOSE = ROOT / "compose.yaml"
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")


def test_the_compose_file_keeps_to_the_specification() -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_compose_file_asks_only_for_what_the_example_names() -> None:
    for name in re.findall(r"\$\{(\w+)", COMPOSE.read_text(encoding="utf-8")):
        assert re.search(rf"^(?:# )?{name}=", EXAMPLE, re.MULTILINE), name


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """The settings that a bot reads where nothing is set but these."""
    monkeypatch.chdir(tmp_path)

    def read(**values: str) -> Settings:
        for name in SETTINGS:
            monkeypatch.delenv(name, raising=False)
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        return load_settings()

    return read


def test_without_a_profile_one_bot_runs_and_with_it_two_share_the_shards(read: Callable[..., Settings]) -> None:
    assert [name for name, service in SERVICES.items() if "profiles" not in service] == ["bot"]
    assert {profile for service in SERVICES.values() for profile in service.get("profiles", ())} == {"scale"}

    example = dict(re.findall(r"^# ([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))
    assert example["COMPOSE_PROFILES"] == "scale"
    ours = {name: value for name, value in example.items() if name in SETTINGS}
    assert ours["DATABASE_URL"] == SERVICES["migrate"]["environment"]["DATABASE_URL"]
    first, second = read(**ours), read(**{**ours, "SHARD_IDS": SERVICES["bot-2"]["environment"]["SHARD_IDS"]})
    assert [*(first.shard_ids or ()), *(second.shard_ids or ())] == list(range(first.shard_count or 0))


@pytest.mark.parametrize("forgetful", [{}, {"SHARD_COUNT": "4"}])
def test_a_second_process_refuses_to_serve_beside_one_on_sqlite(
    read: Callable[..., Settings], forgetful: dict[str, str]
) -> None:
    with pytest.raises(errors.ConfigError, match="SHARD_IDS"):
        read(**forgetful, SHARD_IDS=SERVICES["bot-2"]["environment"]["SHARD_IDS"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_do_as_little_as_it_can(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.keys() & {"ports", "privileged", "network_mode", "cap_add", "pid"}
    assert service.get("build") == "." or re.fullmatch(r"\w+:\d+", service["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_for_what_can_come(name: str) -> None:
    for other, wanted in SERVICES[name].get("depends_on", {}).items():
        assert "profiles" in SERVICES[name] or wanted["required"] is False
        match wanted["condition"]:
            case "service_healthy":
                assert "test" in SERVICES[other]["healthcheck"]
            case condition:
                assert condition == "service_completed_successfully"
                assert "restart" not in SERVICES[other]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_sets_what_its_image_reads(name: str) -> None:
    service = SERVICES[name]
    ours = "build" in service
    assert set(service["environment"]) <= (
        SETTINGS | {"PGPASSWORD"} if ours else {"POSTGRES_USER", "POSTGRES_PASSWORD"}
    )
    if ours:
        command = service.get("command", json.loads(_of(FINAL, "CMD")[0]))
        _command(command)
        if command == ["run"]:
            assert service["environment"]["HEALTH_PORT"] == _pairs("ENV")["HEALTH_PORT"]
            assert float(service["stop_grace_period"].removesuffix("s")) >= STOPS_WITHIN
            assert service["restart"] == "unless-stopped"


def _command(words: Sequence[str]) -> None:
    """Fail where the command line has no such command."""
    found: click.Command = cli
    for word in words:
        assert isinstance(found, click.Group), words
        found = found.commands[word]
    assert not isinstance(found, click.Group), words


# The unit


UNIT = ROOT / ".deploy" / "sheepbot.service"
SET = dict(re.findall(r"^(\w+)=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE))


def test_the_unit_lets_the_bot_write_to_its_folder_only() -> None:
    assert SET["StateDirectory"] == Path(SET["WorkingDirectory"]).name == "sheepbot"
    assert SET["ProtectSystem"] == "strict"
    assert SET["CapabilityBoundingSet"] == ""
    assert set(SET["RestrictAddressFamilies"].split()) == {"AF_INET", "AF_INET6", "AF_UNIX"}  # for backups: AF_UNIX
    for name in ("DynamicUser", "NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices", "RestrictNamespaces"):
        assert SET[name] == "yes"


def test_the_unit_restarts_the_bot_where_that_can_help_and_not_too_often() -> None:
    for_the_operator = {errors.ConfigError, errors.TokenError, errors.IntentsError, errors.ExtensionLoadError}
    mended_by_time = {errors.DatabaseError, errors.UnreachableError}
    of_other_commands = {errors.TransferError}
    assert for_the_operator | mended_by_time | of_other_commands == set(errors.StartError.__subclasses__())
    codes = {error.exit_code for error in for_the_operator} | {click.UsageError.exit_code}
    assert set(map(int, SET["RestartPreventExitStatus"].split())) == codes
    assert SET["Restart"] == "on-failure"
    assert 24 * 60 * 60 / int(SET["RestartSec"]) < 1000
    assert int(SET["TimeoutStopSec"]) >= STOPS_WITHIN


def test_the_unit_starts_what_the_readme_installs() -> None:
    program, *command = SET["ExecStart"].split()
    _command(command)
    assert program.endswith("/bin/sheepbot")
    assert f"{Path(program).parent}/pip install --require-hashes -r .deploy/requirements.lock" in README
    assert SET["EnvironmentFile"] in README


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text(encoding="utf-8").replace(SET["ExecStart"], sys.executable), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
