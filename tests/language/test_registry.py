"""Every code is explained, and its examples are true."""

import re
from pathlib import Path

import pytest

from engine.language import codes
from engine.language.registry import REGISTRY
from engine.language.registry.examples import example_project
from tests.language.projects import load

_ROOT = Path(__file__).parents[2] / "engine" / "language"
_PAGES = Path(__file__).parents[2] / "docs" / "reference" / "diagnostics"
_WORD = re.compile(r'"([a-z]+(?:-[a-z]+)*)"')


@pytest.mark.parametrize("code", codes())
def test_the_wrong_example_gives_exactly_its_code(code: str, tmp_path: Path) -> None:
    loaded = load(example_project(tmp_path / "project", REGISTRY[code].wrong))
    assert {one.code for one in loaded.diagnostics} == {code}


@pytest.mark.parametrize("code", codes())
def test_the_right_example_gives_nothing(code: str, tmp_path: Path) -> None:
    loaded = load(example_project(tmp_path / "project", REGISTRY[code].right))
    assert loaded.diagnostics == []
    assert loaded.program is not None


@pytest.mark.parametrize("code", codes())
def test_its_page_shows_both_examples_and_what_is_said_of_the_wrong_one(code: str) -> None:
    """The page is current (a test of the docs), so that what it shows is what is said, place and all."""
    entry = REGISTRY[code]
    page = (_PAGES / f"{code}.md").read_text("utf-8")
    assert f"[{code}]: " in page
    for example in (entry.wrong, entry.right):
        assert example.text is None or example.text.rstrip() in page


def test_the_index_links_every_page() -> None:
    index = (_PAGES.parent / "diagnostics.md").read_text("utf-8")
    assert re.findall(r"\]\((diagnostics/[a-z-]+\.md)\)", index) == [
        f"diagnostics/{one}.md" for one in codes()
    ]


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
