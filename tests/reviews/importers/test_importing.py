"""Imports from beginning to end: what is written, what stays as it is, and what is told."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from click.testing import CliRunner
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cli import cli
from bot.errors import TransferError
from bot.reviews.files import read_folder
from bot.reviews.importers import ledger, shelving
from bot.reviews.importers.commands import LOCK
from bot.reviews.importers.ledger import NAME
from bot.reviews.importers.post import Post
from bot.reviews.importers.running import Run
from bot.reviews.importers.shelving import Act, Shelf
from bot.reviews.writing import put
from tests.reviews.importers.samples import PAGE, Sample, WordPressSite, export, feed, news, samples
from tests.ui.nasty import texts

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from tests.site import Site


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder of reviews."""
    folder = tmp_path / "reviews"
    folder.mkdir()
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Every file that is there, by its name."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def reviews(folder: Path) -> dict[str, Any]:
    """Every review that is there, by its title; no file has a problem."""
    found, problems = read_folder(folder)
    assert not problems
    return {review.title: review for review in found}


async def run(folder: Path, *sources: object, site: Site | None = None, dry_run: bool = False) -> list[str]:
    """Import, and give what failed."""
    return await Run(folder, site.listed if site else None, dry_run=dry_run).take(map(str, sources))


async def test_a_whole_site_comes_in_and_the_second_time_nothing_changes(
    site: Site, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    WordPressSite(site, [*samples(120), news(121)])
    assert await run(folder, site.url, site=site) == []
    first = contents(folder)
    out = capsys.readouterr().out
    assert "120 added, 0 changed, 0 unchanged, 1 skipped." in out
    assert "skipped    News of the site " in out

    assert await run(folder, site.url, site=site) == []

    assert contents(folder) == first
    assert "0 added, 0 changed" in capsys.readouterr().out
    found = reviews(folder)["The Shepherd 7"]
    assert (found.year, found.half_sheep, found.critic) == (1987, 8, "Dolly")
    assert (found.credits.directed_by, found.url) == (("Bo Lamb",), "https://baa.example/7/")
    assert found.body.count("nobody counts it") == 1


async def test_what_changed_is_changed_what_was_corrected_is_not_and_what_is_gone_stays(
    site: Site, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wordpress = WordPressSite(site, samples(5))
    await run(folder, site.url, site=site)
    before = {name: raw for name, raw in contents(folder).items() if name.endswith(".md")}
    one, two, three, four, five = sorted(before)
    (folder / two).write_bytes(before[two].replace(b"nobody", b"somebody"))
    (folder / three).unlink()
    for number in (1, 2, 3):
        changed = replace(wordpress.posts[number], sheep="1 sheep", modified="2024-07-01T00:00:00")
        wordpress.posts[number] = changed
    del wordpress.posts[5]
    wordpress.posts[6] = Sample(number=6, modified="2024-07-01T00:00:00")
    capsys.readouterr()

    assert await run(folder, site.url, site=site) == []

    after = contents(folder)
    assert b"sheep: 1" in after[one]
    assert b"somebody" in after[two]
    assert b"sheep: 4" in after[two]
    assert three not in after
    assert (after[four], after[five]) == (before[four], before[five])
    out = capsys.readouterr().out
    assert "corrected by hand, left as it is" in out
    assert "deleted by hand" in out
    assert f"gone       {five.removesuffix('.md')} " in out
    assert "1 added, 1 changed" in out


async def test_an_import_that_failed_half_way_goes_on(
    site: Site, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wordpress = WordPressSite(site, samples(130))
    wordpress.breaks_behind = 100
    assert await run(folder, site.url, site=site) == [f"{site.url}/wp-json/wp/v2/posts answers with status 503."]
    assert json.loads((folder / NAME).read_text())["marks"] == {}
    first = contents(folder)
    assert len(first) == 101

    wordpress.breaks_behind = None
    assert await run(folder, site.url, site=site) == []

    assert len(reviews(folder)) == 130
    assert contents(folder).items() >= {name: raw for name, raw in first.items() if name != NAME}.items()
    assert "30 added, 0 changed, 100 unchanged" in capsys.readouterr().out
    assert json.loads((folder / NAME).read_text())["marks"] == {f"{site.url}/wp-json/": "2024-05-01T10:00:00Z"}


async def test_a_run_that_was_killed_before_it_could_say_what_it_wrote_goes_on(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "export.xml").write_text(export(samples(9)), encoding="utf-8")
    await run(folder, tmp_path / "export.xml")
    whole = contents(folder)
    (folder / NAME).unlink()
    name = next(iter(sorted(whole.keys() - {NAME})))
    (folder / name).unlink()
    (folder / f".{name}.part").write_bytes(b"half of i")

    await run(folder, tmp_path / "export.xml")

    assert contents(folder) == whole


async def test_a_run_that_is_stopped_ends_at_once_and_keeps_what_it_did(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "export.xml").write_text(export(samples(9)), encoding="utf-8")
    running = asyncio.create_task(run(folder, tmp_path / "export.xml"))
    for _ in range(3):
        await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    kept = json.loads((folder / NAME).read_text())["posts"]["baa.example"]
    assert 0 < len(kept) == len(reviews(folder)) < 9


async def test_another_version_asks_for_all_again(
    site: Site, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    WordPressSite(site, [*samples(2), Sample(number=3, modified="2025-01-01T00:00:00")])
    await run(folder, site.url, site=site)
    before = contents(folder)
    monkeypatch.setattr(ledger, "__version__", "9.9")

    await run(folder, site.url, site=site)

    assert "3 unchanged" in capsys.readouterr().out
    assert contents(folder).keys() == before.keys()


async def test_a_disk_that_fails_is_told_of_and_nothing_is_held_for_imported_that_is_not(
    site: Site, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    WordPressSite(site, samples(3))

    def full(folder: Path, slug: str, raw: bytes) -> None:
        if slug.startswith("the-shepherd-2"):
            raise OSError(28, "No space left on device", str(folder))
        put(folder, slug, raw)

    monkeypatch.setattr(shelving, "put", full)
    with pytest.raises(OSError, match="No space left"):
        await run(folder, site.url, site=site)
    monkeypatch.undo()
    kept = json.loads((folder / NAME).read_text())
    assert (kept["marks"], len(reviews(folder))) == ({}, 2)

    assert await run(folder, site.url, site=site) == []
    assert len(reviews(folder)) == 3


async def test_the_same_reviews_from_an_export_then_the_site_and_its_feed_are_there_once(
    site: Site, tmp_path: Path, folder: Path
) -> None:
    (tmp_path / "export.xml").write_text(export(samples(3)), encoding="utf-8")
    (tmp_path / "feed.xml").write_text(feed(samples(3)), encoding="utf-8")
    WordPressSite(site, samples(3))
    assert await run(folder, tmp_path / "export.xml", site.url, tmp_path / "feed.xml", site=site) == []
    assert len(reviews(folder)) == 3


async def test_films_of_one_name_get_their_own_files_and_a_review_by_hand_stays(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = "---\ntitle: The Shepherd\nyear: 2001\ncritic: Dolly W.\n---\n\nBy hand.\n"
    first = Shelf(folder, dry_run=True).take("x", "x", post(Sample(number=1, title="The Shepherd (2001)"))).slug
    assert first
    (folder / f"{first}.md").write_text(mine, encoding="utf-8")
    posts = [
        Sample(number=1, title="The Shepherd (2001)"),  # there already
        Sample(number=2, title="The Shepherd (2002)"),
        Sample(number=3, title="The Shepherd (2002)", text="Seen again, and liked less."),
        Sample(number=4, title="The Shepherd (2001)", text="Of another film of that year, says nobody."),
    ]
    (tmp_path / "export.xml").write_text(export(posts), encoding="utf-8")
    for _ in range(2):
        await run(folder, tmp_path / "export.xml")

    assert (folder / f"{first}.md").read_text(encoding="utf-8") == mine
    assert contents(folder).keys() == {
        *(NAME, "the-shepherd-2001.md", "the-shepherd-2002.md", "the-shepherd-2002-2.md")
    }
    assert "there already, left as it is" in capsys.readouterr().out


async def test_a_dry_run_shows_a_table_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "export.xml").write_text(
        export([Sample(number=1), Sample(number=2, sheep=""), news(3, "\x1b[2J News")]),
        encoding="utf-8",
    )
    before = contents(tmp_path)

    assert await run(tmp_path / "nowhere", tmp_path / "export.xml", dry_run=True) == []

    assert contents(tmp_path) == before
    out = capsys.readouterr().out
    head, *rows, summary, missing = out.splitlines()
    assert head.split() == ["review", "sheep,", "or", "why", "not", "fields"]
    assert rows[0].startswith("added ")
    assert '4 sheep: "4 sheep" (' in rows[0]
    assert "no sheep" in rows[1]
    assert "not found: " in rows[1]
    assert "sheep" in rows[1].split("not found: ")[1]
    assert rows[2].startswith("skipped ")
    assert "2 would be added, 0 would be changed, 0 unchanged" in summary
    assert missing.startswith("Fields that were not found: ")
    assert "\x1b" not in out


async def test_a_source_that_fails_does_not_hold_up_the_others(site: Site, tmp_path: Path, folder: Path) -> None:
    (tmp_path / "cut.xml").write_text(export(samples(9))[:-2000], encoding="utf-8")
    (tmp_path / "laughs.xml").write_text(
        export([]).replace("?>\n", '?>\n<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>\n'), encoding="utf-8"
    )
    site.answers["/deep/"] = web.Response(text="<div>" * 200_000, headers={"Content-Type": PAGE})
    site.answers["/10/"] = web.Response(text=Sample(number=10).page(), headers={"Content-Type": PAGE})
    sources = ["nowhere", tmp_path / "cut.xml", f"{site.url}/none", tmp_path / "laughs.xml", "http://127.0.0.1/"]

    failed = await run(folder, *sources, f"{site.url}/deep/", f"{site.url}/10/", site=site)

    assert len(failed) == len(sources)
    assert all(one.endswith(".") and one.isprintable() for one in failed)
    assert {"The Shepherd 1", "The Shepherd 10"} <= reviews(folder).keys()


async def test_two_pages_that_call_themselves_the_same_do_not_change_each_other_for_ever(
    tmp_path: Path, folder: Path
) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    link = "<link rel='canonical' href='https://baa.example/1/'></head>"
    for name, text in (("a", "Seen once, in the hills."), ("b", "Seen twice, by the sea.")):
        page = Sample(number=1, text=text).page().replace("</head>", link)
        (pages / f"{name}.html").write_text(page, encoding="utf-8")
    await run(folder, pages)
    first = contents(folder)
    await run(folder, pages)
    assert contents(folder) == first
    assert len(reviews(folder)) == 1


@pytest.mark.parametrize("kept", ["{", "[]", '{"version": 2, "by": "9", "posts": {}, "marks": {}}', "\ud800"])
async def test_a_ledger_that_cannot_be_read_is_told_of(folder: Path, kept: str) -> None:
    (folder / NAME).write_bytes(kept.encode(errors="surrogatepass"))
    with pytest.raises(TransferError, match=r"\.imported\.json is "):
        await run(folder, "x")


def post(sample: Sample) -> Post:
    """A sample as sources give it."""
    return Post(guid=sample.guid, title=sample.name, body=sample.body, url=sample.url, author="Dolly W.")


@given(
    st.lists(
        st.builds(
            Post,
            guid=texts,
            title=texts | st.just("A Film (1999)"),
            body=texts.map(lambda text: f"{Sample(number=1).body}{text}") | texts,
            plain=st.booleans(),
            url=st.none() | texts,
            author=st.none() | texts,
        ),
        max_size=3,
    )
)
@settings(max_examples=40)
def test_no_post_does_more_than_become_a_sound_file_or_be_skipped(
    tmp_path_factory: pytest.TempPathFactory, posts: list[Post]
) -> None:
    root = tmp_path_factory.mktemp("shelf")
    shelf = Shelf(root / "reviews")
    (root / "reviews").mkdir()
    outcomes = [shelf.take("baa.example", "feed", one) for one in posts]
    shelf.close()

    found, problems = read_folder(root / "reviews")
    assert not problems
    assert len(found) == sum(outcome.act is Act.ADDED for outcome in outcomes)
    assert {path.name for path in root.iterdir()} == {"reviews"}
    assert {path.suffix for path in (root / "reviews").iterdir()} <= {".md", ".json"}


async def test_the_command_goes_only_where_the_operator_lets_it(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    WordPressSite(site, samples(2))

    def command() -> Result:
        return CliRunner().invoke(cli, ["reviews", "import", site.url, "--folder", "mine"])

    refused = await asyncio.to_thread(command)
    assert (refused.exit_code, refused.stderr.count("\n")) == (9, 1)
    assert "leads to an address that is not public" in refused.stderr
    assert not site.asked
    monkeypatch.setenv("FETCH_ALLOW", f"127.0.0.1:{site.port}")
    done = await asyncio.to_thread(command)
    assert done.exit_code == 0
    assert "2 added" in done.stdout


def test_the_command_says_what_it_did_and_what_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REVIEWS_PATH", "mine")
    (tmp_path / "export.xml").write_text(export(samples(2)), encoding="utf-8")

    dry = CliRunner().invoke(cli, ["reviews", "import", "--dry-run", "export.xml"])
    assert (dry.exit_code, dry.output.count("\nadded ")) == (0, 2)
    assert not (tmp_path / "mine").exists()
    done = CliRunner().invoke(cli, ["reviews", "import", "export.xml", "--folder", "other"])
    assert (done.exit_code, len(reviews(tmp_path / "other"))) == (0, 2)
    failed = CliRunner().invoke(cli, ["reviews", "import", "no-where", "export.xml"])
    assert failed.exit_code == 9
    assert len(reviews(tmp_path / "mine")) == 2
    assert failed.stderr == (
        "sheepbot: no-where is neither a file or folder that is there nor an address with https://."
        " The others were read.\n"
    )
    both = CliRunner().invoke(cli, ["reviews", "import", "no-where", "nor-here"])
    assert [line.split()[0] for line in both.stderr.splitlines()] == ["no-where", "nor-here", "sheepbot:"]
    assert both.stderr.endswith("sheepbot: 2 sources could not be read, see above.\n")
    assert CliRunner().invoke(cli, ["reviews", "import"]).exit_code == 2
    with FileLock(tmp_path / "mine" / LOCK):
        busy = CliRunner().invoke(cli, ["reviews", "import", "export.xml"])
    assert (busy.exit_code, busy.stderr.count("\n")) == (9, 1)
    assert "Another import is at work in mine" in busy.stderr
    (tmp_path / "mine" / NAME).unlink()
    (tmp_path / "mine" / NAME).mkdir()
    broken = CliRunner().invoke(cli, ["reviews", "import", "export.xml"])
    assert (broken.exit_code, broken.stderr.count("\n")) == (9, 1)
