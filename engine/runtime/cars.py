"""What an event says of a car, delivered to those whom it concerns: the customer, and whoever has the car."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from msgspec.structs import replace

from engine.model.customer import Customer, Vehicle
from engine.model.events import Event, kept_event
from engine.model.identity import Identified, Identifier
from engine.model.stimuli import EventArrived, ReadingArrived, Stimulus, VehicleJoined, VehicleLeft
from engine.runtime.identifying import CAR_KINDS, find_vehicle

_GIVES_OWNERSHIP = frozenset({"purchase.recorded", "vehicle.updated"})


class Deciding(Protocol):
    """A unit's work, as its parts see it."""

    customers: dict[str, Customer]
    owners: dict[Identifier, str]

    def customer(self, customer_id: str) -> Customer | None: ...

    def pass_to(self, customer_id: str, now: datetime) -> None: ...

    def decide(self, customer_id: str, stimulus: Stimulus, now: datetime) -> None: ...

    def learn(self, identifiers: Mapping[Identifier, str]) -> None: ...


def deliver(work: Deciding, customer_id: str, who: Identified, now: datetime) -> None:
    """To the customer; and what concerns a car, to the one who has it."""
    event = who.event
    told = event.data.get("vehicle")
    if not told or not (told.get("plate") or told.get("vin")):
        work.decide(customer_id, EventArrived(event=event), now)
        return
    if who.holder_id is not None and who.holder_id != customer_id:
        holder = work.customer(who.holder_id)
        car = find_vehicle(holder, told) if holder else None
        if holder is not None and car is not None:
            work.pass_to(holder.id, now)
            holder = work.customers[holder.id]
            if not _changes_hands(holder, car, event):
                work.decide(customer_id, EventArrived(event=event), now)
                work.decide(holder.id, ReadingArrived(event=event, vehicle=car.id), now)
                _learn_car(work, told, holder.id)
                return
            _hand_over(work, holder.id, car.id, customer_id, event, now)
    own = find_vehicle(work.customers[customer_id], told)
    vehicle = own.id if own else told.get("plate") or told["vin"]
    work.decide(customer_id, EventArrived(event=event, vehicle=vehicle), now)
    _learn_car(work, told, customer_id)


def _changes_hands(holder: Customer, car: Vehicle, event: Event) -> bool:
    """A car that nobody is known to own goes to whoever comes with it; else a purchase by another makes
    them its owner, unless it is older than the one that made the present owner so."""
    if not holder.known:
        return True
    newer = car.owner_since is None or event.time >= car.owner_since
    return event.type in _GIVES_OWNERSHIP and newer


def _hand_over(work: Deciding, holder_id: str, car_id: str, to: str, event: Event, now: datetime) -> None:
    holder = work.customers[holder_id]
    car = holder.vehicles[car_id]
    car = replace(car, former=(*car.former, holder_id))
    work.decide(holder_id, VehicleLeft(vehicle=car_id), now)
    work.decide(to, VehicleJoined(vehicle=car, since=event.time), now)
    _learn_car(work, {"plate": car.plate, "vin": car.vin}, to)
    if not holder.known:
        for pending in sorted(map(kept_event, holder.kept.values()), key=lambda one: (one.time, one.key)):
            work.decide(to, EventArrived(event=pending, vehicle=car_id), now)


def _learn_car(work: Deciding, told: Mapping[str, str | None], owner: str) -> None:
    """The car's identifiers, those that the event adds too, lead to whoever has it now."""
    for kind in CAR_KINDS:
        value = told.get(kind)
        if value and work.owners.get((kind, value)) != owner:
            work.learn({(kind, value): owner})
