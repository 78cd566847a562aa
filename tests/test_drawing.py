"""Drawing: real fonts, real pictures, looked at pixel by pixel."""

from __future__ import annotations

import io
import re
from html import escape

import discord
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image

from bot import drawing
from bot.drawing import draw, fit
from bot.fonts import Fonts, NoFontError
from bot.ranking import Tally
from bot.reviews.model import Review
from bot.reviews.titles import Title
from bot.store.leaderboard import Board, Place, Question
from bot.ui import text
from bot.ui.cards import board_card, film_card
from tests.fonts import FOLDER
from tests.ui import nasty

FONTS = Fonts([FOLDER])
SIZE, LEFT, ROOM = 40, 40, 400
SAID = discord.Embed(title="What this server loves").set_footer(text="Score")
OVERHANG = 0.35 * SIZE
"""Pixels by which the last letter's ink may reach beyond the place it takes: an italic f, a swash."""

scripts = st.sampled_from(
    [
        "Miss You Already",
        "ΑΒΓ αβγ",
        "Броненосец",
        "שם הסרט",
        "السينما",
        "千と千尋の神隠し",
        "मदर इंडिया",
        "🐑",
        "👩\u200d👧",
        "1917",
        "W",
    ]
)
titles = st.lists(scripts | nasty.texts, min_size=1, max_size=12).map(" ".join)


def alone(words: str, anchor: str = "start") -> Image.Image:
    """Where there is ink when a text is drawn with so much room and nothing else."""
    x = LEFT if anchor == "start" else LEFT + ROOM
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="160"><g text-anchor="{anchor}">'
        f'<text x="{x}" y="90" font-size="{SIZE}" font-weight="700" data-room="{ROOM}">{escape(words)}</text></g></svg>'
    )
    return Image.open(io.BytesIO(draw(svg, FONTS))).getchannel("A")


def box(picture: Image.Image) -> tuple[int, int, int, int]:
    """The left, top, right and bottom of the ink; of none, where it would begin."""
    return picture.getbbox() or (LEFT, 90, LEFT, 90)


@settings(max_examples=60, deadline=None)
@given(titles)
def test_whatever_a_title_is_it_stays_in_its_room(title: str) -> None:
    words = text.plain(title.replace("\ufffe", "").replace("\uffff", ""), 160)
    assume(not FONTS.lacking(words))

    left, _, right, _ = box(alone(words))
    assert left >= LEFT - OVERHANG
    assert right <= LEFT + ROOM + OVERHANG
    left, _, right, _ = box(alone(words, "end"))
    assert left >= LEFT - OVERHANG
    assert right <= LEFT + ROOM + OVERHANG


@settings(max_examples=60, deadline=None)
@given(titles, st.floats(1, 40))
def test_what_is_cut_is_cut_well(title: str, room: float) -> None:
    words = text.plain(title, 160)
    assume(not FONTS.lacking(words))

    shown = fit(words, room, FONTS, bold=True)

    if shown != words:
        assert not shown or shown.endswith("…")
        assert words.startswith(shown.removesuffix("…"))


def test_a_long_title_is_cut_at_a_word_and_a_short_one_not_at_all() -> None:
    title = "The Assassination of Jesse James by the Coward Robert Ford"

    assert fit(title, 16, FONTS, bold=True) == "The Assassination of Jesse…"
    assert fit(title, 40, FONTS, bold=True) == title
    assert box(alone("Cats"))[2] < LEFT + 120, "a measure that finds everything wide would pass the tests above"
    assert box(alone(title))[2] > LEFT + 0.7 * ROOM


@pytest.mark.parametrize("script", ["ไทย", "ქართული", "\U00012000", "한국"])
def test_no_title_is_shown_in_boxes(script: str) -> None:
    def drawn(title: str) -> bytes:
        found = Board([Place(1, title, 2015, 4, 4, 4, 4)], 1, 3)
        return draw(board_card(found, Question(1), SAID, 1, lambda _: Title(1, "seven-samurai", "", None)).svg, FONTS)

    assert drawn(f"Film {script}") == drawn("Seven Samurai") != drawn("Another")
    with pytest.raises(NoFontError, match=r"no installed font has [A-Z]+ letters"):
        alone(script)


@pytest.mark.parametrize(
    ("title", "like"),
    [
        ("שם (Cats)", "(Cats) םש"),
        ("2001: שם", "םש :2001"),
        ("Cats שם 2 חא 3 end", "Cats 3 אח 2 םש end"),
        ("Cats (שם)", "Cats (םש)"),
        ("שם 🐑 חא", "אח 🐑 םש"),
        ("שם & <b>", "<b> & םש"),
    ],
)
def test_titles_from_right_to_left_are_seen_in_their_order(title: str, like: str) -> None:
    def backward(words: str) -> str:
        turned = words[::-1].translate(str.maketrans("()<>", ")(><"))
        return re.sub(r"\d+", lambda found: found[0][::-1], turned)

    stretches = drawing.from_left_to_right(title)

    assert "".join(backward(words) if turned else words for words, turned in stretches) == like


def test_a_cut_title_from_right_to_left_has_its_dots_on_the_left() -> None:
    title = "שם הסרט הארוך ביותר בעולם כולו"
    picture = alone(title)
    left, top, *_ = box(picture)

    assert top < 90 - 0.5 * SIZE, "as high as letters are"
    assert box(picture.crop((left, 0, left + round(0.6 * SIZE), 160)))[1] > 90 - 0.25 * SIZE, "as low as dots are"


def test_cards_of_many_scripts_and_sizes_are_pictures() -> None:
    many = [
        ("Miss You Already", 2015, 1),
        ("千と千尋の神隠し", 2001, 10**6),
        ("السينما العربية الجميلة", None, 2**40),
        ("WALL·E 🤖❤️👩\u200d👩\u200d👧\u200d👦", 2008, 3),
        ("मदर इंडिया", 1957, 9),
        ("The Assassination of Jesse James by the Coward Robert Ford", 2007, 99_999),
    ]
    places = [Place(1, title, year, 4.5, 4.6, votes, 7) for title, year, votes in many]
    board = board_card(Board(places, 6, 3.0), Question(1), SAID, 1, lambda _: None)
    film = film_card(Review(slug="miss-you-already", title="Miss You Already", body=""), Tally((1, 0, 2, 5, 9)))
    for card in (board, film):
        picture = Image.open(io.BytesIO(draw(card.svg, FONTS)))
        assert picture.format == "PNG"
        assert picture.width == 1200
        assert picture.getchannel("A").getextrema() == (0, 255), "a panel with round corners"
        assert len(set(picture.convert("L").get_flattened_data())) > 50
