"""A decision that raises holds up nobody else: its event is set aside, its timers are put off."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from engine.intake.identify import Identification
from engine.intake.parse import Parser
from engine.model.diagnostics import Rejection
from engine.model.events import Event, to_cloud_event
from engine.model.journeys import Journey
from engine.model.program import Program
from engine.model.scope import Scope
from engine.ports import MessageFilter
from engine.runtime.advance import Advance
from engine.runtime.rejections import rejection_row
from engine.runtime.work import PUT_OFF
from engine.store.sqlite import SqliteStore
from tests.support import event, local, program_of, purchase, told, write_project

CARE = {
    "care": "purpose: care\nstart: {on: purchase.recorded, when: event.amount > 0}\n"
    "steps:\n  - wait: 5 days\n  - if: customer.name\n    then:\n      - send: hello\n        by: sms\n",
}
A, B = "+8613800000001", "+8613800000002"
GOOD = purchase("2025-03-01 10:00", amount=100, mobile=A, plate="京A11111")
POISON = purchase(
    "2025-03-01 11:00",
    amount=13,
    mobile=B,
    plate="京B22222",
    customer={"email": "b@example.cn", "name": "李明"},
)


class Clock:
    def __init__(self) -> None:
        self.at = local("2025-03-01 12:00")

    def now(self) -> datetime:
        return self.at


def raising(scope: Scope) -> bool:
    """A condition with a fault of ours in it."""
    if scope.event is not None and scope.event.data.get("amount") == 13:
        raise ZeroDivisionError("王芳")
    return True


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return program_of(write_project(tmp_path / "project", CARE), drafts=False)


def with_condition(program: Program, condition: Any) -> Program:
    def changed(journey: Journey) -> Journey:
        return replace(journey, start=replace(journey.start, when=condition))

    journeys = {name: changed(one) for name, one in program.journeys.items()}
    starting = {on: tuple(journeys[one.id] for one in found) for on, found in program.starting.items()}
    return replace(program, journeys=journeys, starting=starting)


@pytest.fixture
def store(tmp_path: Path) -> Any:
    made = SqliteStore(tmp_path / "milepost.db")
    yield made
    made.close()


def test_the_event_is_set_aside_and_the_others_are_taken_in(program: Program, store: SqliteStore) -> None:
    advance = Advance(with_condition(program, raising), store, Identification(), Clock())
    taken = advance.take([GOOD, POISON])
    assert (taken.accepted, [one.event for one in taken.set_aside]) == (1, [POISON])
    [kept] = store.rejections()
    assert kept.reason.startswith("the decision failed: ZeroDivisionError at test_set_aside.py:")
    assert "王芳" not in kept.reason
    assert {one.contact for one in store.find([("mobile", A), ("mobile", B)])} == {A}


def test_once_mended_it_is_sent_in_again(program: Program, store: SqliteStore) -> None:
    clock = Clock()
    Advance(with_condition(program, raising), store, Identification(), clock).take([POISON])
    [kept] = store.rejections()
    parsed = Parser().parse(kept.raw)
    assert isinstance(parsed, Event)
    mended = Advance(program, store, Identification(), clock)
    assert mended.take([parsed], retried=[(parsed.key, kept.id)]).accepted == 1
    assert list(store.rejections()) == []
    clock.at += timedelta(days=5)
    mended.catch_up()
    assert told(row.message for row in store.messages(MessageFilter())) == ["2025-03-06 12:00 hello sms"]


def test_what_is_set_aside_again_stays_open(program: Program, store: SqliteStore) -> None:
    advance = Advance(with_condition(program, raising), store, Identification(), Clock())
    advance.take([POISON])
    [kept] = store.rejections()
    parsed = Parser().parse(kept.raw)
    assert isinstance(parsed, Event)
    advance.take([parsed, GOOD], retried=[(parsed.key, kept.id)])
    assert [one.id for one in store.rejections()] == [kept.id]


def test_what_is_set_aside_mended_is_kept_as_it_is_now(program: Program, store: SqliteStore) -> None:
    advance = Advance(with_condition(program, raising), store, Identification(), Clock())
    wrong, other = (
        rejection_row(Rejection(file="a", line=n, field="time", reason="none", raw=b"%d" % n), None)
        for n in (1, 2)
    )
    advance.take([], [wrong, other])
    advance.take([POISON, GOOD], retried=[(POISON.key, wrong.id), (GOOD.key, other.id)])
    assert [one.raw for one in store.rejections()] == [to_cloud_event(POISON)]
    assert {one.id for one in store.rejections("retried")} == {wrong.id, other.id}


def test_a_timer_whose_decision_raises_is_put_off_and_the_others_fire(
    program: Program, store: SqliteStore, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    Advance(program, store, Identification(), clock).take([GOOD, POISON])
    broken = _with_test(program, raising_for_b)
    advance = Advance(broken, store, Identification(), clock)
    clock.at = local("2025-03-06 12:00")
    assert advance.catch_up().messages == 1
    [stuck] = store.find([("mobile", B)])
    assert stuck.next_due_at == clock.at + PUT_OFF
    assert "ZeroDivisionError" in caplog.text
    assert "李明" not in caplog.text
    clock.at += PUT_OFF
    assert Advance(program, store, Identification(), clock).catch_up().messages == 1


def raising_for_b(scope: Scope) -> bool:
    if scope.customer is not None and scope.customer.contact == B:
        raise ZeroDivisionError("李明")
    return True


def _with_test(program: Program, test: Any) -> Program:
    journey = program.journeys["care"]
    steps = tuple(replace(one, test=test) if hasattr(one, "test") else one for one in journey.steps)
    return replace(program, journeys={"care": replace(journey, steps=steps)})


def test_the_same_events_again_change_nothing(program: Program, store: SqliteStore) -> None:
    advance = Advance(with_condition(program, raising), store, Identification(), Clock())
    advance.take([GOOD, POISON, event("service.visited", "2025-03-01 11:30", mobile=A, plate=None)])
    again = advance.take([GOOD, POISON])
    assert (again.accepted, again.duplicates, len(again.set_aside)) == (0, 1, 1)
    assert len(list(store.rejections())) == 1
