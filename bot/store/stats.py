"""A film and a server in numbers: read from what the triggers count, so that nothing here ever counts votes."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from bot.ranking import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from bot.store.database import Database

POINTS = 12
"""The most points of a history."""
EPOCH = date(1970, 1, 1)


class Point(NamedTuple):
    """The votes first given within a stretch of time that begins on a day, UTC."""

    begin: date
    tally: Tally


class FilmStats(NamedTuple):
    """A film in numbers.

    Attributes:
        everywhere: What members of any server gave, each counted once.
        step: How long a point of the history is: ``week``, ``month``, ``quarter`` or ``year``.
        history: Votes over time, the oldest first, at most twelve points.
    """

    here: Tally
    everywhere: Tally
    step: str
    history: Sequence[Point]


class ServerStats(NamedTuple):
    """A server in numbers.

    Attributes:
        films: How many films have votes here.
        votes: How many they are.
        sheep: All sheep given, added up.
        shared: How many of the films the critic rated too.
        flock: The server's mean over these films, each counted once; None where there is none.
        critic: The critic's mean over them.
    """

    films: int
    votes: int
    sheep: int
    shared: int
    flock: float | None
    critic: float | None


class Rater(NamedTuple):
    """A member and how many votes they have in a server."""

    member_id: int
    votes: int


class Stats:
    """The questions about films and servers in numbers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def film(self, guild_id: int, review_id: int) -> FilmStats:
        """A film in a server's numbers."""
        tallies = {row[0]: row[1:] for row in await self._database.fetch(_TALLIES, guild_id, review_id)}
        days = await self._database.fetch(_DAYS, guild_id, review_id)
        step, history = over_time([(day, (n1, n2, n3, n4, n5)) for day, n1, n2, n3, n4, n5 in days])
        return FilmStats(_tally(tallies.get(guild_id)), _tally(tallies.get(0)), step, history)

    async def server(self, guild_id: int, only: Collection[int] | None = None) -> ServerStats:
        """A server in its numbers.

        Args:
            only: The films that count; None: all.
        """
        if only is None:
            rows = await self._database.fetch(_SERVER.format(which=""), guild_id)
        else:
            which = _ONLY.format(films=self._database.given("$2", {"id": int}))
            ids = json.dumps([[review_id] for review_id in only])
            rows = await self._database.fetch(_SERVER.format(which=which), guild_id, ids)
        return ServerStats(*rows[0])

    async def most_active(self, guild_id: int, count: int) -> list[Rater]:
        """The members with most votes in a server, but for those who want to be compared with nobody."""
        return [Rater(*row) for row in await self._database.fetch(_MOST_ACTIVE, guild_id, count)]


def over_time(days: Sequence[tuple[int, tuple[int, int, int, int, int]]]) -> tuple[str, list[Point]]:
    """Votes by the week, the month, the quarter or the year: by the shortest of which twelve are enough.

    Stretches without votes in between are there too; where twelve years are not enough, the latest twelve are.

    Args:
        days: Days since 1970 with their five counts, the oldest first; those of noughts do not matter.
    """
    given = [(EPOCH + timedelta(day), counts) for day, counts in days if any(counts)]
    if not given:
        return "week", []
    first, last = given[0][0], given[-1][0]
    step = next((step for step in _STEPS if len(_stretches(step, first, last)) <= POINTS), "year")
    counted = {begin: [0] * 5 for begin in _stretches(step, first, last)[POINTS - 1 :: -1]}
    for day, counts in given:
        if stretch := counted.get(_STEPS[step](day)):
            stretch[:] = map(sum, zip(stretch, counts, strict=True))
    return step, [Point(begin, Tally((n1, n2, n3, n4, n5))) for begin, (n1, n2, n3, n4, n5) in counted.items()]


def _stretches(step: str, first: date, last: date) -> list[date]:
    """The beginnings of the stretches from a day to another, the latest first; one more than there may be is enough."""
    begin = _STEPS[step]
    found = [begin(last)]
    while found[-1] > first and len(found) <= POINTS:
        found.append(begin(found[-1] - timedelta(1)))
    return found


_STEPS: dict[str, Callable[[date], date]] = {
    "week": lambda day: day - timedelta(day.weekday()),
    "month": lambda day: day.replace(day=1),
    "quarter": lambda day: day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
    "year": lambda day: day.replace(month=1, day=1),
}
"""How the stretch begins that a day lies in."""


def _tally(row: Sequence[int] | None) -> Tally:
    return Tally((row[0], row[1], row[2], row[3], row[4]), row[5]) if row else Tally()


_TALLIES = """
SELECT guild_id, n1, n2, n3, n4, n5, thoughts FROM tallies WHERE guild_id IN (0, $1) AND review_id = $2
"""

_DAYS = "SELECT day, n1, n2, n3, n4, n5 FROM days WHERE guild_id = $1 AND review_id = $2 ORDER BY day"

_SERVER = """
SELECT count(*), CAST(coalesce(sum(votes), 0) AS bigint), CAST(coalesce(sum(sheep), 0) AS bigint),
       count(critic_half_sheep),
       avg(CAST(sheep AS double precision) / votes) FILTER (WHERE critic_half_sheep IS NOT NULL),
       avg(CAST(critic_half_sheep AS double precision) / 2)
FROM (
    SELECT n1 + n2 + n3 + n4 + n5 AS votes, n1 + 2 * n2 + 3 * n3 + 4 * n4 + 5 * n5 AS sheep, r.critic_half_sheep
    FROM tallies t JOIN reviews r ON r.id = t.review_id
    WHERE t.guild_id = $1 AND n1 + n2 + n3 + n4 + n5 > 0 AND r.retired_at IS NULL {which}
) AS counted
"""
_ONLY = "AND t.review_id IN (SELECT id FROM {films} AS k)"

_MOST_ACTIVE = """
SELECT r.member_id, r.votes FROM raters r
WHERE r.guild_id = $1 AND r.votes > 0 AND NOT EXISTS (SELECT 1 FROM uncompared u WHERE u.member_id = r.member_id)
ORDER BY r.votes DESC, r.member_id LIMIT $2
"""
