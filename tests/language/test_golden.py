"""Wrong projects, and what people are told of them: `golden/<case>/` laid over the sound project.

`MILEPOST_UPDATE=1 pytest tests/language/test_golden.py` writes what is told now; look at the difference.
"""

import os
from pathlib import Path

import pytest

from engine.language import Loaded, frame
from tests.language.projects import load, made

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(path.name for path in GOLDEN.iterdir() if path.is_dir())
_EXPECTED = "expected.txt"
_ABSENT = ".absent"


def _project(case: str, folder: Path) -> Path:
    """The case's project; a file that ends in `.absent` takes one out."""
    files: dict[str, str | bytes | None] = {}
    for path in (GOLDEN / case).rglob("*"):
        name = path.relative_to(GOLDEN / case).as_posix()
        if path.is_file() and name != _EXPECTED:
            absent = name.endswith(_ABSENT)
            files[name.removesuffix(_ABSENT)] = None if absent else path.read_bytes()
    return made(folder, files, alone=True)


def _told(project: Path, loaded: Loaded) -> str:
    frames = []
    for one in loaded.diagnostics:
        path = project / one.file
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None
        frames.append(frame(one, text))
    return "\n\n".join(frames) + "\n"


@pytest.mark.parametrize("case", CASES)
def test_what_people_are_told(case: str, tmp_path: Path) -> None:
    project = _project(case, tmp_path)
    told = _told(project, load(project))
    expected = GOLDEN / case / _EXPECTED
    if os.environ.get("MILEPOST_UPDATE"):
        expected.write_text(told)
    assert told == expected.read_text()


@pytest.mark.parametrize("case", CASES)
def test_places_are_inside_their_files(case: str, tmp_path: Path) -> None:
    project = _project(case, tmp_path)
    for one in load(project).diagnostics:
        if not one.line:
            assert (one.column, one.end_column) == (0, 0)
            continue
        lines = (project / one.file).read_text(encoding="utf-8-sig", errors="replace").split("\n")
        assert 1 <= one.line <= len(lines)
        assert 1 <= one.column < one.end_column <= len(lines[one.line - 1]) + 2
