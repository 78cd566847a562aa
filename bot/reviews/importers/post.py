"""What any source has to tell of one of its posts, before anyone has looked whether it is a review."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.reviews.model import Review


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post as its source has it: nothing in it is trusted, cleaned or decoded yet.

    Attributes:
        guid: Names the post for good at its source.
        title: HTML, as blogs keep it.
        body: HTML, or plain text where ``plain``.
        author: Who wrote it, as the source names them.
        categories: Its categories and tags.
        meta: What else the source knows of it: custom fields, and of a page its JSON-LD and microdata, by name.
    """

    guid: str
    title: str
    body: str
    plain: bool = False
    url: str | None = None
    author: str | None = None
    published: datetime | None = None
    modified: datetime | None = None
    categories: tuple[str, ...] = ()
    image_url: str | None = None
    meta: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Rating:
    """A verdict that was found, in half-sheep, 0 to 10.

    Attributes:
        said: How the critic wrote it: ``3½ stars out of 4``.
        rule: How that became half-sheep, in words.
    """

    half_sheep: int
    said: str
    rule: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a post turned out to be.

    Attributes:
        review: The review, its slug made from title and year; None where the post is none.
        skipped: Why it is none, in a few words.
        rating: How the verdict was found; None where there is none.
        missing: The fields of a review, by the names that they have in review files, that were not found.
    """

    review: Review | None = None
    skipped: str | None = None
    rating: Rating | None = None
    missing: tuple[str, ...] = ()


def moment(said: str) -> datetime | None:
    """A moment as WordPress writes it, in UTC; None where it is none, as of a draft that was never dated."""
    try:
        return datetime.fromisoformat(said).replace(tzinfo=UTC)
    except ValueError:
        return None
