"""Feeds that servers follow, and what has become of each of their posts."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from bot.store import audit

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from bot.store.database import Database, Row, Statement


MAX_URL = 500
"""The most characters of a feed's address."""
MOST_ITEMS = 1_000
"""So many posts of a feed are remembered, the newest; ten times as many as a look takes in."""


class State(StrEnum):
    """What has become of a post: there is nothing to do, or it is to be posted, was, or is gone from its site."""

    KNOWN = "known"
    WAITING = "waiting"
    POSTED = "posted"
    RETIRED = "retired"


class Feed(NamedTuple):
    """A feed that a server follows; all moments are in Unix seconds.

    Attributes:
        title: What it calls itself.
        etag: What to ask with whether it has changed, as is ``modified``.
        checked_at: When it was last looked at and could be read.
        look_at: When it is to be looked at next.
        claimed_until: Until then one process sees to it.
        failures: Looks in a row that failed.
        trouble: What the last look failed with.
        told: Whether the server was told of it.
    """

    id: int
    guild_id: int
    channel_id: int
    url: str
    title: str
    etag: str | None
    modified: str | None
    added_at: int
    checked_at: int
    look_at: int
    claimed_until: int = 0
    failures: int = 0
    trouble: str | None = None
    told: bool = False


class Item(NamedTuple):
    """A post of a feed.

    Attributes:
        guid: Names it among all that the server follows.
        hash: Of what it said when it was last looked at.
        published_at: As the feed says, or when it was first seen.
        review_id: The review that it is; None where it is none, or was there before the feed was added.
    """

    guid: str
    hash: str
    published_at: int
    state: State = State.KNOWN
    review_id: int | None = None


class Feeds:
    """The verbs on feeds."""

    def __init__(self, database: Database) -> None:
        self._database = database
        given = database.given
        guids = given("$2", {"guid": str})
        self._items = _ITEMS.format(guids=guids)
        self._missing = _MISSING.format(guids=given("$3", {"guid": str}))
        self._due = _DUE.format(shards=given("$3", {"id": int}))
        self._first = _FIRST.format(given=given("$3", dict.fromkeys(_ITEM, str) | _NUMBERS))

    async def add(self, feed: Feed, actor_id: int, items: Sequence[Item], said: str) -> None:
        """Follow a feed with what it has now, or have one that is followed post in another channel; record who did.

        Args:
            feed: Its id is left to the database.
            said: What it is called in the log.
        """
        rows = json.dumps([[item.guid, item.hash, item.published_at, item.state, item.review_id] for item in items])
        values = (feed.guild_id, feed.channel_id, feed.url, feed.title, feed.etag, feed.modified)
        await self._database.transaction(
            [
                (_ADD, (*values, feed.added_at, feed.look_at)),
                (self._first, (feed.guild_id, feed.url, rows)),
                audit.entry(feed.guild_id, actor_id, "follow", detail=f"{said} in {feed.channel_id}"),
            ]
        )

    async def remove(self, feed: Feed, actor_id: int, said: str) -> None:
        """Follow a feed no more, and record who did; its reviews stay."""
        await self._database.transaction(
            [
                ("DELETE FROM feeds WHERE id = $1 AND guild_id = $2", (feed.id, feed.guild_id)),
                audit.entry(feed.guild_id, actor_id, "unfollow", detail=said),
            ]
        )

    async def of(self, guild_id: int) -> list[Feed]:
        """The feeds that a server follows, in the order in which they were added."""
        return [_feed(row) for row in await self._database.fetch(_OF, guild_id)]

    async def get(self, feed_id: int) -> Feed | None:
        """A feed, or None where there is none with this id."""
        rows = await self._database.fetch(_GET, feed_id)
        return _feed(rows[0]) if rows else None

    async def due(self, now: float, shards: Collection[int], shard_count: int, limit: int) -> list[int]:
        """Ids of feeds about which there is something to do, of the servers of some of the shards."""
        ids = json.dumps([[shard_id] for shard_id in shards])
        return [row[0] for row in await self._database.fetch(self._due, int(now), shard_count, ids, limit)]

    async def next(self) -> int | None:
        """When there is something to do about any feed; None where there is none."""
        return (await self._database.fetch("SELECT min(due_at) FROM feeds"))[0][0]

    async def claim(self, feed_id: int, now: float, until: float) -> Feed | None:
        """See to a feed, which no other task or process does until then; None where another does already."""
        claimed = await self._database.transaction([(_CLAIM, (feed_id, int(now), int(until)))])
        return await self.get(feed_id) if claimed[0] else None

    async def release(self, feed: Feed, due_at: float) -> None:
        """Leave a feed until there is something to do again."""
        await self._database.transaction([(_RELEASE, (feed.id, feed.claimed_until, int(due_at)))])

    async def looked(self, feed: Feed) -> None:
        """Take down what a look at a feed came to."""
        values = (feed.title, feed.etag, feed.modified, feed.checked_at, feed.look_at, feed.failures, feed.trouble)
        await self._database.transaction([(_LOOKED, (feed.id, *values, int(feed.told)))])

    async def items(self, feed_id: int, guids: Collection[str]) -> dict[str, Item]:
        """Those of some posts that were seen before."""
        rows = await self._database.fetch(self._items, feed_id, json.dumps([[guid] for guid in guids]))
        return {item.guid: item for item in map(_item, rows)}

    async def missing(
        self, feed_id: int, since: int, guids: Collection[str], asked_before: float, limit: int
    ) -> list[Item]:
        """Posts that stand in the server, or wait to, and that the feed should have and has not.

        Args:
            since: When the oldest post that it has was published.
            guids: What it has.
            asked_before: Those whose page was asked for after that are left out.
        """
        ids = json.dumps([[guid] for guid in guids])
        rows = await self._database.fetch(self._missing, feed_id, since, ids, int(asked_before), limit)
        return [_item(row) for row in rows]

    async def asked(self, feed_id: int, guid: str, now: float) -> None:
        """Take down that the page of a missing post was asked for."""
        sql = "UPDATE feed_items SET asked_at = $3 WHERE feed_id = $1 AND guid = $2"
        await self._database.transaction([(sql, (feed_id, guid, int(now)))])

    async def put(self, feed_id: int, item: Item) -> None:
        """Take down what a post says now and what became of it; a no-op where the feed was removed."""
        await self._database.transaction([putting(feed_id, item)])

    async def forget_old(self, feed_id: int) -> None:
        """Forget what there was to be known of a feed's oldest posts; those that wait stay."""
        await self._database.transaction([(_FORGET_OLD, (feed_id, MOST_ITEMS))])

    async def waiting(self, feed_id: int, limit: int) -> list[tuple[str, int]]:
        """The guids and reviews of posts that are to be posted, the oldest first."""
        return [(row[0], row[1]) for row in await self._database.fetch(_WAITING, feed_id, limit)]

    async def counts(self, guild_id: int) -> dict[int, int]:
        """How many posts wait, by feed, where any do."""
        return {row[0]: row[1] for row in await self._database.fetch(_COUNTS, guild_id)}

    async def posted(self, feed_id: int, guid: str) -> None:
        """Take down that a review was posted; one that was retired meanwhile stays so."""
        await self._database.transaction([(_POSTED, (feed_id, guid))])


def putting(feed_id: int, item: Item, source: str | None = None) -> Statement:
    """The statement of :meth:`Feeds.put`, to stand in the transaction that stores a post's review.

    Args:
        source: Where it is given, the review is the one that this source names by the post's guid.
    """
    values = (feed_id, item.guid, item.hash, item.published_at, item.state.value, item.review_id, source)
    return _PUT, values


def _feed(row: Row) -> Feed:
    return Feed(*row[:-1], told=bool(row[-1]))


def _item(row: Row) -> Item:
    guid, said, published_at, state, review_id = row
    return Item(guid, said, published_at, State(state), review_id)


_COLUMNS = """
id, guild_id, channel_id, url, title, etag, modified, added_at, checked_at, look_at, claimed_until, failures, trouble,
told
"""
_OF = f"SELECT {_COLUMNS} FROM feeds WHERE guild_id = $1 ORDER BY id"  # noqa: S608 - constants of this file
_GET = f"SELECT {_COLUMNS} FROM feeds WHERE id = $1"  # noqa: S608 - constants of this file
_ADD = """
INSERT INTO feeds (guild_id, channel_id, url, title, etag, modified, added_at, checked_at, look_at, due_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $8)
ON CONFLICT (guild_id, url) DO UPDATE SET channel_id = excluded.channel_id
"""
_ITEM = ("guid", "hash", "published_at", "state", "review_id")
_NUMBERS: dict[str, type[int | str]] = {"published_at": int, "review_id": int}
_FIRST = """
INSERT INTO feed_items (feed_id, guid, hash, published_at, state, review_id)
SELECT f.id, k.guid, k.hash, k.published_at, k.state, k.review_id
FROM {given} AS k CROSS JOIN feeds f WHERE f.guild_id = $1 AND f.url = $2
ON CONFLICT DO NOTHING
"""
_DUE = """
SELECT id FROM feeds
WHERE due_at <= $1 AND claimed_until <= $1 AND (guild_id >> 22) % $2 IN (SELECT id FROM {shards} AS k)
ORDER BY due_at LIMIT $4
"""
_CLAIM = "UPDATE feeds SET claimed_until = $3 WHERE id = $1 AND claimed_until <= $2 RETURNING 1"
_RELEASE = "UPDATE feeds SET claimed_until = 0, due_at = $3 WHERE id = $1 AND claimed_until = $2"
_LOOKED = """
UPDATE feeds SET title = $2, etag = $3, modified = $4, checked_at = $5, look_at = $6, failures = $7, trouble = $8,
told = $9
WHERE id = $1
"""
_ITEMS = """
SELECT i.guid, i.hash, i.published_at, i.state, i.review_id
FROM {guids} AS k CROSS JOIN feed_items i WHERE i.feed_id = $1 AND i.guid = k.guid
"""
_MISSING = """
SELECT guid, hash, published_at, state, review_id FROM feed_items
WHERE feed_id = $1 AND state IN ('waiting', 'posted') AND published_at > $2 AND asked_at < $4
  AND guid NOT IN (SELECT guid FROM {guids} AS k)
ORDER BY asked_at, published_at DESC LIMIT $5
"""
_PUT = """
INSERT INTO feed_items (feed_id, guid, hash, published_at, state, review_id)
SELECT $1, $2, $3, $4, $5, coalesce($6, (SELECT id FROM reviews WHERE source = $7 AND guid = $2))
WHERE EXISTS (SELECT 1 FROM feeds WHERE id = $1)
ON CONFLICT (feed_id, guid)
DO UPDATE SET hash = excluded.hash, state = excluded.state, review_id = excluded.review_id
"""
_FORGET_OLD = """
DELETE FROM feed_items WHERE feed_id = $1 AND state <> 'waiting' AND (published_at, guid) <= (
    SELECT published_at, guid FROM feed_items WHERE feed_id = $1 ORDER BY published_at DESC, guid DESC LIMIT 1 OFFSET $2
)
"""
_WAITING = """
SELECT guid, review_id FROM feed_items WHERE feed_id = $1 AND state = 'waiting'
ORDER BY published_at, guid LIMIT $2
"""
_COUNTS = """
SELECT i.feed_id, count(*) FROM feeds f JOIN feed_items i ON i.feed_id = f.id
WHERE f.guild_id = $1 AND i.state = 'waiting' GROUP BY i.feed_id
"""
_POSTED = "UPDATE feed_items SET state = 'posted' WHERE feed_id = $1 AND guid = $2 AND state = 'waiting'"
