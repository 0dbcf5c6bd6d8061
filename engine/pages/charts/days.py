"""Years of days as a calendar: a column a week, a row a weekday; the fuller a day's field, the more there was."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

import msgspec

from engine.pages.charts.scale import Tick, month_starts

_TOP = 18.0
_LEFT = 34.0
_WEEKS = 54
_GAP = 8.0
_FULL = 100.0


class Day(msgspec.Struct, frozen=True):
    """One field, as `full` as its count is large, in percent."""

    x: float
    y: float
    full: float
    title: str


class Year(msgspec.Struct, frozen=True, kw_only=True):
    """`label` stands at `y`; `months` at the first days of each."""

    label: str
    y: float
    months: tuple[Tick, ...]
    days: tuple[Day, ...]


class Days(msgspec.Struct, frozen=True, kw_only=True):
    width: float
    height: float
    side: float
    years: tuple[Year, ...]


def days_chart(
    counts: Mapping[date, int], first: date, last: date, width: float, title: Callable[[date, int], str]
) -> Days:
    """`counts` by day, of the years from `first`'s to `last`'s; `title` tells a day's in words."""
    slot = (width - _LEFT) / _WEEKS
    most = max(counts.values(), default=0)
    high = _TOP + 7 * slot + _GAP
    years = tuple(
        Year(
            label=str(year),
            y=round(place * high + _TOP, 1),
            months=tuple(_months(year, slot, width)),
            days=tuple(_days(year, (first, last), counts, most, (slot, place * high + _TOP), title)),
        )
        for place, year in enumerate(range(first.year, last.year + 1))
    )
    return Days(width=width, height=round(len(years) * high, 1), side=round(slot * 0.86, 2), years=years)


def _days(
    year: int,
    bounds: tuple[date, date],
    counts: Mapping[date, int],
    most: int,
    place: tuple[float, float],
    title: Callable[[date, int], str],
) -> Iterator[Day]:
    slot, top = place
    day, end = max(bounds[0], date(year, 1, 1)), min(bounds[1], date(year, 12, 31))
    while day <= end:
        n = counts.get(day, 0)
        yield Day(
            x=round(_LEFT + _week(day) * slot, 1),
            y=round(top + day.weekday() * slot, 1),
            full=round(_FULL * (n / most) ** 0.5, 0) if n else 0.0,
            title=title(day, n),
        )
        day += timedelta(days=1)


def _months(year: int, slot: float, width: float) -> Iterator[Tick]:
    for month in month_starts(date(year, 1, 1), date(year, 12, 31), 1 if width > 600 else 2):
        yield Tick(round(_LEFT + _week(month) * slot, 1), f"{month:%b}")


def _week(day: date) -> int:
    """Which week of its year a day lies in, from 0; weeks begin on Mondays."""
    first = date(day.year, 1, 1)
    return (day.timetuple().tm_yday - 1 + first.weekday()) // 7
