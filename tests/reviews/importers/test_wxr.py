"""Export files of WordPress: what they hold, where they break off, and those that mean harm."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING
from weakref import ref

import pytest

from bot.errors import SourceError
from bot.reviews.importers import wxr
from bot.reviews.importers.wxr import Export, children
from tests.reviews.importers.samples import Sample, export, samples

if TYPE_CHECKING:
    from pathlib import Path
    from xml.etree.ElementTree import Element

    from bot.reviews.importers.post import Post


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "export.xml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


async def read(path: Path) -> tuple[list[Post], str | None]:
    """The posts of an export, and how it ended where it failed."""
    posts: list[Post] = []
    try:
        async for post in Export(path).posts():
            posts.append(post)  # noqa: PERF401 - those before an error count too
    except SourceError as error:
        return posts, error.told
    return posts, None


async def test_a_post_is_read_with_its_author_its_picture_and_its_fields(tmp_path: Path) -> None:
    sample = Sample(number=7)
    path = write(tmp_path, export([sample]))

    (post,), failed = await read(path)

    assert failed is None
    assert (post.guid, post.url, post.title, post.body) == (sample.guid, sample.url, sample.name, sample.body)
    assert (post.author, post.categories) == ("Dolly W.", ("Drama",))
    assert post.published == datetime(2015, 9, 20, 10, tzinfo=UTC)
    assert post.modified == datetime(2024, 5, 2, 10, tzinfo=UTC)
    assert post.image_url == "https://baa.example/7.jpg"
    assert post.meta == {"_thumbnail_id": "9007"}
    assert (Export(path).home, Export(path).total) == ("baa.example", 1)


async def test_only_what_is_published_comes_out(tmp_path: Path) -> None:
    states = ("draft", "private", "pending", "future", "trash", "inherit")
    posts = [Sample(number=number, status=status) for number, status in enumerate(states, start=2)]
    locked = Sample(number=99, password="baa")  # noqa: S106 - it opens nothing
    path = write(tmp_path, export([Sample(number=1), *posts, locked]))

    found, failed = await read(path)

    assert [post.guid for post in found] == [Sample(number=1).guid]
    assert failed is None


async def test_characters_that_xml_forbids_are_left_out(tmp_path: Path) -> None:
    (post,), failed = await read(write(tmp_path, export([Sample(number=1, text="a\x08b\x0bc")])))
    assert "abc" in post.body
    assert failed is None


async def test_an_export_that_breaks_off_gives_what_came_before_and_says_where(tmp_path: Path) -> None:
    text = export(samples(20))
    found, failed = await read(write(tmp_path, text[: text.index("The Shepherd 11")]))

    assert len(found) == 10
    assert failed == "export.xml is damaged or breaks off in line 13; what stands before it was read."


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("<item><title>&nope;</title></item>", "is damaged or breaks off in line"),
        ("<item><b></item>", "is damaged or breaks off in line"),
        ("<item>" + "<b>" * 200_000, "more in one place"),
        ("<item>" + "<b/>" * 400 + "</item>", "more in one place"),
    ],
)
async def test_damage_ends_in_one_sentence_behind_what_is_sound(
    tmp_path: Path, bad: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wxr, "MAX_ELEMENTS", 400)
    found, failed = await read(write(tmp_path, export(samples(2)).replace("</channel>", bad + "</channel>")))

    assert len(found) == 2
    assert failed
    assert why in failed
    assert failed.startswith("export.xml ")
    assert "\n" not in failed


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd">',
    ],
)
async def test_entities_are_refused_before_anything_is_read(tmp_path: Path, declared: str) -> None:
    found, failed = await read(write(tmp_path, export(samples(1)).replace("?>\n", f"?>\n{declared}\n", 1)))

    assert not found
    assert failed == "export.xml declares a document type or entities, which no export does."


async def test_an_encoding_that_there_is_not_is_told_of(tmp_path: Path) -> None:
    _, failed = await read(write(tmp_path, export(samples(1)).replace("UTF-8", "baa")))
    assert failed
    assert failed.startswith("export.xml is ")


def test_of_a_long_file_only_what_is_being_read_is_in_memory() -> None:
    seen: list[ref[Element]] = []
    for element in children(BytesIO(export(samples(60)).encode()), "export"):
        seen.append(ref(element))
        assert sum(1 for one in seen if one() is not None) <= 2
    assert len(seen) == 124
