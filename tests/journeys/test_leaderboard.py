"""``/toprated``: what a server loves, page by page."""

from __future__ import annotations

import contextlib
import re
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.screens import answered, components, labelled, offers, said, told
from tests.journeys.shelf import write_films, write_review
from tests.journeys.world import open_world
from tests.store.tools import Clock

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from simcord import MemberActor, ResponseMessage

    from tests.journeys.world import World
    from tests.store.tools import Engine


def ranks(board: ResponseMessage) -> dict[int, str]:
    """The films of a board's page by their ranks."""
    found = re.findall(r"\*\*(\d+)\. (.+?)(?: \\\(\d{4}\\\))?\*\*", str(board.embeds[0].description))
    return {int(rank): title for rank, title in found}


async def test_a_server_without_votes_is_invited_to_vote(world: World) -> None:
    board = await world.ask(world.alice, "toprated")

    assert not board.ephemeral
    assert "No film here has 3 votes yet" in said(board)
    assert "`/review` a film" in said(board)
    assert not components(board)


@pytest.mark.parametrize(
    ("options", "order"),
    [
        ({}, ["Paddington 2", "Miss You Already", "1917", "Cats"]),
        ({"sort": "top"}, ["Paddington 2", "Miss You Already", "1917", "Cats"]),
        ({"sort": "lowest"}, ["Cats", "1917", "Miss You Already", "Paddington 2"]),
        ({"sort": "most-voted"}, ["1917", "Paddington 2", "Miss You Already", "Cats"]),
        ({"min_votes": 4}, ["Paddington 2", "1917"]),
        ({"min_votes": 1}, ["Paddington 2", "Moonlight", "Miss You Already", "1917", "Cats"]),
        ({"min_votes": 6}, []),
    ],
)
async def test_films_stand_in_the_order_asked_for_with_as_many_votes_as_asked_for(
    world: World, options: dict[str, str | int], order: list[str]
) -> None:
    crowd = world.crowd(5)
    for title, votes in (
        ("paddington 2", (5, 5, 5, 5)),
        ("miss you already", (4, 4, 4)),
        ("1917", (3, 3, 3, 3, 3)),
        ("cats", (1, 1, 1)),
        ("moonlight", (5, 5)),
    ):
        await world.votes_on(title, zip(crowd, votes, strict=False))

    board = await world.ask(world.alice, "toprated", **options)

    assert list(ranks(board).values()) == order
    assert list(ranks(board)) == list(range(1, len(order) + 1))


async def test_a_place_shows_score_mean_votes_and_critic_and_the_footer_the_formula(world: World) -> None:
    await world.votes_on("miss you already", zip(world.crowd(3), (5, 4, 4), strict=True))

    board = said(await world.ask(world.alice, "toprated"))

    # (5 + 4 + 4 + 3 · 3.0) / (3 + 3)
    assert "score 3.67 · mean 4.3 · 3 votes · critic 4" in board
    assert "the mean with 3 more votes at 3.0 added" in board
    assert "At least 3 votes" in board


async def test_votes_that_changed_change_the_board(world: World) -> None:
    crowd = world.crowd(3)
    await world.votes_on("cats", zip(crowd, (5, 5, 5), strict=True))
    post = await world.votes_on("1917", zip(crowd, (4, 4, 4), strict=True))
    assert list(ranks(await world.ask(world.alice, "toprated")).values()) == ["Cats", "1917"]

    await world.votes_on("cats", zip(crowd, (1, 1, 1), strict=True))
    await world.press(crowd[0], await world.give(crowd[0], post, 4), "Remove my vote")

    assert list(ranks(await world.ask(world.alice, "toprated")).values()) == ["Cats"]


async def test_the_asker_turns_the_public_pages_and_every_film_stands_once(engine: Engine, shelf: Path) -> None:
    async with _many_films(engine, shelf, 23) as world:
        board = await world.ask(world.alice, "toprated", min_votes=1)
        read = [ranks(board)]
        assert "Page 1 of 3" in said(board)
        while offers(board, "Next"):
            assert (await world.press(world.alice, board, "Next")).id == board.id
            read.append(ranks(board))

        assert list(map(len, read)) == [10, 10, 3]
        assert [rank for page in read for rank in page] == list(range(1, 24))
        assert {title for page in read for title in page.values()} == {f"Film {n:02}" for n in range(1, 24)}
        for earlier in (read[1], read[0]):
            await world.press(world.alice, board, "Previous")
            assert ranks(board) == earlier
        assert not offers(board, "Previous")
        assert not board.ephemeral


async def test_another_member_turns_a_private_copy_and_the_public_page_stays(engine: Engine, shelf: Path) -> None:
    async with _many_films(engine, shelf, 23) as world:
        board = await world.ask(world.alice, "toprated", sort="lowest", min_votes=1)
        before = said(board)

        copy = await world.press(world.bob, board, "Next")
        assert copy.ephemeral
        assert min(ranks(copy)) == 11
        again = await world.press(world.bob, copy, "Next")
        assert again.id == copy.id
        assert min(ranks(copy)) == 21
        assert said(board) == before

        await world.press(world.alice, board, "Next")
        assert min(ranks(board)) == 11
        assert labelled(board, "Previous")
        assert min(ranks(copy)) == 21


async def test_a_page_of_the_board_that_is_empty_by_now_turns_to_one_that_is_not(engine: Engine, shelf: Path) -> None:
    async with _many_films(engine, shelf, 11) as world:
        board = await world.ask(world.alice, "toprated", min_votes=1)
        mine = await world.give(world.alice, await world.review("Film 01"), 3)
        await world.press(world.alice, mine, "Remove my vote")

        await world.press(world.alice, board, "Next")

        assert len(ranks(board)) == 10
        assert min(ranks(board)) == 1


async def test_a_board_counts_the_votes_of_a_period_of_this_server_or_of_all(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, crowd = Clock(), world.crowd(4)
    monkeypatch.setattr("bot.store.votes.time", clock)
    for days, title, votes in (
        (400, "moonlight", (5, 5, 5, 5)),
        (40, "cats", (1, 5, 1, 5)),
        (10, "1917", (3, 3, 3, 4)),
        (1, "paddington 2", (4, 4, 4)),
    ):
        clock.now = int(time.time()) - days * 86_400
        await world.votes_on(title, zip(crowd, votes, strict=False))
    there = await world.review("suspiria 1977", member=world.stranger)
    for member in (world.stranger, world.alice_elsewhere, world.manager_elsewhere):
        await world.give(member, there, 5)

    async def read(member: MemberActor = world.alice, **options: str | int) -> tuple[str, list[str]]:
        board = await world.ask(member, "toprated", **options)
        return str(board.embeds[0].title), list(ranks(board).values())

    assert await read(period="week") == ("🐑 What this server loves · last 7 days", ["Paddington 2"])
    assert await read(period="month") == ("🐑 What this server loves · last 30 days", ["Paddington 2", "1917"])
    assert (await read(period="year"))[1] == ["Paddington 2", "1917", "Cats"]
    assert await read(sort="rising") == (
        "🐑 Rising in this server · last 14 days",
        ["1917", "Paddington 2"],
    )
    assert (await read(sort="rising", period="year"))[1] == ["1917", "Paddington 2", "Cats"]
    assert await read(sort="divisive") == (
        "🐑 What divides this server",
        ["Cats", "1917", "Paddington 2", "Moonlight"],
    )
    assert (await read(sort="critic-gap"))[0] == "🐑 Where this server and the critic disagree"
    assert await read(scope="everywhere", period="month") == (
        "🐑 What the whole flock loves · all servers · last 30 days",
        ["Suspiria", "Paddington 2", "1917"],
    )
    assert (await read(world.stranger))[1] == ["Suspiria"]
    assert await read(world.stranger, period="week", min_votes=4) == ("🐑 What this server loves · last 7 days", [])
    assert "`period` all" in said(await world.ask(world.stranger, "toprated", period="week", min_votes=4))


async def test_the_numbers_of_a_board_fit_its_sort_and_its_formula_the_servers_settings(world: World) -> None:
    await world.votes_on("cats", zip(world.crowd(4), (1, 5, 1, 5), strict=True))
    here = world.alice.guild.id
    for name, value in (("weight", 1.0), ("min_votes", 4)):
        await world.bot.store.guilds.change(here, world.manager.id, name, value)

    board = said(await world.ask(world.alice, "toprated"))
    assert "score 3.00 · mean 3.0 · 4 votes · critic 1" in board
    assert "Score: the mean with 1 more vote at 3.0 added. At least 4 votes." in board
    board = said(await world.ask(world.alice, "toprated", sort="divisive"))
    assert "±2.06 around 3.0 · 4 votes (2-0-0-0-2) · critic 1" in board  # √((16 + 1) / (3 + 1))
    assert "the standard deviation with 1 more vote added that differ as is usual here (±1.00)" in board
    board = said(await world.ask(world.alice, "toprated", sort="critic-gap"))
    assert "flock 3.0, critic 1: 2.0 kinder · 4 votes" in board
    board = said(await world.ask(world.alice, "toprated", sort="rising"))
    assert "12 sheep lately · mean 3.0 · 4 votes" in board

    await world.bot.store.guilds.change(here, world.manager.id, "results", "after-voting")
    assert "(2-0-0-0-2)" not in said(await world.ask(world.alice, "toprated", sort="divisive"))


async def test_a_board_is_narrowed_by_what_is_offered_or_typed_and_stays_so_from_page_to_page(
    engine: Engine, shelf: Path
) -> None:
    for number in range(1, 28):
        labels: dict[str, Any] = {
            "genres": ["Drama"] if number % 2 else ["drama", "Comedy"] if number > 3 else [],
            "directed_by": ["Agnès Varda" if number < 14 else "Jacques Demy"],
            "critic": "Ann Other" if number % 3 else "A. Nother",
        }
        name = f"film-{number:02}"
        write_review(shelf, name, title=f"Film {number:02}", year=1985 + number % 15, **labels)
    async with open_world(engine, shelf) as world:
        for number in range(1, 28):
            await world.votes_on(f"Film {number:02}", [(world.alice, 4)])

        async def offered(option: str, typed: str) -> list[str]:
            found = await world.alice.autocomplete(world.channel, "toprated", option, typed)
            assert all(len(choice["name"]) <= 100 and len(choice["value"]) <= 100 for choice in found)
            return [choice["name"] for choice in found]

        assert await offered("genre", "") == ["Comedy", "Drama"]
        assert await offered("genre", "dra") == ["Drama"]
        assert await offered("director", "var") == await offered("director", "agnes") == ["Agnès Varda"]
        assert await offered("critic", "other")
        assert await offered("decade", "") == ["1990s", "1980s"]
        assert await offered("decade", "198") == ["1980s"]

        # All spellings of a label are one, on every page, for who asked and for others, and after a restart.
        board = await world.ask(world.alice, "toprated", genre="DRAMA", min_votes=1)
        assert board.embeds[0].title == "🐑 What this server loves · Drama"
        assert "Page 1 of 3" in said(board)
        copy = await world.press(world.bob, board, "Next")
        assert copy.ephemeral
        assert copy.embeds[0].title == board.embeds[0].title
        await world.restart()
        read = list(ranks(board).values())
        while offers(board, "Next"):
            await world.press(world.alice, board, "Next")
            read += ranks(board).values()
        assert read == [f"Film {n:02}" for n in range(1, 28) if n != 2]

        board = await world.ask(
            world.alice,
            "toprated",
            director="agnes varda",
            genre="comdy",
            decade="90s",
            critic="Ann Other",
            min_votes=1,
        )
        assert str(board.embeds[0].title).endswith("· Comedy · directed by Agnès Varda · reviewed by Ann Other · 1990s")
        assert list(ranks(board).values()) == ["Film 08", "Film 10"]
        empty = said(await world.ask(world.alice, "toprated", director="demy", decade="1985", min_votes=2))
        assert "Leave a filter away" in empty

        world.errors_are_expected = True  # each of these is told
        for options, nearest in (
            ({"genre": "zzz"}, "no genre “zzz”; what comes closest here: "),
            ({"critic": "nobody at all"}, "A. Nother"),
            ({"critic": "*other"}, "“\\*other”; what comes closest here: A. Nother and Ann Other"),
            ({"decade": "1950"}, "1980s and 1990s"),
            ({"decade": "<@1>"}, "1990s and 1980s"),
        ):
            sentence = told(await world.alice.slash(world.channel, "toprated", **options))
            assert nearest in sentence
            assert sentence.count(". ") == ("A. " in sentence)

        # Nothing that no board of ours names is taken, and what former boards named still is.
        label = labelled(copy, "Next")["custom_id"].split(":")[6]
        for forged in (f"{label}:0:0:0:0", "0:0:0:1990:0"):
            answer = await world.forge(world.bob, {"custom_id": f"sheep1:boards:top:all:server:1:{forged}"}, board)
            assert answered(answer).embeds
        for forged in (f"0:{label}:0:0:0", f"0:0:{label}:0:0", "9999999999:0:0:0:0", f"{label}:0:0:1991:0", "0:0:0:0"):
            answer = await world.forge(world.bob, {"custom_id": f"sheep1:boards:top:all:server:1:{forged}"}, board)
            assert "I do not know this control any more" in told(answer), forged
        former = answered(await world.forge(world.bob, {"custom_id": "sheep1:board:most-voted:1:1"}, board))
        assert min(ranks(former)) == 11
        assert labelled(former, "Next")["custom_id"] == "sheep1:boards:most-voted:all:server:1:0:0:0:0:2"


async def test_labels_are_those_of_the_films_on_the_shelf_now(engine: Engine, shelf: Path) -> None:
    write_review(shelf, "one", genres=["Drama"], directed_by=["Agnès Varda"])
    write_review(shelf, "two", genres=["War"])
    async with open_world(engine, shelf) as world:
        for title in ("one", "two"):
            await world.votes_on(title, [(world.alice, 4)])
        board = await world.ask(world.alice, "toprated", genre="war", min_votes=1)
        control = {"custom_id": "sheep1:boards:top:all:server:1:{}:0:0:0:0"}
        war = {name: label_id for label_id, name in await engine.rows("SELECT id, name FROM labels")}["War"]

        write_review(shelf, "one", genres=["Comedy"], year=1999)
        (shelf / "two.md").unlink()
        await world.restart()

        for option, names in (("genre", ["Comedy"]), ("director", []), ("decade", ["1990s"])):
            found = await world.alice.autocomplete(world.channel, "toprated", option, "")
            assert [choice["name"] for choice in found] == names
        world.errors_are_expected = True  # each of these is told
        assert "what comes closest here: Comedy" in told(
            await world.alice.slash(world.channel, "toprated", genre="war")
        )
        assert "has any" in told(await world.alice.slash(world.channel, "toprated", director="varda"))
        # A board that was posted goes on to say what it shows, and that there is none such now.
        control["custom_id"] = control["custom_id"].format(war)
        left = answered(await world.forge(world.alice, control, board))
        assert left.embeds[0].title == "🐑 What this server loves · War"
        assert ranks(left) == {}


async def test_where_results_show_after_closing_boards_list_closed_films_only(world: World) -> None:
    crowd = world.crowd(3)
    for title, votes in (("cats", (1, 1, 2)), ("1917", (5, 5, 4))):
        await world.votes_on(title, zip(crowd, votes, strict=True))
    here, store = world.alice.guild.id, world.bot.store
    await store.guilds.change(here, world.manager.id, "results", "after-closing")

    for scope in ("server", "everywhere"):
        board = await world.ask(world.alice, "toprated", scope=scope)
        assert ranks(board) == {}
        assert "when the vote on a film is closed" in said(board)
    await world.ask(world.manager, "sheep close", title="cats")
    await world.ask(world.manager, "sheep close", title="1917", deadline="2h")

    for scope in ("server", "everywhere"):
        board = await world.ask(world.alice, "toprated", scope=scope)
        assert list(ranks(board).values()) == ["Cats"]
        assert "Only films whose vote is closed here." in said(board)
    assert ranks(await world.ask(world.stranger, "toprated", scope="everywhere")) == {1: "1917", 2: "Cats"}

    await world.later(2 * 3600 + 60)
    assert list(ranks(await world.ask(world.alice, "toprated")).values()) == ["1917", "Cats"]
    await world.ask(world.manager, "sheep reopen", title="1917")
    assert list(ranks(await world.ask(world.alice, "toprated")).values()) == ["Cats"]


@contextlib.asynccontextmanager
async def _many_films(engine: Engine, shelf: Path, count: int) -> AsyncGenerator[World]:
    """A world whose shelf has that many films, each with one vote by Alice."""
    write_films(shelf, count)
    async with open_world(engine, shelf) as world:
        for number in range(1, count + 1):
            await world.votes_on(f"Film {number:02}", [(world.alice, number % 5 + 1)])
        yield world
