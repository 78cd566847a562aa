"""Reporting thoughts, and what moderators make of them and of members; nobody else can."""

# ruff: noqa: RUF001 - look-alikes of ASCII are what members type

from __future__ import annotations

import csv
import io
import json
from functools import partial
from itertools import count
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import discord
import pytest
from simcord.enums import InteractionType

from bot.ui import moderation_ids as mod
from tests.journeys.screens import MENU, answered, components, form, labelled, labels, offers, said, told
from tests.store.tools import assert_tallies_are_true

if TYPE_CHECKING:
    from simcord import MemberActor, ResponseMessage

    from tests.journeys.world import World
    from tests.store.tools import Engine

pytestmark = pytest.mark.usefixtures("ticking")
TABLES = ("votes", "voided_votes", "thoughts", "reports", "restrictions", "words", "audit_log")


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock for the store that moves on by a second whenever it is read."""
    clock = SimpleNamespace(time=partial(next, count(1_800_000_000)))
    for module in ("votes", "moderation"):
        monkeypatch.setattr(f"bot.store.{module}.time", clock)


async def report(world: World, reporter: MemberActor, post: ResponseMessage, author: MemberActor) -> ResponseMessage:
    """Report an author's thought from the page of thoughts; returns the answer."""
    page = await world.press(reporter, post, "Thoughts (")
    return answered(await reporter.select(page, [str(author.id)]))


async def moderated(world: World, what: str, member: MemberActor | None = None) -> ResponseMessage:
    """Use a command of moderators."""
    options = {"member": member} if member else {}
    return answered(await world.mod.slash(world.channel, f"sheepmod {what}", **options))


async def page_of(world: World, reader: MemberActor, post: ResponseMessage) -> str:
    """What a reader sees of the thoughts on a film."""
    return said(await world.press(reader, post, "Thoughts ("))


async def test_a_reported_thought_is_judged_once_and_its_author_never_learns_by_whom(world: World) -> None:
    post = await world.review()
    await world.share(world.alice, post, "Nonsense about goats.", sheep="1")

    thanks = await report(world, world.bob, post, world.alice)
    assert thanks.ephemeral
    assert "Thank you. The moderators" in said(thanks)
    assert "already" in said(await report(world, world.bob, post, world.alice))
    await report(world, world.manager, post, world.alice)
    own = await world.press(world.alice, post, "Thoughts (")
    assert not [menu for menu in components(own) if menu["type"] == MENU]
    assert "Nonsense" in await page_of(world, world.bob, post)

    queue = await moderated(world, "queue")
    again = await moderated(world, "queue")
    assert queue.ephemeral
    assert "**alice**" in said(queue)
    assert "> Nonsense about goats." in said(queue)
    assert "🐑 1 sheep" in said(queue)
    assert "2 members reported it" in said(queue)
    assert "1 of 1 · Others see it" in said(queue)
    approved = await world.press(world.mod, queue, "Approve")
    assert "✓ Approved" in said(approved)
    assert "Nothing waits" in said(approved)

    assert "judged already" in said(await world.press(world.mod, again, "Remove"))
    assert "Nonsense" in await page_of(world, world.bob, post)
    assert "already" in said(await report(world, world.bob, post, world.alice))
    await world.share(world.alice, post, "Worse nonsense.")
    assert "Thank you" in said(await report(world, world.bob, post, world.alice))
    queue = await moderated(world, "queue")
    assert "1 member reported it" in said(queue)
    await world.press(world.mod, queue, "Remove")
    await world.later()
    assert labelled(post, "Thoughts (")["label"] == "Thoughts (0)"
    assert "nonsense" not in await page_of(world, world.bob, post)
    assert "a moderator removed it" in await page_of(world, world.alice, post)


async def test_a_removed_thought_waits_whenever_its_author_writes_it_anew_until_it_is_approved(world: World) -> None:
    post = await world.review()
    await world.share(world.alice, post, "First.")
    await report(world, world.bob, post, world.alice)
    await world.press(world.mod, await moderated(world, "queue"), "Remove")

    for body in ("Second.", "Third."):
        opened = await world.alice.click(post, label="Share your thoughts")
        assert form(opened)["body"]
        answer = answered(await world.alice.submit_modal(opened, {"body": body}))
        assert "A moderator of this server reads it" in said(answer)
    await world.press(world.alice, answer, "Delete mine")
    assert "A moderator" in said(await world.share(world.alice, post, "Fourth."))
    assert "Fourth" not in await page_of(world, world.bob, post)
    assert "it waits for a moderator" in await page_of(world, world.alice, post)

    queue = await moderated(world, "queue")
    assert "Moderators removed what its author wrote here before" in said(queue)
    await world.press(world.mod, queue, "Approve")
    assert "is shared" in said(await world.share(world.alice, post, "Fifth."))
    assert "Fifth" in await page_of(world, world.bob, post)


async def test_a_verdict_on_words_that_have_changed_since_is_none(world: World) -> None:
    post = await world.review()
    await world.bot.store.guilds.change(world.mod.guild.id, world.manager.id, "thoughts", "reviewed")
    assert "A moderator" in said(await world.share(world.alice, post, "Harmless."))
    assert labelled(post, "Thoughts (")["label"] == "Thoughts (0)"
    queue = await moderated(world, "queue")
    assert "This server reads thoughts before others see them" in said(queue)

    await world.share(world.alice, post, "Not harmless.")

    assert "changed" in said(await world.press(world.mod, queue, "Approve"))
    assert "harmless" not in await page_of(world, world.bob, post)
    await world.press(world.mod, queue, "Approve")
    await world.later()
    assert labelled(post, "Thoughts (")["label"] == "Thoughts (1)"
    assert "Not harmless" in await page_of(world, world.bob, post)


async def test_words_are_listed_found_in_disguise_and_removed(world: World) -> None:
    post = await world.review()
    panel = await moderated(world, "words")
    assert "There is none yet" in said(panel)
    opened = await world.mod.click(panel, label="Add words")
    panel = answered(await world.mod.submit_modal(opened, {"body": "Spâm, goat's milk\n\n spam"}))
    assert "2 words added" in said(panel)
    assert "• spam" in said(panel)
    assert "• goat s milk" in said(panel)

    for body in ("Buy S.P.A.M now", "ＳＰＡＭ!", "I like Goat's milk."):
        assert "A moderator" in said(await world.share(world.alice, post, body))
    assert "is shared" in said(await world.share(world.bob, post, "Spammers are no goats; milk."))
    queue = await moderated(world, "queue")
    assert "It has words of your list: “goat s milk”" in said(queue)
    assert "is shared" in said(await world.share(world.alice, post, "I like milk."))
    assert "judged already" in said(await world.press(world.mod, queue, "Remove"))

    panel = answered(await world.mod.select(panel, ["spam"]))
    assert "1 word removed" in said(panel)
    assert "• spam" not in said(panel)
    assert "is shared" in said(await world.share(world.alice, post, "spam"))
    assert "is shared" in said(
        await world.share(world.stranger, await world.review(member=world.stranger), "goat's milk")
    )
    for written, sentence in (
        ("", "no word"),
        ("x" * 41, "more than 40"),
        (",".join(map(str, range(300))), "remove some"),
    ):
        opened = await world.mod.click(panel, label="Add words")
        result = world.send_form(world.mod, mod.WordsForm().pack(), {"body": written}, on=panel)
        await world.env.settle()
        assert sentence in told(result)
    opened = await world.mod.click(panel, label="Add words")
    panel = answered(await world.mod.submit_modal(opened, {"body": "\n".join(f"w{n:03}" for n in range(60))}))
    assert len(labels(panel)) == 25 + 2
    panel = await world.press(world.mod, await world.press(world.mod, panel, "Next"), "Next")
    assert "• w059" in said(panel)


async def test_a_blocked_member_can_neither_vote_nor_write_until_unblocked(world: World, engine: Engine) -> None:
    post = await world.review()
    await world.share(world.alice, post, "Rude.", sheep="1")
    await report(world, world.bob, post, world.alice)

    answer = await world.press(world.mod, await moderated(world, "queue"), "Block author")
    assert "can neither vote nor share thoughts" in said(answer)
    assert "The thought is removed." in said(answer)
    for result in (
        await world.alice.click(post, label="5"),
        await world.alice.click(post, label="Share your thoughts"),
    ):
        assert "blocked you" in told(result)
    assert list(world.kept().votes.values()) == [1]
    assert "5 sheep" in said(await world.give(world.alice_elsewhere, await world.review(member=world.stranger), 5))

    answer = await moderated(world, "block", world.alice)
    assert "blocked already" in said(answer)
    answer = await world.press(world.mod, answer, "Unblock")
    assert "can vote and share thoughts here again" in said(answer)
    assert "5 sheep" in said(await world.give(world.alice, post, 5))
    assert "was not blocked" in said(await moderated(world, "unblock", world.alice))
    await assert_tallies_are_true(engine)


async def test_votes_set_aside_count_nowhere_and_come_back_as_they_were(world: World, engine: Engine) -> None:
    post = await world.votes_on("cats", [(world.alice, 1), (world.bob, 5)])
    other = await world.review()
    await world.give(world.alice, other, 2)
    elsewhere = await world.review("cats", member=world.stranger)
    await world.give(world.alice_elsewhere, elsewhere, 3)
    await world.later()
    before = world.kept()

    answer = await world.press(world.mod, await moderated(world, "block", world.alice), "Set their votes aside")
    await world.later()

    assert "2 votes of **alice** set aside" in said(answer)
    assert "Readers 5.0 · 1 vote" in said(post)
    assert "Readers No votes yet" in said(other)
    assert "Readers 3.0 · 1 vote" in said(elsewhere)
    here = world.alice.guild.id
    assert [key for key in world.kept().votes if key[0] == here] == [(here, "cats-2019", world.bob.id)]
    await assert_tallies_are_true(engine)
    assert "set aside already" in said(await moderated(world, "void", world.alice))
    await moderated(world, "unblock", world.alice)
    assert "set your votes aside" in told(await world.alice.click(post, label="5"))
    await world.restart()

    answer = await world.press(world.mod, answer, "Bring them back")
    await world.later()
    assert "2 votes of **alice** brought back" in said(answer)
    assert world.kept() == before
    assert "Readers 3.0 · 2 votes" in said(post)
    await assert_tallies_are_true(engine)
    assert "You had set no votes" in said(await moderated(world, "restore", world.alice))


async def test_the_log_tells_who_did_what_to_whom_and_can_be_saved(world: World) -> None:
    post = await world.review()
    await world.share(world.alice, post, "Secret words.", sheep="1")
    await report(world, world.bob, post, world.alice)
    await world.press(world.mod, await moderated(world, "queue"), "Block author")
    for what in ("unblock", "void", "restore"):
        await moderated(world, what, world.bob if what == "unblock" else world.alice)
    for _ in range(4):
        await moderated(world, "block", world.alice)
        await moderated(world, "unblock", world.alice)
    await moderated(world, "block", world.bob)

    log = await moderated(world, "log")
    lines = str(log.embeds[0].description).splitlines()
    assert len(lines) == 8
    assert lines[0].endswith("**mod** blocked **bob**")
    await world.press(world.mod, log, "Older")
    assert "**mod** removed the thought of **alice** on *Miss You Already \\(2015\\)*" in said(log)
    assert "**mod** set the votes of **alice** aside" in said(log)
    assert not offers(log, "Older")
    log = await world.press(world.mod, log, "Newest")
    assert len(str((await moderated(world, "log", world.bob)).embeds[0].description).splitlines()) == 1

    (file,) = (await world.press(world.mod, log, "CSV")).attachments
    written = (await file.read()).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(written)))
    assert len(rows) == 12
    assert rows[0]["act"] == "'block"
    assert rows[0]["actor_id"] == f"'{world.mod.id}"
    assert rows[-1] | {"number": "", "at": ""} == {
        "number": "",
        "at": "",
        "actor_id": f"'{world.mod.id}",
        "act": "'remove",
        "member_id": f"'{world.alice.id}",
        "review": "'miss-you-already",
        "detail": "",
    }
    (file,) = (await world.press(world.mod, log, "JSON")).attachments
    objects = [json.loads(line) for line in (await file.read()).decode().splitlines()]
    assert [one["act"] for one in objects] == [row["act"].removeprefix("'") for row in rows]
    assert "Secret" not in written
    theirs = await world.forge(world.manager_elsewhere, {"custom_id": mod.Log(2**62, 0).pack()})
    assert "nothing in the log" in said(answered(theirs))


async def test_nobody_else_can_use_what_moderators_use(world: World, engine: Engine) -> None:
    post = await world.review()
    await world.share(world.alice, post, "A thought.", sheep="4")
    await report(world, world.bob, post, world.alice)
    opened = await world.mod.click(await moderated(world, "words"), label="Add words")
    await world.mod.submit_modal(opened, {"body": "spam"})
    queue = await moderated(world, "queue")
    about = mod.Approve(1, 1, 1, 0).pack()
    (_, _, review_id, member_id, seen, _) = labelled(queue, "Approve")["custom_id"].split(":")
    assert about.count(":") == 5
    thought = (int(review_id), int(member_id), int(seen), 0)
    forged: list[tuple[dict[str, Any], InteractionType]] = [
        *(
            ({"custom_id": control.pack()}, InteractionType.MESSAGE_COMPONENT)
            for control in (
                *(mod.Approve(*thought), mod.Remove(*thought), mod.BlockAuthor(*thought), mod.Queue(), mod.Words()),
                *(mod.Unblock(world.alice.id), mod.VoidVotes(world.alice.id), mod.RestoreVotes(world.alice.id)),
                *(mod.AddWords(), mod.Log(2**62, 0), mod.ExportLog(2**62, 0, 0), mod.ExportLog(2**62, 0, 1)),
            )
        ),
        (
            {"custom_id": mod.DropWords(0).pack(), "component_type": MENU, "values": ["spam"]},
            InteractionType.MESSAGE_COMPONENT,
        ),
        (
            {
                "custom_id": mod.WordsForm().pack(),
                "components": [{"type": 18, "component": {"custom_id": "body", "value": "more"}}],
            },
            InteractionType.MODAL_SUBMIT,
        ),
    ]
    assert {data["custom_id"].split(":")[1] for data, _ in forged} == {
        control.kind for control in mod.CONTROLS if control is not mod.PickReport
    }
    before = await everything(engine)

    for data, kind in forged:
        result = await world.forge(world.alice, data, queue, kind=kind)
        assert "moderate this server" in told(result), data
        assert (await everything(engine)) == before, data
    # Whoever moderates another server does so there: nothing here is shown to them, or changed.
    mine = {row for table, rows in before.items() if table != "audit_log" for row in rows}
    for data, kind in forged:
        result = await world.forge(world.manager_elsewhere, data, kind=kind)
        assert result.modal or "A thought." not in said(answered(result)), data
        after = await everything(engine)
        assert mine <= {row for table, rows in after.items() if table != "audit_log" for row in rows}, data
    assert before["audit_log"] == [
        row for row in (await everything(engine))["audit_log"] if row[1] == world.mod.guild.id
    ]
    for control in (mod.Queue(9), mod.Remove(1, 1, 1, 9), mod.Words(9), mod.DropWords(3)):
        result = await world.forge(world.mod, {"custom_id": control.pack(), "values": ["no"]}, queue)
        assert answered(result).embeds, control
    for values in ([], None, [5], "x"):
        data = {"custom_id": mod.DropWords(0).pack(), "component_type": MENU, "values": values}
        assert "do not know" in told(await world.forge(world.mod, data, queue))
    assert (await everything(engine))["words"] == before["words"] + [(world.manager_elsewhere.guild.id, "more")]


async def test_who_manages_messages_in_a_channel_only_does_not_moderate_the_server(world: World) -> None:
    allowed = discord.PermissionOverwrite(manage_messages=True)
    own = world.bob.guild.create_text_channel("of-bob", overwrites={world.bob: allowed})

    for command, options in (("queue", {}), ("void", {"member": world.alice})):
        assert "moderate this server" in told(await world.bob.slash(own, f"sheepmod {command}", **options))
        assert answered(await world.mod.slash(own, f"sheepmod {command}", **options)).embeds


async def test_a_report_of_what_is_not_there_or_not_anothers_is_none(world: World, engine: Engine) -> None:
    post = await world.review()
    await world.share(world.alice, post, "A thought.")
    review_id = labelled(post, "Thoughts (")["custom_id"].split(":")[2]
    control = {"custom_id": mod.PickReport(int(review_id)).pack(), "component_type": MENU}

    for reporter, author in (
        *((world.alice, world.alice), (world.bob, world.bob), (world.stranger, world.alice)),
        (world.alice_elsewhere, world.alice),
    ):
        assert "nothing else to do" in said(
            answered(await world.forge(reporter, control | {"values": [str(author.id)]}, post))
        )
    for values in ([], ["x"], None, [str(2**63)]):
        assert "do not know" in told(await world.forge(world.bob, control | {"values": values}, post))
    assert (await everything(engine))["reports"] == []


async def everything(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """All that moderators can change."""
    found = await engine.read(*(f"SELECT * FROM {table}" for table in TABLES))  # noqa: S608 - constants
    return {table: sorted(rows, key=repr) for table, rows in zip(TABLES, found, strict=True)}
