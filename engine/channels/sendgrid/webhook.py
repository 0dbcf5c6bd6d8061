"""What SendGrid's event webhook posts.

It is signed (ECDSA over a time stamp and the body), in batches, now and then twice and in any order. What is signed but
old is refused, as anybody who once saw it could post it again; what comes twice within that time has the id it had.

| SendGrid's event | here |
|---|---|
| delivered | `message.delivered` |
| bounce | `message.bounced`, `permanent` where it is not of the type `blocked` |
| dropped | `message.failed`; `message.bounced` where the address had bounced before |
| open, click | `message.opened`, `message.clicked` |
| spamreport | `message.complained` |
| unsubscribe, group_unsubscribe, dropped for either or for a spam report | `consent.withdrawn` |
| processed, deferred | nothing: one of the above follows |

A bounce that comes days later carries nothing of the message, nor does what another system sends by the same account.
Where such an event says that the address wants or takes no more, it withdraws the consent of whoever has the address:
SendGrid itself would send nothing there any more.
"""

import re
from binascii import Error as NotBase64
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec
from sendgrid.helpers.eventwebhook import EventWebhook

from engine.channels.hooks import Call, Heard, Refused
from engine.model.errors import UsageError
from engine.model.ids import derive

SOURCE = "/providers/sendgrid"
SIGNATURE = "x-twilio-email-event-webhook-signature"
TIMESTAMP = "x-twilio-email-event-webhook-timestamp"

_OURS = re.compile(r"[0-9a-f]{32}")
_ADDRESS = re.compile(r"\S*@\S*")
_MOST_REASON_CHARS = 200
_LAST_S = 2.0**33  # of the epoch; in the 23rd century
_SAY_NOTHING = frozenset({"processed", "deferred", "group_resubscribe"})
_BOUNCED_BEFORE = frozenset({"bounced address", "invalid"})
_STOPPED_BEFORE = frozenset({"unsubscribed address", "spam reporting address"})


class Event(msgspec.Struct):
    """What is read of an event. `message_id` is ours, of `custom_args`."""

    event: str = ""
    email: str = ""
    timestamp: float = 0.0
    sg_event_id: str = ""
    message_id: Any = None
    type: str = ""
    reason: str = ""
    url: str = ""
    sg_machine_open: bool = False


_batches = msgspec.json.Decoder(list[msgspec.Raw])
_events = msgspec.json.Decoder(Event, strict=False)


def hear(key: str, most_age_s: float, call: Call, now: datetime) -> Heard | Refused:
    """`key` is what SendGrid shows as the verification key."""
    if refused := _unsigned(key, most_age_s, call, now):
        return refused
    try:
        batch = _batches.decode(call.body)
    except msgspec.DecodeError:
        return Refused(status=400, reason="it is no list of events")
    events: list[dict[str, Any]] = []
    ignored: Counter[str] = Counter()
    for raw in batch:
        try:
            event = _events.decode(raw)
        except msgspec.DecodeError:
            ignored["not an event"] += 1
            continue
        said = list(_said(event, bytes(raw), now))
        events += said
        if not said:
            ignored[_ignored(event)] += 1
    return Heard(events=tuple(events), ignored=dict(ignored))


def checked_key(key: str) -> str:
    """The same; raises `UsageError` where it is none."""
    try:
        _helper(key)
    except ValueError:
        raise UsageError(
            "MILEPOST_SENDGRID_WEBHOOK_KEY is no verification key.",
            "SendGrid shows it under Settings, Mail Settings, Event Webhooks: it begins with MFkw.",
        ) from None
    return key


@lru_cache(4)
def _helper(key: str) -> Any:
    return EventWebhook(key)


def _unsigned(key: str, most_age_s: float, call: Call, now: datetime) -> Refused | None:
    signature, stamp = call.headers.get(SIGNATURE, ""), call.headers.get(TIMESTAMP, "")
    if not signature or not stamp.isdecimal():
        return Refused(status=403, reason="it is not signed")
    try:
        genuine = _helper(key).verify_signature(call.body.decode(), signature, stamp)
    except (NotBase64, ValueError):  # among them what is no UTF-8
        genuine = False
    if not genuine:
        return Refused(status=403, reason="the signature is not right")
    if abs(now.timestamp() - int(stamp)) > most_age_s:
        return Refused(
            status=403, reason="it is too old, or a clock is wrong (MILEPOST_SENDGRID_WEBHOOK_AGE_S)"
        )
    return None


def _said(event: Event, raw: bytes, now: datetime) -> Iterator[dict[str, Any]]:
    """The events that it is here; none where it says nothing."""
    says = _SAYS.get(event.event)
    if says is None:
        return
    message_id = event.message_id if isinstance(event.message_id, str) else ""
    at = datetime.fromtimestamp(event.timestamp, UTC) if 0 < event.timestamp < _LAST_S else now
    told = event.sg_event_id or derive("sendgrid", raw.decode())
    data = {"message_id": message_id}
    for kind, more in says(event):
        if kind == "consent.withdrawn":
            if event.email:
                yield _event(f"{told}/withdrawn", kind, at, more)
        elif _OURS.fullmatch(message_id):
            yield _event(told, kind, at, {**data, **more})
        elif _wants_no_more(event):
            yield _event(f"{told}/withdrawn", "consent.withdrawn", at, _withdrawn(event))


Said = Iterator[tuple[str, dict[str, Any]]]


def _delivered(_event: Event) -> Said:
    yield "message.delivered", {}


def _bounced(event: Event) -> Said:
    yield "message.bounced", {"permanent": event.type != "blocked", **_reason(event)}


def _dropped(event: Event) -> Said:
    reason = event.reason.lower()
    if reason in _BOUNCED_BEFORE:
        yield "message.bounced", {"permanent": True, **_reason(event)}
        return
    yield "message.failed", _reason(event)
    if reason in _STOPPED_BEFORE:
        yield "consent.withdrawn", _withdrawn(event)


def _opened(event: Event) -> Said:
    yield "message.opened", {"machine": True} if event.sg_machine_open else {}


def _clicked(event: Event) -> Said:
    yield "message.clicked", {"url": event.url} if event.url else {}


def _complained(_event: Event) -> Said:
    yield "message.complained", {}


def _unsubscribed(event: Event) -> Said:
    yield "consent.withdrawn", _withdrawn(event)


_SAYS: dict[str, Callable[[Event], Said]] = {
    "delivered": _delivered,
    "bounce": _bounced,
    "dropped": _dropped,
    "open": _opened,
    "click": _clicked,
    "spamreport": _complained,
    "unsubscribe": _unsubscribed,
    "group_unsubscribe": _unsubscribed,
}


def _wants_no_more(event: Event) -> bool:
    """Of a message that is not known: whether it says something of the address."""
    return bool(event.email) and (
        event.event == "spamreport" or (event.event == "bounce" and event.type != "blocked")
    )


def _withdrawn(event: Event) -> dict[str, Any]:
    return {
        "customer": {"email": event.email},
        "channel": "email",
        "purpose": "all",
        "proof": f"told by SendGrid: {event.event}",
    }


def _reason(event: Event) -> dict[str, str]:
    """Mail servers like to quote the address."""
    reason = _ADDRESS.sub("…", event.reason)[:_MOST_REASON_CHARS]
    return {"reason": reason} if reason else {}


def _ignored(event: Event) -> str:
    if event.event in _SAY_NOTHING:
        return event.event
    return "of another system" if event.event in _SAYS else "another kind"


def _event(told: str, kind: str, at: datetime, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "source": SOURCE,
        "id": told,
        "type": kind,
        "time": at.isoformat(),
        "data": data,
    }
