"""Posts: the messages in Discord that show a tally."""

from __future__ import annotations

import heapq
import json
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from bot.store.database import Database, Row

FOLLOWED = 3
"""So many posts of a film follow its tally, wherever the vote is given."""
ASKED = 500
"""Films whose posts are asked for in one go."""


class Post(NamedTuple):
    """A message that shows a film's tally; all four are ids."""

    guild_id: int
    review_id: int
    channel_id: int
    message_id: int


class Posts:
    """The verbs on posts."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._newest = _NEWEST.format(given=database.given("$1", {"guild_id": int, "review_id": int}))
        self._showing = _SHOWING.format(also=database.given("$3", {"message_id": int}))

    async def add(self, post: Post) -> None:
        """Remember a post."""
        await self._database.transaction([(_ADD, (post.guild_id, post.review_id, post.channel_id, post.message_id))])

    async def showing(self, guild_id: int, review_id: int, also: Iterable[int] = ()) -> list[Post]:
        """The newest posts of a film in a server, and of the messages ``also`` those that are posts of it."""
        rows = await self._database.fetch(
            self._showing, guild_id, review_id, json.dumps([[message] for message in also]), FOLLOWED
        )
        return [Post(*row) for row in rows]

    async def films(self, guild_id: int, limit: int) -> list[int]:
        """The films that were posted last in a server."""
        return [row[0] for row in await self._database.fetch(_FILMS, guild_id, limit)]

    async def newest(self, films: Collection[tuple[int, int]], limit: int) -> list[tuple[int, int]]:
        """Of these films, as (guild_id, review_id), those that were posted last in their servers, the newest first."""
        found: list[Row] = []
        every = sorted(films)
        for first in range(0, len(every), ASKED):
            rows = await self._database.fetch(self._newest, json.dumps(every[first : first + ASKED]))
            found = heapq.nlargest(limit, [*found, *rows])
        return [(guild_id, review_id) for _, guild_id, review_id in found]

    async def forget(self, message_id: int) -> None:
        """Forget a post that was deleted."""
        await self._database.transaction([("DELETE FROM posts WHERE message_id = $1", (message_id,))])


_SHOWING = """
SELECT guild_id, review_id, channel_id, message_id FROM posts
WHERE guild_id = $1 AND review_id = $2 AND message_id IN (SELECT message_id FROM {also} AS k)
UNION
SELECT guild_id, review_id, channel_id, message_id FROM (
    SELECT guild_id, review_id, channel_id, message_id FROM posts
    WHERE guild_id = $1 AND review_id = $2
    ORDER BY message_id DESC LIMIT $4
) AS newest
"""
_FILMS = """
SELECT review_id FROM posts WHERE guild_id = $1 GROUP BY review_id ORDER BY max(message_id) DESC LIMIT $2
"""
_NEWEST = """
SELECT max(p.message_id), k.guild_id, k.review_id FROM {given} AS k CROSS JOIN posts p
WHERE p.guild_id = k.guild_id AND p.review_id = k.review_id GROUP BY k.guild_id, k.review_id
"""
_ADD = """
INSERT INTO posts (guild_id, review_id, channel_id, message_id) VALUES ($1, $2, $3, $4)
ON CONFLICT (message_id)
DO UPDATE SET guild_id = excluded.guild_id, review_id = excluded.review_id, channel_id = excluded.channel_id
"""
