"""What a review is."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date  # noqa: TC003 - dataclass fields are read at run time

MAX_HALF_SHEEP = 10
MAX_THOUGHT = 1000
"""The most code points that a reader's thought on a review has."""


@dataclass(frozen=True, slots=True)
class Credits:
    """Who made the film; names in the order in which they are to be read."""

    written_by: tuple[str, ...] = ()
    directed_by: tuple[str, ...] = ()
    starring: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One critic's review of one film.

    Attributes:
        slug: Names the review for good; lower-case ASCII words joined by hyphens.
        critic: The reviewer's name, or None where the site speaks.
        half_sheep: The verdict in half-sheep, 0 to 10, or None where there is none.
        quote: A line from the film, with ``quote_by`` the character who says it.
        body: The text, in Markdown.
        published: The day on which the review appeared.
        aliases: Other titles by which members look for the film.
        spoilers: Whether the text gives the ending away.
    """

    slug: str
    title: str
    body: str
    year: int | None = None
    critic: str | None = None
    half_sheep: int | None = None
    quote: str | None = None
    quote_by: str | None = None
    credits: Credits = Credits()
    genres: tuple[str, ...] = ()
    url: str | None = None
    image_url: str | None = None
    published: date | None = None
    aliases: tuple[str, ...] = ()
    spoilers: bool = False

    def content_hash(self) -> str:
        """A fingerprint of everything a reader could see, as 64 hexadecimal digits."""
        text = json.dumps(asdict(self), default=str, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def name(self) -> str:
        """The title with its year, by which a film is told from its namesakes."""
        return titled(self.title, self.year)


def titled(title: str, year: int | None) -> str:
    """``Title (Year)``, or the bare title where the year is not known."""
    return f"{title} ({year})" if year is not None else title
