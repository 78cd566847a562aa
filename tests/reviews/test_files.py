"""Review files: the sound ones are read whole, and every problem says where it is and what to do."""

# ruff: noqa: RUF001 - look-alikes of ASCII are what members and forgers type

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.reviews import files
from bot.reviews.files import Problem, ReviewFileError, read_file, read_folder
from bot.reviews.model import Credits, Review
from tests.conftest import REVIEWS

if TYPE_CHECKING:
    from pathlib import Path

LINES = st.sampled_from(
    [
        *(
            b"---",
            b"title: x",
            b"title: [",
            b"title: {a",
            b"? [a]",
            b": b",
            b"year: 1917",
            b"sheep: 4.5",
            b"- x",
            b"x: |",
        ),
        *(b"starring: &a [*a]", b"<<: *a", b"%YAML 1.1", b"...", b"!!python/object:os.system x", b'"\\U00110000": 1'),
        *(
            b'title: "\\ud800"',
            b"\x00",
            b"\xff",
            b"\xef\xbb\xbf",
            b"\x85",
            b"\t",
            b"  ",
            b"'",
            b'"',
            b"#",
            b"@",
            b"`",
            b"",
        ),
    ]
) | st.binary(max_size=12)
FILES = st.lists(LINES, max_size=12).map(b"\n".join)
FRONTS = FILES.map(b"---\ntitle: x\n%s\n---\nIt was a film.".__mod__)


def write(folder: Path, front: str | bytes, body: str | bytes = "It was a film.", name: str = "film.md") -> Path:
    """A review file with these facts and this text."""
    front, body = (part if isinstance(part, bytes) else part.encode() for part in (front, body))
    path = folder / name
    path.write_bytes(b"---\n" + front + b"\n---\n\n" + body)
    return path


def problems(path: Path) -> list[str]:
    """What is said to be wrong with a file, as ``line: message``."""
    with pytest.raises(ReviewFileError) as caught:
        read_file(path)
    said = [str(problem) for problem in caught.value.problems]
    assert str(caught.value) == "; ".join(said)
    assert all(line.startswith(f"{path}:") and "\n" not in line for line in said)
    return [line.removeprefix(f"{path}:") for line in said]


# --- sound files


def test_a_full_file_is_read_whole(tmp_path: Path) -> None:
    facts = """\
title: Miss You Already
year: 2015
critic: Joseph
sheep: 3.5
quote: "Now: laugh."
quote_by: Ace
written_by: Morwenna Banks
directed_by: [Catherine Hardwicke]
starring:
  - Toni Collette
  - Drew Barrymore
genres: [drama]
url: https://example.com/a?b=c#d
image: HTTPS://EXAMPLE.com/é.png
published: 2015-09-15
aliases: Miss U
spoilers: yes"""
    body = "*First*.\n\n---\n\nLast."

    assert read_file(write(tmp_path, facts, f"\n{body}\n\n", name="miss-you-already.md")) == Review(
        slug="miss-you-already",
        title="Miss You Already",
        body=body,
        year=2015,
        critic="Joseph",
        half_sheep=7,
        quote="Now: laugh.",
        quote_by="Ace",
        credits=Credits(("Morwenna Banks",), ("Catherine Hardwicke",), ("Toni Collette", "Drew Barrymore")),
        genres=("drama",),
        url="https://example.com/a?b=c#d",
        image_url="HTTPS://EXAMPLE.com/é.png",
        published=date(2015, 9, 15),
        aliases=("Miss U",),
        spoilers=True,
    )


def test_a_title_alone_is_enough(tmp_path: Path) -> None:
    assert read_file(write(tmp_path, "title: A")) == Review(slug="film", title="A", body="It was a film.")


@pytest.mark.parametrize(
    "title", ["1917", "1e5", "null", "true", "2001-01-01", "0x10", "~", "3.10", "No", "=", "七人の侍"]
)
def test_a_title_stays_as_it_is_spelt(tmp_path: Path, title: str) -> None:
    assert read_file(write(tmp_path, f"title: {title}")).title == title


@pytest.mark.parametrize(
    ("sheep", "half"), [("0", 0), ("0.5", 1), ("1", 2), ("3.0", 6), ("4.5", 9), ("5", 10), ("5.0", 10)]
)
def test_sheep_are_counted_in_halves(tmp_path: Path, sheep: str, half: int) -> None:
    assert read_file(write(tmp_path, f"title: A\nsheep: {sheep}")).half_sheep == half


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, "title: A\nstarring:\n  - B", "One.\n\nTwo.")
    plain = read_file(path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))

    assert read_file(path) == plain
    assert plain.body == "One.\n\nTwo."


def test_tags_make_nothing_but_text(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    facts = f"title: !!python/name:os.system A\ngenres: !!python/object/apply:os.system ['touch {ran}']"

    assert read_file(write(tmp_path, facts)).title == "A"
    assert not ran.exists()


def test_anchors_can_repeat_a_name(tmp_path: Path) -> None:
    review = read_file(write(tmp_path, "title: A\nwritten_by: &her Greta Gerwig\ndirected_by: *her"))

    assert review.credits == Credits(("Greta Gerwig",), ("Greta Gerwig",))


# --- what is wrong, and where


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ("year: 2015", ["2: 'title' is missing"]),
        ("title: A\nstaring: B", ["3: 'staring' is not a key; did you mean 'starring'?"]),
        ("title: A\nwriten by: B", ["3: 'writen by' is not a key; did you mean 'written_by'?"]),
        ("Title: A", ["2: 'title' is missing", "2: 'Title' is not a key; did you mean 'title'?"]),
        ("title: A\nspoiler: yes", ["3: 'spoiler' is not a key; did you mean 'spoilers'?"]),
        ("title: A\nyear: 2015\ntitle: B", ["4: 'title' stands twice"]),
        ("title: A\nyear: MMXV", ["3: 'year': input should be a valid integer, unable to parse string as an integer"]),
        ("title: A\nyear: 1869", ["3: 'year': input should be greater than or equal to 1870"]),
        ("title: A\nyear: 2201", ["3: 'year': input should be less than or equal to 2200"]),
        ("title:", ["2: 'title': string should have at least 1 character"]),
        ('title: "\\u200b\\u2066"', ["2: 'title': has nothing that can be read"]),
        ('title: A\nquote: "B\\0"', ["3: 'quote': has nothing that can be read"]),
        ("title: " + "A" * 301, ["2: 'title': string should have at most 300 characters"]),
        ("title: [A]", ["2: 'title': input should be a valid string"]),
        ("title: A\nstarring: {B: C}", ["3: 'starring': input should be a valid tuple"]),
        ("title: A\nstarring:\n  - B\n  -", ["3: 'starring': string should have at least 1 character"]),
        ("title: A\nspoilers: perhaps", ["3: 'spoilers': input should be a valid boolean, unable to interpret input"]),
        ("title: A: B", ["2: is not YAML: mapping values are not allowed here"]),
        ("title: A\nquote: 'B", ["3: is not YAML: found unexpected end of stream"]),
        ("title: A\n\tyear: 2015", ["3: is not YAML: found character '\\t' that cannot start any token"]),
        ("title: A\nquote: \x07", ["3: holds a character that no text has"]),
        ("title: A\n? [B]\n: C", ["3: is not YAML: found unhashable key"]),
        ('title: "\\U00110000"', ["2: is not YAML that can be read"]),
        ("- title", ["2: the facts must be lines of 'key: value'"]),
        ("", ["2: the facts must be lines of 'key: value'"]),
        ("title: A\nstarring: &a [*a]", ["3: is not YAML: found unconstructable recursive node"]),
        ("title: A\n<<: {year: 2015}", ["3: '<<' is not a key; did you mean 'title'?"]),
    ],
)
def test_a_problem_names_its_line_its_key_and_the_remedy(tmp_path: Path, facts: str, said: list[str]) -> None:
    assert problems(write(tmp_path, facts)) == said


@pytest.mark.parametrize(
    "sheep", ["3.3", "5.5", "6", "-1", "４", "04", "4.50", ".5", "4,5", "four", "½", "4 ", "1e0", ""]
)
def test_sheep_that_are_no_halves_from_0_to_5_are_refused(tmp_path: Path, sheep: str) -> None:
    assert problems(write(tmp_path, f"title: A\nsheep: '{sheep}'")) == [
        "3: 'sheep': must be from 0 to 5 sheep, in halves"
    ]


@pytest.mark.parametrize(
    "address",
    [
        *(
            "example.com",
            "ftp://example.com",
            "javascript:alert(1)",
            "http:example.com",
            "https:///example.com",
            "https://",
        ),
        *("https://example.com/a b", "https://example.com/\u200b", "https://[::1", "//example.com", "https://a\\tb"),
    ],
)
def test_an_address_that_discord_would_refuse_is_refused_here(tmp_path: Path, address: str) -> None:
    assert problems(write(tmp_path, f'title: A\nurl: "{address}"')) == [
        "3: 'url': must be a web address with http:// or https://, and with %20 for each space"
    ]


def test_all_problems_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    facts = "year: x\nsheep: 6\ncast: B\nyear: 2015\nurl: nowhere"

    said = problems(write(tmp_path, facts, "", name="Bad Name.md"))

    lines = [int(line.split(":")[0]) for line in said]
    assert sorted(lines) == [1, 2, 3, 4, 5, 6, 7]
    assert "the file's name" in said[0]


def test_all_problems_of_a_folder_are_told_at_once_and_the_sound_files_read(tmp_path: Path) -> None:
    write(tmp_path, "title: A", name="a.md")
    write(tmp_path, "title: B\nyear: x\nsheep: 6", name="b.md")
    write(tmp_path, "title: [", name="c.md")
    (tmp_path / "d.md").mkdir()
    (tmp_path / "e.md").symlink_to(tmp_path / "nowhere")
    (tmp_path / "notes.txt").write_text("not a review")

    reviews, found = read_folder(tmp_path)

    assert [review.slug for review in reviews] == ["a"]
    assert [problem.path.name for problem in found] == ["b.md", "b.md", "c.md", "d.md", "e.md"]
    assert [problem.line for problem in found] == [3, 4, 2, 1, 1]
    assert [problem.message for problem in found[3:]] == [
        "cannot be read: Is a directory",
        "cannot be read: No such file or directory",
    ]


@pytest.mark.parametrize(
    "name", ["Film.md", "a--b.md", "-a.md", "a_b.md", "a b.md", "film-é.md", "１.md", f"{'a' * 81}.md"]
)
def test_a_file_whose_name_is_no_slug_is_refused(tmp_path: Path, name: str) -> None:
    (said,) = problems(write(tmp_path, "title: A", name=name))

    assert said.startswith("1: the file's name must be lower-case letters and digits joined by hyphens, up to 80")


@pytest.mark.parametrize(
    "content", [b"", b"title: A", b"---\ntitle: A", b"\n---\ntitle: A\n---\nB", b"---\rtitle: A\r---\rB"]
)
def test_a_file_without_its_two_fences_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "film.md"
    path.write_bytes(content)

    assert problems(path) == ["1: must begin with its facts between two lines of ---"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "3: has no text below its facts"),
        (b" \n\t\n", "3: has no text below its facts"),
        (b"One.\nTw\x00.", "6: holds a character that no text has"),
        (b"One.\nTw\xf6.", "6: is not UTF-8 text; save it as UTF-8"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "5: is not UTF-8 text; save it as UTF-8"),
    ],
)
def test_a_body_that_is_no_text_is_refused(tmp_path: Path, body: bytes, said: str) -> None:
    assert problems(write(tmp_path, "title: A", body)) == [said]


def test_a_file_is_read_up_to_256_kib(tmp_path: Path) -> None:
    path = write(tmp_path, "title: A", "a")
    room = files.MAX_FILE_BYTES - path.stat().st_size + 1

    assert len(read_file(write(tmp_path, "title: A", "a" * room)).body) == room
    assert problems(write(tmp_path, "title: A", "a" * (room + 1))) == ["1: the file is larger than 256 KiB"]


@pytest.mark.parametrize("bracket", ["[", "{", "- ", "? ", "a: {"])
def test_yaml_nested_without_end_is_refused(tmp_path: Path, bracket: str) -> None:
    (said,) = problems(write(tmp_path, "title: " + bracket * 1000))

    assert "is not YAML" in said


@pytest.mark.timeout(5)
def test_a_yaml_bomb_does_not_go_off(tmp_path: Path) -> None:
    levels = [f"  - &l{level} [{', '.join([f'*l{level - 1}'] * 9)}]" for level in range(1, 30)]
    facts = "\n".join(["title: A", "starring:", "  - &l0 [lol]", *levels])

    said = problems(write(tmp_path, facts))

    assert set(said) == {"3: 'starring': input should be a valid string"}


@given(FILES | FRONTS | st.binary(max_size=200))
@example(b"---\n? [a]\n: b\n---\nx")
@example(b'---\n"\\ud800": 1\n---\nx')
def test_no_bytes_do_more_than_be_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.md"
    path.write_bytes(content)
    review: Review | None = None
    found: list[Problem] = []
    try:
        review = read_file(path)
    except ReviewFileError as error:
        found = error.problems

    if review:
        assert review.title
        assert review.body
        assert re.fullmatch("[0-9a-f]{64}", review.content_hash())
    else:
        line_ends = sum(map(content.count, (b"\n", b"\r", b"\x85", b"\xe2\x80")))
        assert found
        assert all(1 <= problem.line <= line_ends + 2 for problem in found)


# --- the shelf that ships


def test_the_twelve_reviews_that_ship_are_sound() -> None:
    reviews, found = read_folder(REVIEWS)

    assert found == []
    assert len(reviews) == 12
    for review in reviews:
        assert 150 <= len(review.body.split()) <= 400, review.slug
        assert review.year
        assert review.half_sheep is not None
        assert review.credits.written_by
        assert review.credits.directed_by
        assert review.credits.starring


def test_the_review_of_miss_you_already_has_the_facts_of_the_site() -> None:
    review = read_file(REVIEWS / "miss-you-already.md")

    assert (review.title, review.year, review.half_sheep) == ("Miss You Already", 2015, 8)
    assert review.credits == Credits(
        written_by=("Morwenna Banks",),
        directed_by=("Catherine Hardwicke",),
        starring=("Toni Collette", "Drew Barrymore", "Dominic Cooper"),
    )
    assert (review.quote, review.quote_by) == ("You and your scars are beautiful.", "Ace")
    assert review.url == "https://blacksheepreviews.com/miss-you-already-tiff15-review/"


def test_facts_that_are_a_book_are_refused(tmp_path: Path) -> None:
    assert problems(write(tmp_path, f"title: A\n# {'a' * 16 * 1024}")) == ["1: the facts are longer than 16 KiB"]
