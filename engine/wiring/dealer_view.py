"""What a dealer may see of its customers: the person, their cars, what this dealer did for them; nothing of what
another dealer did or read, and not the days of its readings."""

from datetime import datetime, timedelta
from typing import Any

from engine.intake.clean import cleans_of
from engine.model.origins import dealer_of
from engine.model.program import Program
from engine.ports import LoggedEvent, Store
from engine.runtime.profile import profile_of

AHEAD = timedelta(days=400)
_OF_ANYBODY = ("at", "customer", "known", "consents", "paused_until")


def dealers_customers(
    program: Program, store: Store, dealer: str, kind: str, told: str, now: datetime
) -> list[dict[str, Any]]:
    """Those whom a `plate` or a `mobile`, as people write them, leads to, and who have dealt with the dealer."""
    value = cleans_of(program.policy.country)[kind](told)
    if value is None:
        return []
    found = []
    for customer in store.find([(kind, value)]):
        own = [one for one in store.events_of(customer.id) if _is_of(dealer, one)]
        if own:
            found.append(_seen_by(dealer, profile_of(program, store, customer, now, now + AHEAD), own))
    return found


def _is_of(dealer: str, one: LoggedEvent) -> bool:
    return dealer == dealer_of(one.event.source, one.event.data) or one.event.dealer == dealer


def _seen_by(dealer: str, profile: dict[str, Any], own: list[LoggedEvent]) -> dict[str, Any]:
    return {
        **{name: profile[name] for name in _OF_ANYBODY},
        "vehicles": [_car(one, own) for one in profile["vehicles"]],
        "purchases": [one for one in profile["purchases"] if one["dealer"] == dealer],
        "visits": [one for one in profile["visits"] if one["dealer"] == dealer],
        "next": profile["next"],
    }


def _car(car: dict[str, Any], own: list[LoggedEvent]) -> dict[str, Any]:
    """The estimate is the programme's; the last reading is told only where it is the dealer's own."""
    odometer = car["odometer"]
    if odometer is None:
        return car
    names = {car["plate"], car["vin"]} - {None}
    read = {
        round(vehicle["odometer_km"])
        for one in own
        if isinstance(vehicle := one.event.data.get("vehicle"), dict)
        and names & {vehicle.get("plate"), vehicle.get("vin")}
        and vehicle.get("odometer_km") is not None
    }
    if odometer["last_reading_km"] in read:
        return car
    hidden = {"last_reading_km": None, "last_reading_at": None}
    return {**car, "odometer": {**odometer, **hidden}}
