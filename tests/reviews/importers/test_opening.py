"""What a source is taken for, from its address or its path."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from bot.errors import SourceError
from bot.reviews.importers import folder as folders
from bot.reviews.importers.opening import open_source
from tests.reviews.importers.samples import PAGE, Sample, WordPressSite, export, feed, samples

if TYPE_CHECKING:
    from pathlib import Path

    from bot.fetching import Fetcher
    from bot.reviews.importers.post import Post
    from tests.site import Site

ALTERNATE = "<link rel='alternate' type='application/rss+xml' href='/feed.xml'>"


async def read(said: str | Path, fetcher: Fetcher) -> tuple[str, list[Post]]:
    """What kind of source it is, and its posts."""
    source = await open_source(str(said), fetcher, {})
    return source.kind, [post async for post in source.posts()]


def page(text: str) -> web.Response:
    return web.Response(text=text, headers={"Content-Type": PAGE})


async def test_a_page_that_is_a_review_is_taken_for_itself_though_its_site_has_more(
    site: Site, fetcher: Fetcher
) -> None:
    WordPressSite(site, samples(3))
    sample = Sample(number=1)
    site.answers["/1/"] = page(sample.page().replace("</head>", ALTERNATE + "</head>"))
    site.answers["/1/"].headers["Link"] = f'<{site.url}/wp-json/>; rel="https://api.w.org/"'

    kind, (post,) = await read(f"{site.url}/1/", fetcher)

    assert kind == "page"
    assert sample.text in post.body


async def test_a_site_without_wordpress_is_read_by_the_feed_that_it_links_to(site: Site, fetcher: Fetcher) -> None:
    site.answers["/feed.xml"] = web.Response(text=feed(samples(2)), content_type="text/xml")
    for path in ("/", "/blog/"):
        site.answers[path] = page(f"<html><head>{ALTERNATE}</head><body>Hello</body></html>")
        kind, posts = await read(site.url + path, fetcher)
        assert (kind, len(posts)) == ("feed", 2)
    assert (await read(f"{site.url}/feed.xml", fetcher))[0] == "feed"


async def test_a_site_with_nothing_to_follow_is_a_page(site: Site, fetcher: Fetcher) -> None:
    site.answers["/"] = page("<html><body>Hello</body></html>")
    kind, posts = await read(site.url, fetcher)
    assert (kind, len(posts)) == ("page", 1)
    site.answers["/"] = page(f"<html><head>{ALTERNATE}</head><body>Hello</body></html>")  # which answers 404
    assert (await read(site.url, fetcher))[0] == "page"


async def test_a_wordpress_that_shows_nothing_to_strangers_is_read_by_its_feed(site: Site, fetcher: Fetcher) -> None:
    site.answers["/wp-json/wp/v2/posts"] = web.Response(status=401)
    site.answers["/feed.xml"] = web.Response(text=feed(samples(2)))
    site.answers["/"] = page(f"<html><head>{ALTERNATE}<link rel='https://api.w.org/' href='/wp-json/'></head></html>")
    assert (await read(site.url, fetcher))[0] == "feed"


async def test_files_are_told_apart_by_what_is_in_them(tmp_path: Path, fetcher: Fetcher) -> None:
    for name, text, kind, count in (
        ("a.xml", export(samples(2)), "export", 2),
        ("b.xml", "\ufeff<!-- x -->\n" + feed(samples(3)), "feed", 3),
        ("c.html", Sample(number=1).page(), "page", 1),
        ("d.txt", "The Shepherd\n\n4 sheep", "page", 1),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        found, posts = await read(tmp_path / name, fetcher)
        assert (found, len(posts)) == (kind, count)
        assert posts[-1].plain == (name == "d.txt")


async def test_a_folder_is_read_whole_but_for_links_and_what_is_no_page(tmp_path: Path, fetcher: Fetcher) -> None:
    folder, outside = tmp_path / "pages", tmp_path / "outside"
    for where in (folder / "old", outside):
        where.mkdir(parents=True)
    for path in (folder / "b.html", folder / "old" / "a.HTM", folder / "c.md", outside / "secret.html"):
        path.write_text(Sample(number=1).page(), encoding="utf-8")
    (folder / "x.jpg").write_bytes(b"x")
    (folder / "link.html").symlink_to(outside / "secret.html")
    (folder / "linked").symlink_to(outside)
    os.mkfifo(folder / "pipe.html")

    source = await open_source(str(folder), fetcher, {})
    posts: list[Post] = []

    async def read_all() -> None:
        async for post in source.posts():
            posts.append(post)  # noqa: PERF401 - those before an error count too

    with pytest.raises(SourceError, match=r"pipe\.html is no file\.$"):
        await read_all()

    assert {post.guid for post in posts} == {"b.html", "c.md", "old/a.HTM"}
    assert source.home == str(folder)


async def test_a_folder_that_is_closed_is_told_of_and_what_lies_beside_it_is_read(
    tmp_path: Path, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in (tmp_path, tmp_path / "closed"):
        folder.mkdir(exist_ok=True)
        (folder / "a.html").write_text(Sample(number=1).page(), encoding="utf-8")
    scan = os.scandir

    def closed(path: str | Path) -> object:  # root may read all, so no mode of a folder keeps it out
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", closed)
    source = await open_source(str(tmp_path), fetcher, {})
    posts = source.posts()
    assert (await anext(posts)).guid == "a.html"
    with pytest.raises(SourceError, match=r"closed cannot be read: Permission denied\.$"):
        await anext(posts)
    with pytest.raises(SourceError, match=r"closed cannot be read: Permission denied\.$"):
        await open_source(str(tmp_path / "closed"), fetcher, {})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
async def test_a_feed_with_entities_is_refused_as_one(site: Site, fetcher: Fetcher, encoding: str) -> None:
    laughs = (
        '<?xml version="1.0"?>\n<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>' + feed(samples(1)).split("?>")[1]
    )
    site.answers["/feed"] = web.Response(body=laughs.encode(encoding), content_type="text/xml")
    with pytest.raises(SourceError, match="declares entities"):
        await open_source(f"{site.url}/feed", fetcher, {})


async def test_comments_without_end_before_a_page_do_not_hold_it_up(tmp_path: Path, fetcher: Fetcher) -> None:
    (tmp_path / "a.html").write_text("<!---->" * 2_000 + "<p>Hello</p>", encoding="utf-8")
    assert (await read(tmp_path / "a.html", fetcher))[0] == "page"


async def test_a_file_that_is_too_large_is_refused(
    tmp_path: Path, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.xml").write_text(export(samples(2)), encoding="utf-8")
    monkeypatch.setattr(folders, "MAX_BYTES", 1000)
    with pytest.raises(SourceError, match=r"a\.xml is larger than 0 MB\.$"):
        await open_source(str(tmp_path / "a.xml"), fetcher, {})


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("nowhere.xml", "is neither"),
        ("no where", "is neither a file or folder that is there nor an address"),
        ("/no/where", "is neither"),
        ("x\0y", "is neither"),
        ("x" * 5000, "cannot be read"),
        ("", "has no pages|is neither"),
        ("ftp://blog.example/", "is no web address"),
        ("http://127.0.0.1:1/", "not public"),
    ],
)
async def test_what_is_no_source_is_told_of_in_one_sentence(
    tmp_path: Path, fetcher: Fetcher, said: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceError, match=why) as error:
        await open_source(said, fetcher, {})
    assert error.value.told.isprintable()
    assert len(error.value.told) < 300
