"""Dates and moments that a journey writes out."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.language.dates import is_like_a_date, parse_moment
from engine.language.report import Fault
from tests.language.projects import complete, load, made
from tests.language.scopes import asked, compiled
from tests.support import program_of, purchase, simulated, told, write_project

MORNING = datetime(2025, 12, 24, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2025-12-24", date(2025, 12, 24)),
        (" 2024-02-29 ", date(2024, 2, 29)),
        ("2025-12-24 10:00", datetime(2025, 12, 24, 10, 0)),  # noqa: DTZ001 - on the policy's clock
        ("2025-12-24T10:00:30", datetime(2025, 12, 24, 10, 0, 30)),  # noqa: DTZ001
        ("2025-12-24T10:00:00+08:00", MORNING),
        ("2025-12-24 10:00 +0800", MORNING),
        ("2025-12-24t02:00:00.000z", MORNING),
    ],
)
def test_what_is_a_date_or_a_moment(text: str, value: Any) -> None:
    assert parse_moment(text) == value
    assert is_like_a_date(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2025-02-30", "there is no 30 February 2025"),
        ("2025-02-29", "there is no 29 February 2025"),
        ("2025-00-10", "there is no month 0"),
        ("2025-24-12", "there is no month 24"),
        ("2025-12-00", "there is no 0 December 2025"),
        ("0000-01-01", "the year 0000 is too far away"),
        ("9999-12-31", "the year 9999 is too far away"),
        ("2025-12-24 24:00", "there is no 24:00 o'clock"),
        ("2025-12-24 10:00:60", "there is no 10:00:60 o'clock"),
        ("2025-12-24 10:00+99:00", "'+99:00' is no zone"),
        ("2025-1-5", "'2025-1-5' is no date"),
        ("24.12.2025", "'24.12.2025' is no date"),
        ("2025/12/24", "'2025/12/24' is no date"),
        ("2025年12月24日", "'2025年12月24日' is no date"),
        ("2025-12-24 10", "'2025-12-24 10' is no date"),
    ],
)
def test_what_is_none(text: str, message: str) -> None:
    fault = parse_moment(text)
    assert isinstance(fault, Fault)
    assert (fault.code, fault.message) == ("bad-date", message)
    assert fault.hint
    assert is_like_a_date(text)


@pytest.mark.parametrize(
    ("wait", "sent"),
    [
        ("until 2025-12-24", "2025-12-24 10:00"),
        ("until '2025-12-24'", "2025-12-24 10:00"),
        ('until "2025-12-24"\n    at: "16:30"', "2025-12-24 16:30"),
        ("until 2025-12-24\n    days: [mon]", "2025-12-29 10:00"),
        ("until 2025-12-24 08:15", "2025-12-24 08:15"),
        ('until "2025-12-24 08:15"', "2025-12-24 08:15"),
        ("until 2025-12-24T08:15:00+01:00", "2025-12-24 15:15"),
        ("'until 2025-12-24T00:15Z'", "2025-12-24 08:15"),
        ("until 2020-12-24", "2025-03-08 14:20"),  # over when the run comes to it
    ],
)
def test_a_run_waits_until_a_date_that_is_written_out(wait: str, sent: str, tmp_path: Path) -> None:
    journey = f"""\
purpose: care
start: {{on: purchase.recorded}}
steps:
  - wait: {wait}
  - send: hello
    by: sms
"""
    program = program_of(write_project(tmp_path, {"holiday": journey}))
    messages = simulated(program, [purchase("2025-03-08 14:20")], "2026-02-01 00:00")
    assert told(messages) == [f"{sent} hello sms"]


@pytest.mark.parametrize(
    ("wait", "code", "under"),
    [
        ("until 2025-02-30", "bad-date", "2025-02-30"),
        ("until '2025-02-30'", "bad-date", "'2025-02-30'"),
        ("until 24.12.2025", "bad-date", "24.12.2025"),
        ("until 'Christmas'", "bad-date", "'Christmas'"),
        ("until vehicle.plate", "wrong-type", "vehicle.plate"),
    ],
)
def test_an_impossible_date_is_told_at_its_place(wait: str, code: str, under: str, tmp_path: Path) -> None:
    journey = complete(f"steps:\n  - wait: {wait}\n")
    [one] = load(made(tmp_path, {"journeys/example.yaml": journey})).diagnostics
    line = journey.splitlines()[one.line - 1]
    assert (one.code, line[one.column - 1 : one.end_column - 1]) == (code, under)
    assert one.hint


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("now == '2025-03-08T20:30:00Z'", True),
        ("now > '2025-03-09 04:29'", True),  # on Shanghai's clock
        ("now > '2025-03-09 04:31'", False),
        ("'2025-03-09 04:31' > now", True),
        ("vehicle.inspection_due == '2025-06-30 23:00'", True),  # a date and a moment: by the day
    ],
)
def test_a_moment_is_compared_with_one_that_is_written_out(text: str, value: bool) -> None:
    assert asked(text) is value


def test_a_comparison_with_an_impossible_date_says_which() -> None:
    _, [fault] = compiled("vehicle.inspection_due < '2025-02-30'")
    assert (fault.code, fault.message) == ("bad-date", "there is no 30 February 2025")
