"""The bots that Sheepbot is measured against, each a process of its own.

``python -m tests.bench.bots acknowledging | routed | naive | minimal``, with the environment of ``sheepbot run``.

* acknowledging: the floor of a click. A ``DynamicItem`` takes it and acknowledges it, and does nothing else.
* routed: the same without a ``DynamicItem``, which is less than discord.py's own way.
* naive: the peer. A connection a click, a commit a vote, COUNT and AVG over the votes, and a view
  kept for each message.
* minimal: the floor of a start. It connects.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING, Any, Self

import aiosqlite
import discord
import uvloop
import yarl
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

if TYPE_CHECKING:
    import re

VOTE = r"bench:vote:(?P<review>[0-9]+):(?P<sheep>[1-5])"
SCHEMA = """
CREATE TABLE IF NOT EXISTS votes (
    guild_id INTEGER, review_id INTEGER, member_id INTEGER, sheep INTEGER,
    PRIMARY KEY (guild_id, review_id, member_id)
)
"""


class Minimal(commands.AutoShardedBot):
    """Connects with the intents of Sheepbot, and no more."""

    def __init__(self) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned, intents=discord.Intents(guilds=True), max_messages=None
        )


class Acknowledged(discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=VOTE):
    """A sheep button that only says that it was pressed."""

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], __: re.Match[str]) -> Self:
        assert isinstance(item, discord.ui.Button)
        return cls(item)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()


class Acknowledging(Minimal):
    """Acknowledges every click."""

    async def setup_hook(self) -> None:
        self.add_dynamic_items(Acknowledged)


class Routed(Minimal):
    """Acknowledges every click, without looking what was clicked."""

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()


class SheepButtons(discord.ui.View):
    """Five buttons that write and count the way a first bot does."""

    def __init__(self, database: str) -> None:
        super().__init__(timeout=None)
        self.database = database
        for sheep in range(1, 6):
            button = discord.ui.Button[discord.ui.View](label=str(sheep), emoji="🐑", custom_id=f"bench:vote:1:{sheep}")
            button.callback = self._vote(sheep)
            self.add_item(button)

    def _vote(self, sheep: int) -> Any:
        async def vote(interaction: discord.Interaction[Any]) -> None:
            key = (interaction.guild_id, 1, interaction.user.id)
            async with aiosqlite.connect(self.database, timeout=60) as connection:
                await connection.execute("PRAGMA synchronous = FULL")
                await connection.execute("INSERT OR REPLACE INTO votes VALUES (?, ?, ?, ?)", (*key, sheep))
                await connection.commit()
                counted = await connection.execute_fetchall(
                    "SELECT count(*), avg(sheep) FROM votes WHERE guild_id = ? AND review_id = ?", key[:2]
                )
            count, mean = next(iter(counted))
            embed = discord.Embed(description=f"You gave it {sheep} sheep. Readers: {mean:.1f} of {count} votes.")
            await interaction.response.send_message(embed=embed, ephemeral=True)

        return vote


class Naive(Minimal):
    """Opens the database anew for each click."""

    async def setup_hook(self) -> None:
        database = os.environ["BENCH_DATABASE"]
        async with aiosqlite.connect(database) as connection:
            await connection.execute("PRAGMA journal_mode = WAL")
            await connection.execute(SCHEMA)
            await connection.commit()
        self.add_view(SheepButtons(database))
        self.tree.add_command(discord.app_commands.Command(name="review", description="…", callback=_post))
        await self.tree.sync()


async def _post(interaction: discord.Interaction[Any]) -> None:
    """Post a review with buttons that are kept, as most bots do."""
    await interaction.response.send_message("A review.", view=SheepButtons(os.environ["BENCH_DATABASE"]))


BOTS = {"acknowledging": Acknowledging, "routed": Routed, "naive": Naive, "minimal": Minimal}


def main() -> None:
    """Run the bot that is named, on the event loop that Sheepbot would use."""
    Route.BASE = os.environ["DISCORD_API_BASE"]
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["DISCORD_GATEWAY"])

    async def run() -> None:
        async with BOTS[sys.argv[1]]() as bot:
            await bot.start(os.environ["DISCORD_TOKEN"])

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


if __name__ == "__main__":
    main()
