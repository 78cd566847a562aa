"""Stopping and dying: whoever was told "You gave …" finds that vote again."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Any

from tests.process.stage import PATIENCE, Discord, acknowledged, burst, control, said

if TYPE_CHECKING:
    from tests.process.stage import Stage
    from tests.wire.gateway import Link

CLICKS = 50
ENOUGH = 15.0
"""Seconds for stopping; the bot itself takes at most 5."""


async def test_sigterm_lets_what_has_begun_finish_and_a_restart_goes_on_from_there(
    stage: Stage, discord: Discord
) -> None:
    bot, post = await stage.start_with_review()
    form = await discord.click(post, control(post, "share"), user="carol")

    # All 50 answers are on their way, and none has been taken, when the signal comes.
    discord.takes_answers.clear()
    before = len(discord.requests)
    clicks = await burst(discord, post, CLICKS)
    await discord.answers(_answers(discord, before) + CLICKS)
    bot.send(signal.SIGTERM)
    await bot.logged("Stopping")
    late = await discord.begin_click(post, control(post, "vote", 3), user="late")
    await discord.answers(_answers(discord, before) + CLICKS + 1)
    discord.takes_answers.set()

    assert await bot.ended(ENOUGH) == 0
    told = acknowledged(clicks)
    assert told
    assert "restarting, and nothing was changed" in said(late.original)
    assert "Traceback" not in bot.log
    public = said(discord.messages[post.id])

    bot = await stage.start()
    await discord.ready(2)
    votes = stage.votes()
    assert told.items() <= votes.items()
    assert late.user.id not in votes
    assert f"{len(votes)} votes" in public, "the last edit told the truth"
    assert "Commands are as Discord has them" in bot.log
    assert discord.syncs == 1

    # The message and the form from before the restart still work.
    vote = await discord.click(post, control(post, "vote", 2), user="carol")
    assert "You gave *Miss You Already* 🐑🐑 2 sheep." in said(vote.message)
    shared = await discord.submit(form, {"body": "Typed across a restart."})
    assert "Typed across a restart." in said(shared.message)
    carol = discord.member("carol").id
    assert stage.votes()[carol] == 2
    assert stage.stored("SELECT member_id, body FROM thoughts") == [(int(carol), "Typed across a restart.")]


async def test_sigint_in_a_burst_ends_with_0_and_keeps_every_acknowledged_vote(stage: Stage, discord: Discord) -> None:
    bot, post = await stage.start_with_review()

    clicks = await burst(discord, post, CLICKS)
    await discord.answers(2)  # the review, and one vote
    bot.send(signal.SIGINT)

    assert await bot.ended(ENOUGH) == 0
    assert "Traceback" not in bot.log
    told = acknowledged(clicks)
    assert told
    assert told.items() <= stage.votes().items()


async def test_sigkill_in_a_burst_loses_no_acknowledged_vote(stage: Stage, discord: Discord) -> None:
    bot, post = await stage.start_with_review()

    clicks = await burst(discord, post, CLICKS)
    await discord.answers(1 + CLICKS // 5)
    bot.send(signal.SIGKILL)
    assert await bot.ended() == -signal.SIGKILL
    await discord.offline()

    told = acknowledged(clicks)
    assert told
    await stage.start()
    await discord.ready(2)
    votes = stage.votes()
    assert told.items() <= votes.items()
    await discord.click(post, control(post, "vote", 1), user="after")
    assert len(stage.votes()) == len(votes) + 1
    assert stage.stored("SELECT n1 + n2 + n3 + n4 + n5 FROM tallies WHERE guild_id > 0") == [(len(votes) + 1,)]


async def test_an_answer_that_discord_never_takes_does_not_keep_the_process(stage: Stage, discord: Discord) -> None:
    bot, post = await stage.start_with_review()
    discord.takes_answers.clear()
    await burst(discord, post, 1)
    await discord.answers(2)

    bot.send(signal.SIGTERM)

    assert await bot.ended(ENOUGH) == 0
    assert len(stage.votes()) == 1


class Deaf(Discord):
    """A Discord whose gateway hears nothing more once the bot is ready."""

    async def _identify(self, link: Link, data: dict[str, Any]) -> None:
        await super()._identify(link, data)
        self._touch()
        await asyncio.Event().wait()


async def test_a_gateway_that_does_not_answer_the_goodbye_does_not_keep_the_process(stage: Stage) -> None:
    async with Deaf() as discord:
        bot = await stage.start(discord=discord)
        await discord.ready()

        bot.send(signal.SIGTERM)

        assert await bot.ended(ENOUGH) == 0
    assert "Traceback" not in bot.log


async def test_a_signal_ends_a_login_that_gets_nowhere(stage: Stage, discord: Discord) -> None:
    discord.inject("GET", "/users/@me", 500, times=100)
    bot = await stage.start()
    await discord.requested("GET", "/users/@me", timeout=PATIENCE)

    bot.send(signal.SIGTERM)

    assert await bot.ended(ENOUGH) == 0
    assert "Traceback" not in bot.log


async def test_a_signal_ends_the_wait_for_a_gateway_that_is_down(stage: Stage, discord: Discord) -> None:
    discord.refuse_gateway = True
    bot = await stage.start()
    await bot.logged("Failed to connect for shard_id: 0")

    bot.send(signal.SIGINT)
    await asyncio.sleep(0)
    bot.send(signal.SIGTERM)  # twice is once

    assert await bot.ended(ENOUGH) == 0


async def test_a_signal_ends_the_wait_for_a_database_that_does_not_answer(stage: Stage) -> None:
    bot = await stage.start({"DATABASE_URL": "postgresql://sheepbot@127.0.0.1:1/sheepbot"})
    await bot.logged("PostgreSQL does not answer yet")

    bot.send(signal.SIGTERM)

    assert await bot.ended(ENOUGH) == 0
    assert "Traceback" not in bot.log


def _answers(discord: Discord, calls: int) -> int:
    """How many of the first so many calls were answers to interactions."""
    return sum(call.path.startswith("/interactions/") for call in discord.requests[:calls])
