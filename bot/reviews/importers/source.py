"""What every source of posts has in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bot.reviews.importers.post import Post


class Source(ABC):
    """Where posts come from.

    Attributes:
        kind: A word for what it is.
        home: In this, the guids of its posts are unique.
        total: How many will come, where it is known.
        present: Once all have come, the guids of all that there are; None where the source does not tell.
        mark: Once all have come, a key, and what to keep under it until the next time.
    """

    kind: ClassVar[str]
    home: str
    total: int | None = None
    present: set[str] | None = None
    mark: tuple[str, str] | None = None

    @abstractmethod
    def posts(self) -> AsyncGenerator[Post]:
        """Each post.

        Raises:
            SourceError: The source fails on the way; what it had until then has been given.
        """
