"""Review files as they are written: read back the same, whatever the text, and never outside of their folder."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.reviews.files import ReviewFileError, read_file
from bot.reviews.model import Credits, Review
from bot.reviews.writing import put, written
from tests.conftest import REVIEWS
from tests.ui.nasty import texts

FULL = Review(
    slug="the-shepherd-2019",
    title="The Shepherd: A Life",
    year=2019,
    critic="Dolly",
    half_sheep=7,
    quote="Who counts the counters?",
    quote_by="Ewe #3",
    credits=Credits(("A. Ram",), ("B. Lamb", "No"), ("2001", "null", "~", "O'Fleece, Jr.")),
    genres=("Drama",),
    url="https://sheep.example/the-shepherd/",
    image_url="https://sheep.example/x.jpg",
    published=date(2019, 2, 3),
    aliases=("---", "[x]"),
    spoilers=True,
    body="It was a film.\n\n---\n\nAnd what a film.",
)
lines = texts.map(str.strip) | st.sampled_from(
    ["---", "- x", "a: b", "#", "yes", "1e3", "0x1F", "[", "'", '"', "a\n---\nb", "\\"]
)
names = st.lists(lines, max_size=4).map(tuple)
reviews = st.builds(
    Review,
    slug=st.just("film"),
    title=lines,
    body=texts.map(str.strip),
    year=st.none() | st.integers(1870, 2200),
    critic=st.none() | lines,
    half_sheep=st.none() | st.integers(0, 10),
    quote=st.none() | lines,
    credits=st.builds(Credits, names, names, names),
    genres=names,
    published=st.none() | st.dates(),
    spoilers=st.booleans(),
)


def test_a_full_review_is_written_as_a_critic_would() -> None:
    assert written(FULL).decode() == (
        "---\ntitle: 'The Shepherd: A Life'\nyear: 2019\ncritic: Dolly\nsheep: 3.5\nquote: Who counts the counters?\n"
        "quote_by: 'Ewe #3'\nwritten_by: [A. Ram]\ndirected_by: [B. Lamb, 'No']\n"
        "starring: ['2001', 'null', '~', 'O''Fleece, Jr.']\ngenres: [Drama]\n"
        "url: https://sheep.example/the-shepherd/\nimage: https://sheep.example/x.jpg\npublished: 2019-02-03\n"
        "aliases: ['---', '[x]']\nspoilers: true\n---\n\nIt was a film.\n\n---\n\nAnd what a film.\n"
    )


def test_a_bare_review_has_no_keys_without_a_value() -> None:
    assert (
        written(Review(slug="x", title="X", body="Text.", half_sheep=0)) == b"---\ntitle: X\nsheep: 0\n---\n\nText.\n"
    )


@given(reviews)
@example(FULL)
@settings(max_examples=60)
def test_what_is_written_is_read_back_or_refused(review: Review) -> None:
    try:
        raw = written(review)
    except ReviewFileError:
        return  # the next test shows that this is not the way out of everything
    assert read_file(Path(f"{review.slug}.md"), raw) == review
    assert written(replace(review)) == raw


@given(
    st.lists(texts.filter(lambda text: text.isprintable() and text.strip() == text and text), min_size=1, max_size=3)
)
@settings(max_examples=40)
def test_text_that_can_be_read_is_never_refused(said: list[str]) -> None:
    written(
        Review(
            slug="x",
            title=said[0][:300].strip(),
            body="\n---\n".join(said),
            genres=tuple(one[:200].strip() for one in said),
        )
    )


def test_the_reviews_that_ship_are_written_as_they_are_read() -> None:
    for path in REVIEWS.glob("*.md"):
        review = read_file(path)
        assert read_file(path, written(review)) == review


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"title": "x" * 301}, "'title'"),
        ({"title": " x "}, "read back"),
        ({"body": ""}, "no text"),
        ({"body": "a\r\nb"}, "read back"),
        ({"body": "\ud800"}, "UTF-8"),
        ({"title": "\ud800x"}, "'title'"),
        ({"body": "x" * 300_000}, "larger than"),
        ({"url": "javascript:alert(1)"}, "'url'"),
        ({"slug": "../film"}, "read back"),
        ({"slug": "Film"}, "name must be"),
        ({"year": 1}, "'year'"),
    ],
)
def test_what_no_file_can_hold_is_refused_with_the_reason(change: dict[str, str], why: str) -> None:
    with pytest.raises(ReviewFileError, match=why):
        written(replace(FULL, **change))  # pyright: ignore[reportArgumentType] - some are wrong on purpose


@pytest.mark.parametrize("slug", ["../x", "/etc/x", "a/b", "", ".", "..", "A", "x" * 81, "x\n", "x.md", "a\0b", "-"])
def test_no_slug_leads_out_of_the_folder(tmp_path: Path, slug: str) -> None:
    folder = tmp_path / "reviews"
    folder.mkdir()
    with pytest.raises(ValueError, match="is no slug"):
        put(folder, slug, b"x")
    assert [path.name for path in tmp_path.rglob("*")] == ["reviews"]


def test_a_file_is_replaced_whole_and_a_link_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine", encoding="utf-8")
    folder = tmp_path / "reviews"
    folder.mkdir()
    (folder / "film.md").symlink_to(outside)
    (folder / ".film.md.part").symlink_to(outside)

    put(folder, "film", b"new")
    put(folder, "film", b"newer")

    assert (folder / "film.md").read_bytes() == b"newer"
    assert not (folder / "film.md").is_symlink()
    assert outside.read_text(encoding="utf-8") == "mine"
    assert [path.name for path in folder.iterdir()] == ["film.md"]
    (folder / "dir.md").mkdir()
    with pytest.raises(OSError, match="dir"):
        put(folder, "dir", b"x")
    assert not list(folder.glob(".*"))
