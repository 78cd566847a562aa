"""A post read: whether it is a review, its fields, and whatever anybody may put into one."""

# ruff: noqa: RUF001 - signs as critics and forgers type them, in tables of one line a row

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reviews.files import MAX_FILE_BYTES, MAX_SLUG, SLUG, FrontMatter
from bot.reviews.importers.page import read_page
from bot.reviews.importers.post import Post, Rating, Reading
from bot.reviews.importers.reading import read_post
from bot.reviews.importers.repair import decode
from bot.reviews.model import Credits, Review

CATS = "<p>Nobody in it is lazy.</p><p>1 sheep</p>"


def read(body: str = CATS, title: str = "Cats (2019)", **known: Any) -> Reading:
    """What is read of a post."""
    return read_post(Post(guid="1", title=title, body=body, **known))


def review(body: str = CATS, title: str = "Cats (2019)", **known: Any) -> Review:
    """The review that a post is."""
    found = read(body, title, **known)
    assert found.review, found.skipped
    return found.review


# --- what is a review


@pytest.mark.parametrize(
    ("title", "body", "known"),
    [
        ("Cats", "<p>Nobody in it is lazy.</p>", {"categories": ("Film Reviews",)}),
        ("Cats review", "<p>Nobody in it is lazy.</p>", {}),
        ("Cats", "<p>Nobody in it is lazy.</p><p>2/5</p>", {}),
        ("Cats", "<p>Nobody in it is lazy.</p>", {"meta": {"review.rating": "2"}}),
        ("Cats", "<p>Directed by Tom Hooper</p><p>Nobody in it is lazy.</p>", {}),
        ("News of the World (2020)", "<p>He reads the paper to people.</p><p>4/5</p>", {"categories": ("News",)}),
        ("Talk to Me", "<p>Directed by Danny and Michael Philippou</p><p>Starring Sophie Wilde</p><p>A hand.</p>", {}),
        ("Interview with the Vampire – Review", "<p>He talks all night.</p>", {}),
        ("The Best Years of Our Lives", "<p>Three men come home.</p><p>5/5</p>", {}),
    ],
)
def test_the_least_that_makes_a_review(title: str, body: str, known: dict[str, Any]) -> None:
    assert review(body, title, **known).body


@pytest.mark.parametrize(
    ("title", "body", "known", "reason"),
    [
        ("Cats", "<p>We got two.</p>", {}, "no verdict, no credits and no sign of a review"),
        ("Ten films to watch", "<p>Directed by Tom Hooper</p><p>One.</p>", {}, "a list of films"),
        ("Top 5 films reviewed: a review", "<p>One.</p>", {}, "a list of films"),
        ("The best films of 2016", "<p>5/5</p>", {}, "a list of films"),
        ("In conversation with Tom Hooper", "<p>Cats?</p>", {}, "an interview or a podcast"),
        ("Cats: the trailer", "<p>Directed by Tom Hooper</p><p>Fur.</p>", {}, "news"),
        ("Cats", "<p>It opens in May.</p>", {"categories": ("News", "Reviews")}, "news"),
        ("Emma", "<p>4/5</p>", {"meta": {"film.kind": "Book"}}, "a review of something else than a film"),
        ("Cats", "<p>4/5</p>", {"categories": ("Theatre reviews",)}, "a review of something else than a film"),
        ("Cats review", "<p>Directed by Tom Hooper</p>", {}, "it has no text"),
        ("Cats review", "", {}, "it has no text"),
        ("", CATS, {}, "it has no title"),
        ("\u202e\u200b&nbsp;", CATS, {}, "it has no title"),
        ("Cats review", "<p>word " * 60_000, {}, "it has more than 40,000 tags"),
        ("Cats review", "<p>" + "word " * 60_000, {}, "its text is longer than a review file may be"),
        ("Cats review", "word " * 250_000, {}, "it is longer than 1,000,000 characters"),
        ("Cats review", "<div>" * 20_000, {}, "its HTML is nested too deeply"),
        ("Cats review", "<div>" * 200_000, {}, "it has more than 40,000 tags"),
        ("Cats " * 100, CATS, {}, "it has no title that a review can have"),
    ],
)
def test_why_a_post_is_none(title: str, body: str, known: dict[str, Any], reason: str) -> None:
    assert read(body, title, **known) == Reading(skipped=reason)


# --- fields


def test_every_field_is_read_and_none_is_missing() -> None:
    found = read(
        "<p>Written by Lee Hall<br>Directed by Tom Hooper<br>Starring Judi Dench</p>"
        "<blockquote>“A cat is not a dog.” – Old Deuteronomy</blockquote><p>Fur over fur.</p><p>½ sheep</p>",
        categories=("Musicals", "Reviews"),
        author="Ann Weaver",
        url="https://example.com/cats",
        image_url="//example.com/cat 1.jpg",
        published=datetime(2019, 12, 20, 23, 30, tzinfo=UTC),
    )

    assert found.missing == ()
    assert found.rating == Rating(1, "½ sheep", "0.5 of 5, to the nearest half")
    assert found.review == Review(
        slug="cats-2019",
        title="Cats",
        year=2019,
        critic="Ann Weaver",
        half_sheep=1,
        quote="A cat is not a dog.",
        quote_by="Old Deuteronomy",
        credits=Credits(("Lee Hall",), ("Tom Hooper",), ("Judi Dench",)),
        genres=("musical",),
        url="https://example.com/cats",
        image_url="https://example.com/cat%201.jpg",
        published=date(2019, 12, 20),
        body="Fur over fur.",
    )


def test_what_is_missing_is_named_as_in_review_files() -> None:
    assert set(read().missing) == set(FrontMatter.model_fields) - {"title", "year", "sheep", "aliases", "spoilers"}


@pytest.mark.parametrize(
    ("author", "critic"),
    [
        ("Ann Weaver", "Ann Weaver"),
        ("ann@example.com (Ann Weaver)", "Ann Weaver"),
        *(
            (nobody, None)
            for nobody in (
                "admin",
                "Administrator",
                "Editor",
                "Staff Writer",
                "ann@example.com",
                "https://a.b",
                "",
                "user12",
            )
        ),
    ],
)
def test_a_critic_is_a_person(author: str, critic: str | None) -> None:
    assert review(author=author).critic == critic


@pytest.mark.parametrize(
    ("warning", "spoilers"),
    [
        *(
            (one, True)
            for one in ("SPOILERS", "Spoiler alert!", "Warning: spoilers", "This contains spoilers.", "SPOILERS AHEAD")
        ),
        *(
            (one, False)
            for one in (
                "Spoiler-free",
                "No spoilers here.",
                "I will not give spoilers ahead of time",
                "She spoils him.",
            )
        ),
    ],
)
def test_a_warning_of_spoilers(warning: str, *, spoilers: bool) -> None:
    assert review(f"<p>{warning}</p>{CATS}").spoilers is spoilers


@pytest.mark.parametrize(
    ("block", "said", "by"),
    [
        ("<p>“You and your scars are beautiful.” – Ace</p>", "You and your scars are beautiful.", "Ace"),
        ('<p>"You and your scars are beautiful." -- Ace</p>', "You and your scars are beautiful.", "Ace"),
        ("<p><em>“The wig’s on fire.”</em><br>— Rick B.</p>", "The wig’s on fire.", "Rick B."),
        ("<blockquote><p>“Who’s there, then?”</p></blockquote>", "Who’s there, then?", None),
        ("<blockquote><p>Close the gate.<br>– Old Tom</p></blockquote>", "Close the gate.", "Old Tom"),
        ("<p>« Il pleut. » – Amélie</p>", "Il pleut.", "Amélie"),
        ("<p>“A triumph!” – The New York Times</p>", None, None),
        ("<p>“Cats” is a film – sort of.</p>", None, None),
        ("<blockquote><p>Rotten Tomatoes gives it 85%</p></blockquote>", None, None),
        ("<p>“Nobody talks so.”</p>", None, None),
    ],
)
def test_a_line_from_the_film(block: str, said: str | None, by: str | None) -> None:
    for body in (block + CATS, f"{CATS}<p>One.</p><p>Two.</p>{block}"):
        found = review(body)
        if body.startswith(block) or by:
            assert (found.quote, found.quote_by) == (said, by)
        assert bool(said and found.quote) == (found.quote is not None)


@pytest.mark.parametrize(
    ("title", "url", "slug"),
    [
        ("M*A*S*H (1970)", None, "mash-1970"),
        ("Ocean’s Eleven", None, "oceans-eleven"),
        ("Thelma & Louise", None, "thelma-and-louise"),
        ("Æon Flux / Straße", None, "aeon-flux-strasse"),
        ("七人の侍 (1954)", "https://example.com/2020/Seven_Samurai.html?x=1", "seven-samurai-1954"),
        ("七人の侍", None, "film-6b86b273ff34"),
        ("../../etc/passwd", None, "etc-passwd"),
        ("Birdman " * 30 + "(2014)", None, ("birdman-" * 10)[:75].strip("-") + "-2014"),
    ],
)
def test_a_slug_is_made_from_title_and_year(title: str, url: str | None, slug: str) -> None:
    assert review(title=title, url=url).slug == slug


def test_a_year_is_never_guessed() -> None:
    posted = datetime(2019, 12, 20, tzinfo=UTC)

    assert review(title="Cats", published=posted).year is None
    assert review(title="Cats", published=posted, meta={"film.year": "2018"}).year == 2018
    assert review("<p>Released: 20 December 2019</p>" + CATS, "Cats").year == 2019
    assert review("<p>Dir. Tom Hooper, 2019, 110 min</p>" + CATS, "Cats").year == 2019
    assert review("<p>Year: 2019</p><p>Year: 1998</p>" + CATS, "Cats").year is None
    assert review(title="Cats (1805)").year is None


def test_a_field_that_review_files_do_not_take_is_missing() -> None:
    found = read(
        url="https://example.com/" + "a" * 600,
        image_url="javascript:alert(1)",
        author="Ann " * 100,
        meta={"film.year": "1200"},
        title="Cats",
    )

    assert {"url", "image", "critic", "year"} <= set(found.missing)
    for broken in ("http://[x", "https://ex\u2100mple.com/", "https://example.com/\ud800", "//", "http://"):
        assert read(url=broken, image_url=broken, title="七人の侍").review, (
            "an address, however broken, costs no review"
        )


# --- text


@pytest.mark.parametrize(
    ("body", "markdown"),
    [
        (
            "<table><tr><th>Sets</th><td>Few</td></tr><tr><td>a</td><td>b</td><td>c</td></tr></table>",
            "Sets: Few\na b c",
        ),
        ("<p>8.5 is odd. 3.</p>", "8.5 is odd. 3."),
        ("<h1>One</h1><p>a<br>b</p><h4>Two</h4>", "### One\n\na\nb\n\n### Two"),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c"),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n1. b"),
        ("<blockquote><p>a</p><p>b</p></blockquote><p>c</p>", "> a\n>\n> b\n\nc"),
        ("<p><b><strong>a</strong></b> <i>b</i><del>c</del></p>", "**a** *b*~~c~~"),
        ("<p><b>a<br>b</b></p>", "**a**\n**b**"),
        (
            '<p><a href="/x">a</a> <a href="//e.org/y_(z)">b</a> <a href="ftp://x">c</a> <a>d</a></p>',
            "[a](https://example.com/x) [b](https://e.org/y_%28z%29) c d",
        ),
        ('<p>a</p><p><img src="x.png" alt="A cat"><a href="https://e.org"><img src="y"></a></p><hr>', "a"),
        ("<p>1917. A year</p><p>- dash</p><p>&gt; not said</p>", "1917\\. A year\n\n\\- dash\n\n\\> not said"),
        ("a\r\n\r\nb\r\nc", "a\n\nb\nc"),
        ("<p>a&nbsp;b&#8217;s &amp;amp; c &lt;b&gt;</p>", "a b’s &amp; c \\<b>"),
        ('<p>[sic] [1] [TIFF15]</p><p>x [gallery ids="1,2"] y [/vc_row]</p>', "[sic] [1] [TIFF15]\n\nx y"),
        (
            '<p>a</p><p style="display:none">b</p><div hidden>c</div><!-- d --><style>e</style><noscript>f</noscript>',
            "a",
        ),
        ("<p>a</p><p>Share this:</p><p>Continue reading →</p><p>Tags: cats</p><p>Leave a comment</p>", "a"),
        *(
            (f"<p>{one}</p>", one)
            for one in (
                "I follow us on a way to read more into it.",
                "Posted in Berlin, he writes home. Nobody reads it.",
                "Share this house with ghosts, and you learn to knock.",
                "Like this film, it ends at sea.",
            )
        ),
        ('<div class="social"><p>All of the text lies in here.</p></div>', "All of the text lies in here."),
        (
            "<div class='entry-meta'>By me</div><p>All of the text.</p><div id='comments'>First!</div>",
            "All of the text.",
        ),
        ("<p>a<p>b<p>c", "a\n\nb\n\nc"),
        ("3 < 4 <3 and <unknown>x</unknown>", "3 < 4 \\<3 and x"),
        ("<p>CAFÉ” l’Été Ã©tÃ© donâ€™t</p>", "CAFÉ” l’Été été don’t"),
        ("<p>👩\u200d🚀 a\u200db \ufeff\u00adc</p>", "👩\u200d🚀 ab c"),
    ],
)
def test_html_becomes_markdown_for_discord(body: str, markdown: str) -> None:
    assert review(body, "Cats review", url="https://example.com/cats/").body == markdown


def test_plain_text_keeps_its_paragraphs_and_is_taken_literally() -> None:
    assert (
        review("<b>One</b>\nline\n\n\n*Two*\n", "Cats review", plain=True).body == "\\<b>One\\</b>\nline\n\n\\*Two\\*"
    )


# --- whatever comes

HOSTILE = {
    "open tags": "<b>x" * 2_000,
    "open tags that a browser would repeat": "<p>" + "".join(f"<b id={n}>" for n in range(90)) + "<p>x" * 500,
    "a huge attribute": f"<p title='{'x' * 900_000}'>x</p>",
    "signs": "<" * 30_000,
    "tags without end": "<a " * 10_000,
    "quotes without end": '<a "' * 10_000,
    "comments without end": "<!--" * 50_000,
    "declarations": "<!x <?x <![CDATA[" * 5_000,
    "scripts without end": "<script>" * 50_000,
    "references": "&#xD800;&#0;&#x110000;&#99999999999999999999;&bogus;&" * 500,
    "items": "<ol>" + "<li>x</li>" * 500 + "</ol>",
    "nested quotes": "<blockquote>" * 80 + "x\n" * 2_000,
    "brackets": "[" * 50_000 + "[a " * 5_000 + '[rating x="' * 5_000,
    "embeds": "[embed]" * 10_000,
    "stars": "★" * 100_000,
    "blank lines": "\n \n" * 50_000,
    "spoilt": "Ãƒ" * 50_000,
    "labels": "Directed by " * 5_000 + "<br>Starring A" + " and B" * 5_000,
    "JSON without end": '<script type="application/ld+json">' + "[" * 50_000 + "</script>",
    "scopes": '<b itemscope itemprop="@type x">' * 60 + "<i itemprop=y>z</i>" * 500,
    "side matters": '<div class="share">x</div>' * 500,
    "a link to nowhere": "<a href='http://[x'>x</a><img src='http://[y'>",
}


@pytest.mark.parametrize("attack", HOSTILE)
def test_an_attack_ends_in_a_reading(attack: str) -> None:
    body = HOSTILE[attack]
    for post in (
        Post(
            guid=body,
            title=body,
            body=body,
            url=body,
            author=body,
            image_url=body,
            categories=(body,),
            meta={"rating": body, "film.name": body},
        ),
        read_page(body, None, attack, plain=False),
    ):
        check(read_post(post))


def check(found: Reading) -> None:
    """A review file can hold what was read."""
    assert (found.review is None) == (found.skipped is not None)
    if not found.review:
        return
    one = found.review
    assert SLUG.fullmatch(one.slug)
    assert len(one.slug) <= MAX_SLUG
    assert one.body == one.body.strip() != ""
    assert len(one.body.encode()) < MAX_FILE_BYTES
    facts = {
        "title": one.title,
        "year": one.year,
        "critic": one.critic,
        "sheep": None if one.half_sheep is None else f"{one.half_sheep / 2:g}",
        "quote": one.quote,
        "quote_by": one.quote_by,
        "written_by": one.credits.written_by,
        "directed_by": one.credits.directed_by,
        "starring": one.credits.starring,
        "genres": one.genres,
        "url": one.url,
        "image": one.image_url,
        "spoilers": one.spoilers,
    }
    FrontMatter.model_validate({name: value for name, value in facts.items() if value is not None})


PIECES = st.sampled_from(
    (
        *(
            "<p>",
            "</p>",
            "<b>",
            "</i>",
            "<br>",
            "<blockquote>",
            "<li>",
            "<td>",
            "<a href=",
            "<img alt='4/5'>",
            "<!--",
            "]]>",
            "<div hidden>",
        ),
        *(
            "Directed by ",
            "Tom Hooper",
            "Starring ",
            " and ",
            ", Jr.",
            "Rating: ",
            "4/5",
            "★★½",
            "3 sheep",
            "B+",
            "85%",
            "“",
            "” – Ace",
            "Review",
        ),
        *(
            "\n",
            "\n\n",
            "[caption]",
            "[rating value=3]",
            "\u202e",
            "\u200d",
            "\ud800",
            "\0",
            "&#xD800;",
            "&lt;",
            "â€™",
            "Ã",
            "(2015)",
            "|",
            "\\",
            "*",
            "SPOILERS",
        ),
        *(
            '<script type="application/ld+json">',
            '{"@type":"Review","reviewRating":{"ratingValue":4}}',
            "</script>",
            "<i itemscope itemprop=a>",
        ),
    )
)
TEXTS = st.lists(PIECES | st.text(max_size=12), max_size=12).map("".join) | st.binary(max_size=60).map(decode)


@settings(max_examples=100, deadline=None)
@given(
    st.builds(
        Post,
        guid=TEXTS,
        title=TEXTS,
        body=TEXTS,
        plain=st.booleans(),
        url=st.none() | TEXTS | TEXTS.map("https://example.com/".__add__),
        author=st.none() | TEXTS,
        published=st.none() | st.datetimes(),
        categories=st.lists(TEXTS, max_size=2).map(tuple),
        image_url=st.none() | TEXTS,
        meta=st.dictionaries(
            st.sampled_from(("rating", "review.rating", "review.best", "film.name", "film.year", "film.starring"))
            | TEXTS,
            TEXTS,
            max_size=3,
        ),
    )
)
def test_any_post_is_read_without_error_into_what_review_files_hold(post: Post) -> None:
    found = read_post(post)

    check(found)
    assert read_post(post) == found


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.none() | TEXTS, TEXTS, st.booleans())
def test_any_page_is_read_without_error(markup: str, url: str | None, name: str, plain: bool) -> None:  # noqa: FBT001 - drawn
    check(read_post(read_page(markup, url, name, plain=plain)))


@pytest.mark.parametrize(
    ("line", "stays"), [("4 sheep", False), ("★★★★", False), ("3 stars out of 4", True), ("I give it 4 sheep.", True)]
)
def test_a_line_that_says_only_what_the_sheep_do_is_not_kept(line: str, *, stays: bool) -> None:
    found = read_post(Post(guid="1", title="Cats Review", body=f"<p>Fur over fur.</p><p>{line}</p>"))

    assert found.review is not None
    assert found.review.half_sheep == 8
    assert (line in found.review.body) is stays
