"""Review files for the journeys that need another shelf than the one that ships."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def write_review(folder: Path, slug: str, body: str = "It was a film.", **facts: Any) -> None:
    """Put a review on a shelf; its title is the slug unless the facts say otherwise."""
    lines = (f"{key}: {json.dumps(value)}" for key, value in {"title": slug, **facts}.items())
    (folder / f"{slug}.md").write_text("\n".join(["---", *lines, "---", "", body]), encoding="utf-8")


def write_films(folder: Path, count: int) -> None:
    """Put ``Film 01 (2001)``, ``Film 02 (2002)`` and so on on a shelf."""
    for number in range(1, count + 1):
        write_review(folder, f"film-{number:02}", title=f"Film {number:02}", year=2000 + number, sheep=3)
