"""Every field that programs are given is documented."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Call
from tests.cli.sites import EVENTS, line, write_lines, write_site
from tests.support import ROOT, milepost

VALUES = {"customer", "consents", "notes", "values"}
"""Members whose own members are the data's."""
BY_JOURNEY = {"runs", "held_out"}
"""Those whose own members are the journeys' names, where they have members and are no list."""
TESTED = """\
journey: welcome
tests:
  - name: it fails
    given: {customer: {mobile: "13800000001"}, consent: {sms: [care]}}
    events:
      - 2025-03-08 14:20: {type: purchase.recorded, tyres: [{quantity: 2}]}
    expect:
      - 2025-04-08 10:00: {send: hello, by: letter}
"""
CALL = """\
journey: call
purpose: care
start: {on: purchase.recorded}
goal: {on: service.visited}
steps:
  - task: call-back
    for: dealer
"""
FACTS = {"make", "model", "quantity", "brand", "call, call-back"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose messages have been sent, and a project with faults in it."""
    folder = write_site(tmp_path_factory.mktemp("site"))
    (folder / "journeys" / "call.yaml").write_text(CALL, "utf-8")
    visit = {**line(1), "id": "visit", "type": "service.visited"}
    broken = {**line(3), "time": "yesterday"}
    write_lines(folder / "events.jsonl", [line(1), line(2), visit, broken])
    milepost("ingest", "events.jsonl", cwd=folder, **EVENTS)
    milepost("run", "--until-idle", "--until", "2025-05-01", cwd=folder, **EVENTS)
    (folder / "faulty").mkdir()
    (folder / "journeys" / "tests").mkdir()
    (folder / "journeys" / "tests" / "welcome.yaml").write_text(TESTED, "utf-8")
    (folder / "journeys" / "tests" / "wrong.yaml").write_text("journey: wrong\n", "utf-8")
    return folder


def fields(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from fields(one)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            if name not in VALUES and not (name in BY_JOURNEY and isinstance(inner, dict)):
                yield from fields(inner)


@pytest.mark.parametrize(
    "arguments",
    [
        ["validate", "--project", "faulty"],
        ["explain", "unknown-key"],
        ["test"],
        ["simulate", "events.jsonl", "--until", "2025-05-01"],
        ["ingest", "events.jsonl"],
        ["rejected", "list"],
        ["rejected", "show", ""],
        ["rejected", "retry"],
        ["plan"],
        ["deploy", "--list"],
        ["run", "--until-idle"],
        ["lookup", "京A12341"],
        ["why", "welcome", "京A12341"],
        ["messages"],
        ["messages", "retry"],
        ["tasks"],
        ["effect"],
    ],
    ids=" ".join,
)
def test_every_field_is_documented(arguments: list[str], site: Path, call: Call) -> None:
    page = (ROOT / "docs" / "reference" / "output.md").read_text("utf-8")
    section = page[page.index(f"`{arguments[0]}`") :]
    told = set(fields(json.loads(call(*arguments, "--format", "json", cwd=site).stdout)))
    assert told
    assert (
        sorted(one for one in told - FACTS if f"`{one}`" not in section and f'"{one}"' not in section) == []
    )
