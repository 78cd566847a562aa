"""``/publish``: from a form over a private preview to a review that is the server's own, to be changed and retired."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from bot.errors import StoreError
from bot.reviews.files import read_file
from bot.ui import publishing_ids as pub
from tests.journeys.screens import (
    answered,
    components,
    form,
    labelled,
    labels,
    offers,
    said,
    sheep,
    told,
)
from tests.journeys.test_settings import choose, panel

if TYPE_CHECKING:
    from pathlib import Path

    from simcord import InteractionResult, MemberActor, ResponseMessage

    from tests.journeys.world import World

FIELDS: dict[str, Any] = {
    "title": "Ewe Again (2024)",
    "sheep": ["4.5"],
    "facts": "Written by: Ann / Directed by: Bea\nStarring Cleo, Dee and Eve\nGenres: Drama\nReview by: A. Critic",
    "quote": "Baa, for auld lang syne.\n— Dolly",
    "body": "Two sheep meet *again*.",
}


@pytest.fixture
async def critic(world: World) -> MemberActor:
    """A member with the critics' role."""
    role = world.alice.guild.create_role("critics")
    await choose(world, await panel(world, part=1), "critic_role", role)
    return world.alice.guild.add_member(world.env.create_user("critic"), roles=[role])


async def written(world: World, who: MemberActor, **changed: Any) -> ResponseMessage:
    """The preview of a review that was just typed."""
    opened = await who.slash(world.channel, "publish")
    return answered(await who.submit_modal(opened, FIELDS | changed))


async def published(who: MemberActor, preview: ResponseMessage) -> tuple[ResponseMessage, ResponseMessage]:
    """What its critic is told of a review that is just posted, and the post."""
    result = await who.click(preview, label="Post")
    (post,) = result.followups
    return answered(result), post


async def posted(world: World, who: MemberActor, **changed: Any) -> ResponseMessage:
    """The post of a review that was just written."""
    return (await published(who, await written(world, who, **changed)))[1]


async def change(who: MemberActor, shown: ResponseMessage, **changed: Any) -> ResponseMessage:
    """The preview after what was typed was changed."""
    opened = await who.click(shown, label="Edit")
    return answered(await who.submit_modal(opened, typed_in(opened) | changed))


def typed_in(opened: InteractionResult) -> dict[str, Any]:
    """What a form is filled with, as it is sent in untouched."""
    kept = {name: value or "" for name, value in form(opened).items()}
    return kept | {"sheep": [kept["sheep"]] if kept["sheep"] else []}


def posts(world: World) -> int:
    """How many messages everyone sees in the channel."""
    return len(world.channel.history())


def own_id(post: ResponseMessage) -> int:
    return int(sheep(post, 1).split(":")[2])


async def draft_of(world: World, who: MemberActor, review_id: int = 0) -> str | None:
    return await world.bot.store.drafts.get(who.guild.id, who.id, review_id)


async def test_only_critics_and_managers_publish_and_others_are_told_who_can_change_that(world: World) -> None:
    world.errors_are_expected = True  # SimCord takes a refused command for one
    shown = await panel(world, part=1)
    assert "**Who publishes reviews**: only those who manage the server" in said(shown)
    assert "has no critics yet" in told(await world.alice.slash(world.channel, "publish"))
    assert (await world.manager.slash(world.channel, "publish")).modal

    guild = world.alice.guild
    assert "choose one that your critics have" in told(await choose(world, shown, "critic_role", guild.default_role))
    role = guild.create_role("critics")
    shown = answered(await choose(world, shown, "critic_role", role))
    assert f"**Who publishes reviews**: members with <@&{role.id}>, and those who manage" in said(shown)
    critic = guild.add_member(world.env.create_user("critic"), roles=[role])
    assert (await critic.slash(world.channel, "publish")).modal
    for title in (None, "cats"):
        more = {"title": title} if title else {}
        refusal = told(await world.alice.slash(world.channel, "publish", **more))
        assert f"only members with the role <@&{role.id}> publish" in refusal
        assert "Those who manage it can give you the role" in refusal
    assert "`/publish` without a title begins one" in told(await critic.slash(world.channel, "publish", title="cats"))
    await world.bot.store.moderation.block(guild.id, critic.id, world.mod.id)
    assert "have blocked you" in told(await critic.slash(world.channel, "publish"))

    cached = world.bot.get_guild(guild.id)
    assert cached
    await cached.get_role(role.id).delete()  # type: ignore[union-attr] - it is there
    await world.env.settle()
    assert "⚠️ only those who manage the server, as the critics' role was deleted" in said(await panel(world))


async def test_a_review_goes_from_the_form_over_a_preview_and_a_restart_to_a_post(
    world: World, critic: MemberActor, tmp_path: Path
) -> None:
    opened = await critic.slash(world.channel, "publish")
    assert form(opened)["facts"].startswith("Written by:\nDirected by:\n")
    await world.restart()
    preview = answered(await critic.submit_modal(opened, FIELDS))
    assert preview.ephemeral
    assert "This is how it will look" in preview.content
    at_rest = [part["disabled"] for part in components(preview) if part["label"] not in {"Post", "Edit", "Discard"}]
    assert at_rest == [True] * 9
    assert posts(world) == 0
    seen, buttons = preview.embeds[0].to_dict(), labels(preview)
    await world.restart()

    done, post = await published(critic, preview)

    assert not post.ephemeral
    assert post.embeds[0].to_dict() == seen
    assert labels(post) == buttons[:-3]
    for words in (
        "Ewe Again \\(2024\\)",
        "Baa, for auld lang syne.",
        "Critic · A. Critic",
        "🐑🐑🐑🐑½ 4½ of 5",
        "Cleo, Dee",
    ):
        assert words in said(post), words
    assert "**Ewe Again \\(2024\\)** is published" in said(done)
    assert not components(done)
    (attached,) = done.attachments
    kept = tmp_path / attached.filename
    kept.write_bytes(await attached.read())
    review = await world.bot.store.reviews.get(own_id(post))
    assert review
    file = read_file(kept)
    assert (file.slug, file.body, file.half_sheep, file.published) == (
        "ewe-again-2024",
        FIELDS["body"],
        9,
        review.published,
    )

    await world.give(world.bob, post, 5)
    await world.later()
    assert "Readers 5.0 · 1 vote" in said(post)
    assert await draft_of(world, critic) is None
    assert "was posted, saved or discarded" in told(
        await world.forge(critic, {"custom_id": pub.PostDraft(0, 1).pack()})
    )
    assert posts(world) == 1
    assert "by A. Critic" in said(await world.press(world.bob, await world.review("ewe agian"), "Full review"))


async def test_what_cannot_be_taken_is_said_and_nothing_that_was_typed_is_lost(
    world: World, critic: MemberActor
) -> None:
    refused = await written(world, critic, title="\u200b (2024)", sheep=[])
    assert "There is no title to read" in said(refused)
    assert labels(refused) == ["Edit", "Discard"]
    await world.restart()
    again = await critic.slash(world.channel, "publish")
    assert typed_in(again) == FIELDS | {"title": "\u200b (2024)", "sheep": []}

    refused = await change(critic, refused, title="Ewe Again (1066)")
    assert "The year must be from 1870 to 2200" in said(refused)
    refused = await change(critic, refused, title="Ewe Again (2024)", facts="By me")
    assert "I cannot read “By me” in the credits" in said(refused)
    assert "This is how it will look" in said(await change(critic, refused, facts="Directed by Bea"))

    custom_id, long = pub.ReviewForm(0, 0).pack(), "word " * 700
    for fields, sentence in (({"body": "x" * 4001}, "more than the form takes"), ({}, "nothing to read in the review")):
        result = world.send_form(critic, custom_id, fields)
        await world.env.settle()
        assert sentence in said(answered(result))
    world.send_form(world.bob, custom_id, FIELDS | {"body": long})
    result = world.send_form(world.bob, custom_id, FIELDS | {"body": long})
    await world.env.settle()
    (attached,) = answered(result).attachments
    assert (await attached.read()).decode() == long.strip()
    assert await draft_of(world, world.bob) is None


async def test_a_draft_is_posted_once_and_only_as_it_was_looked_at(world: World, critic: MemberActor) -> None:
    old, new = await written(world, critic), await written(world, critic, body="Three sheep meet.")
    outdated = {"custom_id": labelled(old, "Post")["custom_id"]}

    shown = await world.press(critic, old, "Post")
    assert "You have changed this draft since" in said(shown)
    assert "Three sheep meet." in said(shown)
    assert posts(world) == 0
    press = {"custom_id": labelled(new, "Post")["custom_id"]}
    for _ in range(3):
        world.send(critic, press, on=new)
    await world.env.settle()
    assert posts(world) == 1
    assert len([row for row in world.everything()["reviews"] if row[-1] == critic.id]) == 1
    for data in (press, outdated, {"custom_id": labelled(shown, "Discard")["custom_id"]}):
        assert "was posted, saved or discarded" in told(await world.forge(critic, data, shown))

    first, second = await written(world, critic, title="Another"), await written(world, critic, title="Another one")
    assert "You have changed this draft since" in said(await world.press(critic, first, "Discard"))
    press = {"custom_id": labelled(second, "Post")["custom_id"]}
    assert "The draft is discarded." in said(await world.press(critic, second, "Discard"))
    assert "was posted, saved or discarded" in told(await world.forge(critic, press, second))
    assert posts(world) == 1
    assert form(await critic.slash(world.channel, "publish"))["title"] is None


async def test_a_review_is_changed_by_its_author_and_by_moderators_and_its_posts_and_votes_follow(
    world: World, critic: MemberActor
) -> None:
    post = await posted(world, critic)
    await world.give(world.bob, post, 2)
    await world.later()
    for who, expected in ((critic, 1), (world.mod, 1), (world.manager, 1), (world.alice, 0)):
        assert len(await who.autocomplete(world.channel, "publish", "title", "ewe")) == expected
    shown = await world.ask(critic, "publish", title="ewe agian")
    assert shown.ephemeral
    assert "By you" in said(shown)
    theirs = await world.ask(world.mod, "publish", title="ewe again")
    assert "By **critic**" in said(theirs)

    preview = await change(critic, shown, title="Ewe Again and Again (2024)", sheep=["1"])
    assert "until you save" in preview.content
    assert "Readers 2.0 · 1 vote" in said(preview)
    assert "Ewe Again \\(2024\\)" in said(post)
    meanwhile = await change(world.mod, theirs, facts="Directed by Bea")
    await world.restart()
    assert "is saved" in said(await world.press(world.mod, meanwhile, "Save"))
    await world.later()
    assert "Critic\n🐑🐑🐑🐑½" in said(post)
    again = await world.press(critic, preview, "Save")
    assert "Somebody has changed the published review since you began" in again.content
    assert "is saved" in said(await world.press(critic, again, "Save"))
    await world.later()
    for words in ("Ewe Again and Again", "Critic · A. Critic 🐑 1 of 5", "Readers 2.0 · 1 vote"):
        assert words in said(post).replace("\n", " "), words
    assert posts(world) == 1
    assert await draft_of(world, critic, own_id(post)) is None
    again = await world.review("ewe again and again", world.bob)
    assert "1 vote" in said(again)
    log = said(await world.ask(world.mod, "sheepmod log"))
    assert log.count("changed the review that") == 1
    assert "**mod** changed the review that **critic** published on *Ewe Again and Again" in log

    begun = await change(critic, await world.ask(critic, "publish", title="ewe"), body="Kept for later.")
    opened = await critic.click(await world.ask(critic, "publish", title="ewe"), label="Edit")
    assert form(opened)["body"] == "Kept for later."
    assert "What is published stays as it is" in said(await world.press(critic, begun, "Discard"))
    assert form(await critic.slash(world.channel, "publish"))["title"] is None, "a new one is begun beside it"


async def test_a_retired_review_is_gone_everywhere_and_handed_out(world: World, critic: MemberActor) -> None:
    world.errors_are_expected = True  # SimCord takes a refused command for one
    post, other = await posted(world, critic), await posted(world, critic, title="Another (2020)")
    await world.give(world.bob, post, 4)
    again = await world.press(critic, await world.ask(critic, "publish", title="ewe again"), "Post again")
    begun = await change(critic, await world.ask(critic, "publish", title="ewe again"), body="A change.")
    await world.later()

    asked = await world.press(critic, await world.ask(critic, "publish", title="ewe again"), "Retire")
    assert "cannot be undone here" in said(asked)
    kept = await world.press(critic, asked, "Keep it")
    assert offers(kept, "Retire")
    done = await world.press(critic, await world.press(critic, kept, "Retire"), "Retire")
    await world.later()

    (attached,) = done.attachments
    assert b"Two sheep meet" in await attached.read()
    for message in (post, again):
        assert "This review was withdrawn." in said(message)
        assert not components(message)
    assert "Ewe" not in str(await world.bob.autocomplete(world.channel, "review", "title", "ewe"))
    for control in (f"vote:{own_id(other) - 1}:4", f"retire:{own_id(other) - 1}:1", f"write:{own_id(other) - 1}"):
        assert "not on the shelf" in told(await world.forge(critic, {"custom_id": f"sheep1:{control}"}, other))
    lost = await world.press(critic, begun, "Save")
    assert "Here is what you wrote" in said(lost)
    assert [await each.read() for each in lost.attachments] == [b"A change."]
    assert await draft_of(world, critic, own_id(other) - 1) is None
    assert "retire" not in said(await world.ask(world.mod, "sheepmod log"))

    panel_of_another = await world.ask(world.mod, "publish", title="another")
    await world.press(world.mod, await world.press(world.mod, panel_of_another, "Retire"), "Retire")
    assert "**mod** withdrew the review that **critic** published" in said(await world.ask(world.mod, "sheepmod log"))
    assert "without a title begins one" in told(await critic.slash(world.channel, "publish", title="another"))


async def test_what_is_stored_and_cannot_be_shown_is_said_to_be_so(
    world: World, critic: MemberActor, monkeypatch: pytest.MonkeyPatch
) -> None:
    preview = await written(world, critic)

    async def lost(*_: object) -> NoReturn:
        raise StoreError

    with monkeypatch.context() as failing:
        failing.setattr(world.bot.store.reviews, "shelf", lost)
        answer = told(await critic.click(preview, label="Post"))
    assert "done and stored, but I could not show it" in answer
    assert "nothing was changed" not in answer
    await world.restart()
    shown = await world.ask(critic, "publish", title="ewe again")
    assert "4½ of 5" in said(await world.press(critic, shown, "Post again"))

    preview = await written(world, critic, title="Ewe Once More")
    with monkeypatch.context() as failing:
        failing.setattr(world.bot.store.votes, "tally", lost)
        answer = (await critic.click(preview, label="Post")).followups[-1].content
    assert answer.startswith("It is published, and found by `/review`; but I could not post it here")
    assert "No votes yet" in said(await world.review("ewe once more"))


async def test_a_critic_is_handed_the_words_of_a_draft_whatever_became_of_its_review(
    world: World, critic: MemberActor
) -> None:
    post = await posted(world, critic)
    first = await change(critic, await world.ask(critic, "publish", title="ewe"), body="One change.")
    second = await change(critic, await world.ask(critic, "publish", title="ewe"), body="Another.")
    retire = {"custom_id": pub.Retire(own_id(post), 1).pack()}
    await world.forge(world.mod, retire, post)

    lost = await world.press(critic, first, "Save")
    assert [await each.read() for each in lost.attachments] == [b"Another."]
    assert "was posted, saved or discarded" in told(await critic.click(second, label="Discard"))
