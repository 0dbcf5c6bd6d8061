"""A provider that is away for an hour: nothing is lost or goes twice, and afterwards it catches up within its
rate, the oldest first; what the policy holds back stays so."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from engine.channels.rate import Rate
from engine.decide import counted_since, may_send
from engine.model.customer import ConsentStatement
from engine.model.errors import ServiceUnavailable
from engine.model.messages import Status
from engine.model.policy import Cap, Fleet, Policy, Purpose, QuietHours
from engine.model.program import Program
from engine.model.standing import Complaint, Standing
from engine.model.times import Duration
from engine.odometer import FleetOdometer
from engine.ports import Answer, MessageFilter, MessageRow, Outgoing, Store
from engine.runtime.deliver import Deliverer
from engine.runtime.outages import Resting
from engine.runtime.paces import Paces
from engine.runtime.turns import Turns
from engine.store.sqlite import SqliteStore
from tests.contracts.samples import customer, customer_id, message
from tests.runtime.deliver_world import SHANGHAI, PlainRenderer, Provider

PER_S = 0.4
EVERY_S = 20
AWAY_S = 3600
BEGAN = datetime(
    2025, 3, 8, 17, 30, tzinfo=SHANGHAI
)  # quiet hours begin at 18:32, two minutes after it is back
NEXT_MORNING = datetime(2025, 3, 9, 9, 0, tzinfo=SHANGHAI)
POLICY = Policy(
    zone=SHANGHAI,
    locale="zh-CN",
    brand="michelin",
    channels=("sms",),
    purposes={"care": Purpose(True)},
    quiet_hours={"sms": QuietHours(time(18, 38), time(9))},
    caps=(Cap(at_most=1, within=Duration(days=1)),),
    hold_while=frozenset({"complaint open"}),
)
AGREED = {"all/all": ConsentStatement(True, BEGAN, 1)}
PROGRAM = Program(journeys={}, policy=POLICY, odometer=FleetOdometer(Fleet()))


class Time:
    """The machine's time and the process's seconds, which pass when somebody sleeps."""

    def __init__(self) -> None:
        self.passed_s = 0.0

    def now(self) -> datetime:
        return BEGAN + timedelta(seconds=self.passed_s)

    def seconds(self) -> float:
        return self.passed_s

    def sleep(self, seconds: float) -> None:
        self.passed_s += seconds


class Limited(Provider):
    """Takes so many a second; is away from the beginning until `AWAY_S`, and says so after a second."""

    def __init__(self, time: Time, *, repeatable: bool) -> None:
        super().__init__("sms", repeatable=repeatable, batch=10)
        self._time = time
        self.rate = Rate(PER_S, seconds=time.seconds)
        self.took_at_s: list[float] = []
        self.refused = 0

    def deliver(self, outgoings: Sequence[Outgoing]) -> list[Answer]:
        if self._time.passed_s < AWAY_S:
            self._time.sleep(1.0)
            self.refused += 1
            return [ServiceUnavailable("The provider does not answer.", retry_after_s=10.0)] * len(outgoings)
        return super().deliver(outgoings)

    def _deliver(self, outgoing: Outgoing) -> Answer:
        self.took_at_s.append(self._time.passed_s)
        return super()._deliver(outgoing)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = SqliteStore(tmp_path / "milepost.db")
    yield store
    store.close()


def rows(store: Store) -> dict[str, MessageRow]:
    return {row.message.id: row for row in store.messages(MessageFilter())}


@pytest.mark.parametrize("repeatable", [True, False])
def test_an_hour_without_its_provider(store: Store, repeatable: bool) -> None:
    count = AWAY_S // EVERY_S
    decided = [BEGAN + timedelta(seconds=EVERY_S * n) for n in range(count)]
    messages = [message(n, at, channel="sms") for n, at in enumerate(decided)]
    second_of_the_first = message(1000, decided[9], channel="sms", customer_id=customer_id(0))
    complains = Standing(complaints={"1": Complaint(opened_at=BEGAN)})
    with store.unit() as unit:
        unit.put(customer(n, consents=AGREED) for n in range(count))
        unit.put([customer(7, consents=AGREED, standing=complains, version=2)])
    time = Time()
    provider = Limited(time, repeatable=repeatable)
    sender = Deliverer(
        store,
        PlainRenderer(),
        {"sms": provider},
        lambda one, about, now, lately: may_send(
            PROGRAM, one, about, now, lambda: lately(counted_since(POLICY, now))
        ),
        time,
        resting=Resting(seconds=time.seconds),
        turns=Turns(time.seconds),
        paces=Paces(time.seconds),
    )
    waiting = sorted([*messages, second_of_the_first], key=lambda one: one.at)

    def work_until(moment: datetime) -> None:
        while time.now() < moment:
            with store.unit() as unit:
                while waiting and waiting[0].at <= time.now():
                    unit.add_messages([waiting.pop(0)])
            if not sender.deliver_some(time.now()):
                time.sleep(min(1.0, sender.again_in_s() or 1.0))

    work_until(BEGAN.replace(hour=18, minute=45))
    in_order = [one.id for one in messages if one is not messages[7]]
    in_order.remove(provider.taken[0])  # it was tried whether the channel can be used again
    in_order.insert(0, provider.taken[0])
    by_evening = len(provider.taken)
    assert 20 < by_evening < len(in_order)
    assert provider.taken == in_order[:by_evening]
    held = {one: row.message.reason for one, row in rows(store).items() if row.message.status is Status.HELD}
    assert held == {
        **dict.fromkeys(in_order[by_evening:], "quiet hours"),
        messages[7].id: "complaint open",
        second_of_the_first.id: "capped",
    }
    time.passed_s = (NEXT_MORNING - BEGAN).total_seconds()
    work_until(NEXT_MORNING + timedelta(minutes=15))
    assert sorted(provider.taken) == sorted(in_order)  # in the morning all became ready at the same moment
    by_id = rows(store)
    assert provider.refused < 25  # less and less often, and each time with one message but for the first
    held = {one: row.message.reason for one, row in by_id.items() if row.message.status is Status.HELD}
    assert held == {messages[7].id: "complaint open", second_of_the_first.id: "capped"}
    assert {(by_id[one].message.status, by_id[one].attempts) for one in in_order} == {(Status.SENT, 1)}
    gaps = [after - before for before, after in zip(provider.took_at_s, provider.took_at_s[1:], strict=False)]
    assert min(gaps) >= 1 / PER_S - 1e-6
