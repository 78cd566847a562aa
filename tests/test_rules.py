"""What a server has decided: who may do what, and what is shown to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.errors import NotAllowedError
from bot.rules import DAY, GuildSettings, Rules, ShowResults, ThoughtsPolicy

if TYPE_CHECKING:
    from collections.abc import Callable

FILM, OTHER, ROLE, MEMBER = 1, 2, 5, 7
NOW = 1_000_000_000.0
BORN = NOW - 10 * DAY
CLOSED = Rules(closings={FILM: int(NOW)})
NEEDS_ROLE = Rules(GuildSettings(voter_role=ROLE))


def vote(rules: Rules, *, roles: tuple[int, ...] = (), film: int = FILM) -> None:
    """Ask whether the member may vote."""
    rules.must_let_vote(MEMBER, roles, BORN, film, NOW)


def share(rules: Rules, *, roles: tuple[int, ...] = ()) -> None:
    """Ask whether the member may share a thought."""
    rules.must_let_share(MEMBER, roles, BORN, NOW)


@pytest.mark.parametrize("ask", [vote, share])
@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        (Rules(blocked=frozenset({MEMBER})), "moderators of this server have blocked you"),
        (NEEDS_ROLE, f"only members with the role <@&{ROLE}>"),
        (Rules(GuildSettings(min_account_days=11)), f"it will be old enough <t:{int(BORN) + 11 * DAY}:R>"),
    ],
)
def test_who_may_take_no_part_is_told_why_and_who_can_change_it(
    ask: Callable[[Rules], None], rules: Rules, sentence: str
) -> None:
    with pytest.raises(NotAllowedError, match=r"moderators|Those who manage") as refused:
        ask(rules)
    assert sentence in refused.value.told


@pytest.mark.parametrize("ask", [vote, share])
def test_everyone_else_may(ask: Callable[..., None]) -> None:
    ask(Rules(blocked=frozenset({MEMBER + 1}), voided=frozenset({MEMBER + 1})))
    ask(NEEDS_ROLE, roles=(ROLE,))
    ask(Rules(GuildSettings(min_account_days=10)))


def test_a_closed_film_takes_no_votes_from_its_moment_on_and_others_do() -> None:
    with pytest.raises(NotAllowedError, match="`/sheep reopen`"):
        vote(CLOSED)
    with pytest.raises(NotAllowedError, match="closed here"):
        CLOSED.must_be_open(FILM, NOW)
    vote(CLOSED, film=OTHER)
    vote(Rules(closings={FILM: int(NOW) + 1}))
    share(CLOSED)
    assert not CLOSED.counts_votes_of(MEMBER, FILM, NOW)
    assert CLOSED.counts_votes_of(MEMBER, OTHER, NOW)


def test_whose_votes_are_set_aside_gives_no_more_and_may_speak() -> None:
    voided = Rules(voided=frozenset({MEMBER}))
    with pytest.raises(NotAllowedError, match="set your votes aside"):
        vote(voided)
    share(voided)
    assert not voided.counts_votes_of(MEMBER, FILM, NOW)
    with pytest.raises(NotAllowedError, match="only sheep"):
        share(Rules(GuildSettings(thoughts=ThoughtsPolicy.OFF)))


@pytest.mark.parametrize(
    ("results", "to_all", "to_voters"),
    [
        (ShowResults.ALWAYS, True, True),
        (ShowResults.AFTER_VOTING, False, True),
        (ShowResults.AFTER_CLOSING, False, False),
    ],
)
def test_results_are_shown_when_the_server_says_and_always_once_closed(
    results: ShowResults, *, to_all: bool, to_voters: bool
) -> None:
    rules = Rules(GuildSettings(results=results), closings={OTHER: int(NOW) - 1})
    for voted, shown in ((False, to_all), (True, to_voters)):
        poll = rules.poll(FILM, NOW, voted=voted)
        assert (poll.shown, poll.results, poll.closed, poll.closes_at) == (shown, results, False, None)
        poll = rules.poll(OTHER, NOW, voted=voted)
        assert (poll.shown, poll.closed, poll.closes_at) == (True, True, int(NOW) - 1)


def test_critics_and_managers_publish_and_others_are_told_who_can_change_that() -> None:
    critics = Rules(GuildSettings(critic_role=ROLE), blocked=frozenset({MEMBER + 1}))
    critics.must_let_publish(MEMBER, (ROLE,), manages=False)
    for manager in (MEMBER, MEMBER + 1):
        critics.must_let_publish(manager, (), manages=True)
    Rules().must_let_publish(MEMBER, (), manages=True)

    for rules, member, roles, sentence in (
        (Rules(), MEMBER, (ROLE,), "no critics yet: those who manage it choose"),
        (critics, MEMBER, (ROLE + 1,), "Those who manage it can give you the role"),
        (critics, MEMBER + 1, (ROLE,), "moderators of this server have blocked you"),
    ):
        with pytest.raises(NotAllowedError, match=sentence):
            rules.must_let_publish(member, roles, manages=False)
