"""What a reception is shown of one customer: plain values, of which a dealer sees its own part.

What others have sold, done and read is not there for a dealer, not even as a date; the estimate of an odometer, which
all readings have made, is, as round figures.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from engine.decide import address, statement_on
from engine.model.customer import Customer
from engine.model.messages import Status
from engine.model.program import Program
from engine.ports import MessageFilter, Store
from engine.runtime.profile import profile_of

AHEAD = timedelta(days=400)
MOST_TO_MENTION = 5
MOST_DONE = 12
_SEEN = frozenset({Status.SENT, Status.DELIVERED})
_ABOUT_KM, _BETWEEN_KM = 100, 500


def card_of(
    program: Program, store: Store, customer: Customer, now: datetime, dealer: str | None, whole: bool = True
) -> dict[str, Any]:
    """`dealer` is whose staff it is for, None for headquarters. `whole`: whether the journeys can be used, so that what
    comes next is known. Members: `person`, `known`, `cars` (with `odometer`), `done`, `complaints`, `coming`,
    `offers`, `ask` (channels by purpose), `refused` (likewise), `paused_until`."""
    told = profile_of(program, store, customer, now, now + AHEAD if whole else None)
    done = [one for one in (*told["purchases"], *told["visits"]) if dealer in (None, one["dealer"])]
    done.sort(key=lambda one: str(one["at"]), reverse=True)
    return {
        "person": told["customer"],
        "known": customer.known,
        "paused_until": told["paused_until"],
        "cars": [_car(one) for one in told["vehicles"]],
        "done": done,
        "complaints": [*_complaints(store, customer, dealer)],
        "coming": None if told["next"] is None else [one for one in told["next"] if not one["reason"]],
        "offers": [*_offers(program, store, customer, told["vehicles"])],
        "ask": channels_to_ask(program, customer),
        "refused": _refused(program, customer),
    }


def channels_to_ask(program: Program, customer: Customer) -> Mapping[str, list[str]]:
    """By purpose that needs consent, the channels on which the customer can be reached and of which they have never
    said anything, neither yes nor no."""
    return _by_purpose(program, customer, None)


def _refused(program: Program, customer: Customer) -> Mapping[str, list[str]]:
    return _by_purpose(program, customer, False)


def _by_purpose(program: Program, customer: Customer, said: bool | None) -> dict[str, list[str]]:
    found = {}
    for name, purpose in program.policy.purposes.items():
        if not purpose.consent_required or not customer.known:
            continue
        channels = [
            channel
            for channel in program.policy.channels
            if address(customer, channel) is not None and _said(customer, channel, name) is said
        ]
        if channels:
            found[name] = channels
    return found


def _said(customer: Customer, channel: str, purpose: str) -> bool | None:
    statement = statement_on(customer, channel, purpose)
    return None if statement is None else statement.granted


def _car(told: dict[str, Any]) -> dict[str, Any]:
    odometer = told["odometer"]
    known = odometer is not None and odometer["km"] is not None
    return {
        "plate": told["plate"] or told["vin"],
        "name": " ".join(str(told[name]) for name in ("make", "model") if told.get(name)),
        "about_km": _round(odometer["km"], _ABOUT_KM) if known else None,
        "low_km": odometer["low_km"] // _BETWEEN_KM * _BETWEEN_KM if known else None,
        "high_km": -(-odometer["high_km"] // _BETWEEN_KM) * _BETWEEN_KM if known else None,
    }


def _round(km: float, to: int) -> int:
    return round(km / to) * to


def _complaints(store: Store, customer: Customer, dealer: str | None) -> Iterator[dict[str, Any]]:
    """Those that are open; what was said is for the dealer whose event told it."""
    still = {name: one for name, one in customer.standing.complaints.items() if one.is_open}
    if not still:
        return
    opened = {
        str(one.event.data["complaint_id"]): one.event
        for one in store.events_of(customer.id)
        if one.event.type == "complaint.opened"
    }
    for name, one in still.items():
        event = opened.get(name)
        own = event is not None and dealer in (None, event.dealer)
        yield {
            "since": one.opened_at if own else None,
            "text": str(event.data.get("text") or "") if own and event is not None else "",
        }


def _offers(
    program: Program, store: Store, customer: Customer, cars: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Messages that went out and hold until the car has been driven so far (`with: {until_km: …}`)."""
    driven = {one["plate"] or one["vin"]: one["odometer"] for one in cars}
    for row in store.messages(MessageFilter(statuses=_SEEN, customer_id=customer.id)):
        values = row.message.values.get("with")
        until = values.get("until_km") if isinstance(values, dict) else None
        odometer = driven.get(row.message.vehicle or "")
        if not isinstance(until, int | float) or not odometer or odometer["km"] is None:
            continue
        if odometer["low_km"] <= until:
            journey = program.journeys.get(row.message.journey)
            title = journey.title if journey else ""
            yield {
                "journey": row.message.journey,
                "title": title,
                "car": row.message.vehicle,
                "at": row.sent_at,
            }
