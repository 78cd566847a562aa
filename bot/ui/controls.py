"""Buttons and menus. Every view is finished before it is sent, so that discord.py keeps none of them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import discord

from bot.ranking import MAX_SHEEP, MIN_SHEEP
from bot.ui import boards, embeds, ids, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.ranking import Tally
    from bot.reviews.model import Review
    from bot.reviews.titles import Title
    from bot.rules import Poll
    from bot.store.votes import MemberVote
    from bot.ui.ids import Control

OPTION = 100
OWN = " · only here"
"""What tells a server's own review of a film from everyone's."""
MAX_OPTIONS = 25
KEPT = 1024
"""So many of each of the views that follow a click are kept; one takes 2 to 7 kB."""


def posted(review_id: int, film: Review, tally: Tally, poll: Poll) -> tuple[discord.Embed, discord.ui.View]:
    """A review as it is posted for everyone, with what stands below it."""
    return embeds.review(film, tally, poll), review(review_id, film, tally.thoughts, closed=poll.closed)


def withdrawn() -> tuple[discord.Embed, discord.ui.View]:
    """What stands in the place of a review that is not to be read any more."""
    return embeds.withdrawn(), _Finished([])


def review(review_id: int, film: Review, thoughts: int, *, closed: bool = False) -> discord.ui.View:
    """What stands below a review: five sheep, which rest where its vote is closed, then all else about the film."""
    link = [discord.ui.Button[discord.ui.View](label="On the web", url=film.url, row=1)] if film.url else []
    return _Finished(
        [
            *sheep_row(review_id, closed=closed),
            _button("Share your thoughts", ids.Share(review_id), row=1),
            _button(f"Thoughts ({thoughts:,})", ids.ReadThoughts(review_id), row=1),
            _button("Results", ids.Results(review_id), row=1),
            _button("Full review", ids.FullReview(review_id), row=1),
            *link,
        ]
    )


def sheep_row(
    review_id: int, given: int | None = None, *, closed: bool = False
) -> list[discord.ui.Button[discord.ui.View]]:
    """One button a sheep; the one that stands for the vote already given is marked."""
    return [
        discord.ui.Button(
            label=str(sheep),
            emoji=text.SHEEP,
            custom_id=ids.Vote(review_id, sheep).pack(),
            style=discord.ButtonStyle.success if sheep == given else discord.ButtonStyle.primary,
            row=0,
            disabled=closed,
        )
        for sheep in range(MIN_SHEEP, MAX_SHEEP + 1)
    ]


@lru_cache(KEPT)
def ballot(review_id: int, *, voted: bool) -> discord.ui.View:
    """What can follow a vote."""
    buttons = [_button("Add a thought", ids.Share(review_id))]
    if voted:
        buttons.append(_button("Remove my vote", ids.Unvote(review_id)))
    return _Finished(buttons)


@lru_cache(KEPT)
def change_vote(review_id: int, given: int | None, *, closed: bool = False) -> discord.ui.View:
    """A private panel for one film: five sheep, a thought, and taking the vote back."""
    return _Finished(
        [
            *sheep_row(review_id, given, closed=closed),
            _button("Add a thought", ids.Share(review_id), row=1),
            _button("Remove my vote", ids.Unvote(review_id), row=1, disabled=closed or given is None),
        ]
    )


def thoughts(
    review_id: int,
    start: int,
    shown: int,
    total: int,
    *,
    own: bool,
    report: discord.ui.Select[discord.ui.View] | None = None,
) -> discord.ui.View:
    """Turning the pages of the thoughts, what a reader can do about their own, and a menu to report others'."""
    buttons = _turn(
        ids.ReadThoughts(review_id, start, 1) if start > 0 else None,
        ids.ReadThoughts(review_id, start + shown) if start + shown < total else None,
    )
    buttons.append(_button("Edit mine" if own else "Share your thoughts", ids.Share(review_id), row=1))
    if own:
        buttons.append(_button("Delete mine", ids.Unshare(review_id), row=1))
    return _Finished([*buttons, report] if report else buttons)


def shared(review_id: int, thoughts: int, *, own: bool, voted: bool = False) -> discord.ui.View:
    """What can follow a thought that was shared or deleted, perhaps together with a vote."""
    buttons = [
        _button(f"Thoughts ({thoughts:,})", ids.ReadThoughts(review_id)),
        _button("Edit mine" if own else "Share your thoughts", ids.Share(review_id)),
    ]
    if own:
        buttons.append(_button("Delete mine", ids.Unshare(review_id)))
    if voted:
        buttons.append(_button("Remove my vote", ids.Unvote(review_id)))
    return _Finished(buttons)


def full_review(review_id: int, page: int, pages: int) -> discord.ui.View:
    """Turning the pages of a review."""
    return _Finished(
        _turn(
            ids.FullReview(review_id, page - 1) if page > 0 else None,
            ids.FullReview(review_id, page + 1) if page + 1 < pages else None,
        )
    )


def board(shown: ids.BoardPage, total: int) -> discord.ui.View:
    """Turning the pages of a leaderboard of which one is shown."""
    page = shown.page
    return _Finished(
        _turn(
            shown.replace(page=page - 1) if page > 0 else None,
            shown.replace(page=page + 1) if (page + 1) * boards.PAGE < total else None,
        )
    )


def my_votes(votes: Sequence[tuple[MemberVote, Title]], page: int, total: int) -> discord.ui.View:
    """A menu to change one of the votes shown, and the pages."""
    if not votes:
        return _Finished([])
    more = (page + 1) * embeds.MY_VOTES_PAGE < total
    menu = _menu(ids.PickVote(), "Change a vote …", ((title, f"You gave {vote.sheep} sheep") for vote, title in votes))
    return _Finished(
        [menu, *_turn(ids.MyVotes(page - 1) if page > 0 else None, ids.MyVotes(page + 1) if more else None)]
    )


def erase() -> discord.ui.View:
    """The button that confirms that all about oneself is to be deleted."""
    button = _button("Delete everything about me", ids.Erase())
    button.style = discord.ButtonStyle.danger
    return _Finished([button])


def nothing() -> discord.ui.View:
    """No control: what stood there has done its work."""
    return _Finished([])


def did_you_mean(candidates: Iterable[Title], menu: Control) -> discord.ui.View:
    """A menu of the films that a typed title may stand for."""
    return _Finished([_menu(menu, "Did you mean …?", ((title, None) for title in candidates))])


def undo(control: Control | None) -> discord.ui.View:
    """Taking back what was just done, where there is a way."""
    return _Finished([_button("Undo", control)] if control else [])


def recommended(films: Sequence[Title]) -> discord.ui.View:
    """A menu of the films that a member may like."""
    if not films:
        return _Finished([])
    return _Finished([_menu(ids.PickReview(), "Read a review …", ((title, None) for title in films))])


def film_stats(review_id: int, thoughts: int) -> discord.ui.View:
    """What can follow a film's numbers."""
    return _Finished(
        [
            _button(f"Thoughts ({thoughts:,})", ids.ReadThoughts(review_id)),
            _button("Full review", ids.FullReview(review_id)),
        ]
    )


def compare(*, allowed: bool) -> discord.ui.View:
    """Being compared with nobody, or with others again."""
    label = "Compare me with nobody" if allowed else "Let me be compared again"
    return _Finished([_button(label, ids.Compare(int(not allowed)))])


def film_label(film: Title) -> str:
    """A film as it stands in menus and choices: a title that is cut keeps its year, by which namesakes are told."""
    end = (f" ({film.year})" if film.year is not None else "") + (OWN if film.guild_id else "")
    _, again, number = film.slug.rpartition(f"-{film.guild_id}-")  # of several that the server has of a film
    end += f", no. {number}" if again and film.guild_id else ""
    return (text.plain(film.title, OPTION - len(end)) or film.slug) + end


def _menu(
    control: Control, placeholder: str, films: Iterable[tuple[Title, str | None]]
) -> discord.ui.Select[discord.ui.View]:
    options = [
        discord.SelectOption(label=film_label(film), value=str(film.review_id), description=said)
        for film, said in films
    ]
    return discord.ui.Select(custom_id=control.pack(), placeholder=placeholder, options=options[:MAX_OPTIONS], row=0)


def _turn(back: Control | None, on: Control | None) -> list[discord.ui.Button[discord.ui.View]]:
    return [
        *([_button("Previous", back, row=1)] if back else []),
        *([_button("Next", on, row=1)] if on else []),
    ]


def _button(
    label: str, control: Control, *, row: int | None = None, disabled: bool = False
) -> discord.ui.Button[discord.ui.View]:
    return discord.ui.Button(label=label, custom_id=control.pack(), row=row, disabled=disabled)


def finished(items: Iterable[discord.ui.Item[discord.ui.View]]) -> discord.ui.View:
    """Controls of other rooms, as a view that is ready to be sent."""
    return _Finished(items)


class _Finished(discord.ui.View):
    """A view that listens for nothing and does not change: it is rendered once, however often it is sent."""

    def __init__(self, items: Iterable[discord.ui.Item[discord.ui.View]]) -> None:
        super().__init__(timeout=None)
        for item in items:
            self.add_item(item)
        self.stop()  # a view that is still listening would be kept in memory for every message
        self._rendered = super().to_components()

    def to_components(self) -> list[dict[str, Any]]:
        return self._rendered
