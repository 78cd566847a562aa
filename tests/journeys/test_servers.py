"""Two servers: what is said in one is nobody's business in the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.screens import answered, options, said

if TYPE_CHECKING:
    from tests.journeys.world import World


@pytest.mark.parametrize("restart", [False, True], ids=["", "after a restart"])
async def test_each_server_counts_its_own_votes(world: World, *, restart: bool) -> None:
    here, there = await world.review(), await world.review(member=world.stranger)
    if restart:
        await world.restart()
    await world.give(world.alice, here, 5)
    await world.give(world.bob, here, 4)
    await world.give(world.stranger, there, 1)
    await world.later()

    assert "Readers 4.5 · 2 votes" in said(here)
    assert "Readers 1.0 · 1 vote" in said(there)


async def test_a_member_of_two_servers_votes_in_each_by_itself(world: World) -> None:
    here, there = await world.review(), await world.review(member=world.alice_elsewhere)
    await world.give(world.alice, here, 5)

    assert "it was" not in said(await world.give(world.alice_elsewhere, there, 1))
    assert "(it was 5)" in said(await world.give(world.alice, here, 4))


@pytest.mark.parametrize("talked", [False, True], ids=["an untouched server", "a server with votes of its own"])
async def test_whatever_is_done_in_one_server_leaves_the_other_as_it_was(world: World, *, talked: bool) -> None:
    there = await world.review(member=world.stranger)
    if talked:
        await world.share(world.stranger, there, "From elsewhere.", sheep="3")
        await world.give(world.alice_elsewhere, there, 2)
    await world.later()
    before, kept = await _screens_elsewhere(world), world.kept()

    here = await world.review()
    await world.give(world.alice, here, 5)
    await world.give(world.bob, here, 4)
    answer = await world.share(world.alice, here, "From here.", sheep="1", spoiler=True)
    await world.press(world.bob, await world.give(world.bob, here, 4), "Remove my vote")
    mine = await world.ask(world.alice, "myvotes")
    panel = answered(await world.alice.select(mine, list(options(mine).values())))
    await world.give(world.alice, panel, 2)
    await world.later()
    assert await _screens_elsewhere(world) == before
    assert "From here." in said(await world.press(world.bob, here, "Thoughts ("))

    await world.press(world.alice, answer, "Delete mine")
    await world.press(world.alice, panel, "Remove my vote")
    await world.later()
    assert await _screens_elsewhere(world) == before
    assert world.kept() == kept
    assert "No votes yet" in said(here)


async def _screens_elsewhere(world: World) -> list[str]:
    """Everything that the other server's members can see of the film."""
    screens: list[str] = []
    post = await world.review(member=world.stranger)
    for member in (world.stranger, world.alice_elsewhere):
        screens += [said(await world.press(member, post, label)) for label in ("Results", "Thoughts (")]
        screens += [said(await world.ask(member, "myvotes")), said(await world.ask(member, "toprated", min_votes=1))]
    return [said(post), *screens]
