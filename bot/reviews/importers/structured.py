"""What a page says for machines: JSON-LD and microdata of schema.org, brought down to a few plain facts.

The facts, by the names under which they stand in :attr:`bot.reviews.importers.post.Post.meta`; several values of one
are joined by line breaks:

- ``review.rating``, ``review.best``, ``review.worst``: of the one review there is. Where several reviews of a page
  differ, the ratings of all, so that nobody takes one for the page's.
- ``review.author``, ``review.published``, ``review.image``
- ``article.author``, ``article.name``, ``article.published``: of the one article there is
- ``film.kind``: schema.org's type of what is reviewed
- ``film.name``, ``film.year``, ``film.genres``, ``film.written_by``, ``film.directed_by``, ``film.starring``
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, cast

from bot.reviews.importers.parsing import attribute, line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bs4 import BeautifulSoup, Tag

Object = dict[str, object]
MAX_JSON = 300_000
"""Characters of JSON-LD of a page that are read."""
MAX_OBJECTS = 5_000
MAX_VALUES = 50
_SCRIPT = re.compile(r"<script\b[^<>]{0,300}\bapplication/ld\+json\b[^<>]{0,300}>", re.IGNORECASE)
_SCRIPT_END = re.compile(r"</script", re.IGNORECASE)
_NOT_CRITICS = ("UserReview", "ClaimReview", "EmployerReview")
_MANY = {
    "film.genres": "genre",
    "film.written_by": "author",
    "film.directed_by": "director",
    "film.starring": "actor",
}
_ARTICLES = frozenset(("Article", "BlogPosting", "NewsArticle"))
_ARTICLE = {"article.author": "author", "article.name": "headline", "article.published": "datePublished"}
_PAGE = {"review.author": "author", "review.published": "datePublished", "review.image": "image"}


def facts(markup: str, tree: BeautifulSoup | None = None) -> dict[str, str]:
    """The facts of a page.

    Args:
        markup: The page as it was read, for its JSON-LD.
        tree: The page, for its microdata.
    """
    found = _facts([*_json_ld(markup), *(_microdata(tree) if tree is not None else ())])
    return {name: value for name, value in found.items() if value}


def _json_ld(markup: str) -> Iterator[object]:
    read = at = 0
    while start := _SCRIPT.search(markup, at):
        end = _SCRIPT_END.search(markup, start.end())
        if not end or (read := read + end.start() - start.end()) > MAX_JSON:
            return
        at = end.end()
        text = markup[start.end() : end.start()].strip().removeprefix("<!--").removesuffix("-->")
        try:
            yield json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue


def _microdata(tree: BeautifulSoup) -> Iterator[Object]:
    """Microdata in the shape of JSON-LD: each scope an object in the one that it is a property of."""
    objects: dict[int, Object] = {}
    for tag in tree.find_all():
        if "itemscope" not in tag.attrs and "itemprop" not in tag.attrs:
            continue
        value: object = _said(tag)
        if "itemscope" in tag.attrs:
            value = objects[id(tag)] = {"@type": attribute(tag, "itemtype").rstrip("/").rpartition("/")[2]}
        scope = tag.parent
        while scope is not None and id(scope) not in objects:
            scope = scope.parent
        within = objects.get(id(scope))
        if within is not None and "itemprop" in tag.attrs:
            for name in attribute(tag, "itemprop").replace("@", "").split():
                said = cast("list[object]", within.setdefault(name, []))
                if len(said) < MAX_VALUES:
                    said.append(value)
        elif isinstance(value, dict):
            yield value


def _said(tag: Tag) -> str:
    for name in ("content", "datetime"):
        if name in tag.attrs:
            return attribute(tag, name)
    if tag.name in {"a", "link", "img"} and not tag.get_text(strip=True):
        return attribute(tag, "src") or attribute(tag, "href")
    return tag.get_text(" ", strip=True)


def _facts(documents: list[object]) -> dict[str, str]:
    everything = list(_objects(documents))
    known: dict[object, Object] = {
        one["@id"]: one for one, _ in everything if isinstance(one.get("@id"), str) and len(one) > 1
    }
    articles = [one for one, _ in everything if _kinds(one) & _ARTICLES]
    article = _picked(articles[0], _ARTICLE, known) if len(articles) == 1 else {}
    reviews = [(one, around) for one, around in everything if _is_review(one)]
    if not reviews:
        films = [one for one, _ in everything if "Movie" in _kinds(one)]
        return article | (_of_film(films[0]) if len(films) == 1 else {})
    rated = {tuple(rated.values()): rated for one, _ in reviews if (rated := _rated(one))}
    review, around = max(reviews, key=lambda pair: (bool(_rated(pair[0])), len(pair[0])))
    if len(rated) > 1:
        return article | {"review.rating": "\n".join(rating["review.rating"] for rating in rated.values())}
    reviewed = _resolved(next(iter(_listed(review.get("itemReviewed"))), around), known)
    film = _of_film(cast("Object", reviewed)) if isinstance(reviewed, dict) else {"film.name": _name(reviewed)}
    return article | film | _picked(review, _PAGE, known) | (next(iter(rated.values())) if rated else {})


def _resolved(value: object, known: dict[object, Object]) -> object:
    """The object itself where only its name for the page stands."""
    if not isinstance(value, dict):
        return value
    named = cast("Object", value)
    name = named.get("@id")
    return known.get(name, named) if isinstance(name, str) else named


def _picked(one: Object, names: dict[str, str], known: dict[object, Object]) -> dict[str, str]:
    return {ours: _name(_resolved(next(iter(_listed(one.get(theirs))), None), known)) for ours, theirs in names.items()}


def _objects(documents: list[object]) -> Iterator[tuple[Object, Object | None]]:
    """Every object, with the film that it hangs on, if any."""
    waiting: list[tuple[object, Object | None]] = [(one, None) for one in reversed(documents)]
    for _ in range(MAX_OBJECTS):
        if not waiting:
            return
        one, around = waiting.pop()
        if isinstance(one, dict):
            found = cast("Object", one)
            yield found, around
            inner = found if _kinds(found) & {"Movie", "TVSeries"} else around
            waiting += [(value, inner) for value in found.values() if isinstance(value, dict | list)]
        elif isinstance(one, list):
            waiting += [(value, around) for value in cast("list[object]", one)[:MAX_OBJECTS]]


def _kinds(one: Object) -> set[str]:
    return {kind.rpartition("/")[2] for kind in _listed(one.get("@type")) if isinstance(kind, str)}


def _is_review(one: Object) -> bool:
    return any(kind.endswith("Review") and kind not in _NOT_CRITICS for kind in _kinds(one))


def _rated(review: Object) -> dict[str, str]:
    rating = next(iter(_listed(review.get("reviewRating"))), review)  # microdata often has the value in the review
    if not isinstance(rating, dict):
        return {"review.rating": _name(rating)}
    of = {"rating": "ratingValue", "best": "bestRating", "worst": "worstRating"}
    found = {f"review.{ours}": _name(cast("Object", rating).get(theirs)) for ours, theirs in of.items()}
    return found if found["review.rating"] else {}


def _of_film(film: Object) -> dict[str, str]:
    dated = _name(film.get("dateCreated")) or _name(film.get("datePublished"))
    year = re.match(r"\d{4}(?!\d)", dated)
    return {
        "film.kind": "\n".join(sorted(_kinds(film))),
        "film.name": _name(film.get("name")),
        "film.year": year[0] if year else "",
        **{ours: "\n".join(_names(film.get(theirs))) for ours, theirs in _MANY.items()},
    }


def _listed(value: object) -> list[object]:
    return cast("list[object]", value)[:MAX_VALUES] if isinstance(value, list) else [] if value is None else [value]


def _names(value: object) -> list[str]:
    return list(dict.fromkeys(filter(None, map(_name, _listed(value)))))


def _name(value: object) -> str:
    """What one value says in a line; of an object its name, or its address."""
    value = next(iter(_listed(value)), None)
    if isinstance(value, dict):
        object_ = cast("Object", value)
        value = next(iter(_listed(object_.get("name") or object_.get("url") or object_.get("@value"))), None)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    try:
        return line(str(value))
    except ValueError:  # a number of more digits than Python writes out
        return ""
