"""The other direction of :mod:`bot.reviews.files`: a review as a file that is read back as the same review."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import yaml

from bot.reviews.files import FENCE, MAX_SLUG, SLUG, FrontMatter, Problem, ReviewFileError, read_file

if TYPE_CHECKING:
    from bot.reviews.model import Review

SPELT_ELSEWHERE = {"sheep": "half_sheep", "image": "image_url"}
"""Keys of a review file that a review has under another name."""


class _Dumper(yaml.SafeDumper):
    """Writes every text, and every list of names, on one line: no line can be taken for the one that ends the facts."""

    def represent_text(self, text: str) -> yaml.ScalarNode:
        style = None if text.isprintable() else '"'
        return self.represent_scalar("tag:yaml.org,2002:str", text, style)  # pyright: ignore[reportUnknownMemberType] - untyped there

    def represent_names(self, names: list[str]) -> yaml.SequenceNode:
        return self.represent_sequence("tag:yaml.org,2002:seq", names, flow_style=True)  # pyright: ignore[reportUnknownMemberType] - as above

    def ignore_aliases(self, data: Any) -> bool:
        """A name that stands twice is written twice."""
        del data
        return True


_Dumper.add_representer(str, _Dumper.represent_text)
_Dumper.add_representer(list, _Dumper.represent_names)


def written(review: Review) -> bytes:
    """A review as the text of its file; always the same for the same review.

    Raises:
        ReviewFileError: There is no file that would be read back as this review; with the reasons.
    """
    facts = {key: value for key in FrontMatter.model_fields if (value := _fact(review, key)) is not None}
    front = yaml.dump(facts, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=float("inf"))
    text = f"{FENCE}\n{front}{FENCE}\n\n{review.body}\n"
    path = Path(f"{review.slug}.md")
    raw = text.encode(errors="surrogatepass")
    if read_file(path, raw) != review:
        raise ReviewFileError([Problem(path, 1, "would not be read back as it is written")])
    return raw


def put(folder: Path, slug: str, raw: bytes) -> None:
    """Write ``<slug>.md`` into a folder, on disk and whole or not at all; a link there is replaced, not followed.

    Raises:
        ValueError: The slug is none, and could lead out of the folder.
        OSError: It cannot be written.
    """
    if not SLUG.fullmatch(slug) or len(slug) > MAX_SLUG:
        raise ValueError(f"{slug!r} is no slug")
    replace(folder / f"{slug}.md", raw)


def replace(path: Path, raw: bytes) -> None:
    """Put a file in its place, on disk and whole, or leave it as it is.

    Raises:
        OSError: It cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)  # of a run that was killed
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _fact(review: Review, key: str) -> Any:
    """What stands behind a key of the file; None where the review has nothing to say there."""
    if key == "sheep" and review.half_sheep is not None:
        return review.half_sheep / 2 if review.half_sheep % 2 else review.half_sheep // 2
    value = getattr(review.credits if hasattr(review.credits, key) else review, SPELT_ELSEWHERE.get(key, key))
    if isinstance(value, tuple):
        return list(cast("tuple[str, ...]", value)) or None
    return None if value is False else value
