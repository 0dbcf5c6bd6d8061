"""A schedule goes through all customers once, at its journey's pace."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from engine.intake.identify import Identification
from engine.model.customer import Customer
from engine.model.events import Event
from engine.model.program import Program
from engine.ports import MessageFilter, Store
from engine.runtime.advance import Advance
from engine.runtime.fan_outs import SMALLEST_CHUNK
from engine.store.sqlite import SqliteStore
from engine.store.sqlite.unit import SqliteUnit
from tests.support import event, local, program_of, write_project

NEWS = (
    "purpose: service\nstart: {{schedule: monthly, at: '10:00', audience: customer.mobile}}\n{pace}"
    "steps:\n  - send: hello\n    by: sms\n"
)
FIRST_OF_APRIL = local("2025-04-01 10:00")


class Clock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def program_with(folder: Path, pace: str) -> Program:
    return program_of(write_project(folder, {"news": NEWS.format(pace=pace)}))


def customers(n: int) -> list[Event]:
    return [
        event(
            "customer.registered",
            "2025-03-20 10:00",
            mobile=f"+8613800000{k:03}",
            plate=None,
            origin="website",
        )
        for k in range(n)
    ]


def decided(store: Store) -> int:
    return sum(1 for _ in store.messages(MessageFilter()))


@pytest.mark.parametrize(("minutes", "sent"), [(0, 1), (30, 5), (60, 10), (90, 12), (600, 12)])
def test_pace_says_how_many_may_have_been_sent_by_when(tmp_path: Path, minutes: int, sent: int) -> None:
    """Ten an hour, to twelve customers, however often it looks."""
    clock = Clock(local("2025-03-20 12:00"))
    store = SqliteStore(tmp_path / "milepost.db")
    advance = Advance(program_with(tmp_path, "pace: 10 per hour\n"), store, Identification(), clock)
    advance.take(customers(12))
    for passed in range(0, minutes + 1, 30):
        clock.at = FIRST_OF_APRIL + timedelta(minutes=passed)
        advance.catch_up()
        advance.catch_up()
    assert decided(store) == sent
    store.close()


def test_what_the_pace_holds_back_is_not_even_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker looks again and again; ten an hour must not make it read five hundred each time."""
    clock = Clock(local("2025-03-20 12:00"))
    store = SqliteStore(tmp_path / "milepost.db")
    advance = Advance(program_with(tmp_path, "pace: 10 per hour\n"), store, Identification(), clock)
    advance.take(customers(600))
    read: list[int] = []
    after = SqliteUnit.after

    def counting(self: SqliteUnit, cursor: str, limit: int) -> list[Customer]:
        found = after(self, cursor, limit)
        read.append(len(found))
        return found

    monkeypatch.setattr(SqliteUnit, "after", counting)
    for seconds in range(0, 3600, 10):
        clock.at = FIRST_OF_APRIL + timedelta(seconds=seconds)
        advance.catch_up()
    assert decided(store) == 9
    assert len(read) == 9
    assert max(read) <= SMALLEST_CHUNK
    store.close()


def test_without_a_pace_all_are_sent_at_once_and_only_once(tmp_path: Path) -> None:
    clock = Clock(local("2025-03-20 12:00"))
    store = SqliteStore(tmp_path / "milepost.db")
    program = program_with(tmp_path, "")
    Advance(program, store, Identification(), clock).take(customers(12))
    clock.at = FIRST_OF_APRIL
    assert [Advance(program, store, Identification(), clock).catch_up().messages for _ in range(3)] == [
        12,
        0,
        0,
    ]
    store.close()
