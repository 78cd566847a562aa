"""``/import``: ratings from Letterboxd, looked through in private, then given as votes in one go."""

from __future__ import annotations

import io
import time
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import discord

from bot.errors import StoreError
from bot.moving import letterboxd
from bot.store.aside import Reason
from bot.ui import import_ids
from bot.ui.imports import NOT_FETCHED, NOTHING_WAITS, PAGE, UNDER_WAY
from tests.journeys.screens import answered, labelled, labels, offers, said, told
from tests.journeys.shelf import write_films, write_review
from tests.journeys.world import World, open_world
from tests.postgres import on_a_loop
from tests.store.tools import assert_tallies_are_true

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from simcord import InteractionResult, MemberActor, ResponseMessage

    from tests.store.tools import Engine

HEAD = "Date,Name,Year,Letterboxd URI,Rating\n"
OLD, AHEAD = "2020-02-03", "9999-12-31"


def csv(*rows: tuple[str, int | str, float | str], day: str = OLD) -> tuple[str, bytes]:
    """``ratings.csv`` with a name, a year and stars a row."""
    lines = (f'{day},"{name}",{year},https://boxd.it/x,{stars}\n' for name, year, stars in rows)
    return "ratings.csv", (HEAD + "".join(lines)).encode("utf-8-sig")


def packed(file: tuple[str, bytes]) -> tuple[str, bytes]:
    """A file as it is in the zip that Letterboxd exports."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("profile.csv", "Username\nsomeone\n")
        archive.writestr("reviews.csv", HEAD)
        archive.writestr(*file)
        archive.writestr("deleted/ratings.csv", HEAD)
    return "letterboxd-someone.zip", made.getvalue()


async def bring(world: World, member: MemberActor, file: tuple[str, bytes], **options: Any) -> ResponseMessage:
    """Use ``/import``; returns the private preview, which comes once the file is read."""
    return answered(await use(world, member, file, **options))


async def use(world: World, member: MemberActor, file: tuple[str, bytes], **options: Any) -> InteractionResult:
    """The same, whatever the answer is."""
    channel = world.channel if member.guild.id == world.alice.guild.id else world.elsewhere
    return await member.slash(channel, "import", file=file, **options)


def refusal(result: InteractionResult) -> str:
    """The one private sentence that a member is told, also where it took its time."""
    message = result.followups[-1] if result.followups else answered(result)
    assert message.ephemeral
    assert not message.embeds
    assert not message.components
    assert message.content
    return message.content


def mine(world: World, member: MemberActor) -> dict[str, int]:
    """A member's own votes in their server, by slug."""
    votes = world.kept().votes
    return {slug: n for (guild, slug, who), n in votes.items() if (guild, who) == (member.guild.id, member.id)}


async def test_a_member_looks_through_their_ratings_and_gives_them_in_one_go(world: World, engine: Engine) -> None:
    post = await world.review()
    await world.give(world.alice, post, 3)
    await world.give(world.alice, await world.review("moonlight"), 5)
    await world.give(world.bob, post, 4)
    ratings = csv(
        *(("Miss You Already", 2015, 3.5), ("amelie", 2001, 0.5), ("Cats", 2020, 1), ("Moonlight", 2016, 4.5)),
        *(("Suspiria", "", 3), ("Paddingtom 2", 2017, 5), ("Another Film", 2001, 4), ("1917", 2019, "six")),
        *(("Amélie", 2001, 0.5),),
    )

    preview = await bring(world, world.alice, packed(ratings))

    assert preview.ephemeral
    words = said(preview)
    assert "9 rows: 4 match reviews here, 1 is ambiguous, 2 are of films without a review here, 1 says" in words
    assert "1 could not be read." in words
    assert "★★★½ becomes 4 🐑 and ½ becomes 1 🐑" in words
    assert "*Import* gives 2 votes, 1 vote here is newer and stays, 1 is as it would be already." in words
    assert "*Le Fabuleux Destin d'Amélie Poulain* (2001) ½ → 1 🐑\n" in words
    assert "*Cats* (2019) ★ → 1 🐑" in words
    assert "Ambiguous: *Suspiria* ★★★, perhaps *Suspiria* (1977) or *Suspiria* (2018)" in words
    assert labels(preview) == ["Import", "Override newer votes too", "Discard"]
    assert mine(world, world.alice) == {"miss-you-already": 3, "moonlight-2016": 5}

    done = await world.press(world.alice, preview, "Import")
    await world.later()

    assert "2 votes were given, 1 vote here is newer and stays, 1 is as it would be already." in said(done)
    assert done.id == preview.id
    assert labels(done) == []
    given = {"miss-you-already": 3, "moonlight-2016": 5, "amelie-2001": 1, "cats-2019": 1}
    assert mine(world, world.alice) == given
    assert not world.everything()["imports"]
    on_a_loop(lambda: assert_tallies_are_true(engine))
    days = {row[4] for row in world.everything()["votes"] if row[3] == 1}
    assert days == {datetime(2020, 2, 3, 12, tzinfo=UTC).timestamp()}
    board = said(await world.ask(world.bob, "toprated", sort="rising", min_votes=1))
    assert "Miss You Already" in board
    assert "Cats" not in board


async def test_newer_votes_give_way_where_the_member_says_so_and_posts_follow(world: World, engine: Engine) -> None:
    post = await world.review()
    await world.give(world.alice, post, 3)
    file = csv(("Miss You Already", 2015, 5))

    preview = await bring(world, world.alice, file)
    assert "*Import* gives 0 votes, 1 vote here is newer and stays." in said(preview)
    assert labelled(preview, "Import")["disabled"]
    preview = await world.press(world.alice, preview, "Override newer votes too")
    assert "★★★★★ → 5 🐑 (you gave 3)" in said(preview)
    preview = await world.press(world.alice, preview, "Keep newer votes")
    assert "gives 0 votes" in said(preview)
    preview = await bring(world, world.alice, file, override=True)
    assert "Import* gives 1 vote." in said(preview)
    done = await world.press(world.alice, preview, "Import")
    await world.later()

    assert "1 vote was given." in said(done)
    assert mine(world, world.alice) == {"miss-you-already": 5}
    assert "Readers 5.0 · 1 vote" in said(post)
    on_a_loop(lambda: assert_tallies_are_true(engine))
    again = await bring(world, world.alice, file, override=True)
    assert "gives 0 votes, 1 is as it would be already." in said(again)


async def test_what_waits_survives_a_restart_and_belongs_to_its_member_its_server_and_its_file(world: World) -> None:
    first = await bring(world, world.alice, csv(("Cats", 2019, 2)))
    await bring(world, world.bob, csv(("Moonlight", 2016, 4)))
    preview = await bring(world, world.alice, csv(("Miss You Already", 2015, 4)))
    public = await world.review()
    give = labelled(preview, "Import")["custom_id"]
    number = int(give.split(":")[2])
    made = (import_ids.GiveRatings(number, 1), import_ids.RatingsPage(number, 0), import_ids.DropRatings(number))

    await world.restart()
    for control in made:  # Bob has another file waiting, the others none
        for member in (world.bob, world.mod, world.alice_elsewhere):
            for message in (preview, public):
                result = await world.forge(member, {"custom_id": control.pack()}, message)
                assert refusal(result) == NOTHING_WAITS
    for label in ("Import", "Discard"):
        assert refusal(await world.alice.click(first, custom_id=labelled(first, label)["custom_id"])) == NOTHING_WAITS
    assert world.kept().votes == {}
    assert len(world.everything()["imports"]) == 2

    done = await world.forge(world.alice, {"custom_id": give}, public)  # forged onto what everyone sees
    assert "1 vote was given." in said(answered(done))
    assert answered(done).ephemeral
    assert "given" not in said(public)
    assert "4.0 · 1 vote" in said(public)
    assert refusal(await world.forge(world.alice, {"custom_id": give}, preview)) == NOTHING_WAITS
    assert mine(world, world.alice) == {"miss-you-already": 4}

    there = await bring(world, world.alice_elsewhere, csv(("Miss You Already", 2015, 2)))
    assert "(you gave" not in said(there)
    await world.press(world.alice_elsewhere, there, "Import")
    assert mine(world, world.alice_elsewhere) == {"miss-you-already": 2}
    assert mine(world, world.alice) == {"miss-you-already": 4}


async def test_what_waits_is_discarded_by_its_member_and_forgotten_after_a_day(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    preview = await bring(world, world.alice, csv(("Cats", 2019, 2)))
    assert "nothing was given" in said(await world.press(world.alice, preview, "Discard"))
    assert not world.everything()["imports"]

    preview = await bring(world, world.alice, csv(("Cats", 2019, 2)))
    monkeypatch.setattr("bot.store.imports.KEPT", 0)
    assert "send the file again" in refusal(await world.alice.click(preview, label="Import"))
    await world.later(3_700)
    assert not world.everything()["imports"]
    assert world.kept().votes == {}


async def test_pressed_twice_at_once_it_is_given_once(world: World, engine: Engine) -> None:
    preview = await bring(world, world.alice, csv(("Cats", 2019, 2), ("1917", 2019, 5)))
    give = labelled(preview, "Import")["custom_id"]

    results = [world.send(world.alice, {"custom_id": give}, on=preview) for _ in range(3)]
    await world.env.settle()

    assert mine(world, world.alice) == {"cats-2019": 2, "1917-2019": 5}
    sentences = [followup.content for result in results for followup in result.followups]
    assert len(sentences) == 2
    assert set(sentences) <= {NOTHING_WAITS, UNDER_WAY}
    assert "2 votes were given." in said(preview)
    on_a_loop(lambda: assert_tallies_are_true(engine))


async def test_whoever_may_not_vote_cannot_import_and_closed_films_are_left_out(world: World) -> None:
    file = csv(("Cats", 2019, 2), ("1917", 2019, 5))
    preview = await bring(world, world.alice, file)
    await world.ask(world.manager, "sheep close", title="cats")

    assert "1 film is closed" in said(await bring(world, world.bob, file))
    done = await world.press(world.alice, preview, "Import")
    assert "1 vote was given, 1 film is closed." in said(done)
    assert mine(world, world.alice) == {"1917-2019": 5}

    preview = await bring(world, world.bob, file)
    world.errors_are_expected = True  # SimCord takes a refused command for one
    await world.ask(world.mod, "sheepmod block", member=world.bob)
    for result in (await use(world, world.bob, file), await world.bob.click(preview, label="Import")):
        assert "blocked you" in told(result)
    await world.bot.store.aside.lay(world.mod.guild.id, world.mod.id, Reason.VOIDED, world.manager.id)
    assert "set your votes aside" in told(await use(world, world.mod, file))
    await world.bot.store.guilds.change(world.alice.guild.id, world.manager.id, "min_account_days", 36_500)
    assert "too young" in told(await use(world, world.alice, file))
    assert mine(world, world.bob) == {}


async def test_what_is_no_export_is_refused_in_one_sentence(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, data, why in (
        ("ratings.csv", b"\x00\x01\x02", "no column Date"),
        ("photo.png", b"\x89PNG\r\n", "no text in UTF-8"),
        ("x.zip", packed(("a.csv", b"x"))[1][:-40], "damaged"),
        ("x.zip", b"PK\x05\x06" + bytes(18), "no `ratings.csv`"),
    ):
        assert why in refusal(await use(world, world.alice, (name, data)))
    nothing = await bring(world, world.alice, csv(("Paddingtom", 2017, 5)))
    assert "1 row: 0 match reviews here, 1 is of a film without a review here. So nothing" in said(nothing)
    assert not nothing.components
    monkeypatch.setattr(letterboxd, "MAX_FILE", 50)
    assert "larger than" in told(await use(world, world.alice, csv(("Cats", 2019, 2))))
    monkeypatch.undo()

    async def gone(*_: object, **__: object) -> bytes:
        raise TimeoutError

    world.errors_are_expected = True
    monkeypatch.setattr(discord.Attachment, "read", gone)
    assert NOT_FETCHED in refusal(await use(world, world.alice, csv(("Cats", 2019, 2))))
    assert not world.everything()["imports"]


async def test_much_is_looked_through_in_pages_and_goes_on_where_the_database_broke_off(
    engine: Engine, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_films(shelf, 25)
    for year in (1990, 1992):
        write_review(shelf, f"twin-{year}", title="Twin *Film* [x](https://e.vil) @everyone", year=year)
    films = [(f"Film {n:02}", 2000 + n, 1 + n % 5) for n in range(1, 26)]
    twins = [("Twin *Film* [x](https://e.vil) @everyone", "", 4)]
    monkeypatch.setattr("bot.store.imports.BATCH", 10)
    async with open_world(engine, shelf) as world:
        preview = await bring(world, world.alice, csv(*films, *twins, day=AHEAD))
        assert "Page 1 of 3." in said(preview)
        assert said(preview).count("→") == PAGE
        second = await world.press(world.alice, preview, "Next")
        third = await world.press(world.alice, second, "Next")
        assert said(third).count("→") == 5
        assert said(third).count("Ambiguous: *Twin") == 1
        assert not offers(third, "Next")
        third = await world.press(world.alice, third, "Previous")
        assert "Page 2 of 3." in said(third)

        world.errors_are_expected = True
        give = world.bot.store.imports.give
        batches = iter([give, None, give, give, give])

        async def breaking_off(*args: Any, **options: Any) -> list[int] | None:
            verb = next(batches)
            if verb is None:
                raise StoreError from OSError("the disk is full")
            return await verb(*args, **options)

        monkeypatch.setattr(world.bot.store.imports, "give", breaking_off)
        broken = await world.alice.click(third, custom_id=labelled(third, "Import")["custom_id"])
        assert "10 votes were given until then; press *Import* again" in refusal(broken)
        assert len(mine(world, world.alice)) == 10
        done = await world.press(world.alice, third, "Import")
        assert "15 votes were given, 10 are as they would be already." in said(done)
        assert mine(world, world.alice) == {f"film-{n:02}": 1 + n % 5 for n in range(1, 26)}
        assert all(row[4] <= row[5] <= time.time() for row in world.everything()["votes"])
        on_a_loop(lambda: assert_tallies_are_true(engine))
