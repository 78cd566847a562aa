"""The documents say what is true: every command, option, setting and exit code stands in them."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
import discord
import pytest
from discord import app_commands

from bot import errors
from bot.app import open_bot
from bot.cli import cli
from bot.client import COGS, PERMISSIONS
from bot.departures import GRACE
from bot.eraser import FOLLOWED
from bot.prometheus import Prometheus
from bot.reviews.files import FrontMatter
from bot.rules import DAY
from bot.settings import Settings
from bot.store.tables import COUNTED, TABLES
from bot.store.vacuuming import SOON_VACUUMED
from tests.store.tools import NAMES_A_MEMBER

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def table(heading: str) -> dict[str, str]:
    """The rows of the tables below a heading of the README, by what stands in their first cell."""
    section = README.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (.+?) \|(.*)\|$", section, re.MULTILINE)
    return {
        first.strip("`"): rest
        for first, rest in rows
        if first not in {"command", "setting", "code", "permission", "metric"}
    }


async def test_every_slash_command_and_option_is_in_the_readme(tmp_path: Path, reviews_path: Path) -> None:
    rows = table("Commands")
    async with open_bot(f"sqlite:///{tmp_path}/x.db", str(reviews_path), shard_count=1) as bot:
        for cog in COGS:
            await bot.load_extension(cog)
        commands = [command for command in bot.tree.walk_commands() if isinstance(command, app_commands.Command)]
        assert {f"/{command.qualified_name}" for command in commands} == set(rows)
        for command in commands:
            for parameter in command.parameters:
                assert f"`{parameter.name}`" in rows[f"/{command.qualified_name}"]


def leaves(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with what is typed for it."""
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from leaves(inner, f"{path} {name}")
    else:
        yield path, command


def test_every_shell_command_and_option_is_in_the_readme() -> None:
    rows = {re.sub(r" \[?[A-Z]+\]?$", "", name): rest for name, rest in table("The command line").items()}
    found = dict(leaves(cli, "sheepbot"))
    assert set(found) == set(rows)
    for path, command in found.items():
        for parameter in command.params:
            for option in parameter.opts if isinstance(parameter, click.Option) else ():
                assert f"`{option}" in rows[path]


def test_every_setting_is_in_the_readme_and_in_the_example() -> None:
    names = {name.upper() for name in asdict(Settings())}
    rows = {name: rest for name, rest in table("Settings").items() if not name.isdigit()}
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    values = dict(re.findall(r"^([A-Z_]+)=(.*)$", example, re.MULTILINE))
    assert names == set(rows) == set(values)
    for name, default in asdict(Settings()).items():
        text = "" if default is None else str(default)
        assert values[name.upper()] == text
        assert text in rows[name.upper()]


def test_every_metric_is_in_the_readme() -> None:
    looked_up = {"sheepbot_writer_waiting", "sheepbot_gateway_latency_seconds"}
    families = Prometheus().registry.collect()
    counted = {f"{family.name}_total" if family.type == "counter" else family.name for family in families}
    assert set(table("Seeing it")) == counted | looked_up


def test_every_exit_code_is_in_the_readme() -> None:
    documented = {int(name) for name in table("Settings") if name.isdigit()}
    used = {error.exit_code for error in errors.StartError.__subclasses__()}
    assert documented == used | {click.UsageError.exit_code}
    assert len(used) == len(errors.StartError.__subclasses__())


def test_every_key_of_a_review_file_is_in_the_readme() -> None:
    for key in FrontMatter.model_fields:
        assert f"`{key}`" in README


def test_every_permission_that_is_asked_for_is_explained() -> None:
    in_discord_py = {
        "View Channels": "view_channel",
        "Embed Links": "embed_links",
        "Attach Files": "attach_files",
    }
    assert discord.Permissions(**{in_discord_py[name]: True for name in table("Permissions")}) == PERMISSIONS


def test_every_table_that_names_a_member_is_in_the_privacy_statement() -> None:
    text = (ROOT / "PRIVACY.md").read_text(encoding="utf-8")
    named = {t.name for t in (*TABLES, *COUNTED) if any(NAMES_A_MEMBER.fullmatch(column) for column in t.columns)}
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == named | {"erasures"}
    assert f"{GRACE // DAY} days later" in text
    assert f"up to {SOON_VACUUMED // 1024**2} MB" in text
    assert f"the newest {FOLLOWED} films" in text


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "PRIVACY.md"])
def test_every_file_that_a_document_names_is_there(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    linked = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    named = re.findall(r"`((?:bot|cogs|tests|data)/[\w./-]*)`", text)
    for name in [*linked, *named]:
        assert (ROOT / name).exists(), name


def test_every_link_within_the_readme_leads_somewhere() -> None:
    headings = {
        re.sub(r"[^\w -]", "", name).lower().replace(" ", "-")
        for name in re.findall(r"^#+ (.+)$", README, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", README)) <= headings


def test_every_command_that_the_readme_has_one_type_is_there() -> None:
    typed = re.findall(r"(?:\bsheepbot|-m bot|--rm bot|\\\n +bot) ((?:[a-z]+ ?)+)", README)
    assert {"reviews import", "doctor"} <= {" ".join(words.split()) for words in typed}
    for words in typed:
        found: click.Command | None = cli
        for word in words.split():
            found = found.commands.get(word) if isinstance(found, click.Group) else found
        assert isinstance(found, click.Command), words


def test_every_room_is_in_the_table() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rooms = [path for path in (ROOT / "bot").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()]
    for room in rooms:
        assert room.name == "__init__.py" or f"`bot/{room.name}{'/' * room.is_dir()}`" in text, room
