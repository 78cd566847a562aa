"""What was imported into a folder, and from where: kept in a hidden file beside the reviews."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from bot import __version__
from bot.errors import TransferError
from bot.reviews.writing import replace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.reviews.importers.post import Post

NAME = ".imported.json"
VERSION = 1
MAX_GUID = 300


@dataclass(frozen=True, slots=True)
class Entry:
    """A post that became a file.

    Attributes:
        written: The fingerprint of the file as it was written.
        post: That of the post.
        kind: What kind of source it came from last.
    """

    slug: str
    written: str
    post: str
    kind: str


@dataclass(slots=True)
class _Kept:
    """The file, as JSON has it.

    Attributes:
        posts: By the home of their source and their guid there.
        marks: What sources asked to be given the next time.
        by: The Sheepbot that wrote it; to another, a post that was no review may be one, so it asks for all again.
    """

    version: int
    by: str
    posts: dict[str, dict[str, Entry]]
    marks: dict[str, str]


class Ledger:
    """What was imported into a folder.

    Raises:
        TransferError: What is kept of it cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._kept = _Kept(VERSION, __version__, {}, {})
        try:
            raw = self._path.read_bytes()
        except FileNotFoundError:
            raw = b""
        except OSError as error:
            raise TransferError(f"{self._path} cannot be read: {error.strerror}. Check its permissions.") from error
        if raw:
            self._kept = self._read(raw)
        self.slugs = {entry.slug for entries in self._kept.posts.values() for entry in entries.values()}

    def _read(self, raw: bytes) -> _Kept:
        try:
            kept = TypeAdapter(_Kept).validate_json(raw)
        except ValidationError as error:
            raise TransferError(
                f"{self._path} is damaged. Delete it, and import again: reviews that are there already stay."
            ) from error
        if kept.version != VERSION:
            raise TransferError(f"{self._path} is of another version of Sheepbot. Import with that one.")
        return kept if kept.by == __version__ else _Kept(VERSION, __version__, kept.posts, {})

    @property
    def marks(self) -> dict[str, str]:
        """What sources asked to be given the next time."""
        return self._kept.marks

    def find(self, home: str, guid: str) -> Entry | None:
        """The entry of a post."""
        return self._kept.posts.get(home, {}).get(_key(guid))

    def record(self, home: str, guid: str, entry: Entry) -> None:
        """Keep an entry; on disk with the next :meth:`save`."""
        self._kept.posts.setdefault(home, {})[_key(guid)] = entry
        self.slugs.add(entry.slug)

    def gone(self, home: str, kind: str, present: set[str]) -> Iterator[str]:
        """The slugs of posts that a kind of source brought, and that it has no more."""
        keys = {_key(guid) for guid in present}
        for key, entry in self._kept.posts.get(home, {}).items():
            if entry.kind == kind and key not in keys:
                yield entry.slug

    def save(self) -> None:
        """Put it on disk, whole.

        Raises:
            OSError: It cannot be written.
        """
        said = json.dumps(asdict(self._kept), ensure_ascii=True, indent=1, sort_keys=True)
        replace(self._path, said.encode())


def fingerprint(post: Post) -> str:
    """Changes whenever a post does, and with the version of what reads it."""
    said = {field.name: getattr(post, field.name) for field in fields(post)}
    return digest(json.dumps([__version__, said], default=str, sort_keys=True).encode())


def digest(raw: bytes) -> str:
    """A fingerprint, as 64 hexadecimal digits."""
    return hashlib.sha256(raw).hexdigest()


def _key(guid: str) -> str:
    """A guid, or its fingerprint where it is a book."""
    return guid if len(guid) <= MAX_GUID and guid.isprintable() else digest(guid.encode(errors="surrogatepass"))
