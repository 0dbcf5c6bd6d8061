"""Two customers who turn out to be one: what becomes of all that was known of each, what is sent, and who is told."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.intake.identify import Identification
from engine.model.customer import Customer
from engine.model.disputes import Dispute, DisputeStatus
from engine.model.events import Event
from engine.model.messages import Message, Reason, Status
from engine.model.program import Program
from engine.ports import MessageFilter, Store, TaskFilter
from engine.runtime.advance import Advance
from engine.sim import Simulation
from engine.store.memory import MemoryStore
from engine.store.sqlite import SqliteStore
from tests.contracts.stores import on_postgres
from tests.runtime.deliver_world import FixedClock
from tests.support import ROOT, event, local, program_of, told, write_project

MOBILE, EMAIL = "+8613800000001", "w@example.cn"
YES = [{"channel": "all", "purpose": "all", "granted": True}]
JOURNEYS = {
    "welcome": """
        purpose: care
        start: {on: purchase.recorded, per: customer}
        steps: [{wait: 10 days}, {send: hello, by: [sms, email]}]
    """,
    "newest": """
        purpose: care
        start: {on: purchase.recorded, per: customer, again: restart}
        steps: [{wait: 20 days}, {send: newest, by: [sms, email]}]
    """,
    "united": """
        purpose: service
        start: {on: customer.merged, per: customer}
        steps: [{send: united, by: [sms, email]}, {task: greet, for: headquarters}]
    """,
    "now": """
        purpose: service
        start: {on: complaint.opened, per: event.complaint_id}
        steps: [{send: now, by: [sms, email]}]
    """,
}
SIGKILLED = -9


def buys(at: str, name: str | None = None, **customer: str) -> Event:
    person = {**customer, **({"name": name} if name else {})}
    tyres = [{"brand": "michelin", "quantity": 2}]
    return event(
        "purchase.recorded",
        at,
        mobile=None,
        plate=None,
        customer=person,
        tyres=tyres,
        consent=YES,
        name=f"buys {at}",
    )


def says(at: str, name: str | None = None, **customer: str) -> Event:
    person = {**customer, **({"name": name} if name else {})}
    return event("customer.updated", at, mobile=None, plate=None, customer=person, name=f"says {at}")


def write_journeys(folder: Path) -> Path:
    return write_project(folder, JOURNEYS, templates=("hello", "newest", "united", "now"))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return program_of(write_journeys(tmp_path_factory.mktemp("project")))


class Outcome:
    def __init__(self, program: Program, *events: Event, until: str = "2025-06-01 00:00") -> None:
        self.messages: list[Message] = []
        self.made: list[Event] = []
        simulation = Simulation(program, Identification(), self.messages.append, on_made=self.made.append)
        for one in events:
            simulation.event(one)
        simulation.run_until(local(until))
        self.customers: list[Customer] = list(simulation.customers)
        self.disputes: list[Dispute] = list(simulation.disputes)

    @property
    def lines(self) -> list[str]:
        return [f"{line} {one.customer}" for one in self.messages for line in told([one])]


TWO = (buys("2025-03-01 10:00", mobile=MOBILE), buys("2025-03-05 10:00", email=EMAIL))
LINK = says("2025-03-08 10:00", mobile=MOBILE, email=EMAIL)


def test_an_event_that_names_two_makes_them_one_and_nothing_is_sent_twice(program: Program) -> None:
    outcome = Outcome(program, *TWO, LINK)
    [one] = outcome.customers
    assert (one.fact("mobile"), one.fact("email"), len(one.aliases)) == (MOBILE, EMAIL, 1)
    assert one.counts["purchase.recorded"] == 2
    assert outcome.lines == [
        f"2025-03-08 10:00 united sms {MOBILE}",
        f"2025-03-11 10:00 hello sms {MOBILE}",  # of the two runs the one that began earlier
        f"2025-03-25 10:00 newest sms {MOBILE}",  # where a new start takes the old one's place, the later
    ]


def test_journeys_are_told_with_the_identifiers_of_both(program: Program) -> None:
    [made] = Outcome(program, *TWO, LINK).made
    assert (made.type, made.source, made.time) == ("customer.merged", "/identity", LINK.time)
    assert made.data == {"customer": {"mobile": MOBILE}, "merged": {"email": EMAIL}}


def test_two_of_different_names_stay_two_and_are_listed(program: Program) -> None:
    outcome = Outcome(
        program,
        buys("2025-03-01 10:00", "王芳", mobile=MOBILE),
        buys("2025-03-05 10:00", "李伟", email=EMAIL),
        says("2025-03-08 10:00", mobile=MOBILE, email=EMAIL),
        says("2025-03-09 10:00", mobile=MOBILE, email=EMAIL),
    )
    assert [(one.fact("name"), one.fact("email")) for one in outcome.customers] == [
        ("王芳", None),
        ("李伟", EMAIL),
    ]
    [listed] = outcome.disputes
    assert (listed.count, listed.first_at, listed.last_at) == (
        2,
        local("2025-03-08 10:00"),
        local("2025-03-09 10:00"),
    )
    assert listed.named[0].kept == ("mobile", MOBILE)
    assert listed.named[0].refused == ("email", EMAIL)


def test_a_third_who_is_one_of_two_that_are_one_goes_the_same_way(program: Program) -> None:
    member = says("2025-03-06 10:00", member="7")
    links = (LINK, says("2025-03-09 10:00", email=EMAIL, member="7"))
    [one] = Outcome(program, *TWO, member, *links).customers
    assert (one.fact("member"), len(one.aliases)) == ("7", 2)
    [again] = Outcome(program, *TWO, member, *reversed(links)).customers
    assert (again.profile, again.counts, len(again.aliases)) == (one.profile, one.counts, 2)


def test_a_person_can_say_that_two_are_one(program: Program) -> None:
    two = (buys("2025-03-01 10:00", "王芳", mobile=MOBILE), buys("2025-03-05 10:00", "李伟", email=EMAIL))
    data: dict[str, Any] = {"customer": {"mobile": MOBILE}, "merged": {"email": EMAIL}}
    settled = Event(source="/identities", id="1", type="customer.merged", time=LINK.time, data=data)
    outcome = Outcome(program, *two, LINK, settled)
    [one] = outcome.customers
    assert (one.fact("name"), one.fact("email"), outcome.disputes) == ("李伟", EMAIL, [])
    assert "2025-03-08 10:00 united sms" in outcome.lines[0]


def test_a_fleet_of_a_hundred_cars_on_one_mobile_is_one_customer(program: Program) -> None:
    cars = [
        event(
            "service.visited",
            f"2025-03-{n % 28 + 1:02d} 10:00",
            plate=f"京A{n:05d}",
            km=1000.0 + n,
            name=f"v{n}",
        )
        for n in range(100)
    ]
    [one] = Outcome(program, *cars).customers
    assert len(one.vehicles) == 100


# In a store


@pytest.fixture(params=["memory_store", "sqlite_store", on_postgres("share")])
def store(request: pytest.FixtureRequest) -> Store:
    made: Store = request.getfixturevalue(request.param)
    return made


@pytest.mark.parametrize("batch", [1, 3])
def test_in_a_store_all_that_is_kept_is_the_one_s(store: Store, program: Program, batch: int) -> None:
    advance = Advance(program, store, Identification(), None)
    events = [*TWO, LINK]
    for first in range(0, len(events), batch):
        advance.take(events[first : first + batch])
    advance.catch_up(local("2025-06-01 00:00"))
    found = store.find([("mobile", MOBILE), ("email", EMAIL)])
    [one] = found
    [old] = one.aliases
    assert store.customers([old])[old].into == one.id
    types = sorted(row.event.type for row in store.events_of(one.id))
    assert types == ["customer.merged", "customer.updated", "purchase.recorded", "purchase.recorded"]
    assert store.events_of(old) == []
    rows = list(store.messages(MessageFilter(customer_id=one.id)))
    simulated = Outcome(program, *TWO, LINK)
    assert [(row.message.id, row.message.at) for row in rows] == [(it.id, it.at) for it in simulated.messages]
    assert {row.message.customer_id for row in rows} == {one.id}
    assert {row.task.customer_id for row in store.tasks(TaskFilter())} == {one.id}
    assert store.known_after("", 9) == [one]


def test_what_waits_to_be_sent_by_both_is_sent_once(store: Store, program: Program) -> None:
    """Both have complained in the same matter, and the answers are queued when it turns out."""
    clock = FixedClock(local("2025-03-08 10:00"))
    advance = Advance(program, store, Identification(), clock)
    opened = [
        event("complaint.opened", "2025-03-08 09:00", plate=None, complaint_id="1", customer={}, name="a"),
        event(
            "complaint.opened",
            "2025-03-08 09:30",
            mobile=None,
            plate=None,
            complaint_id="1",
            customer={"email": EMAIL},
            name="b",
        ),
    ]
    advance.take(opened)
    assert [row.message.status for row in store.messages(MessageFilter(journey="now"))] == [Status.QUEUED] * 2
    advance.take([LINK])
    rows = list(store.messages(MessageFilter(journey="now")))
    assert sorted((row.message.due_at, row.message.status, row.message.reason) for row in rows) == [
        (local("2025-03-08 09:00"), Status.QUEUED, None),
        (local("2025-03-08 09:30"), Status.SKIPPED, Reason.MERGED),
    ]


def test_contradictions_are_kept_until_the_two_turn_out_to_be_one(store: Store, program: Program) -> None:
    advance = Advance(program, store, Identification(), None)
    advance.take(
        [buys("2025-03-01 10:00", "王芳", mobile=MOBILE), buys("2025-03-05 10:00", "李伟", email=EMAIL)]
    )
    advance.take([says("2025-03-08 10:00", mobile=MOBILE, email=EMAIL)])
    advance.take([says("2025-03-09 10:00", mobile=MOBILE, email=EMAIL)])
    [listed] = store.disputes(DisputeStatus.OPEN)
    assert listed.count == 2
    assert store.dispute(listed.id[:8]) == listed
    advance.take(
        [says("2025-03-10 10:00", "王芳", email=EMAIL), says("2025-03-11 10:00", mobile=MOBILE, email=EMAIL)]
    )
    assert list(store.disputes(DisputeStatus.OPEN)) == []
    [settled] = store.disputes()
    assert (settled.status, settled.count) == (DisputeStatus.MERGED, 2)


def test_one_who_is_not_met_yet_is_settled_by_their_first_event(store: Store, program: Program) -> None:
    """As where two workers share the customers: the id is known, the first event is still on its way to another."""
    for name, expected in (("李伟", 2), ("王芳", 1)):
        advance = Advance(program, store, Identification(), None)
        mobile, email = f"+861380000000{expected}", f"{expected}@example.cn"
        later = buys(f"2025-03-0{expected} 10:00", name, email=email)
        with store.unit() as unit:
            unit.learn({("email", email): f"unmet {expected}"})
        advance.take([buys(f"2025-03-0{expected} 11:00", "王芳", mobile=mobile)])
        advance.take([says(f"2025-03-0{expected} 12:00", mobile=mobile, email=email)])
        advance.take([later])
        found = {one.id: one for one in store.find([("mobile", mobile), ("email", email)])}
        assert len(found) == expected
        assert all(not one.links for one in found.values())
    assert [one.count for one in store.disputes(DisputeStatus.OPEN)] == [1]


# Killed


def take_link(folder: Path) -> None:
    store = SqliteStore(folder / "milepost.db")
    Advance(program_of(folder / "project"), store, Identification(), None).take([LINK])
    store.close()


@pytest.mark.parametrize("point", [*(f"advance.{n}" for n in (2, 4, 5, 6)), "merge.1", "merge.2"])
def test_killed_in_a_merge_and_told_again_everything_is_there_once(tmp_path: Path, point: str) -> None:
    program = program_of(write_journeys(tmp_path / "project"))
    store = SqliteStore(tmp_path / "milepost.db")
    Advance(program, store, Identification(), None).take(TWO)
    script = "import pathlib, sys; from tests.runtime import test_merging as it\n"
    script += "it.take_link(pathlib.Path(sys.argv[1]))"
    killed = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MILEPOST_CRASH_AT": point},
        check=False,
    )
    assert killed.returncode == SIGKILLED
    assert len(store.find([("mobile", MOBILE), ("email", EMAIL)])) == (1 if point == "advance.6" else 2)
    take_link(tmp_path)
    advance = Advance(program, store, Identification(), None)
    advance.catch_up(local("2025-06-01 00:00"))
    [one] = store.find([("mobile", MOBILE), ("email", EMAIL)])
    assert len(one.aliases) == 1
    sent = [(row.message.id, row.message.at) for row in store.messages(MessageFilter())]
    assert sent == [(it.id, it.at) for it in Outcome(program, *TWO, LINK).messages]
    store.close()


def test_memory_is_as_it_was_where_a_merge_comes_to_nothing(program: Program) -> None:
    store = MemoryStore(keep_log=True)
    advance = Advance(program, store, Identification(), None)
    advance.take(TWO)
    before = store.known_after("", 9)

    def fail(_unit: object, _set_aside: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        advance.take([LINK], (), fail)
    assert store.known_after("", 9) == before
    assert {one.id for one in store.find([("mobile", MOBILE), ("email", EMAIL)])} == {
        one.id for one in before
    }
