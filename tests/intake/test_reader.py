"""The events of whole files: in which order, and what is counted."""

import json
from contextlib import ExitStack
from pathlib import Path

from engine.intake.files import open_source
from engine.intake.parse import Parser
from engine.intake.reader import Reader
from engine.model.diagnostics import Rejection
from engine.model.event_types import EVENT_TYPES


def write(path: Path, *days: str) -> str:
    """A file of an event a day; a day that is none gives a broken line."""
    lines = (
        {
            "specversion": "1.0",
            "id": f"{path.stem}-{n}",
            "source": "/d",
            "type": "service.visited",
            "time": f"2025-03-{day}T10:00:00+08:00",
            "data": {"customer": {"mobile": "13800000001"}},
        }
        for n, day in enumerate(days)
    )
    path.write_text("".join(json.dumps(one) + "\n\n" for one in lines), "utf-8")
    return str(path)


def read(*paths: str) -> tuple[list[str], Reader, list[Rejection]]:
    refused: list[Rejection] = []
    reader = Reader(Parser(EVENT_TYPES, "CN"), refused.append)
    with ExitStack() as opened:
        sources = [opened.enter_context(open_source(one)) for one in paths]
        return [one.id for one in reader.merged(sources)], reader, refused


def test_one_file_keeps_its_order_and_every_line_is_counted(tmp_path: Path) -> None:
    ids, reader, refused = read(write(tmp_path / "a.jsonl", "03", "99", "01"))
    assert ids == ["a-0", "a-2"]
    assert (reader.read, reader.rejected) == (3, 1)
    assert [(one.line, one.field) for one in refused] == [(3, "time")]


def test_several_files_are_merged_by_arrival_and_each_keeps_its_order(tmp_path: Path) -> None:
    first = write(tmp_path / "a.jsonl", "01", "04", "02", "05")
    second = write(tmp_path / "b.jsonl", "03", "04")
    ids, reader, _ = read(first, second)
    assert ids == ["a-0", "b-0", "a-1", "a-2", "b-1", "a-3"]
    assert reader.read == 6
