"""Batches as statements take them: a list a column."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.ports import Lane, MessageFilter, TaskFilter
from engine.store.postgres.arrays import Blobs, Flags, Numbers, Texts
from engine.store.rows import Row

Kinds = Mapping[str, type[list[Any]]]
"""Columns by name, in the order of the rows' values, and of what they are lists."""

CUSTOMER: Kinds = {
    "id": Texts,
    "known": Flags,
    "version": Numbers,
    "next_due_us": Numbers,
    "format": Numbers,
    "body": Blobs,
}
OWNER: Kinds = {"kind": Texts, "value": Texts, "customer_id": Texts}
EVENT: Kinds = {
    "key": Blobs,
    "customer_id": Texts,
    "type": Texts,
    "time_us": Numbers,
    "decided_at_us": Numbers,
    "format": Numbers,
    "body": Blobs,
}
MESSAGE: Kinds = {
    "id": Texts,
    "status": Texts,
    "reason": Texts,
    "journey": Texts,
    "channel": Texts,
    "brand": Texts,
    "customer_id": Texts,
    "at_us": Numbers,
    "not_after_us": Numbers,
    "ready_us": Numbers,
    "held_until_us": Numbers,
    "format": Numbers,
    "body": Blobs,
}
SETTLED: Kinds = {
    "id": Texts,
    "status": Texts,
    "reason": Texts,
    "ready_us": Numbers,
    "held_until_us": Numbers,
    "attempts": Numbers,
    "not_before_us": Numbers,
    "claimed_at_us": Numbers,
    "tried_at_us": Numbers,
    "sent_at_us": Numbers,
    "provider_id": Texts,
    "place": Texts,
    "note": Texts,
    "parts": Numbers,
}
TOLD: Kinds = {
    "id": Texts,
    "status": Texts,
    "reason": Texts,
    "ready_us": Numbers,
    "held_until_us": Numbers,
    "not_before_us": Numbers,
    "sent_at_us": Numbers,
    "provider_id": Texts,
    "note": Texts,
    "told_us": Numbers,
    "parts": Numbers,
    "cost_micros": Numbers,
    "currency": Texts,
    "moved": Flags,
}
REJECTION: Kinds = {
    "id": Texts,
    "status": Texts,
    "file": Texts,
    "line": Numbers,
    "field": Texts,
    "reason": Texts,
    "raw": Blobs,
    "at_us": Numbers,
    "dealer": Texts,
}

TASK: Kinds = {
    "id": Texts,
    "status": Texts,
    "assignee": Texts,
    "dealer": Texts,
    "journey": Texts,
    "customer_id": Texts,
    "at_us": Numbers,
    "due_us": Numbers,
    "format": Numbers,
    "body": Blobs,
}
DONE: Kinds = {"id": Texts, "outcome": Texts, "done_at_us": Numbers}

GOAL: Kinds = {
    "run": Texts,
    "journey": Texts,
    "held_out": Flags,
    "started_us": Numbers,
    "until_us": Numbers,
}
REACHED: Kinds = {"run": Texts, "reached_us": Numbers}

SUPPRESSION: Kinds = {
    "channel": Texts,
    "address": Blobs,
    "cause": Texts,
    "at_us": Numbers,
    "event": Texts,
}
LIFTED: Kinds = {"channel": Texts, "address": Blobs, "cause": Texts, "until_us": Numbers}

DISPUTE: Kinds = {
    "id": Texts,
    "one": Texts,
    "other": Texts,
    "status": Texts,
    "dealer": Texts,
    "first_us": Numbers,
    "last_us": Numbers,
    "count": Numbers,
    "body": Blobs,
}

Columns = Mapping[str, list[Any]]


def columns(kinds: Kinds, rows: Sequence[Row]) -> Columns:
    """What the rows hold; nothing where there is none."""
    return {name: kinds[name](values) for name, values in zip(kinds, zip(*rows, strict=True), strict=False)}


def columns_of(kinds: Kinds, rows: Iterable[Mapping[str, Any]]) -> Columns:
    """The same, of rows that name their values."""
    return columns(kinds, [tuple(row[name] for name in kinds) for row in rows])


def filtered(which: MessageFilter) -> dict[str, Any]:
    return {
        "statuses": Texts(which.statuses),
        "ids": Texts(which.ids),
        "journey": which.journey,
        "channel": which.channel,
        "brand": which.brand,
        "customer_id": which.customer_id,
    }


def filtered_tasks(which: TaskFilter) -> dict[str, Any]:
    return {
        "statuses": Texts(which.statuses),
        "assignee": which.assignee,
        "dealer": which.dealer,
        "journey": which.journey,
        "customer_id": which.customer_id,
    }


def lanes(those: Iterable[Lane]) -> Columns:
    listed = list(those)
    return {"channels": Texts(one.channel for one in listed), "brands": Texts(one.brand for one in listed)}
