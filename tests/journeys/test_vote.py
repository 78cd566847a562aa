"""Giving sheep, changing one's mind, taking them back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.world import answered, said, sheep

if TYPE_CHECKING:
    from tests.journeys.world import World


async def test_a_click_is_stored_and_answered_privately_with_the_readers_bars(world: World) -> None:
    post = await world.review()

    answer = answered(await world.alice.click(post, custom_id=sheep(post, 4)))

    assert answer.ephemeral
    assert "You gave *Miss You Already* 🐑🐑🐑🐑 4 sheep." in said(answer)
    assert "Readers 4.0 · 1 vote" in said(answer)
    assert "4 ██████████ 1" in said(answer)
    assert "Readers 4.0 · 1 vote" in said(post)


async def test_a_changed_vote_replaces_the_first(world: World) -> None:
    post = await world.review()
    await world.alice.click(post, custom_id=sheep(post, 3))

    answer = answered(await world.alice.click(post, custom_id=sheep(post, 5)))

    assert "5 sheep (it was 3)" in said(answer)
    await world.later()
    assert "Readers 5.0 · 1 vote" in said(post)


@pytest.mark.parametrize("restart", [False, True])
async def test_each_server_counts_its_own_votes(world: World, restart: bool) -> None:
    here, there = await world.review(), await world.review(member=world.stranger)
    if restart:
        await world.restart()
    await world.alice.click(here, custom_id=sheep(here, 5))
    await world.bob.click(here, custom_id=sheep(here, 4))
    await world.stranger.click(there, custom_id=sheep(there, 1))
    await world.later()

    assert "Readers 4.5 · 2 votes" in said(here)
    assert "Readers 1.0 · 1 vote" in said(there)


async def test_a_vote_can_be_removed(world: World) -> None:
    post = await world.review()
    answer = answered(await world.alice.click(post, custom_id=sheep(post, 2)))

    answer = answered(await world.alice.click(answer, label="Remove my vote"))

    assert "taken back (it was 2)" in said(answer)
    await world.later()
    assert "Readers No votes yet" in said(post)
