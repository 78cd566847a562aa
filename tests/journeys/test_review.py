"""Finding a film and reading its review."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.screens import LINK, PRIMARY, answered, buttons, components, fields, labelled, offers, options, said
from tests.journeys.shelf import write_films, write_review
from tests.journeys.world import open_world

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journeys.world import World
    from tests.store.tools import Engine

EXCERPT = "I brought a hard heart to *Miss You Already*."
LONG = (
    "Those Magnificent Men in Their Flying Machines, or How I Flew from London to Paris in 25 Hours 11 Minutes (1965)"
)


async def test_titles_with_their_years_are_offered_while_a_member_types(world: World) -> None:
    offered = await world.alice.autocomplete(world.channel, "review", "title", "miss y")

    assert offered == [{"name": "Miss You Already (2015)", "value": "miss-you-already"}]
    post = await world.review(offered[0]["value"])
    assert "Miss You Already" in said(post)


async def test_the_whole_shelf_is_offered_before_anything_is_typed(world: World) -> None:
    offered = await world.alice.autocomplete(world.channel, "review", "title", "")

    assert len(offered) == 12
    assert [choice["name"] for choice in offered[:3]] == ["1917 (2019)", "A Separation (2011)", "Cats (2019)"]


async def test_no_more_than_25_titles_are_offered(engine: Engine, shelf: Path) -> None:
    write_films(shelf, 40)
    async with open_world(engine, shelf) as world:
        for typed in ("", "film"):
            assert len(await world.alice.autocomplete(world.channel, "review", "title", typed)) == 25


async def test_a_title_too_long_to_be_offered_whole_is_cut_and_still_finds_its_film(world: World) -> None:
    (offered,) = await world.alice.autocomplete(world.channel, "review", "title", "those magnificent men")

    assert offered["name"].startswith("Those Magnificent Men in Their Flying Machines, or How I Flew")
    assert offered["name"].endswith("… (1965)")
    assert len(offered["name"]) <= 100
    assert said(await world.review(offered["value"])).split("\n")[1].replace("\\", "") == LONG


SPELLINGS = (
    ("miss you already", "Miss You Already (2015)"),
    ("  MISS   you ALREADY!! ", "Miss You Already (2015)"),
    ("mis you alredy", "Miss You Already (2015)"),
    ("miss-you-already", "Miss You Already (2015)"),
    ("amelie", "Le Fabuleux Destin d'Amélie Poulain (2001)"),
    ("1917", "1917 (2019)"),
    ("suspiria (2018)", "Suspiria (2018)"),
    ("七人の侍", "七人の侍 (1954)"),
    ("seven samurai", "七人の侍 (1954)"),
    ("sevn samuria", "七人の侍 (1954)"),
    ("جدایی نادر از سیمین", "A Separation (2011)"),
)


async def test_a_film_is_found_however_its_title_is_spelt(world: World) -> None:
    for typed, title in SPELLINGS:
        post = await world.review(typed)

        assert not post.ephemeral, typed
        assert str(post.embeds[0].title).replace("\\", "") == title


async def test_a_title_of_two_films_is_asked_about_privately_and_the_choice_is_posted_for_all(world: World) -> None:
    asked = await world.review("suspiria")

    assert asked.ephemeral
    assert "Which film do you mean by “suspiria”?" in said(asked)
    assert list(options(asked)) == ["Suspiria (1977)", "Suspiria (2018)"]
    post = answered(await world.alice.select(asked, [options(asked)["Suspiria (2018)"]]))
    assert not post.ephemeral
    assert "Luca Guadagnino" in said(post)
    assert "You gave *Suspiria*" in said(await world.give(world.bob, post, 3))
    await world.later()
    assert "Readers 3.0 · 1 vote" in said(post)


async def test_a_title_like_none_is_answered_privately_with_the_three_that_come_closest(world: World) -> None:
    asked = await world.review("zzzz qqqq")

    assert asked.ephemeral
    assert "I have no review of “zzzz qqqq”" in said(asked)
    assert len(options(asked)) == 3
    post = answered(await world.alice.select(asked, [next(iter(options(asked).values()))]))
    assert not post.ephemeral


async def test_an_empty_shelf_is_said_to_be_empty_in_every_command(engine: Engine, shelf: Path) -> None:
    async with open_world(engine, shelf) as world:
        for command, typed in (("review", {"title": "cats"}), ("random", {})):
            answer = await world.ask(world.alice, command, **typed)
            assert answer.ephemeral
            assert "no review on the shelf yet" in said(answer)
            assert not components(answer)
        assert await world.alice.autocomplete(world.channel, "review", "title", "c") == []


async def test_the_post_shows_every_part_of_the_review(world: World) -> None:
    post = await world.review()

    (embed,) = post.embeds
    assert str(embed.title).replace("\\", "") == "Miss You Already (2015)"
    assert embed.url == "https://blacksheepreviews.com/miss-you-already-tiff15-review/"
    assert str(embed.description).startswith("> *You and your scars are beautiful.*\n> — Ace\n\n" + EXCERPT)
    assert "Jess has a houseboat" not in str(embed.description)
    assert "Full review" in str(embed.description)
    assert list(fields(post).items())[:3] == [
        ("Written by", "Morwenna Banks"),
        ("Directed by", "Catherine Hardwicke"),
        ("Starring", "Toni Collette, Drew Barrymore and Dominic Cooper"),
    ]
    assert fields(post)["Critic"] == "🐑🐑🐑🐑 4 of 5"
    assert fields(post)["Readers No votes yet"] == "Be the first to give sheep."
    assert embed.footer.text == "Your turn! How many sheep would you give Miss You Already?"


async def test_five_sheep_stand_in_one_row_and_everything_else_in_the_next(world: World) -> None:
    post = await world.review()

    assert buttons(post) == [
        ["1", "2", "3", "4", "5"],
        ["Share your thoughts", "Thoughts (0)", "Results", "Full review", "On the web"],
    ]
    assert {(c["style"], c["emoji"]["name"]) for c in post.components[0]["components"]} == {(PRIMARY, "🐑")}
    link = labelled(post, "On the web")
    assert (link["style"], link["url"]) == (LINK, "https://blacksheepreviews.com/miss-you-already-tiff15-review/")


async def test_a_review_that_gives_the_ending_away_is_not_quoted_in_the_post(world: World) -> None:
    post = await world.review("a separation")

    assert "gives away the ending" in said(post)
    for secret in ("last scene", "Simin", "miscarriage"):
        assert secret not in said(post)
    assert "last scene" in said(await world.press(world.alice, post, "Full review"))


async def test_a_review_with_nothing_but_a_title_and_a_text_is_posted_without_the_rest(
    engine: Engine, shelf: Path
) -> None:
    write_review(shelf, "bare", title="Bare")
    async with open_world(engine, shelf) as world:
        post = await world.review("bare")

        assert post.embeds[0].title == "Bare"
        assert post.embeds[0].url is None
        assert post.embeds[0].description == "It was a film."
        assert list(fields(post)) == ["Readers No votes yet"]
        assert buttons(post)[1] == ["Share your thoughts", "Thoughts (0)", "Results", "Full review"]
        assert "It was a film." in said(await world.press(world.alice, post, "Full review"))
        assert "Readers No votes yet" in said(await world.press(world.alice, post, "Results"))


async def test_random_posts_any_film_of_the_shelf_ready_to_be_voted_on(world: World) -> None:
    posts = [await world.ask(world.alice, "random") for _ in range(12)]

    assert not any(post.ephemeral for post in posts)
    assert len({post.embeds[0].title for post in posts}) > 1
    assert "You gave" in said(await world.give(world.bob, posts[0], 2))
    await world.later()
    assert "Readers 2.0 · 1 vote" in said(posts[0])


async def test_the_full_review_is_read_privately_page_by_page_and_no_word_is_lost(engine: Engine, shelf: Path) -> None:
    paragraphs = [" ".join(f"word{number}" for number in range(start, start + 90)) for start in range(0, 1800, 90)]
    write_review(shelf, "long", "\n\n".join(paragraphs), title="Long", critic="Ann Other", published="2015-09-12")
    async with open_world(engine, shelf) as world:
        post = await world.review("long")
        page = await world.press(world.bob, post, "Full review")
        assert page.ephemeral
        assert "by Ann Other · 2015-09-12 · page 1 of" in said(page)
        read = [str(page.embeds[0].description)]
        while offers(page, "Next"):
            again = await world.press(world.bob, page, "Next")
            assert again.id == page.id
            read.append(str(page.embeds[0].description))

        assert len(read) > 2
        assert " ".join(read).split() == " ".join(paragraphs).split()
        for earlier in reversed(read[:-1]):
            await world.press(world.bob, page, "Previous")
            assert page.embeds[0].description == earlier
        assert not offers(page, "Previous")


async def test_results_show_the_spread_of_the_votes_with_the_critic_beside_the_flock(world: World) -> None:
    post = await world.votes_on("miss you already", zip(world.crowd(4), (5, 5, 4, 1), strict=True))

    results = await world.press(world.alice, post, "Results")

    assert results.ephemeral
    assert "The flock is 0.2 sheep harder than the critic." in said(results)
    assert fields(results)["Critic"] == "🐑🐑🐑🐑 4 of 5"
    assert fields(results)["Readers 3.8 · 4 votes"] == (
        "```\n5 sheep ██████████ 2\n4 sheep █████░░░░░ 1\n3 sheep ░░░░░░░░░░ 0\n"
        "2 sheep ░░░░░░░░░░ 0\n1 sheep █████░░░░░ 1\n```"
    )


@pytest.mark.parametrize(("given", "verdict"), [(5, "1.0 sheep kinder"), (4, "agree"), (2, "2.0 sheep harder")])
async def test_results_say_how_the_flock_stands_to_the_critic(world: World, given: int, verdict: str) -> None:
    post = await world.votes_on("miss you already", [(world.bob, given)])

    assert verdict in said(await world.press(world.alice, post, "Results"))
