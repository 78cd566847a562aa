"""What a member sees of ratings from elsewhere: within Discord's limits, whatever the films are called."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ratings import MAX_CANDIDATES, MAX_NAME, Given, Plan, Waiting
from bot.reviews.matching import Ambiguous, Match
from bot.reviews.titles import Title
from bot.ui import imports
from bot.ui.import_ids import RatingsPage
from tests.limits import check_embed, check_payload
from tests.ui.nasty import long_texts, texts

MANY = 10**9


@given(long_texts(MAX_NAME) | texts, st.integers(0, 25), st.integers(0, 25), st.integers(0, 9), st.integers(0, 1))
@settings(max_examples=40)
def test_every_page_fits_whatever_films_are_called(name: str, many: int, unsure: int, page: int, override: int) -> None:
    title = Title(2**63 - 1, "slug", name, 1999)
    plan = Plan([Given(1, 9, 0, 5)] * many, MANY, MANY, MANY, MANY)
    found = [Match(1, 9, 0)] * many
    ambiguous = [Ambiguous(name, 2099, 9, (1,) * MAX_CANDIDATES)] * unsure
    waits = Waiting(2**63 - 1, 9 * MANY, MANY, MANY, found, MANY, ambiguous)

    embed, view = imports.preview(RatingsPage(2**63 - 1, override, page), waits, plan, lambda n: title if n else None)

    check_embed(embed)
    check_payload({"components": view.to_components()})
    assert (embed.description or "").count("→") + (embed.description or "").count("perhaps") >= min(1, many + unsure)
    for other in (imports.given(plan, many), imports.nothing_found(waits), imports.discarded()):
        check_embed(other)


@pytest.mark.parametrize(("page", "first", "count"), [(0, 0, 10), (1, 10, 10), (2, 20, 3), (9, 20, 3)])
def test_the_ambiguous_come_after_what_is_given_and_each_stands_on_one_page(page: int, first: int, count: int) -> None:
    titles = {number: Title(number, f"f{number}", f"Film {number}!", None) for number in range(12)}
    plan = Plan([Given(number, 2, 0, None) for number in range(12)])
    ambiguous = [Ambiguous(f"Film {number}!", None, 2, ()) for number in range(12, 23)]

    embed, _ = imports.preview(RatingsPage(1, 0, page), Waiting(1, 23, 0, 0, (), 11, ambiguous), plan, titles.get)

    lines = (embed.description or "").split("\n\n")[-1].split("\n")
    assert len(lines) == count
    for number, line in enumerate(lines, first):
        assert f"*Film {number}!*" in line
        assert line.startswith("Ambiguous") == (number >= 12)
