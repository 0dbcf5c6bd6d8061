"""Values at run time: from JSON to dates and moments, and from values to the texts people read."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.model.times import to_moment


def to_date(value: Any) -> date | None:
    """The date that an ISO 8601 text names; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def to_dated(value: Any) -> Any:
    """The date or moment that a text names; anything else as it is. For fields of which no type is known."""
    if not isinstance(value, str):
        return value
    found = to_date(value) if len(value) == len("2025-03-08") else to_moment(value)
    return value if found is None else found


def to_text(value: Any, zone: ZoneInfo) -> str:
    """How a value is written within a text: none is nothing, whole numbers have no point, moments are on the
    clock of `zone`."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return ", ".join(to_text(one, zone) for one in value)
    return str(value) if isinstance(value, int) else ""
