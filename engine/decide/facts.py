"""What an event says, written into the document: profile, consents, cars and their readings, history.

Which statement counts is decided by `time`: the latest, the later arrival on a tie, member by member.
"""

from bisect import bisect_left
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from engine.decide.complaints import COMPLAINTS, take_in_complaint
from engine.decide.draft import Draft
from engine.model.customer import (
    MOST_HEARD,
    MOST_READINGS,
    ConsentStatement,
    Purchase,
    Reading,
    Stated,
    Vehicle,
)
from engine.model.events import Event
from engine.model.identity import MERGED

_CONSENT_EVENTS = {"consent.granted": True, "consent.withdrawn": False}
_NO_FACTS = frozenset({"plate", "vin", "odometer_km"})  # of a car, which has members of its own for them


def take_in(draft: Draft, event: Event, vehicle: str | None) -> None:
    """Writes an event of this customer into the document. `vehicle` is the car it names, if it is theirs."""
    data = event.data
    draft.arrivals += 1
    person = data.get("customer")
    if person and event.type != MERGED:  # that one names, and states nothing
        _state(draft.profile, _flat(person), event.time)
    for statement in data.get("consent") or ():
        _consent(draft, statement["channel"], statement["purpose"], statement["granted"], event.time)
    granted = _CONSENT_EVENTS.get(event.type)
    if granted is not None:
        _consent(draft, data["channel"], data["purpose"], granted, event.time)
    if event.type in COMPLAINTS:
        take_in_complaint(draft, event)
    if vehicle is not None:
        take_in_vehicle(draft, event, vehicle)
    if event.type == "purchase.recorded":
        latest = draft.purchase
        if latest is None or event.time >= latest.at:
            draft.purchase = Purchase(event.time, event.brand, event.dealer)
    if not draft.known:
        draft.keep(event.key.hex(), event)
        return
    draft.counts[event.type] = draft.counts.get(event.type, 0) + 1
    if event.type in draft.program.asked:
        _remember_last(draft, event)
    if event.type in draft.program.heard:
        _remember_heard(draft, event)


def take_in_vehicle(draft: Draft, event: Event, vehicle_id: str) -> None:
    """Writes what the event says of the car `vehicle_id`."""
    told = event.data.get("vehicle") or {}
    vehicle = draft.vehicles.get(vehicle_id)
    if vehicle is None:
        vehicle = Vehicle(id=vehicle_id, owner_since=event.time)
    elif event.type == "purchase.recorded" and (
        vehicle.owner_since is None or event.time > vehicle.owner_since
    ):
        vehicle = replace(vehicle, owner_since=event.time)
    facts = vehicle.facts.copy()
    _state(facts, {name: told[name] for name in told if name not in _NO_FACTS}, event.time)
    readings = vehicle.readings
    km = told.get("odometer_km")
    if km is not None:
        readings = with_reading(readings, Reading(event.time, float(km)))
        draft.read_anew.add(vehicle_id)
    draft.vehicles[vehicle_id] = replace(
        vehicle,
        plate=told.get("plate") or vehicle.plate,
        vin=told.get("vin") or vehicle.vin,
        facts=facts,
        readings=readings,
    )


def join(draft: Draft, vehicle: Vehicle, since: datetime) -> None:
    """A car comes with what was known of it; `since` is when it became this customer's."""
    draft.vehicles[vehicle.id] = replace(vehicle, owner_since=since)
    draft.read_anew.add(vehicle.id)


def with_reading(readings: tuple[Reading, ...], new: Reading) -> tuple[Reading, ...]:
    """`readings` with one more, in order of time, then km; the same reading twice is one. Past
    `MOST_READINGS` the inner one whose neighbours are closest in time goes: it tells least."""
    if not readings or readings[-1].at < new.at:
        return _at_most((*readings, new))
    order = [(reading.at, reading.km) for reading in readings]
    place = bisect_left(order, (new.at, new.km))
    if place < len(readings) and order[place] == (new.at, new.km):
        return readings
    return _at_most((*readings[:place], new, *readings[place:]))


def _at_most(readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
    if len(readings) <= MOST_READINGS:
        return readings
    least = min(
        range(1, len(readings) - 1),
        key=lambda i: (readings[i + 1].at - readings[i - 1].at, readings[i].at),
    )
    return readings[:least] + readings[least + 1 :]


def _flat(person: dict[str, Any]) -> dict[str, Any]:
    """An object's members by their paths: `address.city`."""
    flat = {}
    for name, value in person.items():
        if isinstance(value, dict):
            for inner, inner_value in value.items():
                flat[f"{name}.{inner}"] = inner_value
        else:
            flat[name] = value
    return flat


def _state(facts: dict[str, Stated], told: dict[str, Any], at: datetime) -> None:
    for path, value in told.items():
        if value is None or value == "":
            continue
        known = facts.get(path)
        if known is None or at >= known.at:
            facts[path] = Stated(value, at)


def _consent(draft: Draft, channel: str, purpose: str, granted: bool, at: datetime) -> None:
    key = f"{channel}/{purpose}"
    known = draft.consents.get(key)
    if known is None or at >= known.at:
        draft.consents[key] = ConsentStatement(granted, at, draft.arrivals)


def _remember_last(draft: Draft, event: Event) -> None:
    known = draft.last.get(event.type)
    if known is None or event.time >= draft.event(known).time:
        key = event.key.hex()
        draft.keep(key, event)
        draft.last[event.type] = key


def _remember_heard(draft: Draft, event: Event) -> None:
    key = event.key.hex()
    draft.keep(key, event)
    keys = sorted((*draft.heard.get(event.type, ()), key), key=lambda one: (draft.event(one).time, one))
    draft.heard = {**draft.heard, event.type: tuple(keys[-MOST_HEARD:])}
