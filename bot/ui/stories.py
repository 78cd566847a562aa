"""Stories that the votes tell: a film and a server in numbers, who agrees with whom, and what a member may like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.ranking import MAX_SHEEP, Sort
from bot.reviews.model import titled
from bot.taste import ENOUGH, agreement
from bot.ui import alt, boards, cards, embeds, polls, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from bot.ranking import Tally
    from bot.reviews.model import Review
    from bot.reviews.titles import Title
    from bot.rules import Poll
    from bot.store.leaderboard import Board, Place, Question
    from bot.store.stats import FilmStats, Rater, ServerStats
    from bot.taste import Liked, Pair
    from bot.ui.cards import Card

LISTED = 3
"""So many films stand under each heading of a server's numbers."""
ACTIVE = 5
"""So many of the most active members are named."""
DIFFERENCES = 3
"""So many films are named on which two differ most."""

_STRETCHES = {"week": "week (the day on which it begins)", "month": "month", "quarter": "quarter", "year": "year"}


def film(review: Review, stats: FilmStats, poll: Poll = polls.OPEN) -> discord.Embed:
    """A film in numbers: here beside the critic, everywhere, and over time; what is hidden, no other number tells."""
    embed = embeds.results(review, stats.here, poll)
    if not poll.shown:
        return embed
    if everywhere := _elsewhere_too(stats):
        embed.add_field(
            name=f"Readers everywhere {text.average(everywhere)}", value=text.bars(everywhere), inline=False
        )
    if len(stats.history) > 1:
        most = max(point.tally.votes for point in stats.history)
        lines = [
            f"{_stretch(stats.step, point.begin)} {text.bar(point.tally.votes, most)} {point.tally.votes:,}"
            + (f" · {point.tally.mean:.1f}" if point.tally.mean is not None else "")
            for point in stats.history
        ]
        embed.add_field(name=f"Votes here by {_STRETCHES[stats.step]}, and their mean", value=text.block(lines))
    return embed


def film_card(review: Review, stats: FilmStats) -> Card:
    """The same as a picture."""
    ends = [_stretch(stats.step, point.begin) for point in stats.history]
    counts = [point.tally.votes for point in stats.history]
    trend = alt.Trend(f"Votes here by {stats.step}, {ends[0]} to {ends[-1]}", counts) if len(ends) > 1 else None
    return cards.film_card(review, stats.here, everywhere=_elsewhere_too(stats), trend=trend)


def _elsewhere_too(stats: FilmStats) -> Tally | None:
    """The votes everywhere, where there are more than here."""
    return stats.everywhere if stats.everywhere.votes > stats.here.votes else None


def _stretch(step: str, begin: date) -> str:
    if step == "quarter":
        return f"{begin.year} Q{begin.month // 3 + 1}"
    return begin.strftime({"week": "%d %b", "month": "%b %Y", "year": "%Y"}[step])


def server(
    stats: ServerStats,
    found: Sequence[tuple[Question, Board]],
    active: Sequence[Rater],
    names: Mapping[int, str] | None,
) -> discord.Embed:
    """A server in numbers.

    Args:
        found: The boards to show the best of, with what they were asked.
        active: Who has most votes, most first; those who are not in ``names`` have left.
        names: What members are called; None where that is not known, and all are mentioned.
    """
    embed = discord.Embed(title=f"{text.SHEEP} This server in numbers", colour=embeds.GRASS)
    only_closed = any(question.closed is not None for question, _ in found)
    if not stats.votes:
        embed.description = (
            "In this server results show when the vote on a film is closed, and none is yet."
            if only_closed
            else "Nobody has given any sheep here yet. `/review` a film, or `/random` for a surprise, and be the first."
        )
        return embed
    embed.description = (
        f"{text.plural(stats.votes, 'vote')} on {text.plural(stats.films, 'film')}, "
        f"{stats.sheep / stats.votes:.1f} sheep on average."
    )
    if stats.flock is not None and stats.critic is not None:
        films = f"the {stats.shared:,} films" if stats.shared > 1 else "the one film"
        embed.description += (
            f"\nOver {films} that both rated, this server gives {stats.flock:.1f} sheep and the critic "
            f"{stats.critic:.1f}. {text.beside_critic('The flock', stats.flock - stats.critic)}"
        )
    for question, board in found:
        if board.places:
            lines = [_line(rank, place, question.sort) for rank, place in enumerate(board.places[:LISTED], start=1)]
            embed.add_field(name=_HEADINGS[question.sort], value="\n".join(lines), inline=False)
    present = [rater for rater in active if names is None or rater.member_id in names][:ACTIVE]
    if present:
        lines = [
            f"**{rank}.** {_called(rater.member_id, names)} · {text.plural(rater.votes, 'vote')}"
            for rank, rater in enumerate(present, start=1)
        ]
        embed.add_field(name="Most active", value="\n".join(lines), inline=False)
    said = [boards.formula(board, question) for question, board in found if board.places]
    if only_closed:
        said.append("Only films whose vote is closed here.")
    return embed.set_footer(text=" ".join(said)) if said else embed


_HEADINGS = {Sort.TOP: "Most loved", Sort.DIVISIVE: "Most fought over"}


def _line(rank: int, place: Place, sort: Sort) -> str:
    name = text.literal(titled(place.title, place.year), embeds.NAME_IN_LIST)
    votes = text.plural(place.votes, "vote")
    if sort is Sort.DIVISIVE:
        return f"**{rank}. {name}** ±{place.spread:.2f} around {place.mean:.1f} · {votes}"
    return f"**{rank}. {name}** {place.score:.2f} · {votes}"


def _called(member_id: int, names: Mapping[int, str] | None) -> str:
    return name_of((names or {}).get(member_id, "")) or f"<@{member_id}>"


def name_of(name: str) -> str:
    """A member's name as it is shown: literally, and not at any length; empty where nothing of it can be seen."""
    return text.literal(text.plain(name, embeds.NAME), 2 * embeds.NAME)


def match(name: str | None, pairs: Sequence[Pair], differing: Sequence[tuple[Pair, Title]]) -> discord.Embed:
    """How far a member agrees with another, or with the critic, whose name is None.

    Of another member no single vote is said; the critic's are for all to read.

    Args:
        differing: The films on which they differ most.
    """
    who = "the critic" if name is None else f"**{name}**"
    embed = discord.Embed(title=f"{text.SHEEP} Taste match", colour=embeds.GRASS)
    if len(pairs) < ENOUGH:
        both = f"Only {text.plural(len(pairs), 'film')} here" if pairs else "No film here"
        rated = "were" if len(pairs) > 1 else "was"
        embed.description = (
            f"{both} {rated} rated by both you and {who} so far. From {ENOUGH} on, I can tell how far you agree."
            " `/recommend` or `/random` finds you another."
        )
    else:
        share = agreement(sum(pair.apart for pair in pairs), len(pairs))
        said = [f"You agree with {who} by **{100 * share:.0f} %**, over the {len(pairs):,} films that both rated."]
        if not differing:
            said.append("Nowhere do you lie more than a sheep apart.")
        elif name is None:
            said.append("You differ most on:")
            said += [
                f"- *{_named(film)}*: you {pair.mine:g}, the critic {text.half_sheep(round(2 * pair.theirs))}"
                for pair, film in differing
            ]
        else:
            said.append("You differ most on:")
            said += [f"- *{_named(film)}*" for _, film in differing]
        embed.description = "\n".join(said)
    notes = ["100 %: the same sheep on every film. 60 %: as two who roll dice."] if len(pairs) >= ENOUGH else []
    if name is not None:
        notes.append("Others can ask the same about you, and guess from it what you gave; you can be left out of it.")
    return embed.set_footer(text=" ".join(notes)) if notes else embed


def compared(*, allowed: bool) -> discord.Embed:
    """What it means to be compared with others again, or with nobody."""
    if allowed:
        said = (
            "You can be compared again, in every server: by others with `/tastematch`, without a word of your single"
            " votes; by me for `/recommend`; and you may stand among the most active in `/stats`."
        )
    else:
        said = (
            "You are compared with nobody from now on, in any server: not by `/tastematch`, not for anyone's"
            " `/recommend`, yours included, and you do not stand among the most active in `/stats`. Your votes count"
            " as before."
        )
    return discord.Embed(description=said, colour=embeds.GRASS)


def recommendations(found: Sequence[tuple[Title, str]], first: str, *, alike: bool) -> discord.Embed:
    """Films that a member may like, each with the reason.

    Args:
        first: What is said before them; perhaps nothing.
        alike: Whether members were asked whose taste is alike.
    """
    embed = discord.Embed(title=f"{text.SHEEP} What you may like", colour=embeds.GRASS)
    if found:
        listed = [f"**{rank}. {_named(film)}**\n{why}" for rank, (film, why) in enumerate(found, start=1)]
    else:
        listed = ["There is nothing left here that I could recommend. `/random` takes you further."]
    embed.description = "\n\n".join(filter(None, [first, "\n".join(listed)]))
    return embed.set_footer(text="The more alike a taste is, the more a vote counts.") if alike else embed


def liked(film: Liked, *, shown: bool) -> str:
    """Why a film that the like-minded loved is recommended; how much they did, only where results may be seen."""
    who = f"{film.members} members whose taste is like yours"
    return f"{who} gave it {film.mean:.1f} sheep on average" if shown else f"{who} loved it"


def loved_here(place: Place, *, shown: bool) -> str:
    """Why a film that the server loves is recommended, likewise."""
    if not shown:
        return "this server loves it, and you have not rated it"
    return f"this server loves it: {place.mean:.1f} · {text.plural(place.votes, 'vote')}"


def loved_by_critic(half: int) -> str:
    """Why a film that the critic loved is recommended."""
    return f"the critic gave it {text.half_sheep(half)} of {MAX_SHEEP} sheep"


def few_votes(votes: int) -> str:
    """Why nobody's taste is asked for yet."""
    rated = text.plural(votes, "film") if votes else "no film"
    return (
        f"You have rated {rated} here. From {ENOUGH} on, I look for members whose taste is like yours; until then, go"
        " by what everyone loves:"
    )


NOBODY_ALIKE = "I have not found enough members here yet whose taste is like yours, so go by what everyone loves:"
UNCOMPARED = "You are compared with nobody, as you wished (`/tastematch` changes that), so go by what everyone loves:"


def _named(film: Title) -> str:
    return text.literal(film.name, embeds.NAME_IN_LIST) or text.literal(film.slug, embeds.NAME_IN_LIST)
