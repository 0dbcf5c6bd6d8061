"""All that is held of one person, as one object: what a person may ask for (GDPR article 15, PIPL article 45)."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from unicodedata import normalize
from zoneinfo import ZoneInfo

import msgspec
import phonenumbers

from engine.model.customer import Customer, Stated, Vehicle
from engine.model.events import to_cloud_event
from engine.model.messages import Message
from engine.model.suppression import Address
from engine.ports import MessageFilter, MessageRow, RejectionStatus, Store, TaskFilter

FORM = 1
"""The number of this form of an export; members are only added to it."""

_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s\-().·]+(?=\d)")


def export_of(store: Store, customer: Customer, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    """Moments are on the zone's clock. `customer.former_ids` are those of customers who turned out to be this one."""
    said = _Clock(zone)
    return {
        "form": FORM,
        "exported_at": said.moment(now),
        "customer": {"id": customer.id, "known": customer.known},
        "profile": {path: said.stated(one) for path, one in sorted(customer.profile.items())},
        "consents": [
            {"of": key, "granted": one.granted, "at": said.moment(one.at)}
            for key, one in sorted(customer.consents.items())
        ],
        "tags": {tag: said.moment(at) for tag, at in sorted(customer.tags.items())},
        "vehicles": [_vehicle(one, said) for one in customer.vehicles.values()],
        "runs": [msgspec.to_builtins(one) for one in customer.runs.values()],
        "events": [
            {
                "taken_at": said.moment(one.decided_at),
                "event": msgspec.json.decode(to_cloud_event(one.event)),
            }
            for one in store.events_of(customer.id)
        ],
        "messages": [_message(row, said) for row in store.messages(MessageFilter(customer_id=customer.id))],
        "tasks": [
            {
                **msgspec.to_builtins(row.task),
                "outcome": row.outcome,
                "done_at": said.moment(row.done_at),
            }
            for row in store.tasks(TaskFilter(customer_id=customer.id))
        ],
        "suppressions": list(_suppressions(store, customer, said)),
        "refused": list(_refused(store, customer, said)),
        "looked_up": [
            {"at": said.moment(one.at), "by": one.staff, "dealer": one.dealer}
            for one in store.lookups(customer_id=customer.id, limit=10_000)
        ],
    }


class _Clock:
    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def moment(self, at: datetime | None) -> str | None:
        return None if at is None else at.astimezone(self._zone).isoformat()

    def stated(self, one: Stated) -> dict[str, Any]:
        return {"value": one.value, "since": self.moment(one.at)}


def _vehicle(car: Vehicle, said: _Clock) -> dict[str, Any]:
    return {
        "plate": car.plate,
        "vin": car.vin,
        "owner_since": said.moment(car.owner_since),
        "facts": {name: said.stated(one) for name, one in sorted(car.facts.items())},
        "readings": [{"at": said.moment(one.at), "km": one.km} for one in car.readings],
    }


def _message(row: MessageRow, said: _Clock) -> dict[str, Any]:
    message: Message = row.message
    return {
        **msgspec.to_builtins(message),
        "sent_at": said.moment(row.sent_at),
        "place": row.place,
        "provider_id": row.provider_id,
    }


def _suppressions(store: Store, customer: Customer, said: _Clock) -> Iterator[dict[str, Any]]:
    """The list keeps hashes; those of this person's addresses are found by them."""
    for channel, path in (("sms", "mobile"), ("email", "email")):
        text = customer.fact(path)
        if text:
            for row in store.suppressions(Address(channel, str(text))):
                yield {"channel": channel, "address": text, "cause": row.cause, "at": said.moment(row.at)}


def _refused(store: Store, customer: Customer, said: _Clock) -> Iterator[dict[str, Any]]:
    """Refused inputs that name the person, however the number is spelt there. A car is not asked for: who else came
    with it is somebody else."""
    names = [str(customer.fact(path) or "") for path in ("mobile", "email", "member")]
    for status in RejectionStatus:
        for row in store.rejections(status):
            told = _readable(row.raw)
            if any(_stands_in(one, told) for one in names if one):
                at = said.moment(row.at)
                yield {"id": row.id, "status": status.value, "at": at, "reason": row.reason, "raw": told}


def _readable(raw: bytes) -> str:
    """As a person reads it: in whatever encoding dealers write, and without JSON's escapes."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("gb18030", "replace")
    try:
        return msgspec.json.encode(msgspec.json.decode(text)).decode()
    except (msgspec.MsgspecError, RecursionError):
        return text


def _stands_in(name: str, told: str) -> bool:
    usual = normalize("NFKC", told).casefold()
    if not name.startswith("+"):
        return re.search(rf"(?<![\w.@-]){re.escape(name.casefold())}(?![\w@-])", usual) is not None
    digits = _BETWEEN_DIGITS.sub("", usual)
    return re.search(rf"(?<!\d)(?:\+?{name[1:]}|0*{_national(name)})(?!\d)", digits) is not None


def _national(mobile: str) -> str:
    return str(phonenumbers.parse(mobile).national_number)
