"""Dates and moments as people write them in a journey: `2025-12-24`, `2025-12-24 10:00`, and RFC 3339 with a
zone. Without one a moment is meant on the policy's clock, which only a run knows; it is given without a zone.
"""

import re
from calendar import month_name, monthrange
from datetime import UTC, date, datetime, time

from engine.language.report import Fault
from engine.model.journeys import Expression
from engine.model.scope import Scope
from engine.model.times import at_local

_YEARS = range(1000, 9999)  # a year less than the calendar has, so that no zone leads out of it
_WRITTEN = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
    r"(?:(?:[Tt]| +)(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d+)?)?"
    r" *(?P<zone>[Zz]|[+-]\d\d:?\d\d)?)?"
)
_MEANT = re.compile(r"\d[\d\s./:,年月日号点时分TtZz+-]*")
_NAMED = re.compile(
    rf"(?:\d{{1,2}}\.? +)?(?:{'|'.join(month_name[1:])})(?: +\d{{1,2}}(?:st|nd|rd|th)?)?,? +\d{{4}}",
    re.IGNORECASE,
)
_HINT = "write 2025-12-24, 2025-12-24 10:00 or 2025-12-24T10:00:00+08:00"


def is_like_a_date(text: str) -> bool:
    """Whether a date is meant, well written or not: nothing but figures and what stands between them, or a month's name
    and figures."""
    return any(one.fullmatch(text.strip()) for one in (_MEANT, _NAMED))


def parse_moment(text: str) -> date | datetime | Fault:
    """A date; or a moment, in UTC where it names its zone, else without one."""
    text = text.strip()
    written = _WRITTEN.fullmatch(text)
    if written is None:
        return Fault("bad-date", f"'{text}' is no date", _HINT)
    year, month, day = int(written["year"]), int(written["month"]), int(written["day"])
    if year not in _YEARS:
        return Fault("bad-date", f"the year {written['year']} is too far away", _HINT)
    if not 1 <= month <= 12:
        return Fault("bad-date", f"there is no month {month}", "dates are written year, month, day")
    last = monthrange(year, month)[1]
    if not 1 <= day <= last:
        hint = f"{month_name[month]} {year} has {last} days"
        return Fault("bad-date", f"there is no {day} {month_name[month]} {year}", hint)
    if written["hour"] is None:
        return date(year, month, day)
    return _with_clock(date(year, month, day), written)


def _with_clock(day: date, written: re.Match[str]) -> datetime | Fault:
    hour, minute, second = int(written["hour"]), int(written["minute"]), int(written["second"] or 0)
    if hour > 23 or minute > 59 or second > 59:
        clock = f"{written['hour']}:{written['minute']}" + (f":{second:02}" if written["second"] else "")
        return Fault("bad-date", f"there is no {clock} o'clock", "write hours and minutes of 24: 09:30")
    moment = datetime.combine(day, time(hour, minute, second))
    if written["zone"] is None:
        return moment
    try:
        return datetime.fromisoformat(moment.isoformat() + written["zone"].upper()).astimezone(UTC)
    except ValueError:
        return Fault("bad-date", f"'{written['zone']}' is no zone", "such as +08:00, or Z")


def always(moment: date | datetime) -> Expression:
    """An expression for what `parse_moment` gave: a date, or a moment in UTC."""
    if not isinstance(moment, datetime) or moment.tzinfo is not None:
        return lambda _scope: moment
    day, clock = moment.date(), moment.time()

    def on_the_policys_clock(scope: Scope) -> datetime:
        return at_local(day, clock, scope.zone)

    return on_the_policys_clock
