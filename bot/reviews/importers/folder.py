"""Saved pages: a file, or a folder of them."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import SourceError
from bot.reviews.importers.page import read_page
from bot.reviews.importers.repair import decode
from bot.reviews.importers.source import Source

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Iterator

    from bot.reviews.importers.post import Post

MAX_BYTES = 50 * 1024 * 1024
"""Of a file that is given on the command line, or lies in a folder that is."""
MAX_FILES = 100_000
HTML = frozenset((".html", ".htm", ".xhtml"))
PLAIN = frozenset((".txt", ".md", ".markdown"))


class Pages(Source):
    """Saved pages.

    Attributes:
        home: Their folder.
        present: Once all have been given, their guids; None where it is a single one.
    """

    kind = "page"

    def __init__(self, folder: Path, names: list[str], unread: Iterable[str] = (), *, whole: bool) -> None:
        self._folder = folder
        self._names = names
        self._unread = tuple(unread)
        self.present = set[str]() if whole else None
        self.home = str(folder.resolve())
        self.total = len(names)

    async def posts(self) -> AsyncGenerator[Post]:
        """Each page.

        Raises:
            SourceError: Some could not be read, and all others have been given.
        """
        unread = [*self._unread]
        for name in self._names:
            path = self._folder / name
            try:
                text = decode(read_bytes(path), None)
            except SourceError as error:
                unread.append(str(error))
                continue
            post = read_page(text, None, name, plain=path.suffix.lower() in PLAIN)
            if self.present is not None:
                self.present.add(post.guid)
            yield post
        if unread:
            more = f" So it is with {len(unread) - 1} more." if len(unread) > 1 else ""
            raise SourceError(unread[0] + more)


def open_page(path: Path) -> Pages:
    """One saved page."""
    return Pages(path.parent, [path.name], whole=False)


def open_folder(folder: Path) -> Pages:
    """Every page in a folder and the folders in it; links are passed over, as they can lead anywhere.

    Raises:
        SourceError: There is none.
    """
    closed: list[OSError] = []
    names = sorted(_names(folder, closed.append))
    unread = [_unread(error.filename, error) for error in closed]
    if not names:
        raise SourceError(next(iter(unread), f"{folder} has no pages in it: no .html, .txt or .md files."))
    return Pages(folder, names, unread, whole=True)


def _names(folder: Path, on_error: Callable[[OSError], object]) -> Iterator[str]:
    count = 0
    for where, _, files in os.walk(folder, onerror=on_error):
        for name in files:
            path = Path(where, name)
            if path.suffix.lower() in HTML | PLAIN and not name.startswith(".") and not path.is_symlink():
                count += 1
                if count > MAX_FILES:
                    raise SourceError(f"{folder} has more than {MAX_FILES:,} pages in it.")
                yield path.relative_to(folder).as_posix()


def read_bytes(path: Path) -> bytes:
    """A file whole.

    Raises:
        SourceError: It is none, is too large, or cannot be read.
    """
    try:
        checked_size(path)
        with path.open("rb") as file:
            return file.read(MAX_BYTES)
    except OSError as error:
        raise SourceError(_unread(path, error)) from error


def _unread(path: Path | str, error: OSError) -> str:
    return f"{path} cannot be read: {error.strerror}."


def checked_size(path: Path) -> None:
    """See that a file can be read to its end, and in reasonable time.

    Raises:
        SourceError: It cannot.
        OSError: It is not there.
    """
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise SourceError(f"{path} is no file.")
    if found.st_size > MAX_BYTES:
        raise SourceError(f"{path} is larger than {MAX_BYTES // 1024**2} MB.")
