"""YAML is read as it is written, and every character's place is known."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.language.report import Report
from engine.language.source import MappingNode, ScalarNode, SequenceNode, canonical, read_yaml, read_yaml_file


def _read(text: str) -> MappingNode:
    report = Report()
    node = read_yaml(text, "x.yaml", report)
    assert node is not None, report.sorted()
    return node


def _scalar(text: str, key: str = "k") -> ScalarNode:
    entry = _read(text).get(key)
    assert entry is not None
    assert isinstance(entry.value, ScalarNode)
    return entry.value


@pytest.mark.parametrize(
    "text", ["no", "on", "1.10", "10:00", "007", "1_000", "2025-03-08", "0x1f", "yes", "1e3"]
)
def test_scalars_stay_the_text_that_was_written(text: str) -> None:
    assert _scalar(f"k: {text}\n").text == text


@pytest.mark.parametrize(
    ("text", "empty"), [("", True), ("~", True), ("null", True), ('""', False), ("x", False)]
)
def test_nothing_written_is_told_from_an_empty_text(text: str, empty: bool) -> None:
    assert _scalar(f"k: {text}\n").is_empty is empty


def test_nodes_stand_at_their_places() -> None:
    node = _read('a: b\nsteps:\n  - wait: 3 days\n    at: "10:00"\n  - {end: run}\n')
    entry = node.get("steps")
    assert entry is not None
    assert (entry.key.span.line, entry.key.span.column, entry.key.span.end_column) == (2, 1, 6)
    assert isinstance(entry.value, SequenceNode)
    first, second = entry.value.items
    assert (first.span.line, first.span.column, first.span.end_column) == (3, 5, 9)
    assert (second.span.line, second.span.column, second.span.end_column) == (5, 5, 15)


def test_a_list_of_several_lines_is_shown_by_its_first() -> None:
    node = _read("a: [b,\n  c]\n").entries[0].value
    assert (node.span.line, node.span.column, node.span.end_column) == (1, 4, 7)


_INNER = st.text(alphabet="ab 王{}.|>=1", min_size=1, max_size=30).map(str.strip).filter(bool)


@given(_INNER)
def test_places_in_quoted_texts(text: str) -> None:
    for source in (f"k: '{text}'\n", f'k: "{text}"\n', f"k: |\n   {text}\n", f"k: >-\n   {text}\n"):
        scalar = _scalar(source)
        for offset, character in enumerate(text):
            span = scalar.place(offset)
            assert source.split("\n")[span.line - 1][span.column - 1] == character


@pytest.mark.parametrize(
    ("source", "word", "line", "column"),
    [
        ("k: event.amonut > 1\n", "amonut", 1, 10),
        ("k: a and\n   b.amonut\n", "amonut", 2, 6),
        ("k: >-\n  a and\n  b.amonut\n", "amonut", 3, 5),
        ("k: |\n  a and\n    b.amonut\n", "amonut", 3, 7),
        ("k: 'it''s b.amonut'\n", "amonut", 1, 13),
        ('k: "\\u9f99 \\"q\\" b.amonut"\n', "amonut", 1, 20),
        ('k: "a\n  b.amonut"\n', "amonut", 2, 5),
    ],
)
def test_places_in_texts_that_yaml_changes(source: str, word: str, line: int, column: int) -> None:
    scalar = _scalar(source)
    span = scalar.place(scalar.text.index(word), len(word))
    assert (span.line, span.column, span.end_column) == (line, column, column + len(word))


def test_windows_line_ends_do_not_move_places() -> None:
    scalar = _scalar("a: b\r\nk: event.amonut\r\n")
    assert (scalar.span.line, scalar.span.column, scalar.span.end_column) == (2, 4, 16)


def test_a_byte_order_mark_does_not_move_places(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfk: v\n")
    node = read_yaml_file(path, "x.yaml", Report())
    assert node is not None
    assert node.entries[0].key.span.column == 1


def test_what_a_file_says_does_not_depend_on_its_layout() -> None:
    one = _read("a: b # why\nsteps: [{wait: 3 days, at: x}]\n")
    other = _read("steps:\n  - at: x\n    wait: 3 days\n\na: b\n")
    assert canonical(one) == canonical(other)
    assert canonical(_read("a: 3\n")) != canonical(_read('a: "3"\n'))


def test_faults_of_a_file_do_not_hide_one_another() -> None:
    report = Report()
    node = read_yaml("a: 1\na: 2\nb: &x 3\nc: !t 4\nd: {{ x }}\ne: ok\n", "x.yaml", report)
    assert node is not None
    assert [one.code for one in report.sorted()] == [
        "duplicate-key",
        "yaml-feature",
        "yaml-feature",
        "unquoted-braces",
    ]
    assert node.get("e") is not None


def test_a_file_of_more_than_a_megabyte_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: " + "b" * 1_000_001)
    report = Report()
    assert read_yaml_file(path, "x.yaml", report) is None
    assert [one.code for one in report.sorted()] == ["unreadable-file"]
