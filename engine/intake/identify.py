"""Whom an event is about.

A person is known by mobile, email or member number; a car by plate or VIN, and it has one owner (or keeper)
at a time. The rules, in order:

1. Identifiers of a person that are known lead to the customer: the mobile first, then the email, then the
   member number. Those that nobody has are learned. One that leads to somebody else tells that the two are one
   (`Identified.same`), unless both have names and these differ, or a person has said that they are two: then it
   contradicts; it is set aside, so that it reaches no profile, and told; nothing is merged.
2. Plate and VIN lead to the car's holder. If they lead to two, the one that is the person's own counts, else
   the plate; the other is set aside and told.
3. No person named: the event is the holder's. Nobody has the car: its keeper is made, a customer of whom
   nothing but the car is known, and whose id is derived from it.
4. A person named by details that nobody has yet, with a car that a known person has: that is this person, if
   nothing they say speaks against it (`_may_be`); else somebody new.
5. A car that nobody has becomes the customer's. A car that somebody else has stays theirs here: whether the
   event makes the customer its owner takes their document, and is the runtime's to say.

An event that names neither person nor car (a weather warning, a receipt) is about nobody.
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from engine.intake.clean import CAR_KINDS, PERSON_KINDS, SET_ASIDE, set_aside, unusable
from engine.model.customer import Customer, Vehicle
from engine.model.events import Event
from engine.model.identity import MERGED, MERGED_MEMBER, SETTLED, Contradiction, Identified, Identifier
from engine.model.ids import derive
from engine.model.persons import are_two, bare

Owners = Mapping[Identifier, str]
Customers = Mapping[str, Customer]

_NO_CUSTOMERS: Customers = {}


class Identification:
    """Tells who events are about. Pure: all that is known is handed in."""

    def identifiers(self, event: Event) -> tuple[Identifier, ...]:
        """Those that the event carries, cleaned: what to look up before `identify`."""
        named = (*_named(event, "customer", PERSON_KINDS), *_named(event, "vehicle", CAR_KINDS))
        return named if event.type != MERGED else (*named, *_named(event, MERGED_MEMBER, PERSON_KINDS))

    def identify(self, event: Event, owners: Owners, customers: Customers = _NO_CUSTOMERS) -> Identified:
        """Who `event` is about, by `owners` (whom identifiers lead to; at least those the event carries).

        `customers` are the documents at hand of those that `owners` lead to. They settle what identifiers
        alone cannot: whether a car has another VIN, is no longer its former owner's, or comes with its
        owner's new number. Without them the careful answer is given.
        """
        person = _named(event, "customer", PERSON_KINDS)
        car = _named(event, "vehicle", CAR_KINDS)
        noted = () if SET_ASIDE not in event.data else _set_aside(event)
        if not person and not car:
            return Identified(event=event, customer_id=None, unusable=noted)
        customer_id = None if event.type == MERGED else _plainly(person, car, owners, customers)
        if customer_id is not None:
            holder_id = customer_id if car else None
            return Identified(event=event, customer_id=customer_id, holder_id=holder_id, unusable=noted)
        contradictions: list[Contradiction] = []
        by_hand = _named(event, MERGED_MEMBER, PERSON_KINDS) if _is_settled(event) else ()
        customer_id, same = _one_owner(person, owners, customers, contradictions, by_hand)
        if customer_id is not None and same:
            return Identified(event=event, customer_id=customer_id, unusable=noted, same=same)
        holder_id, car = _holder(car, customer_id, owners, customers, contradictions)
        if customer_id is None and holder_id is not None:
            holder = customers.get(holder_id)
            if not person or (holder is not None and _may_be(holder, event)):
                customer_id = holder_id
        known = bool(person)
        if customer_id is None and person:
            customer_id = derive("customer", event.source, event.id)
        elif customer_id is None:  # of the car, so that whoever hears of it first makes the same keeper
            customer_id = derive("keeper", *car[0])
        elif not known:
            known = not _is_keeper(customers.get(customer_id))
        refused = [one.refused for one in contradictions]
        learn = {one: customer_id for one in person if one not in owners}
        if holder_id is None or holder_id == customer_id or _is_keeper(customers.get(holder_id)):
            learn |= {
                one: customer_id for one in car if owners.get(one) != customer_id and one not in refused
            }
        return Identified(
            event=_without(event, contradictions),
            customer_id=customer_id,
            known=known,
            holder_id=holder_id,
            learn=learn,
            contradictions=tuple(contradictions),
            unusable=noted,
        )


def _set_aside(event: Event) -> tuple[str, ...]:
    return tuple([one.field.removeprefix("data.") for one in unusable(event)])


def _named(event: Event, part: str, kinds: tuple[str, ...]) -> tuple[Identifier, ...]:
    """In plain steps: each event comes through here four times."""
    value = event.data.get(part)
    if value.__class__ is not dict:
        return ()
    named = []
    for kind in kinds:
        one = value.get(kind)
        if one and one.__class__ is str:
            named.append((kind, one))
    return tuple(named)


def _plainly(
    person: tuple[Identifier, ...], car: tuple[Identifier, ...], owners: Owners, customers: Customers
) -> str | None:
    """The customer to whom everything leads that an event names: a known person, one of their cars. None where
    there is more to it. Most events are of this kind, and soon told."""
    customer_id = owners.get(person[0] if person else car[0])
    customer = None if customer_id is None else customers.get(customer_id)
    if customer is None or not customer.known:
        return None
    for one in (*person, *car):
        if owners.get(one) != customer_id:
            return None
    return customer_id if not car or _is_of_all(car, customer) else None


def _is_of_all(car: tuple[Identifier, ...], customer: Customer) -> bool:
    """Whether it is one car of the customer's that all of these name."""
    vehicle = _car_of(customer, car[0])
    if vehicle is None:
        return False
    return all(_car_of(customer, one) is vehicle for one in car[1:])


def _one_owner(
    person: tuple[Identifier, ...],
    owners: Owners,
    customers: Customers,
    contradictions: list[Contradiction],
    by_hand: tuple[Identifier, ...],
) -> tuple[str | None, Mapping[str, Identifier]]:
    """Whom the first identifier that is known leads to, and the others who are the same; those that lead to somebody
    else contradict it. Of those that a person has named (`by_hand`), none does."""
    known = [one for one in (*person, *by_hand) if one in owners]
    if not known:
        return None, {}
    counts = owners[known[0]]
    one_of_us = customers.get(counts)
    same: dict[str, Identifier] = {}
    for one in known:
        other_id = owners[one]
        if other_id == counts or other_id in same:
            continue
        other = customers.get(other_id)
        if one in by_hand:
            same[other_id] = one
        elif one_of_us is None or other is None or other.links:
            between = (counts, other_id)
            contradictions.append(Contradiction(kept=known[0], refused=one, between=between, unmet=True))
        elif are_two(one_of_us, other):
            contradictions.append(Contradiction(kept=known[0], refused=one, between=(counts, other_id)))
        else:  # whoever is the same as both has one name: of three, one at a time
            return counts, {other_id: one}
    return counts, same


def _is_settled(event: Event) -> bool:
    """Whether a person has said that two customers are one."""
    return event.type == MERGED and event.source == SETTLED


def _holder(
    car: tuple[Identifier, ...],
    customer_id: str | None,
    owners: Owners,
    customers: Customers,
    contradictions: list[Contradiction],
) -> tuple[str | None, tuple[Identifier, ...]]:
    """Who has the car, and the identifiers that are believed of it."""
    known = [one for one in car if one in owners and _still_has(customers.get(owners[one]), one)]
    if not known:
        return None, car
    counts = next((one for one in known if owners[one] == customer_id), known[0])
    holder_id = owners[counts]
    holder = customers.get(holder_id)
    elsewhere = [one for one in known if owners[one] != holder_id]
    refused = [one for one in car if one in elsewhere or _of_another_car(holder, counts, one)]
    contradictions += [Contradiction(kept=counts, refused=one) for one in refused]
    return holder_id, tuple([one for one in car if one not in refused])


def _of_another_car(holder: Customer | None, counts: Identifier, one: Identifier) -> bool:
    """Whether `one` names another of the holder's cars than `counts` does, or a VIN that this car has not. (A
    car may get a new plate; a new VIN makes it another.)"""
    if one == counts:
        return False
    vehicle, other = _car_of(holder, counts), _car_of(holder, one)
    if vehicle is None:
        return False
    if other is not None:
        return other.id != vehicle.id
    kind, value = one
    return kind == "vin" and vehicle.vin not in (None, value)


def _car_of(customer: Customer | None, one: Identifier) -> Vehicle | None:
    """The customer's car that `one` names."""
    if customer is None:
        return None
    kind, value = one
    for vehicle in customer.vehicles.values():
        if getattr(vehicle, kind) == value:
            return vehicle
    return None


def _still_has(customer: Customer | None, one: Identifier) -> bool:
    """Whether the car is the customer's, as far as their document is at hand."""
    return customer is None or _car_of(customer, one) is not None


def _is_keeper(customer: Customer | None) -> bool:
    return customer is not None and not customer.known


def _may_be(holder: Customer, event: Event) -> bool:
    """Whether a person whose details nobody has may be the owner of the car they came with: the same name;
    or, where no two names can be compared, no detail of a kind of which the owner has another."""
    said: Mapping[str, Any] = event.data["customer"]
    if not holder.known:
        return False
    name, has = said.get("name"), holder.fact("name")
    if isinstance(name, str) and isinstance(has, str):
        return bare(name) == bare(has)
    return not any(said.get(kind) and holder.fact(kind) for kind in PERSON_KINDS)


def _without(event: Event, contradictions: list[Contradiction]) -> Event:
    """The event with what contradicts set aside."""
    if not contradictions:
        return event
    data = {name: dict(value) if isinstance(value, dict) else value for name, value in event.data.items()}
    for kind in {one.refused[0] for one in contradictions}:
        set_aside(data, "customer" if kind in PERSON_KINDS else "vehicle", kind)
    return replace(event, data=data)
