"""A schedule may list its days, for what no rule of the calendar tells: the lunar new year."""

from datetime import date, time
from pathlib import Path

import pytest

from engine.model.journeys import ScheduleStart
from tests.language.projects import complete, load, made

START = "start: {{schedule: {days}, {at}audience: customer.email}}\n"


def read(folder: Path, days: str, at: str = "at: '09:00', ") -> tuple[object, list[str]]:
    text = complete(START.format(days=days, at=at))
    loaded = load(made(folder, {"journeys/example.yaml": text}, alone=True))
    start = loaded.program.journeys["example"].start if loaded.program is not None else None
    return start, [f"{one.code}: {one.message}" for one in loaded.diagnostics if one.severity == "error"]


def test_the_days_are_put_in_order(tmp_path: Path) -> None:
    start, faults = read(tmp_path, "[2027-02-06, 2026-02-17]")
    assert not faults
    assert isinstance(start, ScheduleStart)
    assert (start.cron, start.days, start.at) == ("", (date(2026, 2, 17), date(2027, 2, 6)), time(9))


def test_they_begin_at_midnight_where_nothing_is_said(tmp_path: Path) -> None:
    start, _ = read(tmp_path, "2026-02-17", at="")
    assert isinstance(start, ScheduleStart)
    assert (start.days, start.at) == ((date(2026, 2, 17),), time(0))


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ("[2026-02-30]", "bad-date: there is no 30 February 2026"),
        ("[2026-02-17, 2026-02-17]", "duplicate-item: 2026-02-17 is listed twice"),
        (
            "['2026-02-17 09:00']",
            "bad-date: '2026-02-17 09:00' has a time of day, which is the same for all dates",
        ),
        ("[monthly]", "bad-date: 'monthly' is no date"),
        ("[]", "empty-value: the list is empty"),
        ("{day: 2026-02-17}", "wrong-shape: keys cannot stand here"),
    ],
)
def test_what_is_no_day_is_told(tmp_path: Path, days: str, told: str) -> None:
    start, faults = read(tmp_path, days)
    assert start is None
    assert faults == [told]
