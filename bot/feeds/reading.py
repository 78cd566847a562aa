"""The process that reads feeds: what strangers wrote comes in, posts and reviews go out.

A feed can be made to keep the libraries busy for seconds, and for hours by mistakes of theirs that nobody has found
yet; while they look for a pattern, no click would be answered. So :mod:`bot.feeds.looking` has it done here, where it
can be ended, and where memory has an end.
"""

from __future__ import annotations

import contextlib
import hashlib
import pickle
import resource
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.errors import SourceError
from bot.feeds.looking import Answer, Look, validators
from bot.reviews.importers.feed import read_feed
from bot.reviews.importers.ledger import fingerprint
from bot.reviews.importers.post import Reading
from bot.reviews.importers.reading import read_post
from bot.store.feeds import Item
from bot.ui import text
from bot.worker import serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from bot.fetching import Fetched
    from bot.reviews.importers.post import Post

MOST = 100
"""Of more posts than this only the newest are looked at."""
TITLE = 100
MAX_BODY = 40_000
"""Characters of a review that a server keeps for its own."""
MEMORY = 1024**3
"""Bytes of addresses that the process may have."""


def look(page: Fetched, url: str, now: int) -> Look:
    """What a feed has.

    Raises:
        SourceError: It is none, or damaged.
    """
    feed = read_feed(page.body, page.url, url=page.url, charset=page.charset)
    site = urlsplit(url).netloc.lower()
    posts = {_guid(site, post): post for post in reversed(feed.entries)}  # of two of one guid, the first
    newest = enumerate(reversed(posts.items()))
    items = [Item(guid, fingerprint(post), _published(post, now - place, now)) for place, (guid, post) in newest]
    items.sort(key=lambda item: -item.published_at)
    kept = tuple(items[:MOST])
    title = text.plain(feed.title, TITLE) or site
    return Look(title, *validators(page), kept, {item.guid: posts[item.guid] for item in kept})


def read(posts: Iterable[Post]) -> list[Reading]:
    """What posts turn out to be."""
    return [_reading(post) for post in posts]


def _reading(post: Post) -> Reading:
    try:
        reading = read_post(post)
    except Exception:  # noqa: BLE001 - one post must not keep all others of its feed
        return Reading(skipped="it cannot be read")
    too_long = reading.review is not None and len(reading.review.body) > MAX_BODY
    return Reading(skipped=f"it is longer than {MAX_BODY:,} characters") if too_long else reading


def _published(post: Post, else_at: int, now: int) -> int:
    """When a post was published: as it says; else it is taken for news, older than those that stand before it."""
    said = int(post.published.timestamp()) if post.published else else_at
    return max(0, min(said, now))


def _guid(site: str, post: Post) -> str:
    """What names a post among those of all sites, whatever length and letters its guid has."""
    return hashlib.sha256(f"{site}\n{post.guid}".encode(errors="surrogatepass")).hexdigest()


_DOES: Mapping[str, Callable[..., Any]] = {"look": look, "read": read}


def answer(order: bytes) -> bytes:
    """Do what the bot asks; what goes wrong is said."""
    name, arguments = pickle.loads(order)  # noqa: S301 - the bot's own words
    try:
        said = Answer(_DOES[name](*arguments))
    except SourceError as error:
        said = Answer(refused=error.told)
    except Exception as error:  # noqa: BLE001 - a stranger's feed may make the libraries fail in any way
        said = Answer(failed=f"{type(error).__name__}: {error}"[:500])
    return pickle.dumps(said)


if __name__ == "__main__":
    with contextlib.suppress(ValueError, OSError):  # less than that may be set already
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    serve(answer)
