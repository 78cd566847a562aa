"""What critics type: read as a review, or refused in a sentence; and typed again as the same review."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.drafts import LIMITS, LINES, Draft, Typed, base_of, from_form, read, slug_of, typed
from bot.errors import InputError
from bot.reviews.files import MAX_SLUG, SLUG, read_file
from bot.reviews.model import Credits, Review
from bot.reviews.writing import written
from tests.ui.nasty import blanks, long_texts, texts

SAID = Typed(
    title="Miss You Already (2015)",
    sheep="3.5",
    facts="Written by: Morwenna Banks\nDirected by Catherine Hardwicke\nstarring Toni Collette, Drew Barrymore and Ace",
    quote="You and your scars\n— Ace",
    body="Two friends, one *sheep*.",
)
labels = st.sampled_from([line.label for line in LINES] + ["written BY", "Huh"])
lines = st.builds("{}{}{}".format, labels, st.sampled_from([":", " ", "", ": "]), texts | st.just("A, B and C & D; E"))
facts = st.lists(lines, max_size=5).map("\n".join) | st.lists(lines, max_size=3).map(" / ".join) | texts
anything = st.builds(
    Typed,
    title=texts | blanks | st.builds("{} ({})".format, texts, st.integers(1800, 2300)) | long_texts(320),
    sheep=st.sampled_from(["", "4", "3.5", "5.5", "x", "\uff14"]),
    facts=facts | long_texts(LIMITS["facts"]),
    quote=texts | st.builds("{}\n- {}".format, texts, texts),
    body=texts | blanks | long_texts(LIMITS["body"]),
)
one_line = texts.map(lambda said: " ".join(said.split()))
likely = st.builds(
    Typed,
    title=st.builds("x{} ({})".format, texts, st.integers(1870, 2200)),
    sheep=st.sampled_from(["", "0", "0.5", "5"]),
    facts=st.builds("Starring: a{}\nGenres g{}, b and c\nReview by: d{}\nSpoilers: yes".format, *(one_line,) * 3),
    quote=st.builds("e{}\n- f{}".format, texts, texts),
    body=st.builds("f{}".format, texts),
)


def test_what_a_critic_types_is_read_as_it_is_meant() -> None:
    assert read(SAID) == Review(
        slug="miss-you-already-2015",
        title="Miss You Already",
        year=2015,
        half_sheep=7,
        credits=Credits(("Morwenna Banks",), ("Catherine Hardwicke",), ("Toni Collette", "Drew Barrymore", "Ace")),
        quote="You and your scars",
        quote_by="Ace",
        body="Two friends, one *sheep*.",
    )
    more = "Written by A / Directed by B / Starring C\nGenres: Drama\nReview by: Ann\nSpoilers yes"
    more += "\nLink: https://example.org/"
    review = read(SAID._replace(facts=more, sheep="", quote="A line. - Not hers"))
    assert review.credits == Credits(("A",), ("B",), ("C",))
    assert (review.genres, review.critic, review.url, review.spoilers) == (
        ("Drama",),
        "Ann",
        "https://example.org/",
        True,
    )
    assert (review.half_sheep, review.quote, review.quote_by) == (None, "A line. - Not hers", None)
    assert read(Typed(title="1917", body="Mud.")) == Review(slug="1917", title="1917", body="Mud.")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"title": "\u200b\u202e (2015)"}, "no title to read"),
        ({"title": "\u2800"}, "no title to read"),
        ({"title": "Cats (1815)"}, "The year must be from 1870 to 2200"),
        ({"title": "x" * 301}, "The title cannot be taken"),
        ({"sheep": "6"}, "from 0 to 5 sheep, in halves"),
        ({"body": "\u200b\n\u202e"}, "nothing to read in the review"),
        ({"facts": "Toni Collette"}, "cannot read “Toni Collette”"),
        ({"facts": "Link: example.org"}, "“Link” cannot be taken"),
        ({"facts": "Spoilers: perhaps"}, "takes *yes* or *no*"),
        ({"facts": "Review by A\nReview by B"}, "“Review by” stands twice"),
        ({"facts": f"Starring {', '.join('abcdefghij' * 4)}"}, "“Starring” cannot be taken"),
        ({"quote": "x" * 301}, "The line from the film cannot be taken"),
    ],
)
def test_what_cannot_be_taken_is_said_in_a_sentence_and_kept(changed: dict[str, str], sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        read(SAID._replace(**changed))

    assert sentence in refused.value.told
    assert "Your draft is kept" in refused.value.told
    assert len(refused.value.told) < 500


@settings(max_examples=100, deadline=None)
@given(anything | likely)
def test_whatever_is_typed_is_refused_or_comes_back_to_be_edited_and_as_a_file(said: Typed) -> None:
    try:
        review = read(said)
    except InputError:
        return
    again = typed(review)

    assert read(again, review) == review
    assert all(len(value) <= LIMITS[name] for name, value in again._asdict().items())
    assert read_file(Path(f"{review.slug}.md"), written(review)) == review
    assert Draft.unpacked(Draft(again, 5).packed()) == Draft(again, 5)


@settings(max_examples=50, deadline=None)
@given(likely)
def test_what_is_likely_to_be_typed_is_taken(said: Typed) -> None:
    review = read(said)

    assert review.spoilers
    assert review.credits.starring
    assert review.quote


def test_a_change_keeps_what_the_form_does_not_ask_for() -> None:
    former = replace(read(SAID), slug="an-old-slug", aliases=("MYA",), published=date(2015, 9, 20))

    changed = read(typed(former)._replace(title="Miss You (2016)"), former)

    assert changed == replace(former, title="Miss You", year=2016)
    assert base_of(changed) != base_of(former)


def test_a_form_is_read_whoever_forged_it() -> None:
    assert from_form({"title": 5, "body": ["x"], "sheep": None}) == Typed("", "", "", "", "")
    with pytest.raises(InputError, match="more than the form takes"):
        from_form({"body": "x" * (LIMITS["body"] + 1)})


@given(texts | long_texts(300), st.none() | st.integers(1870, 2200))
def test_a_slug_names_a_file_and_has_room_for_a_server(title: str, year: int | None) -> None:
    slug = slug_of(title, year)

    assert SLUG.fullmatch(slug)
    assert len(slug) < MAX_SLUG - 20


@settings(max_examples=20, deadline=None)
@given(likely, st.integers(0, 2**60))
def test_another_draft_has_another_version(said: Typed, base: int) -> None:
    draft = Draft(said, base)

    assert draft.version == Draft.unpacked(draft.packed()).version != Draft(said._replace(body="else"), base).version
    assert draft.version != draft._replace(base=base + 1).version
    assert 0 <= draft.version < 2**60
