"""Lines of a file: counted as an editor counts them, read one at a time."""

import io
import os
import tracemalloc
from pathlib import Path

import pytest

from engine.intake.files import file_format, open_source
from engine.intake.parse import MOST_BYTES, Parser
from engine.model.errors import MilepostError, UsageError
from engine.model.events import Event
from engine.sample import events_path


def lines_of(path: Path) -> list[tuple[int, bytes]]:
    with open_source(str(path)) as source:
        return [(line.number, line.raw) for line in source]


def test_blank_lines_count_but_are_not_given_out(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    file.write_bytes(b"\n{1}\r\n  \r\n\t\n{2}\n\n{3}")
    assert lines_of(file) == [(2, b"{1}"), (5, b"{2}"), (7, b"{3}")]


def test_an_empty_file_has_no_lines(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    file.touch()
    assert lines_of(file) == []


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
@pytest.mark.parametrize("more", [-1, 0, 1, 2, 3, MOST_BYTES, 3 * MOST_BYTES + 5])
def test_a_line_too_long_is_cut_and_refused_and_the_next_is_read(
    tmp_path: Path, end: bytes, more: int
) -> None:
    file = tmp_path / "x.jsonl"
    file.write_bytes(b"x" * (MOST_BYTES + more) + end + (b"{2}" if end else b""))
    (number, raw), *rest = lines_of(file)
    assert number == 1
    assert len(raw) == MOST_BYTES + more if more <= 0 else MOST_BYTES < len(raw) <= MOST_BYTES + 2
    assert rest == ([(2, b"{2}")] if end else [])
    [refused] = Parser().parse(raw)
    assert ("longer" in refused.reason) == (more > 0)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    with file.open("wb") as stream:
        stream.writelines(b"x" * 1000 + b"\n" for _ in range(8_000))
    tracemalloc.start()
    with open_source(str(file)) as source:
        count = sum(1 for _ in source)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 8_000
    assert peak < 3 * 1024 * 1024


def test_progress_is_told_up_to_the_end(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    file.write_bytes(b"x" * 999 + b"\n" + b"y" * 999_999)
    told: list[tuple[int, int | None]] = []
    with open_source(str(file), lambda read, size: told.append((read, size))) as source:
        list(source)
    assert told[-1] == (1_000_999, 1_000_999)


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"{1}\n{2}")))
    with open_source("-") as source:
        assert [line.raw for line in source] == [b"{1}", b"{2}"]
        assert (source.name, source.size) == ("-", None)


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        open_source(str(tmp_path / "x.jsonl"))
    with pytest.raises(UsageError, match="folder"):
        open_source(str(tmp_path))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    file.touch(mode=0)
    with pytest.raises(MilepostError, match="cannot be read"):
        open_source(str(file))


def test_formats() -> None:
    assert {file_format(one) for one in ("a.jsonl", "b/c.NDJSON", "-")} == {"events"}
    assert file_format("a.txt", "events") == "events"
    for name in ("cards.csv", "cards.XLSX"):
        with pytest.raises(UsageError, match="what do its rows hold"):
            file_format(name)
    with pytest.raises(UsageError, match="cannot tell"):
        file_format("a.txt")
    with pytest.raises(UsageError, match="no such format"):
        file_format("a.jsonl", "cards")


def test_the_sample_is_read_whole() -> None:
    parser = Parser(country="CN")
    with open_source(str(events_path())) as source:
        parsed = [parser.parse(line.raw, source.name, line.number) for line in source]
    events = [one for one in parsed if isinstance(one, Event)]
    keys = {one.key for one in events}
    assert (len(parsed), len(parsed) - len(events), len(events) - len(keys)) == (932, 15, 28)
