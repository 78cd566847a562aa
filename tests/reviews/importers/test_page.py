"""Pages as they are saved or fetched: where the article is, and what stands around it."""

# ruff: noqa: E501 - a table reads best with its rows on one line

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup

from bot.reviews.importers import structured
from bot.reviews.importers.page import read_page

if TYPE_CHECKING:
    from bot.reviews.importers.post import Post

TEXT = "<p>" + "Nobody in it is lazy, and I would stand any of them a drink. " * 5 + "</p>"
ASIDE = "<p>" + "See also what else there is to be seen here. " * 3 + "</p>"


def page(body: str, head: str = "", url: str | None = "https://example.com/cats") -> Post:
    """A page read."""
    return read_page(f"<html><head>{head}</head><body>{body}</body></html>", url, "cats.html", plain=False)


@pytest.mark.parametrize(
    "body",
    [
        f"<div class='sidebar'>{ASIDE}</div><div class='post'><div class='entry-content'>{TEXT}</div></div>",
        f"<article>{ASIDE}</article><article class='card'>{TEXT}</article>",
        f"<main>{TEXT}</main><div>{ASIDE}</div>",
        f"<div role='main'>{TEXT}</div><aside>{ASIDE}</aside>",
        f"<div itemprop='articleBody'>{TEXT}</div><div>{ASIDE}</div>",
        f"<div><div>{ASIDE}</div><div>{TEXT}</div></div>",
        f"<table><tr><td>{ASIDE}</td><td>{TEXT.replace('. ', '.<br>').replace('p>', 'i>')}</td></tr></table>",
    ],
)
def test_the_article_is_found_by_how_a_page_is_built(body: str) -> None:
    found = BeautifulSoup(page(body).body, "html.parser").get_text()

    assert "a drink" in found
    assert "See also" not in found


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        (
            "<title>Cats | The Owl</title><meta property='og:title' content='Cats &amp; Dogs'>",
            "<h1>The Owl</h1>",
            "Cats & Dogs",
        ),
        (
            "<meta property='og:title' content='Cats - The Owl'><meta property='og:site_name' content='The Owl'>",
            "",
            "Cats",
        ),
        (
            "<title>The Owl: Cats</title>",
            "<h1>The Owl</h1><article><h1>Cats</h1></article>".replace("</article>", f"{TEXT}</article>"),
            "Cats",
        ),
        ("<title>Cats</title>", "", "Cats"),
        ("", "", "Cats"),
    ],
)
def test_a_page_s_title(head: str, body: str, title: str) -> None:
    assert page(body, head).title == title


def test_what_a_page_says_of_itself() -> None:
    found = page(
        f"<article><span class='author'>By Ann Weaver</span><time datetime='2019-12-20'>Friday</time>{TEXT}<a rel='category tag'>Musical</a></article>",
        "<link rel='canonical' href='/reviews/cats/'><meta property='og:image' content='https://example.com/c.jpg'>"
        "<meta property='article:modified_time' content='2019-12-21T10:00:00Z'><meta property='article:tag' content='fur'><meta property='article:tag' content='song'>",
    )

    assert (found.guid, found.url) == ("https://example.com/reviews/cats/",) * 2
    assert found.author == "Ann Weaver"
    assert found.published == datetime(2019, 12, 20)  # noqa: DTZ001 - as the page has it
    assert found.modified == datetime(2019, 12, 21, 10, tzinfo=UTC)
    assert found.categories == ("fur", "song", "Musical")
    assert found.image_url == "https://example.com/c.jpg"


def test_a_page_cannot_pass_for_another_site_s() -> None:
    assert page("", "<link rel='canonical' href='https://example.org/cats'>").guid == "https://example.com/cats"
    assert page("", "<link rel='canonical' href='http://[x'>", "http://[y").guid == "http://[y"
    assert page("", "<link rel='canonical' href='http://[x'>", None).guid == "cats.html"
    assert page("", "<link rel='canonical' href='https://example.org/cats'>", None).guid == "https://example.org/cats"


def test_a_saved_page_is_known_by_its_name() -> None:
    assert page("", url=None).guid == "cats.html"
    plain = read_page("Nobody in it is lazy.", None, "miss-you_already.txt", plain=True)

    assert (plain.guid, plain.title, plain.body) == (
        "miss-you_already.txt",
        "Miss you already",
        "Nobody in it is lazy.",
    )
    assert read_page("A < B\r\n\r\nText.", None, "x.txt", plain=True).title == "A &lt; B"


REVIEW: dict[str, Any] = {"@type": "Review", "reviewRating": {"ratingValue": 4}, "author": "Ann"}


DOCUMENTS: list[tuple[list[Any], dict[str, str]]] = [
    ([REVIEW], {"review.rating": "4", "review.author": "Ann"}),
    ([{"@graph": [REVIEW]}], {"review.rating": "4", "review.author": "Ann"}),
    (
        [{"@type": "BlogPosting", "headline": "Cats", "review": REVIEW}],
        {"article.name": "Cats", "review.rating": "4", "review.author": "Ann"},
    ),
    ([{"@type": ["CriticReview"], "reviewRating": "B+"}], {"review.rating": "B+"}),
    (
        [{"@type": "Movie", "name": "Cats", "director": {"name": "Tom Hooper"}, "review": [REVIEW]}],
        {
            "film.kind": "Movie",
            "film.name": "Cats",
            "film.directed_by": "Tom Hooper",
            "review.rating": "4",
            "review.author": "Ann",
        },
    ),
    ([REVIEW, REVIEW], {"review.rating": "4", "review.author": "Ann"}),
    ([REVIEW, REVIEW | {"reviewRating": {"ratingValue": 2}}], {"review.rating": "4\n2"}),
    ([{"@type": "AggregateRating", "ratingValue": 4}], {}),
    ([{"@type": "UserReview", "reviewRating": {"ratingValue": 4}}], {}),
    (
        [
            {
                "@type": "https://schema.org/Movie",
                "name": "A &amp; B",
                "datePublished": "2019-12-20",
                "actor": ["X", {"name": "Y"}, 7, None, True],
            }
        ],
        {"film.kind": "Movie", "film.name": "A & B", "film.year": "2019", "film.starring": "X\nY\n7"},
    ),
    (
        [[], {}, None, 5, {"@type": 7}, {"@type": "Review", "reviewRating": [[]], "itemReviewed": [3]}],
        {"film.name": "3"},
    ),
]


@pytest.mark.parametrize(("documents", "facts"), DOCUMENTS)
def test_json_ld(documents: list[Any], facts: dict[str, str]) -> None:
    scripts = "".join(f"<script type='application/ld+json'>{json.dumps(one)}</script>" for one in documents)

    assert structured.facts(f"<p>{scripts}<script type=application/ld+json>{{broken</script>") == facts


def test_microdata_of_a_film_with_its_review() -> None:
    tree = BeautifulSoup(
        "<div itemscope itemtype='http://schema.org/Movie'><b itemprop='name'>Cats</b><a itemprop='genre'>Musical</a><a itemprop='genre'>Fantasy</a>"
        "<div itemprop='aggregateRating' itemscope itemtype='http://schema.org/AggregateRating'><i itemprop='ratingValue'>9</i></div>"
        "<div itemprop='review' itemscope itemtype='http://schema.org/Review'><meta itemprop='ratingValue' content='2'><i itemprop='author'>Ann</i></div></div>",
        "html.parser",
    )

    assert structured.facts("", tree) == {
        "film.kind": "Movie",
        "film.name": "Cats",
        "film.genres": "Musical\nFantasy",
        "review.rating": "2",
        "review.author": "Ann",
    }
