"""What ratings from elsewhere would make of a member's votes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot import ratings
from bot.ratings import Given, Plan, Standing
from bot.reviews.matching import Ambiguous, Match, Matches

MATCHES = st.lists(
    st.builds(Match, st.integers(1, 9), st.integers(1, 10), st.integers(0, 9)), unique_by=lambda match: match.review_id
)
VOTES = st.dictionaries(st.integers(1, 9), st.builds(Standing, st.integers(1, 5), st.integers(0, 9)))
FILMS = st.sets(st.integers(1, 9))


def test_half_stars_go_up_to_the_next_sheep() -> None:
    assert [ratings.sheep_of(half) for half in range(1, 11)] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_a_plan_gives_what_is_new_or_newer_and_says_what_it_leaves() -> None:
    found = [Match(number, 7, 100) for number in range(1, 8)]
    votes = {
        2: Standing(3, 99),  # older
        3: Standing(3, 100),  # not older
        4: Standing(4, 500),  # the same
        5: Standing(4, 50),  # the same, and closed
        6: Standing(1, 500),  # newer, and closed
    }

    def planned(*, override: bool) -> Plan:
        return ratings.plan(found, votes, here=lambda n: n != 7, closed=lambda n: n in {5, 6}, override=override)

    given_anyway = [Given(1, 7, 100, None), Given(2, 7, 100, 3)]
    assert planned(override=False) == Plan(given_anyway, newer=1, same=2, closed=1, gone=1)
    assert planned(override=True) == Plan([*given_anyway, Given(3, 7, 100, 3)], newer=0, same=2, closed=1, gone=1)


@given(MATCHES, VOTES, FILMS, FILMS)
@settings(max_examples=50)
def test_every_match_comes_to_one_thing_and_override_only_adds(
    found: list[Match], votes: dict[int, Standing], gone: set[int], closed: set[int]
) -> None:
    plain, forced = (
        ratings.plan(found, votes, here=lambda n: n not in gone, closed=closed.__contains__, override=override)
        for override in (False, True)
    )

    for plan in (plain, forced):
        assert len(plan.given) + plan.newer + plan.same + plan.closed + plan.gone == len(found)
        assert not {one.review_id for one in plan.given} & (gone | closed)
        assert all(one.sheep != one.previous for one in plan.given)
    assert set(plain.given) <= set(forced.given)
    assert forced.newer == 0


@given(
    st.lists(st.builds(Match, *[st.integers(0, 2**63 - 1)] * 3), max_size=5),
    st.lists(
        st.builds(
            Ambiguous,
            st.text(max_size=ratings.MAX_NAME),
            st.none() | st.integers(1800, 2099),
            st.integers(1, 10),
            st.lists(st.integers(1, 9), max_size=ratings.MAX_CANDIDATES).map(tuple),
        ),
        max_size=5,
    ),
    st.integers(0, 9),
)
@settings(max_examples=50)
def test_what_waits_comes_back_as_it_was_written(found: list[Match], ambiguous: list[Ambiguous], unread: int) -> None:
    rows = len(found) + len(ambiguous) + unread + 4 + 3
    waits = ratings.waiting(2**62, rows, unread, Matches(found, ambiguous, 4))

    assert waits.repeated == 3
    assert ratings.restored(ratings.written(waits)) == waits
    assert ratings.written(waits).isascii()


def test_what_waits_is_bounded_however_much_is_ambiguous() -> None:
    ambiguous = [Ambiguous("\U0001f411" * 300, None, 1, tuple(range(100)))] * 20_000
    found = [Match(number, 10, 2**31) for number in range(20_000)]

    waits = ratings.waiting(1, 40_000, 0, Matches(found, ambiguous, 0))

    assert waits.unsure == 20_000
    assert len(ratings.written(waits)) < 1_500_000
