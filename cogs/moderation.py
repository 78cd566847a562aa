"""``/sheepmod``: thoughts reported and held, members blocked, votes set aside, words, and the log of all that."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot import words
from bot.rules import ThoughtsPolicy
from bot.store.aside import Reason
from bot.store.moderation import Verdict
from bot.ui import ids, moderation
from bot.ui import moderation_ids as mod
from bot.ui.guards import ForModerators, must_moderate
from bot.ui.names import names
from bot.ui.pages import chosen_id, guild_of, show

if TYPE_CHECKING:
    from bot.client import SheepBot
    from bot.ui.pages import Interaction


class Moderation(commands.Cog):
    """Takes reports, and does what moderators decide; each handler asks again whether its user may."""

    sheepmod = ForModerators()

    def __init__(self, bot: SheepBot) -> None:
        self.bot = bot
        on = bot.router.on
        on(mod.PickReport, self.report)
        on(mod.Queue, self.turn)
        on(mod.Approve, self.judge)
        on(mod.Remove, self.judge)
        on(mod.BlockAuthor, self.block_author)
        on(mod.Unblock, lambda interaction, control: self._unblock(interaction, control.member_id))
        on(mod.VoidVotes, lambda interaction, control: self._void(interaction, control.member_id))
        on(mod.RestoreVotes, lambda interaction, control: self._restore(interaction, control.member_id))
        on(mod.Words, self.turn_words)
        on(mod.AddWords, self.ask_words)
        on(mod.WordsForm, self.add_words)
        on(mod.DropWords, self.drop_words)
        on(mod.Log, self.turn_log)
        on(mod.ExportLog, self.export_log)

    async def report(self, interaction: Interaction, control: mod.PickReport) -> None:
        """Bring a thought before the moderators, and thank the member who reports it."""
        author_id = chosen_id(interaction)
        new = await self.bot.store.moderation.report(
            guild_of(interaction), control.review_id, author_id, interaction.user.id
        )
        await interaction.response.send_message(embed=moderation.reported(new=new), ephemeral=True)

    @sheepmod.command(name="queue")
    async def queue(self, interaction: Interaction) -> None:
        """Read the thoughts that were reported or wait for you, and decide."""
        await self._queue(interaction, 0)

    async def turn(self, interaction: Interaction, control: mod.Queue) -> None:
        """Turn to another thought."""
        must_moderate(interaction)
        await self._queue(interaction, control.page)

    async def judge(self, interaction: Interaction, control: mod.Approve | mod.Remove) -> None:
        """Approve or remove a thought, and show the next one."""
        guild_id = must_moderate(interaction)
        verdict = Verdict.APPROVE if isinstance(control, mod.Approve) else Verdict.REMOVE
        key = (guild_id, control.review_id, control.member_id)
        if not await self.bot.store.moderation.judge(key, control.seen, verdict, interaction.user.id):
            said = "Nothing was done: that thought was judged already, or its author has changed or deleted it since."
        elif verdict is Verdict.APPROVE:
            said = "✓ Approved. Everyone sees what {} wrote."
        else:
            said = "✓ Removed. Nobody but {}, who wrote it, sees it."
        self.bot.refresher.touch(guild_id, control.review_id)
        await self._queue(interaction, control.page, said, control.member_id)

    async def block_author(self, interaction: Interaction, control: mod.BlockAuthor) -> None:
        """Remove a thought, block its author, and show the next one."""
        guild_id = must_moderate(interaction)
        key = (guild_id, control.review_id, control.member_id)
        done = await self.bot.store.moderation.block_author(key, control.seen, interaction.user.id)
        said = "✓ {} can neither vote nor share thoughts here any more." if done.blocked else "{} was blocked already."
        said += (
            " The thought is removed."
            if done.removed
            else " The thought was judged already, or has changed: look anew."
        )
        self.bot.refresher.touch(guild_id, control.review_id)
        said += " `/sheepmod void` sets their votes aside, too."
        await self._queue(interaction, control.page, said, control.member_id)

    @sheepmod.command(name="block")
    @app_commands.describe(member="Who; of somebody who left, the id")
    async def block(self, interaction: Interaction, member: discord.User) -> None:
        """Let a member neither vote nor share thoughts here."""
        guild_id = must_moderate(interaction)
        new = await self.bot.store.moderation.block(guild_id, member.id, interaction.user.id)
        counting, _ = await self.bot.store.moderation.given(guild_id, member.id)
        who = await self._named(interaction, member.id)
        said = (
            f"{who} can neither vote nor share thoughts here any more." if new else f"{who} was blocked already."
        ) + " The votes and thoughts that are there stay as they are."
        choices = [("Set their votes aside", mod.VoidVotes(member.id))] if counting else []
        await show(interaction, *moderation.answer(said, ("Unblock", mod.Unblock(member.id)), *choices))

    @sheepmod.command(name="unblock")
    @app_commands.describe(member="Who; of somebody who left, the id")
    async def unblock(self, interaction: Interaction, member: discord.User) -> None:
        """Let a blocked member vote and share thoughts again."""
        await self._unblock(interaction, member.id)

    @sheepmod.command(name="void")
    @app_commands.describe(member="Whose; of somebody who left, the id")
    async def void(self, interaction: Interaction, member: discord.User) -> None:
        """Set a member's votes aside: they are kept, and count nowhere."""
        await self._void(interaction, member.id)

    @sheepmod.command(name="restore")
    @app_commands.describe(member="Whose; of somebody who left, the id")
    async def restore(self, interaction: Interaction, member: discord.User) -> None:
        """Bring back the votes of a member that were set aside."""
        await self._restore(interaction, member.id)

    @sheepmod.command(name="words")
    async def words(self, interaction: Interaction) -> None:
        """See and change the words that hold a thought back."""
        await self._words(interaction, 0)

    async def turn_words(self, interaction: Interaction, control: mod.Words) -> None:
        """Turn to another page of words."""
        must_moderate(interaction)
        await self._words(interaction, control.page)

    async def ask_words(self, interaction: Interaction, _: mod.AddWords) -> None:
        """Open the form for more words."""
        must_moderate(interaction)
        await interaction.response.send_modal(moderation.words_form())

    async def add_words(self, interaction: Interaction, _: mod.WordsForm) -> None:
        """Put the words that were sent on the list."""
        guild_id = must_moderate(interaction)
        data: Any = interaction.data
        rules = await self.bot.store.guilds.rules(guild_id)
        if new := moderation.read_words(data, rules.words):
            await self.bot.store.moderation.add_words(guild_id, new, interaction.user.id)
        said = f"✓ {moderation.text.plural(len(new), 'word')} added." if new else "All of that was on the list already."
        await self._words(interaction, 0, said)

    async def drop_words(self, interaction: Interaction, control: mod.DropWords) -> None:
        """Take the words that were chosen off the list."""
        guild_id = must_moderate(interaction)
        data: Any = interaction.data
        rules = await self.bot.store.guilds.rules(guild_id)
        if gone := rules.words.intersection(moderation.chosen_words(data)):
            await self.bot.store.moderation.drop_words(guild_id, gone, interaction.user.id)
        said = (
            f"✓ {moderation.text.plural(len(gone), 'word')} removed." if gone else "That was not on the list any more."
        )
        await self._words(interaction, control.page, said)

    @sheepmod.command(name="log")
    @app_commands.describe(member="Only what was done to this member; of somebody who left, the id")
    async def log(self, interaction: Interaction, member: discord.User | None = None) -> None:
        """See who did what, and when; and save it as a file."""
        await self._log(interaction, ids.MAX_ID, member.id if member else 0)

    async def turn_log(self, interaction: Interaction, control: mod.Log) -> None:
        """Turn to another page of the log."""
        must_moderate(interaction)
        await self._log(interaction, control.before, control.member_id)

    async def export_log(self, interaction: Interaction, control: mod.ExportLog) -> None:
        """Send the log, from the page at hand on, as a file."""
        from bot.moving import log  # noqa: PLC0415 - seldom needed

        guild_id = must_moderate(interaction)
        form = "jsonl" if control.jsonl else "csv"
        content = io.BytesIO(log.header(form))
        content.seek(0, io.SEEK_END)
        async for entries in self.bot.store.audit.pages(guild_id, control.before, control.member_id or None):
            content.write(log.written(entries, form))
        content.seek(0)
        file = discord.File(content, f"sheepbot-log.{form}", description="What moderators and managers did here")
        await interaction.response.send_message(file=file, ephemeral=True)

    async def _queue(self, interaction: Interaction, page: int, said: str = "", of: int = 0) -> None:
        """Show a thought that waits, below what was done to the one of another member."""
        guild_id = guild_of(interaction)
        one, total = await self.bot.store.moderation.queue(guild_id, page)
        if one is None and total:  # the last ones were judged since the page was offered
            page = total - 1
            one, total = await self.bot.store.moderation.queue(guild_id, page)
        why: list[str] = []
        if one:
            rules = await self.bot.store.guilds.rules(guild_id)
            reviewed = rules.settings.thoughts is ThoughtsPolicy.REVIEWED
            why = moderation.reasons(one, words.found(rules.words, one.thought.body), reviewed=reviewed)
        shown = {of, one.member_id if one else 0} - {0}
        called = await names(interaction, sorted(shown)) or {}
        await show(
            interaction, *moderation.queue(one, page, total, why, called, said.format(moderation.named(of, called)))
        )

    async def _unblock(self, interaction: Interaction, member_id: int) -> None:
        guild_id = must_moderate(interaction)
        done = await self.bot.store.moderation.unblock(guild_id, member_id, interaction.user.id)
        who = await self._named(interaction, member_id)
        said = f"{who} can vote and share thoughts here again." if done else f"{who} was not blocked."
        await show(interaction, *moderation.answer(said))

    async def _void(self, interaction: Interaction, member_id: int) -> None:
        guild_id = must_moderate(interaction)
        counting, _ = await self.bot.store.moderation.given(guild_id, member_id)
        new = await self.bot.store.aside.lay(guild_id, member_id, Reason.VOIDED, interaction.user.id)
        self.bot.mover.begin(guild_id, member_id)
        who = await self._named(interaction, member_id)
        votes = moderation.text.plural(counting, "vote")
        said = (
            f"{votes} of {who} set aside: kept, and counted nowhere. New ones are not taken, and the numbers follow in"
            " a moment."
            if new
            else f"The votes of {who} were set aside already."
        )
        await show(interaction, *moderation.answer(said, ("Bring them back", mod.RestoreVotes(member_id))))

    async def _restore(self, interaction: Interaction, member_id: int) -> None:
        guild_id = must_moderate(interaction)
        _, aside = await self.bot.store.moderation.given(guild_id, member_id)
        done = await self.bot.store.aside.lift(guild_id, member_id, Reason.VOIDED, interaction.user.id)
        self.bot.mover.begin(guild_id, member_id)
        who = await self._named(interaction, member_id)
        if not done:
            said = f"You had set no votes of {who} aside."
        elif member_id in (await self.bot.store.guilds.rules(guild_id)).left:
            said = f"The votes of {who} count again as soon as they return: this server leaves out members who left."
        else:
            said = f"{moderation.text.plural(aside, 'vote')} of {who} brought back. The numbers follow in a moment."
        await show(interaction, *moderation.answer(said))

    async def _words(self, interaction: Interaction, page: int, said: str = "") -> None:
        listed = sorted((await self.bot.store.guilds.rules(guild_of(interaction))).words)
        page = min(page, max(0, len(listed) - 1) // moderation.WORDS_PAGE)
        await show(interaction, *moderation.words(listed, page, said))

    async def _log(self, interaction: Interaction, before: int, member_id: int) -> None:
        limit = moderation.LOG_PAGE + 1
        found = await self.bot.store.audit.page(guild_of(interaction), before, limit, member_id or None)
        involved = {each for one in found for each in (one.actor_id, one.member_id) if each is not None}
        called = await names(interaction, sorted(involved))
        newest = before == ids.MAX_ID
        await show(interaction, *moderation.log(found, before, member_id, called or {}, newest=newest))

    @staticmethod
    async def _named(interaction: Interaction, member_id: int) -> str:
        return moderation.named(member_id, await names(interaction, [member_id]) or {})


async def setup(bot: SheepBot) -> None:
    """Load this topic."""
    await bot.add_cog(Moderation(bot))
