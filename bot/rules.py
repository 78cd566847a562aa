"""What a server has decided: who may vote, when results show, what becomes of thoughts. No I/O."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from bot import words
from bot.errors import NotAllowedError
from bot.ranking import MIN_VOTES_TO_LIST, PRIOR_WEIGHT

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

DAY = 86_400
"""Seconds."""


class ShowResults(StrEnum):
    """When members see how a film's votes are spread."""

    ALWAYS = "always"
    AFTER_VOTING = "after-voting"
    AFTER_CLOSING = "after-closing"


class ThoughtsPolicy(StrEnum):
    """What becomes of thoughts: shown at once, shown when a moderator approved them, or not taken."""

    OPEN = "open"
    REVIEWED = "reviewed"
    OFF = "off"


class Leavers(StrEnum):
    """What becomes of the votes of members who left: they stay, or are set aside."""

    KEEP = "keep"
    DROP = "drop"


class GuildSettings(NamedTuple):
    """What those who manage a server have set.

    Attributes:
        voter_role: The role that members need to take part, or None.
        min_account_days: How old, in days, a member's Discord account must be to take part.
        weight: The *m* of the weighted score.
        min_votes: So many votes a film needs to stand on a board, unless a member asks for another number.
        pictures: Whether boards and results come with pictures.
        channel_id: Where new reviews are announced, or None.
        announced: The id of the newest review that was announced, or was there before the channel was set.
        critic_role: The role of those who publish reviews here, or None where only those who manage the server do.
    """

    voter_role: int | None = None
    min_account_days: int = 0
    results: ShowResults = ShowResults.ALWAYS
    thoughts: ThoughtsPolicy = ThoughtsPolicy.OPEN
    weight: float = PRIOR_WEIGHT
    min_votes: int = MIN_VOTES_TO_LIST
    pictures: bool = True
    leavers: Leavers = Leavers.KEEP
    channel_id: int | None = None
    announced: int = 0
    critic_role: int | None = None


class Poll(NamedTuple):
    """How the vote on a film stands, for whoever looks at it.

    Attributes:
        shown: Whether they may see how the votes are spread.
        results: When the server lets them.
        closed: Whether no more votes are taken.
        closes_at: When that will be, or was, in Unix seconds; None where no moment is set.
    """

    shown: bool = True
    results: ShowResults = ShowResults.ALWAYS
    closed: bool = False
    closes_at: int | None = None


class Rules(NamedTuple):
    """All that decides in a server what a member may do and see.

    Attributes:
        blocked: Members who may neither vote nor share thoughts.
        voided: Members whose votes a moderator set aside.
        left: Members whose votes are set aside because they left.
        closings: When films close, or closed, in Unix seconds, by review id.
        words: Folded words that keep a thought from being shown at once.
    """

    settings: GuildSettings = GuildSettings()
    blocked: frozenset[int] = frozenset()
    voided: frozenset[int] = frozenset()
    left: frozenset[int] = frozenset()
    closings: Mapping[int, int] = MappingProxyType({})
    words: frozenset[str] = frozenset()

    def holds(self, body: str) -> bool:
        """Whether a thought waits for a moderator before others see it."""
        return self.settings.thoughts is ThoughtsPolicy.REVIEWED or bool(words.found(self.words, body))

    def closed(self, review_id: int, now: float) -> bool:
        """Whether a film takes no votes any more."""
        return self.closings.get(review_id, now + 1) <= now

    def shows_results(self, review_id: int, now: float, *, voted: bool) -> bool:
        """Whether a member who has voted on a film, or has not, may see how its votes are spread.

        A post is seen by everyone: ask for it with ``voted`` false.
        """
        if self.settings.results is ShowResults.ALWAYS or self.closed(review_id, now):
            return True
        return voted and self.settings.results is ShowResults.AFTER_VOTING

    def countable(self, now: float) -> list[int] | None:
        """The films that boards and numbers of the whole server may count; None: all.

        Where results show only after closing they are the closed ones: the others would tell what is hidden.
        """
        if self.settings.results is not ShowResults.AFTER_CLOSING:
            return None
        return [review_id for review_id in self.closings if self.closed(review_id, now)]

    def poll(self, review_id: int, now: float, *, voted: bool) -> Poll:
        """How the vote on a film stands for a member who has voted on it, or has not; for a post, as above."""
        return Poll(
            self.shows_results(review_id, now, voted=voted),
            self.settings.results,
            self.closed(review_id, now),
            self.closings.get(review_id),
        )

    def counts_votes_of(self, member_id: int, review_id: int, now: float) -> bool:
        """Whether a member who may take part may vote on a film, too."""
        return member_id not in self.voided and not self.closed(review_id, now)

    def must_let_vote(self, member_id: int, roles: Collection[int], born: float, review_id: int, now: float) -> None:
        """Refuse a member who may not vote on a film.

        Args:
            roles: The ids of the member's roles.
            born: When the member's Discord account was made, in Unix seconds.

        Raises:
            NotAllowedError: It says why, and who can change it.
        """
        self.must_be_open(review_id, now)
        self.must_let_vote_at_all(member_id, roles, born, now)

    def must_let_vote_at_all(self, member_id: int, roles: Collection[int], born: float, now: float) -> None:
        """Refuse a member who may vote on no film, as above; which films are open is another question.

        Raises:
            NotAllowedError: It says why, and who can change it.
        """
        self.must_let_take_part(member_id, roles, born, now)
        if member_id in self.voided:
            raise NotAllowedError(
                "The moderators of this server have set your votes aside, so a new one would not count. They can bring"
                " them back; please ask them."
            )

    def must_be_open(self, review_id: int, now: float) -> None:
        """Refuse any change to the votes on a film that is closed, also taking one's own back: its result stands.

        Raises:
            NotAllowedError: It says why, and who can change it.
        """
        if self.closed(review_id, now):
            raise NotAllowedError(
                f"The vote on this film closed here <t:{self.closings[review_id]}:R>. Those who manage this server can"
                " reopen it (`/sheep reopen`)."
            )

    def must_let_share(self, member_id: int, roles: Collection[int], born: float, now: float) -> None:
        """Refuse a member who may not share a thought.

        Raises:
            NotAllowedError: It says why, and who can change it.
        """
        if self.settings.thoughts is ThoughtsPolicy.OFF:
            raise NotAllowedError(
                "This server takes no thoughts, only sheep. Those who manage it can change that (`/sheep settings`)."
            )
        self.must_let_take_part(member_id, roles, born, now)

    def must_let_publish(self, member_id: int, roles: Collection[int], *, manages: bool) -> None:
        """Refuse a member who may not publish reviews in this server.

        Args:
            roles: The ids of the member's roles.
            manages: Whether the member may manage the server; then they may always.

        Raises:
            NotAllowedError: It says why, and who can change it.
        """
        if manages:
            return
        if member_id in self.blocked:
            raise NotAllowedError(
                "The moderators of this server have blocked you, so you cannot publish reviews here. Please ask them if"
                " you think that is wrong."
            )
        role = self.settings.critic_role
        if role is None:
            raise NotAllowedError(
                "This server has no critics yet: those who manage it choose whose role may publish reviews"
                " (`/sheep settings`)."
            )
        if role not in roles:
            raise NotAllowedError(
                f"In this server only members with the role <@&{role}> publish reviews. Those who manage it can give"
                " you the role, or choose another (`/sheep settings`)."
            )

    def must_let_take_part(self, member_id: int, roles: Collection[int], born: float, now: float) -> None:
        """Refuse a member who may neither vote nor share thoughts in this server.

        Raises:
            NotAllowedError: It says why, and who can change it.
        """
        if member_id in self.blocked:
            raise NotAllowedError(
                "The moderators of this server have blocked you from voting and sharing thoughts here. Please ask them"
                " if you think that is wrong."
            )
        role = self.settings.voter_role
        if role is not None and role not in roles:
            raise NotAllowedError(
                f"In this server only members with the role <@&{role}> take part. Those who manage it can give you the"
                " role, or change that (`/sheep settings`)."
            )
        old_enough = int(born) + self.settings.min_account_days * DAY
        if old_enough > now:
            raise NotAllowedError(
                "Your Discord account is too young to take part in this server; it will be old enough"
                f" <t:{old_enough}:R>. Those who manage the server can change that (`/sheep settings`)."
            )
