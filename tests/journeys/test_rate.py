"""``/rate``: what the buttons and the form do, by command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.journeys.screens import answered, offers, options, said, told

if TYPE_CHECKING:
    from tests.journeys.world import World


async def test_a_vote_by_command_is_answered_like_a_click_and_can_be_changed_and_removed(world: World) -> None:
    post = await world.review()
    clicked = said(await world.give(world.bob, post, 4))
    await world.press(world.bob, await world.give(world.bob, post, 4), "Remove my vote")

    answer = await world.ask(world.alice, "rate", title="Miss You Allready", sheep=4)

    assert answer.ephemeral
    assert said(answer) == clicked
    await world.later()
    assert "Readers 4.0 · 1 vote" in said(post)
    assert "2 sheep (it was 4)" in said(await world.ask(world.alice, "rate", title="miss you already", sheep=2))
    assert "taken back (it was 2)" in said(await world.press(world.alice, answer, "Remove my vote"))
    assert world.kept().votes == {}


async def test_a_thought_by_command_is_kept_with_the_vote_and_its_spoiler_mark(world: World) -> None:
    post = await world.review()

    answer = await world.ask(
        world.alice, "rate", title="miss you already", sheep=5, thought=" The *end*! ", spoiler=True
    )

    assert answer.ephemeral
    assert "is shared.\n> ||The \\*end\\*!||" in said(answer)
    assert "5 sheep" in said(answer)
    assert list(world.kept().thoughts.values()) == [("The *end*!", True)]
    await world.later()
    assert "Readers 5.0 · 1 vote" in said(post)
    assert offers(post, "Thoughts (1)")
    assert "taken back" in said(await world.press(world.alice, answer, "Remove my vote"))
    assert list(world.kept().votes.values()) == []
    assert len(world.kept().thoughts) == 1


async def test_a_title_that_is_no_one_films_is_asked_about_and_no_word_is_lost(world: World) -> None:
    asked = await world.ask(world.alice, "rate", title="suspiria", sheep=3, thought="Red.")

    assert "Which film do you mean" in said(asked)
    assert "Your words:\n>>> Red." in said(asked)
    values = list(options(asked).values())
    answer = answered(await world.alice.select(asked, values[:1]))
    assert "You gave *Suspiria* 🐑🐑🐑 3 sheep" in said(answer)
    assert list(world.kept().votes.values()) == [3]
    choices = await world.alice.autocomplete(world.channel, "rate", "title", "susp")
    assert [choice["value"] for choice in choices]


async def test_a_thought_that_cannot_be_kept_is_refused_with_its_words_and_stores_no_vote(world: World) -> None:
    world.errors_are_expected = True  # SimCord takes a refused command for one
    await world.review()

    for thought, sentence in (("\u200b \u2800", "nothing to read"), ("x" * 1001, "1,001 characters and 1,000 fit")):
        refusal = told(await world.alice.slash(world.channel, "rate", title="cats", sheep=5, thought=thought))
        assert sentence in refusal
    assert "Your words:\n>>> xxx" in refusal
    assert world.kept().votes == {}
