"""`status`: what paused and retired journeys do with runs under way, and that they begin none."""

from pathlib import Path

import pytest

from engine.decide import decide
from engine.model.customer import Customer
from engine.model.program import Program
from engine.model.stimuli import EventArrived, JourneysChanged, TimerDue
from tests.support import event, local, program_of, purchase, visit, write_project

CARE = (
    "purpose: care\nstatus: {status}\nstart: {on: purchase.recorded, per: vehicle, again: restart}\n"
    "stop: [{on: vehicle.updated}]\nsteps:\n"
    "  - wait_for: service.visited\n    within: 30 days\n    then: [{send: hello, by: sms, id: came}]\n"
    "    otherwise: [{send: hello, by: sms, id: missed}]\n"
)
BOUGHT = purchase("2025-03-01 10:00")


def program(folder: Path, status: str) -> Program:
    return program_of(
        write_project(folder / status, {"care": CARE.replace("{status}", status)}), drafts=False
    )


def under_way(folder: Path) -> Customer:
    customer, _ = decide(
        program(folder, "live"), Customer(id="c"), EventArrived(event=BOUGHT, vehicle="京A12345"), BOUGHT.time
    )
    assert len(customer.runs) == 1
    return customer


@pytest.mark.parametrize("status", ["paused", "retired", "draft"])
def test_only_live_journeys_begin_runs(tmp_path: Path, status: str) -> None:
    arrived = EventArrived(event=BOUGHT, vehicle="京A12345")
    customer, _ = decide(program(tmp_path, status), Customer(id="c"), arrived, BOUGHT.time)
    assert customer.runs == {}


def test_runs_of_a_paused_journey_wait_and_go_on(tmp_path: Path) -> None:
    customer = under_way(tmp_path)
    paused, live = program(tmp_path, "paused"), program(tmp_path, "live")
    came = visit("2025-03-05 10:00")
    customer, none = decide(paused, customer, EventArrived(event=came, vehicle="京A12345"), came.time)
    assert (customer.next_due_at, none.messages) == (None, ())
    customer, some = decide(live, customer, JourneysChanged(), local("2025-03-08 10:00"))
    assert [(one.step, one.due_at) for one in some.messages] == [("came", came.time)]
    assert customer.runs == {}


def test_a_paused_journeys_run_is_stopped_all_the_same(tmp_path: Path) -> None:
    stops = event("vehicle.updated", "2025-03-05 10:00")
    paused = program(tmp_path, "paused")
    customer, _ = decide(
        paused, under_way(tmp_path), EventArrived(event=stops, vehicle="京A12345"), stops.time
    )
    assert customer.runs == {}


def test_what_is_due_while_it_is_paused_is_done_within_its_grace(tmp_path: Path) -> None:
    paused, live = program(tmp_path, "paused"), program(tmp_path, "live")
    customer, _ = decide(paused, under_way(tmp_path), TimerDue(), local("2025-04-02 10:00"))
    _, soon = decide(live, customer, JourneysChanged(), local("2025-04-04 10:00"))
    assert [(one.step, one.reason) for one in soon.messages] == [("missed", None)]
    _, late = decide(live, customer, JourneysChanged(), local("2025-05-04 10:00"))
    assert [(one.step, one.reason) for one in late.messages] == [("missed", "too late")]


def test_runs_of_a_retired_journey_end(tmp_path: Path) -> None:
    customer, effects = decide(
        program(tmp_path, "retired"), under_way(tmp_path), JourneysChanged(), local("2025-03-02 10:00")
    )
    assert (customer.runs, effects.messages) == ({}, ())
