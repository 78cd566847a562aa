"""What those who manage a server are told of the feeds that it follows; nothing that a feed says takes effect in it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import discord

from bot.findings import Finding, Mark
from bot.ui import controls, embeds, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.feeds.following import Added, Seen
    from bot.store.feeds import Feed

TITLE = 120
TROUBLE = 150
"""So much is said of why a feed cannot be read; ten feeds stand in one list."""


def called(title: str) -> str:
    """A feed as it is called in a sentence."""
    return f"“{text.literal(title, TITLE)}”"


def in_log(url: str) -> str:
    """A feed as it is called in the log: its address, without what may be a secret in it."""
    return urlsplit(url)._replace(query="", fragment="").geturl()


def label(feed: Feed) -> str:
    """A feed as it stands in choices."""
    return text.plain(f"{feed.title} ({feed.url})", controls.OPTION)


def added(feed: Added, channel_id: int) -> str:
    """A feed that is followed from now on."""
    name = called(feed.title)
    if feed.was_followed:
        return f"{name} was followed already. From now on its new reviews are posted in <#{channel_id}>."
    if feed.newest:
        newest = f", the newest *{text.literal(feed.newest, TITLE)}*"
    else:
        newest = f" (the newest post: {text.literal(feed.skipped, TROUBLE)})" if feed.skipped else ""
    reviews = f"{feed.reviews or 'none'} of them {'a review' if feed.reviews == 1 else 'reviews'}"
    return (
        f"{name}: {text.plural(feed.posts, 'post')}, {reviews}{newest}."
        f" New ones are posted in <#{channel_id}> by themselves; those that are there already are not."
    )


def removed(feed: Feed) -> str:
    """A feed that is followed no more."""
    return f"{called(feed.title)} is not followed any more. Its reviews stay on this server's shelf, with their votes."


def checked(seen: Seen, waiting: int, finding: Finding) -> str:
    """What a look that was asked for came to."""
    name = called(seen.feed.title)
    if seen.taken is None:
        looked = f"{name} could not be read: {_trouble(seen.feed)}"
    elif any(seen.taken):
        new, changed, gone = seen.taken
        looked = f"{name}: {new} new, {changed} changed, {gone} gone from {'their' if gone > 1 else 'its'} site."
    else:
        looked = f"{name}: nothing new."
    posted = f" Posted: {text.plural(seen.posted, 'review')}." if seen.posted else ""
    return f"{looked}{posted}{_waiting(waiting, finding)}"


def listing(feeds: Sequence[Feed], waiting: Mapping[int, int], findings: Sequence[Finding]) -> discord.Embed:
    """All feeds that a server follows, each with how it stands; the findings are those of their channels."""
    embed = discord.Embed(title="Feeds that this server follows", colour=embeds.GRASS)
    if not feeds:
        embed.description = "None yet. `/sheep feed add` follows one: the address of a site does."
        return embed
    parts: list[str] = []
    for feed, finding in zip(feeds, findings, strict=True):
        looked = f"read {text.when(feed.checked_at)}, next {text.when(feed.look_at)}"
        if feed.trouble:
            looked = f"⚠️ could not be read: {_trouble(feed)} Last {looked}"
        channel = f"in <#{feed.channel_id}>" if finding.mark is Mark.GOOD else f"⚠️ {finding.said}. {finding.fix}"
        held = waiting.get(feed.id, 0)
        count = f" · {text.plural(held, 'review')} waiting" if held else ""
        parts.append(f"**{text.literal(feed.title, TITLE)}** {channel}{count}\n{looked}")
    embed.description = "\n\n".join(parts)
    return embed


def dead(feed: Feed) -> discord.Embed:
    """What a server is told once, in the feed's channel, of a feed that is not to be read any more."""
    said = (
        f"{called(feed.title)} could not be read since {text.when(feed.checked_at)}, so its new reviews do not come"
        " here. I go on trying. Who can mend it: anyone with Manage Server, with `/sheep feed list`."
    )
    return discord.Embed(description=said, colour=embeds.WOOL)


def diagnosed(feeds: Sequence[Feed], findings: Sequence[Finding]) -> Finding:
    """How a server's feeds stand, in one line."""
    amiss = sum(
        finding.mark is not Mark.GOOD or bool(feed.trouble) for feed, finding in zip(feeds, findings, strict=True)
    )
    if not amiss:
        return Finding("Feeds", Mark.GOOD, f"{len(feeds)} followed")
    said = f"{amiss} of {len(feeds)} held, or not to be read"
    return Finding("Feeds", Mark.BAD, said, "See `/sheep feed list`. Who: anyone with Manage Server.")


def _trouble(feed: Feed) -> str:
    return text.literal(feed.trouble or "", TROUBLE)


def _waiting(waiting: int, finding: Finding) -> str:
    if not waiting:
        return ""
    if finding.mark is Mark.GOOD:
        return f" {text.plural(waiting, 'review')} more in the next minutes."
    return f" {text.plural(waiting, 'review')} {finding.said}. {finding.fix}"
