"""Named values of the installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.errors import StoreError
from bot.store import open_store

if TYPE_CHECKING:
    from bot.store import Store
    from tests.store.tools import Engine


async def test_a_value_that_was_never_set_is_none(store: Store) -> None:
    assert await store.meta.get("hash") is None


async def test_a_value_is_kept_until_it_is_set_again(store: Store) -> None:
    await store.meta.set("hash", "abc")
    await store.meta.set("other", "")
    assert await store.meta.get("hash") == "abc"
    assert await store.meta.get("other") == ""

    await store.meta.set("hash", "déf 🐑")
    assert await store.meta.get("hash") == "déf 🐑"


async def test_a_value_outlives_a_restart(engine: Engine) -> None:
    store = await open_store(engine.url)
    await store.meta.set("hash", "abc")
    await store.close()

    store = await open_store(engine.url)
    assert await store.meta.get("hash") == "abc"
    await store.close()


async def test_a_value_that_is_no_text_is_a_store_error(store: Store) -> None:
    with pytest.raises(StoreError):
        await store.meta.set("hash", "half a \ud83d sheep")

    assert await store.meta.get("hash") is None
