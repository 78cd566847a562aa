"""Thoughts and titles meant to do harm: they are shown as they were typed, and ping nobody."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.journeys.screens import form, said

if TYPE_CHECKING:
    from tests.journeys.world import World

MARKUP = re.compile(r"(?<!\\)(?:\\\\)*[*_~`|<>@#\[\]]|^(?:-|\d+\.)\s|(?<!\\)://", re.MULTILINE)
"""Anything that Discord would take for more than text."""

HOSTILE = [
    "@everyone @here",
    "<@1> <@!1> <@&1> <#1> </review:1> <:sheep:1> <t:0>",
    "[a free gift](https://evil.example/ 'x')",
    "||not a spoiler|| and || again",
    "```\na block of code\n``` and `a little` of it",
    "# A heading\n## Another\n-# small print",
    "> a quote\n>>> a longer one",
    "- a list\n* of some\n1. of others",
    "**bold** __underlined__ *slanted* _too_ ~~gone~~",
    "\\*already escaped\\* and a last \\",
    "*" * 1000,
    "||" * 500,
    "https://evil.example and <https://evil.example>",
    "https://discord.gg/sheep",
]
NO_TITLES = [
    "x" * 6000,
    "*" * 6000,
    "🐑" * 3000,
    "@everyone <@1> <@&1>",
    "[a free gift](https://evil.example)",
    "||```#",
    "miss\nyou\n\n\nalready" * 100,
    "\u202e\u200b",
    "'; DROP TABLE votes; --",
    "%s {0} $1 %",
    "\u0000",
    "!!!",
    " ",
]
UNSEEN = [
    "\u202egnp.exe",
    "a\u200bb\u2060c\ufeffd",
    "\u2066isolated\u2069",
    "e" + "\u0301" * 90,
    "bell\u0007",
    "\u061cx",
]
HARMFUL = re.compile("[\u0000-\u0009\u200b\u2060\ufeff\u061c\u202a-\u202e\u2066-\u2069]|\u0301{9}")


async def test_a_thought_is_shown_as_it_was_typed_and_formats_nothing(world: World) -> None:
    post = await world.review()

    for body in HOSTILE:
        answer = await world.share(world.alice, post, body, sheep="4")

        for message in (answer, await world.press(world.bob, post, "Thoughts (")):
            shown = _quoted(said(message))
            assert MARKUP.search(shown) is None
            assert _unescaped(shown) == body
        assert form(await world.alice.click(post, label="Share your thoughts"))["body"] == body


async def test_a_spoiler_stays_covered_whatever_is_in_it(world: World) -> None:
    post = await world.review()

    for body in HOSTILE:
        await world.share(world.alice, post, body, spoiler=True)

        shown = _quoted(said(await world.press(world.bob, post, "Thoughts (")))
        assert shown[:2] == shown[-2:] == "||"
        assert MARKUP.search(shown[2:-2]) is None


async def test_characters_that_are_not_seen_but_do_harm_are_taken_out(world: World) -> None:
    post = await world.review()

    for body in UNSEEN:
        await world.share(world.alice, post, body)

        ((kept, _),) = world.kept().thoughts.values()
        assert HARMFUL.search(kept) is None
        assert _unescaped(_quoted(said(await world.press(world.bob, post, "Thoughts (")))) == kept


async def test_a_thought_of_blank_lines_cannot_push_the_others_away(world: World) -> None:
    post = await world.review()

    await world.share(world.alice, post, "a" + "\n" * 500 + "b")

    assert _quoted(said(await world.press(world.bob, post, "Thoughts ("))) == "a\n\nb"


async def test_a_title_that_is_no_title_is_answered_privately_and_literally(world: World) -> None:
    for typed in NO_TITLES:
        answer = await world.review(typed)

        assert answer.ephemeral
        assert MARKUP.search(str(answer.embeds[0].description).replace("`/random`", "")) is None, typed
        assert len(said(answer)) < 1000
        assert len(await world.alice.autocomplete(world.channel, "review", "title", typed)) <= 25


def _quoted(message: str) -> str:
    """The block quote in a message, without its bars."""
    return "\n".join(line.removeprefix("> ") for line in message.splitlines() if line.startswith("> "))


def _unescaped(shown: str) -> str:
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", shown)
