"""Reviews that are one server's own: nobody else sees, changes or keeps them, whatever is forged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from simcord.enums import InteractionType

from bot.reviews.model import Review
from bot.ui import ids
from bot.ui import publishing_ids as pub
from tests.journeys.screens import BUTTON, MENU, answered, components, options, said, sheep, told
from tests.journeys.test_publish import FIELDS, critic, draft_of, own_id, posted, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simcord import MemberActor, ResponseMessage

    from tests.journeys.world import World

__all__ = ["critic"]

OF_A_FILM = ["vote:{}:4", "unvote:{}", "share:{}", "unshare:{}", "thoughts:{}:0:0", "results:{}", "full:{}:0"]
REFUSALS = (
    *("not on the shelf", "for the author of that review", "only members with the role", "has no critics yet"),
    *("posted, saved or discarded", "only in a server", "do not know this control"),
)


@pytest.fixture
async def post(world: World, critic: MemberActor) -> ResponseMessage:
    """A review that is the first server's own, loved and talked about there, with a change begun."""
    shown = await posted(world, critic)
    for member, count in ((world.alice, 5), (world.bob, 5), (world.mod, 4)):
        await world.give(member, shown, count)
    await world.share(world.bob, shown, "Ours alone.")
    opened = await critic.click(await world.ask(critic, "publish", title="ewe"), label="Edit")
    await critic.submit_modal(opened, FIELDS | {"body": "A change."})
    await world.later()
    return shown


async def test_a_published_review_stays_in_its_server(world: World, critic: MemberActor, post: ResponseMessage) -> None:
    review_id, there = own_id(post), world.elsewhere
    slug = next(title.slug for title in world.bot.catalogue if title.review_id == review_id)
    assert slug == f"ewe-again-2024-{world.alice.guild.id}"
    (choice,) = await world.bob.autocomplete(world.channel, "review", "title", "ewe again")
    assert choice == {"name": "Ewe Again (2024) · only here", "value": slug}
    assert "Ewe Again" in said(await world.ask(world.bob, "toprated"))
    assert "Ewe Again" in said(await world.ask(critic, "recommend"))
    assert "A. Critic" in str(await world.bob.autocomplete(world.channel, "toprated", "critic", "a. cr"))
    assert "Ours alone." in said(await world.press(world.bob, post, "Thoughts ("))

    kept = world.kept()
    for member in (world.stranger, world.alice_elsewhere, world.manager_elsewhere):
        for command in ("review", "rate", "stats", "publish"):
            assert "Ewe" not in str(await member.autocomplete(there, command, "title", "ewe again")), command
        for typed in (slug, "ewe again"):
            assert "Ewe Again" not in said(await world.ask(member, "review", title=typed))
        assert "Ewe" not in said(await world.ask(member, "recommend"))
        for scope in ("server", "everywhere"):
            assert "Ewe" not in said(await world.ask(member, "toprated", scope=scope, min_votes=1))
        assert "A. Critic" not in str(await member.autocomplete(there, "toprated", "critic", "a. cr"))
        for control in OF_A_FILM:
            data = {"custom_id": f"sheep1:{control.format(review_id)}"}
            assert "not on the shelf" in told(await world.forge(member, data)), control
        for menu in ("meant", "stats", "rate:4"):
            data = {"custom_id": f"sheep1:{menu}", "component_type": MENU, "values": [str(review_id)]}
            assert "not on the shelf" in told(await world.forge(member, data)), menu
        result = world.send_form(member, ids.ThoughtForm(review_id).pack(), {"body": "Mine.", "sheep": "4"})
        await world.env.settle()
        assert "not on the shelf" in told(result)
    assert "Ewe" not in said(await world.ask(world.bob, "toprated", scope="everywhere", min_votes=1))
    shelf, their_guild = world.bot.catalogue, world.stranger.guild.id  # what /random chooses from
    assert review_id not in {shelf.at(place, their_guild).review_id for place in range(shelf.count(their_guild))}
    assert world.kept() == kept


async def test_no_forged_control_publishes_or_touches_anothers_review(
    world: World, critic: MemberActor, post: ResponseMessage
) -> None:
    review_id = own_id(post)
    role = world.alice.guild.create_role("critics too")
    await world.bot.store.guilds.change(world.alice.guild.id, world.manager.id, "critic_role", role.id)
    rival = world.alice.guild.add_member(world.env.create_user("rival"), roles=[role])
    begun = await draft_of(world, critic, review_id)
    before = world.everything()

    for custom_id, data, kind in forged(review_id):
        for outsider in (world.alice, world.stranger, world.alice_elsewhere, rival, world.manager_elsewhere):
            if outsider in {rival, world.manager_elsewhere} and ":0" in custom_id:
                continue  # what is new they may write, each in their own server
            answer = told(await world.forge(outsider, data, post, kind=kind))
            assert any(sentence in answer for sentence in REFUSALS), (custom_id, outsider, answer)
        alone = await world.forge(critic.user, data, post, kind=kind)
        assert any(sentence in told(alone) for sentence in REFUSALS), custom_id
    assert world.everything() == before
    assert await draft_of(world, critic, review_id) == begun

    # Who has lost the critics' role may retire what is theirs, and no more.
    for control, refused in (
        (pub.WriteReview(review_id), True),
        (pub.WriteReview(0), True),
        (pub.Published(review_id), False),
        (pub.Retire(review_id, 1), False),
    ):
        result = await world.forge(critic, {"custom_id": control.pack()}, post)
        assert ("only members with the role" in said(answered(result))) is refused, control


async def test_a_review_that_came_by_a_feed_is_only_retired_and_by_moderators(
    world: World, critic: MemberActor
) -> None:
    guild_id = world.alice.guild.id
    film = Review(slug="from-afar", title="From Afar", body="Read elsewhere.")
    review_id = await world.bot.store.own.add(guild_id, film, source="feed:1", guid="1")
    await world.bot.reshelve([(guild_id, review_id)])
    assert "From Afar" not in str(await critic.autocomplete(world.channel, "publish", "title", "from"))

    shown = await world.ask(world.mod, "publish", title="from afar")
    assert "By a feed" in said(shown)
    assert [part["label"] for part in components(shown)] == ["Post again", "Retire …"]
    forged_edit = {"custom_id": pub.WriteReview(review_id).pack()}
    assert "came by a feed" in told(await world.forge(world.mod, forged_edit, shown))
    await world.press(world.mod, await world.press(world.mod, shown, "Retire"), "Retire")

    assert "**mod** withdrew a review that came by a feed on *From Afar*" in said(
        await world.ask(world.mod, "sheepmod log")
    )
    assert world.bot.catalogue.get(review_id) is None


async def test_two_reviews_of_one_film_are_asked_about(world: World, critic: MemberActor) -> None:
    first = await posted(world, critic)
    second = await posted(world, critic, body="On second thoughts.")

    asked = await world.ask(critic, "publish", title="ewe again")
    label = "Ewe Again (2024) · only here"
    assert options(asked) == {label: str(own_id(first)), f"{label}, no. 2": str(own_id(second))}
    shown = answered(await critic.select(asked, [str(own_id(second))]))
    preview = answered(await critic.submit_modal(await critic.click(shown, label="Edit"), FIELDS | {"body": "Third."}))
    assert "is saved" in said(await world.press(critic, preview, "Save"))
    await world.later()
    assert ["Third." in said(post) for post in (first, second)] == [False, True]


@pytest.mark.parametrize("purged", [False, True], ids=["by the member", "with the server"])
async def test_what_was_published_is_withdrawn_with_all_else_that_is_deleted(
    world: World, critic: MemberActor, post: ResponseMessage, *, purged: bool
) -> None:
    vote = sheep(post, 4)
    await written(world, critic, title="Just begun")
    assert "1 review that you published" in said(await shown_privacy(world, critic, "show"))

    taken = (await (await shown_privacy(world, critic, "export")).attachments[0].read()).decode()
    assert '"directed_by": ["Bea"]' in taken
    if purged:
        opened = await world.manager.slash(world.channel, "sheep purge")
        await world.manager.submit_modal(opened, {"name": "Film club"})
    else:
        await world.press(critic, await shown_privacy(world, critic, "delete"), "Delete everything about me")
    await world.later(10)

    assert "This review was withdrawn." in said(post)
    assert not components(post)
    assert await world.bob.autocomplete(world.channel, "review", "title", "ewe again") == []
    assert "A. Critic" not in str(await world.bob.autocomplete(world.channel, "toprated", "critic", "a. cr"))
    everything = str(world.everything())
    for words in ("Ewe Again", "sheep meet", "Just begun", "A. Critic", "A change."):
        assert words not in everything, words
    assert "not on the shelf" in told(await world.forge(world.bob, {"custom_id": vote}, post))


async def shown_privacy(world: World, who: MemberActor, what: str) -> ResponseMessage:
    return answered(await who.slash(world.channel, f"privacy {what}"))


def forged(review_id: int) -> Iterator[tuple[str, dict[str, Any], InteractionType]]:
    """Every control of critics as it could be sent: pressed, chosen from, and sent in as a form."""
    component = InteractionType.MESSAGE_COMPONENT
    of_review = [pub.WriteReview, pub.Published, pub.PostAgain]
    made = [kind(number) for kind in of_review for number in (0, review_id)]
    made += [
        kind(number, version) for kind in (pub.PostDraft, pub.DiscardDraft) for number, version in ((review_id, 1),)
    ]
    made += [pub.Retire(review_id, sure) for sure in (0, 1)]
    for control in made:
        yield control.pack(), {"custom_id": control.pack(), "component_type": BUTTON}, component
    menu = pub.PickPublished().pack()
    for values in ([str(review_id)], ["x"], []):
        yield menu, {"custom_id": menu, "component_type": MENU, "values": values}, component
    fields = [
        {"type": 18, "component": {"custom_id": name, "value": "1"}} for name in ("title", "facts", "quote", "body")
    ]
    for number in (0, review_id):
        form = pub.ReviewForm(number, 1).pack()
        yield form, {"custom_id": form, "components": fields}, InteractionType.MODAL_SUBMIT
