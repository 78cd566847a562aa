"""``/publish``: critics write, change and retire the reviews that are their server's own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot import gate, posting
from bot.drafts import Draft, base_of, read, typed
from bot.errors import InputError, NotAllowedError, ReviewGoneError, SheepbotError, StoreError
from bot.poster import ERRORS
from bot.ranking import Tally
from bot.reviews.catalogue import complete, resolve
from bot.reviews.titles import Titles
from bot.store import audit
from bot.store.drafts import discarding
from bot.store.own import published_in
from bot.ui import controls, publishing, titles
from bot.ui import publishing_ids as pub
from bot.ui.guards import moderates
from bot.ui.moderation import named
from bot.ui.names import names
from bot.ui.pages import chosen_review, guild_of, show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.client import SheepBot
    from bot.store.database import Statement
    from bot.store.own import Own
    from bot.ui.pages import Interaction


class Publish(commands.Cog):
    """Takes critics from a form over a preview to a post; each handler asks again who uses it, and whose it is."""

    def __init__(self, bot: SheepBot) -> None:
        self.bot = bot
        self._publishing: set[tuple[int, int, int]] = set()
        on = bot.router.on
        on(pub.WriteReview, self.write)
        on(pub.ReviewForm, self.take)
        on(pub.PostDraft, self.post)
        on(pub.DiscardDraft, self.discard)
        on(pub.PickPublished, self.pick)
        on(pub.Published, self.published)
        on(pub.PostAgain, self.post_again)
        on(pub.Retire, self.retire)

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(title="One that you have published here, to change or retire it; left away: a new one")
    async def publish(self, interaction: Interaction, title: str | None = None) -> None:
        """For critics: write a review for this server, or change one."""
        if title is None:
            await self._open(interaction, 0)
            return
        theirs = await self._theirs(interaction)
        if not len(theirs):
            await gate.let_publish(self.bot.store, interaction)
            raise InputError(publishing.NONE_OF_YOURS)
        if film := await titles.meant(interaction, resolve([theirs], title), title, pub.PickPublished()):
            await self._show(interaction, film.review_id)

    @publish.autocomplete("title")
    async def complete(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        """Offer what the member may change."""
        return titles.offered(complete([await self._theirs(interaction)], current, controls.MAX_OPTIONS))

    async def pick(self, interaction: Interaction, _: pub.PickPublished) -> None:
        """Show what can be done with the review chosen from "Did you mean …?"."""
        await self._show(interaction, chosen_review(interaction))

    async def published(self, interaction: Interaction, control: pub.Published) -> None:
        """Show what can be done with a review."""
        await self._show(interaction, control.review_id)

    async def write(self, interaction: Interaction, control: pub.WriteReview) -> None:
        """Open the form, filled with what was typed before."""
        await self._open(interaction, control.review_id)

    async def take(self, interaction: Interaction, control: pub.ReviewForm) -> None:
        """Keep what was typed, and show how it will look."""
        own = await self._editable(interaction, control.review_id)
        data: Any = interaction.data
        draft = Draft(publishing.read_form(data), control.base)
        await self.bot.store.drafts.keep(*_key(interaction, control.review_id), draft.packed())
        await self._preview(interaction, own, draft)

    async def post(self, interaction: Interaction, control: pub.PostDraft) -> None:
        """Publish the draft that was looked at, once however often it is pressed."""
        key = _key(interaction, control.review_id)
        if key in self._publishing:
            raise InputError(publishing.BUSY)
        self._publishing.add(key)  # this process alone serves the server
        try:
            if draft := await self._looked_at(interaction, control):
                await self._publish(interaction, control.review_id, draft)
        finally:
            self._publishing.remove(key)

    async def discard(self, interaction: Interaction, control: pub.DiscardDraft) -> None:
        """Discard the draft that was looked at."""
        if draft := await self._looked_at(interaction, control):
            await self.bot.store.drafts.discard(*_key(interaction, control.review_id), draft.packed())
            stays = " What is published stays as it is." if control.review_id else ""
            await show(interaction, publishing.done(f"The draft is discarded.{stays}"), controls.nothing())

    async def post_again(self, interaction: Interaction, control: pub.PostAgain) -> None:
        """Post a review once more, where the member is."""
        own = await self._own(interaction, control.review_id)
        _must_answer_for(interaction, own)
        await posting.post(self.bot, interaction, own.review_id, own.review)

    async def retire(self, interaction: Interaction, control: pub.Retire) -> None:
        """Ask whether a review is to be retired, and then do it."""
        own = await self._own(interaction, control.review_id)
        _must_answer_for(interaction, own)
        if not control.sure:
            await show(interaction, *publishing.sure(own.review_id, own.review))
            return
        act = "retire review" if own.published else "retire feed review"
        await self.bot.store.own.retire(own, _logged(interaction, own, act))
        await self._follow(own.guild_id, own.review_id)
        said, files = publishing.handed_out("is retired; its posts say so in a moment.", own.review)
        await show(interaction, said, controls.nothing(), files=files)

    async def _open(self, interaction: Interaction, review_id: int) -> None:
        """Open the form with the draft that was begun, else with the review as it is, else empty."""
        own = await self._editable(interaction, review_id)
        begun = await self.bot.store.drafts.get(*_key(interaction, review_id))
        if begun is not None:
            draft = Draft.unpacked(begun)
        else:
            draft = Draft(typed(own.review), base_of(own.review)) if own else Draft()
        await interaction.response.send_modal(publishing.form(review_id, draft))

    async def _publish(self, interaction: Interaction, review_id: int, draft: Draft) -> None:
        key = _key(interaction, review_id)
        guild_id, member_id, _ = key
        try:
            own = await self._editable(interaction, review_id)
        except ReviewGoneError as gone:
            said = publishing.done(f"{gone.told} Here is what you wrote.")
            await show(interaction, said, controls.nothing(), files=[publishing.words(draft)])
            await self.bot.store.drafts.discard(*key, draft.packed())
            return
        review, drop = read(draft.typed, own.review if own else None), discarding(*key, draft.packed())
        if own is None:
            review = replace(review, published=discord.utils.utcnow().date())
            source = published_in(guild_id)
            review_id = await self.bot.store.own.add(guild_id, review, source=source, author_id=member_id, also=[drop])
            done = "is published."
        elif newer := publishing.outdated(draft, own.review):
            await self.bot.store.drafts.keep(*key, newer.packed())
            await self._preview(interaction, own, newer, publishing.CHANGED_MEANWHILE)
            return
        else:
            await self.bot.store.own.change(own, review, [drop, *_logged(interaction, own, "change review")])
            done = "is saved; its posts follow in a moment."
        await self._follow(guild_id, review_id)
        said, files = publishing.handed_out(done, review)
        await show(interaction, said, controls.nothing(), files=files)
        if own is None:
            try:
                await posting.post(self.bot, interaction, review_id, review)
            except (StoreError, *ERRORS) as error:
                raise SheepbotError(publishing.NOT_POSTED) from error

    async def _follow(self, guild_id: int, review_id: int) -> None:
        """Have everything follow what is committed."""
        try:
            await self.bot.reshelve([(guild_id, review_id)])
        except StoreError as error:
            raise SheepbotError(publishing.STORED_ONLY) from error

    async def _looked_at(self, interaction: Interaction, control: pub.PostDraft | pub.DiscardDraft) -> Draft | None:
        """The draft that was looked at; None where it is another by now, which is shown.

        Raises:
            InputError: There is none any more.
        """
        begun = await self.bot.store.drafts.get(*_key(interaction, control.review_id))
        if begun is None:
            raise InputError(publishing.NO_DRAFT)
        draft = Draft.unpacked(begun)
        if draft.version == control.version:
            return draft
        try:
            own = await self._editable(interaction, control.review_id)
        except ReviewGoneError:
            return draft  # there is nothing left to look at; its words are handed out, or forgotten
        await self._preview(interaction, own, draft, publishing.ANOTHER_BY_NOW)
        return None

    async def _preview(self, interaction: Interaction, own: Own | None, draft: Draft, note: str = "") -> None:
        review_id, guild_id = own.review_id if own else 0, guild_of(interaction)
        try:
            review = read(draft.typed, own.review if own else None)
        except InputError as error:
            await show(interaction, *publishing.unreadable(review_id, draft, error.told), content=note or None)
            return
        tally = await self.bot.store.votes.tally(guild_id, review_id) if own else Tally()
        poll = (await gate.rules_of(self.bot.store, interaction)).poll(review_id, gate.now(), voted=False)
        said = note or (publishing.PREVIEW_OF_CHANGE if own else publishing.PREVIEW)
        await show(interaction, *publishing.preview(review_id, draft, review, tally, poll), content=said)

    async def _show(self, interaction: Interaction, review_id: int) -> None:
        own = await self._own(interaction, review_id)
        _must_answer_for(interaction, own)
        if own.author_id == interaction.user.id:
            by = "By you"
        elif own.author_id is None:
            by = "By a feed"
        else:
            by = f"By {named(own.author_id, await names(interaction, [own.author_id]) or {})}"
        await show(interaction, *publishing.own(review_id, own.review, by, editable=own.published))

    async def _theirs(self, interaction: Interaction) -> Titles:
        """The server's own reviews that a member may change or retire."""
        guild_id = guild_of(interaction)
        if moderates(interaction):
            return self.bot.catalogue.own(guild_id)
        found = map(self.bot.catalogue.get, await self.bot.store.own.by(guild_id, interaction.user.id))
        return Titles(title for title in found if title)

    async def _own(self, interaction: Interaction, review_id: int) -> Own:
        """One of the server's own reviews.

        Raises:
            ReviewGoneError: It is none, or is retired.
        """
        own = await self.bot.store.own.get(review_id)
        if own is None or own.guild_id != guild_of(interaction) or own.retired:
            raise ReviewGoneError
        return own

    async def _editable(self, interaction: Interaction, review_id: int) -> Own | None:
        """The review that a member writes on: one that they may change; None for a new one, which they may publish.

        Raises:
            ReviewGoneError: There is no such review here.
            NotAllowedError: They may not.
        """
        if not review_id:
            await gate.let_publish(self.bot.store, interaction)
            return None
        own = await self._own(interaction, review_id)
        _must_answer_for(interaction, own)
        if not own.published:
            raise NotAllowedError(publishing.BY_FEED)
        if not moderates(interaction):
            await gate.let_publish(self.bot.store, interaction)
        return own


def _key(interaction: Interaction, review_id: int) -> tuple[int, int, int]:
    """Where a member's draft is kept."""
    return guild_of(interaction), interaction.user.id, review_id


def _must_answer_for(interaction: Interaction, own: Own) -> None:
    """Refuse whoever is neither a review's author nor a moderator; who has lost the critics' role may still retire.

    Raises:
        NotAllowedError: It is somebody else.
    """
    if own.author_id != interaction.user.id and not moderates(interaction):
        raise NotAllowedError(publishing.NOT_YOURS)


def _logged(interaction: Interaction, own: Own, act: str) -> Sequence[Statement]:
    """What records an act on another's review."""
    actor_id = interaction.user.id
    if own.author_id == actor_id:
        return ()
    return [audit.entry(own.guild_id, actor_id, act, member_id=own.author_id, review_id=own.review_id)]


async def setup(bot: SheepBot) -> None:
    """Load this topic."""
    await bot.add_cog(Publish(bot))
