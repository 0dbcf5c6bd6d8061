"""Moments, durations, local times of day.

A calendar duration keeps the day of the month, or takes the month's last day (31 January + 1 month is
28 or 29 February). Calendar arithmetic is done on the local clock of a time zone: a day later is the same
time of day, though a change to summer time lies between. A local time that a change of the clock skips is
read with the offset before the change, as PEP 495 has it (`fold=0`).
"""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from math import floor
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY_S = 86_400.0
_SHORTEST_MONTH_DAYS = 28
_REMEMBERED = 8192  # much happens on the same days at the same time of day


def to_us(moment: datetime) -> int:
    """Microseconds since 1970-01-01 UTC."""
    return (moment - EPOCH) // _MICROSECOND


def from_us(us: int) -> datetime:
    """The moment `us` microseconds after 1970-01-01, in UTC."""
    return EPOCH + timedelta(microseconds=us)


def to_days(moment: datetime) -> float:
    """Days since 1970-01-01 UTC."""
    return (moment - EPOCH).total_seconds() / _DAY_S


def from_days(day: float) -> datetime:
    """The moment so many days after 1970-01-01, in UTC."""
    return EPOCH + timedelta(0, day * _DAY_S)


def to_moment(value: Any) -> datetime | None:
    """The moment that an RFC 3339 text names, in UTC; None for anything else, and without a zone."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment.astimezone(UTC)


class Duration(msgspec.Struct, frozen=True):
    """A length of time as marketers say it: `3 days`, `1 month`. `seconds` holds minutes and hours, `days`
    days and weeks, `months` months, quarters and years."""

    months: int = 0
    days: int = 0
    seconds: int = 0

    @property
    def is_calendar(self) -> bool:
        """Whether it is counted in days or longer, so that `at` means 'on the day it leads to'."""
        return bool(self.months or self.days)

    def times(self, n: int) -> "Duration":
        return Duration(self.months * n, self.days * n, self.seconds * n)

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The moment this long after `moment`, by the local calendar of `zone`; in UTC."""
        if self.months:
            moment = _by_calendar(moment, self.months, self.days, zone)
        elif self.days:
            moment = _days_later(moment.astimezone(UTC), self.days, zone)
        return moment + timedelta(seconds=self.seconds) if self.seconds else moment

    def before(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The moment this long before `moment`."""
        return Duration(-self.months, -self.days, -self.seconds).after(moment, zone)


def _days_later(moment: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Days have 24 hours, unless the clocks are changed on the way."""
    day = (moment - EPOCH).days
    ahead_days = _ahead_days(day, zone)
    if ahead_days is not None and ahead_days == _ahead_days(day + days, zone):
        return moment + timedelta(days)
    return _by_calendar(moment, 0, days, zone)


def _by_calendar(moment: datetime, months: int, days: int, zone: ZoneInfo) -> datetime:
    local = moment.astimezone(zone)
    if months:
        local = add_months(local, months)
    if days:
        local += timedelta(days=days)  # of one zone: by the local clock
    return local.replace(fold=0).astimezone(UTC)


def add_months(local: datetime, months: int) -> datetime:
    """`local` so many months later: the same day of the month, or that month's last."""
    if not months:
        return local
    years, month0 = divmod(local.month - 1 + months, 12)
    year, month = local.year + years, month0 + 1
    day = local.day
    if day > _SHORTEST_MONTH_DAYS:
        day = min(day, monthrange(year, month)[1])
    return local.replace(year, month, day)


@lru_cache(_REMEMBERED)
def at_local(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment at which the clocks of `zone` show `at` on `day`; in UTC."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def at_day_of(day: float, at: time, zone: ZoneInfo) -> datetime:
    """The moment at which the clocks of `zone` show `at` on the local day of the moment `day` days after
    1970-01-01 UTC; in UTC. A quick way to go, as no moment is made of `day` unless the clocks change about then."""
    ahead_days = _ahead_days(floor(day), zone)
    if ahead_days is None:
        return at_local(from_days(day).astimezone(zone).date(), at, zone)
    return _at_local_day(floor(day + ahead_days), at, zone)


@lru_cache(_REMEMBERED)
def _ahead_days(day: int, zone: ZoneInfo) -> float | None:
    """By how much the clocks of `zone` are ahead of UTC all through the day of UTC that begins `day` days after
    1970-01-01; None if they are changed on it."""
    first, last = (from_days(one).astimezone(zone).utcoffset() for one in (day, day + 1))
    return first / timedelta(days=1) if first is not None and first == last else None


@lru_cache(_REMEMBERED)
def _at_local_day(day: int, at: time, zone: ZoneInfo) -> datetime:
    """The same as `at_local`, of a day by its number: 0 is 1970-01-01."""
    return at_local(EPOCH.date() + timedelta(days=day), at, zone)


def next_local(moment: datetime, at: time, zone: ZoneInfo) -> datetime:
    """The first moment not before `moment` at which the clocks of `zone` show `at`; in UTC."""
    day = moment.astimezone(zone).date()
    candidate = at_local(day, at, zone)
    return candidate if candidate >= moment else at_local(day + timedelta(days=1), at, zone)


def on_days(moment: datetime, days: frozenset[int] | None, zone: ZoneInfo) -> datetime:
    """`moment`, or the same local time on the next day of the week in `days` (Monday is 0)."""
    if not days:
        return moment
    local = moment.astimezone(zone)
    for ahead in range(7):
        day = local.date() + timedelta(days=ahead)
        if day.weekday() in days:
            return moment if not ahead else at_local(day, local.time(), zone)
    raise AssertionError("days names no day of the week")
