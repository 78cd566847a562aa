"""Titles as blogs have them, and the film's own in them."""

# ruff: noqa: RUF001 - signs as critics type them

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reviews.importers.titles import read_title, set_right

TITLES = {
    "Miss You Already": ("Miss You Already", None),
    "Miss You Already (2015)": ("Miss You Already", 2015),
    "Miss You Already [2015]": ("Miss You Already", 2015),
    "Miss You Already (2015) Review": ("Miss You Already", 2015),
    "Miss You Already Review (2015)": ("Miss You Already", 2015),
    "Miss You Already [TIFF15 Review]": ("Miss You Already", None),
    "MISS YOU ALREADY [TIFF15 Review] | Black Sheep Reviews": ("Miss You Already", None),
    "Miss You Already | Black Sheep": ("Miss You Already", None),
    "Miss You Already – Film Review": ("Miss You Already", None),
    "Miss You Already - Movie Review": ("Miss You Already", None),
    "Miss You Already: A Review": ("Miss You Already", None),
    "Miss You Already — Black Sheep Reviews": ("Miss You Already", None),
    "Review: Miss You Already": ("Miss You Already", None),
    "Film Review – Miss You Already (2015)": ("Miss You Already", 2015),
    "REVIEW | MISS YOU ALREADY": ("Miss You Already", None),
    "TIFF15 Review: Miss You Already": ("Miss You Already", None),
    "Review of Miss You Already": ("Miss You Already", None),
    "Movie review: “Miss You Already”": ("Miss You Already", None),
    "‘Miss You Already’ review: two friends and a houseboat": ("Miss You Already", None),
    "Miss You Already review – two friends and a houseboat": ("Miss You Already", None),
    "<em>Miss You Already</em>": ("Miss You Already", None),
    "&ldquo;Miss You Already&#8221; (2015)": ("Miss You Already", 2015),
    "Thelma &amp;amp; Louise": ("Thelma & Louise", None),
    "AmÃ©lie (2001)": ("Amélie", 2001),
    "Cats (2019) ★½": ("Cats", 2019),
    "Cats (2019) – 1/5": ("Cats", 2019),
    "Cats, 2019 - ★½": ("Cats", 2019),
    "Nashville, 1975": ("Nashville, 1975", None),
    "Cats (Tom Hooper, 2019)": ("Cats", 2019),
    "Cats (dir. Tom Hooper, 2019)": ("Cats", 2019),
    "Carol (2015) by Todd Haynes": ("Carol", 2015),
    "Film review: Carol, dir. Todd Haynes": ("Carol", None),
    "Carol Movie Review & Film Summary (2015)": ("Carol", 2015),
    "TIFF 2015: Carol": ("Carol", None),
    "Cannes '15 Review: Carol": ("Carol", None),
    "Mad Max: Fury Road Review": ("Mad Max: Fury Road", None),
    "JOHN WICK: CHAPTER 3 – PARABELLUM Review": ("John Wick: Chapter 3 – Parabellum", None),
    "Film Review – Mad Max: Fury Road | The Owl": ("Mad Max: Fury Road", None),
    "Kritik: Toni Erdmann (2016)": ("Toni Erdmann", 2016),
    "Recensione: La grande bellezza": ("La grande bellezza", None),
    "Crítica: Volver (2006)": ("Volver", 2006),
    "【レビュー】七人の侍": ("七人の侍", None),
    "ביקורת: פוקסטרוט (2017)": ("פוקסטרוט", 2017),
    "مراجعة فيلم: كفرناحوم": ("كفرناحوم", None),
    "1917 (2019)": ("1917", 2019),
    "1917": ("1917", None),
    "2001: A Space Odyssey (1968)": ("2001: A Space Odyssey", 1968),
    "Blade Runner 2049": ("Blade Runner 2049", None),
    "(500) Days of Summer": ("(500) Days of Summer", None),
    "Spider-Man: Homecoming": ("Spider-Man: Homecoming", None),
    "Mission: Impossible - Fallout (2018)": ("Mission: Impossible - Fallout", 2018),
    "The Good, the Bad and the Ugly": ("The Good, the Bad and the Ugly", None),
    "Am I OK?": ("Am I OK?", None),
    "Review": ("Review", None),
    "Birdman or (The Unexpected Virtue of Ignorance)": ("Birdman or (The Unexpected Virtue of Ignorance)", None),
    "'71 (2014)": ("'71", 2014),
    "O Brother, Where Art Thou?": ("O Brother, Where Art Thou?", None),
    "The Review of Nothing in Particular": ("The Review of Nothing in Particular", None),
}
CAPITALS = {
    "MISS YOU ALREADY": "Miss You Already",
    "THE LORD OF THE RINGS: THE FELLOWSHIP OF THE RING": "The Lord of the Rings: The Fellowship of the Ring",
    "ROCKY II": "Rocky II",
    "ROCKY IV": "Rocky IV",
    "THE GODFATHER PART III": "The Godfather Part III",
    "E.T.": "E.T.",
    "E.T. THE EXTRA-TERRESTRIAL": "E.T. the Extra-Terrestrial",
    "WALL-E": "WALL-E",
    "M*A*S*H": "M*A*S*H",
    "JFK": "JFK",
    "RRR": "RRR",
    "MR. TURNER": "Mr. Turner",
    "DR. STRANGELOVE": "Dr. Strangelove",
    "THE BFG": "The BFG",
    "IT": "It",
    "UP": "Up",
    "TÁR": "Tár",
    "AMÉLIE": "Amélie",
    "DON'T LOOK NOW": "Don't Look Now",
    "ROSEMARY’S BABY": "Rosemary’s Baby",
    "L'AVVENTURA": "L'Avventura",
    "O'HARA'S WIFE": "O'Hara's Wife",
    "MCCABE & MRS. MILLER": "McCabe & Mrs. Miller",
    "SPIDER-MAN: INTO THE SPIDER-VERSE": "Spider-Man: Into the Spider-Verse",
    "CLÉO FROM 5 TO 7": "Cléo from 5 to 7",
    "WHAT WE DO IN THE SHADOWS": "What We Do in the Shadows",
    "SE7EN": "Se7en",
    "THE 39TH STEP": "The 39th Step",
    "MIX": "Mix",
    "I, TONYA": "I, Tonya",
    "WHO ARE YOU WITH": "Who Are You With",
    "Cats": "Cats",
    "iPHONE": "iPHONE",
    "七人の侍": "七人の侍",
    "1917": "1917",
    "": "",
}


@pytest.mark.parametrize("markup", TITLES)
def test_the_film_s_title_and_year(markup: str) -> None:
    heading = read_title(markup)

    assert (heading.title, heading.year) == TITLES[markup]


@pytest.mark.parametrize("title", CAPITALS)
def test_capitals_are_set_right(title: str) -> None:
    assert set_right(title) == CAPITALS[title]


def test_the_text_knows_how_its_film_is_spelt() -> None:
    assert set_right("BLACKKKLANSMAN", "I saw BlacKkKlansman twice.") == "BlacKkKlansman"
    assert set_right("HEAT", "The heat was on. HEAT is long. Heat is great.") == "Heat"


def test_a_title_says_whether_it_is_of_a_review_and_its_verdict() -> None:
    assert read_title("Cats (2019) ★½ | Black Sheep Reviews").is_review
    assert not read_title("Cats (2019)").is_review
    assert (rating := read_title("Cats (2019) ★½").rating)
    assert (rating.half_sheep, rating.said) == (3, "★½")


@given(
    st.lists(
        st.sampled_from((*TITLES, *CAPITALS, " ", "(", "[2015]", "Review", ":", "–", "|", "★", "4/5", "&", "<"))
        | st.text(max_size=5),
        max_size=5,
    )
)
def test_a_title_that_says_anything_still_does(parts: list[str]) -> None:
    heading = read_title("".join(parts))

    assert bool(heading.title) == bool(heading.said)
    assert heading.year is None or 1870 <= heading.year < 2100
