"""What the generic provider posts: one notice, or a list of them, as JSON, signed (see `signing`).

    {"id": …, "message_id": …, "status": "delivered" | "failed" | "bounced", "at": …,
     "reason": …, "permanent": …, "provider_id": …, "parts": …}           what became of a message
    {"id": …, "from": "+8613800000001", "text": …, "at": …}               what a customer answered

`id` names the notice for ever; `at` is RFC 3339.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from engine.channels.hooks import Call, Heard, Refused
from engine.channels.sms import receipts
from engine.channels.sms.replies import Reply, meaning
from engine.channels.sms_http.signing import fault_in

WAY = "sms"


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Either of the two."""

    id: str
    at: datetime | None = None
    message_id: str = ""
    status: Literal["delivered", "failed", "bounced", ""] = ""
    reason: str = ""
    permanent: bool = False
    provider_id: str = ""
    parts: int | None = None
    from_: str = msgspec.field(default="", name="from")
    text: str = ""


_NOTICES = msgspec.json.Decoder(list[Notice])


def hear(secret: str, call: Call, now: datetime) -> Heard | Refused:
    fault = fault_in(secret, call.headers, call.body, now)
    if fault:
        return Refused(status=403, reason=fault)
    body = call.body.strip()
    try:
        notices = _NOTICES.decode(body if body.startswith(b"[") else b"[" + body + b"]")
    except msgspec.DecodeError:  # its text may hold what was written
        return Refused(status=400, reason="it is no notice, nor a list of notices, as JSON")
    ignored: Counter[str] = Counter()
    events = [event for one in notices for event in _events(one, now, ignored)]
    return Heard(events=tuple(events), ignored=ignored)


def _events(one: Notice, now: datetime, ignored: Counter[str]) -> Iterator[dict[str, Any]]:
    at = min(one.at, now) if one.at and one.at.tzinfo else now.astimezone(UTC)
    more: dict[str, Any] = {"provider_id": one.provider_id} if one.provider_id else {}
    if one.parts is not None and one.parts > 0:
        more["parts"] = one.parts
    reason = one.reason or "not delivered"
    if one.message_id and one.status == "delivered":
        yield receipts.delivered(WAY, one.id, one.message_id, at, **more)
    elif one.message_id and one.status == "failed":
        yield receipts.failed(WAY, one.id, one.message_id, at, reason, **more)
    elif one.message_id and one.status == "bounced":
        yield receipts.bounced(WAY, one.id, one.message_id, at, reason, permanent=one.permanent, **more)
    elif not one.from_:
        ignored["not one of ours"] += 1
    elif (says := meaning(one.text)) is Reply.STOP:
        yield receipts.withdrawn(WAY, one.id, one.from_, at, "answer to an SMS")
    else:
        ignored["asks to start again" if says is Reply.START else "another answer"] += 1
