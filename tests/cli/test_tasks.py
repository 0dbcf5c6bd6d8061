"""`milepost tasks`: what is to be done, and what to say."""

from pathlib import Path

from tests.cli.conftest import Call
from tests.cli.sites import line, write_lines
from tests.support import write_project

CALL = """\
    purpose: care
    start: {on: purchase.recorded}
    steps:
      - task: call-back
        for: dealer
        due: 1 day
        script: |-
          Good day, {{ customer.name }}.
          {{ '(Speak slowly.)' if event.reason == 'worn' }}
          How do the tyres run?
    """


def test_a_script_stands_below_its_task_line_by_line(tmp_path: Path, call: Call) -> None:
    write_project(tmp_path, {"call": CALL})
    write_lines(tmp_path / "events.jsonl", [line(1)])
    assert call("ingest", "events.jsonl", cwd=tmp_path).code == 0
    task, *said = call("tasks", cwd=tmp_path).stdout.splitlines()
    assert task.split()[1:5] == ["2025-03-09", "14:20", "call-back", "d001"]
    assert said == ["    Good day, 王芳.", "    How do the tyres run?"]
