"""What happens once a day, and what is tried again."""

import threading
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest

from engine.channels.letters_print import desk as desk_module
from engine.channels.letters_print.desk import Desk
from engine.channels.letters_print.handover import FolderPlace, hand_over
from engine.channels.letters_print.runs import Handover, PrintRuns
from engine.model.errors import ServiceUnavailable, UsageError
from tests.channels.printing.letters import NOW, SHANGHAI, close, deliver, letter


class Clock:
    """On Shanghai's clock, in April 2025."""

    def __init__(self) -> None:
        self.at: datetime | None = None

    def set(self, day: int, hour: int) -> None:
        self.at = datetime(2025, 4, day, hour, tzinfo=SHANGHAI).astimezone(UTC)


class Office:
    """A desk, and what it told."""

    def __init__(self, root: Path, printer: Path | None = None, **options: Any) -> None:
        self.clock, self.told, self.runs = Clock(), [], PrintRuns(root)
        self.desk = Desk(
            self.runs,
            FolderPlace(printer) if printer else None,
            cut_off=time(17),
            zone=SHANGHAI,
            now=lambda: self.clock.at,
            tell=lambda text, name, _it: self.told.append((name, text)),
            **options,
        )

    def once(self, day: int, hour: int) -> list[str]:
        """What it tells at that time, by name."""
        self.clock.set(day, hour)
        self.told.clear()
        self.desk.once()
        return [name for name, _ in self.told]


def test_the_days_letters_are_closed_at_the_cut_off_and_not_before(tmp_path: Path) -> None:
    office = Office(tmp_path)
    assert office.once(8, 10) == []
    deliver(tmp_path, letter(1), letter(2, brand="warrior"))
    assert office.once(8, 16) == []
    assert office.once(8, 17) == ["closed", "closed"]
    assert {run.day.isoformat() for run in office.runs.runs()} == {"2025-04-08"}
    deliver(tmp_path, letter(3))
    assert office.once(8, 18) == []
    assert office.once(9, 17) == ["closed"]


def test_a_cut_off_that_was_slept_through_is_made_up_for(tmp_path: Path) -> None:
    assert Office(tmp_path).once(8, 10) == []
    deliver(tmp_path, letter(1))
    office = Office(tmp_path)  # started again, days later, before the hour
    assert office.once(11, 9) == ["closed"]
    assert [run.day.isoformat() for run in office.runs.runs()] == ["2025-04-10"]
    assert Office(tmp_path).once(11, 9) == []


def test_what_waits_from_a_former_day_is_closed_by_a_run_that_begins_after_the_hour(tmp_path: Path) -> None:
    office = Office(tmp_path)
    assert office.once(8, 18) == []
    deliver(tmp_path, letter(1))  # after the eighth's cut-off: it belongs to the ninth
    assert office.once(8, 19) == []
    assert Office(tmp_path).once(9, 18) == ["closed"]


def test_when_it_is_told_to_stop_it_looks_once_more_where_that_was_asked_for(tmp_path: Path) -> None:
    office, stopped = Office(tmp_path), threading.Event()
    office.once(8, 10)
    deliver(tmp_path, letter(1))
    office.clock.set(8, 17)
    stopped.set()
    office.desk.run(stopped)
    assert office.runs.runs() == []
    office.desk.run(stopped, last=True)
    assert len(office.runs.runs()) == 1


def test_before_there_is_a_moment_nothing_is_done(tmp_path: Path) -> None:
    office = Office(tmp_path)
    deliver(tmp_path, letter(1))
    office.desk.once()
    assert office.runs.runs() == []


def test_what_is_closed_is_handed_over_and_a_printer_that_is_away_gets_it_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_module, "AGAIN_S", 0.0)
    root, printer = tmp_path / "out", tmp_path / "printer"
    office = Office(root, printer)
    office.once(8, 10)
    deliver(root, letter(1))
    assert office.once(8, 17) == ["closed", "letters-trouble"]
    assert "is no folder" in office.told[1][1]
    printer.mkdir()
    assert office.once(8, 18) == ["handed-over"]
    assert office.once(8, 19) == []
    assert {path.suffix for path in printer.iterdir()} == {".pdf", ".csv", ".sha256", ".done"}


def test_a_place_that_cannot_be_used_is_left_alone_for_a_while(tmp_path: Path) -> None:
    office = Office(tmp_path / "out", tmp_path / "printer")
    office.once(8, 10)
    deliver(tmp_path / "out", letter(1))
    assert office.once(8, 17) == ["closed", "letters-trouble"]
    assert office.once(8, 18) == []


def test_confirmations_are_read_once_and_put_away(tmp_path: Path) -> None:
    answers = tmp_path / "answers"
    read: list[str] = []
    office = Office(
        tmp_path / "out", answers=answers, take=lambda path: read.append(path.read_text()) or "1 read"
    )
    assert office.once(8, 10) == []
    answers.mkdir()
    (answers / "a.csv").write_text("one")
    (answers / ".b.csv").write_text("not yet")
    assert office.once(8, 11) == ["confirmation"]
    assert office.once(8, 12) == []
    assert read == ["one"]
    assert (answers / "read" / "a.csv").read_text() == "one"


def test_a_run_that_another_printer_may_have_is_not_handed_over_without_being_told_to(tmp_path: Path) -> None:
    deliver(tmp_path, letter(1))
    [run] = close(tmp_path).runs
    runs = PrintRuns(tmp_path)
    first, second = (tmp_path / name for name in ("first", "second"))
    first.mkdir()
    second.mkdir()
    runs.note(run, "offered.json", Handover(at=NOW, to=str(first)))
    with pytest.raises(UsageError, match="which may have it"):
        list(hand_over(runs, FolderPlace(second), lambda: NOW))
    assert list(second.iterdir()) == []
    assert list(hand_over(runs, FolderPlace(second), lambda: NOW, only=run, again=True)) == [run]
    assert len(list(second.iterdir())) == 4
    assert list(hand_over(runs, FolderPlace(second), lambda: NOW)) == []


def test_a_file_that_did_not_arrive_whole_is_no_file_of_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(tmp_path / "out", letter(1))
    [run] = close(tmp_path / "out").runs
    printer = tmp_path / "printer"
    printer.mkdir()
    monkeypatch.setattr(FolderPlace, "put", lambda _self, name, _path: (printer / name).write_bytes(b"half"))
    with pytest.raises(ServiceUnavailable, match="did not arrive whole"):
        list(hand_over(PrintRuns(tmp_path / "out"), FolderPlace(printer), lambda: NOW))
    monkeypatch.undo()
    assert list(hand_over(PrintRuns(tmp_path / "out"), FolderPlace(printer), lambda: NOW)) == [run]
