"""Bytes decoded and text repaired, only where that is certain."""

# ruff: noqa: RUF001 - signs as critics type them

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reviews.importers.repair import decode, sound, unmangled

SAID = "Das ist „schön“ – für fünf Schafe, und das ist keine Übertreibung."
WEB_1252 = {byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(128, 160)}


def spoil(text: str) -> str:
    """UTF-8 read as Windows-1252, as browsers read it."""
    return text.encode().decode("latin-1").translate(WEB_1252)


@pytest.mark.parametrize(
    ("raw", "declared"),
    [
        (SAID.encode(), None),
        (SAID.encode(), "iso-8859-1"),
        (SAID.encode("utf-8-sig"), "latin-1"),
        (SAID.encode("utf-16"), None),
        (SAID.encode("cp1252"), "windows-1252"),
        (SAID.encode("cp1252"), "ISO-8859-1"),
        (SAID.encode("cp1252"), "nonsense"),
        (SAID.encode("cp1252"), "hex"),
        (SAID.encode("cp1252"), "punycode"),
        (SAID.encode("cp1252"), None),
    ],
)
def test_bytes_are_decoded_whatever_they_are_said_to_be(raw: bytes, declared: str | None) -> None:
    assert decode(raw, declared) == SAID


def test_a_page_may_say_itself_how_it_is_encoded() -> None:
    page = '<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS"><p>七人の侍</p>'

    assert decode(page.encode("shift_jis")) == page
    assert decode("七人の侍".encode("iso2022_jp"), "iso-2022-jp") == "七人の侍"


@given(st.binary(max_size=200), st.none() | st.text(max_size=12))
def test_any_bytes_are_decoded(raw: bytes, declared: str | None) -> None:
    assert isinstance(decode(raw, declared), str)


@pytest.mark.parametrize("text", [SAID, "It’s “fun”… 🐑🐑", "Amélie à Paris", "naïve café", "Ærø œuvre", "日本"])
def test_mojibake_is_undone(text: str) -> None:
    assert unmangled(spoil(text)) == text
    assert unmangled(spoil(spoil(text))) == text


@pytest.mark.parametrize(
    "text", ["“CAFÉ”", "IRMÃ” foi", "l’Été", "Ã la carte", "2 Â", "São Paulo", "ÄÖÜ", "â€", "50 °C – 60 °C", "«Â»"]
)
def test_what_people_write_is_left_alone(text: str) -> None:
    assert unmangled(text) == text


def test_mojibake_among_sound_text_is_undone_where_no_language_writes_it() -> None:
    assert unmangled("“CAFÉ” donâ€™t Ã©tÃ©") == "“CAFÉ” don’t été"


@given(st.text(max_size=60))
def test_text_that_is_spoilt_as_a_whole_comes_back(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()

    assert unmangled(spoil(text)) in {text, spoil(text), unmangled(text)}


@given(st.text(max_size=60))
def test_sound_text_holds_nothing_that_only_does_harm(text: str) -> None:
    found = sound(text)

    found.encode()
    assert not set(found) & set("\0\r\u202e\u2066\u200b\ufeff\xad\x85\u2028")
    assert sound("a\u202eb\u200fc") == "ab\u200fc"
