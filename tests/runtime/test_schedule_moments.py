"""When a schedule comes round."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim

from engine.model.journeys import Journey
from engine.runtime import schedules
from engine.runtime.schedules import first_after
from tests.support import local, program_of, write_project

ZONE = ZoneInfo("Asia/Shanghai")


def journey(folder: Path, schedule: str) -> Journey:
    start = f"{{schedule: {schedule}, at: '09:00', audience: customer.mobile}}"
    text = f"purpose: service\nstart: {start}\nsteps:\n  - send: hello\n    by: sms\n"
    return program_of(write_project(folder, {"news": text})).journeys["news"]


@pytest.mark.parametrize(
    ("after", "moment"),
    [
        ("2025-06-01 00:00", "2026-02-17 09:00"),
        ("2026-02-17 08:59", "2026-02-17 09:00"),
        ("2026-02-17 09:00", "2027-02-06 09:00"),
        ("2027-02-06 09:00", None),
    ],
)
def test_listed_days_come_one_after_the_other_and_end(tmp_path: Path, after: str, moment: str | None) -> None:
    listed = journey(tmp_path, "[2027-02-06, 2026-02-17]")
    found = first_after(listed, local(after), ZONE)
    assert (found and found.at) == (moment and local(moment))


def test_a_single_day_needs_no_list(tmp_path: Path) -> None:
    found = first_after(journey(tmp_path, "2026-02-17"), local("2026-01-01 00:00"), ZONE)
    assert found is not None
    assert found.at == local("2026-02-17 09:00")
    assert isinstance(found.at, datetime)


def test_the_same_moment_is_found_once_for_all_customers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sought: list[str] = []

    def counted(cron: str, after: datetime) -> CronSim:
        sought.append(cron)
        return CronSim(cron, after)

    monkeypatch.setattr(schedules, "CronSim", counted)
    weekly, after = journey(tmp_path, "weekly"), local("2031-03-04 05:06")
    found = {first_after(weekly, after, ZONE) for _customer in range(3)}
    assert (len(found), len(sought)) == (1, 1)
