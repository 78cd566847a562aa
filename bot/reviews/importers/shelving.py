"""Posts becoming review files: which are new, which changed, and which are the critic's own by now."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from bot.reviews.files import MAX_FILE_BYTES, MAX_SLUG, ReviewFileError, read_file
from bot.reviews.importers.ledger import Entry, Ledger, digest, fingerprint
from bot.reviews.importers.reading import read_post
from bot.reviews.writing import put, written

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.reviews.importers.post import Post, Reading
    from bot.reviews.model import Review

SAVED_EVERY = 200
"""Files, between two states of the ledger on disk; what was written since the last is found by its content."""
WRITERS = 8
NAMESAKES = 100
"""So many files of one name there may be."""


class Act(Enum):
    """What became of a post."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a post, or would.

    Attributes:
        slug: Its file's name, where it has one and that is to be told.
        reason: Why it was skipped.
        reading: What it turned out to be, where it was looked at.
    """

    act: Act
    slug: str | None = None
    reason: str | None = None
    reading: Reading | None = None


class _Writing(NamedTuple):
    """A file that is being written, and what to keep once it is."""

    done: Future[None]
    home: str
    guid: str
    entry: Entry


_NOTHING: Future[None] = Future()
_NOTHING.set_result(None)


class _Known(NamedTuple):
    """By what a review that is there is told from another."""

    url: str | None
    film: tuple[str, int | None, str | None]
    imported: bool


class Shelf:
    """A folder of review files that posts are imported into."""

    def __init__(self, folder: Path, *, dry_run: bool = False) -> None:
        """Read what was imported before.

        Args:
            dry_run: Only find out what would be done.

        Raises:
            TransferError: That cannot be read.
        """
        self.ledger = Ledger(folder)
        self._folder = folder
        self._dry_run = dry_run
        self._taken: dict[tuple[str, str], str] = {}
        self._planned: dict[str, _Known] = {}
        self._writing: list[_Writing] = []
        self._writers = ThreadPoolExecutor(WRITERS)

    def take(self, home: str, kind: str, post: Post) -> Outcome:
        """Bring one post in; on disk for sure with the next :meth:`save`.

        Raises:
            OSError: A file cannot be written.
        """
        entry, now = self.ledger.find(home, post.guid), fingerprint(post)
        before = self._taken.get((home, post.guid))
        if before not in {None, now}:
            return Outcome(Act.SKIPPED, reason="the same post as one before it")
        self._taken[home, post.guid] = now
        if before or (entry and entry.post == now):
            return Outcome(Act.UNCHANGED)
        reading = read_post(post)
        if reading.review is None:
            stays = f"; {entry.slug}.md stays as it is" if entry else ""
            return Outcome(Act.SKIPPED, reason=f"{reading.skipped or 'no review'}{stays}", reading=reading)
        try:
            raw = written(reading.review)
        except ReviewFileError as error:
            return Outcome(Act.SKIPPED, reason=error.problems[0].message, reading=reading)
        if entry:
            slug, (act, reason) = entry.slug, self._again(entry, digest(raw))
        else:
            slug, act, reason = self._place(reading.review, raw)
        if act is not Act.SKIPPED and not self._dry_run:
            self._write(home, post.guid, Entry(slug, digest(raw), now, kind), None if act is Act.UNCHANGED else raw)
        return Outcome(act, slug, reason, reading)

    def save(self) -> None:
        """Wait until what was brought in is on disk, and only then keep that it was.

        Raises:
            OSError: Some of it cannot be written; all else is kept.
        """
        writing, self._writing = self._writing, []
        try:
            for one in writing:
                one.done.result()
                self.ledger.record(one.home, one.guid, one.entry)
        finally:
            if not self._dry_run:
                self.ledger.save()

    def close(self) -> None:
        """Save, and end what writes.

        Raises:
            OSError: As with :meth:`save`.
        """
        try:
            self.save()
        finally:
            self._writers.shutdown()

    def _write(self, home: str, guid: str, entry: Entry, raw: bytes | None) -> None:
        """Write a file while the next posts are read: to wait for the disk each time takes longer than all else."""
        done = self._writers.submit(put, self._folder, entry.slug, raw) if raw is not None else _NOTHING
        self._writing.append(_Writing(done, home, guid, entry))
        if len(self._writing) >= SAVED_EVERY:
            self.save()

    def _again(self, entry: Entry, fresh: str) -> tuple[Act, str | None]:
        """What to do with a post that was imported before, and changed since."""
        if entry.written == fresh:
            return Act.UNCHANGED, None
        there = self._there(entry.slug)
        if there is None:
            return Act.SKIPPED, "its file was deleted by hand, and stays away"
        if digest(there) != entry.written:
            return Act.SKIPPED, "corrected by hand, left as it is"
        return Act.CHANGED, None

    def _place(self, review: Review, raw: bytes) -> tuple[str, Act, str | None]:
        """The file for a new review: one of its own, unless it is there already."""
        film = (review.title, review.year, review.critic)
        for slug in _names(review):
            path = self._folder / f"{slug}.md"
            # Neither a file that is there nor one that was deleted by hand; ours: of a run that was killed too soon.
            new = slug not in self.ledger.slugs and not os.path.lexists(path)
            ours = self._there(slug) == raw
            if slug not in self._planned and (new or ours):
                self._planned[slug] = _Known(review.url, film, imported=True)
                return slug, Act.ADDED if new else Act.UNCHANGED, None
            known = self._planned.get(slug) or self._known(slug)
            if known and ((known.url and known.url == review.url) or (known.film == film and not known.imported)):
                return slug, Act.SKIPPED, "there already, left as it is"
        return "", Act.SKIPPED, f"there are {NAMESAKES} files of that name already"

    def _there(self, slug: str) -> bytes | None:
        """What a file holds, as far as a review could; None where it cannot be read."""
        path = self._folder / f"{slug}.md"
        try:
            with path.open("rb") as file:
                return file.read(MAX_FILE_BYTES + 1)
        except OSError:
            return None

    def _known(self, slug: str) -> _Known | None:
        try:
            review = read_file(self._folder / f"{slug}.md")
        except ReviewFileError:
            return None
        return _Known(review.url, (review.title, review.year, review.critic), slug in self.ledger.slugs)


def _names(review: Review) -> Iterator[str]:
    """Names for a review's file: its slug; with the year, to tell it from another film's; then numbered."""
    yield review.slug
    base = review.slug
    if review.year and not base.endswith(f"-{review.year}"):
        base = _joined(base, str(review.year))
        yield base
    for number in range(2, NAMESAKES):
        yield _joined(base, str(number))


def _joined(slug: str, end: str) -> str:
    return f"{slug[: MAX_SLUG - len(end) - 1].rstrip('-')}-{end}"
