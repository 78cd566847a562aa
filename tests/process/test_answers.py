"""How answers travel: lean where nobody reads what became of them, and never lost for that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.process.stage import control, said

if TYPE_CHECKING:
    from tests.process.stage import Discord, Stage


async def test_only_a_public_message_is_asked_back(stage: Stage, discord: Discord) -> None:
    await stage.start()
    await discord.ready()
    post = (await discord.slash("review", title="miss you already")).message
    assert discord.asked_back == [True]

    vote = await discord.click(post, control(post, "vote", 4), user="bob")
    await discord.click(vote.message, control(vote.message, "unvote"), user="bob")
    form = await discord.click(post, control(post, "share"), user="bob")
    await discord.submit(form, {"body": "Sheep."}, user="bob")
    await discord.slash("help")
    await discord.autocomplete("review", "title", "miss")

    assert discord.asked_back[1:6] == [False] * 5
    assert len(discord.asked_back) == 7


async def test_an_answer_that_is_not_taken_at_once_is_sent_again(stage: Stage, discord: Discord) -> None:
    bot = await stage.start()
    await discord.ready()
    post = (await discord.slash("review", title="miss you already")).message
    for status in (500, 429):
        discord.inject("POST", "/interactions/*", status)
        vote = await discord.click(post, control(post, "vote", 4), user=f"member {status}")
        assert "You gave" in said(vote.message)
    assert "ERROR" not in bot.log
