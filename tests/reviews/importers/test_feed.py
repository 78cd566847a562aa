"""Feeds: every kind, damaged ones, and those that mean harm."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.reviews.importers.feed import MAX_AUTHOR, MAX_TAGS, read_feed
from tests.reviews.importers.samples import Sample, feed, samples

if TYPE_CHECKING:
    from pathlib import Path

ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Baa</title>
<link href="https://baa.example/"/><entry><id>tag:baa.example,2015:1</id><title type="html">One &amp;amp; Two</title>
<link rel="alternate" href="https://baa.example/1/"/><author><name>Dolly</name></author>
<published>2015-09-20T10:00:00Z</published><updated>2016-01-01T00:00:00+02:00</updated>
<summary>Short.</summary><content type="text">1 &lt; 2, and a long text besides.</content></entry></feed>"""
RDF = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
xmlns="http://purl.org/rss/1.0/"><channel rdf:about="https://baa.example/"><title>Baa</title></channel>
<item rdf:about="https://baa.example/1/"><title>One</title><link>https://baa.example/1/</link>
<description>Text.</description></item></rdf:RDF>"""


def test_rss_is_read_with_the_whole_text_rather_than_the_summary() -> None:
    sample = samples(1)[0]
    found = read_feed(feed([sample]).encode(), "feed")

    (post,) = found.entries
    assert (found.title, found.home, found.total) == ("Baa", "baa.example", 1)
    assert (post.guid, post.url, post.title) == (sample.guid, sample.url, sample.name)
    assert (post.body, post.plain) == (sample.body, False)
    assert (post.author, post.categories) == ("Dolly", ("Drama",))
    assert post.published == datetime(2015, 9, 20, 10, tzinfo=UTC)


def test_atom_and_rdf_are_read() -> None:
    (post,) = read_feed(ATOM.encode(), "feed", url="https://feeds.example/baa").entries
    assert (post.guid, post.url, post.author) == ("tag:baa.example,2015:1", "https://baa.example/1/", "Dolly")
    assert (post.title, post.body, post.plain) == ("One &amp; Two", "1 < 2, and a long text besides.", True)
    assert post.modified == datetime(2015, 12, 31, 22, tzinfo=UTC)
    (post,) = read_feed(RDF.encode(), "feed").entries
    assert (post.guid, post.title, post.body) == ("https://baa.example/1/", "One", "Text.")


def test_a_feed_is_known_by_the_host_that_it_came_from_whatever_it_says() -> None:
    assert read_feed(feed(samples(1)).encode(), "feed", url="https://evil.example/feed").home == "evil.example"


def test_a_feed_that_breaks_off_gives_what_came_before() -> None:
    raw = feed(samples(3)).encode()
    assert len(read_feed(raw[: raw.index(b"<item>", raw.index(b"<item>") + 9) + 40], "feed").entries) >= 1


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "is no feed"),
        (b"<html><body>Hello</body></html>", "is no feed"),
        (b"\x00\xff\xfe", "is no feed"),
        (b'<!DOCTYPE r [<!ENTITY a "b">]><rss version="2.0"/>', "declares entities"),
        (b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss version="2.0"/>', "declares entities"),
    ],
)
def test_what_is_no_feed_is_told_of_in_one_sentence(raw: bytes, why: str) -> None:
    with pytest.raises(SourceError, match=rf"^feed {why}[^\n]*\.$"):
        read_feed(raw, "feed")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "cp1251"])
def test_a_feed_is_decoded_as_it_says_and_refused_for_its_entities_however_it_is_encoded(encoding: str) -> None:
    raw = feed([Sample(number=1, title="Кафе" if encoding == "cp1251" else "Café")]).replace("…", "")
    said = raw.replace("?>", f" encoding='{encoding}'?>", 1)
    assert read_feed(said.encode(encoding), "feed").entries[0].title in {"Café", "Кафе"}
    assert read_feed(raw.encode(encoding), "feed", charset=encoding).entries[0].title in {"Café", "Кафе"}
    laughs = said.replace("?>", '?><!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>', 1)
    with pytest.raises(SourceError, match="declares entities"):
        read_feed(laughs.encode(encoding), "feed")


@pytest.mark.parametrize("reference", ["&#xD800;", "&#55296;", "&#xDfFf;", "&#x110000;", "&#0;", "&#99999999999;"])
@pytest.mark.parametrize("cut", [None, -20], ids=["whole", "cut"])
def test_a_reference_to_what_is_no_character_does_no_harm(reference: str, cut: int | None) -> None:
    raw = feed([Sample(number=1, title="NAME", text=reference)]).replace("NAME", f"One &#x41; {reference}")
    (post,) = read_feed(raw[:cut].encode(), "feed").entries
    assert post.title == "One A \ufffd"


@pytest.mark.parametrize("said", ["<link>http://[</link>", "<title>", "<pubDate>0-0-0T99:99:99</pubDate>"])
def test_a_feed_that_says_nonsense_is_known_by_its_name(said: str) -> None:
    raw = f"<rss version='2.0'><channel>{said}<item><guid>1</guid></item></channel></rss>"
    assert read_feed(raw.encode(), "feed").home == "feed"


def test_a_library_that_fails_is_told_of_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("feedparser.parse", fail)
    with pytest.raises(SourceError, match=r"^feed is damaged [^\n]*\.$"):
        read_feed(feed([]).encode(), "feed")


@pytest.mark.parametrize(
    "raw",
    [
        b"<rss><channel><item><author>" + b"a" * 400_000,
        b"<rss><channel><item><title>x</title>" + b"".join(b"<category>%d</category>" % n for n in range(20_000)),
        b"<?" + b"encoding='" * 50_000 + b"?><rss><channel><item><title>x</title>",
        b"x" + b"\n" * 400_000 + b"<rss><channel><item><title>x</title>",
        b"<!DOCTYPE\n" * 50_000 + b"<rss><channel><item><title>x</title>",
    ],
    ids=["author", "categories", "declaration", "blank lines", "doctypes"],
)
def test_what_feedparser_would_take_hours_for_ends(raw: bytes) -> None:
    (post,) = read_feed(raw, "feed").entries
    assert len(post.categories) <= MAX_TAGS
    assert len(post.author or "") <= MAX_AUTHOR


def test_nothing_is_opened_whose_name_stands_where_a_feed_should(tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_text(feed(samples(1)), encoding="utf-8")
    for name in (str(path), "http://127.0.0.1:9/feed"):
        with pytest.raises(SourceError):
            read_feed(name.encode(), "feed")


def test_tags_nested_without_end_do_no_harm() -> None:
    deep = b"<rss version='2.0'><channel><item><title>x</title><description>" + b"<b>" * 20_000
    for raw in (deep, deep + b"</b>" * 20_000 + b"</description></item></channel></rss>"):
        assert len(read_feed(raw, "feed").entries) == 1


@given(
    st.lists(
        st.sampled_from(
            [
                b"<rss>",
                b"<item>",
                b"</item>",
                b"<guid>",
                b"<![CDATA[",
                b"]]>",
                b"&#x0;",
                b"<pubDate>99999-99-99",
                b"\x00",
                b"<content:encoded>",
                b"<?xml version='1.0' encoding='x'?>",
                b"<link>",
            ]
        )
        | st.binary(max_size=6),
        max_size=14,
    ).map(b"".join)
)
@settings(max_examples=60)
def test_no_bytes_do_more_than_be_refused(raw: bytes) -> None:
    try:
        found = read_feed(raw, "feed")
    except SourceError:
        return
    assert all(post.guid for post in found.entries)
