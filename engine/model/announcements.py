"""What other systems are told of a message's outcome: nothing by which a person could be reached or recognised, but the
customer's id, which is the record's key."""

from datetime import datetime
from typing import Literal

import msgspec

from engine.model.ids import derive
from engine.model.messages import Message, Reason, Status

ANNOUNCED = frozenset(Status) - {Status.QUEUED, Status.HELD, Status.CLAIMED}
"""What a message can become. That it waits is no outcome, and nothing is said of it."""

SOURCE = "/milepost"
TYPE = "message.settled"


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """That a message has become what `message` says, at that moment of the engine's clock, after so many attempts.
    `note` is the error, if there was one, without personal data. The store keeps it by partition and `number`, in the
    order of outcomes."""

    partition: int
    number: int
    message: Message
    at: datetime
    attempts: int
    note: str


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    message_id: str
    customer_id: str
    status: Status
    reason: Reason | None
    journey: str
    step: str
    run: str
    purpose: str
    template: str
    channel: str | None
    brand: str
    locale: str | None
    decided_at: datetime
    due_at: datetime
    attempts: int
    note: str


class _CloudEvent(msgspec.Struct, frozen=True, kw_only=True):
    specversion: Literal["1.0"] = "1.0"
    id: str
    source: str = SOURCE
    type: str = TYPE
    subject: str
    time: datetime
    datacontenttype: str = "application/json"
    data: _Told


_encode = msgspec.json.Encoder().encode


def announcement_event(one: Announcement) -> bytes:
    """A CloudEvent in JSON. Told twice, it has the same `id`; each outcome of a message has another."""
    message = one.message
    told = _Told(
        message_id=message.id,
        customer_id=message.customer_id,
        status=message.status,
        reason=message.reason,
        journey=message.journey,
        step=message.step,
        run=message.run,
        purpose=message.purpose,
        template=message.template,
        channel=message.channel,
        brand=message.brand,
        locale=message.locale,
        decided_at=message.at,
        due_at=message.due_at,
        attempts=one.attempts,
        note=one.note,
    )
    # With the moment, as a database that was restored counts from an earlier number on.
    name = derive("announcement", message.id, str(one.number), one.at.isoformat())
    return _encode(_CloudEvent(id=name, subject=message.id, time=one.at, data=told))
