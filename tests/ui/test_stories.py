"""Stories: within Discord's limits whatever the numbers and names are, and true to what is hidden."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from bot.ranking import Sort
from bot.rules import Poll, ShowResults
from bot.store.leaderboard import Board, Question
from bot.store.stats import FilmStats, Point, Rater, ServerStats
from bot.taste import Liked, Pair
from bot.ui import controls, stories
from tests.limits import check_embed, check_view
from tests.ui.test_embeds import COUNTS, HALVES, MEMBERS, REVIEWS, places, reviews, some, tallies, titles

if TYPE_CHECKING:
    from bot.reviews.model import Review
    from bot.reviews.titles import Title
    from bot.store.leaderboard import Place

STEPS = st.sampled_from(["week", "month", "quarter", "year"])
POINTS = st.lists(st.builds(Point, st.dates(date(1970, 1, 1), date(2200, 1, 1)), tallies), max_size=12)
NUMBERS = st.floats(0, 5)
BOARDS = st.builds(Board, st.lists(places, max_size=3), COUNTS, NUMBERS)
RATERS = st.lists(st.builds(Rater, MEMBERS, COUNTS), max_size=10)
NAMES = st.none() | st.dictionaries(MEMBERS, some, max_size=10)
PAIRS = st.lists(st.builds(Pair, REVIEWS, st.integers(1, 5), st.integers(0, 10).map(lambda half: half / 2)), max_size=8)


@given(reviews, st.builds(FilmStats, tallies, tallies, STEPS, POINTS))
async def test_any_film_in_numbers_fits_and_tells_nothing_that_is_hidden(review: Review, stats: FilmStats) -> None:
    check_embed(stories.film(review, stats))
    hidden = Poll(shown=False, results=ShowResults.AFTER_VOTING)
    embed = stories.film(review, stats, hidden)
    check_embed(embed)
    assert not [field for field in embed.fields if "█" in str(field.value) or "░" in str(field.value)]


@given(
    st.builds(ServerStats, COUNTS, COUNTS, COUNTS, COUNTS, st.none() | NUMBERS, st.none() | NUMBERS),
    st.tuples(BOARDS, BOARDS),
    RATERS,
    NAMES,
    st.sampled_from([None, [1]]),
)
async def test_any_server_in_numbers_fits_and_names_only_who_is_there(
    stats: ServerStats,
    found: tuple[Board, Board],
    active: list[Rater],
    names: dict[int, str] | None,
    closed: list[int] | None,
) -> None:
    questions = [Question(1, sort, closed=closed) for sort in (Sort.TOP, Sort.DIVISIVE)]
    embed = stories.server(stats, list(zip(questions, found, strict=True)), active, names)

    check_embed(embed)
    named = [str(field.value) for field in embed.fields if field.name == "Most active"]
    present = [rater for rater in active if names is None or rater.member_id in names]
    assert len("\n".join(named).splitlines()) == (min(len(present), 5) if stats.votes else 0)


@given(st.none() | some.map(stories.name_of), PAIRS, st.lists(titles, min_size=8, max_size=8))
async def test_any_match_fits_and_says_no_vote_of_another_member(
    name: str | None, pairs: list[Pair], films: list[Title]
) -> None:
    differing = [pair for pair in pairs if pair.apart > 1][:3]
    embed = stories.match(name, pairs, list(zip(differing, films, strict=False)))

    check_embed(embed)
    assert name is None or ": you " not in str(embed.description)


@given(st.lists(titles, max_size=5, unique_by=lambda film: film.review_id), COUNTS, NUMBERS, HALVES, places)
async def test_any_recommendations_fit(
    films: list[Title], members: int, mean: float, half: int | None, place: Place
) -> None:
    reasons = [
        stories.liked(Liked(1, members, mean), shown=True),
        stories.liked(Liked(1, members, mean), shown=False),
        stories.loved_by_critic(half or 0),
        stories.loved_here(place, shown=True),
    ]
    for first in ("", stories.NOBODY_ALIKE, stories.UNCOMPARED, stories.few_votes(members)):
        check_embed(stories.recommendations(list(zip(films, reasons, strict=False)), first, alike=not first))
    if films:
        check_view(controls.recommended(films))


def test_what_becomes_of_the_choice_is_said_either_way() -> None:
    for allowed in (True, False):
        check_embed(stories.compared(allowed=allowed))
