"""A post read: whether it is a review, and what of one it has. It never guesses, and takes whatever comes."""

# ruff: noqa: RUF001 - signs as critics type them

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import ValidationError

from bot.reviews.files import MAX_FACTS, MAX_FILE_BYTES, MAX_SLUG, FrontMatter
from bot.reviews.importers import markup, quotes, ratings, signs, structured, titles
from bot.reviews.importers.credits import find as find_credits
from bot.reviews.importers.credits import from_facts
from bot.reviews.importers.parsing import MAX_HTML, UnreadableError, line
from bot.reviews.importers.post import Reading
from bot.reviews.model import Credits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.reviews.importers.post import Post, Rating
    from bot.reviews.importers.titles import Heading

HEAD = 4
"""So many paragraphs are the head of a text, where a warning of spoilers stands."""
_UNMISSED = frozenset(("title", "aliases", "spoilers"))
_FOR_SLUGS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "þ": "th", "ð": "d", "ı": "i", "&": " and "}
)
_YEAR_LINE = re.compile(
    r"\W*(?:(?:year|release(?:d|\s+date|\s+year)?|released\s+in)\s*[:–-][^\n]{0,25}?|dir(?:\.|ector:|ected\s+by)[^\n]{3,80}?,\s)\b(\d{4})\b",
    re.IGNORECASE,
)


def read_post(post: Post) -> Reading:
    """What a post turned out to be: a review that review files can hold, or why it is none.

    Never fails, and takes time and memory in proportion to the post, which is not read beyond
    :data:`bot.reviews.importers.parsing.MAX_HTML` characters. For what makes a post a review see
    :func:`bot.reviews.importers.signs.why_not`, for verdicts :mod:`bot.reviews.importers.ratings`.
    """
    try:
        return _read(post)
    except UnreadableError as error:
        return Reading(skipped=str(error))


def _read(post: Post) -> Reading:
    if len(post.body) > 5 * MAX_HTML:
        raise UnreadableError(f"it is longer than {MAX_HTML:,} characters")
    tree = markup.to_tree(markup.from_plain(post.body) if post.plain else post.body)
    facts = dict(post.meta)
    if not post.plain and ("itemprop" in post.body or "ld+json" in post.body):
        facts = structured.facts(post.body, tree) | facts
    blocks = markup.without_prompts(markup.blocks(markup.to_markdown(tree, post.url)))
    whole = "\n".join(blocks)
    above = titles.read_title(post.title, whole)
    named = titles.read_title(facts["film.name"], whole) if facts.get("film.name") else above
    if not any(map(str.isprintable, named.title)):
        return Reading(skipped="it has no title")
    lines = [markup.bare(one) for block in blocks for one in block.split("\n") if not one.startswith(">")]
    made = find_credits(_without_title(blocks, {above.title, above.name, named.name, line(post.title)}))
    quote = quotes.find(made.blocks)
    told = from_facts(facts)
    credited = Credits(*(getattr(made.credits, name) or getattr(told, name) for name in Credits.__dataclass_fields__))
    rating = ratings.find(lines, facts, named.title, above.rating or named.rating)
    body = "\n\n".join(_without_verdict(quote.blocks, rating))
    categories = [line(one) for one in post.categories[:100]]
    if reason := signs.why_not(above, categories, facts, rating, credited):
        return Reading(skipped=reason)
    if not body:
        return Reading(skipped="it has no text")
    if len(body.encode()) > MAX_FILE_BYTES - 4 * MAX_FACTS:
        return Reading(skipped="its text is longer than a review file may be")
    fields: dict[str, object] = {
        "title": named.title,
        "year": _year(above, named, facts, lines),
        "critic": signs.critic(line(post.author or "")) or signs.critic(facts.get("review.author", "")),
        "sheep": f"{rating.half_sheep / 2:g}" if rating else None,
        "quote": quote.said,
        "quote_by": quote.by,
        "written_by": credited.written_by,
        "directed_by": credited.directed_by,
        "starring": credited.starring,
        "genres": signs.genres([facts.get("film.genres", ""), *categories]),
        "url": markup.address(post.url or ""),
        "image": markup.address(post.image_url or "", post.url),
        "published": _day(post, facts),
        "spoilers": signs.spoilers([line(post.title), *map(markup.bare, blocks[:HEAD])]),
    }
    return _reading(fields, body, rating, post.guid)


def _without_title(blocks: list[str], titles: set[str]) -> list[str]:
    """The text without its first line where that is but the title once more."""
    first, _, rest = blocks[0].partition("\n") if blocks else ("", "", "")
    if markup.bare(first).casefold() not in {title.casefold() for title in titles}:
        return blocks
    return [*([rest] if rest else []), *blocks[1:]]


def _without_verdict(blocks: list[str], rating: Rating | None) -> list[str]:
    """The text without a line that says only what its sheep do; unless there is nothing else."""
    return [block for block in blocks if not (rating and ratings.repeats(markup.bare(block), rating))] or blocks


def _reading(fields: dict[str, object], body: str, rating: Rating | None, guid: str) -> Reading:
    """The fields as a review; those that a review file would not take count as not found."""
    fields = {name: value for name, value in fields.items() if value not in (None, (), "")}
    try:
        front = FrontMatter.model_validate(fields)
    except ValidationError as error:
        wrong = {str(detail["loc"][0]) for detail in error.errors(include_url=False, include_input=False)}
        if "title" in wrong:
            return Reading(skipped="it has no title that a review can have")
        front = FrontMatter.model_validate({name: value for name, value in fields.items() if name not in wrong})
    missing = tuple(
        name for name in FrontMatter.model_fields if name not in _UNMISSED and getattr(front, name) in (None, ())
    )
    return Reading(front.review(_slug(front, guid), body), rating=rating, missing=missing)


def _year(above: Heading, named: Heading, facts: Mapping[str, str], lines: Sequence[str]) -> int | None:
    """Of the title, of what the page says of the film, of a line that says so; never of the day of the post."""
    if year := above.year or named.year:
        return year
    if facts.get("film.year", "").isdecimal():
        return int(facts["film.year"])
    said = {int(found[1]) for line in lines if (found := _YEAR_LINE.match(line))}
    return said.pop() if len(said) == 1 else None


def _day(post: Post, facts: Mapping[str, str]) -> str | None:
    if post.published:
        return post.published.date().isoformat()
    said = facts.get("review.published") or facts.get("article.published") or ""
    return said[:10] if re.match(r"\d{4}-\d\d-\d\d", said) else None


def _slug(front: FrontMatter, guid: str) -> str:
    """Title and year in ASCII; of a title without any, the end of the review's address, or what its guid hashes to."""
    slug = _words(front.title)
    if not slug and front.url:
        slug = _words(urlsplit(front.url).path.rstrip("/").rpartition("/")[2].partition(".")[0])
    if not slug:
        slug = f"film-{hashlib.sha256(guid.encode(errors='replace')).hexdigest()[:12]}"
    year = f"-{front.year}" if front.year else ""
    return slug[: MAX_SLUG - len(year)].strip("-") + year


def _words(text: str) -> str:
    text = unicodedata.normalize("NFKD", text.casefold().translate(_FOR_SLUGS)).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", re.sub(r"(?<=\w)['’.*](?=\w)", "", text)))
