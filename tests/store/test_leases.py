"""Leases: who holds one, and for how long."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.store.leases import Leases

if TYPE_CHECKING:
    from bot.store import Store

LONG = 60.0
SHORT = 0.05


@pytest.fixture
def other(store: Store) -> Leases:
    """Another holder on the same database."""
    return Leases(store._database)  # pyright: ignore[reportPrivateUsage] - the verbs of the store have one holder


async def test_a_lease_is_held_by_one(store: Store, other: Leases) -> None:
    assert await store.leases.take("feed", LONG)
    assert not await other.take("feed", LONG)
    assert await other.take("another feed", LONG)


async def test_its_holder_can_take_it_for_longer(store: Store, other: Leases) -> None:
    assert await store.leases.take("feed", SHORT)
    assert await store.leases.take("feed", LONG)
    await asyncio.sleep(2 * SHORT)

    assert not await other.take("feed", LONG)


async def test_one_whose_time_is_over_is_free(store: Store, other: Leases) -> None:
    assert await store.leases.take("feed", SHORT)
    await asyncio.sleep(2 * SHORT)

    assert await other.take("feed", LONG)
    assert not await store.leases.take("feed", LONG)


async def test_one_that_is_given_back_is_free(store: Store, other: Leases) -> None:
    assert await store.leases.take("feed", LONG)
    await other.give_back("feed")
    assert not await other.take("feed", LONG)
    await store.leases.give_back("feed")

    assert await other.take("feed", LONG)


async def test_of_many_at_once_one_gets_it(store: Store) -> None:
    database = store._database  # pyright: ignore[reportPrivateUsage] - as above
    holders = [Leases(database) for _ in range(20)]

    assert sum(await asyncio.gather(*(holder.take("feed", LONG) for holder in holders))) == 1


async def test_who_waits_has_it_when_it_is_given_back(store: Store, other: Leases) -> None:
    order: list[str] = []

    async def hold(leases: Leases, name: str) -> None:
        async with leases.held("start", LONG):
            order.append(f"{name} in")
            await asyncio.sleep(SHORT)
            order.append(f"{name} out")

    await asyncio.gather(hold(store.leases, "one"), hold(other, "other"))

    assert sorted([order[:2], order[2:]]) == [["one in", "one out"], ["other in", "other out"]]


async def test_turns_are_booked_one_after_the_other(store: Store, other: Leases) -> None:
    waits = [await leases.book("identify", LONG) for leases in (store.leases, other, store.leases)]

    assert waits[0] == 0
    assert waits[1] == pytest.approx(LONG, abs=5)
    assert waits[2] == pytest.approx(2 * LONG, abs=5)


async def test_a_turn_that_is_long_past_keeps_nobody_waiting(store: Store) -> None:
    assert await store.leases.book("identify", SHORT) == 0
    await asyncio.sleep(2 * SHORT)

    assert await store.leases.book("identify", SHORT) == 0
