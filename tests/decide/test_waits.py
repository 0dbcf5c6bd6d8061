"""When a wait ends, in time and in kilometres."""

from pathlib import Path

import pytest

from tests.support import POLICY, program_of, purchase, simulated, told, visit, write_project

STEADY = POLICY + "fleet: {km_per_day: 40}\n"


def journey(steps: str, start: str = "{on: purchase.recorded, per: vehicle, again: restart}") -> str:
    return f"purpose: care\nstart: {start}\nsteps:\n{steps}\n  - send: hello\n    by: sms\n"


def run(folder: Path, steps: str, *events: object, until: str = "2027-01-01 00:00") -> list[str]:
    program = program_of(write_project(folder, {"care": journey(steps)}, policy=STEADY))
    return told(simulated(program, events, until))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("steps", "bought", "ends"),
    [
        ("  - wait: 1 month\n    at: '10:00'", "2025-03-08 14:20", "2025-04-08 10:00"),
        ("  - wait: 1 month", "2025-03-08 14:20", "2025-04-08 14:20"),
        ("  - wait: 1 month", "2025-01-31 14:20", "2025-02-28 14:20"),  # the month's last day
        ("  - wait: 1 month", "2024-01-31 14:20", "2024-02-29 14:20"),  # of a leap year
        ("  - wait: 1 quarter", "2025-11-30 09:00", "2026-02-28 09:00"),
        ("  - wait: 2 years", "2024-02-29 09:00", "2026-02-28 09:00"),
        ("  - wait: 90 minutes", "2025-03-08 23:00", "2025-03-09 00:30"),
        ("  - wait: 90 minutes\n    at: '10:00'", "2025-03-08 09:00", "2025-03-09 10:00"),  # the next 10:00
        ("  - wait: 90 minutes\n    at: '10:00'", "2025-03-08 08:00", "2025-03-08 10:00"),
        ("  - wait: 1 week\n    days: weekdays", "2025-03-08 14:20", "2025-03-17 14:20"),  # Saturday + 7
        ("  - wait: 1 day\n    at: '09:30'\n    days: [mon, thu]", "2025-03-08 14:20", "2025-03-10 09:30"),
        ("  - wait: 3 days\n  - wait: 4 days\n    since: start", "2025-03-08 14:20", "2025-03-12 14:20"),
        ("  - wait: until event.time", "2025-03-08 14:20", "2025-03-08 14:20"),
    ],
)
def test_a_wait_in_time_ends(tmp_path: Path, steps: str, bought: str, ends: str) -> None:
    assert run(tmp_path, steps, purchase(bought)) == [f"{ends} hello sms"]


def test_waits_count_from_the_event_not_from_its_arrival(tmp_path: Path) -> None:
    bought = purchase("2025-03-08 14:20", recorded="2025-03-20 09:00")
    assert run(tmp_path, "  - wait: 1 month", bought) == ["2025-04-08 14:20 hello sms"]


def test_a_moment_that_has_passed_on_arrival_is_due_at_once_within_grace(tmp_path: Path) -> None:
    bought = purchase("2025-03-08 14:20", recorded="2025-04-10 09:00")
    assert run(tmp_path, "  - wait: 1 month", bought) == ["2025-04-10 09:00 hello sms"]


def test_past_its_grace_a_message_is_skipped(tmp_path: Path) -> None:
    bought = purchase("2025-03-08 14:20", recorded="2025-06-01 09:00")
    assert run(tmp_path, "  - wait: 1 month", bought) == ["2025-06-01 09:00 hello too late"]


def test_a_distance_ends_on_the_day_the_estimate_crosses_at_ten(tmp_path: Path) -> None:
    [line] = run(tmp_path, "  - wait: 10000 km", purchase("2025-01-01 09:00", 50_000))
    assert line.endswith("10:00 hello sms")
    assert line.startswith("2025-")


def test_a_distance_without_any_reading_is_reckoned_from_the_fleet(tmp_path: Path) -> None:
    """A card without a reading: the tyres wear all the same. A reading moves the day, whenever it arrives."""
    bought = purchase("2025-01-01 09:00")
    [alone] = run(tmp_path / "a", "  - wait: 10000 km", bought)
    assert "2025-08-01" < alone < "2025-12-01"  # 263 days at 38 km, and a little for the silence
    seen = visit("2025-04-01 09:00", 70_000), visit("2025-05-01 09:00", 72_500)
    [moved] = run(tmp_path / "b", "  - wait: 10000 km", bought, *seen)
    assert moved < alone


def test_a_distance_keeps_its_own_time_of_day_and_days(tmp_path: Path) -> None:
    steps = "  - wait: 10000 km\n    at: '08:15'\n    days: [wed]"
    [line] = run(tmp_path, steps, purchase("2025-01-01 09:00", 50_000))
    assert " 08:15 " in line


def test_a_reading_that_shows_the_mark_ends_the_wait_at_once(tmp_path: Path) -> None:
    shown = visit("2025-03-03 15:45", 60_100, recorded="2025-03-03 18:00")
    lines = run(tmp_path, "  - wait: 10000 km", purchase("2025-01-01 09:00", 50_000), shown)
    assert lines == ["2025-03-03 18:00 hello sms"]


def test_a_reading_moves_the_day(tmp_path: Path) -> None:
    bought = purchase("2025-01-01 09:00", 50_000)
    [without] = run(tmp_path / "a", "  - wait: 10000 km", bought)
    [slower] = run(tmp_path / "b", "  - wait: 10000 km", bought, visit("2025-05-01 09:00", 51_800))
    assert slower > without


def test_the_due_moment_is_not_dated_back_before_the_reading_that_shows_it(tmp_path: Path) -> None:
    """The estimate puts the crossing months before the reading; grace counts from the reading."""
    shown = visit("2026-02-01 10:00", 90_000, recorded="2026-02-05 09:00")
    bought = purchase("2025-01-01 09:00", 50_000, recorded="2026-02-05 10:00")
    assert run(tmp_path, "  - wait: 10000 km", shown, bought) == ["2026-02-05 10:00 hello sms"]


def test_a_repeat_comes_at_every_multiple(tmp_path: Path) -> None:
    steps = "  - repeat:\n      every: 2 months\n      times: 3\n      do:\n        - send: hello\n          by: email"
    lines = run(tmp_path, steps, purchase("2025-01-31 09:00"))
    assert lines == [
        "2025-03-31 09:00 hello email",
        "2025-05-31 09:00 hello email",
        "2025-07-31 09:00 hello email",
        "2025-07-31 09:00 hello-2 sms",
    ]


def test_new_tyres_end_the_old_count(tmp_path: Path) -> None:
    first, second = purchase("2025-01-01 09:00", 50_000), purchase("2025-02-01 09:00", 51_200)
    lines = run(tmp_path, "  - wait: 10000 km", first, second, visit("2025-08-01 09:00", 60_500))
    [line] = [one for one in lines if one < "2025-08-02"] or lines
    assert len(lines) == 1
    assert line > "2025-08-01"


def test_a_wrong_reading_does_not_end_a_wait(tmp_path: Path) -> None:
    typo = visit("2025-02-01 09:00", 512_000)
    lines = run(
        tmp_path, "  - wait: 10000 km", purchase("2025-01-01 09:00", 50_000), typo, until="2025-02-10 00:00"
    )
    assert lines == []
