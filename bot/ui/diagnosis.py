"""What ``/sheep diagnose`` says: what the bot has and lacks in a channel, each lack with its fix and who can make it.

In plain text, not in an embed: it must be readable where the bot may not send one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bot.findings import Finding, Mark
from bot.ui import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    import discord

SLOW = 1.0
"""Seconds to the gateway and back from which on members notice it."""
OPERATOR = "Who: the bot's operator."
ROLES = "In Server Settings > Roles, allow it to my role. Who: anyone with Manage Roles."
CHANNEL = "In Edit Channel > Permissions, allow it to my role. Who: anyone with Manage Permissions in this channel."
NEEDED = {
    "view_channel": ("View Channel", "to keep the tallies on reviews current", Mark.BAD),
    "embed_links": ("Embed Links", "reviews and boards are embeds", Mark.BAD),
    "attach_files": ("Attach Files", "boards and results come with a picture", Mark.NOTE),
}


class Surroundings(NamedTuple):
    """What can be known of a bot in a channel.

    Attributes:
        channel_id: The channel.
        here: What Discord says that the bot may do in it.
        server: What the bot's roles allow in the whole server; None where it is not a member.
        everyone: What members without a role may do in the channel; None where that is not known.
        in_thread: Whether the channel is a thread.
        shut_out: Whether it is a private thread that the bot is not in.
        latency: Seconds from a heartbeat to its answer; None before the first.
        answers: Whether the database answers.
        reviews: How many are on the shelf.
        decided: What there is to say of what the server has decided.
        invite: Where the bot is added to a server.
    """

    channel_id: int
    here: discord.Permissions
    server: discord.Permissions | None
    everyone: discord.Permissions | None
    in_thread: bool
    shut_out: bool
    latency: float | None
    answers: bool
    reviews: int
    decided: Sequence[Finding]
    invite: str


def diagnosis(found: Surroundings) -> str:
    """The whole answer, within Discord's 2,000 characters."""
    findings = [
        *_membership(found),
        # A picture stands in an embed: where that is missing, it is said, and this goes without saying.
        *(_permission(found, flag) for flag in NEEDED if flag != "attach_files" or found.here.embed_links),
        *_thread(found),
        _commands(found),
        _gateway(found.latency),
        _database(answers=found.answers),
        _shelf(found.reviews),
        *found.decided,
    ]
    bad = sum(finding.mark is Mark.BAD for finding in findings)
    verdict = f"{text.plural(bad, 'thing')} to mend." if bad else "Nothing keeps me from working here."
    return "\n".join([f"**Sheepbot in <#{found.channel_id}>**", *map(_line, findings), "", verdict])


def _line(finding: Finding) -> str:
    said = f"{_MARKS[finding.mark]} **{finding.about}**: {finding.said}."
    return f"{said}\n→ {finding.fix}" if finding.fix else said


_MARKS = {Mark.GOOD: "✅", Mark.NOTE: "⚠️", Mark.BAD: "❌", Mark.SKIPPED: "❔"}


def _membership(found: Surroundings) -> list[Finding]:
    if found.server is not None:
        return []
    fix = f"Add me again: <{found.invite}> Who: anyone with Manage Server."
    return [Finding("Member", Mark.BAD, "only my commands are in this server, not I myself", fix)]


def _permission(found: Surroundings, flag: str) -> Finding:
    name, why, mark = NEEDED[flag]
    if getattr(found.here, flag):
        return Finding(name, Mark.GOOD, "I have it")
    lacking = [flag]
    send, send_name = _SEND[found.in_thread]
    if flag == "embed_links" and not getattr(found.here, send):
        lacking.append(send)
        name = f"{name} and {send_name}"
        why += "; without the second, Discord takes the first away"
    server_wide = found.server is not None and all(getattr(found.server, one) for one in lacking)
    said = f"missing {'in this channel, though the server allows it' if server_wide else 'in the whole server'} ({why})"
    return Finding(name, mark, said, CHANNEL if server_wide else ROLES)


_SEND = {False: ("send_messages", "Send Messages"), True: ("send_messages_in_threads", "Send Messages in Threads")}
"""What embeds hang on, elsewhere and in threads."""


def _thread(found: Surroundings) -> list[Finding]:
    if not found.shut_out:
        return []
    said = "a private one that I am not in, so that I cannot keep the tallies current"
    return [Finding("Thread", Mark.BAD, said, "Mention me in it once. Who: anyone in it.")]


def _commands(found: Surroundings) -> Finding:
    about = "Use Application Commands"
    unseen = "what Server Settings > Integrations forbids, I cannot see"
    if found.everyone is None:
        return Finding(about, Mark.SKIPPED, f"not known here; {unseen}")
    if found.everyone.use_application_commands:
        return Finding(about, Mark.GOOD, f"everyone has it; {unseen}")
    return Finding(about, Mark.NOTE, f"not everyone has it here; {unseen}", CHANNEL.replace("my role", "@everyone"))


def _gateway(latency: float | None) -> Finding:
    if latency is None:
        return Finding("Connection", Mark.SKIPPED, "not measured yet")
    said = f"{latency * 1000:,.0f} ms to Discord and back"
    if latency > SLOW:
        return Finding("Connection", Mark.NOTE, f"slow, {said}", f"Look at the network and the load. {OPERATOR}")
    return Finding("Connection", Mark.GOOD, said)


def _database(*, answers: bool) -> Finding:
    if answers:
        return Finding("Database", Mark.GOOD, "it answers")
    return Finding("Database", Mark.BAD, "it does not answer", f"Run `sheepbot doctor`, and see the log. {OPERATOR}")


def _shelf(reviews: int) -> Finding:
    if reviews:
        return Finding("Reviews", Mark.GOOD, f"{reviews:,} on the shelf")
    return Finding("Reviews", Mark.BAD, "none on the shelf", f"Put review files there, and restart me. {OPERATOR}")
