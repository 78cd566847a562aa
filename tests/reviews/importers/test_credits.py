"""Credits, in every way in which critics set them."""

# ruff: noqa: E501 - a line of a critic is one line

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reviews.importers.credits import MAX_NAME, MAX_NAMES, Found, find, from_facts
from bot.reviews.model import Credits

MISSED = Credits(("Morwenna Banks",), ("Catherine Hardwicke",), ("Toni Collette", "Drew Barrymore", "Dominic Cooper"))
OF_MISS_YOU_ALREADY = (
    "Written by Morwenna Banks\nDirected by Catherine Hardwicke\nStarring Toni Collette, Drew Barrymore and Dominic Cooper",
    "Directed by Catherine Hardwicke\n\nStarring Toni Collette, Drew Barrymore, and Dominic Cooper\n\nWritten by Morwenna Banks",
    "Written by Morwenna BanksDirected by Catherine HardwickeStarring Toni Collette, Drew Barrymore and Dominic Cooper",
    "Written by Morwenna Banks / Directed by Catherine Hardwicke / Starring Toni Collette, Drew Barrymore & Dominic Cooper",
    "**Written by** Morwenna Banks\n**Directed by** *Catherine Hardwicke*\n**Starring** Toni Collette, Drew Barrymore and Dominic Cooper",
    "**Written by Morwenna Banks**\n**Directed by Catherine Hardwicke**\n**Starring Toni Collette, Drew Barrymore and Dominic Cooper**",
    "Written by Morwenna Banks and directed by Catherine Hardwicke.\nStarring Toni Collette, Drew Barrymore and Dominic Cooper.",
    "Dir: Catherine Hardwicke. Screenplay: Morwenna Banks. Cast: Toni Collette, Drew Barrymore, Dominic Cooper.",
    "Director: Catherine Hardwicke\nWriter: Morwenna Banks\nStars: Toni Collette, Drew Barrymore, Dominic Cooper\nRunning time: 112 mins",
    "Directed by Catherine Hardwicke. Screenplay by Morwenna Banks. With Toni Collette, Drew Barrymore and Dominic Cooper.",
    "Directed by Catherine Hardwicke\nScreenplay by Morwenna Banks\nWith Toni Collette, Drew Barrymore and Dominic Cooper",
    "Directed by: [Catherine Hardwicke](https://example.com/ch)\nWritten by: Morwenna Banks\nStarring: Toni Collette (Milly), Drew Barrymore (Jess), Dominic Cooper (Kit) and others",
    "WRITTEN BY MORWENNA BANKS\nDIRECTED BY CATHERINE HARDWICKE\nSTARRING TONI COLLETTE, DREW BARRYMORE AND DOMINIC COOPER",
    "Directed by\nCatherine Hardwicke\nWritten by\nMorwenna Banks\nCast\nToni Collette, Drew Barrymore, Dominic Cooper",
    "(Directed by Catherine Hardwicke; written by Morwenna Banks; starring Toni Collette, Drew Barrymore, Dominic Cooper; 112 min)",
    "- Director: Catherine Hardwicke\n- Screenwriter: Morwenna Banks\n- Cast: Toni Collette as Milly, Drew Barrymore as Jess, Dominic Cooper",
)
LISTS = {
    "Directed by Joel and Ethan Coen": ("Joel and Ethan Coen",),
    "Directed by Joel Coen and Ethan Coen": ("Joel Coen", "Ethan Coen"),
    "Directed by Jean-Pierre and Luc Dardenne": ("Jean-Pierre and Luc Dardenne",),
    "Directed by Anthony Russo & Joe Russo": ("Anthony Russo", "Joe Russo"),
    "Directed by Guillermo del Toro": ("Guillermo del Toro",),
    "Directed by Florian Henckel von Donnersmarck": ("Florian Henckel von Donnersmarck",),
    "Directed by M. Night Shyamalan": ("M. Night Shyamalan",),
    "Directed by J.J. Abrams": ("J.J. Abrams",),
    "Directed by Alejandro G. Iñárritu": ("Alejandro G. Iñárritu",),
    "Directed by Robert Downey, Sr.": ("Robert Downey, Sr.",),
    "Dir. Francis Ford Coppola, 1974, USA, 202 mins": ("Francis Ford Coppola",),
    "Directed by 新海誠": ("新海誠",),
    "Directed by Daniels": ("Daniels",),
    "Directed by McG": ("McG",),
    "Directed by Lone Scherfig, based on the memoir by Lynn Barber": ("Lone Scherfig",),
}
CASTS = {
    "Starring Robert Downey, Jr., Gwyneth Paltrow and Jeff Bridges": (
        "Robert Downey, Jr.",
        "Gwyneth Paltrow",
        "Jeff Bridges",
    ),
    "Starring Robert Downey Jr. and Jude Law.": ("Robert Downey Jr.", "Jude Law"),
    "Starring Harry Connick, Jr.": ("Harry Connick, Jr.",),
    "Starring Omar Sy, François Cluzet & Anne Le Ny": ("Omar Sy", "François Cluzet", "Anne Le Ny"),
    "Starring Cher and Bob Hoskins": ("Cher", "Bob Hoskins"),
    "Starring Cher and Bob Hoskins, with Winona Ryder": ("Cher", "Bob Hoskins", "Winona Ryder"),
    "Starring the voices of Tom Hanks and Tim Allen": ("Tom Hanks", "Tim Allen"),
    "Cast: Lupita Nyong'o, Winston Duke, et al.": ("Lupita Nyong'o", "Winston Duke"),
    "Starring: Tony Leung Chiu-wai; Maggie Cheung": ("Tony Leung Chiu-wai", "Maggie Cheung"),
}
SENTENCES = (
    "Written by Morwenna Banks and directed by Catherine Hardwicke, the film follows two friends.",
    "Directed with verve by Catherine Hardwicke.",
    "Director Catherine Hardwicke makes her best film.",
    "Starring in a film is hard.",
    "With Toni Collette in the lead, nothing can go wrong.",
    "Directed by a committee, it seems.",
    "Stars fall from the sky.",
    "Cast away on an island, he talks to a ball.",
    "Written by hand, the letters arrive.",
    "Year after year they meet.",
    "Music by night, silence by day.",
    "Director",
    "### Cast",
    "Script: poor. Direction: worse.",
)


def found(text: str) -> Found:
    """What is found in a Markdown text with a paragraph below it."""
    return find([*text.split("\n\n"), "It made me laugh."])


@pytest.mark.parametrize("text", OF_MISS_YOU_ALREADY)
def test_credits_are_found_and_their_lines_taken_out(text: str) -> None:
    assert found(text) == (MISSED, ["It made me laugh."])


@pytest.mark.parametrize("line", LISTS)
def test_names_are_told_apart(line: str) -> None:
    assert found(line) == (Credits(directed_by=LISTS[line]), ["It made me laugh."])


@pytest.mark.parametrize("line", CASTS)
def test_names_of_a_cast_are_told_apart(line: str) -> None:
    assert found(line) == (Credits(starring=CASTS[line]), ["It made me laugh."])


@pytest.mark.parametrize(
    "label",
    [
        "Written and directed by",
        "Written & Directed by",
        "Directed and written by",
        "Writer/Director:",
        "Writer-director:",
        "Written/Directed by",
    ],
)
def test_one_who_did_both_is_named_under_both(label: str) -> None:
    assert found(f"{label} Greta Gerwig").credits == Credits(("Greta Gerwig",), ("Greta Gerwig",))


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_is_no_line_of_credits(sentence: str) -> None:
    assert found(sentence) == (Credits(), [sentence, "It made me laugh."])


@pytest.mark.parametrize("line", ["Brilliant.", "It is poor.", "### Music", "Music by night, silence by day."])
def test_a_line_below_a_label_or_credits_is_text_unless_it_names_somebody(line: str) -> None:
    assert find(["### Script", line]) == (Credits(), ["### Script", line])
    assert find([f"Directed by Tom Hooper\n{line}"]) == (Credits(directed_by=("Tom Hooper",)), [line])


def test_only_the_label_goes_where_names_follow_in_the_next_paragraph() -> None:
    assert find(["It is long.\nDirected by", "Tom Hooper\nIt is furry."]) == (
        Credits(directed_by=("Tom Hooper",)),
        ["It is long.", "It is furry."],
    )
    assert find(["Fur.", "Directed by Tom Hooper. Cast:", "Judi Dench"]) == (
        Credits(directed_by=("Tom Hooper",), starring=("Judi Dench",)),
        ["Fur."],
    )


def test_facts_of_the_film_go_with_its_credits() -> None:
    facts = "Directed by Tom Hooper\nRated PG for fur\nMusic by Andrew Lloyd Webber\nRuntime: 110 min\n\nFur."

    assert find(facts.split("\n\n")) == (Credits(directed_by=("Tom Hooper",)), ["Fur."])


def test_who_wrote_the_story_is_named_with_who_wrote_the_script() -> None:
    assert found("Story by Pete Docter\nScreenplay by Meg LeFauve, Josh Cooley and Pete Docter").credits.written_by == (
        "Pete Docter",
        "Meg LeFauve",
        "Josh Cooley",
    )


def test_a_text_on_several_films_names_nobody() -> None:
    two = "Directed by Greta Gerwig\n\nOne.\n\nDirected by Tom Hooper\n\nStarring Judi Dench\n\nStarring Saoirse Ronan"

    assert found(two).credits == Credits()


def test_what_a_page_says_for_machines() -> None:
    assert from_facts({"film.directed_by": "Tom Hooper", "film.starring": "Judi Dench\nIan McKellen"}) == Credits(
        directed_by=("Tom Hooper",), starring=("Judi Dench", "Ian McKellen")
    )


@given(
    st.lists(
        st.sampled_from((*OF_MISS_YOU_ALREADY, *LISTS, *SENTENCES, ",", "and", "Jr.", "**", "\n", ":"))
        | st.text(max_size=8),
        max_size=6,
    )
)
def test_any_text_gives_credits_that_can_be_kept(parts: list[str]) -> None:
    named = find(["".join(parts), *parts]).credits

    for names in (named.written_by, named.directed_by, named.starring):
        assert len(names) <= MAX_NAMES
        assert all(name.strip() and len(name) <= MAX_NAME + 5 for name in names)
