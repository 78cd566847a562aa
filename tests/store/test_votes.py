"""Votes and thoughts, as the cogs write and read them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.errors import StoreError
from bot.ranking import Tally
from bot.store.thoughts import SharedThought
from bot.store.votes import Ballot, Change, MemberVote, Thought
from tests.store.tools import SOURCE, assert_tallies_are_true, film

if TYPE_CHECKING:
    from bot.store import Store
    from tests.store.tools import Clock, Engine

HERE, THERE = 10, 20
ANN, BEN, CAT = 1, 2, 3
NO_FILM = 404


def tally(*sheep: int, thoughts: int = 0) -> Tally:
    """The tally of these votes."""
    one, two, three, four, five = (sheep.count(number) for number in range(1, 6))
    return Tally((one, two, three, four, five), thoughts)


class TestGivingSheep:
    """Cast, change, remove, cast again."""

    async def test_a_first_vote_is_counted(self, store: Store, films: list[int]) -> None:
        ballot = await store.votes.cast(HERE, films[0], ANN, 4)

        assert ballot == Ballot(None, 4, tally(4))
        assert await store.votes.tally(HERE, films[0]) == tally(4)

    async def test_a_second_vote_replaces_the_first(self, store: Store, films: list[int]) -> None:
        await store.votes.cast(HERE, films[0], ANN, 4)

        assert await store.votes.cast(HERE, films[0], ANN, 2) == Ballot(4, 2, tally(2))

    async def test_the_same_vote_twice_is_the_same_vote(self, store: Store, films: list[int]) -> None:
        await store.votes.cast(HERE, films[0], ANN, 4)

        assert await store.votes.cast(HERE, films[0], ANN, 4) == Ballot(4, 4, tally(4))

    async def test_a_vote_can_be_removed_and_given_again(self, store: Store, films: list[int]) -> None:
        await store.votes.cast(HERE, films[0], ANN, 4)

        assert await store.votes.remove(HERE, films[0], ANN) == Ballot(4, None, tally())
        assert await store.votes.cast(HERE, films[0], ANN, 1) == Ballot(None, 1, tally(1))

    async def test_removing_what_is_not_there_changes_nothing(self, store: Store, films: list[int]) -> None:
        await store.votes.cast(HERE, films[0], BEN, 5)

        assert await store.votes.remove(HERE, films[0], ANN) == Ballot(None, None, tally(5))

    async def test_films_and_members_are_counted_apart(self, store: Store, films: list[int]) -> None:
        await store.votes.cast(HERE, films[0], ANN, 1)
        await store.votes.cast(HERE, films[0], BEN, 5)
        await store.votes.cast(HERE, films[1], ANN, 3)

        assert await store.votes.tally(HERE, films[0]) == tally(1, 5)
        assert await store.votes.tally(HERE, films[1]) == tally(3)
        assert await store.votes.tally(HERE, films[2]) == tally()

    async def test_the_first_moment_of_a_vote_is_kept_when_it_changes(
        self, store: Store, films: list[int], engine: Engine, clock: Clock
    ) -> None:
        first = clock.now
        await store.votes.cast(HERE, films[0], ANN, 1)
        clock.now += 60
        await store.votes.cast(HERE, films[0], ANN, 2)

        assert await engine.rows("SELECT sheep, created_at, updated_at FROM votes") == [(2, first, first + 60)]

    async def test_the_largest_ids_that_discord_can_make_are_taken(self, store: Store, films: list[int]) -> None:
        largest = 2**63 - 1

        assert await store.votes.cast(largest, films[0], largest, 5) == Ballot(None, 5, tally(5))
        assert await store.thoughts.standing(largest, films[0], largest) == (5, None)


class TestWhatIsNoVote:
    """Values that are refused, and the neighbours that do not suffer for it."""

    @pytest.mark.parametrize("sheep", [0, 6, -1, True, False])
    async def test_only_one_to_five_sheep_are_votes(
        self, store: Store, films: list[int], engine: Engine, sheep: int
    ) -> None:
        with pytest.raises(ValueError, match="sheep"):
            await store.votes.cast(HERE, films[0], ANN, sheep)
        with pytest.raises(ValueError, match="sheep"):
            await store.votes.change(Change(HERE, films[0], ANN, sheep=sheep))

        assert await engine.rows("SELECT * FROM votes") == []

    @pytest.mark.parametrize(
        "body",
        ["", "m" * 1001, "cut\0off", "half a \ud83d sheep"],
        ids=["empty", "too long", "NUL", "half a surrogate pair"],
    )
    async def test_a_thought_that_cannot_be_kept_as_it_is_is_refused(
        self, store: Store, films: list[int], engine: Engine, body: str
    ) -> None:
        with pytest.raises(ValueError, match=r"thought|surrogates"):
            await store.votes.change(Change(HERE, films[0], ANN, sheep=3, thought=Thought(body)))

        assert await engine.rows("SELECT * FROM thoughts") == []
        assert await engine.rows("SELECT * FROM votes") == []

    async def test_what_is_refused_is_not_hidden_by_a_later_change_of_the_same_group(
        self, store: Store, films: list[int]
    ) -> None:
        wrong, right = await asyncio.gather(
            store.votes.change(Change(HERE, films[0], ANN, sheep=6)),
            store.votes.cast(HERE, films[0], ANN, 3),
            return_exceptions=True,
        )

        assert isinstance(wrong, ValueError)
        assert right == Ballot(None, 3, tally(3))

    async def test_a_vote_on_no_review_fails_alone(self, store: Store, films: list[int], engine: Engine) -> None:
        before, lost, after = await asyncio.gather(
            store.votes.cast(HERE, films[0], ANN, 4),
            store.votes.cast(HERE, NO_FILM, BEN, 5),
            store.votes.cast(HERE, films[0], CAT, 2),
            return_exceptions=True,
        )

        assert isinstance(lost, StoreError)
        assert isinstance(before, Ballot)
        assert (before.previous, before.current) == (None, 4)
        assert after == Ballot(None, 2, tally(4, 2))
        assert await engine.rows("SELECT member_id, sheep FROM votes ORDER BY member_id") == [(ANN, 4), (CAT, 2)]
        await assert_tallies_are_true(engine)

    async def test_a_vote_in_the_server_that_stands_for_everywhere_is_refused(
        self, store: Store, films: list[int], engine: Engine
    ) -> None:
        with pytest.raises(StoreError):
            await store.votes.cast(0, films[0], ANN, 4)

        assert await engine.rows("SELECT * FROM tallies") == []


class TestOneMemberSeveralTimesInAGroup:
    """What each of several clicks that are written together is told."""

    async def test_each_click_follows_the_one_before(self, store: Store, films: list[int], engine: Engine) -> None:
        await store.votes.cast(HERE, films[0], BEN, 5)
        ballots = await asyncio.gather(
            store.votes.cast(HERE, films[0], ANN, 1),
            store.votes.cast(HERE, films[0], ANN, 2),
            store.votes.remove(HERE, films[0], ANN),
            store.votes.change(Change(HERE, films[0], ANN, thought=Thought("Hm."))),
            store.votes.cast(HERE, films[0], ANN, 3),
        )

        assert [(ballot.previous, ballot.current) for ballot in ballots] == [
            (None, 1),
            (1, 2),
            (2, None),
            (None, None),
            (None, 3),
        ]
        assert {ballot.tally for ballot in ballots} == {tally(3, 5, thoughts=1)}
        assert await store.thoughts.standing(HERE, films[0], ANN) == (3, Thought("Hm."))
        await assert_tallies_are_true(engine)

    async def test_a_thought_shared_before_a_vote_in_the_same_group_is_kept(
        self, store: Store, films: list[int]
    ) -> None:
        await asyncio.gather(
            store.votes.change(Change(HERE, films[0], ANN, sheep=2, thought=Thought("Woolly."))),
            store.votes.cast(HERE, films[0], ANN, 4),
        )

        assert await store.thoughts.standing(HERE, films[0], ANN) == (4, Thought("Woolly."))

    async def test_the_last_of_many_clicks_stands(self, store: Store, films: list[int], engine: Engine) -> None:
        clicks = [(number * 7) % 5 + 1 for number in range(200)]
        ballots = await asyncio.gather(*(store.votes.cast(HERE, films[0], ANN, sheep) for sheep in clicks))

        assert [ballot.current for ballot in ballots] == clicks
        assert [ballot.previous for ballot in ballots] == [None, *clicks[:-1]]
        assert await store.votes.tally(HERE, films[0]) == tally(clicks[-1])
        await assert_tallies_are_true(engine)

    async def test_films_and_servers_in_one_group_keep_their_own_counts(self, store: Store, films: list[int]) -> None:
        ballots = await asyncio.gather(
            store.votes.cast(HERE, films[0], ANN, 1),
            store.votes.cast(THERE, films[0], ANN, 2),
            store.votes.cast(HERE, films[1], ANN, 3),
            store.votes.cast(HERE, films[0], BEN, 4),
        )

        assert [ballot.tally for ballot in ballots] == [tally(1, 4), tally(2), tally(3), tally(1, 4)]


class TestTwoServers:
    """What crosses from one server to another: numbers, once a member."""

    async def test_each_counts_its_own(self, store: Store, films: list[int]) -> None:
        await store.votes.cast(HERE, films[0], ANN, 5)

        assert await store.votes.cast(THERE, films[0], ANN, 1) == Ballot(None, 1, tally(1))
        assert await store.votes.tally(HERE, films[0]) == tally(5)

    async def test_everywhere_a_members_latest_vote_counts_once(
        self, store: Store, films: list[int], clock: Clock
    ) -> None:
        await store.votes.cast(HERE, films[0], ANN, 5)
        clock.now += 1
        await store.votes.cast(THERE, films[0], ANN, 1)
        assert await store.votes.tally(0, films[0]) == tally(1)

        clock.now += 1
        await store.votes.cast(HERE, films[0], ANN, 5)
        assert await store.votes.tally(0, films[0]) == tally(5)

        await store.votes.remove(HERE, films[0], ANN)
        assert await store.votes.tally(0, films[0]) == tally(1)

        await store.votes.remove(THERE, films[0], ANN)
        assert await store.votes.tally(0, films[0]) == tally()

    async def test_thoughts_stay_where_they_were_shared(self, store: Store, films: list[int]) -> None:
        await store.votes.change(Change(HERE, films[0], ANN, sheep=4, thought=Thought("Only here.")))

        assert await store.thoughts.read(THERE, films[0], ANN, 0, 10) == ([], 0)
        assert await store.thoughts.standing(THERE, films[0], ANN) == (None, None)
        assert (await store.votes.tally(0, films[0])).thoughts == 0


class TestAMembersOwnVotes:
    """``of_member``."""

    async def test_the_latest_comes_first(self, store: Store, films: list[int], clock: Clock) -> None:
        for moment, review in enumerate([films[1], films[0], films[2]]):
            clock.now = 1000 + moment
            await store.votes.cast(HERE, review, ANN, moment + 1)
        await store.votes.cast(THERE, films[0], ANN, 5)
        await store.votes.cast(HERE, films[0], BEN, 5)

        assert await store.votes.of_member(HERE, ANN, 0, 10) == (
            [MemberVote(films[2], 3, 1002), MemberVote(films[0], 2, 1001), MemberVote(films[1], 1, 1000)],
            3,
        )

    async def test_pages_follow_each_other_without_gaps_and_count_them_all(
        self, store: Store, films: list[int]
    ) -> None:
        for review in films:
            await store.votes.cast(HERE, review, ANN, 3)

        whole, _ = await store.votes.of_member(HERE, ANN, 0, 10)
        first, first_total = await store.votes.of_member(HERE, ANN, 0, 2)
        second, second_total = await store.votes.of_member(HERE, ANN, 2, 2)

        assert first + second == whole
        assert (first_total, second_total) == (3, 3)

    async def test_a_page_beyond_the_end_still_tells_how_many_there_are(self, store: Store, films: list[int]) -> None:
        await store.votes.cast(HERE, films[0], ANN, 3)

        assert await store.votes.of_member(HERE, ANN, 10, 10) == ([], 1)
        assert await store.votes.of_member(HERE, BEN, 10, 10) == ([], 0)

    async def test_films_off_the_shelf_are_left_out_until_they_come_back(self, store: Store, films: list[int]) -> None:
        await store.votes.cast(HERE, films[0], ANN, 3)
        await store.votes.cast(HERE, films[1], ANN, 4)
        await store.reviews.sync(SOURCE, [film("film-1"), film("film-2")])

        found, total = await store.votes.of_member(HERE, ANN, 0, 10)

        assert [vote.review_id for vote in found] == [films[1]]
        assert total == 1


class TestThoughts:
    """What is said of a film."""

    async def test_thought_and_vote_are_stored_together(self, store: Store, films: list[int], engine: Engine) -> None:
        said = Thought("It has a *sheep* in it. 🐑 … \u202e", spoiler=True)

        ballot = await store.votes.change(Change(HERE, films[0], ANN, sheep=5, thought=said))

        assert ballot == Ballot(None, 5, tally(5, thoughts=1))
        assert await store.thoughts.standing(HERE, films[0], ANN) == (5, said)
        await assert_tallies_are_true(engine)

    async def test_of_thought_and_vote_both_are_stored_or_neither(
        self, store: Store, films: list[int], engine: Engine
    ) -> None:
        with pytest.raises(StoreError):
            await store.votes.change(Change(HERE, NO_FILM, ANN, sheep=5, thought=Thought("Lost.")))

        assert await engine.rows("SELECT * FROM thoughts") == []
        assert await engine.rows("SELECT * FROM votes") == []
        assert films

    async def test_a_thought_needs_no_vote(self, store: Store, films: list[int]) -> None:
        ballot = await store.votes.change(Change(HERE, films[0], ANN, thought=Thought("Not sure.")))

        assert ballot == Ballot(None, None, tally(thoughts=1))
        assert await store.thoughts.standing(HERE, films[0], ANN) == (None, Thought("Not sure."))

    async def test_a_new_thought_replaces_the_old_and_leaves_the_vote(self, store: Store, films: list[int]) -> None:
        await store.votes.change(Change(HERE, films[0], ANN, sheep=2, thought=Thought("First.", spoiler=True)))

        ballot = await store.votes.change(Change(HERE, films[0], ANN, thought=Thought("Second.")))

        assert ballot == Ballot(2, 2, tally(2, thoughts=1))
        assert await store.thoughts.standing(HERE, films[0], ANN) == (2, Thought("Second."))

    async def test_a_thought_is_deleted_and_the_vote_stays(
        self, store: Store, films: list[int], engine: Engine
    ) -> None:
        await store.votes.change(Change(HERE, films[0], ANN, sheep=2, thought=Thought("First.")))

        ballot = await store.votes.change(Change(HERE, films[0], ANN, thought=None))

        assert ballot == Ballot(2, 2, tally(2))
        assert await store.thoughts.standing(HERE, films[0], ANN) == (2, None)
        assert await engine.rows("SELECT * FROM thoughts") == []

    async def test_a_vote_is_removed_and_the_thought_stays(self, store: Store, films: list[int]) -> None:
        await store.votes.change(Change(HERE, films[0], ANN, sheep=2, thought=Thought("First.")))

        assert await store.votes.remove(HERE, films[0], ANN) == Ballot(2, None, tally(thoughts=1))
        assert await store.thoughts.standing(HERE, films[0], ANN) == (None, Thought("First."))

    async def test_deleting_what_is_not_there_changes_nothing(self, store: Store, films: list[int]) -> None:
        assert await store.votes.change(Change(HERE, films[0], ANN, thought=None)) == Ballot(None, None, tally())

    async def test_a_thousand_code_points_fit(self, store: Store, films: list[int]) -> None:
        long = Thought("🐑" * 1000)
        await store.votes.change(Change(HERE, films[0], ANN, thought=long))

        assert await store.thoughts.standing(HERE, films[0], ANN) == (None, long)

    async def test_who_said_nothing_has_no_standing(self, store: Store, films: list[int]) -> None:
        assert await store.thoughts.standing(HERE, films[0], ANN) == (None, None)
        assert await store.thoughts.standing(HERE, NO_FILM, ANN) == (None, None)

    async def test_ones_own_comes_first_then_the_newest(self, store: Store, films: list[int], clock: Clock) -> None:
        for moment, member in enumerate([BEN, ANN, CAT]):
            clock.now = 1000 + moment
            await store.votes.change(Change(HERE, films[0], member, thought=Thought(f"I am {member}.")))
        await store.votes.cast(HERE, films[0], CAT, 5)

        bens, anns, cats = (
            SharedThought(BEN, None, Thought("I am 2."), 1000),
            SharedThought(ANN, None, Thought("I am 1."), 1001),
            SharedThought(CAT, 5, Thought("I am 3."), 1002),
        )
        assert await store.thoughts.read(HERE, films[0], BEN, 0, 10) == ([bens, cats, anns], 3)
        assert await store.thoughts.read(HERE, films[0], 99, 0, 10) == ([cats, anns, bens], 3)

    async def test_a_changed_thought_is_new_again(self, store: Store, films: list[int], clock: Clock) -> None:
        for member in (ANN, BEN):
            clock.now += 1
            await store.votes.change(Change(HERE, films[0], member, thought=Thought("Hm.")))
        clock.now += 1
        await store.votes.change(Change(HERE, films[0], ANN, thought=Thought("Ah!")))

        found, _ = await store.thoughts.read(HERE, films[0], 99, 0, 10)

        assert [shared.member_id for shared in found] == [ANN, BEN]

    async def test_pages_follow_each_other_without_gaps_and_count_them_all(
        self, store: Store, films: list[int], clock: Clock
    ) -> None:
        for member in range(1, 12):
            clock.now += member % 3 == 0
            await store.votes.change(Change(HERE, films[0], member, thought=Thought(f"I am {member}.")))
            await store.votes.change(Change(HERE, films[1], member, thought=Thought("Elsewhere.")))

        whole, _ = await store.thoughts.read(HERE, films[0], 5, 0, 100)
        pages = [await store.thoughts.read(HERE, films[0], 5, start, 4) for start in (0, 4, 8)]

        assert len(whole) == 11
        assert whole[0].member_id == 5
        assert [shared for found, _ in pages for shared in found] == whole
        assert [total for _, total in pages] == [11, 11, 11]

    async def test_a_page_beyond_the_end_still_tells_how_many_there_are(self, store: Store, films: list[int]) -> None:
        await store.votes.change(Change(HERE, films[0], ANN, thought=Thought("Hm.")))

        assert await store.thoughts.read(HERE, films[0], ANN, 5, 5) == ([], 1)
        assert await store.thoughts.read(HERE, films[1], ANN, 5, 5) == ([], 0)
