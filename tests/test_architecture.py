"""Who may call whom: the walls of the house, read from the imports."""

from __future__ import annotations

import ast
import functools
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted(path.relative_to(ROOT) for top in ("bot", "cogs") for path in (ROOT / top).rglob("*.py"))
MODULES = {".".join(path.with_suffix("").parts).removesuffix(".__init__"): path for path in FILES}

DRIVERS = {"aiosqlite", "sqlite3", "asyncpg"}
IO = DRIVERS | {"discord", "aiohttp", "asyncio", "socket", "simcord", "yaml", "filelock", "click"}
LATE = {
    *("pydantic", "yaml", "rapidfuzz", "dotenv", "html", "csv", "xml", "asyncpg", "prometheus_client", "aiohttp.web"),
    *("bs4", "charset_normalizer", "defusedxml", "feedparser", "markdownify", "nh3", "resvg_py", "uharfbuzz"),
}
"""What only some answers, commands or settings need: every start would pay for it."""
SQL = ("SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "PRAGMA ", "CREATE TABLE")


@functools.cache
def nodes_of(module: str) -> list[ast.AST]:
    """Everything that stands in a module."""
    return list(ast.walk(ast.parse((ROOT / MODULES[module]).read_text(encoding="utf-8"))))


@functools.cache
def imports(module: str, *, run_time: bool = False) -> set[str]:
    """Everything that a module imports, as dotted names; at run time, without what only type checkers read."""
    nodes = nodes_of(module)
    if run_time:
        guarded = {
            id(inner)
            for node in nodes
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            for inner in ast.walk(node)
        }
        nodes = [node for node in nodes if id(node) not in guarded]
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: imports are absolute"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def touches(names: set[str], *places: str) -> set[str]:
    """Those of the names that lie in one of the places."""
    return {name for name in names for place in places if name == place or name.startswith(f"{place}.")}


@pytest.mark.parametrize(
    "module", ["bot.reviews.model", "bot.reviews.matching", "bot.ranking", "bot.ratings", "bot.taste", "bot.errors"]
)
def test_the_core_does_no_io(module: str) -> None:
    assert not touches(imports(module), *IO, "bot.store", "bot.ui", "cogs")


@pytest.mark.parametrize("module", [name for name in MODULES if not name.startswith("bot.store")])
def test_only_the_store_knows_drivers_and_sql(module: str) -> None:
    assert not touches(imports(module), *DRIVERS)
    for node in nodes_of(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not node.value.lstrip().startswith(SQL), f"{module} holds SQL: {node.value[:60]!r}"


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith("bot.ui")])
def test_ui_never_imports_the_store_at_run_time(module: str) -> None:
    assert not touches(imports(module, run_time=True), "bot.store", "bot.client", "cogs")


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith("bot.store")])
def test_the_store_knows_neither_discord_nor_what_members_see(module: str) -> None:
    assert not touches(imports(module), "discord", "bot.ui", "bot.client", "cogs")


@pytest.mark.parametrize("module", list(MODULES))
def test_nothing_imports_a_cog(module: str) -> None:
    assert not touches(imports(module), "cogs")


@pytest.mark.parametrize("module", [name for name in MODULES if name != "bot.cli"])
def test_only_the_command_line_opens_the_playground(module: str) -> None:
    assert not touches(imports(module), "bot.playground")
    if module != "bot.playground":
        assert not touches(imports(module), "simcord")


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_room_is_read_in_one_sitting(path: Path) -> None:
    assert len((ROOT / path).read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.usefixtures("uncovered_processes")
def test_a_start_loads_only_what_it_needs() -> None:
    load = "import sys, bot.cli, bot.service, bot.client; [*map(__import__, bot.client.COGS)]; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", load], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(found.stdout.split())
    assert {"bot.cli", "discord", "cogs.votes"} <= loaded
    assert not loaded & LATE
