"""Cards: whatever they are made of, they are pictures that all can read, and words that say the same."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bot
from bot.ranking import Sort, Tally
from bot.reviews.model import Review
from bot.reviews.titles import Title
from bot.store.leaderboard import Board, Place, Question
from bot.ui import cards, text
from bot.ui.alt import ALT, Trend
from tests.ui import nasty

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.ui.cards import Card

SVG = "{http://www.w3.org/2000/svg}"
TEMPLATES = sorted((Path(bot.__file__).parent / "ui" / "templates").glob("*.svg"))
FORMULA = "Score: the mean with 3 more votes at 3.4 added. At least 3 votes."

COUNTS = st.integers(0, 10**9) | st.just(2**63 - 1)
HALVES = st.none() | st.integers(0, 10)
titles_text = nasty.texts | nasty.blanks | nasty.long_texts(158) | nasty.long_texts(300)
years = st.none() | st.integers(1870, 2200)
tallies = st.builds(Tally, st.tuples(*[COUNTS] * 5))
places = st.builds(
    Place,
    *(st.integers(1, 9), titles_text, years, st.floats(1, 5), st.floats(1, 5), COUNTS, HALVES, tallies),
    st.floats(0, 2),
)
trends = st.none() | st.builds(Trend, titles_text, st.lists(COUNTS, max_size=60))


def words(card: Card) -> list[str]:
    """Every text on a card, as it would be drawn if there were room for all of it."""
    return [element.text or "" for element in ET.fromstring(card.svg).iter(f"{SVG}text")]  # noqa: S314 - our own


def board_card(found: Board, heading: str, first: int, formula: str, sort: Sort = Sort.TOP) -> Card:
    """A board of films on the shelf, all but those with an even id."""
    said = discord.Embed(title=heading).set_footer(text=formula)
    shelf = {1: Title(1, "seven-samurai-2015", "", None)}
    return cards.board_card(found, Question(1, sort), said, first, shelf.get)


def film_card(title: str, year: int | None, tally: Tally, half: int | None, **more: Any) -> Card:
    """A film with these facts."""
    film = Review(slug="seven-samurai-2015", title=title, body="", year=year, half_sheep=half)
    return cards.film_card(film, tally, **more)


def check(card: Card) -> None:
    """Fail where a card cannot be drawn, or its words cannot be sent."""
    picture = ET.fromstring(card.svg)  # noqa: S314 - our own
    height = float(picture.get("height", ""))
    assert picture.get("width") == "1200"
    assert 200 < height <= 1200, "on a phone, what is higher than wide is shown small"
    assert "$" not in re.sub(r"<text.*?</text>", "", card.svg)
    for element in picture.iter(f"{SVG}rect"):
        left, width = float(element.get("x", 0)), float(element.get("width", ""))
        assert 0 <= left <= left + width <= 1200
        assert 0 <= float(element.get("y", 0)) + float(element.get("height", "")) <= height
    assert 1 <= len(card.alt.strip()) <= ALT
    for said in (card.alt, *words(card)):
        assert text.clean(said) == said.strip(), "nothing unseen"
    assert "\n" not in "".join(words(card))


@settings(max_examples=60)
@given(
    st.lists(places, min_size=1, max_size=10), titles_text, st.integers(1, 10**7), titles_text, st.sampled_from(Sort)
)
def test_any_board_is_a_card(found: list[Place], heading: str, first: int, formula: str, sort: Sort) -> None:
    card = board_card(Board(found, 10**7, 3.4), heading, first, formula, sort)

    check(card)
    assert [one for one in words(card) if one == f"{first + len(found) - 1:,}"], "the last place has its rank"


@settings(max_examples=60)
@given(titles_text, years, tallies, HALVES, st.none() | tallies, trends)
def test_any_film_is_a_card(
    title: str, year: int | None, tally: Tally, half: int | None, everywhere: Tally | None, trend: Trend | None
) -> None:
    check(film_card(title, year, tally, half, everywhere=everywhere, trend=trend))


def test_a_board_in_words_and_in_the_picture() -> None:
    places = [
        Place(1, "Miss You Already", 2015, 4.519, 4.64, 1204, 7),
        Place(2, "Tom & <b>Jerry</b> $rank", None, 3.0, 3.0, 1, None),
    ]
    card = board_card(Board(places, 2, 3.4), "🐑 What this server loves", 11, FORMULA)

    assert card.alt == (
        "What this server loves.\n"
        "11. Miss You Already (2015): score 4.52 · mean 4.6 · 1,204 votes · critic 3½\n"
        "12. Tom & <b>Jerry</b> $rank: score 3.00 · mean 3.0 · 1 vote\n" + FORMULA
    )
    assert words(card) == [
        *("What this server loves", "score", "mean", "votes", "critic"),
        *("11", "Miss You Already", "2015", "4.52", "4.6", "1,204", "3½"),
        *("12", "Tom & <b>Jerry</b> $rank", "", "3.00", "3.0", "1", "–"),  # noqa: RUF001 - a dash as wide as a digit
        FORMULA,
    ]


@pytest.mark.parametrize(
    ("sort", "measure", "shown", "marked"),
    [
        (Sort.TOP, "score", "3.25", True),
        (Sort.CRITIC_GAP, "flock", "3.2", True),
        (Sort.DIVISIVE, "± spread", "1.50", False),
        (Sort.RISING, "sheep", "12", False),
    ],
)
def test_a_board_shows_what_it_is_ordered_by(sort: Sort, measure: str, shown: str, *, marked: bool) -> None:
    place = Place(1, "Cats", 2019, 3.25, 3.0, 4, 9, Tally((1, 0, 2, 0, 1)), 1.5)
    card = board_card(Board([place], 1, 3.4), r"What divides this server · directed by A\_B", 1, FORMULA, sort)

    assert {measure, shown} <= set(words(card))
    assert card.svg.count('href="#mark"') == (2 if marked else 0), "the critic's place is on a scale of sheep only"
    assert card.alt.startswith("What divides this server · directed by A_B.\n1. Cats (2019): ")
    assert measure.replace("± spread", "±1.50") in card.alt


def test_a_film_in_words_and_in_the_picture() -> None:
    card = film_card(
        "Cats", 2019, Tally((3, 1, 0, 0, 1)), 1, everywhere=Tally((9, 0, 0, 0, 1)), trend=Trend("Votes a week", (1, 4))
    )

    assert card.alt == (
        "Cats (2019). Readers: 2.0 · 5 votes. 5 sheep: 1, 4 sheep: 0, 3 sheep: 0, 2 sheep: 1, 1 sheep: 3."
        " Critic: ½ of 5 sheep. Everywhere: 1.4 · 10 votes."
        " 5 sheep: 1, 4 sheep: 0, 3 sheep: 0, 2 sheep: 0, 1 sheep: 9. Votes a week: 1, 4."
    )
    assert words(card) == [
        *("Cats", "2019 · from 1 to 5 sheep"),
        *("5", "1", "1", "4", "0", "0", "3", "0", "0", "2", "1", "0", "1", "3", "9"),
        *("Readers", "5 votes", "2.0", "Critic", "½ of 5"),
        *("Wide bars: this server. Thin bars: everywhere.", "Votes a week; the most: 4"),
    ]


def test_a_film_has_a_name_in_letters_that_every_font_has() -> None:
    places = [Place(number, "七人の侍", 2015, 3, 3, 3, None) for number in (1, 2)]
    board = board_card(Board(places, 2, 3.0), "Board", 1, "")
    film = film_card("七人の侍", 2015, Tally(), None)

    spares = re.findall('data-else="(.*?)"', board.svg + film.svg)
    assert spares == ["Seven Samurai", "Film 2", "Seven Samurai"]
    assert "七人の侍" in board.alt


def test_what_nobody_voted_on_says_so() -> None:
    card = film_card("Cats", None, Tally(), None)

    assert card.alt.startswith("Cats. Readers: No votes yet. 5 sheep: 0,")
    assert card.alt.endswith("No critic's verdict.")
    assert {"0 votes", "no verdict"} <= set(words(card))


@pytest.mark.parametrize("title", ["", "\u200b\u202e", "\ufffe\uffff", "\u3164"])
def test_a_title_of_which_nothing_can_be_seen(title: str) -> None:
    (place,) = board_card(Board([Place(7, title, None, 3, 3, 3, None)], 1, 3.0), "Board", 1, "").alt.split("\n")[1:2]

    assert place.startswith("1. Film 7: score")
    check(film_card(title, None, Tally(), None))


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        *((0, "0"), (99_999, "99,999"), (100_000, "100k"), (999_999, "999k"), (1_000_000, "1M"), (1_250_000, "1.2M")),
        *((99_949_999, "99.9M"), (123_456_789, "123M"), (1_500_000_000, "1.5G"), (2**40, "1.1T")),
    ],
)
def test_a_count_is_short(count: int, shown: str) -> None:
    assert {shown, f"{shown} votes"} <= set(words(film_card("Cats", None, Tally((count, 0, 0, 0, 0)), None)))


@pytest.mark.parametrize("length", range(0, 400, 40))
def test_titles_give_way_so_that_the_words_of_a_board_fit(length: int) -> None:
    places = [Place(1, "word " * length, 2015, 4.5, 4.5, 10**9, 7)] * 10
    card = board_card(Board(places, 10, 3.0), "Board", 1, FORMULA)

    assert card.alt.endswith(FORMULA)
    assert card.alt.count("1,000,000,000 votes · critic 3½") == 10


def luminance(colour: str) -> float:
    """How bright a colour is, as WCAG 2 has it."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21."""
    darker, brighter = sorted(map(luminance, (one, other)))
    return (brighter + 0.05) / (darker + 0.05)


PANEL, INSET, TRACK, BAR = "#21352A", "#2B4535", "#3F5B48", "#F2C879"


def inks() -> Iterator[str]:
    """The colours of all that is written."""
    for source in (*(path.read_text(encoding="utf-8") for path in TEMPLATES), Path(cards.__file__).read_text("utf-8")):
        yield from re.findall(r'<text\b[^>]*\bfill="(#\w{6})"', source)
        yield from re.findall(r'<g font-size[^>]*\bfill="(#\w{6})"', source)


def test_all_can_read_it_in_colour_and_in_grey() -> None:
    assert len(set(inks())) == 3
    for ink in inks():
        assert contrast(ink, PANEL) >= 7
        assert contrast(ink, INSET) >= 4.5
    for one, other in pairwise((PANEL, INSET)):
        assert contrast(one, other) < 2, "neither is taken for writing"
    assert contrast(BAR, TRACK) >= 3, "WCAG's bound for what is not text; by brightness, so that it holds in grey"
    for shade in ("#FFFFFF", "#313338", "#1A1A1E", "#000000"):
        assert shade not in set(inks()), "a panel of its own, on whatever Discord has below it"


def test_the_templates_use_the_colours_that_are_compared_here() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES)

    assert all(colour in sources for colour in (PANEL, INSET, TRACK, BAR))
