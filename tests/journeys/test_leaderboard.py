"""``/toprated``: what a server loves, page by page."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

import pytest

from tests.journeys.screens import components, labelled, offers, said
from tests.journeys.shelf import write_films
from tests.journeys.world import open_world

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from simcord import ResponseMessage

    from tests.journeys.world import World
    from tests.store.tools import Engine


def ranks(board: ResponseMessage) -> dict[int, str]:
    """The films of a board's page by their ranks."""
    found = re.findall(r"\*\*(\d+)\. (.+?) \\\(\d{4}\\\)\*\*", str(board.embeds[0].description))
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


@contextlib.asynccontextmanager
async def _many_films(engine: Engine, shelf: Path, count: int) -> AsyncGenerator[World]:
    """A world whose shelf has that many films, each with one vote by Alice."""
    write_films(shelf, count)
    async with open_world(engine, shelf) as world:
        for number in range(1, count + 1):
            await world.votes_on(f"Film {number:02}", [(world.alice, number % 5 + 1)])
        yield world
