"""How answers travel: lean where nobody reads what became of them, and never lost for that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.process.stage import control

if TYPE_CHECKING:
    from tests.process.stage import Discord, Stage


async def test_only_a_public_message_is_asked_back(stage: Stage, discord: Discord) -> None:
    _, post = await stage.start_with_review()
    assert discord.asked_back == [True]

    vote = await discord.vote(post, "bob")
    await discord.click(vote.message, control(vote.message, "unvote"), user="bob")
    form = await discord.click(post, control(post, "share"), user="bob")
    await discord.submit(form, {"body": "Sheep."}, user="bob")
    await discord.slash("help")
    await discord.autocomplete("review", "title", "miss")

    assert discord.asked_back[1:6] == [False] * 5
    assert len(discord.asked_back) == 7


async def test_an_answer_that_is_not_taken_at_once_is_sent_again(stage: Stage, discord: Discord) -> None:
    bot, post = await stage.start_with_review()
    for status in (500, 429):
        discord.inject("POST", "/interactions/*", status)
        await discord.vote(post, f"member {status}")
    assert "ERROR" not in bot.log
