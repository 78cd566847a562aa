"""Leaderboards: read from the tallies, of all time or by day, so that no board ever counts votes."""

from __future__ import annotations

import json
import math
import time
from typing import TYPE_CHECKING, NamedTuple

from bot.ranking import (
    MIN_VOTES_FOR_MEAN,
    MIN_VOTES_TO_LIST,
    NEUTRAL_SHEEP,
    NEUTRAL_VARIANCE,
    PRIOR_WEIGHT,
    Period,
    Sort,
    Tally,
    window,
)
from bot.rules import DAY

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.store.database import Database, Row, Value


class Question(NamedTuple):
    """What a board is asked.

    Attributes:
        guild_id: Whose votes count; 0: everyone's, everywhere.
        min_votes: Films with fewer of the votes that count are left out.
        weight: The m of the weighted score and of the shrunk variance.
        labels: For each label asked for, the ids that stand for it: a film must have one of each.
        decade: The first year of ten, or None.
        closed: Where only films count whose vote is closed: their ids.
    """

    guild_id: int
    sort: Sort = Sort.TOP
    period: Period = Period.ALL
    min_votes: int = MIN_VOTES_TO_LIST
    weight: float = PRIOR_WEIGHT
    labels: tuple[Collection[int], ...] = ()
    decade: int | None = None
    closed: Collection[int] | None = None

    @property
    def days(self) -> int | None:
        """So many days, today (UTC) being the last, the votes of which count; None: all votes."""
        return window(self.sort, self.period)


class Place(NamedTuple):
    """A film on a board: its weighted score and mean in sheep, and its votes.

    Attributes:
        tally: The votes that count on this board.
        spread: The root of the shrunk variance, in sheep.
    """

    review_id: int
    title: str
    year: int | None
    score: float
    mean: float
    votes: int
    critic_half_sheep: int | None
    tally: Tally = Tally()
    spread: float = 0.0


class Board(NamedTuple):
    """A stretch of a leaderboard.

    Attributes:
        places: The films asked for, best first by the order asked for.
        total: How many films the whole board has.
        prior: The C of the weighted score: the mean of the scope, in sheep.
        usual: The s of the shrunk variance: the usual spread of the votes on a film, in sheep.
    """

    places: list[Place]
    total: int
    prior: float
    usual: float = math.sqrt(NEUTRAL_VARIANCE)


def _in_billionths(number: str) -> str:
    """So films that are equal are tied, though their fractions round differently.

    Of what is nearly a whole billionth both engines make that one, where SQLite cuts off and PostgreSQL rounds.
    """
    return f"CAST(({number}) * 1000000000 + 0.25 AS bigint)"


_SCORE = _in_billionths("score")
_ORDER = {
    Sort.TOP: f"{_SCORE} DESC, votes DESC",
    Sort.LOWEST: f"{_SCORE}, votes DESC",
    Sort.MOST_VOTED: f"votes DESC, {_SCORE} DESC",
    Sort.DIVISIVE: f"{_in_billionths('variance')} DESC, votes DESC",
    Sort.CRITIC_GAP: f"{_in_billionths('abs(score - verdict / 2.0)')} DESC, votes DESC",
    Sort.RISING: f"sheep DESC, {_SCORE} DESC",
}

_OF_ALL_TIME = "SELECT review_id, n1, n2, n3, n4, n5 FROM tallies WHERE guild_id = $1"
# From the tallies film by film to its last days: the days of a server in a row are all of its history.
_OF_DAYS = """
SELECT t.review_id, CAST(sum(d.n1) AS bigint) AS n1, CAST(sum(d.n2) AS bigint) AS n2, CAST(sum(d.n3) AS bigint) AS n3,
       CAST(sum(d.n4) AS bigint) AS n4, CAST(sum(d.n5) AS bigint) AS n5
FROM tallies t CROSS JOIN days d
WHERE t.guild_id = $1 AND d.guild_id = t.guild_id AND d.review_id = t.review_id AND d.day >= {since}
GROUP BY t.review_id
"""
_EVERYONES = " AND r.guild_id = 0"  # what is one server's own stays in it
_ONE_OF = " AND r.id IN (SELECT id FROM {ids} AS k)"
_LABELLED = """
AND r.id IN (SELECT review_id FROM review_labels WHERE label_id IN (SELECT id FROM {ids} AS k))
"""
# ranking.weighted_score, shrunk_variance and critic_gap, with the priors of prior_mean and usual_variance.
# The scope is joined to the page, not the other way round: it is known where the page is empty, too.
_BOARD = """
WITH given AS ({given}),
counted AS (
    SELECT g.review_id, n1, n2, n3, n4, n5, n1 + n2 + n3 + n4 + n5 AS votes,
           n1 + 2 * n2 + 3 * n3 + 4 * n4 + 5 * n5 AS sheep, r.sort_title AS name, {verdict} AS verdict,
           CASE WHEN n1 + n2 + n3 + n4 + n5 >= $2 {narrowed} THEN 1 ELSE 0 END AS listed
    FROM given g JOIN reviews r {titles} ON r.id = g.review_id
    WHERE r.retired_at IS NULL AND n1 + n2 + n3 + n4 + n5 > 0 {counts}
),
spread AS (
    SELECT *, n1 + 4 * n2 + 9 * n3 + 16 * n4 + 25 * n5 - CAST(sheep AS double precision) * sheep / votes AS squares
    FROM counted
),
scope AS (
    SELECT CASE WHEN sum(votes) >= CAST($4 AS bigint) THEN CAST(sum(sheep) AS double precision) / sum(votes)
               ELSE CAST($5 AS double precision) END AS prior,
           CASE WHEN sum(votes - 1) >= CAST($4 AS bigint) THEN CAST(sum(squares) AS double precision) / sum(votes - 1)
               ELSE CAST($6 AS double precision) END AS usual,
           CAST($3 AS double precision) AS weight, COALESCE(sum(listed), 0) AS total
    FROM spread
),
scored AS (
    SELECT *, (sheep + weight * prior) / (votes + weight) AS score,
           CASE WHEN votes - 1 + weight > 0 THEN (squares + weight * usual) / (votes - 1 + weight) ELSE 0 END
               AS variance
    FROM spread CROSS JOIN scope
    WHERE listed = 1
),
page AS (SELECT * FROM scored ORDER BY {order} LIMIT $7 OFFSET $8)
SELECT s.total, s.prior, s.usual, p.review_id, title, year, score, CAST(sheep AS double precision) / votes, votes,
       critic_half_sheep, n1, n2, n3, n4, n5, variance
FROM scope s LEFT JOIN page p ON true LEFT JOIN reviews r ON r.id = p.review_id
ORDER BY {order}
"""


class Leaderboard:
    """The questions about a server's favourites."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def top(self, question: Question, offset: int, limit: int) -> Board:
        """A stretch of the board that answers a question.

        The means that scores are drawn to are those of all films that count, also where only some are listed: so a
        film has the same score on a board of its genre.
        """
        sql, values = self._asked(question)
        rows = await self._database.fetch(
            sql,
            question.guild_id,
            max(question.min_votes, 1),
            question.weight,
            MIN_VOTES_FOR_MEAN,
            NEUTRAL_SHEEP,
            NEUTRAL_VARIANCE,
            limit,
            offset,
            *values,
        )
        total, prior, usual = rows[0][:3]
        return Board([_place(row[3:]) for row in rows if row[3] is not None], int(total), prior, math.sqrt(usual))

    def _asked(self, question: Question) -> tuple[str, list[Value]]:
        """The query for a question, and what stands for its parameters from the ninth on."""
        values: list[Value] = []

        def parameter(value: Value) -> str:
            values.append(value)
            return f"${8 + len(values)}"

        def table(ids: Collection[int]) -> str:
            rows = json.dumps([[one] for one in ids])
            return self._database.given(parameter(rows), {"id": int})

        given, narrowed, counts = _OF_ALL_TIME, "", "" if question.guild_id else _EVERYONES
        if question.days is not None:
            given = _OF_DAYS.format(since=parameter(int(time.time()) // DAY - question.days + 1))
        if question.closed is not None:
            counts += _ONE_OF.format(ids=table(question.closed))
        for alike in question.labels:
            narrowed += _LABELLED.format(ids=table(alike))
        if question.decade is not None:
            narrowed += f" AND r.year BETWEEN {parameter(question.decade)} AND {parameter(question.decade + 9)}"
        verdict, titles = "NULL", self._database.titles
        if question.sort is Sort.CRITIC_GAP:
            verdict, titles = "r.critic_half_sheep", ""
            narrowed += " AND r.critic_half_sheep IS NOT NULL"
        sql = _BOARD.format(
            given=given,
            verdict=verdict,
            titles=titles,
            narrowed=narrowed,
            counts=counts,
            order=f"{_ORDER[question.sort]}, name, review_id",
        )
        return sql, values


def _place(row: Row) -> Place:
    review_id, title, year, score, mean, votes, critic, n1, n2, n3, n4, n5, variance = row
    return Place(
        review_id,
        title,
        year,
        score,
        mean,
        votes,
        critic,
        Tally((n1, n2, n3, n4, n5)),
        math.sqrt(max(variance, 0.0)),
    )
