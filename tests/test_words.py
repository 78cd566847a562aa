"""Words that hold a thought back: found whole, however they are dressed up, and nowhere else."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.words import fold_word, found

LETTERS = "abcdefghij"
WORDS = st.text(LETTERS, min_size=2, max_size=8)
AROUND = st.lists(st.sampled_from(["xyz", "XY", "z!", "…", "zz-yy", "12"]), max_size=3).map(" ".join)
SIGNS = st.sampled_from([".", "-", "_", "*", "\u200b", "\u200d", "\ufe0f", "·", "/"])
Disguise: TypeAlias = Callable[[str], str]
DISGUISES: tuple[Disguise, ...] = (
    str.upper,
    str.title,
    lambda word: "".join(chr(ord(char) + 0xFEE0) for char in word),  # full width
    lambda word: unicodedata.normalize("NFC", "".join(f"{char}\u0301" for char in word)),
    lambda word: "".join(f"{char}\u0336" for char in word),  # struck through
    lambda word: f"({word})",
    lambda word: f"{word}'s",
    " ".join,
)


@given(WORDS, AROUND, AROUND, st.sampled_from(DISGUISES))
def test_a_word_is_found_in_any_disguise(word: str, before: str, after: str, disguise: Disguise) -> None:
    assert found([fold_word(word)], f"{before} {disguise(word)} {after}") == [word]


@given(WORDS, AROUND, AROUND, st.data())
def test_signs_between_letters_hide_no_word(word: str, before: str, after: str, data: st.DataObject) -> None:
    hidden = "".join(char + data.draw(SIGNS | st.just("")) for char in word[:-1]) + word[-1]

    assert found([word], f"{before} {hidden}, {after}") == [word]


@given(WORDS, st.text("klmnop", min_size=1, max_size=4), AROUND)
def test_a_word_within_another_is_not_found(word: str, more: str, around: str) -> None:
    for longer in (word + more, more + word, more + word + more):
        assert found([word], f"{longer} {around}") == []


@given(st.lists(st.text(max_size=20), max_size=5), st.text(max_size=60))
def test_nothing_that_anyone_writes_breaks_it(words: list[str], body: str) -> None:
    folded = {fold_word(word) for word in words} - {""}

    assert set(found(folded, body)) <= folded
    assert all(found([word], body) == [] for word in folded if word not in found(folded, body))


@pytest.mark.parametrize(
    ("word", "body", "expected"),
    [
        ("bad word", "such a BAD, word.", True),
        ("bad word", "b.a.d word", True),
        ("bad word", "bad other word", False),
        ("Straße", "STRASSE", True),
        ("🖕", "you🖕", True),
        ("❤️", "I ❤ you", True),
        ("悪い", "これは悪いです", True),
        ("bad", "I am not b ad", False),
        ("spam", "x s p a m y", True),
    ],
)
def test_words_are_found_as_readers_would(word: str, body: str, *, expected: bool) -> None:
    assert bool(found([fold_word(word)], body)) == expected
