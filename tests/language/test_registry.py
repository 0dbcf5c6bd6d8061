"""Every code is explained, and its examples are true."""

import re
from pathlib import Path

import pytest

from engine.language import codes, explain
from engine.language.registry import REGISTRY
from tests.language.projects import example_project, load

_ROOT = Path(__file__).parents[2] / "engine" / "language"
_WORD = re.compile(r'"([a-z]+(?:-[a-z]+)*)"')


@pytest.mark.parametrize("code", codes())
def test_the_wrong_example_gives_exactly_its_code(code: str, tmp_path: Path) -> None:
    loaded = load(example_project(tmp_path, REGISTRY[code].wrong))
    assert {one.code for one in loaded.diagnostics} == {code}


@pytest.mark.parametrize("code", codes())
def test_the_right_example_gives_nothing(code: str, tmp_path: Path) -> None:
    loaded = load(example_project(tmp_path, REGISTRY[code].right))
    assert loaded.diagnostics == []
    assert loaded.program is not None


@pytest.mark.parametrize("code", codes())
def test_an_explanation_has_both_examples(code: str) -> None:
    text = explain(code)
    assert text is not None
    assert text.startswith(f"{code}: ")
    assert "Wrong (" in text
    assert "Right (" in text


def test_an_unknown_code_has_no_explanation() -> None:
    assert explain("no-such-code") is None


def test_every_code_in_the_sources_is_registered() -> None:
    """Words with hyphens that stand in the sources like codes."""
    reporting = re.compile(r'(?:error|warning|Fault|Absence|_fault|_refuse|_error|_warning)\(\s*"([a-z-]+)"')
    used = set()
    for path in _ROOT.rglob("*.py"):
        if "registry" not in path.parts:
            used |= set(reporting.findall(path.read_text()))
    assert used - set(REGISTRY) == set()


def test_every_registered_code_is_used_somewhere() -> None:
    words = set()
    for path in _ROOT.rglob("*.py"):
        if "registry" not in path.parts:
            words |= set(_WORD.findall(path.read_text()))
    assert set(REGISTRY) - words == set()
