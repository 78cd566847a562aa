"""Two processes, four shards, one PostgreSQL: what one of them does and suffers, the other sees and survives."""

from __future__ import annotations

import asyncio
import shutil
import signal
from typing import TYPE_CHECKING

import pytest

from bot.shards import IDENTIFY_EVERY
from tests import postgres
from tests.process.stage import BotProcess, Discord, Stage, acknowledged, burst, said
from tests.store.tools import Postgres, assert_tallies_are_true

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

    from tests.wire.payloads import Message
    from tests.wire.replies import Pending

pytestmark = pytest.mark.skipif(bool(postgres.missing()), reason=postgres.missing())

SHARDS = 4
HALVES = ("0-1", "2-3")
CROWD = 25
"""Members who click at once in each server."""
STORED = "SELECT guild_id, member_id, sheep FROM votes"


class Two:
    """Two processes on one database, with two shards and servers each.

    Attributes:
        posts: The same review, posted in each server.
    """

    def __init__(self, stage: Stage, discord: Discord, engine: Postgres) -> None:
        self.stage, self.discord, self.engine = stage, discord, engine
        self.processes: list[BotProcess] = []
        self.posts: list[Message] = []

    async def start(self, shard_ids: str) -> BotProcess:
        """Start a process that serves these shards."""
        settings = {"DATABASE_URL": self.engine.url, "SHARD_COUNT": str(SHARDS), "SHARD_IDS": shard_ids}
        return await self.stage.start(settings, discord=self.discord)

    async def start_both(self) -> None:
        """Start both at once, and have the review posted everywhere."""
        self.processes = list(await asyncio.gather(*map(self.start, HALVES)))
        await self.discord.ready()
        for guild in range(SHARDS):
            reply = await self.discord.slash("review", title="miss you already", guild=guild)
            assert reply.message
            self.posts.append(reply.message)

    async def click(self) -> list[dict[Pending, int]]:
        """Have a crowd click in every server at once, the same members in each."""
        return list(await asyncio.gather(*(burst(self.discord, post, CROWD) for post in self.posts)))

    async def assert_kept(self, clicks: list[dict[Pending, int]]) -> None:
        """Every vote that a member was told of is stored, no member has another, and all tallies are true."""
        stored = {(str(guild), str(member)): sheep for guild, member, sheep in await self.engine.rows(STORED)}
        given = {
            (str(self.discord.guilds[guild].id), click.user.id): sheep
            for guild, crowd in enumerate(clicks)
            for click, sheep in crowd.items()
        }
        told = {
            (str(self.discord.guilds[guild].id), member): sheep
            for guild, crowd in enumerate(clicks)
            for member, sheep in acknowledged(crowd).items()
        }
        assert told.items() <= stored.items()
        assert stored.items() <= given.items()
        await assert_tallies_are_true(self.engine)

    async def board(self, guild: int) -> str:
        """The leaderboard of a server."""
        return said((await self.discord.slash("toprated", guild=guild)).message)


@pytest.fixture
def engine() -> Generator[Postgres]:
    """A new database."""
    with postgres.server().database() as name:
        yield Postgres(name)


@pytest.fixture
async def two(stage: Stage, engine: Postgres) -> AsyncGenerator[Two]:
    """Two processes that are still to be started."""
    async with Discord(guilds=SHARDS, shards=SHARDS) as discord:
        discord.concurrency = SHARDS
        two = Two(stage, discord, engine)
        yield two
        for process in two.processes:
            await process.end()


async def answered(*clicks: dict[Pending, int]) -> None:
    """Wait until every one of the clicks is answered."""
    for click in (click for crowd in clicks for click in crowd):
        await click.reply(20)


async def test_votes_through_both_are_in_one_leaderboard(two: Two) -> None:
    await two.start_both()

    clicks = await two.click()
    await answered(*clicks)

    assert sum(len(acknowledged(crowd)) for crowd in clicks) == SHARDS * CROWD
    await two.assert_kept(clicks)
    for guild in range(SHARDS):
        assert f"{CROWD} votes" in await two.board(guild)
    everywhere = await two.engine.rows("SELECT n1 + n2 + n3 + n4 + n5 FROM tallies WHERE guild_id = 0")
    assert everywhere == [(CROWD,)]
    assert two.discord.syncs == 1


async def test_a_review_that_one_process_changes_is_seen_by_the_other(two: Two) -> None:
    two.stage.reviews = shutil.copytree(two.stage.reviews, two.stage.folder / "reviews")
    await two.start_both()
    missing = await two.discord.slash("review", title="the long flock home", guild=2)
    assert missing.ephemeral

    sample = (two.stage.reviews / "miss-you-already.md").read_text(encoding="utf-8")
    new = sample.replace("title: Miss You Already", "title: The Long Flock Home")
    (two.stage.reviews / "the-long-flock-home.md").write_text(new, encoding="utf-8")
    (two.stage.reviews / "miss-you-already.md").unlink()
    await two.processes[0].end()
    two.processes[0] = await two.start(HALVES[0])

    await two.processes[1].logged("2 titles brought in line")
    assert "The Long Flock Home" in said((await two.discord.slash("review", title="long flock home", guild=2)).message)
    assert (await two.discord.slash("review", title="miss you already", guild=2)).ephemeral


async def test_of_one_that_is_killed_nothing_told_is_lost_and_the_other_goes_on(two: Two) -> None:
    await two.start_both()
    at_half = asyncio.Event()
    two.discord.at_answer = lambda: at_half.set() if len(two.discord.asked_back) >= SHARDS + CROWD else None

    clicks = await two.click()
    await at_half.wait()
    two.processes[0].send(signal.SIGKILL)
    await answered(*clicks[2:])

    assert sum(len(acknowledged(crowd)) for crowd in clicks[2:]) == 2 * CROWD
    await two.assert_kept(clicks)
    two.processes[0] = await two.start(HALVES[0])
    await two.discord.online(0, 1)
    again = await burst(two.discord, two.posts[0], CROWD)
    await answered(again)
    assert len(acknowledged(again)) == CROWD
    await assert_tallies_are_true(two.engine)


async def test_both_recover_from_a_restart_of_the_database(two: Two) -> None:
    await two.start_both()
    at_half = asyncio.Event()
    two.discord.at_answer = lambda: at_half.set() if len(two.discord.asked_back) >= SHARDS + CROWD else None

    clicks = await two.click()
    await at_half.wait()
    await asyncio.to_thread(postgres.server().restart)
    await answered(*clicks)

    await two.assert_kept(clicks)
    again = await two.click()
    await answered(*again)
    assert sum(len(acknowledged(crowd)) for crowd in again) == SHARDS * CROWD
    await two.assert_kept(again)
    assert all(process.running for process in two.processes)


async def test_shards_that_cannot_connect_hold_up_no_others(two: Two) -> None:
    two.discord.refuse_shards = {0, 3}
    two.processes = list(await asyncio.gather(*map(two.start, HALVES)))

    await two.discord.online(1, 2)
    for guild in (1, 2):
        await two.discord.slash("review", title="miss you already", guild=guild)

    two.discord.refuse_shards = set()
    await two.discord.online(*range(SHARDS))


async def test_of_a_shard_that_two_processes_serve_the_operator_is_warned(two: Two) -> None:
    first = await two.start("0-3")
    await two.discord.ready()
    second = await two.start("2-3")

    await second.logged("Shard 2 is served by another process too")
    await second.logged("Shard 3 is served by another process too")
    await first.end()
    third = await two.start("0")
    await two.discord.online(0)
    await third.logged("Invite me")
    assert "another process" not in first.log + third.log


async def test_all_processes_take_turns_to_identify(two: Two) -> None:
    two.discord.concurrency = 2
    await asyncio.gather(*map(two.start, HALVES))
    await two.discord.ready()

    for bucket in range(2):
        turns = sorted(when for shard, when in two.discord.identified_at if shard % 2 == bucket)
        assert len(turns) == 2
        assert turns[1] - turns[0] > IDENTIFY_EVERY - 0.5
