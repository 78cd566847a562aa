"""When something fails: the member gets one private sentence, the log the cause under the same reference."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from bot.errors import StoreBusyError, StoreError
from tests.journeys.screens import answered, labelled, said, sheep, told

if TYPE_CHECKING:
    from collections.abc import Callable

    from simcord import InteractionResult

    from tests.journeys.world import World

NOT_STORED = "I could not reach my records just now, and nothing was changed."
UNEXPECTED = "Something went wrong on my side"


def failing(error: Exception) -> Callable[..., Any]:
    """What raises this, whatever it is asked."""

    async def fail(*_: object, **__: object) -> NoReturn:
        raise error

    return fail


def broken_store() -> StoreError:
    """What the store raises when SQLite fails it."""
    error = StoreError()
    error.__cause__ = sqlite3.OperationalError("disk I/O error")
    return error


async def hang(*_: object, **__: object) -> NoReturn:
    """Never answer."""
    await asyncio.sleep(3600)
    raise AssertionError


def reference(sentence: str) -> str:
    """The reference in what a member was told."""
    found = re.search(r"[Rr]eference:? ([0-9a-f]{6})\b", sentence)
    assert found, sentence
    return found[1]


@pytest.mark.parametrize(
    ("error", "sentence"), [(broken_store(), NOT_STORED), (RuntimeError("kaboom"), UNEXPECTED)], ids=["store", "bug"]
)
@pytest.mark.parametrize("where", ["a button", "a command", "a form"])
async def test_the_member_and_the_log_have_the_same_reference(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    sentence: str,
    where: str,
) -> None:
    world.errors_are_expected = True
    post = await world.review()
    opened = await world.alice.click(post, label="Share your thoughts")
    for verb in ("cast", "change", "of_member"):
        monkeypatch.setattr(world.bot.store.votes, verb, failing(error))

    if where == "a button":
        answer = told(await world.alice.click(post, custom_id=sheep(post, 4)))
    elif where == "a command":
        answer = told(await world.alice.slash(world.channel, "myvotes"))
    else:
        answer = told(await world.alice.submit_modal(opened, {"body": "A thought.", "sheep": "4"}))

    assert answer.startswith(sentence)
    (record,) = (record for record in caplog.records if f"[{reference(answer)}]" in record.getMessage())
    assert record.exc_info
    assert str(error.__cause__ or error) in str(record.exc_info[1])
    for secret in ("kaboom", "disk", "Error", "sqlite"):
        assert secret not in answer
    assert not world.kept().votes


async def test_a_member_can_go_on_after_a_failure(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.errors_are_expected = True
    post = await world.review()
    with monkeypatch.context() as broken:
        broken.setattr(world.bot.store.votes, "cast", failing(RuntimeError("kaboom")))
        told(await world.alice.click(post, custom_id=sheep(post, 4)))

    assert "4 sheep" in said(await world.give(world.alice, post, 4))


async def test_too_many_votes_at_once_are_refused_without_a_reference(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.errors_are_expected = True
    post = await world.review()
    monkeypatch.setattr(world.bot.store.votes, "cast", failing(StoreBusyError()))

    answer = told(await world.alice.click(post, custom_id=sheep(post, 4)))

    assert "that was not counted" in answer
    assert "eference" not in answer


@pytest.mark.parametrize("where", ["a button", "a command", "a form"])
async def test_a_store_that_hangs_is_not_waited_for_beyond_discords_three_seconds(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, where: str
) -> None:
    world.errors_are_expected = True
    post = await world.review()
    opened = await world.alice.click(post, label="Share your thoughts")
    for verb in ("cast", "change", "of_member"):
        monkeypatch.setattr(world.bot.store.votes, verb, hang)

    result: InteractionResult
    if where == "a button":
        result = await world.alice.click(post, custom_id=sheep(post, 4))
    elif where == "a command":
        result = await world.alice.slash(world.channel, "myvotes")
    else:
        result = await world.alice.submit_modal(opened, {"body": "A thought.", "sheep": "4"})
    assert not result.acknowledged
    await world.later(2.9)

    answer = told(result)
    assert answer.startswith("That took me too long.")
    assert f"[{reference(answer)}]" in caplog.text
    assert (">>> A thought." in answer) == (where == "a form")


async def test_a_slow_answer_does_not_keep_others_waiting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.errors_are_expected = True
    post = await world.review()
    with monkeypatch.context() as slow:
        slow.setattr(world.bot.store.votes, "tally", hang)
        waiting = await world.alice.click(post, label="Results")

    assert "5 sheep" in said(await world.give(world.bob, post, 5))
    assert not waiting.acknowledged
    await world.later()
    assert "too long" in told(waiting)


async def test_typing_goes_on_when_the_titles_cannot_be_offered(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.errors_are_expected = True

    def fail(*_: object) -> NoReturn:
        raise RuntimeError("kaboom")

    monkeypatch.setattr(world.bot.catalogue, "complete", fail)

    assert await world.alice.autocomplete(world.channel, "review", "title", "miss") == []


async def test_a_vote_whose_answer_discord_refuses_is_not_said_to_be_lost(world: World) -> None:
    world.errors_are_expected = True
    post = await world.review()
    world.env.inject_error("POST", "/interactions/*/callback", status=500)

    result = await world.alice.click(post, custom_id=sheep(post, 4))

    assert list(world.kept().votes.values()) == [4]
    assert "nothing was saved" not in told(result)
    await world.later()
    assert "Readers 4.0 · 1 vote" in said(post)


async def test_a_thought_whose_answer_discord_refuses_is_stored_and_counted(world: World) -> None:
    world.errors_are_expected = True
    post = await world.review()
    opened = await world.alice.click(post, label="Share your thoughts")
    world.env.inject_error("POST", "/interactions/*/callback", status=500)

    await world.alice.submit_modal(opened, {"body": "A thought."})

    assert len(world.kept().thoughts) == 1
    await world.later()
    assert labelled(post, "Thoughts (")["label"] == "Thoughts (1)"


async def test_a_member_who_cannot_be_told_leaves_only_a_line_in_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world.errors_are_expected = True
    post = await world.review()
    monkeypatch.setattr(world.bot.store.votes, "cast", failing(RuntimeError("kaboom")))
    world.env.inject_error("POST", "/interactions/*/callback", status=500, times=None)

    assert not (await world.alice.click(post, custom_id=sheep(post, 4))).acknowledged
    assert "could not be told" in caplog.text


async def test_a_review_that_cannot_be_remembered_is_posted_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(world.bot.store.posts, "add", failing(broken_store()))

    result = await world.alice.slash(world.channel, "review", title="cats")

    assert not answered(result).ephemeral
    assert not result.followups
    assert "could not be remembered" in caplog.text


async def test_a_thought_that_cannot_be_stored_is_given_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    post = await world.review()
    monkeypatch.setattr(world.bot.store.votes, "change", failing(StoreError()))

    answer = await world.share(world.alice, post, "It took me **minutes** to write this.")

    assert answer.ephemeral
    assert "nothing was changed" in answer.content
    assert answer.content.endswith(r">>> It took me \*\*minutes\*\* to write this.")
    assert not world.kept().thoughts


async def test_a_vote_that_is_stored_too_late_for_an_answer_still_reaches_the_post(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.errors_are_expected = True
    post = await world.review()
    store = world.bot.store.votes.cast

    async def store_and_hang(*vote: int) -> NoReturn:
        await store(*vote)
        await hang()

    monkeypatch.setattr(world.bot.store.votes, "cast", store_and_hang)
    late = await world.alice.click(post, custom_id=sheep(post, 4))
    await world.later()

    assert "too long" in told(late)
    assert "Readers 4.0 · 1 vote" in said(post)
