"""Looking at a PostgreSQL database from outside, each thing that can be wrong made wrong on a real server."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import asyncpg
import pytest

from bot.findings import Finding, Mark
from bot.store import CONNECTIONS, open_store
from bot.store.checks import examine
from bot.store.checks import postgres as checks
from tests import postgres

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

pytestmark = pytest.mark.skipif(bool(postgres.missing()), reason=postgres.missing())


@pytest.fixture
def name() -> Generator[str]:
    """A new database's name."""
    with postgres.server().database() as name:
        yield name


async def ask(name: str, *queries: str) -> None:
    """Change a database behind the bot's back."""
    await postgres.server().ask(*queries, database=name)


async def make(name: str) -> None:
    """A database as a bot leaves it."""
    await (await open_store(postgres.server().url(name))).close()


async def look(name: str, user: str = postgres.USER) -> dict[str, Finding]:
    """What is found, by what it is about."""
    found = await asyncio.to_thread(examine, url(name, user))
    assert all(one.fix for one in found if one.mark in {Mark.BAD, Mark.NOTE})
    assert "secret" not in str(found)
    return {one.about: one for one in found}


def url(name: str, user: str) -> str:
    """The address of a database for a user, with a password that nobody asks for and nobody may see."""
    return postgres.server().url(name).replace(f"{postgres.USER}@", f"{user}:secret@")


@asynccontextmanager
async def set_to(setting: str, value: str) -> AsyncGenerator[None]:
    """The server with another setting."""
    await ask("postgres", f"ALTER SYSTEM SET {setting} = {value}", "SELECT pg_reload_conf()")
    try:
        yield
    finally:
        await ask("postgres", f"ALTER SYSTEM RESET {setting}", "SELECT pg_reload_conf()")


async def test_a_database_that_is_fit(name: str) -> None:
    await make(name)
    async with set_to("fsync", "on"):
        found = await look(name)

    assert set(found) == {"Database", "Writing", "Durability", "Connections"}
    assert {finding.mark for finding in found.values()} == {Mark.GOOD}
    assert "PostgreSQL" in found["Database"].said
    assert await postgres.server().ask("SELECT * FROM meta WHERE key = 'doctor'", database=name) == [[]]


async def test_beside_a_running_bot(name: str) -> None:
    store = await open_store(postgres.server().url(name))
    try:
        await store.meta.set("sheep", "white")
        assert (await look(name))["Database"].mark is Mark.GOOD
        assert await store.meta.get("sheep") == "white"
    finally:
        await store.close()


async def test_one_without_tables_yet(name: str) -> None:
    found = await look(name)

    assert found["Database"].mark is Mark.NOTE
    assert found["Writing"].said == "tables can be made"


async def test_a_newer_schema_and_an_older_one(name: str) -> None:
    await make(name)
    await ask(name, "INSERT INTO migrations VALUES (9999, 'wings', 0)")
    assert "newer Sheepbot (schema 9999)" in (await look(name))["Database"].said
    await ask(name, "DELETE FROM migrations")
    found = (await look(name))["Database"]
    assert found.mark is Mark.GOOD
    assert ", the next start makes it " in found.said


async def test_one_that_can_only_be_read(name: str) -> None:
    await make(name)
    await ask(name, f"ALTER DATABASE {name} SET default_transaction_read_only = on")

    found = (await look(name))["Writing"]

    assert found.mark is Mark.BAD
    assert "primary" in found.fix


@pytest.mark.parametrize("empty", [True, False])
async def test_a_user_who_may_not_write(name: str, *, empty: bool) -> None:
    if not empty:
        await make(name)
        await ask(name, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC")
    await ask(
        name, "REVOKE CREATE ON SCHEMA public FROM PUBLIC", "DROP ROLE IF EXISTS guest", "CREATE ROLE guest LOGIN"
    )

    found = (await look(name, "guest"))["Writing"]

    assert found.mark is Mark.BAD
    assert "permission denied" in found.said
    assert "owner" in found.fix


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
async def test_a_server_that_a_power_cut_would_destroy(name: str, setting: str) -> None:
    async with set_to("fsync", "on"), set_to(setting, "off"):
        found = (await look(name))["Durability"]

    assert found.mark is Mark.BAD
    assert f"database: {setting} off" in found.said


async def test_connections_that_are_few_or_none(name: str) -> None:
    await ask(name, "DROP ROLE IF EXISTS visitor", "CREATE ROLE visitor LOGIN")
    visitors: list[asyncpg.Connection] = []
    try:
        with suppress(asyncpg.TooManyConnectionsError):
            while True:
                visitors.append(await asyncpg.connect(url(name, "visitor")))
        assert "takes no more" in (await look(name, "visitor"))["Connections"].said
        for _ in range(CONNECTIONS - 1):
            await visitors.pop().close()
        found = (await look(name, "visitor"))["Connections"]
        assert found.mark is Mark.NOTE
        assert found.said.startswith(f"the server takes {CONNECTIONS - 1} more")
    finally:
        for visitor in visitors:
            await visitor.close()


async def test_a_database_that_is_not_there(name: str) -> None:
    found = (await look(f"no_{name}"))["Database"]

    assert found.mark is Mark.BAD
    assert "createdb" in found.fix


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://u:secret@127.0.0.1:1/x", "127.0.0.1:1 does not answer"),
        ("postgresql://u:secret@127.0.0.1/x?sslmode=loud", "DATABASE_URL is not understood"),
    ],
)
def test_an_address_that_leads_nowhere(address: str, said: str) -> None:
    (found,) = examine(address)

    assert found.mark is Mark.BAD
    assert said in found.said
    assert found.fix
    assert "secret" not in str(found)


async def test_a_server_that_is_too_old(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "OLDEST_POSTGRES", 99)

    assert "needs 99 or newer" in (await look(name))["Database"].fix
