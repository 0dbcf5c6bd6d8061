"""Customers who turn out to be one, in a unit's work.

The one with the smaller id goes on, so that the choice is the same whatever led to it, and so that who goes through the
customers in order of id and has been with the other has been with this one too. Time passes for both up to the moment,
then the other's document goes into the first one's; what is left of it is an alias (`Customer.into`). What stores keep
by the customer's id is moved in the same transaction.

An event may name two of whom one is not met yet: the id is given where events come in, and another worker is still to
decide on the first event. Then that one's document is begun with the `Link`, and the first event settles it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from msgspec.structs import replace

from engine.decide.merge import what_it_says
from engine.model.customer import Customer, Link, Stated
from engine.model.disputes import Dispute, Named, dispute, moved, united
from engine.model.events import Event
from engine.model.identity import FOUND, MERGED, MERGED_MEMBER, Contradiction, Identified
from engine.model.ids import derive
from engine.model.messages import Status
from engine.model.persons import are_two
from engine.model.program import Program
from engine.model.stimuli import CustomersMerged, EventArrived
from engine.ports import MessageRow, Unit
from engine.runtime.cars import Deciding
from engine.runtime.crashpoints import reach

_KINDS = ("mobile", "email", "member")


class Merging(Deciding, Protocol):
    """A unit's work, as its merging sees it."""

    merges: "Merges"

    def begin(self, customer: Customer) -> None:
        """Adds a document, or changes it otherwise than by a decision."""
        ...

    def log_made(self, events: Sequence[Event], customer_id: str, now: datetime) -> None: ...


class Merges:
    """What a unit's merges leave to be written. `aliases` lead from old ids to those that live on."""

    def __init__(self) -> None:
        self.aliases: dict[str, str] = {}
        self._moved: list[tuple[str, str]] = []
        self._disputes: list[Dispute] = []

    def living(self, customer_id: str) -> str:
        while customer_id in self.aliases:
            customer_id = self.aliases[customer_id]
        return customer_id

    def add(self, old: str, into: str) -> None:
        self.aliases[old] = into
        self._moved.append((old, into))

    def dispute(self, between: tuple[str, str], link: Link) -> None:
        named = Named(link.kept, link.refused)
        self._disputes.append(dispute(between, named, link.event, link.at, link.dealer))

    def drain(self) -> list[Dispute]:
        """The contradictions, for one who keeps everything in memory."""
        told, self._disputes = self._disputes, []
        self._moved.clear()
        return told

    def write(self, unit: Unit, program: Program, *, virtual: bool) -> None:
        for old, into in self._moved:
            twice = [] if virtual else said_twice(program, unit.waiting_messages((old, into)), old)
            unit.move_customer(old, into)
            unit.dealt(into, old)
            reach("merge.1")
            if twice:
                unit.skip_merged(twice)
            known = unit.disputes_of((old, into))
            if known:
                after = moved(known, old, into)
                unit.drop_disputes({one.id for one in known} - after.keys())
                unit.put_disputes(after.values())
            reach("merge.2")
        if self._disputes:
            self._write_disputes(unit)

    def _write_disputes(self, unit: Unit) -> None:
        """Each event counts for those whom it named together, whoever they have turned out to be since."""
        told = [
            replace(one, id=there.id, customers=there.customers)
            for one in self._disputes
            for there in [self._present(one)]
            if there.customers[0] != there.customers[1]
        ]
        known = unit.disputes_of(sorted({customer for one in told for customer in one.customers}))
        wanted = {one.id for one in told}
        unit.put_disputes(united([*(one for one in known if one.id in wanted), *told]).values())

    def _present(self, one: Dispute) -> Dispute:
        if not self.aliases:
            return one
        left, right = (self.living(customer) for customer in one.customers)
        return dispute((left, right), one.named[0], one.events[0], one.first_at, one.dealer)


def merge_same(work: Merging, who: Identified, now: datetime) -> None:
    """Merges those of whom an event tells that they are one."""
    assert who.customer_id is not None
    event = who.event
    for other_id, told in who.same.items():
        link = Link(told, told, event.key.hex(), event.time, event.dealer)
        _merge(work, who.customer_id, other_id, link, now, told_by_hand=event.type == MERGED)


def hear_contradictions(
    work: Merging, contradictions: Iterable[Contradiction], event: Event, now: datetime
) -> None:
    """Lists those of persons; where one of the two is not met yet, it is left to when they are. To be called when the
    event has been delivered."""
    for one in contradictions:
        if one.between is None:
            continue
        link = Link(one.kept, one.refused, event.key.hex(), event.time, event.dealer)
        if not one.unmet:
            work.merges.dispute(one.between, link)
            continue
        counts, other_id = map(work.merges.living, one.between)
        other = work.customer(other_id)
        if other is None:
            kind, value = one.refused
            other = Customer(
                id=other_id,
                scheduled_until=work.customers[counts].scheduled_until,
                profile={kind: Stated(value, event.time)},
                links={counts: link},
            )
            work.begin(other)
        elif other.links:
            work.begin(replace(other, version=other.version + 1, links={**other.links, counts: link}))
        elif counts != other_id:
            _settle(work, counts, other_id, link, now)


def meet(work: Merging, customer_id: str, now: datetime) -> None:
    """The first event of a customer has come whom others were named with before."""
    customer = work.customers[customer_id]
    work.begin(replace(customer, version=customer.version + 1, links={}))
    for other_id, link in customer.links.items():
        here, there = work.merges.living(customer_id), work.merges.living(other_id)
        if here != there and work.customer(there) is not None:
            _settle(work, there, here, link, now)


def _settle(work: Merging, one_id: str, other_id: str, link: Link, now: datetime) -> None:
    one_id, other_id = work.merges.living(one_id), work.merges.living(other_id)
    if are_two(work.customers[one_id], work.customers[other_id]):
        work.merges.dispute((one_id, other_id), link)
    else:
        _merge(work, one_id, other_id, link, now)


def _merge(
    work: Merging, one_id: str, other_id: str, link: Link, now: datetime, *, told_by_hand: bool = False
) -> None:
    into, old = sorted((one_id, other_id))
    for customer_id in (into, old):
        if work.customer(customer_id) is None:
            work.begin(Customer(id=customer_id))
        work.pass_to(customer_id, now)
    named = _named(work.customers[one_id]), _named(work.customers[other_id])
    other = work.customers[old]
    work.decide(into, CustomersMerged(other=other), now)
    work.begin(Customer(id=old, known=False, version=other.version + 1, into=into))
    work.merges.add(old, into)
    for one in [one for one, owner in work.owners.items() if owner == old] if len(work.owners) < _FEW else ():
        work.owners[one] = into
    if not told_by_hand:
        made = _told(link, named, now)
        work.decide(into, EventArrived(event=made), now)
        work.log_made([made], into, now)


_FEW = 1000
"""Up to so many identifiers at hand are gone through when one of their customers becomes an alias; of more, each is
looked after when it is asked for."""


def _named(customer: Customer) -> dict[str, str]:
    return {kind: value for kind in _KINDS if (value := customer.fact(kind))}


def _told(link: Link, named: tuple[Mapping[str, str], Mapping[str, str]], now: datetime) -> Event:
    """The event that journeys hear. It is that of the event which has named the two, whenever that could be told."""
    kind, value = link.refused
    data: dict[str, Any] = {"customer": dict(named[0]), MERGED_MEMBER: {**named[1], kind: value}}
    if link.dealer is not None:
        data["dealer"] = link.dealer
    made_of = derive(MERGED, link.event, kind, value)
    return Event(source=FOUND, id=made_of, type=MERGED, time=link.at, recorded=now, data=data)


def said_twice(program: Program, rows: Sequence[MessageRow], old: str) -> list[str]:
    """Of the queued messages of two who are one, those that say what another of the other's says, which goes earlier
    or went: within the journey's grace."""
    twice: list[str] = []
    gone_on: list[MessageRow] = []
    for row in sorted(
        rows, key=lambda one: (one.message.status is Status.QUEUED, one.message.due_at, one.message.id)
    ):
        message = row.message
        journey = program.journeys.get(message.journey)
        same = (
            other.message
            for other in gone_on
            if (other.message.customer_id == old) is not (message.customer_id == old)
            and what_it_says(other.message) == what_it_says(message)
        )
        late = [
            one
            for one in same
            if message.due_at
            <= (journey.grace.after(one.due_at, program.policy.zone) if journey else one.due_at)
        ]
        if message.status is Status.QUEUED and late:
            twice.append(message.id)
        else:
            gone_on.append(row)
    return twice
