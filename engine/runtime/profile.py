"""All that is known of one customer, as a lookup shows it: plain values, moments on the policy's clock."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from engine.decide import agreed
from engine.model.customer import Customer, Run, Vehicle
from engine.model.events import Event
from engine.model.journeys import Repeat, Wait
from engine.model.messages import Message
from engine.model.program import Program
from engine.ports import LoggedEvent, MessageFilter, Store
from engine.runtime.forecast import forecast

MOST_NEXT = 12


def profile_of(
    program: Program, store: Store, customer: Customer, now: datetime, until: datetime
) -> dict[str, Any]:
    """One object with `customer`, `consents`, `vehicles`, `purchases`, `visits`, `runs`, `messages` and
    `next`."""
    zone = program.policy.zone
    events = list(_events(store, customer))
    coming = islice(forecast(program, customer, now, until), MOST_NEXT)
    return {
        "at": _local(now, zone),
        "customer": {path: stated.value for path, stated in sorted(customer.profile.items())},
        "known": customer.known,
        "consents": _consents(program, customer),
        "vehicles": [_vehicle(program, one, now) for one in customer.vehicles.values()],
        "purchases": [_event(one.event, zone) for one in events if one.event.type == "purchase.recorded"],
        "visits": [_event(one.event, zone) for one in events if one.event.type == "service.visited"],
        "runs": [_run(program, one, zone) for one in customer.runs.values()],
        "messages": _messages(store, customer, zone),
        "next": [_coming(one, zone) for one in coming],
    }


def _events(store: Store, customer: Customer) -> Iterator[LoggedEvent]:
    """The customer's events; and of cars that came from a keeper, those that were kept for the car."""
    ids = [customer.id, *(former for car in customer.vehicles.values() for former in car.former)]
    cars = {name for car in customer.vehicles.values() for name in (car.plate, car.vin) if name}
    found = [one for owner in ids for one in store.events_of(owner)]
    for one in sorted(found, key=lambda logged: (logged.event.time, logged.event.key)):
        told = one.event.data.get("vehicle") or {}
        if one.customer_id == customer.id or told.get("plate") in cars or told.get("vin") in cars:
            yield one


def _consents(program: Program, customer: Customer) -> dict[str, dict[str, bool]]:
    return {
        purpose: {
            channel: agreed(customer, program.policy, channel, purpose) for channel in program.policy.channels
        }
        for purpose in program.policy.purposes
    }


def _vehicle(program: Program, car: Vehicle, now: datetime) -> dict[str, Any]:
    odometer = None
    if car.readings:
        estimate = program.odometer.track(car.readings).at(now)
        latest = car.readings[-1]
        odometer = {
            "km": round(estimate.km),
            "low_km": round(estimate.low_km),
            "high_km": round(estimate.high_km),
            "km_per_day": round(estimate.km_per_day, 1),
            "last_reading_km": round(latest.km),
            "last_reading_at": _local(latest.at, program.policy.zone),
        }
    facts = {name: stated.value for name, stated in sorted(car.facts.items())}
    return {"plate": car.plate, "vin": car.vin, **facts, "odometer": odometer}


def _event(event: Event, zone: ZoneInfo) -> dict[str, Any]:
    told = event.data.get("vehicle") or {}
    keep = ("tyres", "items", "work", "amount", "currency", "reason")
    return {
        "at": _local(event.time, zone),
        "dealer": event.dealer,
        "vehicle": told.get("plate") or told.get("vin"),
        "odometer_km": told.get("odometer_km"),
        **{name: event.data[name] for name in keep if name in event.data},
    }


def _run(program: Program, run: Run, zone: ZoneInfo) -> dict[str, Any]:
    journey = program.journeys.get(run.journey)
    waits_for = None
    if journey is not None and run.step in journey.position:
        step = journey.steps[journey.position[run.step]]
        if isinstance(step, Repeat | Wait):
            km = step.every_km if isinstance(step, Repeat) else step.distance_km
            waits_for = "distance" if km else "time"
    return {
        "run": run.id,
        "journey": run.journey,
        "title": journey.title if journey else "",
        "vehicle": run.vehicle,
        "started_at": _local(run.started_at, zone),
        "step": run.step,
        "round": run.loops[-1].index if run.loops else None,
        "waits_for": waits_for,
        "due_at": _local(run.due_at, zone),
    }


def _messages(store: Store, customer: Customer, zone: ZoneInfo) -> list[dict[str, Any]]:
    rows = store.messages(MessageFilter(customer_id=customer.id))
    return [
        {
            **_coming(row.message, zone),
            "status": row.message.status,
            "sent_at": _local(row.sent_at, zone),
            "place": row.place,
        }
        for row in rows
    ]


def _coming(message: Message, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "at": _local(message.at, zone),
        "journey": message.journey,
        "template": message.template,
        "vehicle": message.vehicle,
        "channel": message.channel,
        "brand": message.brand,
        "reason": message.reason,
        "message_id": message.id,
    }


def _local(moment: datetime | None, zone: ZoneInfo) -> str | None:
    return moment.astimezone(zone).isoformat() if moment else None
