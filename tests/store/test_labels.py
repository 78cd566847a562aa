"""Labels as the store has them in memory: those of the shelf as it is, in the process that changes it and in others."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.reviews.catalogue import Catalogue
from bot.reviews.labels import Kind
from bot.shelf import following
from bot.store import open_store
from bot.store.labels import READ
from tests.store.tools import ALL_ENGINES, SOURCE, film

if TYPE_CHECKING:
    from bot.reviews.labels import Labels
    from bot.store import Store
    from tests.store.tools import Engine


def genres(labels: Labels) -> list[str]:
    return [label.title for label in labels.complete(Kind.GENRE, "")]


async def test_labels_follow_the_shelf(store: Store) -> None:
    first, second = replace(film("a"), genres=("Drama", "War")), replace(film("b", year=1994), genres=("drama",))
    assert genres(await store.labels.known()) == []

    await store.reviews.sync(SOURCE, [first, second])
    known = await store.labels.known()
    assert (known, genres(known), known.decades) == (await store.labels.known(), ["Drama", "War"], [1990])

    await store.reviews.sync(SOURCE, [replace(first, genres=("Comedy",)), second])
    assert genres(await store.labels.known()) == ["Comedy", "drama"]
    await store.reviews.sync(SOURCE, [second])
    assert genres(await store.labels.known()) == ["drama"]
    await store.reviews.sync(SOURCE, [first])
    known = await store.labels.known()
    assert (genres(known), known.decades) == (["Drama", "War"], [])


async def test_all_labels_are_read_and_what_is_read_while_the_shelf_changes_is_not_kept(store: Store) -> None:
    many = [replace(film(f"f{n}"), genres=(f"Genre {n:04}",)) for n in range(2 * READ + 1)]
    reading = asyncio.create_task(store.labels.known())
    await asyncio.sleep(0)
    await store.reviews.sync(SOURCE, many)
    await reading

    known = await store.labels.known()
    for number in (0, READ, 2 * READ):
        assert known.resolve(Kind.GENRE, f"genre {number:04}").found


@pytest.mark.parametrize("engine", ALL_ENGINES[1:], indirect=True)
async def test_labels_follow_what_another_process_does_to_the_shelf(engine: Engine) -> None:
    ours, theirs = await open_store(engine.url), await open_store(engine.url)
    try:
        async with following(ours, Catalogue()):
            assert genres(await ours.labels.known()) == []
            await theirs.reviews.sync(SOURCE, [replace(film("a"), genres=("Drama",))])
            async with asyncio.timeout(10):
                while genres(await ours.labels.known()) != ["Drama"]:  # noqa: ASYNC110 - PostgreSQL tells, not we
                    await asyncio.sleep(0.01)
    finally:
        await ours.close()
        await theirs.close()
