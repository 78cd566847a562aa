"""A shelf of sources as varied as the web: each gives exactly the fields that are in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
import yaml

from bot.reviews.importers.page import read_page
from bot.reviews.importers.post import Post
from bot.reviews.importers.reading import read_post
from bot.reviews.importers.repair import decode

if TYPE_CHECKING:
    from bot.reviews.importers.post import Reading

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
EXPECTED: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "corpus.yaml").read_text(encoding="utf-8"))
ALWAYS = (
    "title",
    "year",
    "critic",
    "half_sheep",
    "quote",
    "quote_by",
    "genres",
    "url",
    "image_url",
    "published",
    "spoilers",
)
CREDITS = ("written_by", "directed_by", "starring")
WHERE_GIVEN = ("slug", "body")


def reading(name: str) -> Reading:
    """What is read of a source of the corpus."""
    text = decode((CORPUS / name).read_bytes())
    known = EXPECTED[name].get("post")
    if known is None:
        return read_post(read_page(text, None, name, plain=name.endswith(".txt")))
    return read_post(Post(guid=name, body=text, **known))


def fields(name: str) -> dict[str, object]:
    """The fields that were found, as the table of what is expected has them."""
    found = reading(name)
    if not found.review:
        return {"skipped": found.skipped}
    values: dict[str, Any] = {field: getattr(found.review, field) for field in (*ALWAYS, *WHERE_GIVEN)}
    values |= {field: getattr(found.review.credits, field) for field in CREDITS}
    # YAML knows lists, and no tuples.
    return {
        field: list(cast("tuple[str, ...]", value)) if isinstance(value, tuple) else value
        for field, value in values.items()
        if value
    }


@pytest.mark.parametrize("name", EXPECTED)
def test_exactly_the_fields_that_are_in_a_source_are_found(name: str) -> None:
    expected = {field: value for field, value in EXPECTED[name].items() if field != "post"}
    found = fields(name)

    assert {field: value for field, value in found.items() if field in expected or field not in WHERE_GIVEN} == expected


def test_every_source_has_its_row(capsys: pytest.CaptureFixture[str]) -> None:
    assert sorted(EXPECTED) == sorted(path.name for path in CORPUS.iterdir())

    shown = ("title", "year", "critic", "half_sheep", *CREDITS, "quote", "genres")
    lines = [f"{'source':24}" + "".join(f"{field[:10]:>11}" for field in shown)]
    for name in EXPECTED:
        found = fields(name)
        said = found.get("skipped") or "".join(f"{'yes' if found.get(field) else '-':>11}" for field in shown)
        lines.append(f"{name:24}{said:>11}")
    with capsys.disabled():
        print("", *lines, sep="\n")  # noqa: T201 - the table is what the test is for
