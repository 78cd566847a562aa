"""What tells a review of a film from all else that a blog has, and what else its surroundings say of it."""

# ruff: noqa: RUF001 - signs as critics type them

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.reviews.importers.titles import REVIEW

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.reviews.importers.post import Rating
    from bot.reviews.importers.titles import Heading
    from bot.reviews.model import Credits

_LIST = re.compile(
    r"\b(?:top|best|worst|greatest|favou?rite)\s+(?:\d+|ten|five|twenty|films|movies)\b|^\W*(?:the\s+)?(?:\d+|ten|five|twenty)\s+"
    r"(?:\w+\s+){0,3}?(?:best|worst|greatest|films|movies|reasons|things)\b|\b(?:films|movies)\s+of\s+(?:the\s+)?(?:year|decade|\d{4}s?)\b|"
    r"\b(?:ranked|round-?up|watch-?list|predictions|nominations|nominees|what\s+to\s+watch)\b",
    re.IGNORECASE,
)
_TALK = re.compile(
    r"\binterviews?\b|\bq\s?&\s?a\b|\bin\s+conversation\s+with\b|\bpodcast\b|\btalks?\s+(?:about|to)\b", re.IGNORECASE
)
_NEWS = re.compile(
    r"\b(?:trailers?|teaser|first\s+look|news|box\s+office|giveaways?|contests?|competition|announce[ds]?|casting|release\s+date|"
    r"coming\s+soon|win\s+(?:an?\s+copy|tickets|passes)|obituary|r\.?i\.?p\.?)\b",
    re.IGNORECASE,
)
_REVIEW = re.compile(rf"(?<!\w){REVIEW}(?!\w)", re.IGNORECASE)
_OTHER_ARTS = re.compile(
    r"\b(?:book|album|music|game|video\s*game|restaurant|food|concert|theatre|theater|stage|gig|product|gadget|comics?)\s+reviews?\b",
    re.IGNORECASE,
)
_OTHER_KINDS = frozenset(
    (
        *("Book", "Product", "Restaurant", "LocalBusiness", "VideoGame", "MusicAlbum", "MusicRecording", "Hotel"),
        *("SoftwareApplication", "Game", "Recipe", "Organization", "Course", "FoodEstablishment"),
    )
)
_REASONS = ((_TALK, "an interview or a podcast"), (_NEWS, "news"))

GENRES = {
    spelling: genre
    for genre, spellings in {
        "action": "",
        "adventure": "",
        "animation": "animated",
        "biography": "biopic biographical",
        "comedy": "comedies",
        "coming of age": "coming-of-age",
        "crime": "",
        "documentary": "documentaries doc",
        "drama": "dramas",
        "family": "",
        "fantasy": "",
        "film noir": "noir film-noir",
        "history": "historical",
        "horror": "",
        "music": "",
        "musical": "musicals",
        "mystery": "",
        "romance": "romantic",
        "romantic comedy": "romcom rom-com",
        "science fiction": "sci-fi scifi science-fiction sf",
        "short": "shorts",
        "sport": "sports",
        "superhero": "superheroes",
        "thriller": "thrillers",
        "war": "",
        "western": "westerns",
    }.items()
    for spelling in (genre, *spellings.split())
}
MAX_GENRES = 10

_NOBODY = re.compile(
    r"(?:site\s*)?(?:admin(?:istrator)?|editors?|editorial(?:\s+\w+)?|webmaster|staff(?:\s+\w+)?|guest(?:\s+\w+)?|authors?|users?\d*|anonymous|"
    r"unknown|root|wordpress|blogger|no-?reply|contributors?|team|moderator|test|.*@.*|https?:.*|[\W\d_]*)",
    re.IGNORECASE,
)
_ADDRESSED = re.compile(r"[^\s@]+@[^\s@]+\s+\(([^()]+)\)")
_SPOILERS = re.compile(
    r"\bspoilers?\s*(?:alert|warning|ahead|follow|below|abound)\b|\b(?:contains?|warning\W{1,3}|beware(?:\s+of)?|full\s+of|major|heavy|with)\s*spoilers\b|"
    r"^\W*spoilers?\W*$|^\W*SPOILERS\b|[\[(]spoilers?[\])]",
    re.IGNORECASE,
)
_NO_SPOILERS = re.compile(
    r"\bspoilers?[\s-]free\b|\b(?:no|without|free\s+of|avoid(?:ing|s)?|zero|not|n['’]t)\W+(?:\w+\W+){0,2}?spoilers?\b",
    re.IGNORECASE,
)


def why_not(
    heading: Heading,
    categories: Iterable[str],
    facts: Mapping[str, str],
    rating: Rating | None,
    made: Credits,
) -> str | None:
    """Why a post is no review of a film; None where it is one.

    The least that makes a post a review is one of: the page says so for machines; its title or a category says
    "review" in one of a dozen languages; there is a verdict; there are credits that name a director. Less certain than
    a verdict, or a director with a writer or a cast, are these: a title of a list of films tells that a post is none,
    unless page or title say "review" too and there is either; a title of an interview, a podcast or news does where
    nobody says "review" and there is neither; a category of these does where there is no director at all. A review
    of a book, a game or a meal is none of a film.
    """
    kinds = set(facts.get("film.kind", "").split("\n"))
    named = tuple(categories)
    of_other = [one for one in (heading.said, *named) if _OTHER_ARTS.search(one)]
    if kinds & _OTHER_KINDS or (of_other and not kinds & {"Movie", "TVSeries"} and not _about_films(named)):
        return "a review of something else than a film"
    stated = heading.is_review or "review.rating" in facts
    certain = rating is not None or bool(made.directed_by and (made.written_by or made.starring))
    if _LIST.search(heading.said) and not (stated and certain):
        return "a list of films"
    reasons = [reason for sign, reason in _REASONS if sign.search(heading.said)]
    if reasons and not (stated or certain):
        return reasons[0]
    if not (stated or rating or made.directed_by):
        reasons = [reason for sign, reason in _REASONS for one in named if sign.search(one)]
        if not any(map(_REVIEW.search, named)) and "review.author" not in facts:
            reasons.append("no verdict, no credits and no sign of a review")
        return reasons[0] if reasons else None
    return None


def _about_films(categories: Iterable[str]) -> bool:
    return any(re.search(r"\b(?:film|movie|cinema)", one, re.IGNORECASE) for one in categories)


def genres(named: Iterable[str]) -> tuple[str, ...]:
    """Those of the names that are genres of film, as they are usually called."""
    known = (GENRES.get(part.strip().lower()) for one in named for part in re.split(r"[,/|\n]", one))
    return tuple(dict.fromkeys(filter(None, known)))[:MAX_GENRES]


def critic(author: str) -> str | None:
    """The name of a person; None of an administrator, an address or the blog itself."""
    if named := _ADDRESSED.fullmatch(author):
        author = named[1]
    return None if _NOBODY.fullmatch(author) else author


def spoilers(head: Sequence[str]) -> bool:
    """Whether the first lines of a text say plainly that it gives the film away."""
    return any(_SPOILERS.search(line) and not _NO_SPOILERS.search(line) for line in head)
