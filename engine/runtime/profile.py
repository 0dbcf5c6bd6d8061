"""All that is known of one customer, as a lookup shows it: plain values, moments on the policy's clock."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from engine.decide import agreed
from engine.model.customer import Customer, Run, Vehicle
from engine.model.events import Event
from engine.model.journeys import Repeat, Wait
from engine.model.messages import Message
from engine.model.policy import Policy, Purpose
from engine.model.program import Program
from engine.ports import LoggedEvent, MessageFilter, Store
from engine.runtime.forecast import forecast

MOST_OF_A_KIND = 4
"""Of what comes next from one step for one car, so that a newsletter leaves room for the rest."""

_MOST_LOOKED_AT = 1000


def profile_of(
    program: Program, store: Store, customer: Customer, now: datetime, until: datetime | None
) -> dict[str, Any]:
    """One object with `at`, `customer`, `known`, `consents`, `paused_until` (of a pause that is not over),
    `vehicles`, `purchases`, `visits`, `runs`, `messages` and `next`: the messages to come up to `until`; None where
    `until` is, because nobody can tell."""
    zone = program.policy.zone
    events = list(_events(store, customer))
    return {
        "at": _local(now, zone),
        "customer": {path: stated.value for path, stated in sorted(customer.profile.items())},
        "known": customer.known,
        "consents": _consents(program.policy, customer),
        "paused_until": _local(_still(customer.paused_until, now), zone),
        "vehicles": [_vehicle(program, one, now) for one in customer.vehicles.values()],
        "purchases": [_event(one.event, zone) for one in events if one.event.type == "purchase.recorded"],
        "visits": [_event(one.event, zone) for one in events if one.event.type == "service.visited"],
        "runs": [_run(program, customer, one) for one in customer.runs.values()],
        "messages": _messages(program, store, customer),
        "next": None if until is None else list(_next(program, customer, now, until)),
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


def _consents(policy: Policy, customer: Customer) -> dict[str, dict[str, bool]]:
    """For the policy's purposes and channels, and for those that the customer spoke of."""
    spoken = [key.split("/", 1) for key in sorted(customer.consents)]
    channels = dict.fromkeys([*policy.channels, *(one for one, _ in spoken if one != "all")])
    purposes = dict.fromkeys([*policy.purposes, *(one for _, one in spoken if one != "all")])
    if spoken and not purposes:
        purposes = {"all": None}
    needed = Purpose(consent_required=True)
    policy = replace(policy, purposes={one: policy.purposes.get(one, needed) for one in purposes})
    return {
        purpose: {channel: agreed(customer, policy, channel, purpose) for channel in channels}
        for purpose in purposes
    }


def _still(until: datetime | None, now: datetime) -> datetime | None:
    return until if until is not None and until > now else None


def _vehicle(program: Program, car: Vehicle, now: datetime) -> dict[str, Any]:
    facts = {name: stated.value for name, stated in sorted(car.facts.items())}
    return {"plate": car.plate, "vin": car.vin, **facts, "odometer": _odometer(program, car, now)}


def _odometer(program: Program, car: Vehicle, now: datetime) -> dict[str, Any] | None:
    """The estimate is None where it would be below zero: a reading is dated far in the future, and tells nothing
    of today."""
    if not car.readings:
        return None
    estimate = program.odometer.track(car.readings).at(now)
    told = estimate.km >= 0
    latest = next((one for one in reversed(car.readings) if one.at <= now), car.readings[0])
    return {
        "km": round(estimate.km) if told else None,
        "low_km": round(max(estimate.low_km, 0)) if told else None,
        "high_km": round(estimate.high_km) if told else None,
        "km_per_day": round(estimate.km_per_day, 1),
        "last_reading_km": round(latest.km),
        "last_reading_at": _local(latest.at, program.policy.zone),
    }


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


def _run(program: Program, customer: Customer, run: Run) -> dict[str, Any]:
    """`since` is when the run came to the step at which it stands."""
    zone = program.policy.zone
    journey = program.journeys.get(run.journey)
    car = customer.vehicles.get(run.vehicle or "")
    step = None
    if journey is not None and run.step in journey.position:
        step = journey.steps[journey.position[run.step]]
    km = step.every_km if isinstance(step, Repeat) else step.distance_km if isinstance(step, Wait) else None
    kind = "distance" if km else "time"
    return {
        "run": run.id,
        "journey": run.journey,
        "title": _title(program, run.journey),
        "status": journey.status if journey else None,
        "vehicle": (car.plate or car.vin) if car else run.vehicle,
        "started_at": _local(run.started_at, zone),
        "step": run.step,
        "step_title": step.title if step else "",
        "since": _local(run.at, zone),
        "round": run.loops[-1].index if run.loops else None,
        "rounds": step.times if isinstance(step, Repeat) else None,
        "waits_for": kind if isinstance(step, Repeat | Wait) else None,
        "distance_km": km,
        "due_at": _local(run.due_at, zone),
    }


def _messages(program: Program, store: Store, customer: Customer) -> list[dict[str, Any]]:
    zone = program.policy.zone
    return [
        {
            **_message(program, row.message),
            "status": row.message.status,
            "held_until": _local(row.message.held_until, zone),
            "sent_at": _local(row.sent_at, zone),
            "place": row.place,
        }
        for row in store.messages(MessageFilter(customer_id=customer.id))
    ]


def _next(program: Program, customer: Customer, now: datetime, until: datetime) -> Iterator[dict[str, Any]]:
    coming = forecast(program, customer, now, until, of_a_schedule=MOST_OF_A_KIND)
    counts = Counter[tuple[str, str, str | None]]()
    for message in islice(coming, _MOST_LOOKED_AT):
        kind = (message.journey, message.step, message.vehicle)
        counts[kind] += 1
        if counts[kind] <= MOST_OF_A_KIND:
            yield _message(program, message)


def _message(program: Program, message: Message) -> dict[str, Any]:
    return {
        "at": _local(message.at, program.policy.zone),
        "journey": message.journey,
        "title": _title(program, message.journey),
        "step": message.step,
        "template": message.template,
        "vehicle": message.vehicle,
        "channel": message.channel,
        "brand": message.brand,
        "locale": message.locale,
        "reason": message.reason,
        "message_id": message.id,
    }


def _title(program: Program, journey: str) -> str:
    """For people: the journey's title, else its id."""
    known = program.journeys.get(journey)
    return known.title if known and known.title else journey


def _local(moment: datetime | None, zone: ZoneInfo) -> str | None:
    return moment.astimezone(zone).isoformat() if moment else None
