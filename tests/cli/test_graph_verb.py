"""`milepost graph`, from outside."""

from pathlib import Path

from tests.cli.conftest import Call
from tests.support import ROOT


def test_a_journey_is_drawn_as_asked_for(tmp_path: Path, call: Call) -> None:
    assert call("graph", "tyre-health", cwd=ROOT).stdout.startswith("<svg ")
    assert call("graph", "tyre-health", "--format", "mermaid", cwd=ROOT).stdout.startswith("flowchart TD\n")
    assert set(call("graph", "tyre-health", "--format", "json", cwd=ROOT).stdout.split('"')) >= {
        "svg",
        "mermaid",
    }
    call("graph", "tyre-health", "--out", tmp_path / "a.md", cwd=ROOT)
    assert (tmp_path / "a.md").read_text("utf-8").startswith("```mermaid\nflowchart TD\n")
    unknown = call("graph", "tire-health", cwd=ROOT)
    assert (unknown.code, "Did you mean 'tyre-health'?" in unknown.stderr) == (2, True)
