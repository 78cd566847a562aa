"""How the readers' votes on a film are shown, or said to be hidden; and whether it takes more of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.rules import Poll, ShowResults
from bot.ui import text

if TYPE_CHECKING:
    from bot.ranking import Tally
OPEN = Poll()
"""A film that takes votes, in a server that shows them."""


def readers(tally: Tally, poll: Poll, *, first: str = "") -> tuple[str, str]:
    """A heading and what stands below it: the bars where they may be seen, why not where they may not.

    Args:
        first: What stands in the place of bars that are all empty.
    """
    if poll.shown:
        heading, said = text.average(tally), text.bars(tally) if tally.votes or not first else first
    else:
        heading, said = text.plural(tally.votes, "vote") if tally.votes else text.average(tally), _HIDDEN[poll.results]
    return f"Readers {heading}", "\n".join(filter(None, [said, closing(poll)]))


def closing(poll: Poll) -> str:
    """When the vote closes, or that it has; nothing where no moment is set."""
    if poll.closes_at is None:
        return ""
    moment = text.when(poll.closes_at)
    if poll.closed:
        return f"The vote closed {moment}."
    return f"The vote closes {moment}."


_HIDDEN = {
    ShowResults.AFTER_VOTING: "Give your sheep to see how the others voted.",
    ShowResults.AFTER_CLOSING: "How the others voted is shown when the vote closes.",
}
