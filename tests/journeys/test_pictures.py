"""Boards and results as pictures: with words for who does not see them, and without where they cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import pytest

from bot.pictures import Pictures
from bot.rules import ShowResults
from tests.fonts import FOLDER
from tests.journeys.screens import said
from tests.journeys.shelf import write_films
from tests.journeys.world import open_world

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable
    from pathlib import Path

    from simcord import ResponseMessage

    from tests.journeys.world import World
    from tests.store.tools import Engine

PATIENT, IMPATIENT = 30.0, 0.0


@pytest.fixture
async def gallery(engine: Engine, shelf: Path) -> AsyncGenerator[World]:
    """A world whose bot draws, with eleven films on its board."""
    write_films(shelf, 11)
    async with open_world(engine, shelf) as world:
        world.bot.pictures = Pictures([FOLDER], patience=PATIENT)
        world.bot.pictures.look()
        for number in range(1, 12):
            await world.votes_on(f"Film {number:02}", [(world.alice, 5 if number == 3 else 4)])
        yield world


async def picture_of(message: ResponseMessage) -> tuple[str, bytes]:
    """What a message's one picture shows, in words and as PNG; it stands in the embed."""
    (file,) = message.attachments
    (embed,) = message.embeds
    assert file.content_type == "image/png"
    assert embed.image.url in {f"attachment://{file.filename}", file.url}
    assert file.description
    return file.description, await file.read()


def check_without(messages: Iterable[ResponseMessage]) -> None:
    """Fail where any message has a picture, or does not say what it would show."""
    for message in messages:
        assert not message.attachments
        assert message.embeds[0].image.url is None
        assert "Film 03" in said(message)


async def test_boards_and_results_come_with_a_picture_and_each_page_with_its_own(gallery: World) -> None:
    board = await gallery.ask(gallery.alice, "toprated", min_votes=1)
    words, first = await picture_of(board)
    assert words.startswith("What this server loves.\n1. Film 03 (")
    assert words.count("score") == 10
    assert "Film 03" in said(board), "the text stays beside it"

    copy = await gallery.press(gallery.bob, board, "Next")
    words, second = await picture_of(copy)
    assert words.startswith("What this server loves.\n11. Film 11 (")
    assert copy.ephemeral
    await gallery.press(gallery.bob, copy, "Previous")
    assert (await picture_of(copy))[1] == first
    await gallery.press(gallery.alice, board, "Next")
    assert (await picture_of(board))[1] == second

    results = await gallery.press(gallery.bob, await gallery.review("Film 03"), "Results")
    words, drawn = await picture_of(results)
    assert results.ephemeral
    assert "Readers: 5.0 · 1 vote. 5 sheep: 1, 4 sheep: 0" in words
    assert drawn not in {first, second}

    told_by_all = await gallery.ask(gallery.alice, "stats", title="Film 03")
    assert (await picture_of(told_by_all)) == (words, drawn), "nobody voted elsewhere or on another day"


async def test_a_picture_that_is_late_or_not_wanted_or_not_allowed_is_left_out(gallery: World) -> None:
    async def shown() -> list[ResponseMessage]:
        review = await gallery.review("Film 03")
        return [
            await gallery.ask(gallery.alice, "toprated", min_votes=1),
            await gallery.press(gallery.bob, review, "Results"),
        ]

    gallery.bot.pictures._patience = IMPATIENT  # pyright: ignore[reportPrivateUsage] - no wall time
    late = await shown()
    check_without(late)
    gallery.bot.pictures._patience = PATIENT  # pyright: ignore[reportPrivateUsage] - as above
    board, _ = await shown()
    await picture_of(board)

    await gallery.bot.store.guilds.change(gallery.alice.guild.id, gallery.mod.id, "pictures", 0)
    check_without(await shown())
    await gallery.press(gallery.alice, board, "Next")
    await gallery.press(gallery.alice, board, "Previous")
    check_without([board])
    await gallery.bot.store.guilds.change(gallery.alice.guild.id, gallery.mod.id, "pictures", 1)

    for results, hidden in ((ShowResults.AFTER_CLOSING, True), (ShowResults.ALWAYS, False)):
        await gallery.bot.store.guilds.change(gallery.alice.guild.id, gallery.mod.id, "results", results.value)
        shut = await gallery.press(gallery.bob, await gallery.review("Film 03"), "Results")
        assert (not shut.attachments) == hidden, "a picture tells nothing that the text does not"

    guild, backend = gallery.alice.guild, gallery.env.backend
    for role in backend.get_guild(guild.id).roles.values():
        kept = discord.Permissions(role.permissions)
        kept.update(attach_files=False, administrator=False)
        backend.edit_role(guild.id, role.id, {"permissions": kept.value})
    check_without(await shown())


async def test_a_picture_that_discord_refuses_is_left_out(gallery: World) -> None:
    gallery.env.inject_error("POST", "/interactions/*/callback", status=403, code=50013)

    check_without([await gallery.ask(gallery.alice, "toprated", min_votes=1)])
