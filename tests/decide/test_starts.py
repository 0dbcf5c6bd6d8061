"""What begins a run, what ends it, and what a further start does."""

from pathlib import Path

import pytest

from engine.model.events import Event
from tests.support import event, program_of, purchase, simulated, told, visit, write_project

SEND = "steps:\n  - wait: 10 days\n  - send: hello\n    by: sms\n"


def run(
    folder: Path, start: str, *events: Event, more: str = "", until: str = "2026-06-01 00:00"
) -> list[str]:
    journey = f"purpose: care\n{more}start: {start}\n{SEND}"
    return told(simulated(program_of(write_project(folder, {"care": journey})), events, until))


FIRST, SECOND = purchase("2025-03-01 10:00"), purchase("2025-03-05 10:00")
MUCH_LATER = purchase("2025-08-01 10:00")


@pytest.mark.parametrize(
    ("again", "sent"),
    [
        ("ignore", ["2025-03-11", "2025-08-11"]),
        ("restart", ["2025-03-15", "2025-08-11"]),
        ("once", ["2025-03-11"]),
        ("after 90 days", ["2025-03-11", "2025-08-11"]),
        ("after 1 year", ["2025-03-11"]),
    ],
)
def test_what_a_further_start_does(tmp_path: Path, again: str, sent: list[str]) -> None:
    start = f"{{on: purchase.recorded, per: vehicle, again: {again}}}"
    assert run(tmp_path, start, FIRST, SECOND, MUCH_LATER) == [f"{day} 10:00 hello sms" for day in sent]


def test_an_older_start_that_arrives_later_starts_and_ends_nothing(tmp_path: Path) -> None:
    late = purchase("2025-03-01 10:00", recorded="2025-03-06 10:00")
    start = "{on: purchase.recorded, per: vehicle, again: restart}"
    assert run(tmp_path, start, SECOND, late) == ["2025-03-15 10:00 hello sms"]


def test_each_car_has_a_run_of_its_own(tmp_path: Path) -> None:
    other = purchase("2025-03-02 10:00", plate="京B99999")
    lines = run(tmp_path, "{on: purchase.recorded, per: vehicle}", FIRST, other)
    assert lines == ["2025-03-11 10:00 hello sms", "2025-03-12 10:00 hello sms"]


def test_a_purchase_without_a_car_starts_nothing_for_a_car(tmp_path: Path) -> None:
    assert (
        run(tmp_path, "{on: purchase.recorded, per: vehicle}", purchase("2025-03-01 10:00", plate=None)) == []
    )


def test_when_decides_whether_it_starts(tmp_path: Path) -> None:
    start = "{on: purchase.recorded, when: event.tyre_count >= 3}"
    four = purchase("2025-03-03 10:00", tyres=[{"brand": "warrior", "quantity": 4}])
    assert run(tmp_path, start, FIRST, four) == ["2025-03-13 10:00 hello sms"]


def test_a_missing_value_is_none_and_compares_false(tmp_path: Path) -> None:
    assert run(tmp_path, "{on: purchase.recorded, when: event.amount > 100}", FIRST) == []


def test_a_run_may_be_for_any_value(tmp_path: Path) -> None:
    start = "{on: complaint.opened, per: event.complaint_id}"
    opened = [event("complaint.opened", f"2025-03-0{n} 10:00", complaint_id=f"c{n}") for n in (2, 3)]
    lines = run(tmp_path, start, FIRST, *opened)
    assert lines == ["2025-03-12 10:00 hello sms", "2025-03-13 10:00 hello sms"]


@pytest.mark.parametrize(
    ("at", "lines"),
    [
        ("2025-03-05 10:00", []),
        ("2025-02-20 10:00", ["2025-03-11 10:00 hello sms"]),  # happened before the run began
    ],
)
@pytest.mark.parametrize("visit_arrives_first", [True, False])
def test_a_stop_ends_the_runs_that_had_begun_when_it_happened(
    tmp_path: Path, at: str, lines: list[str], visit_arrives_first: bool
) -> None:
    seen = visit(at)
    events = [seen, FIRST] if visit_arrives_first else [FIRST, seen]
    more = "stop: [{on: service.visited}]\n"
    assert run(tmp_path, "{on: purchase.recorded}", *events, more=more) == lines


def test_a_journey_for_one_brand_is_not_started_by_another(tmp_path: Path) -> None:
    assert run(tmp_path, "{on: purchase.recorded}", FIRST, more="brand: warrior\n") == []


def test_a_schedule_starts_everybody_of_its_audience(tmp_path: Path) -> None:
    journey = (
        "purpose: newsletter\nstart:\n  schedule: quarterly\n  at: '10:00'\n  audience: customer.email\n"
        "steps:\n  - send: hello\n    by: email\n"
    )
    program = program_of(write_project(tmp_path, {"news": journey}))
    nobody = event(
        "customer.registered", "2025-03-01 10:00", mobile="+8613900000002", origin="website", plate=None
    )
    lines = told(simulated(program, [FIRST, nobody], "2025-11-01 00:00"))
    assert lines == [f"2025-{month}-01 10:00 hello email" for month in ("04", "07", "10")]


def test_a_schedule_comes_before_events_of_the_same_moment(tmp_path: Path) -> None:
    journey = (
        "purpose: newsletter\nstart: {schedule: monthly, audience: customer.email}\n"
        "steps:\n  - send: hello\n    by: email\n"
    )
    program = program_of(write_project(tmp_path, {"news": journey}))
    lines = told(simulated(program, [purchase("2025-04-01 00:00")], "2025-05-15 00:00"))
    assert lines == ["2025-05-01 00:00 hello email"]


def test_timers_come_after_all_events_and_schedules_of_the_same_moment(tmp_path: Path) -> None:
    welcome = (
        "purpose: care\nstart: {on: purchase.recorded}\n"
        "steps: [{wait: 1 month, at: '10:00'}, {send: hello, by: sms}]\n"
    )
    news = (
        "purpose: newsletter\nstart: {schedule: monthly, at: '10:00', audience: customer.email}\n"
        "steps: [{send: hello, by: email}]\n"
    )
    program = program_of(write_project(tmp_path, {"welcome": welcome, "news": news}))
    at = "2025-04-01 10:00"
    moved = event("customer.updated", at, customer={"name": "王芳"})
    no = event("consent.withdrawn", at, channel="sms", purpose="all")
    messages = simulated(program, [purchase("2025-03-01 12:00"), moved, no], "2025-04-15 00:00")
    assert [(one.journey, one.reason) for one in messages] == [("news", None), ("welcome", "no consent")]


def test_paused_and_retired_journeys_start_nothing(tmp_path: Path) -> None:
    for status in ("paused", "retired"):
        assert run(tmp_path / status, "{on: purchase.recorded}", FIRST, more=f"status: {status}\n") == []
