"""Text for Discord: made harmless, cut to size, and said in words."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.ranking import Tally
from bot.ui import text
from tests.ui import nasty

LIMITS = st.integers(0, 120)
PUNCTUATION = r"[!-/:-@\[-`{-~]"


def unescaped(shown: str) -> str:
    """What Discord makes of backslashes: one before ASCII punctuation goes."""
    return re.sub(rf"\\({PUNCTUATION})", r"\1", shown)


def acting(shown: str) -> str:
    """What is left for Discord to act on: every escaped character is but a letter."""
    return re.sub(rf"\\{PUNCTUATION}", "x", shown)


# --- clean


@pytest.mark.parametrize(
    "kept",
    [
        *("👩\u200d💻", nasty.FAMILY, "🏳\ufe0f\u200d🌈", "❤\ufe0f\u200d🔥", "👍🏽", "1\ufe0f\u20e3"),
        *(nasty.PERSIAN, "क्\u200dष", "র\u200d্য", "ညှို့", "שּׁ\u05b8\u0596", "ที่นี่", "한국어", "七人の侍"),
        *("Amélie", "tiếng Việt", "日本\u3000映画", "*bold* @you <t:1>", "one\ntwo\n\nthree"),
    ],
)
def test_clean_keeps_what_people_write(kept: str) -> None:
    assert text.clean(kept) == unicodedata.normalize("NFC", kept)


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("evil\u202etxt.exe", "eviltxt.exe"),
        ("\u2066a\u2069\u200e\u200f\u061c", "a"),
        ("in\u200bvis\u2060ib\ufeffle\u00ad", "invisible"),
        ("a\u200db\u200cc", "abc"),
        ("中\u200d\u200c\u200d中", "中\u200d中"),
        ("\x00a\x1b[31m\x7f\x9b", "a[31m"),
        ("\ud83d\ude00 \ud800 \ue000", ""),
        ("\u2800\u3164\u115f\u034f\ufe0f \u0301", ""),
        ("e\u200b\u0301", "é"),
        ("a\r\nb\rc\u2028d\te", "a\nb\nc\nd e"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("a\n \n \n\u00a0\nb ", "a\n\nb"),
        ("", ""),
    ],
)
def test_clean_takes_out_what_is_not_seen(typed: str, left: str) -> None:
    assert text.clean(typed) == left


@pytest.mark.parametrize("between", ["", "\u200b", "\u200d", "\ufe0f", "\u034f", "\u202e"])
@pytest.mark.parametrize("mark", ["\u0301", "\u0489", "\u20dd", "\u0e47"])
def test_no_letter_can_paint_over_the_lines_around_it(mark: str, between: str) -> None:
    cleaned = text.clean("中" + (mark + between) * 50 + "中")

    assert sum(unicodedata.category(char) in {"Mn", "Me"} for char in cleaned) <= text.MAX_MARKS


@given(nasty.texts)
@example("\u202e\u200d中")
@example("中\u200d\u0301a")
@example("e\u200d\u0301\u200d中")
def test_clean_changes_nothing_the_second_time(typed: str) -> None:
    cleaned = text.clean(typed)

    assert text.clean(cleaned) == cleaned


@given(nasty.texts)
def test_clean_leaves_nothing_unseen(typed: str) -> None:
    cleaned = text.clean(typed)

    unseen = {char for char in cleaned if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}}
    assert unseen <= set("\n\u200c\u200d")
    assert not re.search(r"(^|[\x00-\x7f\s\u200c\u200d])[\u200c\u200d]|[\u200c\u200d]([\x00-\x7f\s]|$)", cleaned)
    assert "\n\n\n" not in cleaned
    assert cleaned == cleaned.strip()
    assert unicodedata.is_normalized("NFC", cleaned)
    cleaned.encode()


@pytest.mark.timeout(10)
@pytest.mark.parametrize("piece", [" ", "\n ", "\u200d", "中\u200d", "\u0301", "*", "1", "- ", "||", "\\"])
def test_no_text_takes_long(piece: str) -> None:
    longest = (piece * 65_536)[:65_536]

    text.clean(f"a{longest}b")
    text.literal(f"a{longest}b", 256)
    text.excerpt(f"a{longest}b", 256)
    text.pages(f"a{longest}b", 2400)


# --- plain, cut


@given(nasty.texts, LIMITS)
def test_plain_is_one_line_that_fits(typed: str, limit: int) -> None:
    shown = text.plain(typed, limit)

    assert len(shown) <= limit
    assert shown.split() == shown.split(" ") or not shown


@pytest.mark.parametrize(
    ("written", "limit", "shown"),
    [
        ("four sheep", 10, "four sheep"),
        ("four sheep", 9, "four…"),
        ("four sheep", 6, "four…"),
        ("four sheep", 5, "four…"),
        ("four, and a very long wooooooooooooord", 30, "four, and a very long…"),
        ("a woooooooooooooooooooooooord", 12, "a woooooooo…"),
        ("one two three", 9, "one two…"),
        ("sheep", 1, "…"),
        ("sheep", 0, ""),
    ],
)
def test_cut_ends_at_a_word_with_an_ellipsis(written: str, limit: int, shown: str) -> None:
    assert text.cut(written, limit) == shown


@given(nasty.texts, LIMITS)
def test_cut_fits_and_shows_the_beginning(written: str, limit: int) -> None:
    shown = text.cut(written, limit)

    assert len(shown) <= limit
    if len(written) <= limit:
        assert shown == written
    elif limit:
        assert shown.endswith("…")
        assert written.startswith(shown[:-1])


# --- literal


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("**bold** _it_ ~~no~~ `code`", r"\*\*bold\*\* \_it\_ \~\~no\~\~ \`code\`"),
        ("||hidden||", r"\|\|hidden\|\|"),
        ("[free](https://evil.example)", r"\[free\]\(https\://evil.example\)"),
        ("@everyone <@1> <#2> <:a:3>", r"\@everyone \<\@1\> \<\#2\> \<\:a\:3\>"),
        ("# a\n> b\n- c\n+ d\n* e\n1. f\n-# g", "\\# a\n\\> b\n\\- c\n\\+ d\n\\* e\n1\\. f\n\\-\\# g"),
        (r"¯\_(ツ)_/¯", r"¯\\\_\(ツ\)\_/¯"),
        ("9.5 of 10 - well-made, 1917", "9\\.5 of 10 - well-made, 1917"),
        ("Don't! Is it “good”? Yes; 100%.", "Don't! Is it “good”? Yes; 100%."),
    ],
)
def test_literal_escapes_what_discord_would_act_on(typed: str, shown: str) -> None:
    assert text.literal(typed, 200) == shown


@given(nasty.texts)
def test_literal_reads_as_it_was_typed(typed: str) -> None:
    assert unescaped(text.literal(typed, 10_000)) == text.clean(typed)


@given(nasty.texts, LIMITS)
def test_literal_leaves_discord_nothing_to_act_on(typed: str, limit: int) -> None:
    left = acting(text.literal(typed, limit))

    assert not re.search(r"[*_~`|<>\[\]()@#\\]|://|:\w+:", left)
    assert not re.search(r"^\s*([-+•]|\d+\.)(\s|$)", left, re.MULTILINE)


@given(nasty.texts, LIMITS)
def test_literal_fits_escapes_included_and_shows_the_beginning(typed: str, limit: int) -> None:
    shown = text.literal(typed, limit)

    assert len(shown) <= limit
    read, whole = unescaped(shown), text.clean(typed)
    assert read == whole or (read == "" and limit == 0) or whole.startswith(read.removesuffix("…"))


@pytest.mark.parametrize("limit", [1, 256, 1000])
def test_literal_uses_the_room_there_is(limit: int) -> None:
    assert len(text.literal("*" * 3000, limit)) >= limit - 1


# --- excerpt, pages


@pytest.mark.parametrize(
    ("written", "limit", "shown"),
    [
        ("A short review.", 40, "A short review."),
        ("A first paragraph.\n\nA second paragraph.", 30, "A first paragraph."),
        ("It is **the best film of the year**", 25, "It is **the best film…**"),
        ("It is *not **at all** the best of the year*", 30, "It is *not **at all** the…*"),
        (r"Five \*\*\* out of five, and then some more", 30, r"Five \*\*\* out of five, and…"),
    ],
)
def test_an_excerpt_is_whole_paragraphs_or_closes_what_it_cut(written: str, limit: int, shown: str) -> None:
    assert text.excerpt(written, limit) == (shown, shown == written)


@given(nasty.texts, st.integers(3, 120))
def test_an_excerpt_fits_and_is_the_text_itself_where_that_fits(written: str, limit: int) -> None:
    shown, whole = text.excerpt(written, limit)

    assert len(shown) <= limit
    if len(text.clean(written)) <= limit:
        assert (shown, whole) == (text.clean(written), True)
    else:
        assert shown
        assert not whole


@given(nasty.texts, st.integers(2, 40), st.integers(3, 120))
def test_the_excerpt_of_a_long_text_is_that_of_its_beginning(written: str, times: int, limit: int) -> None:
    assert text.excerpt(written * times, limit) == text.excerpt(text.clean(written * times), limit)


def test_pages_break_between_paragraphs() -> None:
    assert text.pages("One two.\n\nThree.\n\nFour five six.", 18) == ["One two.\n\nThree.", "Four five six."]


def test_paragraphs_share_a_page_as_long_as_they_fit() -> None:
    assert text.pages("four\n\nfive", 10) == ["four\n\nfive"]
    assert text.pages("four\n\nfive", 9) == ["four", "five"]


def test_a_paragraph_longer_than_a_page_breaks_between_words() -> None:
    assert text.pages("one two three four", 10) == ["one two", "three four"]


def test_a_text_without_anything_is_one_empty_page() -> None:
    assert text.pages("\u200b\n", 10) == [""]


@given(nasty.texts | nasty.long_texts(500), st.integers(2, 80))
@example("a\n\n" + " " * 30 + "b", 10)
def test_pages_fit_and_lose_nothing(written: str, limit: int) -> None:
    pages = text.pages(written, limit)

    assert all(len(page) <= limit for page in pages)
    assert all(pages) or pages == [""]
    assert "".join("".join(pages).split()) == "".join(text.clean(written).split())


# --- fit_names


@pytest.mark.parametrize(
    ("names", "limit", "shown"),
    [
        ([], 50, ""),
        (["Toni"], 50, "Toni"),
        (["Toni", "Drew"], 50, "Toni and Drew"),
        (["Toni", "Drew", "Dominic"], 50, "Toni, Drew and Dominic"),
        (["Toni", "Drew", "Dominic", "Frances"], 20, "Toni and 3 more"),
        (["Toni", "\u200b", "Drew"], 50, "Toni and Drew"),
        (["\u200b"], 50, ""),
        (["A*"], 50, r"A\*"),
    ],
)
def test_names_are_listed_with_how_many_more_there_are(names: list[str], limit: int, shown: str) -> None:
    assert text.fit_names(names, limit) == shown


@given(st.lists(nasty.texts, max_size=30), LIMITS)
def test_names_fit(names: list[str], limit: int) -> None:
    assert len(text.fit_names(names, limit)) <= limit


# --- words and numbers


@pytest.mark.parametrize(
    ("half", "row"),
    [(0, "0 of 5"), (1, "½ of 5"), (2, "🐑 1 of 5"), (7, "🐑🐑🐑½ 3½ of 5"), (10, "🐑🐑🐑🐑🐑 5 of 5")],
)
def test_a_verdict_is_a_row_of_sheep_with_its_number(half: int, row: str) -> None:
    assert text.flock(half) == row


def test_counts_agree_with_their_nouns() -> None:
    assert [text.plural(n, "vote") for n in (0, 1, 2, 1204)] == ["0 votes", "1 vote", "2 votes", "1,204 votes"]
    assert [text.given(n) for n in (1, 3)] == ["🐑 1 sheep", "🐑🐑🐑 3 sheep"]


def test_the_readers_mean_is_said_with_its_votes() -> None:
    assert text.average(Tally()) == "No votes yet"
    assert text.average(Tally((0, 0, 0, 1, 0))) == "4.0 · 1 vote"
    assert text.average(Tally((1, 0, 2, 4, 10))) == "4.3 · 17 votes"


def test_a_moment_is_left_to_each_readers_discord() -> None:
    assert text.when(1442275200) == "<t:1442275200:R>"


def test_bars_show_the_spread_five_sheep_first() -> None:
    assert text.bars(Tally((1, 0, 2, 4, 1000))).splitlines() == [
        "```",
        "5 sheep ██████████ 1,000",
        "4 sheep █░░░░░░░░░ 4",
        "3 sheep █░░░░░░░░░ 2",
        "2 sheep ░░░░░░░░░░ 0",
        "1 sheep █░░░░░░░░░ 1",
        "```",
    ]


@given(st.tuples(*[st.integers(0, 10**9)] * 5))
def test_bars_are_of_one_width_and_any_vote_is_seen(counts: tuple[int, int, int, int, int]) -> None:
    bars = [line.split()[2] for line in text.bars(Tally(counts)).splitlines()[1:-1]]

    assert {len(bar) for bar in bars} == {text.BAR_WIDTH}
    assert ["█" in bar for bar in reversed(bars)] == [count > 0 for count in counts]
    filled = [bar.count("█") for bar in reversed(bars)]
    assert sorted(filled) == [length for _, length in sorted(zip(counts, filled, strict=True))]
