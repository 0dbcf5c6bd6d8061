"""Frames look right in a terminal."""

import pytest

from engine.language import frame
from engine.language.frames import width
from engine.model.diagnostics import Diagnostic, Severity


def _diagnostic(line: int, column: int, end_column: int, hint: str = "") -> Diagnostic:
    return Diagnostic(
        code="unknown-key",
        severity=Severity.ERROR,
        message="unknown key",
        file="journeys/x.yaml",
        line=line,
        column=column,
        end_column=end_column,
        hint=hint,
    )


def test_a_frame() -> None:
    text = "a: b\nby_channel: letter\n"
    assert frame(_diagnostic(2, 1, 11, "did you mean 'by'?"), text).split("\n") == [
        "error[unknown-key]: unknown key",
        " --> journeys/x.yaml:2:1",
        "  |",
        "2 | by_channel: letter",
        "  | ^^^^^^^^^^",
        "  = did you mean 'by'?",
    ]


def test_chinese_characters_take_two_columns() -> None:
    lines = frame(_diagnostic(1, 8, 10), "title: 欢迎\n").split("\n")
    assert lines[-1] == "  |        ^^^^"
    assert width("欢迎 a") == 6
    assert width("a\u200d") == 1


def test_carets_stand_behind_chinese_characters() -> None:
    lines = frame(_diagnostic(1, 3, 4), "欢迎x\n").split("\n")
    assert lines[-2:] == ["1 | 欢迎x", "  |     ^"]


def test_a_tab_takes_four_columns() -> None:
    lines = frame(_diagnostic(1, 2, 3), "\tx\n").split("\n")
    assert lines[-2:] == ["1 |     x", "  |     ^"]


def test_a_diagnostic_of_a_whole_file_has_no_line() -> None:
    assert frame(_diagnostic(0, 0, 0, "one\ntwo"), None).split("\n") == [
        "error[unknown-key]: unknown key",
        " --> journeys/x.yaml",
        "  = one",
        "    two",
    ]


@pytest.mark.parametrize("text", [None, "", "a\n"])
def test_a_place_that_the_file_does_not_have_is_only_named(text: str | None) -> None:
    assert frame(_diagnostic(9, 1, 2), text).split("\n")[1:] == [" --> journeys/x.yaml:9:1"]


def test_control_characters_do_not_reach_the_terminal() -> None:
    assert "\x1b" not in frame(_diagnostic(1, 1, 2), "\x1b[31mred\n")


def test_a_long_line_is_cut_around_the_place() -> None:
    lines = frame(_diagnostic(1, 301, 305), "x" * 300 + "here" + "y" * 300 + "\n").split("\n")
    shown, carets = lines[-2][4:], lines[-1][4:]
    assert len(shown) <= 122
    assert shown[carets.index("^") : len(carets)] == "here"
