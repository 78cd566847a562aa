"""The controls by which members report thoughts and moderators judge them; a part of ``ids``.

Whom and what they name can be forged: each handler asks again who uses it, and where.
"""

from __future__ import annotations

from bot.ui.control import Control, check_position


class PickReport(Control):
    """The menu from which a thought on a film is reported."""

    kind = "report"
    review_id: int


class Queue(Control):
    """A thought that waits for a moderator, by its place, counted from 0."""

    kind = "queue"
    page: int = 0

    def __post_init__(self) -> None:
        check_position(self.page)


class Judgement(Control):
    """What is done with a thought.

    Attributes:
        seen: When the words that the moderator saw were written, in Unix seconds.
        page: The thought's place in the queue, where the next one is shown.
    """

    review_id: int
    member_id: int
    seen: int
    page: int

    def __post_init__(self) -> None:
        check_position(self.page)


class Approve(Judgement):
    """Let everyone see a thought."""

    kind = "approve"


class Remove(Judgement):
    """Hide a thought from everyone but its author."""

    kind = "remove"


class BlockAuthor(Judgement):
    """Remove a thought, and let its author neither vote nor write any more."""

    kind = "block"


class Unblock(Control):
    """Let a member vote and write again."""

    kind = "unblock"
    member_id: int


class VoidVotes(Control):
    """Set a member's votes aside."""

    kind = "void"
    member_id: int


class RestoreVotes(Control):
    """Bring a member's votes back."""

    kind = "restore"
    member_id: int


class Words(Control):
    """A page of the server's list of words, counted from 0."""

    kind = "words"
    page: int = 0

    def __post_init__(self) -> None:
        check_position(self.page)


class AddWords(Control):
    """Open the form for more words."""

    kind = "addwords"


class WordsForm(Control):
    """The form for more words, sent in."""

    kind = "newwords"


class DropWords(Control):
    """The menu from which words are taken off the list."""

    kind = "dropwords"
    page: int

    def __post_init__(self) -> None:
        check_position(self.page)


class Log(Control):
    """The audit log before an entry.

    Attributes:
        before: The number of the entry.
        member_id: To whom it was done, or 0 for anyone.
    """

    kind = "log"
    before: int
    member_id: int


class ExportLog(Control):
    """The same as a file: CSV, or with ``jsonl`` 1 JSON Lines."""

    kind = "logfile"
    before: int
    member_id: int
    jsonl: int

    def __post_init__(self) -> None:
        if self.jsonl not in {0, 1}:
            raise ValueError(f"jsonl {self.jsonl}")


CONTROLS: tuple[type[Control], ...] = (
    *(PickReport, Queue, Approve, Remove, BlockAuthor, Unblock, VoidVotes, RestoreVotes),
    *(Words, AddWords, WordsForm, DropWords, Log, ExportLog),
)
