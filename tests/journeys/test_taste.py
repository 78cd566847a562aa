"""``/tastematch`` and ``/recommend``: who agrees with whom, what to see next, and being left out of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.journeys.screens import answered, components, labelled, options, said, told
from tests.journeys.shelf import write_films, write_review
from tests.journeys.world import open_world

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from simcord import MemberActor

    from tests.journeys.world import World
    from tests.store.tools import Engine

FILMS = ("1917", "a separation", "cats", "miss you already", "moonlight", "paddington 2")
TITLES = ("1917", "A Separation", "Cats", "Miss You Already", "Moonlight", "Paddington 2")


async def rate(world: World, *votes: tuple[MemberActor, Sequence[int]], films: Sequence[str] = FILMS) -> None:
    """Have members rate films in their order, all but those they give 0."""
    for place, title in enumerate(films):
        given = [(member, sheep[place]) for member, sheep in votes if place < len(sheep) and sheep[place]]
        if given:
            await world.votes_on(title, given)


async def test_two_members_read_how_they_agree_and_where_not_but_no_vote_of_the_other(world: World) -> None:
    await rate(world, (world.alice, (5, 5, 5, 4, 3, 1)), (world.bob, (5, 5, 1, 2, 3)), (world.stranger, (5,)))

    match = await world.ask(world.alice, "tastematch", member=world.bob)

    assert match.ephemeral
    description = str(match.embeds[0].description)
    assert "You agree with **bob** by **70 %**, over the 5 films that both rated." in description
    assert re.findall(r"- \*(.+?) \\\(", description) == ["Cats", "Miss You Already"]
    assert "1 sheep" not in said(match)
    other = await world.ask(world.bob, "tastematch", member=world.alice)
    assert "You agree with **alice** by **70 %**, over the 5 films that both rated." in said(other)


async def test_the_critic_is_compared_with_too_in_half_sheep_and_both_verdicts_are_said(
    engine: Engine, shelf: Path
) -> None:
    for number, half in enumerate((2.5, 0, 4, 5, 3, None), start=1):
        facts: dict[str, Any] = {} if half is None else {"sheep": half}
        write_review(shelf, f"film-{number}", title=f"Film {number}", **facts)
    async with open_world(engine, shelf) as world:
        films = [f"film-{number}" for number in range(1, 7)]
        await rate(world, (world.alice, (1, 3, 4, 4, 3, 1)), films=films)

        match = await world.ask(world.alice, "tastematch")

        # 1.5 + 2 (nobody can give less than one sheep) + 0 + 1 + 0 sheep apart on 5 films
        assert "You agree with the critic by **78 %**, over the 5 films that both rated." in said(match)
        assert "- *Film 2*: you 3, the critic 0\n- *Film 1*: you 1, the critic 2½" in said(match)
        assert "Film 4*" not in said(match)
        assert "rated by both" not in said(match)


async def test_before_there_is_enough_to_compare_it_says_what_is_missing_and_no_figure(world: World) -> None:
    await rate(world, (world.alice, (5, 5, 5, 5)), (world.bob, (5, 5, 5, 5)))

    for match in (
        await world.ask(world.alice, "tastematch", member=world.bob),
        await world.ask(world.mod, "tastematch"),
    ):
        assert "From 5 on, I can tell how far you agree" in said(match)
        assert re.search(r"\d+ %\*", said(match)) is None
    there = await world.ask(world.alice_elsewhere, "tastematch", member=world.stranger)
    assert "No film here was rated by both" in said(there)


async def test_oneself_and_bots_are_refused_kindly(world: World) -> None:
    world.errors_are_expected = True
    robot = world.alice.guild.add_member(world.env.create_user("robot", bot=True))

    for member, sentence in ((world.alice, "You agree with yourself"), (robot, "A bot gives no sheep")):
        refused = told(await world.alice.slash(world.channel, "tastematch", member=member))
        assert sentence in refused
        assert "Choose another member, or none for the critic" in refused


async def test_who_wants_to_be_compared_with_nobody_is_left_out_everywhere_until_they_change_their_mind(
    world: World,
) -> None:
    world.errors_are_expected = True
    await rate(world, (world.alice, (5, 5, 5, 4, 3)), (world.bob, (5, 5, 1, 2, 3)))
    match = await world.ask(world.bob, "tastematch")

    answer = await world.press(world.bob, match, "Compare me with nobody")
    assert answer.id == match.id
    assert "compared with nobody from now on, in any server" in said(answer)
    await world.restart()
    refused = told(await world.alice.slash(world.channel, "tastematch", member=world.bob))
    assert "That member wishes to be compared with nobody" in refused
    refused = told(await world.bob.slash(world.channel, "tastematch", member=world.alice))
    assert "You are compared with nobody, as you wished" in refused
    assert "bob" not in said(await world.ask(world.mod, "stats"))
    assert "You agree with the critic" in said(await world.ask(world.bob, "tastematch"))

    panel = await world.ask(world.bob, "tastematch")
    await world.press(world.bob, panel, "Let me be compared again")
    assert "You agree with **bob**" in said(await world.ask(world.alice, "tastematch", member=world.bob))
    assert "bob · 5 votes" in said(await world.ask(world.mod, "stats"))


async def test_a_forged_choice_to_be_compared_is_ones_own_and_what_is_none_is_refused(world: World) -> None:
    world.errors_are_expected = True
    await rate(world, (world.alice, (5, 5, 5, 4, 3)), (world.bob, (5, 5, 1, 2, 3)))
    match = await world.ask(world.bob, "tastematch")
    custom_id = labelled(match, "Compare me with nobody")["custom_id"]

    await world.forge(world.alice, {"custom_id": custom_id}, match)
    assert "You are compared with nobody" in told(
        await world.alice.slash(world.channel, "tastematch", member=world.bob)
    )
    for forged in ("sheep1:compare", "sheep1:compare:2", "sheep1:compare:0:1"):
        assert "do not know this control" in told(await world.forge(world.bob, {"custom_id": forged}, match))


async def test_members_whose_taste_is_like_ones_own_recommend_what_they_loved(engine: Engine, shelf: Path) -> None:
    write_films(shelf, 9)
    async with open_world(engine, shelf) as world:
        like, unlike = world.crowd(8)[:4], world.crowd(4)
        films = [f"film-{number:02}" for number in range(1, 10)]
        await rate(
            world,
            (world.alice, (5, 1, 4, 2, 3)),
            *((member, (5, 1, 4, 2, 3, 5, 1, 4)) for member in like[:3]),
            (like[3], (5, 1, 4, 2, 3, 4, 1, 0)),
            *((member, (1, 5, 1, 5, 3, 1, 5, 1, 5)) for member in unlike),
            films=films,
        )

        answer = await world.ask(world.alice, "recommend")

        assert answer.ephemeral
        listed = re.findall(r"\*\*\d\. (.+?) \\\(\d{4}\\\)\*\*\n(.+)", str(answer.embeds[0].description))
        assert listed[:2] == [
            ("Film 06", "4 members whose taste is like yours gave it 4.8 sheep on average"),
            ("Film 08", "3 members whose taste is like yours gave it 4.0 sheep on average"),
        ]
        assert listed[2] == ("Film 09", "this server loves it: 5.0 · 4 votes")
        assert "Film 07" not in said(answer)
        assert not [name for name in (*(m.user.name for m in like), "alice") if name in said(answer)]
        post = answered(await world.alice.select(answer, [next(iter(options(answer).values()))]))
        assert not post.ephemeral
        assert "Film 06" in said(post)

        for member in like[:2]:
            await world.press(member, await world.ask(member, "tastematch"), "Compare me with nobody")
        answer = await world.ask(world.alice, "recommend")
        assert "not found enough members here yet whose taste is like yours" in said(answer)
        assert "Film 09" in said(answer)


async def test_with_few_votes_or_none_it_goes_by_the_server_then_by_the_critic_and_says_so(world: World) -> None:
    first = await world.ask(world.alice, "recommend")
    assert "You have rated no film here" in said(first)
    assert re.findall(r"the critic gave it (.+?) of 5 sheep", said(first))
    assert len(options(first)) == 5

    crowd = world.crowd(3)
    await rate(world, *((member, (5, 5, 1)) for member in crowd), (world.alice, (4,)))
    second = await world.ask(world.alice, "recommend")
    assert "You have rated 1 film here" in said(second)
    assert "**1. A Separation \\(2011\\)**\nthis server loves it: 5.0 · 3 votes" in said(second)
    assert "1917" not in said(second)
    there = await world.ask(world.stranger, "recommend")
    assert "this server loves it" not in said(there)


async def test_where_nothing_is_left_to_recommend_it_says_so(engine: Engine, shelf: Path) -> None:
    write_films(shelf, 1)
    async with open_world(engine, shelf) as world:
        answer = await world.ask(world.alice, "recommend")

        assert "nothing left here that I could recommend" in said(answer)
        assert not components(answer)


async def test_hidden_results_are_told_by_no_match_and_no_recommendation(world: World) -> None:
    crowd = world.crowd(3)
    await rate(world, *((member, (5, 1, 4, 2, 3, 5)) for member in crowd), (world.alice, (5, 1, 4, 2, 3)))
    guild = world.alice.guild.id
    await world.bot.store.guilds.change(guild, world.mod.id, "results", "after-voting")
    answer = await world.ask(world.alice, "recommend")
    assert "3 members whose taste is like yours loved it" in said(answer)
    assert "sheep on average" not in said(answer)
    assert "You agree with" in said(await world.ask(world.alice, "tastematch", member=crowd[0]))

    await world.bot.store.guilds.change(guild, world.mod.id, "results", "after-closing")
    answer = await world.ask(world.alice, "recommend")
    assert "members whose taste" not in said(answer)
    assert "this server loves it" not in said(answer)
    assert "No film here was rated by both" in said(await world.ask(world.alice, "tastematch", member=crowd[0]))
    assert "You agree with the critic" in said(await world.ask(world.alice, "tastematch"))
