"""Finding a film as it is typed on a shelf of any size, and the index behind it."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot.reviews.index
from bot.reviews import titles as titles_of
from bot.reviews.catalogue import Catalogue
from bot.reviews.index import BEGINNINGS, SpellingIndex
from bot.reviews.titles import Title
from tests.reviews.test_catalogue import SHELF, found, offered

CROWD = [
    Title(number, f"crowd-{number}", f"{first} {second} {third}", 1950 + number % 70)
    for number, (first, second, third) in enumerate(
        itertools.product(
            (
                *("Crimson", "Silent", "Broken", "Golden", "Distant", "Hollow"),
                *("Restless", "Winter", "Paper", "Velvet", "Seventh", "Northern"),
            ),
            ("Harbour", "Garden", "Mirror", "Engine", "Orchard", "Lantern", "Horizon", "Cathedral", "Meadow"),
            ("Blues", "Story", "Returns", "Part II", "at Dawn", "Express", "of Glass", "Brothers", "Waltz", "Code"),
        ),
        start=1000,
    )
]
FILMS = [
    Title(number, slug, title, year)
    for number, (slug, title, year) in enumerate(
        [
            ("godfather", "The Godfather", 1972),
            ("godfather-2", "The Godfather Part II", 1974),
            ("godfather-3", "The Godfather Part III", 1990),
            ("rocky", "Rocky", 1976),
            ("rocky-2", "Rocky II", 1979),
            ("rocky-4", "Rocky IV", 1985),
            ("rocky-5", "Rocky V", 1990),
            ("solaris-1972", "Solaris", 1972),
            ("solaris-2002", "Solaris", 2002),
            ("hobbit", "Hobbit, The", 1977),
            ("miserables", "Les Misérables", 2012),
            ("blade-runner-2049", "Blade Runner 2049", 2017),
            ("kill-bill-2", "Kill Bill: Vol. 2", 2004),
        ],
        start=100,
    )
]


def grown() -> Catalogue:
    """A large shelf that began with nothing."""
    shelf = Catalogue()
    for title in (*CROWD, *FILMS, *SHELF):
        shelf.put(title)
    return shelf


SHELVES = {"small": Catalogue([*FILMS, *SHELF]), "large": Catalogue([*CROWD, *FILMS, *SHELF]), "grown": grown()}
shelves = pytest.mark.parametrize("shelf", SHELVES.values(), ids=SHELVES)
large_shelves = pytest.mark.parametrize("shelf", [SHELVES["large"], SHELVES["grown"]], ids=["large", "grown"])

spellings = st.text("abé ", max_size=9) | st.sampled_from(["the cats", "the cat", "cats", "rocky 4", "rocky 44"])
titles = st.builds(
    Title,
    review_id=st.integers(1, 12),
    slug=st.just(""),
    title=st.sampled_from(["The Cats", "Cats", "Cats II", "Cat, The", "Dogs", "Rocky IV", "Rocky 4"]) | spellings,
    year=st.none() | st.integers(2000, 2002),
    aliases=st.lists(spellings, max_size=1).map(tuple),
)


# --- any shelf


@shelves
@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("THE GODFATHER", "godfather"),
        ("godfather", "godfather"),
        ("teh godfather", "godfather"),
        ("Godfather, The", "godfather"),
        ("godfater, the", "godfather"),
        ("Godfather, The (1972)", "godfather"),
        ("Godfather, The 2", "godfather-2"),
        ("Godfahter, The 2", "godfather-2"),
        ("godfather, the part ii", "godfather-2"),
        ("The Godfather Part 3", "godfather-3"),
        ("the godfahter iii", "godfather-3"),
        ("rocky", "rocky"),
        ("rocky iv", "rocky-4"),
        ("rocky 4", "rocky-4"),
        ("roky 4", "rocky-4"),
        ("rcoky iv", "rocky-4"),
        ("rocky 4 1985", "rocky-4"),
        ("roccky iv 1985", "rocky-4"),
        ("solaris 1972", "solaris-1972"),
        ("solaris 2002", "solaris-2002"),
        ("Solaris (2002)", "solaris-2002"),
        ("solarsi 1972", "solaris-1972"),
        ("solris 2002", "solaris-2002"),
        ("the hobbit", "hobbit"),
        ("hobbit", "hobbit"),
        ("hobit, the", "hobbit"),
        ("les miserables", "miserables"),
        ("MISÉRABLES, LES", "miserables"),
        ("misserables", "miserables"),
        ("amelie", "amelie-2001"),
        ("ameile", "amelie-2001"),
        ("fabuleux destin d amélie poulain", "amelie-2001"),
        ("le fabulex destin damelie poulain", "amelie-2001"),
        ("blade runner 2049", "blade-runner-2049"),
        ("blade runer 2049", "blade-runner-2049"),
        ("bladerunner 2049 2017", "blade-runner-2049"),
        ("kill bill 2", "kill-bill-2"),
        ("kil bill volume ii", "kill-bill-2"),
    ],
)
def test_a_film_is_found_as_it_is_typed(query: str, slug: str, shelf: Catalogue) -> None:
    assert found(query, shelf) == slug
    assert offered(query, shelf)[0] == slug


@shelves
@pytest.mark.parametrize("query", ["solaris", "solarsi", "solaris 1999"])
def test_namesakes_are_told_apart_by_nothing_but_their_year(query: str, shelf: Catalogue) -> None:
    assert found(query, shelf) is None
    assert offered(query, shelf)[:2] == ["solaris-1972", "solaris-2002"]


@shelves
def test_what_begins_as_typed_comes_before_what_does_so_without_the_article(shelf: Catalogue) -> None:
    assert offered("the go", shelf)[:3] == ["godfather", "godfather-2", "godfather-3"]


# --- a shelf too large to be compared whole


@large_shelves
def test_films_are_found_among_many(shelf: Catalogue) -> None:
    assert found("mis you alredy", shelf) == "miss-you-already"
    assert found("suspiria 1977", shelf) == "suspiria-1977"
    assert "cats-2019" in offered("Csts", shelf)
    assert found("七人の侍", shelf) == "seven-samurai-1954"
    assert found("The Restless Orchad Part II", shelf) == found("Restless Orchard Part 2", shelf) is not None
    assert "paddington-2-2017" in offered("padd", shelf)
    assert "seven-samurai-1954" in offered("samura", shelf)
    assert not offered("\x00", shelf)


@large_shelves
def test_a_beginning_that_many_share_is_answered_in_the_order_of_the_shelf(shelf: Catalogue) -> None:
    expected = [film.slug for film in shelf if film.title.startswith("Winter")]

    assert offered("winter", shelf) == expected[:25]
    assert found(CROWD[650].title.replace("Winter", "Wimter"), shelf) == CROWD[650].slug


@given(st.lists(titles | st.integers(1, 12), max_size=30), st.sampled_from([0, 1000]))
def test_whatever_was_put_and_dropped_a_shelf_answers_as_one_made_anew(
    changes: list[Title | int], compared_whole: int
) -> None:
    kept: dict[int, Title] = {}
    shelf = Catalogue()
    for change in changes:
        if isinstance(change, Title):
            title = Title(change.review_id, f"film-{change.review_id}", change.title, change.year, change.aliases)
            kept[title.review_id] = title
            shelf.put(title)
        else:
            kept.pop(change, None)
            shelf.drop(change)
    anew = Catalogue(kept.values())

    assert list(shelf) == list(anew)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(titles_of, "SMALL", compared_whole)
        for query in ("cats", "the cat", "csts", "cats 2001", "rocky iv", "a", "ab b", "bé", "", "zz"):
            assert shelf.resolve(query) == anew.resolve(query)
            assert shelf.complete(query) == anew.complete(query)


# --- the index itself


@given(st.lists(spellings, unique=True), st.data())
def test_whatever_was_added_and_removed_an_index_answers_as_one_made_anew(
    added: list[str], data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, len(added)))
    removed = data.draw(st.sets(st.sampled_from(added))) if added else set[str]()
    index = SpellingIndex(added[:first])
    for spelling in added[first:]:
        index.add(spelling)
    for spelling in removed:
        index.remove(spelling)
    anew = SpellingIndex(set(added) - removed)

    with pytest.MonkeyPatch.context() as patch:
        for limit in ("BEGINNINGS", "OF_A_TRIGRAM", "NAMED", "LOOKED_AT", "CANDIDATES"):
            patch.setattr(bot.reviews.index, limit, data.draw(st.sampled_from([1, 2, 3, 5, 1000])))
        for query in (*added, "ab", "catts", "rocky"):
            assert sorted(index.near(query, query)) == sorted(anew.near(query, query))


def test_it_is_filled_in_slices_or_by_whoever_asks_first() -> None:
    names = [title.title.casefold() for title in CROWD]
    sliced, asked = SpellingIndex(names), SpellingIndex(names)
    slices = 1
    while sliced.fill(100):
        slices += 1

    assert slices == -(-len(names) // 100)
    assert asked.near("wintr meadow code") == sliced.near("wintr meadow code")
    assert not asked.fill(0)
    assert "winter meadow code" in asked.near("wintr meadow code")


def test_a_shelf_is_read_before_it_can_be_searched() -> None:
    shelf = Catalogue(CROWD)

    assert shelf.index(10)
    assert len(list(shelf)) == len(shelf) == len(CROWD)
    assert shelf.get(CROWD[0].review_id) is CROWD[0]
    assert found("Crimson Harbor Blues", shelf) == CROWD[0].slug
    assert not shelf.index(0)


def test_guesses_are_made_only_where_few_begin_with_what_was_typed() -> None:
    index = SpellingIndex([*(f"winter {number}" for number in range(BEGINNINGS)), "winner", "wintre"])

    assert "wintre" not in index.near("winter", "winter")
    assert {"winter 7", "wintre"} <= set(index.near("winter 7", "winter 7"))
    assert "winner" in index.near("winer", "winer")
