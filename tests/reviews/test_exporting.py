"""``sheepbot reviews export``: what is in the database becomes files that are read back as the same reviews."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from click.testing import CliRunner

from bot.cli import cli
from bot.reviews.files import read_folder
from bot.store import open_store
from tests.store.tools import SOURCE, Sqlite, film

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from bot.reviews.model import Review

HERE, THERE = 10, 20
CATS = replace(film("cats", "Cats", 2019), half_sheep=9, genres=("Musical",), quote="Meow: meow.", critic="Ann")


async def fill(url: str) -> None:
    """Everyone's review, two of one server and one that is retired, and one of another that no file can hold."""
    store = await open_store(url)
    try:
        await store.reviews.sync(SOURCE, [film("alien", "Alien", 1979)])
        for number in range(2):
            await store.own.add(HERE, replace(CATS, body=f"Take {number}."), source="guild:10")
        own = await store.own.get(await store.own.add(HERE, film("gone"), source="guild:10"))
        assert own
        await store.own.retire(own)
        await store.own.add(THERE, film("dogs", "Dogs\0"), source="feed")
    finally:
        await store.close()


def export(*options: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["reviews", "export", *options])
    return done.exit_code, done.output


def slugs(folder: Path) -> list[str]:
    reviews, problems = read_folder(folder)
    assert problems == []
    return [review.slug for review in reviews]


def test_reviews_are_exported_as_files_that_are_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url, out, home = Sqlite(tmp_path / "x.db").url, tmp_path / "out" / "here", tmp_path / "home"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("REVIEWS_PATH", str(home))
    asyncio.run(fill(url))

    assert export(str(out), "--guild", str(HERE)) == (0, f"Exported 2 reviews to {out}.\n")
    expected: list[Review] = [
        replace(CATS, slug="cats-10", body="Take 0."),
        replace(CATS, slug="cats-10-2", body="Take 1."),
    ]
    assert read_folder(out) == (expected[::-1], [])  # by the names of the files

    (out / "cats-10.md").write_text("Changed by hand.")
    code, said = export(str(out))
    assert code == 9
    assert "dogs-20.md" in said
    assert f"Exported 3 reviews to {out}." in said
    assert "sheepbot: 1 could not be written as files" in said
    assert slugs(out) == ["alien", "cats-10-2", "cats-10"]

    home.mkdir()
    code, said = export(str(home / ".." / "home"))
    assert code == 9
    assert "would be everyone's at the next start" in said
    assert not list(home.iterdir())
    (tmp_path / "file").touch()
    code, said = export(str(tmp_path / "file" / "below"))
    assert code == 9
    assert "Check the disk" in said
