"""Days and months, as the policy's calendar has them."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The day on which `moment` is in `zone`."""
    return moment.astimezone(zone).date()


def months_between(first: date, last: date) -> Iterator[date]:
    """The first days of the months from that of `first` to that of `last`."""
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = (month + timedelta(days=32)).replace(day=1)


class Span(NamedTuple):
    """A month, a quarter or a year: its first and last day, and what it is called in full (`March 2025`), in a table's
    head (`Mar 25`), under a column (`Mar`) and where there is room for one letter or digit."""

    first: date
    last: date
    name: str
    short: str
    tick: str
    tiny: str


MOST_MONTHS = 36
_MONTHS_A_QUARTER = 3
_MONTHS_A_YEAR = 12


def spans_between(first: date, last: date) -> tuple[Span, ...]:
    """The months from that of `first` to that of `last`; quarters where they are more than `MOST_MONTHS`, years where
    those are."""
    months = list(months_between(first, last))
    if len(months) <= MOST_MONTHS:
        return tuple(
            _span(one, 1, f"{one:%B %Y}", f"{one:%b %y}", f"{one:%b}", f"{one:%b}"[0]) for one in months
        )
    if len(months) <= MOST_MONTHS * _MONTHS_A_QUARTER:
        starts = [one for one in months_between(_quarter(first), last) if one == _quarter(one)]
        return tuple(
            _span(
                one,
                _MONTHS_A_QUARTER,
                f"{_nth(one)} {one:%Y}",
                f"{_nth(one)} {one:%y}",
                _tick(one),
                _nth(one)[1],
            )
            for one in starts
        )
    years = [date(year, 1, 1) for year in range(first.year, last.year + 1)]
    return tuple(
        _span(one, _MONTHS_A_YEAR, f"{one:%Y}", f"{one:%Y}", f"{one:%Y}", f"{one:%y}") for one in years
    )


def _span(first: date, months: int, name: str, short: str, tick: str, tiny: str) -> Span:
    after = first
    for _ in range(months):
        after = (after.replace(day=1) + timedelta(days=32)).replace(day=1)
    return Span(first, after - timedelta(days=1), name, short, tick, tiny)


def _quarter(day: date) -> date:
    return day.replace(month=(day.month - 1) // _MONTHS_A_QUARTER * _MONTHS_A_QUARTER + 1, day=1)


def _nth(quarter: date) -> str:
    return f"Q{(quarter.month - 1) // _MONTHS_A_QUARTER + 1}"


def _tick(quarter: date) -> str:
    return f"{quarter:%Y}" if quarter.month == 1 else ""
