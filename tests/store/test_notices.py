"""Notices: what one process changes on the shelf, the catalogue of another follows."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from bot.reviews.catalogue import Catalogue
from bot.shelf import following
from bot.store import Store, open_store
from tests import postgres
from tests.store.tools import SOURCE, Postgres, film

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

pytestmark = pytest.mark.skipif(bool(postgres.missing()), reason=postgres.missing())

PATIENCE = 10.0


@pytest.fixture
def engine() -> Generator[Postgres]:
    """A new database."""
    with postgres.server().database() as name:
        yield Postgres(name)


@asynccontextmanager
async def other_process(engine: Postgres) -> AsyncGenerator[Catalogue]:
    """The catalogue of another process, which follows the shelf."""
    store = await open_store(engine.url)
    catalogue = Catalogue(await store.reviews.shelf())
    try:
        async with following(store, catalogue):
            yield catalogue
    finally:
        await store.close()


async def shows(catalogue: Catalogue, *slugs: str) -> None:
    """Wait until these are the titles, in whatever order."""
    async with asyncio.timeout(PATIENCE):
        while sorted(title.slug for title in catalogue) != sorted(slugs):  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)


@pytest.fixture
async def store(engine: Postgres) -> AsyncGenerator[Store]:
    """The process that changes the shelf."""
    opened = await open_store(engine.url)
    yield opened
    await opened.close()


async def test_reviews_that_come_change_and_go_are_followed(store: Store, engine: Postgres) -> None:
    await store.reviews.sync(SOURCE, [film("alien"), film("brazil")])
    async with other_process(engine) as catalogue:
        await shows(catalogue, "alien", "brazil")

        await store.reviews.sync(SOURCE, [film("alien", "Alien³"), film("brazil"), film("clueless")])
        await shows(catalogue, "alien", "brazil", "clueless")
        assert [found.slug for found in catalogue.complete("clueless")] == ["clueless"]
        assert catalogue.resolve("alien").found == (await store.reviews.shelf())[0]

        await store.reviews.sync(SOURCE, [film("brazil")])
        await shows(catalogue, "brazil")


async def test_more_changes_than_a_notice_holds_are_followed(store: Store, engine: Postgres) -> None:
    async with other_process(engine) as catalogue:
        await store.reviews.sync(SOURCE, [film(f"film-{number}") for number in range(3000)])
        await shows(catalogue, *(f"film-{number}" for number in range(3000)))

        async with engine.connection() as connection:
            await connection.execute("UPDATE reviews SET retired_at = 1 WHERE slug <> 'film-7'")
        await shows(catalogue, "film-7")


async def test_what_is_missed_while_the_connection_is_lost_is_made_up_for(store: Store, engine: Postgres) -> None:
    async with other_process(engine) as catalogue:
        await store.reviews.sync(SOURCE, [film("alien")])
        await shows(catalogue, "alien")

        async with engine.connection() as connection:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        await store.reviews.sync(SOURCE, [film("alien"), film("brazil")])
        await shows(catalogue, "alien", "brazil")


async def test_a_restart_of_the_server_is_sat_out(store: Store, engine: Postgres) -> None:
    async with other_process(engine) as catalogue:
        await store.reviews.sync(SOURCE, [film("alien")])
        await shows(catalogue, "alien")

        await asyncio.to_thread(postgres.server().restart)
        await store.reviews.sync(SOURCE, [film("brazil")])
        await shows(catalogue, "brazil")
