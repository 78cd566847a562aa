"""The files that a member is handed: all of it in JSON, and what Letterboxd imports."""

from __future__ import annotations

import csv
import html
import io
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.moving import takeout
from bot.moving.takeout import LETTERBOXD_PART, PART, SPOILERS, TOPICS, Takeout
from bot.reviews.model import MAX_THOUGHT
from bot.store.privacy import FilmName

NOW = 1_700_000_000.0
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40)


def taken(films: list[FilmName], **rows: list[dict[str, Any]]) -> Takeout:
    """What a member has, with the films numbered from 1."""
    return Takeout(7, {topic: rows.get(topic, []) for topic in TOPICS.values()}, dict(enumerate(films, 1)))


def vote(review_id: int, sheep: int, updated_at: int = 9, guild_id: int = 10) -> dict[str, Any]:
    return {
        "guild_id": guild_id,
        "review_id": review_id,
        "sheep": sheep,
        "created_at": 5,
        "updated_at": updated_at,
    }


def thought(review_id: int, body: str, updated_at: int = 9, *, spoiler: bool = False) -> dict[str, Any]:
    return {
        "guild_id": 10,
        "review_id": review_id,
        "body": body,
        "spoiler": int(spoiler),
        "state": "shown",
        "created_at": 5,
        "updated_at": updated_at,
    }


def letterboxd(found: Takeout) -> list[dict[str, str]]:
    """The rows for Letterboxd, from all parts."""
    parts = [body.decode() for name, body in takeout.files(found, NOW) if name.endswith(".csv")]
    return [row for part in parts for row in csv.DictReader(io.StringIO(part, newline=""))]


def test_letterboxd_gets_the_newest_of_each_film_wherever_it_was_given() -> None:
    films = [FilmName("a", "A", 1999, ["Ann", "Bea"]), FilmName("b", "B", None, []), FilmName("c", "C", 2001, [])]
    found = taken(
        films,
        votes=[vote(1, 2, 30, 10), vote(1, 5, 40, 20), vote(2, 1)],
        votes_set_aside=[vote(1, 4, 50, 30), vote(2, 3, 8)],
        thoughts=[thought(1, "Old.", 1), thought(1, "New.", 2), thought(3, "Only words.", spoiler=True)],
    )

    assert [tuple(row.values()) for row in letterboxd(found)] == [
        ("A", "1999", "Ann, Bea", "4", "New."),
        ("B", "", "", "1", ""),
        ("C", "2001", "", "", f"{SPOILERS}Only words."),
    ]
    assert takeout.files(taken([]), NOW)[1:] == []


@given(title=WORDS, body=WORDS)
def test_words_arrive_as_they_are_and_no_cell_is_a_formula_or_ends_early(title: str, body: str) -> None:
    found = taken([FilmName("a", title, None, [])], votes=[vote(1, 3)], thoughts=[thought(1, body)])

    (row,) = letterboxd(found)

    assert html.unescape(row["Review"]).replace("\r\n", "\n") == body.replace("\r\n", "\n")
    assert "<" not in row["Review"]
    for cell in row.values():
        assert not set('"\\') & set(cell)
        assert not cell.startswith(("=", "+", "-", "@"))
    assert row["Title"].split() == title.replace('"', "'").replace("\\", "'").split()
    everything = json.loads(takeout.files(found, NOW)[0][1])
    assert everything["thoughts"][0]["body"] == body
    assert everything["votes"][0] == {
        "server": "10",
        "review": "a",
        "title": title,
        "year": None,
        "sheep": 3,
        "created_at": "1970-01-01T00:00:05Z",
        "updated_at": "1970-01-01T00:00:09Z",
    }


def test_much_comes_in_parts_that_fit() -> None:
    films = [FilmName(f"film-{number}", f"Film {number}", 2000, []) for number in range(9_000)]
    found = taken(
        films,
        votes=[vote(number, 3) for number in range(1, 9_001)],
        thoughts=[thought(number, "🐑" * MAX_THOUGHT) for number in range(1, 3_001)],
        restrictions=[{"guild_id": 10, "kind": "blocked", "since": 5}],
    )

    files = takeout.files(found, NOW)

    parts = [json.loads(body) for name, body in files if name.endswith(".json")]
    assert len(parts) > 2
    for topic in ("votes", "thoughts", "restrictions"):
        assert len([row for part in parts for row in part.get(topic, [])]) == len(found.rows[topic])
    assert all(part["member"] == "7" for part in parts)
    assert len(letterboxd(found)) == len(films)
    assert all(len(body) <= (LETTERBOXD_PART if name.endswith("csv") else PART) for name, body in files)
    assert [name for name, _ in files][:2] == ["sheepbot.json", "sheepbot-2.json"]
    packed = takeout.messages(files)
    assert [file for message in packed for file in message] == files
    for message in packed:
        assert 1 <= len(message) <= 10
        assert sum(len(body) for _, body in message) <= PART
