"""The client: loads the cogs, syncs the commands, and is the one place where errors are answered."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import secrets
import sys
from io import BytesIO
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot.eraser import Eraser
from bot.errors import ExtensionLoadError, RestartingError, ReviewGoneError, SheepbotError, TooSlowError
from bot.mover import Mover
from bot.pictures import Pictures
from bot.refresher import TallyRefresher
from bot.shards import ShardedBot, Turns
from bot.shelf import bring_in_line
from bot.tree import CommandTree, tell_discord
from bot.ui import modals, text
from bot.ui.pages import guild_of
from bot.ui.router import Router

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence

    from bot.addresses import Listed
    from bot.metrics import Metrics
    from bot.reviews.catalogue import Catalogue
    from bot.reviews.titles import Title
    from bot.store import Store
    from bot.ui.cards import Card
    from bot.ui.pages import Interaction

log = logging.getLogger(__name__)

COGS = (
    *("cogs.reviews", "cogs.votes", "cogs.thoughts", "cogs.rate", "cogs.leaderboard", "cogs.stats", "cogs.taste"),
    *("cogs.publish", "cogs.imports", "cogs.server", "cogs.settings", "cogs.closing", "cogs.feeds"),
    *("cogs.moderation", "cogs.privacy", "cogs.help"),
)
DEADLINE = 2.5
"""Seconds for an answer; Discord gives up after 3."""
LAST_WORD = 0.4
"""Seconds for saying that there will be no other answer."""
DRAIN = 3.0
"""Seconds that what is in flight has to finish when the bot stops."""
PERMISSIONS = discord.Permissions(view_channel=True, embed_links=True, attach_files=True)
SLICE = 200
"""Films or spellings that are made ready to be searched in one go, about a millisecond's work."""


class SheepBot(ShardedBot):
    """The bot, given its store and catalogue; it owns neither.

    Attributes:
        store: Everything that is kept.
        catalogue: The titles on the shelf.
        router: Where the cogs register the handlers of their controls.
        refresher: Keeps the tallies on public messages current.
        mover: Moves votes that are set aside or brought back.
        eraser: Deletes all of a member or a server.
        pictures: Draws boards and results, once it has looked whether it can.
        fetch_allow: Where the bot may fetch from besides public addresses.
    """

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        metrics: Metrics,
        *,
        shard_count: int | None = None,
        shard_ids: Sequence[int] | None = None,
        fetch_allow: Sequence[Listed] | None = None,
    ) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
            shard_count=shard_count,
            shard_ids=shard_ids,
            book=store.leases.book if store.shared else Turns().book,
            http_trace=metrics.http_trace(),  # pyright: ignore[reportArgumentType] - None is what it is without
            tree_cls=CommandTree,
        )
        self.store = store
        self.catalogue = catalogue
        self.router = Router()
        self.refresher = TallyRefresher(self, store, metrics)
        self.mover = Mover(self, store, self.refresher)
        self.eraser = Eraser(store, catalogue, self.refresher)
        self._behind: set[asyncio.Task[None]] = set()
        self.pictures = Pictures()
        self.fetch_allow = fetch_allow
        self._metrics = metrics
        self._in_flight = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._stopping = False

    def film(self, interaction: Interaction, review_id: int) -> Title:
        """The film that a control names.

        Raises:
            NotInServerError: There is no server.
            ReviewGoneError: It is not on the shelf, and may never have been; or it is another server's own.
        """
        title = self.catalogue.found_in(guild_of(interaction), review_id)
        if title is None:
            raise ReviewGoneError
        return title

    async def reshelve(self, films: Collection[tuple[int, int]]) -> None:
        """Have titles, labels and posts follow what this process did to servers' own reviews.

        Args:
            films: (guild_id, review_id) of each.

        Raises:
            StoreError: The database did not answer; where other processes share it, they tell of it all the same.
        """
        await bring_in_line(self.store, self.catalogue, {review_id for _, review_id in films})
        for film in films:
            self.refresher.touch(*film)

    async def picture(self, interaction: Interaction, embed: discord.Embed, card: Card) -> list[discord.File]:
        """Put a card into an embed; the files to send with it, none where it stays text."""
        rules = await self.store.guilds.rules(guild_of(interaction))
        return await self.pictures.attach(interaction, embed, card) if rules.settings.pictures else []

    async def setup_hook(self) -> None:
        """Load the cogs and bring Discord's list of commands up to date, before the gateway is opened.

        Raises:
            ExtensionLoadError: A cog does not load.
        """
        for name in COGS:
            try:
                await self.load_extension(name)
            except commands.ExtensionError as error:
                raise ExtensionLoadError(f"{name} does not load: {error}. Reinstall Sheepbot.") from error
        await tell_discord(self)
        self.mover.start()
        log.info("Invite me with %s", self.invite_url())

    def invite_url(self) -> str:
        """The address by which a server's manager adds the bot, asking for the least that works."""
        return discord.utils.oauth_url(
            self.application_id or 0, permissions=PERMISSIONS, scopes=("bot", "applications.commands")
        )

    async def on_shard_ready(self, _: int) -> None:
        """Make ready to search by title, between the clicks that already come; then spare the garbage collector.

        Each of its rounds through all that is there by now would hold up the clicks.
        """
        while self.catalogue.index(SLICE):  # noqa: ASYNC110 - nothing is waited for: others have their turn
            await asyncio.sleep(0)
        gc.collect()
        gc.freeze()

    async def on_interaction(self, interaction: Interaction) -> None:
        """Answer components and forms; commands go through the tree."""
        if interaction.type in {discord.InteractionType.component, discord.InteractionType.modal_submit}:
            await self.answer(interaction, self.router.handle)

    async def answer(self, interaction: Interaction, work: Callable[[Interaction], Awaitable[None]]) -> None:
        """Hold the work on one interaction to the deadline, and answer what is expected to go wrong.

        What is not expected goes on to discord.py, which brings it to :meth:`report`.
        """
        self._metrics.received(interaction)
        if self._stopping:
            await self._tell(interaction, RestartingError(), None)
            return
        self._in_flight += 1
        self._idle.clear()
        try:
            async with asyncio.timeout(DEADLINE):
                await work(interaction)
                self.mover.seen(interaction)
        except TimeoutError as error:
            await self._tell(interaction, TooSlowError(), error)
        except SheepbotError as error:
            await self._tell(interaction, error, error.__cause__)
        else:
            if not interaction.command_failed:
                self._ended(interaction, None)
        finally:
            self._in_flight -= 1
            if not self._in_flight:
                self._idle.set()

    def take_time(self, interaction: Interaction, work: Coroutine[Any, Any, None]) -> None:
        """Do what may take longer than an answer may, once the member is told to wait; errors are told as always."""
        task = asyncio.create_task(self._take_time(interaction, work))
        self._behind.add(task)
        task.add_done_callback(self._behind.discard)

    async def _take_time(self, interaction: Interaction, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except SheepbotError as error:
            await self._tell(interaction, error, error.__cause__)
        except Exception as error:  # noqa: BLE001 - it is reported, as that of whatever is quick
            await self.report(interaction, error)

    async def on_error(self, event_method: str, /, *args: Any, **_: Any) -> None:
        """Take what an event's handler raised."""
        error = sys.exc_info()[1]
        if event_method == "on_interaction" and error is not None:
            await self.report(args[0], error)
        else:
            log.error("Handling %s failed", event_method, exc_info=error)

    async def report(self, interaction: Interaction, error: BaseException) -> None:
        """Tell the member in one private sentence, and the log the cause, under one reference."""
        await self._tell(interaction, SheepbotError(), error)

    def _ended(self, interaction: Interaction, told: SheepbotError | None) -> None:
        self._metrics.ended(told)
        if log.isEnabledFor(logging.DEBUG):
            log.debug("%s: %s", _described(interaction), type(told).__name__ if told else "ok")

    async def _tell(self, interaction: Interaction, told: SheepbotError, cause: BaseException | None) -> None:
        self._ended(interaction, told)
        if interaction.type is discord.InteractionType.autocomplete:
            return  # it can be answered with choices only
        sentence = told.told
        if cause is not None:
            reference = secrets.token_hex(3)
            sentence += f" (Reference: {reference})"
            log.error("[%s] %s for %s", reference, type(told).__name__, _described(interaction), exc_info=cause)
        files: list[discord.File] = []
        if words := modals.words(interaction.data):
            # What took minutes to write is given back, whatever went wrong; all of it, where that needs a file.
            sentence += f"\nYour words:\n>>> {text.literal(words, modals.GIVEN_BACK)}"
            if len(words) > modals.GIVEN_BACK:
                files = [discord.File(BytesIO(words.encode()), "your-words.txt", description="What you wrote")]
        try:
            async with asyncio.timeout(LAST_WORD):
                try:
                    await _say(interaction, sentence, files)
                except discord.Forbidden:  # files, for one, where a channel denies them
                    await _say(interaction, sentence, [])
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
            log.warning("The member could not be told (%s): %r", _described(interaction), error)

    async def close(self) -> None:
        """Take no more interactions, finish those in flight, then leave Discord."""
        if not self._stopping:
            self._stopping = True
            await self.eraser.close()
            for task in self._behind:
                task.cancel()
            # Neither time nor a lost network keeps it from leaving; a TimeoutError is an OSError.
            with contextlib.suppress(aiohttp.ClientError, OSError):
                async with asyncio.timeout(DRAIN):
                    await self._idle.wait()
                    await self.mover.close()
                    await self.refresher.close()
        await super().close()


async def _say(interaction: Interaction, sentence: str, files: Sequence[discord.File]) -> None:
    if interaction.response.is_done():
        await interaction.followup.send(sentence, files=files, ephemeral=True)
    else:
        await interaction.response.send_message(sentence, files=files, ephemeral=True)


def _described(interaction: Interaction) -> str:
    data: Any = interaction.data or {}
    what = data.get("custom_id") or f"/{data.get('name')}"
    return f"{what!r} by {interaction.user.id} in guild {interaction.guild_id}"
