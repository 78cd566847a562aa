"""Embeds: values in, a ``discord.Embed`` within Discord's limits out."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import discord

from bot.ranking import MAX_SHEEP, MIN_SHEEP, Tally
from bot.ui import polls, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.reviews.model import Review
    from bot.reviews.titles import Title
    from bot.rules import Poll
    from bot.store.thoughts import SharedThought
    from bot.store.votes import Ballot, MemberVote, Thought

GRASS = discord.Colour(0x3F7D4E)
WOOL = discord.Colour(0xB9B4A5)

TITLE = 256
EXCERPT = 420
QUOTE = 300
CREDIT = 300
PAGE = 2400
THOUGHTS_PAGE = 5
THOUGHTS_ROOM = 3700
NAME = 32
MY_VOTES_PAGE = 10
NAME_IN_LIST = 120
HELD = "A moderator of this server reads it before others see it; *Thoughts* shows you whether it still waits."


def your_turn(name: str) -> str:
    """The site's own question to its readers."""
    return f"Your turn! How many sheep would you give {text.plain(name, 200) or 'this film'}?"


def review(film: Review, tally: Tally, poll: Poll = polls.OPEN) -> discord.Embed:
    """The review as it is posted: verdicts side by side, an excerpt, the credits."""
    embed = discord.Embed(title=_heading(film), url=film.url, colour=GRASS)
    parts: list[str] = []
    if film.quote:
        quote = f"> *{text.literal(_one_line(film.quote), QUOTE)}*"
        parts.append(f"{quote}\n> — {text.literal(_one_line(film.quote_by), 100)}" if film.quote_by else quote)
    if film.spoilers:
        parts.append("⚠️ The full review gives away the ending.")
    else:
        shown, whole = text.excerpt(film.body, EXCERPT)
        parts.append(shown if whole else f"{shown}\n\n*Read on with Full review, below.*")
    embed.description = "\n\n".join(parts)
    for label, names in (
        ("Written by", film.credits.written_by),
        ("Directed by", film.credits.directed_by),
        ("Starring", film.credits.starring),
    ):
        if fitting := text.fit_names(names, CREDIT):
            embed.add_field(name=label, value=fitting, inline=label != "Starring")
    _add_verdicts(embed, film.critic, film.half_sheep, tally, poll)
    if film.image_url:
        embed.set_image(url=film.image_url)
    return embed if poll.closed else embed.set_footer(text=your_turn(film.title))


def results(film: Review, tally: Tally, poll: Poll = polls.OPEN) -> discord.Embed:
    """How the votes are spread, with the critic beside the flock."""
    embed = discord.Embed(title=_heading(film), url=film.url, colour=GRASS)
    _add_verdicts(embed, film.critic, film.half_sheep, tally, poll)
    if poll.shown and film.half_sheep is not None and tally.mean is not None:
        embed.description = text.beside_critic("The flock", tally.mean - film.half_sheep / 2)
    return embed


def full_review(film: Review, page: int) -> tuple[discord.Embed, int, int]:
    """A page of the whole text; also its number, counted from 0, and how many there are."""
    parts = text.pages(film.body, PAGE)
    page = min(page, len(parts) - 1)
    embed = discord.Embed(title=_heading(film), url=film.url, description=parts[page], colour=WOOL)
    facts = [
        f"by {text.plain(film.critic, 100)}" if film.critic else "",
        film.published.isoformat() if film.published else "",
        ", ".join(text.plain(genre, 40) for genre in film.genres[:6]),
        f"page {page + 1} of {len(parts)}" if len(parts) > 1 else "",
    ]
    if any(facts):
        embed.set_footer(text=" · ".join(filter(None, facts)))
    return embed, page, len(parts)


def ballot(
    title: Title, previous: int | None, current: int | None, tally: Tally, poll: Poll = polls.OPEN
) -> discord.Embed:
    """The private answer to a vote: what changed, and where the readers stand now."""
    film = _in_italics(title)
    if current is None:
        said = f"Your vote on {film} is taken back (it was {previous})." if previous else f"You have no vote on {film}."
    elif previous is None or previous == current:
        said = f"You gave {film} {text.given(current)}."
    else:
        said = f"You gave {film} {text.given(current)} (it was {previous})."
    embed = discord.Embed(description=said, colour=GRASS)
    heading, shown = polls.readers(tally, poll)
    return embed.add_field(name=heading, value=shown, inline=False)


def shared(title: Title, ballot: Ballot, said: Thought) -> discord.Embed:
    """The private answer to a thought: what was stored."""
    film = _in_italics(title)
    told = f"Your thought on {film} is kept. {HELD}" if ballot.held else f"Your thought on {film} is shared."
    embed = discord.Embed(description=f"{told}\n{quoted(said)}", colour=GRASS)
    if ballot.current is not None:
        changed = f" (it was {ballot.previous})" if ballot.previous not in {None, ballot.current} else ""
        embed.add_field(name="Your vote", value=f"{text.given(ballot.current)}{changed}", inline=False)
    return embed


def unshared(title: Title, ballot: Ballot) -> discord.Embed:
    """The private answer to deleting a thought."""
    film = _in_italics(title)
    kept = f" Your vote stays: {text.given(ballot.current)}." if ballot.current is not None else ""
    return discord.Embed(description=f"Your thought on {film} is deleted.{kept}", colour=GRASS)


def thoughts(
    title: Title,
    shown: Sequence[SharedThought],
    start: int,
    total: int,
    reader_id: int,
    names: Mapping[int, str] = MappingProxyType({}),
) -> discord.Embed:
    """A page of thoughts that fit, see :func:`fit_thoughts`; an author without a name is mentioned."""
    embed = discord.Embed(title=f"Thoughts on {text.literal(title.name, TITLE - 12)}", colour=WOOL)
    if not shown:
        embed.description = "Nobody has shared a thought here yet. Yours could be the first."
        return embed
    embed.description = "\n\n".join(_thought(one, reader_id, names.get(one.member_id)) for one in shown)
    if total > len(shown):
        embed.set_footer(text=f"{start + 1}-{start + len(shown)} of {total:,}")
    return embed


def fit_thoughts(found: Sequence[SharedThought], reader_id: int, *, from_end: bool = False) -> Sequence[SharedThought]:
    """As many thoughts as one page holds, from the beginning or from the end; at least one where there is any."""
    room = THOUGHTS_ROOM
    count = 0
    for one in reversed(found) if from_end else found:
        room -= len(_thought(one, reader_id)) + 2
        if room < 0 and count:
            break
        count += 1
    return found[len(found) - count :] if from_end else found[:count]


def _thought(shared: SharedThought, reader_id: int, name: str | None = None) -> str:
    if shared.member_id == reader_id:
        author = "**You**"
    else:
        called = text.literal(text.plain(name or "", NAME), 2 * NAME)
        author = f"**{called}**" if called else f"<@{shared.member_id}>"
    votes = f" · {text.given(shared.sheep)}" if shared.sheep else ""
    hidden = f"\n{_HIDDEN[shared.state]}" if shared.state in _HIDDEN else ""
    return f"{author}{votes} · {text.when(shared.updated_at)}{hidden}\n{quoted(shared.thought)}"


def quoted(said: Thought) -> str:
    """A thought as a block quote, shown literally; a spoiler stays covered."""
    body = text.literal(said.body, 2000)
    # Discord ends a spoiler at the first two bars in a row, and the second may be an escaped one.
    covered = f"||{body}{' ' * body.endswith('|')}||" if said.spoiler else body
    return "\n".join(f"> {line}" for line in covered.split("\n"))


def my_votes(votes: Sequence[tuple[MemberVote, Title]], page: int, total: int) -> discord.Embed:
    """A page of a member's own votes."""
    embed = discord.Embed(title="Your sheep in this server", colour=WOOL)
    if not votes:
        embed.description = "You have not given any sheep here yet. `/review` a film, or `/random` for a surprise."
        return embed
    embed.description = "\n".join(
        f"{text.given(vote.sheep)} · **{text.literal(title.name, NAME_IN_LIST)}** · {text.when(vote.updated_at)}"
        for vote, title in votes
    )
    pages = (total - 1) // MY_VOTES_PAGE + 1
    said = text.plural(total, "film")
    return embed.set_footer(text=f"{said} · page {page + 1} of {pages}" if pages > 1 else said)


def not_found(typed: str, *, known: bool, near: bool) -> discord.Embed:
    """The private answer to a title that is no one film's.

    Args:
        known: Whether some films may well be meant.
        near: Whether any film is offered at all.
    """
    asked = text.literal(text.plain(typed, NAME_IN_LIST), 2 * NAME_IN_LIST)
    if known:
        said = f"Which film do you mean by “{asked}”?"
    elif near:
        said = f"I have no review of “{asked}”. These come closest; `/random` surprises you."
    else:
        return empty_shelf()
    return discord.Embed(description=said, colour=WOOL)


def empty_shelf() -> discord.Embed:
    """What a member is told before there is any review."""
    return discord.Embed(description="There is no review on the shelf yet. Please come back soon.", colour=WOOL)


def withdrawn() -> discord.Embed:
    """What stands on a post whose review its server has taken back."""
    return discord.Embed(description="This review was withdrawn.", colour=WOOL)


def help_page(commands: Sequence[tuple[str, str]], for_helpers: Sequence[tuple[str, str]]) -> discord.Embed:
    """What the bot can do: each command's name and description, and of those that look after the server."""
    embed = discord.Embed(title=f"{text.SHEEP} Sheepbot", colour=GRASS)
    embed.description = (
        f"Film reviews, and what the flock makes of them: {MIN_SHEEP} to {MAX_SHEEP} sheep a film.\n\n"
        + "\n".join(f"`/{name}` {said}" for name, said in commands)
        + "\n\nA vote is yours alone: one a film, changed or taken back whenever you like. "
        "Others see the numbers, and the thoughts you choose to share. Who wishes to be compared "
        "with nobody says so under `/tastematch`."
    )
    if for_helpers:
        listed = "\n".join(f"`/{name}` {said}" for name, said in for_helpers)
        embed.description += f"\n\n**As you look after this server**\n{listed}"
    return embed


_HIDDEN = {
    "held": "*Only you see this: it waits for a moderator.*",
    "removed": "*Only you see this: a moderator removed it. What you change waits for one.*",
}


def _add_verdicts(embed: discord.Embed, critic: str | None, half: int | None, tally: Tally, poll: Poll) -> None:
    if half is not None or critic:
        name = f"Critic · {text.literal(text.plain(critic, 100), 200)}" if critic else "Critic"
        embed.add_field(name=name, value="Gave no sheep." if half is None else text.flock(half), inline=False)
    heading, shown = polls.readers(tally, poll, first="" if poll.closed else "Be the first to give sheep.")
    embed.add_field(name=heading, value=shown, inline=False)


def _heading(film: Review) -> str:
    """The film's name; where nothing of it can be seen, its slug."""
    return text.literal(film.name, TITLE) or text.literal(film.slug, TITLE)


def _in_italics(title: Title) -> str:
    return f"*{text.literal(title.title, NAME_IN_LIST)}*"


def _one_line(written: str) -> str:
    return " ".join(written.split())
