"""``/toprated``: what this server loves, hates and talks about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands
from discord.ext import commands

from bot import gate
from bot.errors import InputError, UnknownControlError
from bot.gate import rules_of
from bot.ranking import Period, Scope, Sort
from bot.reviews.labels import Kind
from bot.rules import ShowResults
from bot.store.leaderboard import Question
from bot.ui import boards, cards, controls, ids, text
from bot.ui.pages import guild_of, is_own, is_private, show

if TYPE_CHECKING:
    from bot.client import SheepBot
    from bot.reviews.labels import Labels
    from bot.reviews.titles import Title
    from bot.ui.pages import Interaction

_SORTS = {
    Sort.TOP: "top rated",
    Sort.LOWEST: "lowest rated",
    Sort.MOST_VOTED: "most voted",
    Sort.DIVISIVE: "divisive: where votes differ most",
    Sort.CRITIC_GAP: "critic gap: where flock and critic disagree most",
    Sort.RISING: "rising: most sheep given lately",
}
_PERIODS = {
    Period.ALL: "all votes",
    Period.YEAR: "votes of the last 365 days",
    Period.MONTH: "votes of the last 30 days",
    Period.WEEK: "votes of the last 7 days",
}
_SCOPES = {Scope.SERVER: "this server", Scope.EVERYWHERE: "everywhere: the votes of all servers, numbers only"}


NEAREST = 3


def _choices(names: dict[Sort, str] | dict[Period, str] | dict[Scope, str]) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=name, value=value.value) for value, name in names.items()]


class Leaderboard(commands.Cog):
    """Answers with the leaderboard and turns its pages."""

    def __init__(self, bot: SheepBot) -> None:
        self.bot = bot
        bot.router.on(ids.BoardPage, self.turn)
        bot.router.on(ids.FormerBoardPage, self.turn_former)

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(
        sort="The order of the films",
        period="The votes that count, by the day on which they were first given",
        scope="Whose votes count",
        min_votes="Leave out films with fewer votes than this",
        genre="Only films of this genre; start typing and choose",
        decade="Only films of these ten years, such as 1990s",
        director="Only films directed by this person; start typing and choose",
        critic="Only films reviewed by this critic; start typing and choose",
    )
    @app_commands.choices(sort=_choices(_SORTS), period=_choices(_PERIODS), scope=_choices(_SCOPES))
    async def toprated(  # noqa: PLR0913 - one argument an option
        self,
        interaction: Interaction,
        *,
        sort: str = Sort.TOP.value,
        period: str = Period.ALL.value,
        scope: str = Scope.SERVER.value,
        min_votes: app_commands.Range[int, 1, 1000] | None = None,
        genre: str | None = None,
        decade: str | None = None,
        director: str | None = None,
        critic: str | None = None,
    ) -> None:
        """See what this server loves, hates and argues about."""
        if min_votes is None:
            min_votes = (await rules_of(self.bot.store, interaction)).settings.min_votes
        asked = ids.BoardPage(Sort(sort), Period(period), Scope(scope), min(min_votes, ids.MAX_MIN_VOTES))
        typed = {Kind.GENRE: genre, Kind.DIRECTOR: director, Kind.CRITIC: critic}
        if decade or any(typed.values()):
            labels = await self.bot.store.labels.known(guild_of(interaction))
            meant = {kind.value: _label(labels, kind, said) for kind, said in typed.items() if said}
            asked = asked.replace(**meant, decade=_decade(labels, decade) if decade else 0)
        await self._show(interaction, asked, in_place=False)

    @toprated.autocomplete("genre")
    async def complete_genre(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        """Offer genres while a member types."""
        return await self._complete(interaction, Kind.GENRE, current)

    @toprated.autocomplete("director")
    async def complete_director(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        """Offer directors while a member types."""
        return await self._complete(interaction, Kind.DIRECTOR, current)

    @toprated.autocomplete("critic")
    async def complete_critic(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        """Offer critics while a member types."""
        return await self._complete(interaction, Kind.CRITIC, current)

    @toprated.autocomplete("decade")
    async def complete_decade(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        """Offer the decades of the films on the shelf while a member types."""
        offered = (await self.bot.store.labels.known(interaction.guild_id or 0)).decades_like(current)
        return [app_commands.Choice(name=f"{decade}s", value=f"{decade}s") for decade in offered]

    async def turn(self, interaction: Interaction, control: ids.BoardPage) -> None:
        """Turn the page: for all where the member asked for the board, else in a private copy."""
        await self._show(interaction, control, in_place=is_private(interaction) or is_own(interaction))

    async def turn_former(self, interaction: Interaction, control: ids.FormerBoardPage) -> None:
        """Turn the page of a board that was posted before there was more to ask for than its order."""
        min_votes = min(max(control.min_votes, 1), ids.MAX_MIN_VOTES)
        await self.turn(
            interaction, ids.BoardPage(control.sort, Period.ALL, Scope.SERVER, min_votes, page=control.page)
        )

    async def _show(self, interaction: Interaction, control: ids.BoardPage, *, in_place: bool) -> None:
        rules = await rules_of(self.bot.store, interaction)
        names, alike = await self._labels(interaction, control)
        question = Question(
            guild_of(interaction) if control.scope is Scope.SERVER else 0,
            control.sort,
            control.period,
            control.min_votes,
            rules.settings.weight,
            alike,
            control.decade or None,
            rules.countable(gate.now()),
        )
        board = await self.bot.store.leaderboard.top(question, control.page * boards.PAGE, boards.PAGE)
        if not board.places and control.page:  # the films that stood here lost votes since the page was offered
            await self._show(interaction, control.replace(page=0), in_place=in_place)
            return
        counts = rules.settings.results is not ShowResults.AFTER_VOTING
        embed = boards.board(board, question, names, control.page, counts=counts)
        card = cards.board_card(board, question, embed, control.page * boards.PAGE + 1, self.bot.catalogue.get)
        files = await self.bot.picture(interaction, embed, card) if board.places else []
        view = controls.board(control, board.total)
        await show(interaction, embed, view, in_place=in_place, public=not interaction.message, files=files)

    async def _labels(
        self, interaction: Interaction, control: ids.BoardPage
    ) -> tuple[dict[Kind, str], tuple[tuple[int, ...], ...]]:
        """The labels that a control names: how they are written, and the ids of each in all its spellings.

        Raises:
            UnknownControlError: It names one that never was.
        """
        asked = {kind: label_id for kind in Kind if (label_id := getattr(control, kind.value))}
        if not asked:
            return {}, ()
        known = await self.bot.store.labels.known(guild_of(interaction))
        names = {kind: name for kind, label_id in asked.items() if (name := known.name(kind, label_id)) is not None}
        if len(names) < len(asked):
            raise UnknownControlError
        return names, tuple(map(known.alike, asked.values()))

    async def _complete(self, interaction: Interaction, kind: Kind, current: str) -> list[app_commands.Choice[str]]:
        found = (await self.bot.store.labels.known(interaction.guild_id or 0)).complete(kind, current)
        return [app_commands.Choice(name=_shown(label), value=_value(label)) for label in found]


def _shown(label: Title) -> str:
    return text.plain(label.title, controls.OPTION) or label.slug


def _value(label: Title) -> str:
    """What a member's Discord sends back for a label, and may show: its name, where that is the whole of it."""
    return label.title if label.title == _shown(label) else label.slug


def _label(labels: Labels, kind: Kind, typed: str) -> int:
    """The id of the label that a member means.

    Raises:
        InputError: No one label is meant; it says which come closest.
    """
    resolution = labels.resolve(kind, typed)
    if resolution.found:
        return resolution.found.review_id
    raise _unclear(kind.value, typed, [label.title for label in resolution.candidates or resolution.nearest])


def _decade(labels: Labels, typed: str) -> int:
    """The decade that a member means.

    Raises:
        InputError: The shelf has none such; it says which come closest.
    """
    decade, nearest = labels.decade(typed)
    if decade is None:
        raise _unclear("decade", typed, [f"{one}s" for one in nearest])
    return decade


def _unclear(what: str, typed: str, nearest: list[str]) -> InputError:
    said = f"I know no {what} “{text.literal(text.plain(typed, boards.LABEL), 2 * boards.LABEL)}”"
    if not nearest:
        return InputError(f"{said}, as no film on the shelf has any.")
    return InputError(f"{said}; what comes closest here: {text.fit_names(nearest[:NEAREST], 6 * boards.LABEL)}.")


async def setup(bot: SheepBot) -> None:
    """Load this topic."""
    await bot.add_cog(Leaderboard(bot))
