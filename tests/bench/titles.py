"""Finding a film among a hundred thousand titles: while it is typed, and when it is misspelt."""

from __future__ import annotations

import gc
import itertools
import multiprocessing
import os
import random
import sqlite3
import time
from bisect import bisect_left
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from pathlib import Path
from string import ascii_lowercase
from typing import TYPE_CHECKING

from rapidfuzz import process

from bot.reviews.catalogue import Catalogue
from bot.reviews.titles import Title
from tests.bench.report import Goal, in_turns, measured, percentile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tests.bench.report import Measure, Size

    Search = Callable[[str], Sequence[object]]

TITLES = 10**5
OFFERED = 25
SEEN = 5
"""So many of those offered are seen without scrolling."""
KNOWN = (
    *("love", "night", "man", "day", "life", "girl", "house", "black", "death", "last", "city", "dark", "story"),
    *("dead", "world", "blood", "time", "war", "star", "little", "big", "red", "blue", "white", "heart", "summer"),
    *("king", "queen", "lost", "secret", "boy", "woman", "family", "wild", "moon", "sun", "river", "street", "dream"),
    *("dance", "killer", "game", "murder", "train", "road", "island", "ghost", "return", "fire", "rain", "paris"),
)
SYLLABLE = (
    (
        *"bcdfghjklmnprstvwz",
        *("br", "ch", "cl", "cr", "dr", "fl", "fr", "gr", "pl", "pr", "qu", "sh", "sp", "st", "th", "tr"),
    ),
    (*"aaaeeeiioou", *("ai", "ea", "ee", "ia", "oo", "ou")),
    (*"lmnrst", *("nd", "ng", "nt", "rd", "rn", "st", "ck"), *[""] * 14),
)
"""How it begins, its vowel, and how it ends."""
WORDS = 30_000
ACCENTS = tuple(str.maketrans("aeou", accented) for accented in ("áéóú", "àèôü", "äëöû"))
SCRIPTS = ("абвгдежзиклмнопрст", "一七人侍生日影王女花火夜海山東京物語", "אבגדהוזחטי")


async def measure(folder: Path, size: Size) -> list[Measure]:
    """Line 6 of the table."""
    names = lifelike(TITLES, _random(1))
    catalogue = _indexed(_films(names))
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:
        megabytes = fresh.submit(_resident_growth).result()
    with closing(_database(folder / "titles.db", names)) as database:
        # As the bot does when it is ready.
        gc.collect()
        gc.freeze()
        try:
            return [
                *await _searches(names, catalogue, database, size),
                measured(f"memory of the index of {TITLES:,} titles", "MB", [megabytes], goal=Goal(value_at_most=100)),
                *await _changes(names, catalogue, size),
            ]
        finally:
            gc.unfreeze()


async def _searches(
    names: Sequence[str], catalogue: Catalogue, database: sqlite3.Connection, size: Size
) -> list[Measure]:
    def misspelt(turn: int) -> list[tuple[str, int]]:
        rng = _random(turn)
        return [(with_slips(names[at], rng), at) for at in rng.sample(range(TITLES), size.of(400))]

    def typed(turn: int) -> list[str]:
        words = [word for query, at in misspelt(turn)[: size.of(30)] for word in (names[at], query)]
        return [word[:end] for word in words for end in range(1, len(word) + 1)]

    async def slowest(search: Search, queries: Iterable[str]) -> float:
        return percentile((_milliseconds(search, query) for query in queries), 0.99)

    async def share_found(search: Search, asked: list[tuple[str, int]]) -> float:
        found = sum(at in search(query)[:SEEN] for query, at in asked)
        return 100 * max(found, 0.5) / len(asked)  # nothing found has no ratio to anything

    def whole(turn: int) -> list[str]:
        return [query for query, _ in misspelt(turn)]

    ours, floor = _offered(catalogue), _beginning(names)
    like, every = _holding(database), _every(names)
    keystrokes = await in_turns(
        {
            "ours": lambda turn: slowest(ours, typed(turn)),
            "floor": lambda turn: slowest(floor, typed(turn)),
            "peer": lambda turn: slowest(like, typed(turn)[::20]),
        },
        size.repetitions,
    )
    titles = await in_turns(
        {
            "ours": lambda turn: slowest(ours, whole(turn)),
            "floor": lambda turn: slowest(floor, whole(turn)),
            "peer": lambda turn: slowest(every, whole(turn)[::80]),
        },
        size.repetitions,
    )
    shares = await in_turns(
        {
            "ours": lambda turn: share_found(ours, misspelt(turn)),
            "peer": lambda turn: share_found(like, misspelt(turn)[::5]),
        },
        size.repetitions,
    )
    return [
        measured(
            f"autocomplete among {TITLES:,} titles, a keystroke, p99; peer: LIKE", "ms", keystrokes["ours"],
            floors=keystrokes["floor"], peers=keystrokes["peer"], goal=Goal(value_at_most=2),
        ),
        measured(
            "autocomplete, a title with one or two typos, p99; peer: rapidfuzz over all", "ms", titles["ours"],
            floors=titles["floor"], peers=titles["peer"], goal=Goal(value_at_most=2),
        ),
        measured(
            "right film among the first five, one or two typos; peer: LIKE", "%", shares["ours"],
            peers=shares["peer"], goal=Goal(value_at_least=95),
        ),
    ]  # fmt: skip


async def _changes(names: Sequence[str], catalogue: Catalogue, size: Size) -> list[Measure]:
    async def build(_: int) -> float:
        films = _films(names)
        begun = time.perf_counter()
        _indexed(films)
        return time.perf_counter() - begun

    async def add(turn: int) -> float:
        films = _films(lifelike(size.of(200), _random(-turn)), first=TITLES)
        begun = time.perf_counter()
        for film in films:
            catalogue.put(film)
        seconds = time.perf_counter() - begun
        for film in films:
            catalogue.drop(film.review_id)
        return seconds / len(films) * 1e3

    found = await in_turns({"build": build, "add": add}, size.of(3))
    return [
        measured(f"building the index of {TITLES:,} titles", "s", found["build"]),
        measured("adding a title to it in place", "ms", found["add"]),
    ]


def lifelike(count: int, rng: random.Random) -> list[str]:
    """Titles, each another one: words some of which are in many titles and most in few, as films have them."""
    made = [
        "".join(rng.choice(part) for _ in range(rng.choice((1, 2, 2, 2, 3))) for part in SYLLABLE) for _ in range(WORDS)
    ]
    words = list(dict.fromkeys((*KNOWN, *made)))
    weights = list(itertools.accumulate(1 / (rank + 8) for rank in range(len(words))))
    titles: dict[str, None] = {}
    while len(titles) < count:
        titles[_title(words, weights, rng)] = None
    return list(titles)


def with_slips(title: str, rng: random.Random) -> str:
    """A title with one or two letters wrong, missing, too many, or changed with the next."""
    typed = title
    for _ in range(rng.choice((1, 2))):
        before = typed
        while typed in {before, title} or not typed.strip():
            at = rng.randrange(len(before))
            start, letter, rest, other = before[:at], before[at], before[at + 1 :], rng.choice(ascii_lowercase)
            typed = start + rng.choice((other + rest, rest, other + letter + rest, rest[:1] + letter + rest[1:]))
    return typed


def _title(words: Sequence[str], weights: Sequence[float], rng: random.Random) -> str:
    if rng.random() < 0.01:
        return "".join(rng.choices(rng.choice(SCRIPTS), k=rng.randrange(2, 12)))
    length = rng.choices(range(1, 7), (18, 32, 25, 13, 7, 5))[0]
    said = [word.title() for word in rng.choices(words, cum_weights=weights, k=length)]
    if length > 2 and rng.random() < 0.4:
        said.insert(rng.randrange(1, length), rng.choice(("of", "and", "of the", "in the", "to", "for", "&")))
    if rng.random() < 0.25:
        said.insert(0, rng.choice(("The", "The", "The", "The", "A", "La", "Le", "Der", "El", "Les")))
    ending = rng.random()
    if ending < 0.03:
        said.append(rng.choice(("II", "III", "IV", "V", "2", "3", "4")))
    elif ending < 0.04:
        said.append(str(rng.randrange(1900, 2030)))
    elif ending < 0.07:
        said[0] += ":"
    title = " ".join(said)
    return title.translate(rng.choice(ACCENTS)) if rng.random() < 0.04 else title


def _films(names: Sequence[str], first: int = 0) -> list[Title]:
    return [Title(at, f"film-{at}", name, 1920 + at % 100) for at, name in enumerate(names, start=first)]


def _indexed(films: list[Title]) -> Catalogue:
    catalogue = Catalogue(films)
    catalogue.index()
    return catalogue


def _resident_growth() -> float:
    """Megabytes that this process grows by when it indexes the titles."""
    films = _films(lifelike(TITLES, _random(1)))
    gc.collect()
    before = _resident_pages()
    catalogue = _indexed(films)
    gc.collect()
    grown = _resident_pages() - before
    assert len(catalogue) == TITLES
    return grown * os.sysconf("SC_PAGE_SIZE") / 1e6


def _resident_pages() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])


def _offered(catalogue: Catalogue) -> Search:
    return lambda query: [title.review_id for title in catalogue.complete(query, OFFERED)]


def _beginning(names: Sequence[str]) -> Search:
    in_order = sorted(name.casefold() for name in names)

    def search(query: str) -> list[str]:
        first = bisect_left(in_order, query.casefold())
        return in_order[first : first + OFFERED]

    return search


def _holding(database: sqlite3.Connection) -> Search:
    sql = f"SELECT id FROM titles WHERE title LIKE ? LIMIT {OFFERED}"  # noqa: S608 - a constant
    return lambda query: [at for (at,) in database.execute(sql, (f"%{query}%",))]


def _every(names: Sequence[str]) -> Search:
    return lambda query: [at for _, _, at in process.extract(query, names, limit=OFFERED)]


def _database(path: Path, names: Sequence[str]) -> sqlite3.Connection:
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE titles (id INTEGER PRIMARY KEY, title TEXT)")
    database.executemany("INSERT INTO titles VALUES (?, ?)", enumerate(names))
    database.commit()
    return database


def _milliseconds(search: Search, query: str) -> float:
    begun = time.perf_counter()
    search(query)
    return (time.perf_counter() - begun) * 1e3


def _random(seed: int) -> random.Random:
    """The same choices in every run, and for each contender."""
    return random.Random(seed)  # noqa: S311 - it keeps no secret
