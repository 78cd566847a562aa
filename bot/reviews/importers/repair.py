"""Text as its writer meant it: bytes decoded, mojibake undone, tricks taken out."""

# ruff: noqa: RUF001 - signs as critics type them

from __future__ import annotations

import codecs
import re
import unicodedata

from charset_normalizer import from_bytes

MAX_DETECTED = 64 * 1024
"""Bytes that are looked at to guess an encoding."""

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SAID = re.compile(
    rb"<(?:meta[^<>]{0,200}?charset|\?xml[^<>]{0,200}?encoding)\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE
)
_LATIN = frozenset(("iso8859-1", "ascii"))  # on the web both mean Windows-1252, as WHATWG's Encoding Standard has it
_NO_CHARSETS = frozenset(("idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "utf-7"))

# U+2028 and such end lines; embeddings, overrides and isolates reorder what stands around them, while the marks
# U+200E, U+200F and U+061C only say which way a sign belongs and stay.
_BREAKS = re.compile("\r\n?|[\u2028\u2029\x0b\x0c\x85]")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u180e\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e0fff]"
)
_IDLE_JOINERS = re.compile("(?<![^\x00-\x7f\\s\u200c\u200d])[\u200c\u200d]+|[\u200c\u200d]+(?![^\x00-\x7f\\s])")
_SPACES = re.compile("[\t\xa0\u1680\u2000-\u200a\u202f\u205f]")

# Windows-1252 leaves five bytes without a character, which decoders for the web pass on as they are.
_TO_BYTE = {ord(bytes([byte]).decode("cp1252", "ignore") or chr(byte)): byte for byte in range(128, 256)}
_TRAIL = "".join(re.escape(chr(code)) for code, byte in _TO_BYTE.items() if byte < 0xC0)
_RUN = re.compile("[^\x00-\x7f]+")
_SPOILT = re.compile(f"â[€‚„†][{_TRAIL}]|Ã[\xa1-\xba\xbc-\xbf]|Â[\xa0-\xba\xbc-\xbf]|ð[Ÿ][{_TRAIL}]{{2}}")
"""What no language writes: UTF-8 punctuation, accented letters and emoji read as Windows-1252."""
_LEAD = re.compile(f"[\xc2-\xf4][{_TRAIL}]")
_ROUNDS = 3
"""So often is text repaired that was spoilt more than once."""


def decode(raw: bytes, declared: str | None = None) -> str:
    """The text of a page, feed or file, whatever it says and whatever it is.

    A byte order mark decides, then whether it is sound UTF-8, which nothing else is by chance; then what the server
    declared, what the page or its XML declares, what its bytes look like; Windows-1252 at the last. Never fails.

    Args:
        declared: The charset of the HTTP header, where there was one.
    """
    for mark, charset in _BOMS:
        if raw.startswith(mark):
            return raw[len(mark) :].decode(charset, "replace")
    if b"\x1b" not in raw and b"\0" not in raw:  # else it may be one of the encodings that look like ASCII
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            pass
    said = _SAID.search(raw[:4096])
    for name in (declared, said[1].decode("ascii", "ignore") if said else None):
        text = _decoded(raw, name) if name else None
        if text is not None:
            return text
    best = from_bytes(raw[:MAX_DETECTED]).best()
    return raw.decode(best.encoding if best else "cp1252", "replace")


def _decoded(raw: bytes, name: str) -> str | None:
    try:
        charset = codecs.lookup(name.strip()).name
        if charset in _NO_CHARSETS:
            return None
        return raw.decode("cp1252", "replace") if charset in _LATIN else raw.decode(charset)
    except (LookupError, ValueError):
        return None


def sound(text: str) -> str:
    r"""Mojibake undone, line breaks as ``\n``, blanks as spaces, and nothing in it that only does harm.

    Controls, lone surrogates, zero-width characters and whatever overrides the direction of writing go. A joiner
    stays between letters of the scripts that need it, and in emoji.
    """
    if text.isascii():
        return _UNSEEN.sub("", _BREAKS.sub("\n", text)).replace("\t", " ")
    text = unmangled(text)
    text = _UNSEEN.sub("", _SPACES.sub(" ", _BREAKS.sub("\n", text)))
    return unicodedata.normalize("NFC", _IDLE_JOINERS.sub("", text))


def unmangled(text: str) -> str:
    """Undo UTF-8 that was read as Windows-1252, where that is certain.

    It is for a text all of whose characters beyond ASCII come out as sound UTF-8, some of them as what takes three
    bytes, and elsewhere for the few sequences that no language writes: a review in French that ends in ``CAFÉ”`` stays.
    """
    for _ in range(_ROUNDS):
        if not _LEAD.search(text):
            break
        whole = [_as_utf8(run) for run in _RUN.findall(text)]
        undone = [run for run in whole if run is not None]
        if len(undone) == len(whole) and (_SPOILT.search(text) or sum(char > "\u07ff" for char in "".join(undone)) > 1):
            runs = iter(undone)
            text = _RUN.sub(lambda _, runs=runs: next(runs), text)
        elif _SPOILT.search(text):
            text = _SPOILT.sub(lambda found: _as_utf8(found[0]) or found[0], text)
        else:
            break
    return text


def _as_utf8(run: str) -> str | None:
    try:
        return bytes(_TO_BYTE[ord(char)] for char in run).decode("utf-8")
    except (KeyError, UnicodeDecodeError):
        return None
