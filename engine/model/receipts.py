"""Receipts: what a provider tells of a message once it has it. They come in as events, late, twice and in any order."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import msgspec

from engine.model.event_types import EVENT_TYPES, Subject
from engine.model.events import Event
from engine.model.messages import TRANSITIONS, Status
from engine.model.suppression import Address, Cause

RECEIPTS = frozenset(one.name for one in EVENT_TYPES.values() if one.subject is Subject.MESSAGE)
"""The types of event that are receipts."""

_SAYS = {"message.bounced": Status.BOUNCED, "message.failed": Status.FAILED}
_NOTES = {
    "message.bounced": "it came back",
    "message.failed": "the provider could not deliver it",
    "message.complained": "reported as spam",
}
_NOTE_CHARS = 300
# An address, in whatever brackets; or digits enough for a telephone, and what stands between them.
_PERSONAL = re.compile(r"[^\s@<>()\[\]\"',;:]+@[^\s@<>()\[\]\"',;:]+|\+?\d(?:[ ().-]{0,2}\d){6,}")


class Addressee(NamedTuple):
    """Whose a message is, and where it went."""

    customer_id: str
    channel: str | None
    to: Address | None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a receipt says of a message: that it has become `status`, or has been that for certain (one that was opened
    was delivered). `at` is the engine's moment at which it came, `happened_at` the provider's. `note` has nothing by
    which a person could be reached. Members that are empty say nothing. `cost` is in `currency`."""

    message_id: str
    status: Status
    at: datetime
    happened_at: datetime
    provider_id: str = ""
    note: str = ""
    parts: int = 0
    cost: Decimal | None = None
    currency: str = ""


def message_of(event: Event) -> str | None:
    """The message that an event is about, or by which a person has said something."""
    message_id = event.data.get("message_id")
    return message_id if isinstance(message_id, str) and message_id else None


def told_by(event: Event, now: datetime) -> Told:
    """What an event that is a receipt says."""
    data = event.data
    return Told(
        message_id=str(data["message_id"]),
        status=_SAYS.get(event.type, Status.DELIVERED),
        at=now,
        happened_at=event.time,
        provider_id=str(data.get("provider_id") or ""),
        note=_note(event.type, data),
        parts=data.get("parts") or 0,
        cost=_cost(data.get("cost")),
        currency=str(data.get("currency") or ""),
    )


def forbids(event: Event) -> Cause | None:
    """Why nothing more may go where the message went, if the receipt means that. A bounce that does not say whether it
    is for good is."""
    if event.type == "message.complained":
        return Cause.COMPLAINED
    if event.type == "message.bounced" and event.data.get("permanent") is not False:
        return Cause.BOUNCED
    return None


def becomes(present: Status, told: Status, *, went_before: bool) -> Status:
    """The status after a receipt: the one told where it can follow, else the present one. Whatever the order of
    receipts, the end is the same: `bounced` outweighs `delivered`, and that `failed`. What waits to be sent (again)
    has to have gone before."""
    if present in (Status.QUEUED, Status.HELD) and not went_before:
        return present
    return told if told in TRANSITIONS[present] else present


def _note(kind: str, data: Mapping[str, Any]) -> str:
    if kind not in _NOTES:
        return ""
    reason = " ".join(str(data.get("reason") or "").split())
    return _PERSONAL.sub("…", reason)[:_NOTE_CHARS] or _NOTES[kind]


def _cost(cost: Any) -> Decimal | None:
    """In millionths at most."""
    if cost is None:
        return None
    try:
        return round(Decimal(str(cost)), 6)
    except InvalidOperation:  # of numbers that JSON has and money has not
        return None
