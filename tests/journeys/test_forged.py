"""Controls that no honest client sends: each is answered kindly, and nothing wrong is stored."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from simcord.enums import InteractionType

from tests.journeys.screens import MENU, answered, components, options, said, sheep, told
from tests.journeys.world import Kept

if TYPE_CHECKING:
    from simcord import ResponseMessage

    from tests.journeys.world import World

NOTHING = Kept({}, {})
BEYOND = 2**63
MADE_UP = [
    "",
    ":",
    "x",
    "sheep1",
    "sheep1:",
    "sheep1:vote",
    "sheep1:vote:{id}",
    "sheep1:vote:{id}:4:4",
    "sheep1:vote:{id}:6",
    "sheep1:vote:{id}:0",
    "sheep1:vote:{id}:-1",
    "sheep1:vote:{id}:4.0",
    "sheep1:vote:{id}:\uff11",
    "sheep1:vote:{id}:\u0663",
    "sheep1:vote:{id}:4\n",
    "sheep1:vote: {id}:4",
    "sheep1:vote:0{id}:4",
    "sheep1:vote:+{id}:4",
    f"sheep1:vote:{BEYOND}:4",
    f"sheep1:results:{BEYOND}",
    f"sheep1:share:{10**90}",
    "sheep1:burn:{id}",
    "sheep0:vote:{id}:4",
    "sheep2:vote:{id}:4",
    "SHEEP1:vote:{id}:4",
    "sheep1:thoughts:{id}:0",
    "sheep1:thoughts:{id}:0:2",
    "sheep1:full:{id}:1000001",
    "sheep1:board:worst:3:0",
    "sheep1:board:top:3:-1",
    "sheep1:mine:\uff11",
    "sheep1:write",
    "sheep1:written:{id}",
    "sheep1:publish:{id}:-1",
    f"sheep1:discard:0:{BEYOND}",
    "sheep1:retire:{id}:2",
    "sheep1:published:{id}",
]
OF_A_FILM = ["vote:{}:4", "unvote:{}", "share:{}", "unshare:{}", "thoughts:{}:0:0", "results:{}", "full:{}:0"]
FORM: dict[str, Any] = {"body": "A thought.", "sheep": "4", "spoiler": False}
NOT_ALLOWED: list[tuple[str, Any, str]] = [
    ("body", "a" * 1001, "1,001 characters"),
    ("body", "a" * 4001, "4,001 characters"),
    *(("body", body, "nothing to read") for body in ("", None, 5, ["a"])),
    *(("sheep", sheep, "1 to 5 sheep") for sheep in ("6", "0", "-1", "\uff11", "", 4, True)),
]
NO_FORMS: list[object] = [
    *(None, [], "x", [None], [[]]),
    *([{"type": 18}], [{"component": None}], [{"component": {"value": "a"}}]),
]
NOT_OFFERED: list[object] = [
    ["abc"],
    ["1", "2"],
    [],
    None,
    ["\uff11"],
    ["-1"],
    [str(BEYOND)],
    [""],
    ["999"],
    [str(BEYOND - 1)],
    5,
]


async def test_a_custom_id_that_no_version_of_ours_makes_is_answered_in_one_kind_sentence(world: World) -> None:
    post = await world.review()
    review_id = sheep(post, 4).split(":")[2]

    for custom_id in MADE_UP:
        result = await world.forge(world.alice, {"custom_id": custom_id.replace("{id}", review_id)}, post)

        assert "I do not know this control any more" in told(result), custom_id
    assert world.kept() == NOTHING
    assert world.edits(post) == 0


async def test_a_control_of_a_film_that_is_not_on_the_shelf_says_so(world: World) -> None:
    post = await world.review()

    for control, review_id in product(OF_A_FILM, (0, 999, BEYOND - 1)):
        result = await world.forge(world.alice, {"custom_id": f"sheep1:{control.format(review_id)}"}, post)

        assert "not on the shelf" in told(result), control
    assert world.kept() == NOTHING


@pytest.mark.parametrize("kind", ["meant", "pick"])
async def test_a_choice_that_no_menu_of_ours_offers_is_answered_in_one_kind_sentence(world: World, kind: str) -> None:
    asked = await world.review("suspiria")

    for values in NOT_OFFERED:
        data = {"custom_id": f"sheep1:{kind}", "component_type": MENU, "values": values}
        answer = told(await world.forge(world.alice, data, asked))

        assert "I do not know this control any more" in answer or "not on the shelf" in answer, values
    assert len(options(asked)) == 2


async def test_a_vote_forged_onto_a_leaderboard_counts_and_leaves_the_leaderboard_alone(world: World) -> None:
    post = await world.review()
    await world.votes_on("cats", zip(world.crowd(3), (5, 4, 3), strict=True))
    board = await world.ask(world.bob, "toprated")
    before = said(board)

    answer = answered(await world.forge(world.alice, {"custom_id": sheep(post, 4)}, board))
    await world.later()

    assert answer.ephemeral
    assert "You gave *Miss You Already*" in said(answer)
    assert said(board) == before
    assert world.edits(board) == 0


async def test_a_vote_for_one_film_forged_onto_anothers_post_leaves_that_post_its_own_film(world: World) -> None:
    film, other = await world.review(), await world.review("cats")

    await world.forge(world.alice, {"custom_id": sheep(film, 4)}, other)
    await world.later()

    assert "Cats" in said(other)
    assert "Readers No votes yet" in said(other)
    assert [slug for _, slug, _ in world.kept().votes] == ["miss-you-already"]


async def test_a_vote_forged_onto_another_servers_post_counts_only_where_the_member_is(world: World) -> None:
    there = await world.review(member=world.stranger)

    await world.forge(world.alice, {"custom_id": sheep(there, 5)}, there)
    await world.later()

    assert [guild_id for guild_id, _, _ in world.kept().votes] == [world.alice.guild.id]
    assert "Readers No votes yet" in said(there)


async def test_a_control_of_a_message_that_is_gone_or_never_was_still_counts(world: World) -> None:
    post = await world.review()

    answer = answered(await world.forge(world.alice, {"custom_id": sheep(post, 5)}))

    assert answer.ephemeral
    assert "5 sheep" in said(answer)


async def test_a_control_forged_into_a_direct_message_stores_nothing(world: World) -> None:
    post = await world.review()
    await world.give(world.bob, post, 2)
    kept, review_id = world.kept(), sheep(post, 4).split(":")[2]

    for control in (*OF_A_FILM, "mine:0", "board:top:1:0"):
        result = await world.forge(world.alice.user, {"custom_id": f"sheep1:{control.format(review_id)}"})

        assert result.modal or answered(result).ephemeral, control
        assert world.kept() == kept


async def test_a_page_of_thoughts_that_cannot_be_shows_thoughts_all_the_same(world: World) -> None:
    post = await world.review()
    await world.share(world.bob, post, "Here I am.")
    review_id = sheep(post, 4).split(":")[2]

    for page in ("0:1", "1000000:0", "1000000:1", "2:1"):
        result = await world.forge(world.alice, {"custom_id": f"sheep1:thoughts:{review_id}:{page}"}, post)

        assert "Here I am." in said(answered(result)), page


async def test_a_page_that_cannot_be_is_answered_with_one_that_can(world: World) -> None:
    post = await world.votes_on("miss you already", [(world.alice, 3)])

    for control in ("board:top:0:0", f"board:most-voted:{BEYOND - 1}:1000000", "mine:1000000"):
        assert answered(await world.forge(world.alice, {"custom_id": f"sheep1:{control}"}, post)).embeds


async def test_a_form_with_what_it_does_not_allow_is_refused_in_one_kind_sentence(world: World) -> None:
    post, custom_id = await _open_form(world)

    for field, value, sentence in NOT_ALLOWED:
        result = world.send_form(world.alice, custom_id, FORM | {field: value}, on=post)
        await world.env.settle()

        assert sentence in told(result), value
        assert "othing was saved" in told(result)
    assert world.kept() == NOTHING


async def test_a_form_in_any_shape_without_a_thought_is_refused_kindly(world: World) -> None:
    post, custom_id = await _open_form(world)

    for parts in NO_FORMS:
        result = await world.forge(
            world.alice, {"custom_id": custom_id, "components": parts}, post, kind=InteractionType.MODAL_SUBMIT
        )

        assert "nothing to read" in told(result), parts
    assert world.kept() == NOTHING


async def test_a_form_pressed_as_a_button_is_refused_kindly(world: World) -> None:
    post, custom_id = await _open_form(world)

    assert "nothing to read" in told(await world.forge(world.alice, {"custom_id": custom_id}, post))


@pytest.mark.parametrize("missing", [["sheep"], ["spoiler"], ["sheep", "spoiler"]])
async def test_a_form_without_its_other_fields_is_a_thought_without_them(world: World, missing: list[str]) -> None:
    post, custom_id = await _open_form(world)

    world.send_form(world.alice, custom_id, {k: v for k, v in FORM.items() if k not in missing}, on=post)
    await world.env.settle()

    assert list(world.kept().thoughts.values()) == [("A thought.", False)]
    assert list(world.kept().votes.values()) == ([] if "sheep" in missing else [4])


@pytest.mark.parametrize(
    ("custom_id", "sentence"), [("sheep1:thought:999", "not on the shelf"), ("thought", "do not know")]
)
async def test_a_form_for_a_film_that_is_not_there_is_refused_kindly(
    world: World, custom_id: str, sentence: str
) -> None:
    post, _ = await _open_form(world)

    result = world.send_form(world.alice, custom_id, FORM, on=post)
    await world.env.settle()

    assert sentence in told(result)
    assert world.kept() == NOTHING


async def test_a_thought_may_have_exactly_a_thousand_characters_counted_as_readers_count(world: World) -> None:
    post = await world.review()
    for body in ("x" * 1000, "🐑" * 1000, "|" * 1000, "\n".join(["|"] * 500)):
        answer = await world.share(world.alice, post, body)

        assert "is shared" in said(answer)
        (kept,) = world.kept().thoughts.values()
        assert kept[0] == body
        await world.press(world.bob, post, "Thoughts (")


async def _open_form(world: World) -> tuple[ResponseMessage, str]:
    post = await world.review()
    opened = await world.alice.click(post, label="Share your thoughts")
    assert opened.modal
    assert components(post)
    return post, opened.modal["custom_id"]
