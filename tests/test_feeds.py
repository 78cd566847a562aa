"""Following feeds: what is new is posted once, the oldest first, three at a time, and nothing else is."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, NoReturn, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.feeds import planning
from bot.feeds.following import EACH
from bot.feeds.looking import BODY, READER, Look, Looker
from bot.feeds.planning import DEAD_AFTER, INTERVAL, Turn
from bot.feeds.reading import MAX_BODY, MOST, look, read
from bot.feeds.taking import Taker
from bot.fetching import Fetched
from bot.reviews.importers.post import Post, Reading
from bot.reviews.model import Review
from bot.rules import DAY
from bot.store import open_store
from bot.store.feeds import MAX_URL, Feed, Item, State
from bot.worker import Worker
from tests.store.tools import UNSHRUNK

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
    from pathlib import Path

    from bot.store import Store

FEED = Feed(1, 10, 7, "https://a.example/feed", "A", None, None, added_at=100, checked_at=100, look_at=0)
SHOWN = 4
"""So many of the newest posts the feed of the property test has."""


@pytest.mark.parametrize(
    ("before", "is_review", "becomes"),
    [
        (None, True, Turn.NEW),
        (None, False, Turn.NOTED),
        (Item("g", "h", 100), True, Turn.NOTED),  # it was there before the feed was added
        (Item("g", "h", 101), True, Turn.NEW),
        (Item("g", "h", 101, State.POSTED, 3), True, Turn.CHANGED),
        (Item("g", "h", 99, State.WAITING, 3), True, Turn.CHANGED),
        (Item("g", "h", 101, State.POSTED, 3), False, Turn.NOTED),  # no review any more: left as it was
        (Item("g", "h", 101, State.RETIRED, 3), True, Turn.BACK),
        (Item("g", "h", 101, State.RETIRED, 3), False, Turn.NOTED),
    ],
)
def test_what_becomes_of_a_post(before: Item | None, is_review: bool, becomes: Turn) -> None:  # noqa: FBT001 - a case
    seen = Item("g", "x", 1)
    assert planning.turn(before, seen, is_review=is_review, added_at=100, since=1) is becomes


@pytest.mark.parametrize(
    ("published_at", "since", "becomes"),
    [
        (50, 60, Turn.NOTED),  # it came into view below all that was there, as one of those was deleted
        (50, 40, Turn.NEW),  # a site that gives days only has it from before the feed was added
        (50, None, Turn.NOTED),  # all posts have new names
        (101, None, Turn.NEW),
        (101, 110, Turn.NEW),
    ],
)
def test_an_old_post_that_comes_into_view_is_no_news(published_at: int, since: int | None, becomes: Turn) -> None:
    assert planning.turn(None, Item("g", "h", published_at), is_review=True, added_at=100, since=since) is becomes


def test_only_what_is_new_changed_or_back_is_read_the_oldest_first() -> None:
    before = [Item("same", "h", 3), Item("changed", "h", 4), Item("back", "h", 1, State.RETIRED)]
    known = {item.guid: item for item in before}
    seen = [Item("new", "h", 5), Item("changed", "x", 4), Item("same", "h", 3), Item("back", "h", 1)]

    assert planning.plan(known, seen) == (("back", "changed", "new"), 1, 1)
    assert planning.plan(known, [Item("old", "h", 1), *seen[:3]]) == (("old", "changed", "new"), 1, 3)
    assert planning.plan({}, seen[:1]) == (("new",), 5, None)
    assert planning.plan(known, []) == ((), 0, None)


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_pauses_grow_to_a_day_and_never_come_together(failures: int, luck: float) -> None:
    pause = planning.pause(failures, luck)
    assert 0.8 * INTERVAL <= pause <= DAY
    assert pause <= planning.pause(failures + 1, luck)
    assert (pause < planning.pause(failures, 0)) == (luck > 0) or luck < 1e-9


def test_a_feed_is_dead_after_failing_often_and_for_long() -> None:
    failing = FEED._replace(failures=DEAD_AFTER)
    assert planning.is_dead(failing, FEED.checked_at + DAY + 1)
    assert not planning.is_dead(failing, FEED.checked_at + DAY)
    assert not planning.is_dead(failing._replace(failures=DEAD_AFTER - 1), FEED.checked_at + 9 * DAY)


class _Fetcher:
    """Answers with one page, or with others at addresses of their own.

    Attributes:
        asked: The ``etag`` of each request.
    """

    def __init__(self, body: str, others: Mapping[str, str] | None = None) -> None:
        self._body = body
        self._others = others or {}
        self.asked: list[object] = []

    async def get(self, url: str, *, etag: str | None = None, **_: object) -> Fetched:
        self.asked.append(etag)
        return page(self._others.get(url, self._body), url)


def page(body: str, url: str = "https://a.example/feed", **headers: str) -> Fetched:
    sent = {"Content-Type": "application/rss+xml", **headers}
    return Fetched(200, url, sent, body.encode(), "application/rss+xml", None)


def feed_of(items: Iterable[str]) -> str:
    return f"<rss version='2.0'><channel><title>@every\u202eone</title>{''.join(items)}</channel></rss>"


@pytest.fixture
async def reader() -> AsyncGenerator[Worker]:
    """The process that reads, ended with the test."""
    made = Worker(READER)
    yield made
    await made.close()


def test_a_post_that_cannot_be_read_is_no_review(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Post) -> NoReturn:
        raise RecursionError

    monkeypatch.setattr("bot.feeds.reading.read_post", fail)
    (reading,) = read([Post(guid="g", title="", body="")])
    assert reading.review is None


@pytest.mark.parametrize("words", [7_000, 9_000])
def test_a_post_longer_than_servers_keep_is_no_review(words: int) -> None:
    (reading,) = read([Post(guid="g", title="Cats review", body=f"<p>{'word ' * words}</p>")])
    assert (reading.review is None) is (words * 5 > MAX_BODY)


async def test_a_page_links_to_a_feed_whose_address_can_be_kept(reader: Worker) -> None:
    for room, found in ((MAX_URL, True), (MAX_URL + 1, False)):
        href = "https://a.example/".ljust(room, "x")
        linking = f'<link rel="alternate" type="application/rss+xml" href="{href}">'
        with nullcontext() if found else pytest.raises(SourceError, match="links to one"):
            fetcher = _Fetcher(linking, {href: feed_of([])})
            assert (await Looker(cast("Any", fetcher), reader, 0).find("a.example"))[0] == href


async def test_a_feed_whose_site_has_no_word_for_its_version_is_read_only_where_it_changed(reader: Worker) -> None:
    said = ["<item><guid>g</guid><title>Cats review</title><description>4/5</description></item>"]
    fetcher = _Fetcher(feed_of(said))
    looker = Looker(cast("Any", fetcher), reader, 1_000_000)

    first = await looker.look("https://a.example/feed", None, None)
    assert first
    (reading,) = await looker.read(list(first.posts.values()))
    assert reading.review is not None
    assert reading.review.half_sheep == 8
    assert await looker.look("https://a.example/feed", first.etag, first.modified) is None
    other = Looker(cast("Any", _Fetcher(feed_of([]))), reader, 1_000_000)
    assert await other.look("https://a.example/feed", first.etag, first.modified)
    assert fetcher.asked == [None, None], "our own word is none of the site's"
    assert await looker.look("https://a.example/feed", "theirs", None)
    assert fetcher.asked[-1] == "theirs"


async def test_what_keeps_the_process_busy_or_kills_it_ends_in_one_line_and_the_next_feed_is_read(
    reader: Worker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looker = Looker(cast("Any", _Fetcher(feed_of([]))), reader, 0)
    with monkeypatch.context() as impatient:
        impatient.setattr("bot.feeds.looking.LIMIT", 0.0)
        with pytest.raises(SourceError, match="takes longer to read"):
            await looker.look("https://a.example/feed", None, None)
    assert await looker.look("https://a.example/feed", None, None)
    process = reader._process  # pyright: ignore[reportPrivateUsage] - a test may look behind a wall
    assert process
    process.kill()
    await process.wait()
    assert await looker.look("https://a.example/feed", None, None)

    with pytest.raises(SourceError, match="cannot make sense"):
        await looker.read(cast("Any", 5))
    broken = Looker(cast("Any", _Fetcher("<rss><!DOCTYPE r [<!ENTITY a 'b'>]>")), reader, 0)
    with pytest.raises(SourceError):
        await broken.look("https://a.example/feed", None, None)
    assert await looker.look("https://a.example/feed", None, None)
    assert "TypeError" in caplog.text


def test_a_post_is_named_by_its_guid_and_site_and_the_newest_are_kept() -> None:
    dated = "<pubDate>Thu, 01 Jan 1970 00:00:{:02} GMT</pubDate>"
    guids = ["g", "x" * 100_000, "x" * 100_000, "\u00e9"]
    items = [f"<item><guid>{guid}</guid>{dated.format(place)}</item>" for place, guid in enumerate(guids)]
    found = look(page(feed_of(items), ETag="e" * 501), FEED.url, 1_000_000)
    assert [item.published_at for item in found.items] == [3, 1, 0]
    assert {len(item.guid) for item in found.items} == {64}
    assert found.title == "@everyone"
    assert found.etag is not None
    assert found.etag.startswith(BODY), "what is too long to be sent back is not kept"
    elsewhere = look(page(feed_of(["<item><guid>g</guid></item>"])), "https://b.example/feed", 1_000_000)
    assert not {item.guid for item in elsewhere.items} & {item.guid for item in found.items}

    many = page(feed_of(f"<item><guid>{number}</guid></item>" for number in range(MOST + 5)))
    undated = look(many, FEED.url, 1_000_000)
    moments = [item.published_at for item in undated.items]
    assert moments == sorted(moments, reverse=True)
    assert len(moments) == MOST
    assert undated.posts.keys() == {item.guid for item in undated.items}


@dataclass
class _Bot:
    """What taking posts asks of the bot."""

    store: Store

    async def reshelve(self, films: Iterable[tuple[int, int]]) -> None:
        """There is no shelf in memory."""


@dataclass
class _Site:
    """A site, and who looks at it: what it has, by guid, with whether it is a review and how often it was changed."""

    posts: dict[str, tuple[bool, int]]
    gone: dict[str, tuple[bool, int]] = field(default_factory=dict[str, tuple[bool, int]])
    hidden: dict[str, tuple[bool, int]] = field(default_factory=dict[str, tuple[bool, int]])
    returned: set[str] = field(default_factory=set[str])
    numbers: Iterator[int] = field(default_factory=lambda: count(101))

    def act(self, act: str, luck: int) -> None:
        """Publish a review or another post, or change, delete or bring back one, or leave it out of the feed."""
        chosen = list(self.posts)[-1 - luck % len(self.posts)] if self.posts else ""
        if act in {"publish", "note"}:
            self.posts[str(next(self.numbers))] = (act == "publish", 0)
        elif act == "change" and chosen:
            self.posts[chosen] = (self.posts[chosen][0], self.posts[chosen][1] + 1)
        elif act == "hide" and chosen:
            self.hidden[chosen] = self.posts.pop(chosen)
        elif act == "delete" and chosen:
            self.gone[chosen] = self.posts.pop(chosen)
        elif act == "return" and self.gone:
            guid, post = self.gone.popitem()
            self.posts = dict(sorted({**self.posts, guid: post}.items(), key=lambda one: int(one[0])))
            self.returned.add(guid)

    def look(self) -> Look:
        """What its feed has now: the newest."""
        newest = list(self.posts)[: -SHOWN - 1 : -1]
        items = [Item(guid, str(self.posts[guid]), int(guid)) for guid in newest]
        return Look("A", None, None, tuple(items), {guid: Post(guid=guid, title="", body="") for guid in newest})

    async def read(self, posts: Iterable[Post]) -> list[Reading]:
        return [self._reading(post.guid) for post in posts]

    async def is_gone(self, url: str) -> bool:
        return url.rpartition("/")[2] in self.gone

    def _reading(self, guid: str) -> Reading:
        is_review, version = self.posts[guid]
        url = f"https://a.example/{guid}"
        return Reading(Review(slug=f"film-{guid}", title=guid, body=f"{version}", url=url) if is_review else None)


ACTS = st.sampled_from(
    (
        "publish",
        "publish",
        "publish",
        "note",
        "change",
        "change",
        "hide",
        "delete",
        "return",
        "withdraw",
        *(("look", "tick") * 3),
    )
)


def test_whatever_a_site_does_each_review_is_posted_once_in_order_and_says_what_its_post_says(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        store = runner.run(open_store(f"sqlite:///{tmp_path}/x.db"))
        guilds = count(10)

        @settings(max_examples=40, phases=UNSHRUNK)
        @given(st.lists(st.tuples(ACTS, st.integers(0, SHOWN)), min_size=15, max_size=30))
        def check(acts: list[tuple[str, int]]) -> None:
            runner.run(play(store, next(guilds), acts))

        try:
            check()
        finally:
            runner.run(store.close())


async def play(store: Store, guild_id: int, acts: list[tuple[str, int]]) -> None:
    site = _Site({str(number): (number != 99, 0) for number in range(92, 100)})  # more than its feed has
    taker = Taker(cast("Any", _Bot(store)))
    new = FEED._replace(guild_id=guild_id)
    await store.feeds.add(new, 1, await taker.first(guild_id, site.look()), "a")
    (feed,) = await store.feeds.of(guild_id)
    posted: list[str] = []
    withdrawn: set[str] = set()

    async def tick() -> int:
        waiting = await store.feeds.waiting(feed.id, EACH)
        names = [title for _, review_id in waiting if (title := await _title(store, review_id))]
        assert len(names) <= len(waiting) <= EACH
        assert [int(name) for name in names] == sorted(map(int, names))
        posted.extend(names)
        for guid, _ in waiting:
            await store.feeds.posted(feed.id, guid)
        return len(waiting)

    for act, luck in [*acts, ("look", 0), ("look", 0)]:
        if act == "look":
            await taker.take(feed, site.look(), cast("Any", site))
        elif act == "tick":
            await tick()
        elif act == "withdraw":  # as moderators do
            own = await store.own.with_guid(f"feed:{guild_id}", (list(site.posts) or [""])[-1])
            if own and not own.retired:
                await store.own.retire(own)
                withdrawn.add(own.review.title)
        else:
            site.act(act, luck)
    while await tick():
        pass

    shown = {item.guid for item in site.look().items}
    reviews = {guid for guid, (is_review, _) in site.posts.items() if is_review and int(guid) > feed.added_at}
    assert set(posted) >= (reviews & shown) - withdrawn  # nothing is lost
    # What was gone when the feed was added cannot be told from what is new.
    assert not {guid for guid in posted if int(guid) <= feed.added_at} - site.returned
    await compare(store, guild_id, site, reviews & shown, withdrawn)
    # What came back may be in the channel still, which is asked of the posts there.
    assert all(times == 1 for guid, times in Counter(posted).items() if guid not in site.returned)


async def compare(store: Store, guild_id: int, site: _Site, shown: set[str], withdrawn: set[str]) -> None:
    """What is on the server's shelf is what the site says, but for what moderators took off it."""
    for guid in shown:
        own = await store.own.with_guid(f"feed:{guild_id}", guid)
        assert own
        assert own.retired is (guid in withdrawn)
        assert own.retired or own.review.body == str(site.posts[guid][1])
    for guid in site.hidden.keys() - site.returned:  # its page is there, and was whenever it was asked for
        own = await store.own.with_guid(f"feed:{guild_id}", guid)
        assert own is None or own.retired is (guid in withdrawn)


async def _title(store: Store, review_id: int) -> str | None:
    review = await store.reviews.get(review_id)
    return review.title if review else None
