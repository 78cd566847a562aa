"""Finding a film by its title, as members type it."""

# ruff: noqa: RUF001 - look-alikes of ASCII are what members and forgers type

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reviews.catalogue import Catalogue
from bot.reviews.files import read_folder
from bot.reviews.titles import Title, fold
from bot.ui.controls import film_label
from tests.conftest import REVIEWS

SHELF = Catalogue(
    Title(number, review.slug, review.title, review.year, review.aliases)
    for number, review in enumerate(read_folder(REVIEWS)[0], start=1)
)
SUSPIRIAS = ["suspiria-1977", "suspiria-2018"]
NONSENSE = [
    "xkcd zzz qqq",
    "xkcd zzz 1972",
    "",
    " \t\n",
    "🐑🐑🐑",
    "\x00",
    "\ud800",
    "a\x00b" * 50,
    "?" * 10_000,
    "\u202e\u200b",
    "½",
    "٣",
]

spellings = st.sampled_from(
    [(title, name) for title in SHELF for name in (title.title, *title.aliases) if len(name) >= 8]
)


def found(query: str, shelf: Catalogue = SHELF) -> str | None:
    """The slug of the one film that a query finds."""
    film = shelf.resolve(query).found
    return film.slug if film else None


def offered(query: str, shelf: Catalogue = SHELF) -> list[str]:
    """The slugs offered while a query is typed."""
    return [film.slug for film in shelf.complete(query)]


def shelf_of(*titles: str) -> Catalogue:
    return Catalogue(Title(number, f"film-{number}", title, None) for number, title in enumerate(titles))


@st.composite
def misspelt(draw: st.DrawFn) -> tuple[Title, str]:
    """A film, and one of its titles with one letter wrong, missing, too many, or changed with the next."""
    title, name = draw(spellings)
    at = draw(st.integers(0, len(name) - 2))
    letter = draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    wrong = [
        name[:at] + letter + name[at + 1 :],
        name[:at] + name[at + 1 :],
        name[:at] + letter + name[at:],
        name[:at] + name[at + 1] + name[at] + name[at + 2 :],
    ]
    return title, draw(st.sampled_from(wrong))


# --- fold


@pytest.mark.parametrize(
    ("spelt", "folded"),
    [
        ("Le Fabuleux Destin d'Amélie Poulain", "le fabuleux destin d amelie poulain"),
        ("  WALL·E  ", "wall e"),
        ("Ａｍｅ\u0301lie", "amelie"),
        ("𝔄𝔪ℌ ½ ß İ", "amh 1 2 ss i"),
        ("七人の侍", "七人の侍"),
        ("$", "$"),
        ("!!! ???", "!!!???"),
        ("", ""),
    ],
)
def test_folding_brings_spellings_together(spelt: str, folded: str) -> None:
    assert fold(spelt) == folded


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_folds_as_it_does_beside_other_letters(spelt: str) -> None:
    assert fold(f"x {spelt} é") == fold(f"x {spelt} e")


@given(st.text())
def test_folding_twice_changes_nothing_and_case_and_composition_never_matter(spelt: str) -> None:
    folded = fold(spelt)

    assert fold(folded) == folded
    assert fold(unicodedata.normalize("NFD", spelt)) == folded
    assert fold(spelt.casefold()) == folded


# --- resolve


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("Miss You Already", "miss-you-already"),
        ("miss-you-already", "miss-you-already"),
        ("MISS  YOU, ALREADY!", "miss-you-already"),
        ("miss you already (2015)", "miss-you-already"),
        ("miss you already 2015", "miss-you-already"),
        ("mis you alredy", "miss-you-already"),
        ("miss you alrady", "miss-you-already"),
        ("miss you", "miss-you-already"),
        ("suspiria 1977", "suspiria-1977"),
        ("Suspiria (2018)", "suspiria-2018"),
        ("suspiria-2018", "suspiria-2018"),
        ("amelie", "amelie-2001"),
        ("Amélie", "amelie-2001"),
        ("ame\u0301lie 2001", "amelie-2001"),
        ("le fabuleux destin d’amelie poulain", "amelie-2001"),
        ("七人の侍", "seven-samurai-1954"),
        ("seven samurai", "seven-samurai-1954"),
        ("shichinin no samurai 1954", "seven-samurai-1954"),
        ("جدایی نادر از سیمین", "a-separation-2011"),
        ("1917", "1917-2019"),
        ("１９１７", "1917-2019"),
        ("paddington", "paddington-2-2017"),
        ("paddington2", "paddington-2-2017"),
        ("those magnificent men", "those-magnificent-men-1965"),
        ("london to paris", "those-magnificent-men-1965"),
        (" cats\n", "cats-2019"),
    ],
)
def test_a_film_is_found_as_it_is_typed(query: str, slug: str) -> None:
    assert found(query) == slug


@pytest.mark.parametrize("query", ["suspiria", "SUSPIRIA", "suspirira", "suspiria 1999", "susp"])
def test_two_films_of_one_title_are_both_offered(query: str) -> None:
    resolution = SHELF.resolve(query)

    assert resolution.found is None
    assert sorted(title.slug for title in resolution.candidates[:2]) == SUSPIRIAS
    assert resolution.nearest == ()


def test_one_film_that_is_only_like_what_was_typed_is_offered_and_not_taken() -> None:
    resolution = SHELF.resolve("paddingtun bear")

    assert resolution.found is None
    assert [title.slug for title in resolution.candidates] == ["paddington-2-2017"]


@pytest.mark.parametrize("query", NONSENSE)
def test_nonsense_finds_no_film_but_the_three_nearest(query: str) -> None:
    resolution = SHELF.resolve(query)

    assert resolution.found is None
    assert resolution.candidates == ()
    assert len(resolution.nearest) == len(set(resolution.nearest)) == 3


def test_an_empty_shelf_has_nothing_near() -> None:
    resolution = Catalogue().resolve("miss you already")

    assert (resolution.found, resolution.candidates, resolution.nearest) == (None, (), ())
    assert Catalogue().complete("miss") == []


def test_an_exact_title_wins_over_those_that_begin_with_it() -> None:
    assert found("alien", shelf_of("Aliens", "Alien", "Alien: Resurrection")) == "film-1"


def test_an_exact_title_wins_over_one_that_differs_by_its_article_or_numeral() -> None:
    shelf = shelf_of("Batman", "The Batman", "10", "X")
    assert [found(typed, shelf) for typed in ("batman", "The Batman", "10", "x")] == [
        f"film-{number}" for number in range(4)
    ]
    assert found("Cats 2", shelf_of("The Cats II")) == found("Godfather, The", shelf_of("The Godfather")) == "film-0"


def test_a_title_of_punctuation_is_found_by_itself_alone() -> None:
    shelf = shelf_of("$", "Cats")

    assert found("$", shelf) == "film-0"
    assert [found(query, shelf) for query in ("", "!", "🐑", "€")] == [None] * 4


@given(misspelt())
def test_a_title_with_one_slip_is_found_or_offered(slip: tuple[Title, str]) -> None:
    title, typed = slip
    resolution = SHELF.resolve(typed)

    assert title in (resolution.found, *resolution.candidates)


@given(st.text() | st.text(max_size=20).map(lambda piece: piece * 500))
def test_no_query_is_answered_in_two_ways_or_in_none(query: str) -> None:
    resolution = SHELF.resolve(query)

    answers = [resolution.found is not None, bool(resolution.candidates), bool(resolution.nearest)]
    assert sum(answers) == 1
    assert len(resolution.candidates) <= 25
    assert len(SHELF.complete(query)) <= 25


# --- complete


def test_completing_nothing_offers_the_shelf_in_order() -> None:
    assert [title.slug for title in SHELF.complete("")][:3] == ["1917-2019", "a-separation-2011", "cats-2019"]
    assert len(SHELF.complete(" ")) == len(SHELF) == 12


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("m", "miss-you-already"),
        ("MISS YOU AL", "miss-you-already"),
        ("samurai", "seven-samurai-1954"),
        ("七", "seven-samurai-1954"),
        ("mis you alredy", "miss-you-already"),
        ("magnificent", "those-magnificent-men-1965"),
    ],
)
def test_completing_offers_the_best_first(typed: str, first: str) -> None:
    offered = [title.slug for title in SHELF.complete(typed)]

    assert first in offered[:2]
    assert len(offered) == len(set(offered))


@pytest.mark.parametrize("typed", ["", "film", "film 1"])
def test_no_more_than_25_are_offered(typed: str) -> None:
    shelf = shelf_of(*(f"Film {number}" for number in range(100, 200)))

    assert len(shelf.complete(typed)) == 25
    assert len(shelf.resolve("film").candidates) == 25
    assert len(shelf.complete(typed, limit=3)) == 3


# --- the shelf itself


def test_a_film_is_had_by_its_id_and_its_slug() -> None:
    title = SHELF.resolve("cats-2019").found

    assert title is not None
    assert SHELF.get(title.review_id) is title
    assert title.name == "Cats (2019)"
    assert SHELF.get(0) is None


def test_the_shelf_changes_in_place() -> None:
    shelf = shelf_of("The Cats", "Dogs")
    shelf.put(Title(9, "birds", "The Birds", 1963))
    shelf.put(Title(1, "film-1", "Underdogs", None))
    shelf.drop(0)
    shelf.drop(0)

    assert [title.title for title in shelf] == ["The Birds", "Underdogs"]
    assert len(shelf) == 2
    assert found("birds", shelf) == "birds"
    assert found("dogs", shelf) is None
    assert found("underdog", shelf) == "film-1"
    assert not shelf.resolve("cats").found
    assert shelf.get(0) is None
    assert not shelf.resolve("film-0").found


# --- what is one server's own


HERE, THERE = 10, 20


def with_own() -> Catalogue:
    """Cats for everyone; Cats and The Birds in one server; Zulu in another."""
    return Catalogue(
        [
            Title(1, "cats-2019", "Cats", 2019),
            Title(2, "cats-10", "Cats", 2019, guild_id=HERE),
            Title(3, "birds-10", "Birds", 1963, guild_id=HERE),
            Title(4, "zulu-20", "Zulu", 1964, guild_id=THERE),
        ]
    )


def test_a_servers_own_films_are_found_there_and_nowhere_else() -> None:
    shelf = with_own()
    for guild_id, slugs in (
        (HERE, ["birds-10", "cats-2019", "cats-10"]),
        (THERE, ["cats-2019", "zulu-20"]),
        (0, ["cats-2019"]),
    ):
        assert [title.slug for title in shelf.complete("", guild_id=guild_id)] == slugs
        assert sorted(shelf.at(place, guild_id).slug for place in range(shelf.count(guild_id))) == sorted(slugs)
        with pytest.raises(IndexError):
            shelf.at(len(slugs), guild_id)

    for typed in ("birds", "birds-10", "the birds", "birds 1963"):
        assert [bool(shelf.resolve(typed, guild_id).found) for guild_id in (HERE, THERE, 0)] == [True, False, False]
    assert [title.slug for title in shelf.complete("zul", guild_id=HERE)] == []
    assert [title.slug for title in shelf.own(HERE)] == ["birds-10", "cats-10"]
    assert list(shelf.own(30)) == []
    assert len(shelf) == len(list(shelf)) == 4


def test_both_shelves_answer_together_and_labels_tell_them_apart() -> None:
    shelf = with_own()

    both = shelf.resolve("cats", HERE)
    assert both.found is None
    assert [film_label(title) for title in both.candidates] == ["Cats (2019)", "Cats (2019) · only here"]
    assert [title.slug for title in shelf.complete("cat", guild_id=HERE)] == ["cats-2019", "cats-10"]
    assert shelf.resolve("cats-10", HERE).found == shelf.get(2)
    assert shelf.resolve("cats-10", THERE).found is None
    assert shelf.resolve("cats", THERE).found == shelf.get(1)
    long = film_label(Title(5, "x", "x" * 300, 2020, guild_id=HERE))
    assert len(long) == 100
    assert long.endswith("… (2020) · only here")


def test_a_film_that_changes_hands_leaves_the_other_shelf() -> None:
    shelf = with_own()
    shelf.put(Title(3, "birds", "Birds", 1963))
    shelf.put(Title(4, "zulu-10", "Zulu", 1964, guild_id=HERE))
    shelf.drop(2)

    assert [title.slug for title in shelf.complete("", guild_id=THERE)] == ["birds", "cats-2019"]
    assert [title.slug for title in shelf.own(HERE)] == ["zulu-10"]
    shelf.drop(4)
    assert list(shelf.own(HERE)) == []
    assert [title.slug for title in shelf] == ["birds", "cats-2019"]
