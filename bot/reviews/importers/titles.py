"""The film's title and year, out of what a critic put above a review."""

# ruff: noqa: RUF001 - signs as critics type them

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from bot.reviews.importers import ratings
from bot.reviews.importers.parsing import line
from bot.reviews.model import titled

if TYPE_CHECKING:
    from bot.reviews.importers.post import Rating

REVIEW = (
    r"(?:reviews?|recensione?s?|recensie|rezension|filmkritik|kritik|reseñas?|críticas?|critiques?|recenzja|рецензия|"
    r"レビュー|影评|影評|리뷰|ביקורת(?:\s+סרט)?|مراجعة(?:\s+فيلم)?|نقد(?:\s+فيلم)?)"
)
"""How titles and categories say that something is a review, in the languages that we know it in."""

MAX_TITLE = 500
"""Characters of a title that are looked at."""

_YEAR = r"(?:18[7-9]\d|19\d\d|20\d\d)"
_DASH = r"(?:[:|–—•»«·]|::|-(?=\s)|(?<=\s)-)"
_BRACKETED = re.compile(
    rf"\s*[\[({{【][^\[\](){{}}【】]*(?<!\w){REVIEW}(?!\w)[^\[\](){{}}【】]*[\])}}】]", re.IGNORECASE
)
_KIND = (
    r"(?:an?|my|film|movie|cinema|dvd|blu-ray|4k|netflix|classic|early|capsule|quick|festival|spoiler-free|advance|"
    r"cannes|sundance|berlinale|[a-z]+['’]?\d+|\d{4}|tiff|viff|sxsw|lff)"
)
_PREFIX = re.compile(
    rf"\W*(?:{_KIND}\s+){{0,4}}{REVIEW}(?:\s+of)?\s*(?:(?:#|no\.?\s?)\d+\s*)?"
    rf"(?:{_DASH}|(?<= of)\s|(?<=[】\]])\s*)\s*(?=\S)",
    re.IGNORECASE,
)
_FESTIVAL = re.compile(
    rf"(?:tiff|viff|cannes|sundance|berlinale|sxsw|lff|venice|fantasia|hot\s+docs)\s?['’]?\d{{2,4}}(?:\s+{REVIEW})?\s*{_DASH}\s*(?=\S)",
    re.IGNORECASE,
)
_DIRECTOR = re.compile(r"^\s*(?:by|dir\.?|directed\s+by)\s.*", re.IGNORECASE)
_DIRECTED = re.compile(r"(?<=\S),?\s+\(?(?:dir\.|directed\s+by)\s.*", re.IGNORECASE)
_QUOTED = re.compile(
    rf"(?:['‘]([^‘]+)['’]|[\"“]([^\"“”]+)[\"”]|«([^«»]+)»)\s+(?:(?:film|movie|[a-z]+\d*)\s+)?{REVIEW}(?!\w).*",
    re.IGNORECASE,
)
_BEFORE_SITE = re.compile(
    rf"(.+?)[\s,]*{_DASH}\s*(?:(?:{_KIND}\s+){{0,4}}{REVIEW}|(?:[\w’'&/-]+\s+){{1,3}}?reviews)(?:\s+(?:by|from|at)\s.*|\s*[!.]*)",
    re.IGNORECASE,
)
_BEFORE_REVIEW = re.compile(
    rf"(.+?)[\s,]+(?:{_KIND}\s+){{0,4}}{REVIEW}(?:\s*{_DASH}\s+.*|\s+(?:&|and)\s.*|\s*[!.]*)",
    re.IGNORECASE,
)
_ONLY_REVIEW = re.compile(rf"\W*(?:\w+\s+)?{REVIEW}\W*", re.IGNORECASE)
_REVIEW = re.compile(rf"(?<!\w){REVIEW}(?!\w)", re.IGNORECASE)
_EDGES = " \t–—|:·•»-,"
_SITE = re.compile(r"\s+(?:\||»|::|•|«)\s+")
_DATED = re.compile(
    rf"\s*[\[(](?:[^\[\]()]{{1,80}},\s*|(?:dir\.?|d\.)[^\[\]()]{{1,80}}?)?({_YEAR})(?:,[^\[\]()]{{1,80}})?[\])]"
)
_LISTED = re.compile(rf"(.+), ({_YEAR})")
"""How Letterboxd's feeds name a film before its stars; without them, a year behind a comma may be the title's."""
_QUOTES = {"“": "”", '"': '"', "‘": "’", "'": "'", "«": "»", "„": "“", "「": "」", "『": "』", "《": "》"}

_SMALL = frozenset(
    (
        *("a", "an", "and", "as", "at", "but", "by", "for", "from", "in", "into", "nor", "of", "on", "or"),
        *("per", "the", "to", "v", "via", "vs", "with"),
    )
)
_KNOWN = {
    word.upper(): word
    for word in (
        *("WALL-E", "X-Men", "BlacKkKlansman", "AI", "BFG", "CIA", "FBI", "UFO", "USA", "UK", "DVD", "TV"),
        *("NYC", "VHS", "3D", "4K"),
    )
}
_SPOKEN = frozenset(("DR", "MR", "MRS", "MS", "ST", "VS", "JR", "SR", "NTH", "HMM", "SHH", "PSST", "BRRR", "PHD"))
_ROMAN = re.compile(r"X{0,3}(?:IX|IV|V?I{0,3})")
_INITIALS = re.compile(r"(?:\w[.*]){2,}\w?")
_WORD = re.compile(r"[^\W_]+(?:(?:['’.*]|-)[^\W_]+)*[.*]?")


class Heading(NamedTuple):
    """What a title tells.

    Attributes:
        said: All of it, as one line of text.
        is_review: Whether it says that it stands above a review.
    """

    said: str
    title: str
    year: int | None
    rating: Rating | None
    is_review: bool

    @property
    def name(self) -> str:
        """The title with its year."""
        return titled(self.title, self.year)


def read_title(markup: str, body: str = "") -> Heading:
    """Take a title apart.

    Gone are tags and entities, "Review" in all its places, the site's name behind a bar, a verdict at the end, the
    year, and quotation marks around all of it. A title in capitals is set right, see :func:`set_right`; any other
    is left as it is.

    Args:
        body: The text below, which may spell the film as it is meant.
    """
    said = line(markup)[:MAX_TITLE]
    title = _named(said)
    title, rating = ratings.off_title(title)
    year = None
    if rating and (listed := _LISTED.fullmatch(title)):
        title, year = listed[1], int(listed[2])
    for dated in reversed(list(_DATED.finditer(title))):
        rest = (title[: dated.start()] + _DIRECTOR.sub("", title[dated.end() :])).strip(_EDGES)
        if rest:
            title, year = rest, int(dated[1])
            break
    for pattern in (_BEFORE_SITE, _BEFORE_REVIEW):
        if named := pattern.fullmatch(title):
            title = named[1]
    title = _unquoted(_DIRECTED.sub("", title).strip(_EDGES)) or said
    if rating is None:
        title, rating = ratings.off_title(title)
    return Heading(said, set_right(title, body), year, rating, bool(_REVIEW.search(said)))


def _named(said: str) -> str:
    """Without the site's name, and without what says in front or in brackets that it is a review."""
    first = _SITE.split(said)[0]
    title = said if _ONLY_REVIEW.fullmatch(first) else first
    if quoted := _QUOTED.fullmatch(title):
        title = next(filter(None, quoted.groups()))
    title = _BRACKETED.sub("", title).strip() or title
    prefix = _FESTIVAL.match(title) or _PREFIX.match(title)
    return title[prefix.end() :] if prefix and title[prefix.end() :].strip() else title


def _unquoted(title: str) -> str:
    inner = title[1:-1].strip()
    return inner if len(title) > 2 and _QUOTES.get(title[0]) == title[-1] and title[0] not in inner else title


def set_right(title: str, body: str = "") -> str:
    """A title in capitals in the usual spelling; one with any small letter is left as it is.

    As the text spells it, where it does so in small and large letters. Else word by word: roman numerals, initials,
    what has no vowel and a few names that are known stay large, small words inside are small.
    """
    letters = [char for char in title if char.isalpha()]
    if len(letters) < 2 or not all(char.isupper() for char in letters):
        return title
    if len(title) <= 100:
        for found in re.findall(rf"(?<!\w){re.escape(title)}(?!\w)", body, re.IGNORECASE):
            if not found.isupper() and found[0].isupper():
                return found
    words = list(_WORD.finditer(title))
    last = len(words) - 1
    pieces: list[str] = []
    at = 0
    for number, found in enumerate(words):
        between = title[at : found.start()]
        opens = number in {0, last} or bool(re.search(r"[:–—!?.(]", between))
        pieces += [between, _cased(found[0], small=not opens)]
        at = found.end()
    return "".join((*pieces, title[at:]))


def _cased(word: str, *, small: bool) -> str:
    cased = word[0] + word[1:].lower()
    if word in _KNOWN:
        cased = _KNOWN[word]
    elif (small and word.lower() in _SMALL) or word[0].isdigit():
        cased = word.lower()
    elif _stays(word):
        cased = word
    elif "-" in word:
        first, *rest = word.split("-")
        cased = "-".join((_cased(first, small=False), *(_cased(part, small=True) for part in rest)))
    elif named := re.fullmatch(r"([ODL]['’]|MC)(\w{2,}.*)", word):
        cased = named[1].capitalize() + named[2].capitalize()
    return cased


def _stays(word: str) -> bool:
    """Whether a word is large in any title: initials, a roman numeral, or letters that nobody can say."""
    silent = word.isascii() and word.isalpha() and len(word) > 1 and not set(word) & set("AEIOUY")
    return bool(_INITIALS.fullmatch(word) or _ROMAN.fullmatch(word)) or (silent and word not in _SPOKEN)
