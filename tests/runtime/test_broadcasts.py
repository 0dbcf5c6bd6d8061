"""An event about nobody comes to everybody whom a journey's audience takes, wherever it runs."""

from datetime import datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.intake.identify import Identification
from engine.model.events import Event
from engine.model.program import Program
from engine.ports import MessageFilter, Store
from engine.runtime.advance import Advance
from engine.store.memory import MemoryStore
from engine.store.sqlite import SqliteStore
from tests.support import event, local, program_of, purchase, simulated, told, write_project

STORM = """\
    purpose: care
    start:
      on: weather.warning
      when: event.level == 'red'
      audience: customer.address.city == event.city
    steps:
      - send: hello
        by: sms
        with: {kind: "{{ event.kind }}"}
      - wait: 2 days
      - send: hello
        by: email
    """
END = "2025-12-31 00:00"


def warning(at: str, city: str = "北京市", level: str = "red") -> Event:
    one = event("weather.warning", at, mobile=None, plate=None, city=city, level=level)
    return replace(one, data={**one.data, "kind": "storm"}, id=f"{at} {city} {level}")


def people(n: int) -> list[Event]:
    return [
        purchase(
            f"2025-03-01 {9 + k // 60:02}:{k % 60:02}",
            mobile=f"+86138{k:08}",
            plate=f"京A{k:05}",
            customer={
                "email": f"e{k}@example.cn",
                "address": {"line": "1", "city": "上海市" if k % 3 else "北京市"},
            },
        )
        for k in range(n)
    ]


class At:
    """A clock that stands still."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return program_of(write_project(tmp_path / "project", {"storm": STORM}))


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return MemoryStore(keep_log=True) if request.param == "memory" else SqliteStore(tmp_path / "milepost.db")


def test_all_of_the_audience_get_it_and_nobody_else(program: Program) -> None:
    messages = simulated(
        program, [*people(6), warning("2025-03-05 10:00"), warning("2025-03-05 11:00", "广州市")], END
    )
    assert told(messages) == [
        *["2025-03-05 10:00 hello sms"] * 2,
        *["2025-03-07 10:00 hello-2 email"] * 2,
    ]
    assert {one.customer for one in messages} == {"+8613800000000", "+8613800000003"}
    assert len({one.id for one in messages}) == 4
    assert messages[0].values["with"] == {"kind": "storm"}


def test_the_condition_on_the_event_holds_for_all(program: Program) -> None:
    assert simulated(program, [*people(6), warning("2025-03-05 10:00", level="blue")], END) == []


def test_one_run_for_each_customer_at_a_time(program: Program) -> None:
    again = [warning("2025-03-05 10:00"), warning("2025-03-06 10:00"), warning("2025-03-10 10:00")]
    lines = told(simulated(program, [*people(1), *again], END))
    assert [one[:10] for one in lines] == ["2025-03-05", "2025-03-07", "2025-03-10", "2025-03-12"]


def test_by_the_events_clock_it_is_as_in_a_simulation(program: Program, store: Store) -> None:
    late = purchase("2025-03-05 12:00", mobile="+8613900000000", plate="京X1")
    events = [*people(9), warning("2025-03-05 10:00"), late, warning("2025-03-09 10:00")]
    advance = Advance(program, store, Identification(), None)
    advance.take(events)
    advance.take(events)  # duplicates change nothing
    advance.catch_up(local(END))
    stored = sorted(row.message.id for row in store.messages(MessageFilter()))
    assert stored == sorted(one.id for one in simulated(program, events, END))
    assert len(stored) == 2 * (3 + 4)


def test_by_the_real_clock_it_goes_through_all_customers_with_the_others_work(
    program: Program, store: Store
) -> None:
    clock = At(local("2025-03-05 10:05"))
    advance = Advance(program, store, Identification(), clock)
    advance.take([*people(9), warning("2025-03-05 10:00")])
    advance.catch_up()
    advance.catch_up()
    rows = list(store.messages(MessageFilter()))
    assert [(row.message.at, row.message.due_at) for row in rows] == [
        (clock.moment, local("2025-03-05 10:00"))
    ] * 3


def test_a_pace_holds_it_back(tmp_path: Path, store: Store) -> None:
    slow = program_of(write_project(tmp_path / "slow", {"storm": STORM + "pace: 1 per minute\n"}))
    clock = At(local("2025-03-05 10:05"))
    advance = Advance(slow, store, Identification(), clock)
    advance.take([*people(9), warning("2025-03-05 10:00")])
    advance.catch_up()
    assert len(list(store.messages(MessageFilter()))) == 1
    clock.moment = local("2025-03-05 10:07")
    advance.catch_up()
    assert len(list(store.messages(MessageFilter()))) == 2
