"""What `validate` says of pictures in emails."""

from pathlib import Path

import pytest

from engine.language.registry.examples import sound_project
from tests.language.projects import load

EMAIL = "templates/newsletter/email.zh-CN.html"


def said(folder: Path, source: str, **files: bytes) -> list[tuple[str, str, int, int, str]]:
    """Of an email with this body: code, file, line, column and message."""
    more = {name.replace("__", "/").replace("_png", ".png"): content for name, content in files.items()}
    text = f"---\nsubject: s\n---\n{source}\n"
    loaded = load(sound_project(folder / "project", {EMAIL: text, **more}))
    return [(one.code, one.file, one.line, one.column, one.message) for one in loaded.diagnostics]


def test_one_that_is_not_there_is_an_error_at_its_place(tmp_path: Path) -> None:
    found = said(tmp_path, '<p>a</p>\n<p><img alt="x" src="none.png"></p>')
    message = "there is no picture 'none.png' in templates/, which michelin needs"
    assert found == [("missing-file", EMAIL, 5, 21, message)]


def test_a_brand_that_lacks_it_is_told(tmp_path: Path) -> None:
    found = said(tmp_path, "<img src='hero.png'>", templates__newsletter__michelin__hero_png=b"PNG")
    assert [message for *_, message in found] == [
        "there is no picture 'hero.png' in templates/, which warrior needs"
    ]


def test_one_of_a_layout_is_told_in_the_layout(tmp_path: Path) -> None:
    layout = "templates/brands/warrior/email.html"
    source = (
        Path(load.__code__.co_filename).parents[2] / "engine/language/registry/project" / layout
    ).read_text()
    text = source.replace("{% block body %}", "<img src='logo.png'>{% block body %}", 1)
    assert text != source
    loaded = load(sound_project(tmp_path / "project", {layout: text}))
    assert {(one.code, one.file) for one in loaded.diagnostics} == {("missing-file", layout)}
    with_it = sound_project(tmp_path / "other", {layout: text, "templates/brands/warrior/logo.png": b"PNG"})
    assert load(with_it).diagnostics == []


@pytest.mark.parametrize(
    "source",
    [
        "<img src='https://example.com/a.webp'>",
        "<img src='{{ brand.id }}.png'>",
        "{# <img src='none.png'> #}",
        "<!-- <img src='none.png'> -->",
        "<img src='tread.png'><img src='newsletter/tread.png'>",
    ],
)
def test_what_has_an_address_or_is_known_later_is_let_be(tmp_path: Path, source: str) -> None:
    assert said(tmp_path, source) == []


def test_many_that_are_large_together_are_warned_of(tmp_path: Path) -> None:
    names = [f"templates__newsletter__p{n}_png" for n in range(5)]
    source = "".join(f"<img src='p{n}.png'>" for n in range(5))
    found = said(tmp_path, source, **{name: bytes(250_000) for name in names})
    assert [(code, line, message) for code, _, line, _, message in found] == [
        ("large-picture", 4, "the pictures of this email have 1.2 MB together")
    ]
