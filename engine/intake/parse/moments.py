"""Dates and times as texts: RFC 3339, with what `engine.intake.parse` says is understood besides."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

import msgspec

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""An RFC 3339 time with a zone, as msgspec reads it."""

EXAMPLE = "2025-03-08T14:20:00+08:00"
_SECOND = timedelta(seconds=1)
_SECONDS_AT = slice(17, 19)


def moment(text: str) -> datetime:
    """`text` as a moment in UTC. Raises `ValueError` with the reason where it is none."""
    try:
        try:
            return msgspec.convert(text, Moment).astimezone(UTC)
        except msgspec.ValidationError:
            if text[_SECONDS_AT] == "60":
                return _after_leap_second(text)
            raise
    except OverflowError:
        raise ValueError("is a time beyond the calendar") from None
    except msgspec.ValidationError as error:
        if "timezone" in str(error):
            raise ValueError("has no time zone (such as +08:00, or Z)") from None
        raise ValueError(f"is no time as RFC 3339 has it (such as {EXAMPLE})") from None


def is_day(text: str) -> bool:
    """Whether `text` is a date, written YYYY-MM-DD."""
    try:
        msgspec.convert(text, date)
    except msgspec.ValidationError:
        return False
    return True


def _after_leap_second(text: str) -> datetime:
    """Leap seconds are only ever at the end of a day of UTC (RFC 3339, 5.7)."""
    before = msgspec.convert(text[:17] + "59" + text[19:], Moment).astimezone(UTC)
    if (before.hour, before.minute) != (23, 59):
        raise msgspec.ValidationError("no leap second")
    return before + _SECOND
