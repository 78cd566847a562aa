"""What a member sees of ratings from elsewhere: what would be given, before it is; and what was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.ui import controls, text
from bot.ui.embeds import GRASS, WOOL
from bot.ui.import_ids import DropRatings, GiveRatings, RatingsPage

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.ratings import Given, Plan, Waiting
    from bot.reviews.matching import Ambiguous
    from bot.reviews.titles import Title
    from bot.ui.ids import Control

    TitleOf = Callable[[int], Title | None]

PAGE = 10
NAME = 80
CANDIDATE = 50
"""There are up to three of these in a line."""
RULE = (
    "Half stars go up to the next sheep: ★★★½ becomes 4 🐑 and ½ becomes 1 🐑, as nobody gives less than one. What you"
    " give counts for the day on which you rated the film there."
)
NOTHING_WAITS = (
    "There is nothing of yours to import by this: it was imported or discarded, you have sent another file since, or a"
    " day has passed. To import, please send the file again with `/import`."
)
UNDER_WAY = "An import of yours is still under way here. Please wait a moment until it is done."
NOT_FETCHED = "I could not fetch your file from Discord, and nothing was imported. Please try again in a moment."


def broken_off(given: int) -> str:
    """What a member is told where the database does not answer in the middle."""
    return (
        f"I could not reach my records any more. {_gave(given)} until then; press *Import* again in a moment, and I go"
        " on there."
    )


def nothing_found(waits: Waiting) -> discord.Embed:
    """What is said of a file of which nothing can be given."""
    return discord.Embed(description=f"{_counted(waits)} So nothing is to be imported.", colour=WOOL)


def preview(shown: RatingsPage, waits: Waiting, plan: Plan, title_of: TitleOf) -> tuple[discord.Embed, discord.ui.View]:
    """A page of what would be given, and then of what is ambiguous; the last one, where there are not so many.

    Args:
        title_of: The film with an id; None where it has left the shelf.
    """
    count = len(plan.given) + len(waits.ambiguous)
    page = min(shown.page, _pages(count) - 1)
    lines = [_line(one, title_of) for one in plan.given[page * PAGE :][:PAGE]]
    before = max(0, page * PAGE - len(plan.given))
    lines += [_question(one, title_of) for one in waits.ambiguous[before : before + PAGE - len(lines)]]
    others = _others(plan, plan.newer)
    said = ", ".join([f"*Import* gives {text.plural(len(plan.given), 'vote')}", *others])
    parts = [_counted(waits), RULE, f"{said}.", "\n".join(lines)]
    embed = discord.Embed(title="Your ratings from Letterboxd", description="\n\n".join(parts), colour=WOOL)
    pages = f"Page {page + 1} of {_pages(count)}. " if count > PAGE else ""
    embed.set_footer(text=f"{pages}Nothing is given before you press Import; after a day all of this is forgotten.")
    return embed, _below(shown, plan, page, count)


def given(plan: Plan, count: int) -> discord.Embed:
    """What a member is told at the end.

    Args:
        count: How many votes were given; what is missing to the plan was given by hand meanwhile, and stays.
    """
    newer = plan.newer + len(plan.given) - count
    parts = [_gave(count), *_others(plan, newer)]
    return discord.Embed(description=", ".join(parts) + ". `/myvotes` shows them all.", colour=GRASS)


def discarded() -> discord.Embed:
    """What a member is told who decided otherwise."""
    return discord.Embed(description="Discarded; nothing was given.", colour=WOOL)


def _pages(count: int) -> int:
    return max(1, -(-count // PAGE))


def _below(shown: RatingsPage, plan: Plan, page: int, count: int) -> discord.ui.View:
    number, override = shown.number, shown.override
    row = [_button("Import", GiveRatings(number, override), style=discord.ButtonStyle.success, off=not plan.given)]
    if override:
        row.append(_button("Keep newer votes", RatingsPage(number, 0)))
    elif plan.newer:
        row.append(_button("Override newer votes too", RatingsPage(number, 1)))
    row.append(_button("Discard", DropRatings(number), style=discord.ButtonStyle.danger))
    if page:
        row.append(_button("Previous", RatingsPage(number, override, page - 1), row=1))
    if (page + 1) * PAGE < count:
        row.append(_button("Next", RatingsPage(number, override, page + 1), row=1))
    return controls.finished(row)


def _button(
    label: str,
    control: Control,
    *,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    row: int = 0,
    off: bool = False,
) -> discord.ui.Button[discord.ui.View]:
    return discord.ui.Button(label=label, custom_id=control.pack(), style=style, row=row, disabled=off)


def _counted(waits: Waiting) -> str:
    """What the rows come to: ``412 rows: 37 match reviews here, 3 are ambiguous, 372 are of films without …``."""
    found = len(waits.found)
    parts = [
        f"{found:,} {'matches a review' if found == 1 else 'match reviews'} here",
        *_some(waits.unsure, "is ambiguous", "are ambiguous"),
        *_some(waits.missing, "is of a film without a review here", "are of films without a review here"),
        *_some(waits.repeated, "says a film again", "say films again"),
        *_some(waits.unread, "could not be read", "could not be read"),
    ]
    return f"{text.plural(waits.rows, 'row')}: {', '.join(parts)}."


def _others(plan: Plan, newer: int) -> list[str]:
    return [
        *_some(newer, "vote here is newer and stays", "votes here are newer and stay"),
        *_some(plan.same, "is as it would be already", "are as they would be already"),
        *_some(plan.closed, "film is closed", "films are closed"),
        *_some(plan.gone, "film has left the shelf", "films have left the shelf"),
    ]


def _some(count: int, one: str, more: str) -> list[str]:
    return [f"{count:,} {one if count == 1 else more}"] if count else []


def _gave(count: int) -> str:
    return f"{count:,} {'vote was' if count == 1 else 'votes were'} given"


def _line(one: Given, title_of: TitleOf) -> str:
    before = f" (you gave {one.previous})" if one.previous is not None else ""
    return f"{_film(title_of(one.review_id), NAME)} {_stars(one.half_stars)} → {one.sheep} {text.SHEEP}{before}"


def _question(one: Ambiguous, title_of: TitleOf) -> str:
    films = " or ".join(_film(title_of(review_id), CANDIDATE) for review_id in one.review_ids)
    return f"Ambiguous: {_named(one.name, one.year, NAME)} {_stars(one.half_stars)}, perhaps {films}; `/rate` gives it"


def _film(title: Title | None, room: int) -> str:
    return _named(title.title, title.year, room) if title else "a film that has left the shelf"


def _named(name: str, year: int | None, room: int) -> str:
    """A film in a line; a name that is cut keeps its year, by which namesakes are told."""
    shown = text.literal(" ".join(name.split()), room) or "?"
    return f"*{shown}*" + (f" ({year})" if year is not None else "")


def _stars(half_stars: int) -> str:
    whole, odd = divmod(half_stars, 2)
    return "★" * whole + ("½" if odd else "")
