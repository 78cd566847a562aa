"""Fonts for tests, the same on every machine: those that come with the simulated Discord."""

from __future__ import annotations

from pathlib import Path

import simcord

FOLDER = Path(simcord.__file__).parent / "preview" / "static" / "fonts"
LATIN, HEBREW, EMOJI = "noto-sans-latin-v2.015.ttf", "noto-sans-hebrew-v3.001.ttf", "noto-color-emoji-v2.051.ttf"
