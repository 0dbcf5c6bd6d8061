"""What a marketer reads, case by case. `MILEPOST_UPDATE=1` writes the texts anew; then read them."""

import os
from pathlib import Path

import pytest

from engine.cli import why_screen
from engine.cli.context import stdout
from tests.why.cases import CASES
from tests.why.world import World

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", CASES)
def test_what_is_told(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[name]
    world = World(tmp_path, case.journeys, case.policy)
    world.happen(case.events, case.until)
    world.hand_over()
    if case.afterwards is not None:
        case.afterwards(world)
    monkeypatch.setattr(stdout, "_width", 100)
    why_screen.show(world.why(next(iter(case.journeys))))
    told = capsys.readouterr().out
    golden = GOLDEN / f"{name}.txt"
    if os.environ.get("MILEPOST_UPDATE"):
        golden.write_text(told, "utf-8")
    assert told == golden.read_text("utf-8")
    assert not [line for line in told.splitlines() if line != line.rstrip()]


def test_no_golden_text_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(CASES)
