"""Values as JSON has them, on the policy's clock: what messages, facts and events carry."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from engine.decide.draft import Draft
from engine.model.events import Event

PLAIN = frozenset({str, int, float, bool, type(None)})


def plain(draft: Draft, value: Any) -> Any:
    """`value` as JSON has it; moments on the policy's clock."""
    kind = value.__class__
    if kind in PLAIN:
        return value
    if kind is dict:
        return {
            key: inner if inner.__class__ in PLAIN else plain(draft, inner) for key, inner in value.items()
        }
    if kind is list:
        return [plain(draft, inner) for inner in value]
    if isinstance(value, datetime):
        return value.astimezone(draft.zone).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Event):
        return _event(draft, value)
    if isinstance(value, Mapping):
        return {key: plain(draft, inner) for key, inner in value.items()}
    if isinstance(value, tuple | set | frozenset):
        return [plain(draft, inner) for inner in value]
    return value


def _event(draft: Draft, event: Event) -> dict[str, Any]:
    return {
        **event.data,
        "type": event.type,
        "time": event.time.astimezone(draft.zone).isoformat(),
        "brand": event.brand,
        "tyre_count": event.tyre_count,
    }
