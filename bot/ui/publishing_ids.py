"""The controls by which critics write, change and retire reviews; a part of ``ids``.

What they name can be forged: each handler asks again who uses it, and whose it is.
"""

from __future__ import annotations

from bot.ui.control import Control


class WriteReview(Control):
    """Open the form for a review; 0 is a new one, here and below."""

    kind = "write"
    review_id: int


class ReviewForm(Control):
    """The form for a review, sent in.

    Attributes:
        base: The fingerprint of the review when it was opened.
    """

    kind = "written"
    review_id: int
    base: int


class PostDraft(Control):
    """Post a draft as a new review, or save it in the place of the review that it changes.

    Attributes:
        version: Tells the draft that was looked at from what it is by now.
    """

    kind = "publish"
    review_id: int
    version: int


class DiscardDraft(Control):
    """Discard a draft, likewise."""

    kind = "discard"
    review_id: int
    version: int


class PickPublished(Control):
    """The menu that asks which of the server's own reviews is meant."""

    kind = "published"


class Published(Control):
    """What can be done with one of the server's own reviews."""

    kind = "own"
    review_id: int


class PostAgain(Control):
    """Post one of the server's own reviews once more."""

    kind = "post-again"
    review_id: int


class Retire(Control):
    """Take one of the server's own reviews off the shelf: 0 asks whether that is meant, 1 does it."""

    kind = "retire"
    review_id: int
    sure: int

    def __post_init__(self) -> None:
        if self.sure not in {0, 1}:
            raise ValueError(f"sure {self.sure}")


CONTROLS: tuple[type[Control], ...] = (
    *(WriteReview, ReviewForm, PostDraft, DiscardDraft),
    *(PickPublished, Published, PostAgain, Retire),
)
