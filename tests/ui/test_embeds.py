"""Embeds and controls: within Discord's limits whatever a review, a title, a thought or a tally holds."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ranking import Period, Scope, Sort, Tally
from bot.reviews.labels import Kind
from bot.reviews.model import Credits, Review
from bot.reviews.titles import Title
from bot.store.leaderboard import Board, Place, Question
from bot.store.thoughts import SharedThought
from bot.store.votes import Ballot, MemberVote, Thought
from bot.ui import boards, controls, embeds, ids, modals, text
from tests.limits import check_embed, check_modal, check_view
from tests.ui import nasty

if TYPE_CHECKING:
    from collections.abc import Iterator

    import discord

# At their largest, these are what a snowflake, the database and a review file can hold.
MEMBERS = st.sampled_from([2**63 - 1, 340_200_000_000]) | st.integers(1, 2**63 - 1)
REVIEWS = st.sampled_from([1, ids.MAX_ID])
SECONDS = st.sampled_from([0, 1442275200, 2**33])
MOST = 10**9
COUNTS = st.integers(0, MOST) | st.just(MOST)
SHEEP = st.integers(1, 5)
HALVES = st.none() | st.integers(0, 10)

some = nasty.texts | nasty.blanks
titles_text = some | nasty.long_texts(158) | nasty.long_texts(300)
slugs = st.sampled_from(["miss-you-already", "a" * 80])
years = st.none() | st.integers(1870, 2200)
names = st.lists(some | nasty.long_texts(200), max_size=30).map(tuple)
addresses = st.sampled_from([None, "https://example.com/a", "https://example.com/" + "a" * 480])
optional = st.none() | some | nasty.long_texts(300)

tallies = st.builds(Tally, st.tuples(*[COUNTS] * 5), COUNTS)
titles = st.builds(Title, REVIEWS, slugs, titles_text, years)
reviews = st.builds(
    Review,
    slug=slugs,
    title=titles_text,
    body=some | nasty.long_texts(6000),
    year=years,
    critic=optional,
    half_sheep=HALVES,
    quote=optional,
    quote_by=optional,
    credits=st.builds(Credits, names, names, names),
    genres=names,
    url=addresses,
    image_url=addresses,
    published=st.none() | st.dates(),
    spoilers=st.booleans(),
)
# What the store holds was cleaned, and measured, when it came in.
thoughts = st.builds(
    Thought,
    (some | nasty.long_texts(1000)).map(lambda body: text.clean(body)[: modals.MAX_THOUGHT] or "Loved it."),
    st.booleans(),
)
ballots = st.builds(Ballot, st.none() | SHEEP, st.none() | SHEEP, tallies)
places = st.builds(
    Place, REVIEWS, titles_text, years, st.floats(1, 5), st.floats(1, 5), COUNTS, HALVES, tallies, st.floats(0, 3)
)
questions = st.builds(
    Question,
    REVIEWS | st.just(0),
    st.sampled_from(Sort),
    st.sampled_from(Period),
    st.integers(1, ids.MAX_MIN_VOTES),
    st.floats(0, 1000),
    decade=st.none() | st.sampled_from([1870, 1990, 9990]),
    closed=st.none() | st.just(()),
)


def page(number: int, size: int, most: int = MOST) -> st.SearchStrategy[int]:
    """A total that has this page of so many."""
    return st.integers(number * size + 1, most) | st.just(number * size + size)


def film(**facts: object) -> Review:
    """A review with little in it but these facts."""
    known: dict[str, object] = {
        "slug": "miss-you-already",
        "title": "Miss You Already",
        "body": "It was a film.",
        **facts,
    }
    return Review(**known)  # pyright: ignore[reportArgumentType] - the tests choose the facts by name


def shown_of(film: Review, tally: Tally, number: int) -> Iterator[discord.Embed]:
    """Every embed that is made of a review."""
    yield embeds.review(film, tally)
    yield embeds.results(film, tally)
    yield embeds.full_review(film, number)[0]


# --- whatever they hold


@settings(max_examples=60)
@given(reviews, tallies, REVIEWS, st.integers(0, ids.MAX_POSITION))
async def test_any_review_fits(film: Review, tally: Tally, review_id: int, number: int) -> None:
    for embed in shown_of(film, tally, number):
        check_embed(embed)
    check_view(controls.review(review_id, film, tally.thoughts))
    _, page, pages = embeds.full_review(film, number)
    check_view(controls.full_review(review_id, page, pages))


@settings(max_examples=60)
@given(title=titles, ballot=ballots, said=thoughts, own=st.booleans())
async def test_any_answer_to_a_vote_or_a_thought_fits(
    title: Title, ballot: Ballot, said: Thought, *, own: bool
) -> None:
    check_embed(embeds.ballot(title, ballot.previous, ballot.current, ballot.tally))
    check_embed(embeds.shared(title, ballot, said))
    check_embed(embeds.unshared(title, ballot))
    check_view(controls.ballot(title.review_id, voted=ballot.current is not None))
    check_view(controls.change_vote(title.review_id, ballot.current))
    check_view(controls.shared(title.review_id, ballot.tally.thoughts, own=own))
    check_modal(modals.thought(title, ballot.current, said.body, spoiler=said.spoiler))


@settings(max_examples=40)
@given(
    title=titles,
    found=st.lists(
        st.builds(SharedThought, MEMBERS, st.none() | SHEEP, thoughts, SECONDS), max_size=embeds.THOUGHTS_PAGE
    ),
    start=st.integers(0, ids.MAX_POSITION - embeds.THOUGHTS_PAGE),
    names=st.dictionaries(MEMBERS, some),
    from_end=st.booleans(),
)
async def test_any_page_of_thoughts_fits(
    title: Title, found: list[SharedThought], start: int, names: dict[int, str], *, from_end: bool
) -> None:
    reader = found[0].member_id if found else 1
    shown = embeds.fit_thoughts(found, reader, from_end=from_end)

    check_embed(embeds.thoughts(title, shown, start, start + len(found), reader, names))
    check_view(controls.thoughts(title.review_id, start, len(shown), start + len(found), own=from_end))


@settings(max_examples=60)
@given(
    places=st.lists(places, max_size=boards.PAGE),
    prior=st.floats(1, 5),
    question=questions,
    names=st.dictionaries(st.sampled_from(Kind), titles_text),
    where=st.integers(0, ids.MAX_POSITION - 1).flatmap(
        lambda number: st.tuples(st.just(number), page(number, boards.PAGE))
    ),
    counts=st.booleans(),
)
async def test_any_leaderboard_fits(
    places: list[Place],
    prior: float,
    question: Question,
    names: dict[Kind, str],
    where: tuple[int, int],
    *,
    counts: bool,
) -> None:
    number, total = where

    check_embed(boards.board(Board(places, total, prior), question, names, number, counts=counts))
    shown = ids.BoardPage(question.sort, question.period, Scope.SERVER, question.min_votes, page=number)
    check_view(controls.board(shown, total))


@settings(max_examples=40)
@given(
    st.lists(titles_text, max_size=25),
    st.integers(0, ids.MAX_POSITION - 1).flatmap(
        lambda number: st.tuples(st.just(number), page(number, embeds.MY_VOTES_PAGE))
    ),
    SECONDS,
)
async def test_any_list_of_films_fits(films: list[str], where: tuple[int, int], seconds: int) -> None:
    listed = [Title(ids.MAX_ID - number, "a" * 80, title, 2015) for number, title in enumerate(films)]
    votes = [(MemberVote(title.review_id, 5, seconds), title) for title in listed[: embeds.MY_VOTES_PAGE]]

    check_embed(embeds.my_votes(votes, *where))
    check_view(controls.my_votes(votes, *where))
    if listed:
        check_view(controls.did_you_mean(listed, ids.PickReview()))


@given(typed=some | nasty.long_texts(6000), known=st.booleans(), near=st.booleans())
def test_any_typed_title_can_be_answered(typed: str, *, known: bool, near: bool) -> None:
    check_embed(embeds.not_found(typed, known=known, near=near))


# --- at their largest


@pytest.mark.parametrize(
    ("piece", "title", "body"),
    [
        *(("*", 300, 256 * 1024), ("**bold** _it_\n\n", 158, 256 * 1024), ("🐑", 300, 256 * 1024)),
        *((piece, 300, 5000) for piece in ("[a](b) ", "\\", "|", "é", "word ", "a", "\n", "\u200b", "e\u200d")),
    ],
)
async def test_the_largest_review_fits(piece: str, title: int, body: int) -> None:
    people = ((piece * 200)[:200],) * 30
    largest = film(
        title=(piece * title)[:title],
        year=2015,
        body=(piece * body)[:body],
        critic=(piece * 300)[:300],
        half_sheep=7,
        quote=(piece * 300)[:300],
        quote_by=(piece * 300)[:300],
        credits=Credits(people, people, people),
        genres=people,
        published=date(2015, 9, 15),
    )
    for embed in shown_of(largest, Tally((MOST, MOST, MOST, MOST, MOST), MOST), ids.MAX_POSITION):
        check_embed(embed)
    check_view(controls.review(ids.MAX_ID, largest, MOST))


async def test_three_hundred_thoughts_are_each_shown_once_in_either_direction() -> None:
    bodies = [
        text.clean((piece * 1000)[:1000])
        for piece in ("*\n\n", "|", "1.\n", "🐑", "\\", "- a\n", "@everyone ", "a", "\u200b.")
    ]
    every = [
        SharedThought(2**63 - 1 - number, 5, Thought(bodies[number % len(bodies)], bool(number % 2)), 1442275200)
        for number in range(300)
    ]
    title = Title(ids.MAX_ID, "a", "*" * 300, 2015)
    names = {thought.member_id: "*" * 100 for thought in every}

    forwards: list[SharedThought] = []
    while found := every[len(forwards) : len(forwards) + embeds.THOUGHTS_PAGE]:
        shown = embeds.fit_thoughts(found, every[0].member_id)
        check_embed(embeds.thoughts(title, shown, len(forwards), len(every), every[0].member_id, names))
        check_view(controls.thoughts(ids.MAX_ID, len(forwards), len(shown), len(every), own=not forwards))
        forwards += shown
    assert forwards == every

    end = len(every)
    while end:
        shown = embeds.fit_thoughts(every[max(0, end - embeds.THOUGHTS_PAGE) : end], 1, from_end=True)
        assert list(shown) == every[end - len(shown) : end]
        end -= len(shown)


async def test_no_more_films_are_offered_than_a_menu_holds() -> None:
    films = [Title(number, f"film-{number}", f"Film {number}", None) for number in range(40)]

    (menu,) = controls.did_you_mean(films, ids.PickReview()).children

    assert len(menu.to_component_dict()["options"]) == controls.MAX_OPTIONS


# --- where there is nothing to see


async def test_a_film_whose_title_nobody_can_see_goes_by_its_slug() -> None:
    unseen = Title(1, "unseen", "\u200b\u2800", None)
    (menu,) = controls.did_you_mean([unseen], ids.PickReview()).children

    assert menu.to_component_dict()["options"][0]["label"] == "unseen"
    assert modals.thought(unseen, None).title == "unseen"
    assert embeds.review(film(slug="unseen", title="\u200b"), Tally()).title == "unseen"


def test_credits_that_nobody_can_see_make_no_field() -> None:
    shown = embeds.review(film(credits=Credits(("\u200b",), (), ("Toni Collette", "\u2800"))), Tally())

    assert [(field.name, field.value) for field in shown.fields][:-1] == [("Starring", "Toni Collette")]


# --- what they say


def test_a_review_says_who_made_the_film_and_what_critic_and_readers_think() -> None:
    shown = embeds.review(
        film(
            year=2015,
            critic="Joseph",
            half_sheep=8,
            quote="You and your scars are beautiful.",
            quote_by="Ace",
            credits=Credits(("Morwenna Banks",), ("Catherine Hardwicke",), ("Toni Collette", "Drew Barrymore")),
            url="https://example.com/a",
        ),
        Tally((0, 0, 0, 1, 1)),
    )

    assert (shown.title, shown.url) == (r"Miss You Already \(2015\)", "https://example.com/a")
    assert shown.description == "> *You and your scars are beautiful.*\n> — Ace\n\nIt was a film."
    assert [(field.name, field.value) for field in shown.fields][:-1] == [
        ("Written by", "Morwenna Banks"),
        ("Directed by", "Catherine Hardwicke"),
        ("Starring", "Toni Collette and Drew Barrymore"),
        ("Critic · Joseph", "🐑🐑🐑🐑 4 of 5"),
    ]
    assert shown.fields[-1].name == "Readers 4.5 · 2 votes"
    assert shown.footer.text == "Your turn! How many sheep would you give Miss You Already?"


def test_a_review_that_gives_the_ending_away_is_not_excerpted() -> None:
    shown = embeds.review(film(body="The sled did it.", spoilers=True), Tally())

    assert "sled" not in str(shown.to_dict())


@pytest.mark.parametrize(
    ("tally", "said"),
    [
        (Tally(), None),
        (Tally((0, 0, 0, 2, 0)), "The flock and the critic agree."),
        (Tally((0, 0, 0, 0, 2)), "The flock is 1.0 sheep kinder than the critic."),
        (Tally((2, 0, 0, 0, 0)), "The flock is 3.0 sheep harder than the critic."),
    ],
)
def test_the_results_compare_the_flock_with_the_critic(tally: Tally, said: str | None) -> None:
    assert embeds.results(film(half_sheep=8), tally).description == said
    assert embeds.results(film(), tally).description is None


def test_a_full_review_is_paged_and_a_page_beyond_the_last_is_the_last() -> None:
    long = film(body="\n\n".join(["word " * 100] * 20), critic="Joseph", genres=("drama",), published=date(2015, 9, 15))

    first, page, pages = embeds.full_review(long, 0)
    last, last_page, _ = embeds.full_review(long, 98)

    assert (page, last_page, pages) == (0, 4, 5)
    assert first.footer.text == "by Joseph · 2015-09-15 · drama · page 1 of 5"
    assert last.footer.text is not None
    assert last.footer.text.endswith("page 5 of 5")


@pytest.mark.parametrize(
    ("previous", "current", "said"),
    [
        (None, 4, "You gave *Miss You Already* 🐑🐑🐑🐑 4 sheep."),
        (4, 4, "You gave *Miss You Already* 🐑🐑🐑🐑 4 sheep."),
        (3, 4, "You gave *Miss You Already* 🐑🐑🐑🐑 4 sheep (it was 3)."),
        (3, None, "Your vote on *Miss You Already* is taken back (it was 3)."),
        (None, None, "You have no vote on *Miss You Already*."),
    ],
)
def test_the_answer_to_a_vote_says_what_changed(previous: int | None, current: int | None, said: str) -> None:
    title = Title(1, "miss-you-already", "Miss You Already", 2015)

    assert embeds.ballot(title, previous, current, Tally()).description == said


@pytest.mark.parametrize(
    ("body", "covered"),
    [("He dies.", "> ||He dies.||"), ("One.\n\nTwo.", "> ||One.\n> \n> Two.||"), ("|a||b|", r"> ||\|a\|\|b\| ||")],
)
def test_a_spoiler_stays_covered_to_its_end(body: str, covered: str) -> None:
    title = Title(1, "a", "A", None)
    shown = embeds.shared(title, Ballot(None, None, Tally()), Thought(body, spoiler=True))

    assert (shown.description or "").endswith(f"\n{covered}")


def test_the_reader_and_the_named_are_named_and_all_others_mentioned() -> None:
    every = [SharedThought(member, None, Thought("Loved it."), 0) for member in (1, 2, 3, 4)]
    shown = embeds.thoughts(Title(1, "a", "A", None), every, 0, 4, 1, {2: "*ewe*", 3: "\u200b"})

    authors = [line.split(" · ")[0] for line in (shown.description or "").split("\n")[::3]]
    assert authors == ["**You**", r"**\*ewe\***", "<@3>", "<@4>"]


FILM = Place(1, "Miss You Already", 2015, 4.25, 4.6, 17, 8, Tally((1, 0, 2, 3, 11)), 1.234)


def test_a_leaderboard_numbers_its_places_and_says_its_formula() -> None:
    shown = boards.board(Board([FILM], 11, 3.4), Question(1), {}, 1)

    assert shown.description is not None
    assert shown.description.splitlines()[0] == r"**11. Miss You Already \(2015\)**"
    assert "score 4.25 · mean 4.6 · 17 votes · critic 4" in shown.description
    assert shown.footer.text == "Page 2 of 2 · Score: the mean with 3 more votes at 3.4 added. At least 3 votes."


@pytest.mark.parametrize(
    ("question", "title", "numbers", "formula"),
    [
        (
            Question(0, Sort.LOWEST, Period.MONTH, 1, 1.0),
            "What the whole flock would rather forget · all servers · last 30 days",
            "score 4.25 · mean 4.6 · 17 votes · critic 4",
            "Score: the mean with 1 more vote at 3.4 added. At least 1 vote.",
        ),
        (
            Question(1, Sort.DIVISIVE, min_votes=1, weight=2.0),
            "What divides this server",
            "±1.23 around 4.6 · 17 votes (1-0-2-3-11) · critic 4",
            (
                "±: the standard deviation with 2 more votes added that differ as is usual here (±1.10)."
                " At least 1 vote. In parentheses: the votes for 1-2-3-4-5 sheep."
            ),
        ),
        (
            Question(1, Sort.CRITIC_GAP, decade=1990),
            "Where this server and the critic disagree · 1990s",
            "flock 4.2, critic 4: 0.2 kinder · 17 votes",
            "Flock: the mean with 3 more votes at 3.4 added; the critic's sheep are taken from it. At least 3 votes.",
        ),
        (
            Question(1, Sort.RISING, closed=()),
            "Rising in this server · last 14 days",
            "74 sheep lately · mean 4.6 · 17 votes · critic 4",
            "All sheep given in the last 14 days, added up. At least 3 votes. Only films whose vote is closed here.",
        ),
    ],
    ids=lambda value: value.sort if isinstance(value, Question) else "",
)
def test_each_board_says_what_it_was_asked_and_shows_the_numbers_that_fit_it(
    question: Question, title: str, numbers: str, formula: str
) -> None:
    shown = boards.board(Board([FILM], 1, 3.4, 1.1), question, {}, 0)

    assert shown.title == f"🐑 {title}"
    assert (shown.description or "").splitlines()[1] == numbers
    assert shown.footer.text == formula


@pytest.mark.parametrize(
    ("score", "half", "said"),
    [
        (4.1, 4, "flock 4.1, critic 2: 2.1 kinder"),
        (1.96, 9, "flock 2.0, critic 4½: 2.5 harder"),
        (4.04, 8, "flock 4.0, critic 4: agreed"),
    ],
)
def test_a_gap_says_who_is_kinder_and_its_numbers_agree(score: float, half: int, said: str) -> None:
    place = FILM._replace(score=score, critic_half_sheep=half)
    shown = boards.board(Board([place], 1, 3.4), Question(1, Sort.CRITIC_GAP), {}, 0)

    assert (shown.description or "").splitlines()[1] == f"{said} · 17 votes"


def test_where_results_show_after_voting_no_board_tells_how_many_gave_how_many_sheep() -> None:
    shown = boards.board(Board([FILM], 1, 3.4), Question(1, Sort.DIVISIVE), {}, 0, counts=False)

    assert "parentheses" not in str(shown.footer.text)
    assert (shown.description or "").splitlines()[1] == "±1.23 around 4.6 · 17 votes · critic 4"


def test_a_narrowed_board_names_what_it_is_narrowed_to_literally() -> None:
    names = {Kind.GENRE: "*Drama*", Kind.DIRECTOR: "Agnès Varda", Kind.CRITIC: "x" * 99}
    shown = boards.board(Board([], 0, 3.0), Question(1, period=Period.WEEK), names, 0)

    assert shown.title is not None
    assert shown.title.startswith(
        r"🐑 What this server loves · last 7 days · \*Drama\* · directed by Agnès Varda · reviewed by xxx"
    )
    for step in ("Leave a filter away", "`period` all", "`/review` a film", "`min_votes` 1"):
        assert step in (shown.description or "")


def test_help_names_every_command() -> None:
    commands = [(f"command-{number}", "d" * 100) for number in range(25)]
    shown = embeds.help_page(commands[:15], commands[15:])

    check_embed(shown)
    assert all(f"`/{name}` {said}" in (shown.description or "") for name, said in commands)
    assert "look after" not in (embeds.help_page(commands, []).description or "")


# --- turning pages


def labels(view: discord.ui.View) -> list[str]:
    return [
        component["label"] for row in view.to_components() for component in row["components"] if "label" in component
    ]


async def test_only_pages_that_exist_can_be_turned_to() -> None:
    assert labels(controls.full_review(1, 0, 1)) == []
    assert labels(controls.full_review(1, 0, 2)) == ["Next"]
    assert labels(controls.full_review(1, 1, 3)) == ["Previous", "Next"]
    first = ids.BoardPage(Sort.TOP, Period.ALL, Scope.SERVER, 3)
    assert labels(controls.board(first, 10)) == []
    assert labels(controls.board(first, 11)) == ["Next"]
    assert labels(controls.board(first.replace(page=1), 20)) == ["Previous"]
    assert labels(controls.thoughts(1, 5, 5, 10, own=False)) == ["Previous", "Share your thoughts"]
    assert labels(controls.thoughts(1, 0, 3, 4, own=True)) == ["Next", "Edit mine", "Delete mine"]


async def test_there_is_no_vote_to_remove_where_none_was_given() -> None:
    assert labels(controls.ballot(1, voted=False)) == ["Add a thought"]
    given, none = controls.change_vote(1, 4), controls.change_vote(1, None)
    assert [row["components"][-1]["disabled"] for row in (given.to_components()[1], none.to_components()[1])] == [
        False,
        True,
    ]
