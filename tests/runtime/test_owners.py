"""Whose car it is: what an event about a car does, and for whom."""

from itertools import pairwise
from pathlib import Path

import pytest

from engine.intake.identify import Identification
from engine.model.customer import Customer
from engine.model.events import Event
from engine.model.program import Program
from engine.sim import Simulation
from tests.support import event, local, program_of, purchase, simulated, told, visit, write_project

A, B = "+8613800000001", "+8613800000002"
CAR = "京A12345"
LI_MING = {"email": "b@example.cn", "name": "李明"}
CARE = {
    "care": "purpose: care\nstart: {on: purchase.recorded, per: vehicle, again: restart}\n"
    "steps:\n  - wait: 30 days\n  - send: hello\n    by: sms\n",
    "thanks": "purpose: service\nstart: {on: service.visited, per: customer, again: restart}\n"
    "steps:\n  - wait: 3 days\n  - send: thanks\n    by: sms\n",
    "far": "purpose: care\nstart: {on: purchase.recorded, per: vehicle, again: restart}\n"
    "steps:\n  - wait: 10000 km\n  - send: far\n    by: sms\n",
}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    folder: Path = tmp_path_factory.mktemp("project")
    return program_of(write_project(folder, CARE, templates=("hello", "thanks", "far")))


def customers(program: Program, *events: Event) -> dict[str | None, Customer]:
    simulation = Simulation(program, Identification(), lambda _message: None)
    for one in events:
        simulation.event(one)
    return {one.contact: one for one in simulation.customers}


def lines(program: Program, *events: Event, until: str = "2025-05-01 00:00") -> list[str]:
    return [
        f"{line} {message.customer}"
        for message in simulated(program, events, until)
        for line in told([message])
    ]


def test_a_purchase_by_another_makes_them_the_owner_and_ends_the_former_owners_runs(program: Program) -> None:
    sold = purchase("2025-03-10 10:00", 51_000, mobile=B, customer=LI_MING)
    assert lines(program, purchase("2025-03-01 10:00", 50_000), sold) == [f"2025-04-09 10:00 hello sms {B}"]
    found = customers(program, purchase("2025-03-01 10:00", 50_000), sold)
    assert not found[A].vehicles
    assert [reading.km for reading in found[B].vehicles[CAR].readings] == [50_000, 51_000]


def test_an_older_purchase_by_another_does_not_move_the_car_back(program: Program) -> None:
    his = {"mobile": B, "customer": LI_MING}
    late = purchase("2025-02-01 10:00", 49_000, recorded="2025-03-02 10:00", **his)
    found = customers(program, purchase("2025-03-01 10:00", 50_000), late)
    assert [reading.km for reading in found[A].vehicles[CAR].readings] == [49_000, 50_000]
    assert not found[B].vehicles


def test_a_visit_by_another_counts_for_them_and_its_reading_for_the_cars_owner(program: Program) -> None:
    known = event("customer.registered", "2025-02-01 10:00", mobile=B, plate=None, origin="website")
    seen = visit("2025-03-05 10:00", 50_300, mobile=B)
    found = customers(program, known, purchase("2025-03-01 10:00", 50_000), seen)
    assert [reading.km for reading in found[A].vehicles[CAR].readings] == [50_000, 50_300]
    assert found[B].counts["service.visited"] == 1
    assert "service.visited" not in found[A].counts


def test_a_visit_by_another_starts_no_run_for_the_car_and_says_why(tmp_path: Path) -> None:
    thanks = CARE["thanks"].replace("per: customer", "per: vehicle")
    program = program_of(write_project(tmp_path, {"thanks": thanks}, templates=("thanks",)))
    simulation = Simulation(program, Identification(), lambda _message: None)
    known = event("customer.registered", "2025-02-01 10:00", mobile=B, plate=None, origin="website")
    seen = visit("2025-03-05 10:00", 50_300, mobile=B)
    for one in (known, purchase("2025-03-01 10:00", 50_000), seen):
        simulation.event(one)
    assert simulation.notes == {"another's car thanks": 1}


def test_a_visit_with_a_plate_alone_is_its_owners(program: Program) -> None:
    seen = visit("2025-03-05 10:00", 50_300, mobile=None)
    assert lines(program, purchase("2025-03-01 10:00", 50_000), seen)[0] == f"2025-03-08 10:00 thanks sms {A}"


def test_what_is_told_of_a_car_nobody_owns_is_kept_for_who_comes_with_it(program: Program) -> None:
    """As if its visits had come after: nothing is decided before, and the reading counts."""
    early = visit("2025-03-05 10:00", 50_300, mobile=None)
    bought = purchase("2025-03-01 10:00", 50_000, recorded="2025-03-06 10:00")
    after = visit("2025-03-05 10:00", 50_300, mobile=None, recorded="2025-03-06 11:00")
    assert lines(program, early, bought) == lines(program, bought, after)
    found = customers(program, early, bought)
    assert [reading.km for reading in found[A].vehicles[CAR].readings] == [50_000, 50_300]
    assert found[A].counts == {"service.visited": 1, "purchase.recorded": 1}


def test_nothing_is_decided_for_a_car_whose_owner_nobody_knows(program: Program) -> None:
    assert lines(program, visit("2025-03-05 10:00", 50_300, mobile=None)) == []


def test_contradicting_identifiers_merge_nothing_and_reach_no_profile(program: Program) -> None:
    first = purchase("2025-03-01 10:00", customer={"email": "a@example.cn"})
    other = purchase("2025-03-02 10:00", mobile=B, plate="京B99999", customer=LI_MING)
    mixed = event(
        "customer.updated", "2025-03-03 10:00", mobile=A, plate=None, customer={"email": "b@example.cn"}
    )
    found = customers(program, first, other, mixed)
    assert found[A].fact("email") == "a@example.cn"
    assert found[B].fact("email") == "b@example.cn"
    assert len(found) == 2


def test_identifiers_are_learned_and_lead_to_the_same_customer(program: Program) -> None:
    member = event("customer.updated", "2025-03-02 10:00", plate=None, customer={"member": "M-7"})
    told_by_member = {"member": "M-7", "name": "王芳芳"}
    by_member = event(
        "customer.updated", "2025-03-03 10:00", mobile=None, plate=None, customer=told_by_member
    )
    found = customers(program, purchase("2025-03-01 10:00"), member, by_member)
    assert len(found) == 1
    assert found[A].fact("name") == "王芳芳"


def test_a_reading_from_anywhere_moves_the_owners_reminder(program: Program) -> None:
    shown = event("odometer.reported", "2025-04-01 10:00", mobile=None, km=60_200)
    [line] = [one for one in lines(program, purchase("2025-03-01 10:00", 50_000), shown) if " far " in one]
    assert line == f"2025-04-01 10:00 far sms {A}"


def test_readings_of_a_car_are_bounded(program: Program) -> None:
    """Forty are kept, spread over the whole time."""
    days = [(month, day) for month in range(1, 9) for day in range(1, 28)]
    many = [visit(f"2025-{month:02}-{day:02} 10:00", 50_000 + 900 * month + 30 * day) for month, day in days]
    readings = customers(program, purchase("2025-01-01 09:00", 50_000), *many)[A].vehicles[CAR].readings
    assert len(readings) == 40
    assert readings[0].at == local("2025-01-01 09:00")
    assert readings[-1].at == local("2025-08-27 10:00")
    gaps = [(after.at - before.at).days for before, after in pairwise(readings)]
    assert max(gaps) < 20
