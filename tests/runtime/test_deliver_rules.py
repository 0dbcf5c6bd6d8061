"""The policy is asked once more when a message is sent: it may have waited, and much may have happened since."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.decide import counted_since, may_send
from engine.model.customer import PAUSED_UNTIL, Customer, Stated
from engine.model.messages import Message, Reason, Status
from engine.model.policy import Cap, Fleet, Policy, Purpose, QuietHours
from engine.model.program import Program
from engine.model.standing import Complaint, Counted, Hold, Standing
from engine.model.times import Duration
from engine.odometer import FleetOdometer
from engine.ports import Channel, MessageFilter, MessageRow, Store
from engine.runtime.deliver import Deliverer
from engine.runtime.deliver_outcomes import Counts
from engine.runtime.last_question import Lately
from engine.store.sqlite import SqliteStore
from tests.contracts.samples import START, customer, customer_id, message
from tests.runtime.deliver_world import FixedClock, PlainRenderer, Provider

SHANGHAI = ZoneInfo("Asia/Shanghai")
RULES: dict[str, Any] = {
    "quiet_hours": {"letter": QuietHours(time(21), time(9))},
    "caps": (Cap(at_most=1, within=Duration(days=1)),),
    "hold_while": frozenset({"complaint open"}),
}


def at(day: int, clock: str) -> datetime:
    """A moment of March 2025; the messages are decided on the 8th, at 14:20."""
    return datetime.fromisoformat(f"2025-03-{day:02} {clock}").replace(tzinfo=SHANGHAI)


class World:
    """A sender whose clock stands where it is put."""

    def __init__(self, store: Store, **rules: Any) -> None:
        policy = Policy(
            zone=SHANGHAI,
            locale="zh-CN",
            brand="michelin",
            channels=("letter",),
            purposes={"care": Purpose(True), "safety": Purpose(False, frozenset(RULES))},
            **rules,
        )
        self.program = Program(journeys={}, policy=policy, odometer=FleetOdometer(Fleet()))
        self.store = store
        self.provider = Provider("letter")
        channels: dict[str, Channel] = {"letter": self.provider}
        self.clock = FixedClock(START)
        self.sender = Deliverer(store, PlainRenderer(), channels, self.ask, self.clock)

    def ask(
        self, one: Customer | None, about: Message, now: datetime, lately: Lately
    ) -> Reason | Hold | None:
        since = counted_since(self.program.policy, now)
        return may_send(self.program, one, about, now, lambda: lately(since))

    def add(self, *messages: Message) -> None:
        with self.store.unit() as unit:
            unit.put([customer(1)])
            unit.add_messages(messages)

    def send(self, now: datetime) -> Counts:
        self.clock.moment = now
        return self.sender.deliver_due(now)

    def row(self, one: Message) -> MessageRow:
        [found] = self.store.messages(MessageFilter(ids=frozenset({one.id})))
        return found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = SqliteStore(tmp_path / "milepost.db")
    yield store
    store.close()


def of_one(n: int, decided: datetime = START, **members: Any) -> Message:
    return message(n, decided, **{"customer_id": customer_id(1), **members})


def became(row: MessageRow) -> tuple[Status, Reason | None, datetime | None]:
    return (row.message.status, row.message.reason, row.message.held_until)


def test_what_waited_into_the_night_is_held_until_the_morning(store: Store) -> None:
    world = World(store, **RULES)
    late = of_one(1)
    world.add(late)
    assert world.send(at(8, "23:00")) == Counts(claimed=1, held=1)
    assert became(world.row(late)) == (Status.HELD, Reason.QUIET_HOURS, at(9, "09:00"))
    assert world.send(at(9, "08:59")) == Counts()
    assert world.send(at(9, "09:00")) == Counts(claimed=1, sent=1)
    assert became(world.row(late)) == (Status.SENT, None, None)


def test_a_cap_counts_what_was_really_sent_in_this_batch_and_before(store: Store) -> None:
    """Decided on days of their own, and sent on the same as the printer was off."""
    world = World(store, **RULES)
    first, second, third = of_one(1), of_one(2, START + timedelta(1)), of_one(3, START + timedelta(2))
    other = message(9, START + timedelta(1), customer_id=customer_id(1), purpose="safety")
    world.add(first, second, third, other)
    assert world.send(at(10, "16:00")) == Counts(claimed=4, sent=2, held=2)
    assert became(world.row(first))[0] is Status.SENT
    assert became(world.row(other))[0] is Status.SENT
    assert became(world.row(second)) == (Status.HELD, Reason.CAPPED, at(11, "16:00"))
    assert world.send(at(11, "15:59")) == Counts()
    assert world.send(at(11, "16:00")) == Counts(claimed=2, sent=1, held=1)
    assert became(world.row(third)) == (Status.HELD, Reason.CAPPED, at(12, "16:00"))


def test_what_was_skipped_or_failed_at_sending_gives_its_place_to_others(store: Store) -> None:
    world = World(store, **RULES)
    broken, good = of_one(1, template="broken"), of_one(2, START + timedelta(minutes=1))
    world.add(broken, good)
    assert world.send(at(8, "16:00")) == Counts(claimed=2, sent=1, failed=1)


def test_a_complaint_that_came_after_the_decision_holds_and_lets_go(store: Store) -> None:
    world = World(store, **RULES)
    waits, safety = of_one(1), of_one(2, purpose="safety")
    world.add(waits, safety)
    complains = Standing(complaints={"1": Complaint(opened_at=START)})
    with store.unit() as unit:
        unit.put([customer(1, version=2, standing=complains)])
    assert world.send(at(8, "15:00")) == Counts(claimed=2, sent=1, held=1)
    assert became(world.row(waits)) == (Status.HELD, Reason.COMPLAINT_OPEN, None)
    assert world.send(at(8, "15:05")) == Counts()
    assert world.send(at(8, "15:10")).held == 1
    with store.unit() as unit:
        unit.put([customer(1, version=3)])
    assert world.send(at(8, "15:20")).held == 1  # the safety message has used up the day's cap
    assert became(world.row(waits)) == (Status.HELD, Reason.CAPPED, at(9, "15:00"))
    assert world.send(at(9, "15:00")) == Counts(claimed=1, sent=1)


def test_a_pause_that_came_after_the_decision_holds_though_the_policy_has_no_rules(store: Store) -> None:
    world = World(store)
    waits, safety = of_one(1), of_one(2, purpose="safety")
    world.add(waits, safety)
    until = at(10, "12:00")
    wish = {PAUSED_UNTIL: Stated(until.isoformat(), START)}
    with store.unit() as unit:
        unit.put([customer(1, version=2, profile=wish)])
    assert world.send(at(8, "15:00")) == Counts(claimed=2, sent=1, held=1)
    assert became(world.row(waits)) == (Status.HELD, Reason.PAUSED, until)
    assert world.send(until) == Counts(claimed=1, sent=1)


def test_past_its_grace_it_is_skipped_with_the_reason_for_which_it_was_held(store: Store) -> None:
    world = World(store, **RULES)
    one = of_one(1, not_after=at(8, "16:00"))
    world.add(one)
    with store.unit() as unit:
        unit.put([customer(1, version=2, standing=Standing(complaints={"1": Complaint(START)}))])
    assert world.send(at(8, "15:55")).held == 1
    assert world.row(one).not_before == at(8, "16:00")
    assert world.send(at(8, "16:01")).skipped == 1
    assert became(world.row(one)) == (Status.SKIPPED, Reason.COMPLAINT_OPEN, None)


def test_what_could_not_go_within_its_grace_is_skipped_at_once(store: Store) -> None:
    world = World(store, **RULES)
    one = of_one(1, not_after=at(9, "08:00"))
    world.add(one)
    assert world.send(at(8, "22:00")) == Counts(claimed=1, skipped=1)
    assert became(world.row(one)) == (Status.SKIPPED, Reason.QUIET_HOURS, None)


def test_without_rules_nobody_asks_what_was_sent(store: Store) -> None:
    world = World(store)
    world.add(of_one(1), of_one(2))

    def asked() -> list[Counted]:
        raise AssertionError("somebody asked")

    assert may_send(world.program, customer(1), of_one(1), START, asked) is None
    assert world.send(at(8, "23:00")) == Counts(claimed=2, sent=2)
