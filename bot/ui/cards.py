"""Cards: values in, a picture as SVG and the same in words out.

The words are for who does not see the picture; what a colour shows, a number or a word says as well. Nothing is
measured here: a text with a ``data-room`` is cut to fit, and one with a ``data-else`` gives way to that where no
font has its letters, by :mod:`bot.drawing`.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, NamedTuple

from bot.ranking import MAX_SHEEP, MIN_SHEEP, Sort, Tally
from bot.reviews.model import titled
from bot.ui import alt, boards, text

if TYPE_CHECKING:
    from collections.abc import Callable

    import discord

    from bot.reviews.model import Review
    from bot.reviews.titles import Title
    from bot.store.leaderboard import Board, Place, Question

TITLE_ROOM, TITLE_ROOM_WITH_YEAR = 594, 512
"""Pixels for a title on a board."""
WIDEST = 2.0
"""Sheep: the standard deviation of votes that could not differ more."""
TRACK, FILM_TRACK = 594, 400
"""Pixels of a whole bar."""
ROW, FILM_ROW = 74, 88
TOP, FILM_TOP = 168, 166
TREND_HEIGHT, TREND_BAR, TREND_WIDTH = 190, 96, 1128
NONE = "–"  # noqa: RUF001 - a dash as wide as a digit
MANY = 100_000
"""A count from which on a card says "123k"; its words say all digits."""
_ESCAPED = re.compile(r"\\([^\w\s]|_)")
_TEMPLATES = Path(__file__).with_name("templates")


class Card(NamedTuple):
    """A picture and its words.

    Attributes:
        svg: The picture, 1200 pixels wide.
        alt: What it shows, in at most 1,024 characters.
        name: The name of its file, without a suffix.
    """

    svg: str
    alt: str
    name: str


class _Parts(NamedTuple):
    """A template: its beginning, what is repeated, its end."""

    head: Template
    row: Template
    foot: Template


def board_card(
    found: Board, question: Question, said: discord.Embed, first: int, title_of: Callable[[int], Title | None]
) -> Card:
    """A page of a leaderboard.

    Args:
        found: What stands on it.
        said: The same in text, with its heading, and below it how it is ranked.
        first: The rank of the first place shown.
        title_of: The film with an id, whose slug stands in the picture where no font has its title's letters.
    """
    parts, height = _template("board"), TOP + ROW * len(found.places) + 62
    ranked = list(enumerate(found.places, start=first))
    heading = alt.line(_ESCAPED.sub(r"\1", str(said.title)).replace(text.SHEEP, ""), alt.LONGEST)
    formula = alt.line(str(said.footer.text), 2 * alt.LONGEST)
    most = max((place.tally.sheep for place in found.places), default=0)
    return Card(
        parts.head.substitute(
            height=height,
            sheep=_sheep(),
            heading=_escaped(heading),
            measure=_MEASURES.get(question.sort, "score"),
            mark="" if question.sort in _NO_SCALE else _MARK_BEFORE_CRITIC,
        )
        + "".join(
            parts.row.substitute(_place(place, question.sort, most, title_of(place.review_id)), y=y, rank=f"{rank:,}")
            for y, (rank, place) in zip(range(TOP, height, ROW), ranked, strict=False)
        )
        + parts.foot.substitute(foot=height - 24, formula=_escaped(formula)),
        alt.board(
            heading, ((rank, place, boards.numbers(place, question, counts=False)) for rank, place in ranked), formula
        ),
        "leaderboard",
    )


_MEASURES = {Sort.DIVISIVE: "± spread", Sort.RISING: "sheep", Sort.CRITIC_GAP: "flock"}
"""What stands above that by which a board is ordered, where it is not the score."""
_NO_SCALE = {Sort.DIVISIVE, Sort.RISING}
"""Where the bars are no scale of sheep, on which the critic has a place, too."""
_MARK_BEFORE_CRITIC = '<use href="#mark" transform="translate(1078 141) scale(.66)"/>'


def film_card(film: Review, tally: Tally, *, everywhere: Tally | None = None, trend: alt.Trend | None = None) -> Card:
    """How the votes on a film are spread, with the critic beside the readers.

    Args:
        tally: The votes of this server.
        everywhere: The votes of all servers, to be shown as well.
        trend: The votes over time, to be shown as well.
    """
    parts = _template("film")
    spare = _named(film.slug, film.year)
    title, year, critic = alt.line(film.title, alt.LONGEST) or spare, film.year, film.half_sheep
    trend = trend if trend and trend.counts else None
    subtitle = " · ".join([*([str(year)] if year is not None else []), f"from {MIN_SHEEP} to {MAX_SHEEP} sheep"])
    most = max(tally.counts)
    rows = "".join(
        parts.row.substitute(
            y=FILM_TOP + FILM_ROW * (MAX_SHEEP - sheep),
            sheep=sheep,
            bar=_part(tally.counts[sheep - 1], most, FILM_TRACK),
            round=min(10.0, _part(tally.counts[sheep - 1], most, FILM_TRACK) / 2),
            count=_compact(tally.counts[sheep - 1]),
            everywhere=_thin(everywhere, sheep) if everywhere else "",
        )
        for sheep in range(MAX_SHEEP, MIN_SHEEP - 1, -1)
    )
    legend = 34 if everywhere else 0
    return Card(
        parts.head.substitute(
            height=652 + legend + (TREND_HEIGHT if trend else 0),
            sheep=_sheep(),
            title=_escaped(title),
            spare=_escaped(spare),
            subtitle=_escaped(subtitle),
        )
        + rows
        + parts.foot.substitute(
            votes=f"{_compact(tally.votes)} {'vote' if tally.votes == 1 else 'votes'}",
            mean=NONE if tally.mean is None else f"{tally.mean:.1f}",
            readers_flock=_flock((tally.mean or 0) / MAX_SHEEP, 316),
            critic="no verdict" if critic is None else f"{text.half_sheep(critic)} of {MAX_SHEEP}",
            critics_flock="" if critic is None else _flock(critic / 2 / MAX_SHEEP, 548),
            legend=_LEGEND if everywhere else "",
            trend=_trend(trend, 652 + legend) if trend else "",
        ),
        alt.film(titled(title, year), tally, critic, everywhere, trend),
        "results",
    )


def _place(place: Place, sort: Sort, most: int, film: Title | None) -> dict[str, object]:
    """What a film's row on a board shows; ``most`` are the sheep that fill a bar where sheep are counted."""
    half = place.critic_half_sheep
    shown, bar = f"{place.score:.{1 if sort is Sort.CRITIC_GAP else 2}f}", _part(place.score, MAX_SHEEP, TRACK)
    if sort is Sort.DIVISIVE:
        shown, bar = f"{place.spread:.2f}", _part(place.spread, WIDEST, TRACK)
    elif sort is Sort.RISING:
        shown, bar = _compact(place.tally.sheep), _part(place.tally.sheep, most, TRACK)
    mark = ""
    if half is not None and sort not in _NO_SCALE:
        x = 122 + _part(half, 2 * MAX_SHEEP, TRACK)
        mark = f'<use href="#mark" transform="translate({x} 54.5) scale(.8)"/>'
    return {
        "title": _escaped(alt.title(place, alt.LONGEST)),
        "spare": _escaped(_named(film.slug if film else f"film-{place.review_id}", place.year)),
        "room": TITLE_ROOM if place.year is None else TITLE_ROOM_WITH_YEAR,
        "year": "" if place.year is None else place.year,
        "bar": bar,
        "critic_mark": mark,
        "score": shown,
        "mean": f"{place.mean:.1f}",
        "votes": _compact(place.votes),
        "critic": NONE if half is None else text.half_sheep(half),
    }


_LEGEND = (
    '<text x="152" y="646" font-size="27" font-weight="400" fill="#C9D4C5" data-room="1012">'
    "Wide bars: this server. Thin bars: everywhere.</text>"
)


def _thin(everywhere: Tally, sheep: int) -> str:
    """The bar of all servers, below that of this one."""
    count = everywhere.counts[sheep - 1]
    width = _part(count, max(everywhere.counts), FILM_TRACK)
    return (
        '<rect x="152" y="59" width="400" height="13" rx="4" fill="#3F5B48"/>'
        f'<rect x="152" y="59" width="{width}" height="13" rx="{min(4.0, width / 2)}" fill="#FBF6E9"/>'
        f'<text x="572" y="75" font-size="26" font-weight="400" fill="#C9D4C5">{_compact(count)}</text>'
    )


def _flock(share: float, y: int) -> str:
    """Five sheep, of which so great a share is there and the others are only outlined."""
    row: list[str] = []
    for number in range(MAX_SHEEP):
        place = f'transform="translate({760 + 76 * number} {y}) scale(.66)"'
        there = min(1.0, max(0.0, share * MAX_SHEEP - number))
        if there < 1:
            row.append(f'<use href="#no-sheep" {place}/>')
        if 0 < there < 1:
            cut = f"part-{y}"
            row.append(
                f'<clipPath id="{cut}"><rect x="5" y="0" width="{90 * there:.1f}" height="100"/></clipPath>'
                f'<g {place}><g clip-path="url(#{cut})"><use href="#sheep"/></g></g>'
            )
        elif there:
            row.append(f'<use href="#sheep" {place}/>')
    return "".join(row)


def _trend(trend: alt.Trend, y: int) -> str:
    most = max(trend.counts)
    step = TREND_WIDTH / len(trend.counts)
    bars = "".join(
        f'<rect x="{36 + step * number:.1f}" y="{TREND_BAR - height}" width="{step * 0.8:.1f}" height="{height}"/>'
        for number, count in enumerate(trend.counts)
        for height in [_part(count, most, TREND_BAR)]
    )
    label = _escaped(f"{alt.line(trend.label, alt.LONGEST)}; the most: {_compact(most)}")
    return (
        f'<text x="36" y="{y + 34}" font-size="27" font-weight="400" fill="#C9D4C5" data-room="1128">{label}</text>'
        f'<g fill="#F2C879" transform="translate(0 {y + 60})">{bars}'
        f'<rect x="36" y="{TREND_BAR}" width="{TREND_WIDTH}" height="3" fill="#C9D4C5"/></g>'
    )


def _escaped(words: str) -> str:
    from html import escape  # noqa: PLC0415 - with it come the names of 2,231 characters, which no start needs

    return escape(words)


def _named(slug: str, year: int | None) -> str:
    """A film by the name of its review, in letters that every font has: ``Seven Samurai``."""
    return slug.removesuffix(f"-{year}").replace("-", " ").title()


def _part(value: float, whole: float, length: int) -> float:
    """So much of a length, in pixels; what is not nothing is seen."""
    return max(2.0, round(length * min(value / whole, 1), 1)) if value > 0 else 0.0


def _compact(count: int) -> str:
    """A count in at most six characters: ``12,345``, ``123k``, ``1.2M``."""
    if count < MANY:
        return f"{count:,}"
    for size, unit in ((10**12, "T"), (10**9, "G"), (10**6, "M")):
        if count >= size:
            said = f"{count / size:.1f}".removesuffix(".0") if count < 100 * size else f"{count // size:,}"
            return said + unit
    return f"{count // 1000}k"


@cache
def _template(name: str) -> _Parts:
    whole = (_TEMPLATES / f"{name}.svg").read_text(encoding="utf-8")
    head, row, foot = re.split("<!-- /?row -->", whole)
    return _Parts(Template(head), Template(row), Template(foot))


@cache
def _sheep() -> str:
    return (_TEMPLATES / "sheep.svg").read_text(encoding="utf-8")
