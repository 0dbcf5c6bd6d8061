"""What there is to replay of a customer, gathered from the store."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

import msgspec

from engine.model.customer import Customer, Vehicle
from engine.model.events import Event
from engine.model.messages import Status
from engine.model.program import Program
from engine.ports import FanOut, LoggedEvent, MessageFilter, MessageRow, Store
from engine.runtime.identifying import CAR_KINDS

ELSEWHERE = "elsewhere"
"""Whose events are that tell of the customer's car, and are not theirs, nor those of any who had it before."""

_SECOND = timedelta(seconds=1)
_WENT = frozenset({Status.CLAIMED, Status.SENT, Status.DELIVERED, Status.BOUNCED, Status.UNKNOWN})


class History(msgspec.Struct, frozen=True, kw_only=True):
    """`customer` is the document as it is stored. `events` came in this order, those of former and later owners of the
    customer's cars among them; `known` says of each customer id whether somebody is known by it. `begins` are the
    moments after which schedules begin, `scheduled_until` is how far they have been done. Timers have been done up to
    `until`, which is excluded where `overdue`; `now` is the present moment. `broadcasts` are those of journeys that
    there still are."""

    customer: Customer
    known: Mapping[str, bool]
    events: tuple[LoggedEvent, ...]
    broadcasts: tuple[FanOut, ...]
    begins: Mapping[str, datetime]
    scheduled_until: datetime | None
    until: datetime
    now: datetime
    overdue: bool
    ledger: tuple[MessageRow, ...]

    def has_come(self, fan_out: FanOut) -> bool:
        """Whether it has come to the customer."""
        return fan_out.has_reached(self.customer.id)

    def came_at(self, fan_out: FanOut) -> datetime:
        """When it came to the customer, as far as the ledger knows; else when it began."""
        at_once = [
            row.message.at
            for row in self.ledger
            if row.message.journey == fan_out.journey and row.message.due_at == fan_out.at
        ]
        return max(fan_out.at, min(at_once, default=fan_out.at))

    def is_meant(self, fan_out: FanOut, at: datetime) -> bool:
        """Whether the customer was one of those it is for by `at`: all, or who got a message of its template."""
        return not fan_out.only_to or any(
            row.message.template == fan_out.only_to
            and row.message.status in _WENT
            and (row.sent_at or row.message.at) <= at
            for row in self.ledger
        )

    def to_come(self) -> list[FanOut]:
        """The broadcasts by hand that are under way to the customer."""
        return [
            one
            for one in self.broadcasts
            if one.by_hand and not one.done and not one.paused and not self.has_come(one)
        ]


def history_of(store: Store, program: Program, customer: Customer, now: datetime) -> History:
    """Reads what is needed; `now` is the engine's present moment."""
    owners = {customer.id: customer.known}
    others = _later(store, customer, store.arrivals([customer.id]))
    for one in [*store.customers(_former([customer, *others])).values(), *others]:
        owners[one.id] = one.known
    events = store.arrivals(list(owners))
    due_at = customer.next_due_at
    overdue = due_at is not None and due_at <= now
    first = min((one.decided_at for one in events), default=now) - _SECOND
    begins, taken = _schedules(store, program, first)
    return History(
        customer=customer,
        known=owners,
        events=tuple(sorted([*events, *_read_elsewhere(customer, events)], key=lambda one: one.decided_at)),
        broadcasts=tuple(one for one in store.fan_outs_to(customer.id) if one.journey in program.journeys),
        begins=begins,
        scheduled_until=customer.scheduled_until or taken or now,
        until=due_at if due_at is not None and overdue else now,
        now=now,
        overdue=overdue,
        ledger=tuple(store.messages(MessageFilter(customer_id=customer.id))),
    )


def _former(customers: Iterable[Customer]) -> list[str]:
    """Those who had any of the cars before."""
    return sorted({one for each in customers for car in each.vehicles.values() for one in car.former})


def _later(store: Store, customer: Customer, events: Iterable[LoggedEvent]) -> list[Customer]:
    """Those who have the cars now that the customer came with, and has no more."""
    has = {(kind, getattr(car, kind)) for car in customer.vehicles.values() for kind in CAR_KINDS}
    named = {
        (kind, str(told[kind]))
        for one in events
        if (told := one.event.data.get("vehicle"))
        for kind in CAR_KINDS
        if told.get(kind)
    }
    return [one for one in store.find(sorted(named - has)) if one.id != customer.id]


def _schedules(
    store: Store, program: Program, first: datetime
) -> tuple[dict[str, datetime], datetime | None]:
    """Since when each schedule is followed, and up to when all were; what the store does not tell, from the customer's
    first event on."""
    begins, taken = {}, None
    with store.unit() as unit:
        for journey in program.scheduled:
            told, done = unit.get(f"schedule-begins:{journey.id}"), unit.get(f"schedule:{journey.id}")
            begins[journey.id] = first if told is None else datetime.fromisoformat(told)
            if done is not None:
                at = datetime.fromisoformat(done)
                taken = at if taken is None else max(at, taken)
    return begins, taken


def _read_elsewhere(customer: Customer, events: Iterable[LoggedEvent]) -> Iterator[LoggedEvent]:
    """Readings in the document that none of the events tells, as events of somebody else: a car may be brought by
    others than its owner."""
    told = {
        (one.event.time, float(km))
        for one in events
        if (km := (one.event.data.get("vehicle") or {}).get("odometer_km")) is not None
    }
    for car in customer.vehicles.values():
        for number, reading in enumerate(car.readings):
            if (reading.at, reading.km) not in told:
                yield _reading(car, number, reading.at, reading.km)


def _reading(car: Vehicle, number: int, at: datetime, km: float) -> LoggedEvent:
    named = {"plate": car.plate, "vin": car.vin}
    vehicle = {name: value for name, value in named.items() if value} | {"odometer_km": km}
    event = Event(
        source="/elsewhere", id=f"{car.id}-{number}", type="odometer.read", time=at, data={"vehicle": vehicle}
    )
    return LoggedEvent(event=event, customer_id=ELSEWHERE, decided_at=at)
