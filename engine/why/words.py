"""Values, moments and durations as sentences have them."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine.model.journeys import Again, DateStart, EventStart
from engine.model.times import Duration
from engine.model.watching import Part
from engine.why.told import Condition

_LONGEST_VALUE = 60


def minute(moment: datetime, zone: ZoneInfo) -> str:
    """`2025-04-08 10:00`, on the policy's clock."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def day(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d}"


def duration(length: Duration) -> str:
    """`1 month`, `2 weeks`, `90 minutes`: as marketers write it, more or less."""
    parts = [
        _count(length.months, (("year", 12), ("month", 1))),
        _count(length.days, (("week", 7), ("day", 1))),
        _count(length.seconds, (("hour", 3600), ("minute", 60), ("second", 1))),
    ]
    return " ".join(part for part in parts if part) or "no time"


def _count(amount: int, units: Sequence[tuple[str, int]]) -> str:
    amount = abs(amount)
    for name, size in units:
        if amount and not amount % size:
            number = amount // size
            return f"{number} {name}{'s' if number != 1 else ''}"
    return ""


def passed(length: timedelta) -> str:
    """About how long: `3 days`, `5 hours`."""
    for name, size in (
        ("day", timedelta(days=1)),
        ("hour", timedelta(hours=1)),
        ("minute", timedelta(minutes=1)),
    ):
        if length >= size:
            number = length // size
            return f"{number} {name}{'s' if number != 1 else ''}"
    return "less than a minute"


def km(distance: float) -> str:
    return f"{distance:,.0f} km"


def listed(several: Iterable[str], by: str = "and") -> str:
    """`a, b and c`."""
    items = list(several)
    return f" {by} ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def plain(value: Any, zone: ZoneInfo) -> Any:
    """A value as JSON has it."""
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(name): plain(inner, zone) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner, zone) for inner in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def shown(value: Any, zone: ZoneInfo) -> str:
    """A value as a sentence has it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return minute(value, zone)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:,.1f}".removesuffix(".0")
    if isinstance(value, str):
        return f"'{value if len(value) <= _LONGEST_VALUE else value[:_LONGEST_VALUE] + '…'}'"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(shown(one, zone) for one in value[:8]) + ("…]" if len(value) > 8 else "]")
    return "something" if isinstance(value, dict) else str(value)


def condition(part: Part, zone: ZoneInfo) -> Condition:
    return Condition(
        text=part.text,
        holds=part.holds,
        values={name: plain(value, zone) for name, value in part.values},
    )


def sentence(part: Part, zone: ZoneInfo) -> str:
    """`event.tyre_count >= 1 holds: event.tyre_count is 2`."""
    seen = listed(
        (f"it is {shown(value, zone)}" if name == part.text else f"{name} is {shown(value, zone)}")
        for name, value in part.values
    )
    return f"{part.text} {'holds' if part.holds else 'does not hold'}" + (f": {seen}" if seen else "")


def again(start: EventStart) -> str:
    """What `again` says, as it stands in the file."""
    if start.again is Again.AFTER and start.again_after is not None:
        return f"after {duration(start.again_after)}"
    return str(start.again.value)


def reckoned_date(how: DateStart, told: str, zone: ZoneInfo) -> str:
    """`2025-09-01 - 30 days, at 10:00`: what a run begins at, from the date (ISO 8601)."""
    moment = datetime.fromisoformat(told)
    day_text = minute(moment, zone) if moment.tzinfo is not None else told[:10]
    distance = ""
    if how.distance is not None:
        back = min(how.distance.months, how.distance.days, how.distance.seconds) < 0
        distance = f" {'-' if back else '+'} {duration(how.distance)}"
    return f"{day_text}{distance}" + (f", at {how.at:%H:%M}" if how.at is not None else "")


def named_date(how: DateStart) -> str:
    """The expression that gives the date, where that is short enough to be read in passing."""
    text = str(getattr(how.date, "text", ""))
    return text if len(text) <= _LONGEST_VALUE else ""
