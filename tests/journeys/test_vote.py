"""Giving sheep, changing one's mind, taking them back."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import pytest

from tests.journeys.screens import SUCCESS, answered, components, labelled, offers, options, said
from tests.journeys.shelf import write_films
from tests.journeys.world import open_world

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journeys.world import World
    from tests.store.tools import Engine


async def test_a_click_is_stored_and_answered_privately_with_the_readers_bars(world: World) -> None:
    post = await world.review()

    answer = await world.give(world.alice, post, 4)

    assert answer.ephemeral
    assert "You gave *Miss You Already* 🐑🐑🐑🐑 4 sheep." in said(answer)
    assert "Readers 4.0 · 1 vote" in said(answer)
    assert "4 sheep ██████████ 1" in said(answer)
    assert "Readers 4.0 · 1 vote" in said(post)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
async def test_each_button_gives_as_many_sheep_as_it_says(world: World, count: int) -> None:
    answer = await world.give(world.alice, await world.review(), count)

    assert f"{count} sheep" in said(answer)
    assert list(world.kept().votes.values()) == [count]


async def test_a_changed_vote_replaces_the_first(world: World) -> None:
    post = await world.review()
    await world.give(world.alice, post, 3)

    answer = await world.give(world.alice, post, 5)

    assert "5 sheep (it was 3)" in said(answer)
    await world.later()
    assert "Readers 5.0 · 1 vote" in said(post)


async def test_the_same_click_twice_is_the_same_vote(world: World) -> None:
    post = await world.review()
    first = said(await world.give(world.alice, post, 4))

    assert said(await world.give(world.alice, post, 4)) == first
    await world.later()
    assert "Readers 4.0 · 1 vote" in said(post)


async def test_every_post_of_a_film_and_no_other_film_counts_the_vote(world: World) -> None:
    first, second, other = await world.review(), await world.review(), await world.review("cats")
    await world.give(world.alice, first, 3)

    assert "5 sheep (it was 3)" in said(await world.give(world.alice, second, 5))
    assert "No votes yet" in said(await world.press(world.alice, other, "Results"))


async def test_a_vote_can_be_removed(world: World) -> None:
    post = await world.review()
    answer = await world.give(world.alice, post, 2)

    answer = await world.press(world.alice, answer, "Remove my vote")

    assert "taken back (it was 2)" in said(answer)
    assert world.kept().votes == {}
    await world.later()
    assert "Readers No votes yet" in said(post)


async def test_a_vote_that_is_gone_already_is_removed_without_complaint(world: World) -> None:
    post = await world.review()
    first, second = await world.give(world.alice, post, 2), await world.give(world.alice, post, 2)
    await world.press(world.alice, first, "Remove my vote")

    assert "You have no vote on *Miss You Already*" in said(await world.press(world.alice, second, "Remove my vote"))


async def test_after_removing_a_vote_a_new_one_can_be_given_on_the_spot(world: World) -> None:
    panel = await world.press(world.alice, await world.give(world.alice, await world.review(), 2), "Remove my vote")

    again = await world.give(world.alice, panel, 5)

    assert again.id == panel.id
    assert "You gave *Miss You Already* 🐑🐑🐑🐑🐑 5 sheep." in said(panel)
    assert list(world.kept().votes.values()) == [5]


async def test_myvotes_leads_to_a_panel_on_which_a_vote_is_changed_and_removed(world: World) -> None:
    await world.give(world.alice, await world.review("cats"), 1)
    await world.give(world.alice, await world.review(), 4)

    mine = await world.ask(world.alice, "myvotes")
    assert mine.ephemeral
    assert set(options(mine)) == {"Miss You Already (2015)", "Cats (2019)"}
    panel = answered(await world.alice.select(mine, [options(mine)["Cats (2019)"]]))
    assert panel.ephemeral
    assert panel.id != mine.id
    assert [c["label"] for c in components(panel) if c["style"] == SUCCESS] == ["1"]

    await world.give(world.alice, panel, 3)
    assert "You gave *Cats* 🐑🐑🐑 3 sheep (it was 1)." in said(panel)
    assert [c["label"] for c in components(panel) if c["style"] == SUCCESS] == ["3"]

    await world.press(world.alice, panel, "Remove my vote")
    assert "taken back (it was 3)" in said(panel)
    assert labelled(panel, "Remove my vote")["disabled"]
    assert list(options(await world.ask(world.alice, "myvotes"))) == ["Miss You Already (2015)"]


async def test_myvotes_shows_nobody_elses_votes_and_says_kindly_that_there_are_none(world: World) -> None:
    await world.give(world.bob, await world.review(), 4)

    mine = await world.ask(world.alice, "myvotes")

    assert mine.ephemeral
    assert "You have not given any sheep here yet" in said(mine)
    assert not components(mine)


async def test_many_votes_are_paged_with_the_latest_first(engine: Engine, shelf: Path) -> None:
    write_films(shelf, 23)
    async with open_world(engine, shelf) as world:
        for number in range(1, 24):
            await world.votes_on(f"Film {number:02}", [(world.alice, number % 5 + 1)])
        page = await world.ask(world.alice, "myvotes")
        listed = [list(options(page))]
        while offers(page, "Next"):
            await world.press(world.alice, page, "Next")
            listed.append(list(options(page)))

        assert list(map(len, listed)) == [10, 10, 3]
        assert sorted(chain(*listed)) == [f"Film {number:02} ({2000 + number})" for number in range(1, 24)]
        assert listed[0][0] == "Film 23 (2023)"
        for earlier in (listed[1], listed[0]):
            await world.press(world.alice, page, "Previous")
            assert list(options(page)) == earlier
        assert not offers(page, "Previous")


async def test_a_page_of_votes_that_is_empty_by_now_turns_to_one_that_is_not(engine: Engine, shelf: Path) -> None:
    write_films(shelf, 11)
    async with open_world(engine, shelf) as world:
        posts = [await world.votes_on(f"Film {number:02}", [(world.alice, 3)]) for number in range(1, 12)]
        page = await world.ask(world.alice, "myvotes")
        await world.press(world.alice, await world.give(world.alice, posts[0], 3), "Remove my vote")

        await world.press(world.alice, page, "Next")

        assert "You have not given" not in said(page)
        assert len(options(page)) == 10


async def test_a_vote_on_a_film_that_left_the_shelf_is_kept_until_it_is_back(engine: Engine, shelf: Path) -> None:
    write_films(shelf, 2)
    async with open_world(engine, shelf) as world:
        post = await world.votes_on("Film 01", [(world.alice, 5)])
        text = (shelf / "film-01.md").read_text()
        (shelf / "film-01.md").unlink()
        await world.restart()

        answer = await world.give(world.alice, post, 1)
        assert answer.ephemeral
        assert "not on the shelf any more" in answer.content
        assert "You have not given" in said(await world.ask(world.alice, "myvotes"))

        (shelf / "film-01.md").write_text(text)
        await world.restart()
        assert list(options(await world.ask(world.alice, "myvotes"))) == ["Film 01 (2001)"]
        assert "(it was 5)" in said(await world.give(world.alice, post, 1))
