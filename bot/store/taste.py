"""Votes beside votes: two members', a member's and the critic's, and what the like-minded gave.

The one place where votes themselves are read for more than their own member; what
is read is bounded, however many there are.
"""

from __future__ import annotations

import heapq
import json
import random
import time
from typing import TYPE_CHECKING

from bot.taste import IN_COMMON, LIKE_MINDED, LOVED, Liked, Pair, best_liked, likeness

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.store.database import Database

MOST_FILMS = 5_000
"""Two are compared over at most so many films that the first of them rated."""
OF_MINE = 50
"""The like-minded are looked for among those who rated one of a member's latest votes' films, so many of them."""
VOTERS = 100
"""So many voters of a film are looked at, half of them on each side of a member taken at random."""
NEIGHBOURS = 40
"""So many of the like-minded are listened to."""
OF_THEIRS = 100
"""So many of each one's votes are, half of them on each side of a film taken at random."""
LARGEST = 2**63 - 1


class Taste:
    """The verbs on who agrees with whom."""

    def __init__(self, database: Database) -> None:
        self._database = database
        given = database.given
        films = given("$1", {"review_id": int, "sheep": int})
        self._like_minded = _LIKE_MINDED.format(films=films)
        self._liked = _LIKED.format(neighbours=given("$1", {"member_id": int, "parts": int}))

    async def pairs(self, guild_id: int, member_id: int, other_id: int) -> list[Pair]:
        """The films that two members both rated in a server, as far as they are on the shelf."""
        rows = await self._database.fetch(_PAIRS, guild_id, member_id, other_id, MOST_FILMS)
        return [Pair(*row) for row in rows]

    async def pairs_with_critic(self, guild_id: int, member_id: int) -> list[Pair]:
        """The films that a member and the critic both rated, likewise."""
        rows = await self._database.fetch(_PAIRS_WITH_CRITIC, guild_id, member_id, MOST_FILMS)
        return [Pair(review_id, sheep, half / 2) for review_id, sheep, half in rows]

    async def uncompared(self, *member_ids: int) -> set[int]:
        """Those of the members who want to be compared with nobody."""
        ids = self._database.given("$1", {"member_id": int})
        rows = await self._database.fetch(
            f"SELECT u.member_id FROM {ids} AS k CROSS JOIN uncompared u WHERE u.member_id = k.member_id",  # noqa: S608 - a constant of the engine
            json.dumps([[member_id] for member_id in member_ids]),
        )
        return {member_id for (member_id,) in rows}

    async def compare(self, member_id: int, *, allowed: bool) -> None:
        """Let a member be compared with others, or with nobody, in every server."""
        if allowed:
            statement = "DELETE FROM uncompared WHERE member_id = $1", (member_id,)
        else:
            statement = _LEAVE_ALONE, (member_id, int(time.time()))
        await self._database.transaction([statement])

    async def votes_of(self, guild_id: int, member_id: int) -> dict[int, int]:
        """The sheep that a member gave in a server, by film, the latest first."""
        return dict(await self._database.fetch(_VOTES_OF, guild_id, member_id))

    async def liked_by_like_minded(
        self,
        guild_id: int,
        member_id: int,
        rated: Mapping[int, int],
        *,
        weight: float,
        count: int,
    ) -> list[Liked]:
        """Films that a member has not rated and the like-minded loved, the best first.

        Everyone is looked at where a film has at most a hundred voters and a voter a hundred votes; beyond that, as
        many, from a place taken at random: without favour for old accounts or films.

        Args:
            rated: What the member gave, the latest first.
            weight: The *m* of the weighted score.
        """
        ends = (await self._database.fetch(_ENDS, guild_id))[0]
        if ends[0] is None or ends[2] is None:
            return []
        member, film = random.randint(*ends[:2]), random.randint(*ends[2:])  # noqa: S311 - a sample, not a secret
        known = await self._database.fetch(
            self._like_minded,
            json.dumps(list(rated.items())[:OF_MINE]),
            guild_id,
            member_id,
            member,
            VOTERS // 2,
            IN_COMMON,
        )
        alike = ((likeness(apart, films), other_id) for other_id, films, apart in known)
        neighbours = [(other_id, parts) for parts, other_id in heapq.nlargest(NEIGHBOURS, alike) if parts]
        if len(neighbours) < LIKE_MINDED:
            return []
        found = await self._database.fetch(
            self._liked, json.dumps(neighbours), guild_id, film, OF_THEIRS // 2, LIKE_MINDED
        )
        return best_liked([row for row in found if row[0] not in rated], weight, count)

    async def loved_by_critic(self, guild_id: int, member_id: int, count: int) -> list[tuple[int, int]]:
        """The critic's favourites that a member has not rated in a server and its half-sheep; of equals the newest."""
        rows = await self._database.fetch(_LOVED_BY_CRITIC, guild_id, member_id, int(2 * LOVED), count)
        return [(review_id, half) for review_id, half in rows]


# The plus before a column keeps it from choosing the index: a member's votes are read by the member, not by the server,
# whatever an engine makes of votes that it has not counted.
_PAIRS = """
SELECT mine.review_id, mine.sheep, theirs.sheep
FROM (
    SELECT review_id, sheep FROM votes WHERE +guild_id = $1 AND member_id = $2 ORDER BY review_id LIMIT $4
) AS mine
CROSS JOIN votes theirs CROSS JOIN reviews r
WHERE theirs.guild_id = $1 AND theirs.review_id = mine.review_id AND theirs.member_id = $3
  AND r.id = mine.review_id AND r.retired_at IS NULL
"""

_PAIRS_WITH_CRITIC = """
SELECT mine.review_id, mine.sheep, r.critic_half_sheep
FROM (
    SELECT review_id, sheep FROM votes WHERE +guild_id = $1 AND member_id = $2 ORDER BY review_id LIMIT $3
) AS mine
CROSS JOIN reviews r
WHERE r.id = mine.review_id AND r.retired_at IS NULL AND r.critic_half_sheep IS NOT NULL
"""

_LEAVE_ALONE = "INSERT INTO uncompared (member_id, since) VALUES ($1, $2) ON CONFLICT DO NOTHING"

_VOTES_OF = """
SELECT review_id, sheep FROM votes WHERE +guild_id = $1 AND member_id = $2 ORDER BY updated_at DESC, review_id DESC
"""

_ENDS = """
SELECT (SELECT min(member_id) FROM raters WHERE guild_id = $1),
       (SELECT max(member_id) FROM raters WHERE guild_id = $1),
       (SELECT min(review_id) FROM tallies WHERE guild_id = $1),
       (SELECT max(review_id) FROM tallies WHERE guild_id = $1)
"""

_LIKE_MINDED = f"""
SELECT v.member_id, count(*), CAST(sum(abs(v.sheep - k.sheep)) AS bigint)
FROM {{films}} AS k CROSS JOIN votes v
WHERE v.guild_id = $2 AND v.review_id = k.review_id AND v.member_id <> $3
  AND v.member_id > coalesce((
      SELECT b.member_id FROM votes b
      WHERE b.guild_id = $2 AND b.review_id = k.review_id AND b.member_id < $4
      ORDER BY b.member_id DESC LIMIT 1 OFFSET $5
  ), 0)
  AND v.member_id < coalesce((
      SELECT a.member_id FROM votes a
      WHERE a.guild_id = $2 AND a.review_id = k.review_id AND a.member_id >= $4
      ORDER BY a.member_id LIMIT 1 OFFSET $5
  ), {LARGEST})
GROUP BY v.member_id
HAVING count(*) >= $6 AND NOT EXISTS (SELECT 1 FROM uncompared u WHERE u.member_id = v.member_id)
"""  # noqa: S608 - a constant of this file

# The server is asked for last: a member's votes are found by the member and the film.
_LIKED = f"""
SELECT f.review_id, f.members, CAST(f.sheep AS bigint), CAST(f.parts AS bigint)
FROM (
    SELECT v.review_id, count(*) FILTER (WHERE v.guild_id = $2) AS members,
           sum(k.parts * v.sheep) FILTER (WHERE v.guild_id = $2) AS sheep,
           sum(k.parts) FILTER (WHERE v.guild_id = $2) AS parts
    FROM {{neighbours}} AS k CROSS JOIN votes v
    WHERE v.member_id = k.member_id
      AND v.review_id > coalesce((
          SELECT b.review_id FROM votes b WHERE b.member_id = k.member_id AND b.review_id < $3
          ORDER BY b.review_id DESC LIMIT 1 OFFSET $4
      ), 0)
      AND v.review_id < coalesce((
          SELECT a.review_id FROM votes a WHERE a.member_id = k.member_id AND a.review_id >= $3
          ORDER BY a.review_id LIMIT 1 OFFSET $4
      ), {LARGEST})
    GROUP BY v.review_id
) AS f
JOIN reviews r ON r.id = f.review_id
WHERE f.members >= $5 AND r.retired_at IS NULL
"""  # noqa: S608 - a constant of this file

_LOVED_BY_CRITIC = """
SELECT r.id, r.critic_half_sheep FROM reviews r
WHERE r.retired_at IS NULL AND r.guild_id IN (0, $1) AND r.critic_half_sheep >= $3 AND NOT EXISTS (
    SELECT 1 FROM votes v WHERE v.guild_id = $1 AND v.review_id = r.id AND v.member_id = $2
)
ORDER BY r.critic_half_sheep DESC, r.id DESC LIMIT $4
"""
