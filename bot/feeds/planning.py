"""What there is to do about a feed: decided from what it has now and what it had before, without any I/O."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from bot.rules import DAY
from bot.store.feeds import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.store.feeds import Feed, Item

INTERVAL = 900.0
"""Seconds from one look at a feed to the next; after each failure twice as long as before, up to a day."""
EARLIER = 0.2
"""By up to so much of the time it is looked at earlier, lest all feeds come due together."""
DEAD_AFTER = 5
"""A feed is dead that failed so often in a row and could not be read for more than a day."""


class Plan(NamedTuple):
    """The guids of posts that have to be read, the oldest first.

    Attributes:
        oldest: When the oldest of all that the feed has was published; what came before that, it need not have.
        since: The same of those that it had before; None where it had none of them.
    """

    to_read: tuple[str, ...]
    oldest: int
    since: int | None


class Turn(Enum):
    """What becomes of a post that was read."""

    NEW = "it is a review that is to be posted"
    CHANGED = "its review is to say what it says"
    BACK = "its review was gone, and is to be posted again"
    NOTED = "nothing"


def plan(known: Mapping[str, Item], seen: Iterable[Item]) -> Plan:
    """What a feed that has some posts needs done, of which it may have had some before."""
    ordered = sorted(seen, key=lambda item: (item.published_at, item.guid))
    to_read = [item.guid for item in ordered if _is_news(known.get(item.guid), item)]
    moments = [item.published_at for item in ordered]
    had = [item.published_at for item in ordered if item.guid in known]
    return Plan(tuple(dict.fromkeys(to_read)), moments[0] if moments else 0, had[0] if had else None)


def _is_news(before: Item | None, item: Item) -> bool:
    return before is None or before.hash != item.hash or before.state is State.RETIRED


def turn(before: Item | None, seen: Item, *, is_review: bool, added_at: int, since: int | None) -> Turn:
    """What becomes of a post that is new, changed or back.

    One that is no review any more stays as it was. One that was there before the feed was added is no news, whatever
    becomes of it; one that came since and turns into a review is. Where a feed has its newest posts only and one of
    those is deleted, an old one comes into view below all that it had: that was there, too.

    Args:
        since: When the oldest post was published of those that the feed had before; None where it had none of them.
    """
    if not is_review:
        return Turn.NOTED
    if before is None:
        is_below = since is None or seen.published_at < since
        return Turn.NOTED if seen.published_at <= added_at and is_below else Turn.NEW
    if before.state is State.RETIRED:
        return Turn.BACK
    if before.review_id is None:
        return Turn.NEW if before.published_at > added_at else Turn.NOTED
    return Turn.CHANGED


def pause(failures: int, luck: float) -> float:
    """Seconds until the next look, after so many failures in a row.

    Args:
        luck: From 0 to 1, another one each time.
    """
    return min(DAY, INTERVAL * 2.0 ** min(failures, 16)) * (1 - EARLIER * luck)


def is_dead(feed: Feed, now: float) -> bool:
    """Whether the server is to be told that a feed cannot be read."""
    return feed.failures >= DEAD_AFTER and now - feed.checked_at > DAY
