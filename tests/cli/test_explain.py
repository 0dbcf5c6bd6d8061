"""`milepost explain`: the same as the page of the documentation, in a terminal."""

import json
from pathlib import Path

import pytest

from engine.language import codes
from engine.wiring.explaining import explanation
from tests.cli.conftest import Call
from tests.support import ROOT


def test_it_shows_a_wrong_example_what_is_said_of_it_and_a_right_one(tmp_path: Path, call: Call) -> None:
    said = call("explain", "shares", cwd=tmp_path).stdout
    for part in ("{share: 40%, name: b", "error[shares]: the shares add up to 90 %", "{share: 50%, name: b"):
        assert part in said
    assert said.endswith("docs/reference/diagnostics/shares.md\n")


@pytest.mark.parametrize("code", codes())
def test_it_says_what_the_page_says(code: str) -> None:
    found = explanation(code)
    assert found is not None
    page = (ROOT / found.page).read_text("utf-8")
    for part in (found.explanation, found.told, found.wrong.text or "", found.right.text or ""):
        assert part.rstrip() in page
        assert all(line in found.text for line in part.rstrip().splitlines() if part is not found.explanation)


def test_programs_get_it_in_parts(tmp_path: Path, call: Call) -> None:
    told = json.loads(call("explain", "no-policy", "--format", "json", cwd=tmp_path).stdout)
    assert {"code", "explanation", "title", "meaning", "wrong", "told", "right", "page"} == told.keys()
    assert told["wrong"] == {"file": "journeys/policy.yaml", "text": None}
