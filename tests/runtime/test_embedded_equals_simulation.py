"""What the engine does with a database is what a simulation says, message by message, however the events are cut
into batches."""

from datetime import datetime, time
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.intake.identify import Identification
from engine.model.events import Event
from engine.model.messages import Message, Reason, Status
from engine.model.policy import Cap, Purpose, QuietHours
from engine.model.program import Program
from engine.model.times import Duration
from engine.ports import MessageFilter
from engine.runtime.advance import Advance
from engine.sim import Simulation
from engine.sim.network import generate
from engine.store.sqlite import SqliteStore
from tests.support import ROOT, local, parsed_lines, program_of

END = local("2025-12-31 00:00")


@pytest.fixture(scope="module", params=["shipped", "strict"])
def program(request: pytest.FixtureRequest) -> Program:
    """The shipped journeys; and the same with rules that hold most messages back."""
    shipped = program_of(ROOT, drafts=False)
    if request.param == "shipped":
        return shipped
    purposes = {**shipped.policy.purposes, "care": Purpose(True), "newsletter": Purpose(True)}
    rules = replace(
        shipped.policy,
        purposes=purposes,
        quiet_hours={
            "sms": QuietHours(time(9), time(16)),
            "email": QuietHours(time(14), time(11, 30)),
            "letter": QuietHours(time(8), time(10, 15)),
        },
        caps=(
            Cap(at_most=1, within=Duration(days=3)),
            Cap(at_most=2, within=Duration(months=2), purposes=frozenset({"care"})),
        ),
        hold_while=frozenset({"complaint open"}),
    )
    return replace(shipped, version="strict", policy=rules)


@pytest.fixture(scope="module")
def events(program: Program) -> list[Event]:
    """Half a year of a small network, with duplicates and late arrivals."""
    return parsed_lines(program, generate(seed=11, customers=60, days=300).lines())


def simulated(program: Program, events: list[Event], until: datetime) -> list[Message]:
    messages: list[Message] = []
    simulation = Simulation(program, Identification(), messages.append)
    for event in events:
        simulation.event(event)
    simulation.run_until(until)
    return messages


def last(messages: list[Message]) -> list[Message]:
    """What became of each in the end, as a ledger has it."""
    return list({one.id: one for one in messages}.values())


def key(message: Message) -> tuple[object, ...]:
    return (
        *(message.id, message.at, message.channel, message.status, message.reason, message.brand),
        message.held_until,
    )


@pytest.mark.parametrize("batch", [1, 7, 500])
def test_the_ledger_is_what_the_simulation_says(
    tmp_path: Path, program: Program, events: list[Event], batch: int
) -> None:
    store = SqliteStore(tmp_path / "milepost.db")
    advance = Advance(program, store, Identification(), None)
    for first in range(0, len(events), batch):
        advance.take(events[first : first + batch])
    advance.catch_up(END)
    ledger = [row.message for row in store.messages(MessageFilter())]
    store.close()
    lines = simulated(program, events, END)
    said = last(lines)
    assert len(said) > 50
    if program.version == "strict":
        held = [one for one in lines if one.status is Status.HELD]
        assert {one.reason for one in held} >= {Reason.CAPPED, Reason.QUIET_HOURS}
        assert len(held) > len(said) / 4
    assert sorted(map(key, ledger), key=str) == sorted(map(key, said), key=str)
    assert {one.id: (one.values, one.address) for one in ledger} == {
        one.id: (one.values, one.address) for one in said
    }


def test_catching_up_at_any_moment_between_changes_nothing(
    tmp_path: Path, program: Program, events: list[Event]
) -> None:
    store = SqliteStore(tmp_path / "milepost.db")
    advance = Advance(program, store, Identification(), None)
    for first in range(0, len(events), 40):
        advance.take(events[first : first + 40])
        advance.catch_up()
    advance.catch_up(END)
    ledger = [row.message for row in store.messages(MessageFilter())]
    store.close()
    assert sorted(map(key, ledger), key=str) == sorted(
        map(key, last(simulated(program, events, END))), key=str
    )


def test_taking_everything_twice_changes_nothing(
    tmp_path: Path, program: Program, events: list[Event]
) -> None:
    store = SqliteStore(tmp_path / "milepost.db")
    advance = Advance(program, store, Identification(), None)
    first = advance.take(events)
    again = advance.take(events)
    store.close()
    assert first.accepted == len({event.key for event in events})
    assert (again.accepted, again.duplicates, again.messages) == (0, len(events), 0)


def test_customers_may_come_one_after_another_where_others_lead_the_clock(
    tmp_path: Path, program: Program, events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with many partitions: each customer's events in order, but all of one before the next one's."""
    alone = [one for one in events if one.data.get("customer", {}).get("mobile")]
    drivers: dict[str, set[str]] = {}
    for one in alone:
        drivers.setdefault(_plate(one), set()).add(one.data["customer"]["mobile"])
    alone = [one for one in alone if not _plate(one) or len(drivers[_plate(one)]) == 1]
    monkeypatch.setattr("engine.runtime.fan_outs.CHUNK", 7)  # so that it takes many of them
    by_customer = sorted(alone, key=lambda one: one.data["customer"]["mobile"], reverse=True)
    store = SqliteStore(tmp_path / "milepost.db")
    advance = Advance(program, store, Identification(), None, leads=False)
    for first in range(0, len(by_customer), 100):
        advance.take(by_customer[first : first + 100])
    advance.catch_up(END)
    ledger = [row.message for row in store.messages(MessageFilter())]
    store.close()
    assert any(message.journey == "quarterly-newsletter" for message in ledger)
    assert sorted(map(key, ledger), key=str) == sorted(
        map(key, last(simulated(program, alone, END))), key=str
    )


def _plate(event: Event) -> str:
    return str(event.data.get("vehicle", {}).get("plate", ""))
