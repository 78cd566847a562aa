"""Leaderboards: read from the tallies alone, so that no board ever counts votes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.ranking import MIN_VOTES_FOR_MEAN, MIN_VOTES_TO_LIST, NEUTRAL_SHEEP, PRIOR_WEIGHT, Sort

if TYPE_CHECKING:
    from bot.store.database import Database


@dataclass(frozen=True, slots=True)
class Place:
    """A film on a board: its weighted score and mean in sheep, and its votes."""

    review_id: int
    title: str
    year: int | None
    score: float
    mean: float
    votes: int
    critic_half_sheep: int | None


@dataclass(frozen=True, slots=True)
class Board:
    """A stretch of a leaderboard.

    Attributes:
        places: The films asked for, best first by the order asked for.
        total: How many films the whole board has.
        prior: The C of the weighted score: the mean of the scope, in sheep.
    """

    places: list[Place]
    total: int
    prior: float


_ORDER = {
    Sort.TOP: "score DESC, votes DESC, sort_title, review_id",
    Sort.LOWEST: "score, votes DESC, sort_title, review_id",
    Sort.MOST_VOTED: "votes DESC, score DESC, sort_title, review_id",
}

# The weighted score of ranking.weighted_score, with the prior of ranking.prior_mean as a fraction:
# a score that is one division is the same number for films that are equal, so that ties are ties.
# The scope is joined to the page, not the other way round: it is known where the page is empty, too.
_BOARD = """
WITH counted AS (
    SELECT t.review_id, r.title, r.sort_title, r.year, r.critic_half_sheep,
           n1 + n2 + n3 + n4 + n5 AS votes,
           n1 + 2 * n2 + 3 * n3 + 4 * n4 + 5 * n5 AS sheep
    FROM tallies t JOIN reviews r ON r.id = t.review_id
    WHERE t.guild_id = $1 AND r.retired_at IS NULL
),
scope AS (
    SELECT CASE WHEN sum(votes) >= CAST($2 AS bigint) THEN CAST(sum(sheep) AS double precision) ELSE $3 END
               AS prior_sheep,
           CASE WHEN sum(votes) >= CAST($2 AS bigint) THEN CAST(sum(votes) AS double precision) ELSE 1 END
               AS prior_votes,
           CAST($4 AS double precision) AS weight,
           count(*) FILTER (WHERE votes >= $5) AS total
    FROM counted
),
page AS (
    SELECT review_id, title, year,
           (sheep * prior_votes + weight * prior_sheep) / (prior_votes * (votes + weight)) AS score,
           CAST(sheep AS double precision) / votes AS mean, votes, critic_half_sheep, sort_title
    FROM counted, scope
    WHERE votes >= $5
    ORDER BY {order}
    LIMIT $6 OFFSET $7
)
SELECT total, prior_sheep / prior_votes AS prior,
       review_id, title, year, score, mean, votes, critic_half_sheep
FROM scope LEFT JOIN page ON true
ORDER BY {order}
"""


class Leaderboard:
    """The questions about a server's favourites."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def top(
        self, guild_id: int, sort: Sort, offset: int, limit: int, min_votes: int = MIN_VOTES_TO_LIST
    ) -> Board:
        """The films of a server (0: everywhere) that have at least ``min_votes`` votes, in an order."""
        rows = await self._database.fetch(
            _BOARD.format(order=_ORDER[sort]),
            guild_id,
            MIN_VOTES_FOR_MEAN,
            NEUTRAL_SHEEP,
            PRIOR_WEIGHT,
            max(min_votes, 1),
            limit,
            offset,
        )
        total, prior = rows[0][:2]
        return Board([Place(*row[2:]) for row in rows if row[2] is not None], total, prior)
