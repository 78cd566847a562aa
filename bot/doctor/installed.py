"""What is installed: Python, the packages, and fonts for pictures."""

from __future__ import annotations

import platform
import sys
import tomllib
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import bot
from bot.findings import Finding, Mark
from bot.fonts import FOLDERS, Fonts
from bot.pictures import NEEDED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.requirements import Requirement

EXTRAS = ("playground", "speed", "postgres", "pictures", "import")
REINSTALL = "In Sheepbot's folder: pip install --require-hashes -r requirements.lock"
SAMPLES = {
    "Latin": ("Ağł", "fonts-noto-core"),
    "Greek": ("Ωά", "fonts-noto-core"),
    "Cyrillic": ("Жї", "fonts-noto-core"),
    "Arabic": ("يپ", "fonts-noto-core"),
    "Hebrew": ("שם", "fonts-noto-core"),
    "Devanagari": ("हिन्दी", "fonts-noto-core"),
    "Thai": ("ไทย", "fonts-noto-core"),
    "Chinese": ("神", "fonts-noto-cjk"),
    "Japanese": ("のカ", "fonts-noto-cjk"),
    "Korean": ("한", "fonts-noto-cjk"),
    "emoji": ("🐑", "fonts-noto-color-emoji"),
}
"""What titles are written in: some of its letters, and the package that has them."""


def python() -> list[Finding]:
    """Whether Python is new enough."""
    from packaging.specifiers import SpecifierSet  # noqa: PLC0415 - where it is missing, this check says so

    wanted, _ = _required()
    said = f"{platform.python_version()} at {sys.executable}"
    if not SpecifierSet(wanted).contains(platform.python_version(), prereleases=True):
        return [Finding("Python", Mark.BAD, said, f"Sheepbot needs Python {wanted}: make clean, make run PYTHON=PATH")]
    return [Finding("Python", Mark.GOOD, said)]


def packages() -> list[Finding]:
    """Whether all that is required is there in a version that fits, and which optional parts are."""
    _, required = _required()
    seen: set[tuple[str, str]] = set()
    lacking = sorted({lack for requirement in required[""] for lack in _lacking(requirement, seen)})
    if lacking:
        found = Finding("Packages", Mark.BAD, "; ".join(lacking), REINSTALL)
    else:
        found = Finding("Packages", Mark.GOOD, f"{len({name for name, _ in seen})} are there, in versions that fit")
    there: list[str] = []
    away: list[str] = []
    for extra in EXTRAS:
        lack = sorted({lack for requirement in required[extra] for lack in _lacking(requirement, set())})
        (away if lack else there).append(f"{extra} ({'; '.join(lack)})" if lack else extra)
    said = f"{', '.join(there) or 'none'} there" + (f"; without {', '.join(away)}" if away else "")
    return [found, Finding("Extras", Mark.GOOD, said)]


def fonts(folders: Iterable[Path] = FOLDERS) -> list[Finding]:
    """Whether pictures can be drawn, and of which titles; what cannot be is text."""
    if missing := next((name for name in NEEDED if find_spec(name) is None), None):
        said = f"not needed: without {missing}, boards and results are text only"
        return [Finding("Fonts", Mark.NOTE, said, f"For pictures: {REINSTALL}")]
    found = Fonts(folders)
    lacking = [name for name, (letters, _) in SAMPLES.items() if found.lacking(letters)]
    if not lacking:
        return [Finding("Fonts", Mark.GOOD, f"{', '.join(SAMPLES)}")]
    said = f"none has {', '.join(lacking)}: a board with such a title has the name of the review in its picture"
    if len(lacking) == len(SAMPLES):
        said = "none is installed: boards and results are text only"
    packages = sorted({SAMPLES[name][1] for name in lacking})
    return [Finding("Fonts", Mark.NOTE, said, f"On Debian: apt install {' '.join(packages)}")]


def _required() -> tuple[str, dict[str, list[Requirement]]]:
    """Which Python, and what else Sheepbot requires, as "", and each optional part."""
    source = Path(bot.__file__).parent.parent / "pyproject.toml"
    if source.exists():  # run from its folder, it need not be installed itself
        project = tomllib.loads(source.read_text(encoding="utf-8"))["project"]
        lines = {"": project["dependencies"], **project["optional-dependencies"]}
        return project["requires-python"], {extra: _applying(lines[extra]) for extra in ("", *EXTRAS)}
    about = metadata.metadata("sheepbot")
    listed = metadata.requires("sheepbot") or []
    always = _applying(listed)
    optional = {extra: [one for one in _applying(listed, extra) if one not in always] for extra in EXTRAS}
    return about["Requires-Python"], {"": always, **optional}


def _applying(lines: Iterable[str], *extras: str) -> list[Requirement]:
    """The requirements, of those that are written down, that hold on this system with these extras."""
    from packaging.requirements import Requirement  # noqa: PLC0415 - where it is missing, this check says so

    found: list[Requirement] = []
    for one in map(Requirement, lines):
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            one.marker = None
            found.append(one)
    return found


def _lacking(requirement: Requirement, seen: set[tuple[str, str]]) -> Iterator[str]:
    """What is missing or does not fit, of a requirement and of all that it requires itself."""
    try:
        found = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        yield f"{requirement.name} is missing"
        return
    if not requirement.specifier.contains(found, prereleases=True):
        yield f"{requirement.name} is {found}, not {requirement.specifier}"
    key = requirement.name.lower().replace("_", "-"), ",".join(sorted(requirement.extras))
    if key not in seen:
        seen.add(key)
        for inner in _applying(metadata.requires(requirement.name) or (), *requirement.extras):
            yield from _lacking(inner, seen)
