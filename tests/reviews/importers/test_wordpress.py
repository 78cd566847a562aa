"""A WordPress site on loopback: found, read to its end, and asked only for what changed the next time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from yarl import URL

from bot.errors import SourceError
from bot.reviews.importers.opening import open_source
from bot.reviews.importers.wordpress import WordPress
from tests.reviews.importers.samples import Sample, WordPressSite, samples

if TYPE_CHECKING:
    from bot.fetching import Fetcher
    from bot.reviews.importers.post import Post
    from tests.site import Site


async def read(source: WordPress) -> tuple[list[Post], str | None]:
    """The posts of a site, and how it ended where it failed."""
    posts: list[Post] = []
    try:
        async for post in source.posts():
            posts.append(post)  # noqa: PERF401 - those before an error count too
    except SourceError as error:
        return posts, error.told
    return posts, None


async def opened(site: Site, fetcher: Fetcher, since: str | None = None) -> WordPress:
    root = f"{site.url}/wp-json/"
    source = await open_source(site.url, fetcher, {root: since} if since else {})
    assert isinstance(source, WordPress)
    return source


async def test_a_post_is_read_with_all_that_the_site_shows_of_it(site: Site, fetcher: Fetcher) -> None:
    sample = Sample(number=7)
    WordPressSite(site, [sample])

    source = await opened(site, fetcher)
    (post,), failed = await read(source)

    assert failed is None
    assert (post.guid, post.url, post.title, post.body) == (sample.guid, sample.url, sample.name, sample.body)
    assert (post.author, post.categories) == ("Dolly", ("Drama", "sheep &amp; dogs"))
    assert post.published == datetime(2015, 9, 20, 10, tzinfo=UTC)
    assert post.modified == datetime(2024, 5, 2, 10, tzinfo=UTC)
    assert post.image_url == "https://baa.example/7.jpg"
    assert post.meta == {"seen": "4", "box.row": "4", "list": "one"}
    assert (source.home, source.total) == (f"127.0.0.1:{site.port}", 1)


async def test_every_page_is_read_and_what_is_not_public_stays_out(site: Site, fetcher: Fetcher) -> None:
    posts = samples(205)
    posts[3] = replace(posts[3], status="draft")
    posts[4] = replace(posts[4], status="private")
    posts[5] = replace(posts[5], password="baa")  # noqa: S106 - it opens nothing
    WordPressSite(site, posts)

    source = await opened(site, fetcher)
    found, failed = await read(source)

    assert [post.guid for post in found] == [post.guid for post in posts if post.number not in {4, 5, 6}]
    assert failed is None
    assert source.total == 205
    assert [request.query["page"] for request in site.asked if "_embed" in request.query] == ["1", "2", "3"]


@pytest.mark.parametrize("count", [0, 100, 101])
async def test_the_end_is_found_wherever_it_is(site: Site, fetcher: Fetcher, count: int) -> None:
    WordPressSite(site, samples(count))
    found, failed = await read(await opened(site, fetcher))
    assert (len(found), failed) == (count, None)


async def test_fewer_are_asked_for_where_a_hundred_are_refused_and_none_is_missed(site: Site, fetcher: Fetcher) -> None:
    wordpress = WordPressSite(site, samples(130))
    wordpress.most = 20
    found, failed = await read(await opened(site, fetcher))
    assert [post.guid for post in found] == [post.guid for post in samples(130)]
    assert failed is None


async def test_later_only_what_was_modified_comes_but_all_are_known_to_be_there(site: Site, fetcher: Fetcher) -> None:
    wordpress = WordPressSite(site, samples(3, modified="2024-05-02T10:00:00"))
    first = await opened(site, fetcher)
    assert first.mark is None
    await read(first)
    key, since = first.mark or ("", "")
    assert (key, since) == (f"{site.url}/wp-json/", "2024-05-01T10:00:00Z")

    wordpress.posts[4] = Sample(number=4, modified="2024-06-01T00:00:00")
    wordpress.posts[1] = replace(wordpress.posts[1], modified="2020-01-01T00:00:00")
    del wordpress.posts[2]
    later = await opened(site, fetcher, since)
    found, _ = await read(later)

    assert [post.guid for post in found] == [Sample(number=3).guid, Sample(number=4).guid]
    assert later.present == {Sample(number=number).guid for number in (1, 3, 4)}
    assert later.mark == (key, "2024-05-31T00:00:00Z")


async def test_a_date_to_come_does_not_hide_what_follows(site: Site, fetcher: Fetcher) -> None:
    WordPressSite(site, samples(1, modified="2999-01-01T00:00:00"))
    source = await opened(site, fetcher)
    await read(source)
    assert source.mark
    assert source.mark[1] < "2999"


async def test_a_site_that_fails_on_the_way_gives_what_came_before_and_no_mark(site: Site, fetcher: Fetcher) -> None:
    wordpress = WordPressSite(site, samples(250))
    source = await opened(site, fetcher)
    wordpress.breaks_behind = 100

    found, failed = await read(source)

    assert [post.guid for post in found] == [post.guid for post in samples(100)]
    assert failed == f"{site.url}/wp-json/wp/v2/posts answers with status 503."
    assert (source.mark, source.present) == (None, None)


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"{}", b"null", b"[" * 100_000, b'"x"', b"\xff", b'{"code":"rest_disabled"}'],
)
async def test_what_is_not_wordpress_is_told_of(site: Site, fetcher: Fetcher, body: bytes) -> None:
    site.answers["/wp-json/wp/v2/posts"] = web.Response(body=body)
    found, failed = await read(WordPress(fetcher, URL(f"{site.url}/wp-json/")))
    assert (found, failed) == ([], f"127.0.0.1:{site.port} answers, but not as WordPress does.")


SHAPES: list[dict[str, Any]] = [
    *({"id": 1}, {"id": [1], "status": "publish"}, {"id": 1, "status": "publish", "content": "x", "title": 3}),
    {"id": 1, "status": "publish", "_embedded": {"author": {}, "wp:term": [3, [4]], "wp:featuredmedia": [[]]}},
    {"id": 1, "status": "publish", "meta": [1], "acf": {"a": {"b": {"c": 1}}}, "date_gmt": "0000-00-00T00:00:00"},
]


@pytest.mark.parametrize("entry", SHAPES)
async def test_entries_of_any_shape_do_no_harm(site: Site, fetcher: Fetcher, entry: dict[str, Any]) -> None:
    site.answers["/wp-json/wp/v2/posts"] = web.json_response([entry, 3, None, "x"])
    found, failed = await read(WordPress(fetcher, URL(f"{site.url}/wp-json/")))
    assert len(found) <= 1
    assert failed is None


async def test_a_site_that_repeats_itself_without_end_is_read_once(site: Site, fetcher: Fetcher) -> None:
    site.answers["/wp-json/wp/v2/posts"] = web.json_response([post.entry() for post in samples(100)])
    found, failed = await read(WordPress(fetcher, URL(f"{site.url}/wp-json/")))
    assert (len(found), failed) == (100, None)


@pytest.mark.parametrize(
    ("root", "linked"), [("/wp-json/", True), ("/wp-json/", False), ("/?", False), ("/index.php/wp-json/", True)]
)
async def test_the_interface_is_found_by_a_link_or_where_it_usually_is(
    site: Site,
    fetcher: Fetcher,
    root: str,
    linked: bool,  # noqa: FBT001 - a case
) -> None:
    WordPressSite(site, samples(2), linked=linked, root=root)
    source = await open_source(site.url, fetcher, {})
    assert isinstance(source, WordPress)
    assert len((await read(source))[0]) == 2
