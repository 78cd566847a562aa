"""The log's lines: readable either way, and without tokens, wherever one stands."""

from __future__ import annotations

import json
import logging
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.logs import HIDDEN, JsonFormatter, TextFormatter

if TYPE_CHECKING:
    from types import TracebackType

BOT = "MTIzNDU2Nzg5MDEyMzQ1Njc4.Gabcde.it-opens-nothing-at-all-anywhere"
ANSWERING = "bm90OmludGVyYWN0aW9u-x_y=.z"
REAL = "aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEyMzQ1Njc4OmFiYw=="
FORMATTERS = [TextFormatter(BOT), JsonFormatter(BOT)]

tokens = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.", min_size=20)
around = st.sampled_from(
    [
        "https://discord.com/api/v10/interactions/12/{}/callback",
        "POST http://127.0.0.1:80/api/v10/webhooks/12/{}?wait=true",
        "/webhooks/12/{}/messages/@original",
        "{{'id': '1', 'token': '{}', 'type': 3}}",
        '{{"token":"{}"}}',
        "Interaction(token='{}')",
        "url=URL('https://discord.com/api/v10/interactions/12/{}/callback')",
    ]
)


def record(message: str, *args: object, error: BaseException | None = None) -> logging.LogRecord:
    exc_info: tuple[type[BaseException], BaseException, TracebackType | None] | None = None
    if error:
        exc_info = type(error), error, error.__traceback__
    return logging.LogRecord("bot.somewhere", logging.ERROR, __file__, 1, message, args, exc_info)


@pytest.mark.parametrize("formatter", FORMATTERS)
@given(token=tokens, around=around)
def test_a_token_that_answers_an_interaction_is_hidden_wherever_it_stands(
    formatter: logging.Formatter, token: str, around: str
) -> None:
    text = around.format(token)
    quoted = repr({"nested": text})
    for line in (record(text.replace("%", "%%")), record("%s and %r", text, quoted), record("x", error=OSError(text))):
        written = formatter.format(line)
        assert token not in written
        assert HIDDEN in written


@pytest.mark.parametrize("formatter", FORMATTERS)
def test_the_bots_token_and_a_bare_interaction_token_are_hidden(formatter: logging.Formatter) -> None:
    for token in (BOT, REAL):
        try:
            try:
                raise LookupError(token)  # noqa: TRY301 - the traceback is what is looked at
            except LookupError as inner:
                raise ValueError(f"Bot {token}") from inner
        except ValueError:
            error = sys.exc_info()[1]
        written = formatter.format(record(f"1 {token} %s", {"Authorization": f"Bot {token}"}, error=error))
        assert token not in written
        assert written.count(HIDDEN) >= 4


def test_a_text_line_is_for_people() -> None:
    written = TextFormatter("").format(record("Sheep: %d", 4))

    assert written.endswith(" ERROR   bot.somewhere: Sheep: 4")


def test_a_json_line_is_one_object_whatever_is_in_it() -> None:
    error = ValueError("two\nlines and a \u2028 third")
    written = JsonFormatter("").format(record("Sheep:\n%s 🐑", '"quoted"', error=error))

    assert "\n" not in written
    line = json.loads(written)
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "ERROR",
        "logger": "bot.somewhere",
        "message": 'Sheep:\n"quoted" 🐑',
        "exc": "ValueError: two\nlines and a \u2028 third",
    }
