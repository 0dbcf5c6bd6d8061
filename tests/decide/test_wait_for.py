"""`wait_for`: which event ends the wait, which way the run then goes, and from when it counts."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.model.events import Event
from engine.model.program import Program
from tests.support import event, local, program_of, purchase, simulated, told, visit, write_project

END = "2026-06-01 00:00"
LOOP = (
    "purpose: service\nstart: {on: complaint.opened, per: event.complaint_id}\nsteps:\n"
    "  - send: hello\n    by: sms\n    id: received\n"
    "  - wait_for: complaint.resolved\n    when: event.complaint_id == run.key\n    within: 3 days\n"
    "    then:\n      - wait: 7 days\n      - send: hello\n        by: sms\n        id: follow-up\n"
    "    otherwise:\n      - send: hello\n        by: sms\n        id: escalate\n"
    "  - send: hello\n    by: sms\n    id: closed\n"
)


def complaint(what: str, at: str, number: str = "1", **more: Any) -> Event:
    return event(f"complaint.{what}", at, name=f"{what} {number} {at}", complaint_id=number, **more)


def run(folder: Path, journey: str, *events: Event, until: str = END) -> list[str]:
    return told(simulated(program_of(write_project(folder, {"care": journey})), events, until))


def test_the_event_moves_the_run_on_at_its_own_time(tmp_path: Path) -> None:
    resolved = complaint("resolved", "2025-03-02 15:30", recorded="2025-03-03 09:00")
    assert run(tmp_path, LOOP, complaint("opened", "2025-03-01 10:00"), resolved) == [
        "2025-03-01 10:00 received sms",
        "2025-03-09 15:30 follow-up sms",
        "2025-03-09 15:30 closed sms",
    ]


def test_without_it_the_run_goes_the_other_way_when_the_time_is_over(tmp_path: Path) -> None:
    late = complaint("resolved", "2025-03-04 10:01")
    assert run(tmp_path, LOOP, complaint("opened", "2025-03-01 10:00"), late) == [
        "2025-03-01 10:00 received sms",
        "2025-03-04 10:00 escalate sms",
        "2025-03-04 10:00 closed sms",
    ]


def test_an_event_at_the_very_end_of_the_time_is_in_time(tmp_path: Path) -> None:
    ends = complaint("resolved", "2025-03-04 10:00")
    assert "2025-03-11 10:00 follow-up sms" in run(
        tmp_path, LOOP, complaint("opened", "2025-03-01 10:00"), ends
    )


def test_another_complaints_end_is_not_waited_for(tmp_path: Path) -> None:
    other = complaint("resolved", "2025-03-02 10:00", "2")
    lines = run(tmp_path, LOOP, complaint("opened", "2025-03-01 10:00"), other)
    assert "2025-03-04 10:00 escalate sms" in lines


def test_what_happened_before_the_run_came_there_is_not_waited_for(tmp_path: Path) -> None:
    journey = (
        "purpose: care\nstart: {on: purchase.recorded}\nsteps:\n  - wait: 10 days\n"
        "  - wait_for: service.visited\n    within: 5 days\n    then: [{send: hello, by: sms, id: seen}]\n"
        "    otherwise: [{send: hello, by: sms, id: missed}]\n"
    )
    early = visit("2025-03-05 10:00")
    assert run(tmp_path / "a", journey, purchase("2025-03-01 10:00"), early) == [
        "2025-03-16 10:00 missed sms"
    ]
    again = visit("2025-03-12 10:00")
    assert run(tmp_path / "b", journey, purchase("2025-03-01 10:00"), early, again) == [
        "2025-03-12 10:00 seen sms"
    ]


def test_without_within_it_waits_for_as_long_as_it_takes(tmp_path: Path) -> None:
    journey = (
        "purpose: care\nstart: {on: purchase.recorded}\ngrace: 2 years\nsteps:\n"
        "  - wait_for: service.visited\n  - send: hello\n    by: sms\n"
    )
    assert run(tmp_path / "a", journey, purchase("2025-03-01 10:00")) == []
    seen = visit("2026-02-01 12:00")
    assert run(tmp_path / "b", journey, purchase("2025-03-01 10:00"), seen) == ["2026-02-01 12:00 hello sms"]


def test_one_event_ends_one_wait(tmp_path: Path) -> None:
    journey = (
        "purpose: care\nstart: {on: service.visited, again: ignore}\nsteps:\n"
        "  - wait_for: service.visited\n    then: [{send: hello, by: sms, id: second}]\n"
        "  - wait_for: service.visited\n    then: [{send: hello, by: sms, id: third}]\n"
    )
    visits = [visit(f"2025-03-0{day} 10:00") for day in (1, 2, 3)]
    assert run(tmp_path, journey, purchase("2025-02-01 10:00"), *visits) == [
        "2025-03-02 10:00 second sms",
        "2025-03-03 10:00 third sms",
    ]


def test_inside_a_repeat_each_round_waits_for_an_event_of_its_own(tmp_path: Path) -> None:
    journey = (
        "purpose: care\nstart: {on: purchase.recorded}\nsteps:\n  - repeat:\n      every: 10 days\n      times: 2\n"
        "      do:\n        - wait_for: service.visited\n          when: event.amount >= loop.index * 100\n"
        "          within: 5 days\n          then: [{send: hello, by: sms}]\n"
    )
    visits = [visit(f"2025-03-{day} 10:00", amount=150) for day in (12, 22)]
    assert run(tmp_path, journey, purchase("2025-03-01 10:00"), *visits) == ["2025-03-12 10:00 hello sms"]


def test_an_earlier_event_that_arrives_later_counts_as_long_as_nothing_has_followed(tmp_path: Path) -> None:
    opened = complaint("opened", "2025-03-01 10:00")
    second = complaint("resolved", "2025-03-03 10:00")
    first = complaint("resolved", "2025-03-02 10:00", recorded="2025-03-04 10:00")
    assert "2025-03-09 10:00 follow-up sms" in run(tmp_path / "a", LOOP, opened, second, first)
    too_late = replace(first, recorded=local("2025-03-11 10:00"))
    assert "2025-03-10 10:00 follow-up sms" in run(tmp_path / "b", LOOP, opened, second, too_late)


ORDERS = {
    "loop": LOOP.replace("per: event.complaint_id}", "per: event.complaint_id, again: restart}").replace(
        "  - send: hello\n    by: sms\n    id: received\n", "  - wait: 10 days\n", 1
    ),
    "two": (
        "purpose: service\nstart: {on: complaint.opened, again: restart}\n"
        "stop: [{on: complaint.updated, when: event.text == 'stop'}]\nsteps:\n"
        "  - wait_for: complaint.resolved\n    within: 30 days\n    then:\n"
        "      - wait_for: service.visited\n        when: event.amount > 100\n        within: 20 days\n"
        "        then: [{wait: 25 days}, {send: hello, by: sms, id: both}]\n"
        "        otherwise: [{wait: 20 days}, {send: hello, by: sms, id: one}]\n"
        "    otherwise: [{send: hello, by: sms, id: none}]\n"
    ),
}
ALL_IN = local("2025-03-10 12:00")  # before anything of it falls due


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return program_of(write_project(tmp_path_factory.mktemp("project"), ORDERS))


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Up to nine events of one customer within nine days."""
    events: list[Event] = []
    for number in range(draw(st.integers(1, 9))):
        at = f"2025-03-0{draw(st.integers(1, 9))} {draw(st.integers(0, 23)):02}:00"
        kind = draw(st.sampled_from(["opened", "resolved", "updated", "visited"]))
        which = draw(st.sampled_from(["1", "2"]))
        if kind == "visited":
            events.append(visit(at, amount=draw(st.sampled_from([50, 150])), name=f"{number}"))
        else:
            text = draw(st.sampled_from(["stop", "more"]))
            events.append(event(f"complaint.{kind}", at, name=f"{number}", complaint_id=which, text=text))
    return events


def arriving(events: list[Event]) -> list[Event]:
    return [replace(one, recorded=ALL_IN + timedelta(seconds=n)) for n, one in enumerate(events)]


def outcome(program: Program, events: list[Event]) -> list[str]:
    """What is sent. The customer's id is that of the first to arrive."""
    messages = simulated(program, arriving(events), END)
    return sorted(repr(replace(one, customer_id="")) for one in messages)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_order_of_arrival_gives_the_same_messages(program: Program, data: st.DataObject) -> None:
    events = data.draw(histories())
    shuffled = data.draw(st.permutations(events))
    assert outcome(program, events) == outcome(program, shuffled)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_duplicates_anywhere_change_nothing(program: Program, data: st.DataObject) -> None:
    events = arriving(data.draw(histories()))
    doubled = list(events)
    for one in events:
        if data.draw(st.booleans()):
            doubled.insert(data.draw(st.integers(doubled.index(one) + 1, len(doubled))), one)
    assert simulated(program, events, END) == simulated(program, doubled, END)
