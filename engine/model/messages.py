"""Messages: the rows of the ledger, which is the outbox (law 3 of the architecture).

queued → claimed → sent → delivered | bounced
  ↑ held    └────→ failed | skipped | unknown

Receipts come when they come: before the sender has written down that it sent (`claimed`), or while a message waits to
be tried again that had arrived after all (`queued`, `held`, `failed`).

A letter that is `sent` and waits here for its print run may be `skipped` still.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec


class Status(StrEnum):
    QUEUED = "queued"
    HELD = "held"
    CLAIMED = "claimed"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNKNOWN = "unknown"
    DELIVERED = "delivered"
    BOUNCED = "bounced"


class Reason(StrEnum):
    """Why a message was not sent, or is held: the fixed list."""

    NO_CONSENT = "no consent"
    NO_ADDRESS = "no address"
    TOO_LATE = "too late"
    CAPPED = "capped"
    QUIET_HOURS = "quiet hours"
    COMPLAINT_OPEN = "complaint open"
    PAUSED = "paused"
    SUPPRESSED = "suppressed"
    HOLDOUT = "holdout"
    STOPPED = "stopped"
    MERGED = "merged"


TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.QUEUED: frozenset({Status.CLAIMED, Status.HELD, Status.SKIPPED, Status.DELIVERED, Status.BOUNCED}),
    Status.HELD: frozenset({Status.QUEUED, Status.SKIPPED, Status.DELIVERED, Status.BOUNCED}),
    Status.CLAIMED: frozenset(
        {
            *(Status.SENT, Status.FAILED, Status.SKIPPED, Status.UNKNOWN, Status.QUEUED, Status.HELD),
            *(Status.DELIVERED, Status.BOUNCED),
        }
    ),
    Status.UNKNOWN: frozenset({Status.SENT, Status.DELIVERED, Status.BOUNCED, Status.FAILED, Status.QUEUED}),
    Status.SENT: frozenset({Status.DELIVERED, Status.BOUNCED, Status.FAILED, Status.SKIPPED}),
    Status.DELIVERED: frozenset({Status.BOUNCED}),
    Status.FAILED: frozenset({Status.QUEUED, Status.DELIVERED, Status.BOUNCED}),
    Status.SKIPPED: frozenset(),
    Status.BOUNCED: frozenset(),
}


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message, decided.

    `customer_id` is the document's id; `customer` what outputs show (the contact); `vehicle` the plate or
    VIN. `channel` and `locale` are None where none works. `at` is the moment of the decision, `due_at` when
    it was due, `not_after` when it is too late to send. `values` is all that rendering needs, as JSON:
    `with` holds the journey's values; the other keys are names of the language (`customer`, `event`,
    `vehicle`, …) with the members that the template uses, dates as ISO 8601 texts.
    """

    id: str
    journey: str
    step: str
    run: str
    customer_id: str
    customer: str | None
    vehicle: str | None
    template: str
    purpose: str
    channel: str | None
    brand: str
    locale: str | None
    status: Status
    at: datetime
    due_at: datetime
    not_after: datetime
    reason: Reason | None = None
    held_until: datetime | None = None
    address: dict[str, Any] = {}
    values: dict[str, Any] = {}
