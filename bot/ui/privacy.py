"""What a member is told of what is stored about them, in words; and what becomes of it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import discord

from bot.rules import DAY
from bot.ui import text
from bot.ui.embeds import GRASS, WOOL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

SERVERS = 12
"""So many servers are named one by one."""
NAME = 60
LETTERBOXD = "https://letterboxd.com/import/"
KEPT = (
    "Stored are ids (yours, the server's, the film's), your sheep, your thoughts, reviews that you wrote here, and when"
    " you gave them. Never your name, unless you signed a review with it; never your messages."
)
_COUNTED = {"votes": "vote", "thoughts": "thought", "votes_set_aside": "suspended vote"}
_ALSO = {
    "restrictions": "mark|that a moderator set on you, such as a block",
    "reports_by_you": "report|of others' thoughts by you",
    "reports_of_your_thoughts": "report|of your thoughts",
    "not_compared": "wish|not to be compared with anyone",
    "reviews": "review|that you published",
    "drafts": "draft|of a review",
    "imports": "list|of ratings from elsewhere that wait for your word",
    "log_of_what_you_did": "line|in servers' logs of what you did there for others",
    "log_of_what_was_done_to_you": "line|in servers' logs of what moderators did to you",
}
_TIMES = ("created_at", "updated_at")


def stored(rows: Mapping[str, Sequence[Mapping[str, Any]]], name_of: Callable[[int], str | None]) -> discord.Embed:
    """What is stored about a member.

    Args:
        rows: By topic, as :mod:`bot.moving.takeout` has them.
        name_of: What a server is called, where the bot is in it.
    """
    if not any(rows.values()):
        return nothing_stored()
    embed = discord.Embed(title="What Sheepbot keeps about you", description=KEPT, colour=GRASS)
    if by_server := _by_server(rows, name_of):
        embed.add_field(name="By server", value=by_server, inline=False)
    if also := "\n".join(_line(len(rows[topic]), said) for topic, said in _ALSO.items() if rows[topic]):
        embed.add_field(name="And", value=also, inline=False)
    times = [row[name] for topic in _COUNTED for row in rows[topic] for name in _TIMES]
    if times:
        days = dict.fromkeys(f"<t:{moment // DAY * DAY}:D>" for moment in (min(times), max(times)))
        embed.add_field(name="Given", value=" to ".join(days), inline=False)
    return embed.set_footer(text="/privacy export hands you all of it as files, /privacy delete deletes it everywhere.")


def nothing_stored() -> discord.Embed:
    """What a member is told of whom nothing is stored."""
    return discord.Embed(description="Nothing is stored about you.", colour=GRASS)


def exported(count: int) -> discord.Embed:
    """What is said with the first of the files."""
    more = f" They come in {count} messages." if count > 1 else ""
    return discord.Embed(
        description=(
            "Here is all that is stored about you. `sheepbot.json` has everything; `letterboxd.csv` is for"
            f" [Letterboxd's import]({LETTERBOXD}): your newest sheep on each film as stars, and your newest thought."
            f" Look through the thoughts first: on Letterboxd everyone can read them.{more}"
        ),
        colour=GRASS,
    )


def file_described(name: str) -> str:
    """What a file is, for those who do not see its picture."""
    return (
        "Your sheep and thoughts, for Letterboxd" if name.endswith("csv") else "All that is stored about you, as JSON"
    )


def really(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> discord.Embed:
    """What would be deleted, before it is."""
    if not any(rows.values()):
        return nothing_stored()
    servers = len({row["guild_id"] for each in rows.values() for row in each if row.get("guild_id")})
    lines = [text.plural(len(rows[topic]), one) for topic, one in _COUNTED.items() if rows[topic]]
    lines += [_line(len(rows[topic]), said) for topic, said in _ALSO.items() if rows[topic]]
    return discord.Embed(
        title="Delete everything about you?",
        description=(
            f"This goes for good, in {text.plural(servers, 'server')}:\n"
            + "\n".join(f"- {line}" for line in lines)
            + "\n\nTallies and posted reviews follow. In servers' logs the lines stay, without your id. What you give"
            " until it is done goes too. Backups that the operator took keep it until they are deleted in their turn."
            "\n\n`/privacy export` hands it to you first, if you want it."
        ),
        colour=WOOL,
    )


def erasing() -> discord.Embed:
    """What a member is told while it takes its time."""
    return discord.Embed(
        description=(
            "It has begun and goes on by itself, whatever happens to this message; with very much to delete it takes"
            " some minutes. I tell you here when it is done, and `/privacy show` says what is left."
        ),
        colour=WOOL,
    )


def erased() -> discord.Embed:
    """What a member is told at the end."""
    return discord.Embed(description="Everything about you is deleted, in every server.", colour=GRASS)


def purging() -> discord.Embed:
    """What who manages a server is told while it takes its time."""
    return discord.Embed(
        description="It has begun and goes on by itself. I tell you here when it is done.", colour=WOOL
    )


def purged() -> discord.Embed:
    """What who manages a server is told at the end."""
    return discord.Embed(
        description=(
            "All of this server's votes, thoughts, settings and logs are deleted. Its own reviews are withdrawn; what"
            " else I have posted stays, and begins anew with the next vote."
        ),
        colour=GRASS,
    )


def _by_server(rows: Mapping[str, Sequence[Mapping[str, Any]]], name_of: Callable[[int], str | None]) -> str:
    counts = {topic: Counter[int](row["guild_id"] for row in rows[topic]) for topic in _COUNTED}
    servers = sum(counts.values(), Counter[int]()).most_common()
    lines = [
        f"{_server(name_of(guild_id))}: "
        + ", ".join(
            text.plural(counts[topic][guild_id], one) for topic, one in _COUNTED.items() if counts[topic][guild_id]
        )
        for guild_id, _ in servers[:SERVERS]
    ]
    if len(servers) > SERVERS:
        lines.append(f"and {text.plural(len(servers) - SERVERS, 'server')} more")
    return "\n".join(lines)


def _server(name: str | None) -> str:
    return f"**{text.literal(text.plain(name, NAME), NAME)}**" if name else "A server that I do not see from here"


def _line(count: int, said: str) -> str:
    one, rest = said.split("|")
    return f"{text.plural(count, one)} {rest}"
