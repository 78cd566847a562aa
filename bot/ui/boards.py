"""Leaderboards in words: what was asked, the places, and the formula in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.ranking import Period, Sort, critic_gap
from bot.reviews.labels import Kind
from bot.reviews.model import titled
from bot.ui import text
from bot.ui.embeds import GRASS, NAME_IN_LIST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.store.leaderboard import Board, Place, Question

PAGE = 10
LABEL = 40
AGREED = 0.05
"""A gap that would be said as 0.0."""

_TITLES = {
    Sort.TOP: "What {who} loves",
    Sort.LOWEST: "What {who} would rather forget",
    Sort.MOST_VOTED: "What {who} talks about",
    Sort.DIVISIVE: "What divides {who}",
    Sort.CRITIC_GAP: "Where {who} and the critic disagree",
    Sort.RISING: "Rising in {who}",
}
_LABELLED = {Kind.GENRE: "{}", Kind.DIRECTOR: "directed by {}", Kind.CRITIC: "reviewed by {}"}


def title(question: Question, names: Mapping[Kind, str]) -> str:
    """What a board shows, in words.

    Args:
        names: The labels by which it is narrowed.
    """
    everywhere = not question.guild_id
    said = _TITLES[question.sort].format(who="the whole flock" if everywhere else "this server")
    parts = [f"{text.SHEEP} {said}", *(["all servers"] if everywhere else [])]
    if question.days is not None:
        parts.append(f"last {question.days} days")
    parts += [_LABELLED[kind].format(text.literal(text.plain(name, LABEL), 2 * LABEL)) for kind, name in names.items()]
    if question.decade is not None:
        parts.append(f"{question.decade}s")
    return text.cut(" · ".join(parts), 256)


def board(
    found: Board, question: Question, names: Mapping[Kind, str], page: int, *, counts: bool = True
) -> discord.Embed:
    """A page of a leaderboard, or what to do where it is empty.

    Args:
        counts: Whether members may see how many gave how many sheep, before they voted.
    """
    embed = discord.Embed(title=title(question, names), colour=GRASS)
    if not found.places:
        embed.description = _empty(question, names)
        return embed
    lines: list[str] = []
    for rank, place in enumerate(found.places, start=page * PAGE + 1):
        name = text.literal(titled(place.title, place.year), NAME_IN_LIST)
        lines += [f"**{rank}. {name}**", numbers(place, question, counts=counts)]
    embed.description = "\n".join(lines)
    last_page = (found.total - 1) // PAGE
    said = [
        f"Page {page + 1} of {last_page + 1} ·" if last_page else "",
        f"{formula(found, question)} At least {text.plural(question.min_votes, 'vote')}.",
        "In parentheses: the votes for 1-2-3-4-5 sheep." if counts and question.sort is Sort.DIVISIVE else "",
        "Only films whose vote is closed here." if question.closed is not None else "",
    ]
    return embed.set_footer(text=" ".join(filter(None, said)))


def formula(found: Board, question: Question) -> str:
    """How films are ordered, in one line, with this board's own numbers."""
    m = f"{question.weight:g} more {'vote' if question.weight == 1 else 'votes'}"
    score = f"the mean with {m} at {found.prior:.1f} added"
    if question.sort is Sort.RISING:
        return f"All sheep given in the last {question.days} days, added up."
    if question.sort is Sort.DIVISIVE:
        return f"±: the standard deviation with {m} added that differ as is usual here (±{found.usual:.2f})."
    if question.sort is Sort.CRITIC_GAP:
        return f"Flock: {score}; the critic's sheep are taken from it."
    return f"Score: {score}."


def numbers(place: Place, question: Question, *, counts: bool) -> str:
    """What a film has to show for its place."""
    votes, half = text.plural(place.votes, "vote"), place.critic_half_sheep
    critic = f" · critic {text.half_sheep(half)}" if half is not None else ""
    if question.sort is Sort.CRITIC_GAP and half is not None:
        return f"flock {place.score:.1f}, critic {text.half_sheep(half)}: {_gap(place.score, half)} · {votes}"
    if question.sort is Sort.DIVISIVE:
        of_each = f" ({'-'.join(map(str, place.tally.counts))})" if counts else ""
        return f"±{place.spread:.2f} around {place.mean:.1f} · {votes}{of_each}{critic}"
    if question.sort is Sort.RISING:
        return f"{place.tally.sheep:,} sheep lately · mean {place.mean:.1f} · {votes}{critic}"
    return f"score {place.score:.2f} · mean {place.mean:.1f} · {votes}{critic}"


def _gap(score: float, half: int) -> str:
    gap = critic_gap(round(score, 1), half)  # of what is shown, so that the three numbers agree
    return "agreed" if abs(gap) < AGREED else f"{abs(gap):.1f} {'kinder' if gap > 0 else 'harder'}"


def _empty(question: Question, names: Mapping[Kind, str]) -> str:
    """Why there may be no film on a board, and what to do."""
    within = f" in the last {question.days} days" if question.days is not None else ""
    said = [f"No film here has {text.plural(question.min_votes, 'vote')}{within} yet."]
    if question.closed is not None:
        said = [
            "In this server results show when the vote on a film is closed, and no such film has its place here yet."
        ]
    if names or question.decade is not None:
        said[0] = said[0].removesuffix(" yet.") + " among those you asked for. Leave a filter away to see more."
    if question.period is not Period.ALL:
        said.append("`period` all counts every vote.")
    said.append("`/review` a film, or `/random` for a surprise, and give it your sheep.")
    if question.min_votes > 1:
        film = "film" if question.closed is None else "closed film"
        said.append(f"`/toprated` with `min_votes` 1 shows every {film} that has a vote.")
    return " ".join(said)
