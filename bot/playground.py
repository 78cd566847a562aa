"""The playground: the real bot in a simulated Discord server, in the browser.

SimCord stands in for Discord; nothing of the bot is changed for it. The server
has a few members to look through and, unless it is to be empty, a film club's
worth of votes and thoughts by others: a year of them, a few of which wait for
a moderator.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import tempfile
import time
import webbrowser
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import discord
import simcord

from bot.app import open_bot
from bot.errors import ConfigError
from bot.ranking import MAX_SHEEP, MIN_SHEEP, NEUTRAL_SHEEP
from bot.rules import DAY
from bot.store.meta import COMMANDS_HASH
from bot.store.records import NOTHING, Record
from bot.store.votes import Change, Thought
from bot.words import fold_word

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from simcord import Env, Preview

    from bot.client import SheepBot
    from bot.settings import Settings

GUILD_ID = 700_000_000_000_000_001
SEED = 2015
SPOILER_CHANCE = 0.1
YEAR = 365.0 * DAY
TICK = 1.0
"""Seconds between two looks at whether the page is behind."""
SETTLE = 2.0
"""Seconds that a click in the page waits for the bot; a tally due later follows by itself."""
OTHER_FILE = "Choose another file with --db."
FIRST_REVIEW = "miss-you-already"

OTHERS = (
    *("front row", "back row", "aisle seat", "balcony", "matinee", "late show", "double bill"),
    *("subtitle reader", "credits stayer", "trailer talker", "popcorn", "second reel", "projectionist"),
    *("usher", "box office", "repeat viewer", "book was better", "score collector", "long take", "jump cut"),
)

_LOVED = (
    "I went in with crossed arms and came out calling my mother.",
    "Two days later I am still having arguments with it in the shower. Five sheep, and I would give a sixth.",
    "The last ten minutes alone are worth the ticket.",
    "I noticed that I had stopped eating my popcorn. That never happens.",
    "Saw it twice this week. The second time I watched the faces in the background, and they are all acting.",
)
_LIKED = (
    "Better than the poster promises. The middle sags a little, the leads carry it.",
    "I would watch these people read a phone book, and for one scene they nearly do.",
    "Lovely to look at and clever enough. It could lose a quarter of an hour.",
    "It took me a while to get in. Then I was in.",
)
_DISLIKED = (
    "Everyone around me sniffled. I checked the time. Perhaps it is me.",
    "A good short film that somebody would not stop.",
    "I can see what it wants to be, and I would have liked to see that.",
)
_HELD_WORD = "overrated"
_HELD = "Overrated, and I say that as somebody who owns the poster."
_RUDE = "Whoever gave this five sheep should have their glasses looked at."
_SPOILERS = ("That empty chair at the end says more than all the speeches before it.",)


async def play(settings: Settings, *, port: int, open_browser: bool, empty: bool, database: Path | None) -> None:
    """Run the playground until the page ends it or a signal does.

    Args:
        port: The port on loopback; 0 takes any free one.
        database: Where the votes are kept; by default a file that goes with the playground.

    Raises:
        StartError: It cannot start; the message has the fix.
    """
    stop = asyncio.Event()
    for signum in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    with tempfile.TemporaryDirectory(prefix="sheepbot-") as folder:
        path = (database or Path(folder, "playground.db")).absolute()
        if _is_real(path, settings):
            raise ConfigError(f"{database} is the database that DATABASE_URL names. {OTHER_FILE}")
        async with open_bot(
            f"sqlite:///{path}", settings.reviews_path, shard_count=1, fetch_allow=settings.fetch_allow
        ) as bot:
            if await bot.store.votes.elsewhere(GUILD_ID):
                raise ConfigError(f"{database} holds the votes of real servers. {OTHER_FILE}")
            bot.pictures.look()
            await bot.store.meta.set(COMMANDS_HASH, "")  # a simulated Discord forgets the commands it was told
            async with _film_club(bot, port=port, empty=empty) as preview:
                click.echo("Sheepbot is in the Film club. Type /review miss you already. Ctrl-C ends it.")
                click.echo(preview.url)
                if open_browser:
                    await asyncio.to_thread(webbrowser.open, preview.url)
                ended = asyncio.create_task(preview.wait_closed())
                told = asyncio.create_task(stop.wait())
                await asyncio.wait({ended, told}, return_when=asyncio.FIRST_COMPLETED)
                ended.cancel()
                told.cancel()
            await bot.refresher.close()


def _is_real(path: Path, settings: Settings) -> bool:
    return path.resolve() == Path(settings.database_url.removeprefix("sqlite:///")).resolve()


@contextlib.asynccontextmanager
async def _film_club(bot: SheepBot, *, port: int, empty: bool) -> AsyncGenerator[Preview]:
    """The simulated server with its members, and the page that shows it."""
    async with simcord.run(bot, settle_timeout=SETTLE, check_errors=False) as env:
        env.backend.bot_user.name = "Sheepbot"
        guild = env.create_guild("Film club", id=GUILD_ID)
        channel = guild.create_text_channel("films", topic="Type /review and a title, then give it your sheep.")
        moderators = guild.create_role("moderators", permissions=discord.Permissions(manage_messages=True))
        managers = guild.create_role("managers", permissions=discord.Permissions(manage_guild=True))
        critics = guild.create_role("critics")
        viewers = [
            guild.add_member(env.create_user("regular", global_name="A regular")),
            guild.add_member(env.create_user("newcomer", global_name="A newcomer")),
            guild.add_member(env.create_user("moderator", global_name="A moderator"), roles=[moderators]),
            guild.add_member(env.create_user("manager", global_name="A manager"), roles=[managers]),
            guild.add_member(env.create_user("critic", global_name="A critic"), roles=[critics]),
        ]
        others = [guild.add_member(env.create_user(name.replace(" ", "_"), global_name=name)) for name in OTHERS]
        # The members' ids come from the simulated clock: they are made at its beginning, so that
        # the votes in a kept database are still theirs; from here on it shows the real time.
        env.backend.advance_clock(_behind(env))
        if (await bot.store.guilds.rules(guild.id)).settings.critic_role is None:
            await bot.store.guilds.change(guild.id, viewers[3].id, "critic_role", critics.id)
        if not empty:
            await _fill(bot, guild.id, [other.id for other in others])
            await _disturb(bot, guild.id, [other.id for other in others], viewers[2].id)
            await viewers[0].slash(channel, "review", title=FIRST_REVIEW)
        try:
            async with env.preview(channel, viewers=viewers, layout="channel", port=port) as preview:
                keeping_up = asyncio.create_task(_keep_up(env, preview))
                try:
                    yield preview
                finally:
                    keeping_up.cancel()
        except simcord.SetupError as error:
            raise ConfigError(f"{error}. Choose another with --port, or leave --port away.") from error


def _behind(env: Env) -> float:
    """Seconds by which the simulated clock is late."""
    return max(0.0, (datetime.now(UTC) - env.now()).total_seconds())


async def _keep_up(env: Env, preview: Preview) -> None:
    """Keep the simulated clock on time, and show what the bot edits by itself."""
    edited = asyncio.Event()

    def listen(event: str, _: object) -> None:
        # What a click brings about is shown with the click; a refresh as well could turn the next click away.
        # SimCord has no public word for it.
        by_a_click = env._operation_task is not None  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        if event == "MESSAGE_UPDATE" and not by_a_click:
            edited.set()

    env.backend.subscribers.append(listen)
    while True:
        await asyncio.sleep(TICK)
        env.backend.advance_clock(_behind(env))
        preview.capture_time = env.now()  # by which the page says "3 seconds ago"
        if edited.is_set():
            with contextlib.suppress(simcord.SetupError):  # a member is just doing something; the next look shows it
                await preview.refresh()
                edited.clear()


async def _fill(bot: SheepBot, guild_id: int, members: list[int]) -> None:
    """A year of votes and thoughts by others, the same each time: most agree with the critic, some never do."""
    chance = random.Random(SEED)  # noqa: S311 - a story, not a secret
    now = time.time()
    records: list[Record] = []
    slugs: dict[str, int] = {}
    for title in bot.catalogue:
        slugs[title.slug] = title.review_id
        review = await bot.store.reviews.get(title.review_id)
        loved = review.half_sheep / 2 if review and review.half_sheep is not None else NEUTRAL_SHEEP
        flock = loved + chance.uniform(-0.8, 0.6)
        voters = chance.sample(members, chance.randint(4, len(members)))
        thinkers = set(chance.sample(voters, min(len(voters), chance.randint(1, 5))))
        for member in voters:
            sheep = max(MIN_SHEEP, min(MAX_SHEEP, round(chance.gauss(flock, 0.9))))
            thought = _thought(chance, sheep) if member in thinkers else None
            at = int(now - YEAR * chance.random() ** 2)  # more of late: the club has grown
            record = Record(guild_id, title.slug, member, sheep, at, at, *NOTHING)
            if thought:
                said = {"thought": thought.body, "spoiler": int(thought.spoiler)}
                record = record._replace(**said, thought_at=at, thought_changed_at=at)
            records.append(record)
    await bot.store.records.put(records, slugs)


async def _disturb(bot: SheepBot, guild_id: int, members: list[int], moderator: int) -> None:
    """Something for the moderators to do: a thought that waits for its word, and one that others reported."""
    votes, moderation = bot.store.votes, bot.store.moderation
    film = next(iter(bot.catalogue), None)
    if film is None:
        return
    *_, held, rude, reporter = members
    await moderation.add_words(guild_id, {fold_word(_HELD_WORD)}, moderator)
    await votes.change(Change(guild_id, film.review_id, held, thought=Thought(_HELD)))
    await votes.change(Change(guild_id, film.review_id, rude, thought=Thought(_RUDE)))
    await moderation.report(guild_id, film.review_id, rude, reporter)


def _thought(chance: random.Random, sheep: int) -> Thought:
    if chance.random() < SPOILER_CHANCE:
        return Thought(chance.choice(_SPOILERS), spoiler=True)
    said = _LOVED if sheep == MAX_SHEEP else _LIKED if sheep > NEUTRAL_SHEEP else _DISLIKED
    return Thought(chance.choice(said))
