"""``/stats``: a film and a server in numbers, shown to whom they may be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.screens import answered, components, fields, offers, options, said
from tests.store.tools import Clock

if TYPE_CHECKING:
    from tests.journeys.world import World

MONTHS = (1_700_000_000, 1_706_000_000, 1_706_500_000)
"""14 November 2023, 23 and 29 January 2024."""


async def test_a_film_in_numbers_shows_here_everywhere_and_over_time_beside_the_critic(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr("bot.store.votes.time", clock)
    crowd = world.crowd(3)
    for member, sheep, now in zip(crowd, (5, 4, 3), MONTHS, strict=True):
        clock.now = now
        await world.votes_on("miss you already", [(member, sheep)])
    there = await world.review(member=world.stranger)
    await world.give(world.stranger, there, 1)

    shown = await world.ask(world.alice, "stats", title="miss you already")

    assert not shown.ephemeral
    found = fields(shown)
    assert "5 sheep ██████████ 1" in found["Readers 4.0 · 3 votes"]
    assert "1 sheep ██████████ 1" in found["Readers everywhere 3.2 · 4 votes"]
    weeks = next(value for name, value in found.items() if name.startswith("Votes here by week"))
    assert weeks.split("\n")[1:3] == ["13 Nov ██████████ 1 · 5.0", "20 Nov ░░░░░░░░░░ 0"]
    assert weeks.split("\n")[-3:-1] == ["22 Jan ██████████ 1 · 4.0", "29 Jan ██████████ 1 · 3.0"]
    assert "The flock and the critic agree." in said(shown)
    assert offers(shown, "Full review")
    elsewhere = await world.ask(world.stranger, "stats", title="miss you already")
    assert "Readers 1.0 · 1 vote" in said(elsewhere)
    assert "by week" not in said(elsewhere)


async def test_a_title_that_is_not_clear_is_asked_about_privately(world: World) -> None:
    asked = await world.ask(world.alice, "stats", title="suspiria")

    assert asked.ephemeral
    chosen = next(value for label, value in options(asked).items() if "1977" in label)
    shown = answered(await world.alice.select(asked, [chosen]))
    assert "1977" in str(shown.embeds[0].title)
    assert "Be the first to give sheep" in said(shown)
    offered = await world.alice.autocomplete(world.channel, "stats", "title", "miss y")
    assert offered == [{"name": "Miss You Already (2015)", "value": "miss-you-already"}]


@pytest.mark.parametrize("results", ["after-voting", "after-closing"])
async def test_hidden_results_are_told_by_no_number_of_the_film(world: World, results: str) -> None:
    await world.votes_on("miss you already", [(world.bob, 5), (world.mod, 5)])
    there = await world.review(member=world.stranger)
    await world.give(world.stranger, there, 5)
    await world.bot.store.guilds.change(world.alice.guild.id, world.mod.id, "results", results)

    hidden = await world.ask(world.alice, "stats", title="miss you already")
    assert hidden.ephemeral
    assert "2 votes" in said(hidden)
    assert "5.0" not in said(hidden)
    assert "█" not in said(hidden)
    assert "kinder" not in said(hidden)

    voted = await world.ask(world.bob, "stats", title="miss you already")
    assert voted.ephemeral
    assert ("█" in said(voted)) == (results == "after-voting")
    assert not (await world.ask(world.stranger, "stats", title="miss you already")).ephemeral


async def test_a_server_in_numbers(world: World) -> None:
    crowd = world.crowd(9)
    for title, votes in (
        ("paddington 2", (5, 5, 5)),
        ("miss you already", (4, 4, 3)),
        ("seven samurai", (0, 0, 4, 4, 4, 4, 4, 4)),
        ("cats", (1, 1, 5)),
        ("moonlight", (5,)),
    ):
        await world.votes_on(title, [(member, sheep) for member, sheep in zip(crowd, votes, strict=False) if sheep])
    there = await world.review(member=world.stranger)
    await world.give(world.stranger, there, 1)

    shown = await world.ask(world.alice, "stats")

    assert not shown.ephemeral
    assert "16 votes on 5 films, 3.9 sheep on average." in said(shown)
    assert "Over the 5 films that both rated, this server gives 4.0 sheep and the critic" in said(shown)
    found = fields(shown)
    # (15 + 3 · 3) / 6, (11 + 9) / 6, (7 + 9) / 6: below 20 votes all are drawn to 3.0
    assert found["Most loved"].split("\n")[0] == "**1. Paddington 2 \\(2017\\)** 4.00 · 3 votes"
    assert found["Most fought over"].split("\n")[0].startswith("**1. Cats \\(2019\\)** ±")
    assert found["Most active"].split("\n") == [
        *("**1.** member0 · 4 votes", "**2.** member2 · 4 votes", "**3.** member1 · 3 votes"),
        *("**4.** member3 · 1 vote", "**5.** member4 · 1 vote"),
    ]
    assert "Moonlight" not in said(shown)

    world.alice.guild.remove_member(crowd[0])
    shown = await world.ask(world.alice, "stats")
    assert fields(shown)["Most active"].split("\n")[0] == "**1.** member2 · 4 votes"
    assert fields(shown)["Most active"].split("\n")[4] == "**5.** member5 · 1 vote"
    assert "1 vote on 1 film, 1.0 sheep" in said(await world.ask(world.stranger, "stats"))


async def test_a_server_without_votes_is_invited_to_vote(world: World) -> None:
    shown = await world.ask(world.alice, "stats")

    assert "Nobody has given any sheep here yet" in said(shown)
    assert not components(shown)


async def test_a_server_that_shows_results_after_closing_has_only_closed_films_in_its_numbers(world: World) -> None:
    crowd = world.crowd(3)
    await world.votes_on("cats", zip(crowd, (1, 1, 5), strict=True))
    await world.votes_on("paddington 2", zip(crowd, (5, 5, 5), strict=True))
    guild = world.alice.guild.id
    await world.bot.store.guilds.change(guild, world.mod.id, "results", "after-closing")
    assert "results show when the vote on a film is closed" in said(await world.ask(world.alice, "stats"))

    (cats,) = (title.review_id for title in world.bot.catalogue if title.title == "Cats")
    database = world.bot.store._database  # pyright: ignore[reportPrivateUsage] - as a manager's command does
    await database.transaction([("INSERT INTO closings VALUES ($1, $2, 1, 0)", (guild, cats))])
    world.bot.store.guilds.forget(guild)
    shown = said(await world.ask(world.alice, "stats"))
    assert "3 votes on 1 film" in shown
    assert "Cats" in shown
    assert "Paddington" not in shown
    assert "Only films whose vote is closed here." in shown
