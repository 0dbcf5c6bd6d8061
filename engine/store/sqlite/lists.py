"""Parameters that are lists, as JSON."""

from collections.abc import Iterable
from typing import Any

from engine.ports import Lane, MessageFilter, TaskFilter
from engine.store.codec import to_text


def filtered(which: MessageFilter) -> dict[str, Any]:
    return {
        "statuses": to_text([*which.statuses]),
        "ids": to_text([*which.ids]),
        "journey": which.journey,
        "channel": which.channel,
        "brand": which.brand,
        "customer_id": which.customer_id,
    }


def tasks(which: TaskFilter) -> dict[str, Any]:
    return {
        "statuses": to_text([*which.statuses]),
        "assignee": which.assignee,
        "dealer": which.dealer,
        "journey": which.journey,
        "customer_id": which.customer_id,
    }


def lanes(those: Iterable[Lane]) -> str:
    return to_text([*those])
