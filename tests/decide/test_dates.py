"""Starts by `date`: when a run begins, and how it follows the date."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decide import decide
from engine.model.customer import Customer
from engine.model.events import Event
from engine.model.program import Program
from engine.model.stimuli import EventArrived, JourneysChanged
from tests.decide.test_wait_for import outcome
from tests.support import event, local, program_of, purchase, simulated, told, visit, write_project

INSPECTION = "{date: vehicle.inspection_due, before: 30 days, per: vehicle}"
BIRTHDAY = "{date: customer.birthday, yearly: true}"
SEND = "  - send: hello\n    by: sms\n"


def journey(start: str, steps: str = SEND) -> str:
    return f"purpose: care\nstart: {start}\nsteps:\n{steps}"


def due(at: str, inspection: str, **more: Any) -> Event:
    return event(
        "vehicle.updated",
        at,
        mobile=None,
        vehicle={"plate": "京A12345", "inspection_due": inspection},
        **more,
    )


def born(at: str, day: str, **more: Any) -> Event:
    return event("customer.updated", at, plate=None, customer={"birthday": day}, name=f"born {at}", **more)


def run(folder: Path, text: str, *events: Event, until: str = "2027-01-01 00:00") -> list[str]:
    return told(simulated(program_of(write_project(folder, {"care": text})), events, until))


BOUGHT = purchase("2025-01-01 09:00")


@pytest.mark.parametrize(
    ("start", "begins"),
    [
        (INSPECTION, "2025-05-02 10:00"),
        (
            "{date: vehicle.inspection_due, before: 1 month}",
            "2025-05-01 10:00",
        ),  # per vehicle, as the date is
        ("{date: vehicle.inspection_due}", "2025-06-01 10:00"),
        ("{date: vehicle.inspection_due, after: 1 week, at: '08:30'}", "2025-06-08 08:30"),
        ("{date: customer.last('purchase.recorded').time, after: 90 days}", "2025-04-01 09:00"),
        ("{date: customer.last('purchase.recorded').time, after: 90 days, at: '18:00'}", "2025-04-01 18:00"),
    ],
)
def test_a_run_begins_at_a_distance_from_the_date(tmp_path: Path, start: str, begins: str) -> None:
    assert run(tmp_path, journey(start), BOUGHT, due("2025-01-02 09:00", "2025-06-01")) == [
        f"{begins} hello sms"
    ]


def test_it_follows_the_date_when_it_changes(tmp_path: Path) -> None:
    moved = due("2025-03-01 09:00", "2025-08-31")
    lines = run(tmp_path, journey(INSPECTION), BOUGHT, due("2025-01-02 09:00", "2025-06-01"), moved)
    assert lines == ["2025-08-01 10:00 hello sms"]


def test_the_next_date_begins_another_run(tmp_path: Path) -> None:
    passed = due("2025-06-02 09:00", "2026-06-01")
    lines = run(tmp_path, journey(INSPECTION), BOUGHT, due("2025-01-02 09:00", "2025-06-01"), passed)
    assert lines == ["2025-05-02 10:00 hello sms", "2026-05-02 10:00 hello sms"]


def test_a_run_under_way_ends_when_its_date_is_no_longer_so(tmp_path: Path) -> None:
    twice = journey(INSPECTION, SEND + "  - wait: 20 days\n" + SEND)
    passed = due("2025-05-10 09:00", "2026-06-01")
    first = due("2025-01-02 09:00", "2025-06-01")
    assert run(tmp_path / "a", twice, BOUGHT, first, until="2025-12-31 00:00") == [
        "2025-05-02 10:00 hello sms",
        "2025-05-22 10:00 hello-2 sms",
    ]
    assert run(tmp_path / "b", twice, BOUGHT, first, passed, until="2025-12-31 00:00") == [
        "2025-05-02 10:00 hello sms"
    ]


def test_the_same_date_said_again_begins_nothing_again(tmp_path: Path) -> None:
    again = [due(f"2025-{month:02}-03 09:00", "2025-06-01") for month in (1, 3, 5, 6)]
    assert run(tmp_path, journey(INSPECTION), BOUGHT, *again) == ["2025-05-02 10:00 hello sms"]


def test_a_birthday_comes_every_year(tmp_path: Path) -> None:
    lines = run(
        tmp_path, journey(BIRTHDAY), BOUGHT, born("2025-01-02 09:00", "1980-05-05"), until="2027-06-01 00:00"
    )
    assert lines == [f"{year}-05-05 10:00 hello sms" for year in (2025, 2026, 2027)]


def test_a_leap_day_is_kept_on_the_months_last(tmp_path: Path) -> None:
    lines = run(
        tmp_path, journey(BIRTHDAY), BOUGHT, born("2025-01-02 09:00", "1980-02-29"), until="2028-06-01 00:00"
    )
    assert [line[:10] for line in lines] == ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]


def test_a_date_that_passed_before_it_was_known_is_too_late(tmp_path: Path) -> None:
    lines = run(tmp_path, journey(INSPECTION), BOUGHT, due("2025-01-02 09:00", "2024-06-01"))
    assert lines == ["2025-01-02 09:00 hello too late"]


def test_each_car_has_its_own(tmp_path: Path) -> None:
    other = purchase("2025-01-03 09:00", plate="京B99999")
    second = event(
        "vehicle.updated",
        "2025-01-04 09:00",
        mobile=None,
        plate=None,
        vehicle={"plate": "京B99999", "inspection_due": "2025-07-01"},
    )
    lines = run(tmp_path, journey(INSPECTION), BOUGHT, other, due("2025-01-02 09:00", "2025-06-01"), second)
    assert lines == ["2025-05-02 10:00 hello sms", "2025-06-01 10:00 hello sms"]


def test_a_car_that_has_another_owner_takes_its_date_along(tmp_path: Path) -> None:
    sold = purchase("2025-03-01 09:00", mobile="+8613800000002", customer={"email": "n@example.cn"})
    program = program_of(write_project(tmp_path, {"care": journey(INSPECTION)}))
    messages = simulated(program, [BOUGHT, due("2025-01-02 09:00", "2025-06-01"), sold], "2026-01-01 00:00")
    assert [one.customer for one in messages] == ["+8613800000002"]


def test_a_step_that_sets_a_date_plans_a_run(tmp_path: Path) -> None:
    sets = (
        "purpose: care\nstart: {on: service.visited}\n"
        "steps: [{set: {customer.licence_renewal: event.next_due}}]\n"
    )
    text = journey("{date: customer.licence_renewal, before: 2 days}")
    program = program_of(write_project(tmp_path, {"care": text, "sets": sets}))
    events = [BOUGHT, visit("2025-02-01 10:00", next_due="2025-03-10")]
    assert told(simulated(program, events, "2026-01-01 00:00")) == ["2025-03-08 10:00 hello sms"]


def test_a_field_of_ones_own_that_holds_a_date_is_one(tmp_path: Path) -> None:
    sets = (
        "purpose: care\nstart: {on: service.visited}\nsteps:\n"
        "  - set: {customer.next_talk: today + 30, customer.seen_at: event.time}\n"
        "  - if: customer.next_talk > today and customer.next_talk - today == 30 and customer.seen_at <= now\n"
        "    then: [{tag: talks}]\n"
        "  - wait: until customer.next_talk\n"
        "  - {send: hello, by: sms, when: \"'talks' in customer.tags\"}\n"
    )
    text = journey("{date: customer.next_talk, before: 2 days}")
    program = program_of(write_project(tmp_path, {"care": text, "sets": sets}))
    messages = simulated(program, [BOUGHT, visit("2025-02-01 10:00")], "2026-01-01 00:00")
    assert told(messages) == ["2025-03-01 10:00 hello sms", "2025-03-03 10:00 hello sms"]


def test_a_new_journey_does_not_write_for_dates_long_past(tmp_path: Path) -> None:
    before = program_of(write_project(tmp_path / "a", {}))
    after = program_of(write_project(tmp_path / "b", {"care": journey(INSPECTION)}))
    customer = Customer(id="c")
    for one in (BOUGHT, due("2025-01-02 09:00", "2025-06-01")):
        customer, _ = decide(before, customer, EventArrived(event=one, vehicle="京A12345"), one.time)
    late, effects = decide(after, customer, JourneysChanged(), local("2025-05-20 00:00"))
    assert (late.next_due_at, effects.messages) == (None, ())
    early, _ = decide(after, customer, JourneysChanged(), local("2025-04-20 00:00"))
    assert early.next_due_at == local("2025-05-02 10:00")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    texts = {"inspection": journey(INSPECTION), "birthday": journey(BIRTHDAY)}
    return program_of(write_project(tmp_path_factory.mktemp("project"), texts))


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_any_order_of_arrival_gives_the_same_messages(program: Program, data: st.DataObject) -> None:
    arrivals = st.integers(1, 9).map(lambda day: f"2025-03-0{day} 09:00")
    dates = st.integers(1, 60).map(lambda n: f"{2025 + n % 2}-06-{1 + n // 2 % 30:02}")
    events = [purchase("2025-03-01 08:00")]
    for at in data.draw(st.lists(arrivals, max_size=6, unique=True)):
        made = due if data.draw(st.booleans()) else born
        events.append(made(at, data.draw(dates)))
    shuffled = data.draw(st.permutations(events))
    assert outcome(program, events) == outcome(program, shuffled)
