"""Which fonts are installed, and which letters they have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.doctor.installed import SAMPLES, fonts
from bot.findings import Mark
from bot.fonts import Fonts, NoFontError
from tests.fonts import EMOJI, FOLDER, HEBREW, LATIN

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with fonts, some of them below it, and with files that are none."""
    (tmp_path / "deeper").mkdir()
    (tmp_path / LATIN).symlink_to(FOLDER / LATIN)
    (tmp_path / "deeper" / EMOJI).symlink_to(FOLDER / EMOJI)
    (tmp_path / "deeper" / "broken.ttf").write_bytes(b"no font")
    (tmp_path / "gone.otf").symlink_to(tmp_path / "nowhere")
    (tmp_path / HEBREW.replace("ttf", "txt")).symlink_to(FOLDER / HEBREW)
    return tmp_path


def test_what_pictures_lack_and_which_packages_have_it(folder: Path, tmp_path: Path) -> None:
    (found,) = fonts([folder, tmp_path / "nowhere"])

    assert found.mark is Mark.NOTE
    assert "none has Arabic, Hebrew, Thai, Chinese, Japanese, Korean: a board with" in found.said
    assert found.fix == "On Debian: apt install fonts-noto-cjk fonts-noto-core"


def test_no_font_at_all(tmp_path: Path) -> None:
    (found,) = fonts([tmp_path])

    assert found.mark is Mark.NOTE
    assert found.said == "none is installed: boards and results are text only"
    assert found.fix.count(" fonts-") == len({package for _, package in SAMPLES.values()})


def test_without_what_draws_no_font_is_needed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.doctor.installed.NEEDED", ("no_such_library",))

    (found,) = fonts([folder])

    assert found.mark is Mark.NOTE
    assert "without no_such_library" in found.said


def test_a_text_is_set_in_the_fonts_that_have_its_letters(folder: Path) -> None:
    installed = Fonts([folder])

    runs = installed.runs("Ame\u0301lie 2 🐑👩\u200d👧 ❤\ufe0f fin", bold=True)

    assert [(font.path.name, text) for font, text in runs] == [
        (LATIN, "Ame\u0301lie 2 "),
        (EMOJI, "🐑👩\u200d👧"),
        (LATIN, " "),
        (EMOJI, "❤\ufe0f"),
        (LATIN, " fin"),
    ]
    with pytest.raises(NoFontError, match="no installed font has HEBREW letters"):
        installed.runs("Film שם")
    assert installed.lacking("Film שם ไทย") == ["HEBREW", "THAI"]
    assert 5 < installed.width("Ten wide m") < installed.width("Ten wide m", bold=True) < 7
