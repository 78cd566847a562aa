"""Which fonts are installed, told by their files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.doctor.installed import fonts
from bot.findings import Mark

if TYPE_CHECKING:
    from pathlib import Path

SANS, EMOJI, WIDE = "dejavu/DejaVuSans.ttf", "noto/NotoColorEmoji.ttf", "noto/NotoSansCJK-Regular.ttc"


@pytest.mark.parametrize(
    ("files", "lacking"),
    [
        ([SANS, EMOJI, WIDE], []),
        (["Arial.ttf", EMOJI, "NotoSansJP-Bold.otf"], []),
        ([EMOJI, WIDE, "DejaVuSansMono.ttf", "DejaVuSerif.ttf"], ["sans-serif"]),
        ([SANS, WIDE], ["emoji"]),
        ([SANS, EMOJI, "NotoSansCJK.txt"], ["wide-script"]),
        ([], ["sans-serif", "emoji", "wide-script"]),
    ],
)
def test_what_is_lacking_for_pictures(tmp_path: Path, files: list[str], lacking: list[str]) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    (found,) = fonts([tmp_path, tmp_path / "nowhere"])

    assert found.mark is (Mark.NOTE if lacking else Mark.GOOD)
    if lacking:
        assert found.said == f"no {' or '.join(lacking)} font is installed: pictures will be text"
        assert found.fix.count(" fonts-") == len(lacking)
