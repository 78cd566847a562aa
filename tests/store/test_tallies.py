"""Tallies under random histories: whatever happened, each is what a recount makes of it."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, ClassVar, TypeAlias

import asyncpg
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from bot.store import open_store
from bot.store.aside import Reason
from bot.store.moderation import Verdict
from bot.store.votes import Ballot, Change, Thought
from bot.words import found
from tests.store.tools import ALL_ENGINES, ENGINES, UNSHRUNK, Clock, Postgres, assert_tallies_are_true, recount, shelve

if TYPE_CHECKING:
    from bot.store import Store
from tests.store.tools import Engine

Key: TypeAlias = tuple[int, int, int]

GUILDS = (10, 20, 30)
FILMS = 2
MEMBERS = (1, 2, 3, 4)

WORD = "a"
"""What thoughts of the first server may not have in them."""

SHEEP = st.integers(1, 5)
GUILD, MEMBER, PLACE = st.sampled_from(GUILDS), st.sampled_from(MEMBERS), st.integers(0, FILMS - 1)
THOUGHTS = st.builds(Thought, st.text("ab 🐑", min_size=1, max_size=5), st.booleans())
CHANGES = st.builds(
    Change,
    guild_id=st.sampled_from(GUILDS),
    review_id=st.integers(0, FILMS - 1),  # a place on the shelf; the machine puts the id there
    member_id=st.sampled_from(MEMBERS),
    sheep=st.one_of(SHEEP, SHEEP, st.none(), st.just(...)),
    thought=st.one_of(st.just(...), THOUGHTS, st.none()),
)


class Histories(RuleBasedStateMachine):
    """Members of several servers vote, change their minds and share thoughts by a clock that errs.

    Moderators judge thoughts, and set votes aside and bring them back, at once or by and by.
    """

    engine_name: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.exits = ExitStack()
        folder = self.exits.enter_context(TemporaryDirectory())
        self.engine = self.exits.enter_context(ENGINES[self.engine_name](Path(folder)))
        self.clock = Clock()
        self.exits.enter_context(pytest.MonkeyPatch.context()).setattr("bot.store.votes.time", self.clock)
        self.runner = self.exits.enter_context(asyncio.Runner())
        if isinstance(self.engine, Postgres):  # it is looked at hundreds of times: to connect is most of a look
            self.engine = replace(self.engine, reader=self.runner.run(asyncpg.connect(self.engine.url)))
        self.store = self.runner.run(open_store(self.engine.url))
        self.films = self.runner.run(shelve(self.store, FILMS))
        self.votes: dict[Key, tuple[int, int]] = {}
        self.thoughts: dict[Key, Thought] = {}
        self.states: dict[Key, str] = {}
        self.written: dict[Key, int] = {}
        self.removed: set[Key] = set()
        self.aside: dict[Key, tuple[int, int]] = {}
        self.laid: defaultdict[tuple[int, int], set[Reason]] = defaultdict(set)
        self.restoring: set[tuple[int, int]] = set()
        self.reporters = count(1000)
        self.runner.run(self.store.moderation.add_words(GUILDS[0], {WORD}, 7))

    def teardown(self) -> None:
        """Close everything, the store first."""
        with self.exits:
            self.runner.run(self.store.close())
            if isinstance(self.engine, Postgres) and self.engine.reader:
                self.runner.run(self.engine.reader.close())

    @rule(change=CHANGES)
    def change_one(self, change: Change) -> None:
        """One member does one thing, or none."""
        self.write([change])

    @rule(guild=st.sampled_from(GUILDS), place=st.integers(0, FILMS - 1), member=st.sampled_from(MEMBERS), sheep=SHEEP)
    def cast(self, guild: int, place: int, member: int, sheep: int) -> None:
        """One member gives sheep."""
        self.write([Change(guild, place, member, sheep=sheep)])

    @rule(changes=st.lists(CHANGES, min_size=2, max_size=12))
    def change_many_at_once(self, changes: list[Change]) -> None:
        """Many things happen at the same moment."""
        self.write(changes)

    @rule(guild=GUILD, place=PLACE, member=MEMBER, verdict=st.sampled_from(Verdict), late=st.booleans())
    def judge(self, guild: int, place: int, member: int, verdict: Verdict, *, late: bool) -> None:
        """A thought is reported and judged, unless the moderator saw another than there is."""
        key = (guild, self.films[place], member)
        state, seen = self.states.get(key), self.written.get(key, 0)
        moderation = self.store.moderation
        reported = self.runner.run(moderation.report(*key, next(self.reporters)))
        assert reported == (state == "shown")
        judged = self.runner.run(moderation.judge(key, seen + late, verdict, 7))
        assert judged == (state in {"shown", "held"} and not late)
        if judged:
            self.states[key] = "shown" if verdict is Verdict.APPROVE else "removed"
            (self.removed.discard if verdict is Verdict.APPROVE else self.removed.add)(key)

    @rule(guild=GUILD, member=MEMBER, reason=st.sampled_from(Reason), lay=st.booleans(), at_once=st.booleans())
    def set_aside_or_bring_back(self, guild: int, member: int, reason: Reason, *, lay: bool, at_once: bool) -> None:
        """A member's votes are to count no more, or to count again; they follow at once, or later."""
        who, laid = (guild, member), self.laid[guild, member]
        decide = self.store.aside.lay if lay else self.store.aside.lift
        assert self.runner.run(decide(guild, member, reason, None)) == ((reason in laid) != lay)
        if lay:
            laid.add(reason)
            self.restoring.discard(who)
        elif laid == {reason}:
            self.restoring.add(who)
        laid.difference_update(() if lay else {reason})
        if at_once:
            self.move(guild, member)

    @rule(guild=GUILD, member=MEMBER)
    def move(self, guild: int, member: int) -> None:
        """All of a member's votes go where they belong."""

        async def work() -> None:
            while await self.store.aside.move(guild, member):
                pass

        self.runner.run(work())
        here = [key for key in self.votes.keys() | self.aside.keys() if (key[0], key[2]) == (guild, member)]
        if self.laid[guild, member]:
            self.aside |= {key: self.votes.pop(key) for key in here if key in self.votes}
        elif (guild, member) in self.restoring:
            self.restoring.discard((guild, member))
            self.votes = {key: self.aside.pop(key) for key in here if key in self.aside} | self.votes

    @rule(seconds=st.one_of(st.integers(-3, 3), st.sampled_from((-100_000, 100_000))))
    def move_the_clock(self, seconds: int) -> None:
        """Time goes on, or back: a clock that was put right."""
        self.clock.now += seconds

    @invariant()
    def every_tally_is_true_and_nothing_else_is_stored(self) -> None:
        """Votes and thoughts are those of the members, no more and no fewer."""
        votes, thoughts = self.runner.run(assert_tallies_are_true(self.engine))
        assert {row[:3]: row[3:] for row in votes} == self.votes
        assert {row[:3]: Thought(row[3], bool(row[4])) for row in thoughts} == self.thoughts
        aside, states = self.runner.run(
            self.engine.read(
                "SELECT guild_id, review_id, member_id, sheep, updated_at FROM voided_votes",
                "SELECT guild_id, review_id, member_id, state FROM thoughts",
            )
        )
        assert {row[:3]: row[3:] for row in aside} == self.aside
        assert {row[:3]: row[3] for row in states} == self.states

    def write(self, changes: list[Change]) -> None:
        """Send changes to the store at one moment, and check what each caller is told."""
        named = [
            Change(change.guild_id, self.films[change.review_id], change.member_id, change.sheep, change.thought)
            for change in changes
        ]
        told = self.runner.run(self._send(named))
        expected = [self._foresee(change) for change in named]
        assert [(ballot.previous, ballot.current) for ballot in told] == expected
        # All of these went into one group, so each caller is told where the whole group ended.
        shown = (key[:2] for key, state in self.states.items() if state == "shown")
        counted = recount(((*key, *vote) for key, vote in self.votes.items()), shown)
        for change, ballot in zip(named, told, strict=True):
            assert ballot.held == (isinstance(change.thought, Thought) and self.states.get(change.key) == "held")
            tally = (*ballot.tally.counts, ballot.tally.thoughts)
            assert tally == counted.get(change.key[:2], (0,) * 6)

    async def _send(self, changes: list[Change]) -> list[Ballot]:
        return await asyncio.gather(*(self.store.votes.change(change) for change in changes))

    def _foresee(self, change: Change) -> tuple[int | None, int | None]:
        previous, _ = self.votes.get(change.key, (None, None))
        if change.sheep is None:
            self.votes.pop(change.key, None)
        elif change.sheep is not ...:
            self.votes[change.key] = (change.sheep, self.clock.now)
        if change.thought is None:
            for kept in (self.thoughts, self.states, self.written):
                kept.pop(change.key, None)
        elif isinstance(change.thought, Thought):
            self.thoughts[change.key] = change.thought
            self.written[change.key] = self.clock.now
            listed = change.guild_id == GUILDS[0] and found([WORD], change.thought.body)
            self.states[change.key] = "held" if listed or change.key in self.removed else "shown"
        return previous, previous if change.sheep is ... else change.sheep


def _machine(name: str) -> type[Histories]:
    return type(f"HistoriesOn{name.title()}", (Histories,), {"engine_name": name})


@pytest.mark.parametrize("name", ALL_ENGINES)
def test_tallies_are_true_after_every_step_of_any_history(name: str) -> None:
    examples = 30 if name == "sqlite" else 15  # a server is asked over and over: five times as long
    run_state_machine_as_test(
        _machine(name), settings=settings(max_examples=examples, stateful_step_count=25, deadline=None, phases=UNSHRUNK)
    )


async def test_tallies_are_true_after_thousands_of_changes_at_once(
    store: Store, films: list[int], engine: Engine, clock: Clock
) -> None:
    dice = random.Random(5)  # noqa: S311 - the same history each time
    choices: list[Change] = [
        Change(
            dice.choice(GUILDS),
            dice.choice(films),
            dice.randrange(1, 60),
            sheep=dice.choice([1, 2, 3, 4, 5, None, ...]),
            thought=dice.choice([..., ..., None, Thought("Hm.")]),
        )
        for _ in range(3000)
    ]

    async def member(change: Change) -> None:
        clock.now += dice.choice([-2, 0, 0, 1, 40_000])
        ballot = await store.votes.change(change)
        assert ballot.tally.votes >= 0

    await asyncio.gather(*map(member, choices))

    await assert_tallies_are_true(engine)


async def test_a_film_nobody_voted_on_has_no_tally(store: Store, films: list[int], engine: Engine) -> None:
    await store.votes.remove(10, films[0], 1)
    await store.votes.change(Change(10, films[0], 1, thought=None))

    assert await engine.rows("SELECT * FROM tallies") == []
