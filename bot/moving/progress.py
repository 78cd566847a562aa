"""How far a long piece of work is: a bar where someone looks on, else a line every few seconds."""

from __future__ import annotations

import sys
import time

EVERY = 0.2
"""Seconds between two states of the bar."""
EVERY_LINE = 5.0
"""The same where each is a line of a log."""
WIDTH = 24
A_MINUTE = 60


class Progress:
    """Tells on stderr how many rows, or what else, are done, how many a second, and how long the rest will take."""

    def __init__(self, unit: str = "rows") -> None:
        self._unit = unit
        self._bar = sys.stderr.isatty()
        self._what = ""
        self._begun = self._told = time.monotonic()
        self._first = 0

    def show(self, what: str, rows: int, share: float | None) -> None:
        """Tell what is under way, its rows so far, and what part that is of all, where it is known."""
        now = time.monotonic()
        if what != self._what:
            self.done()
            self._what, self._begun, self._told, self._first = what, now, 0.0 if self._bar else now, rows
        if now - self._told < (EVERY if self._bar else EVERY_LINE):
            return
        self._told = now
        line = f"{what}: {rows:,} {self._unit}, {(rows - self._first) / max(now - self._begun, 1e-3):,.0f}/s"
        if share:
            share = min(share, 1.0)
            left = round((now - self._begun) * (1 - share) / share)
            line = f"{line}, {share:.0%}, {left // A_MINUTE}:{left % A_MINUTE:02} left"
            if self._bar:
                line = f"[{'#' * int(share * WIDTH):.<{WIDTH}}] {line}"
        sys.stderr.write(f"\r\x1b[K{line}" if self._bar else f"{line}\n")
        sys.stderr.flush()

    def done(self) -> None:
        """Leave the line to whoever writes next."""
        if self._bar and self._what:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
