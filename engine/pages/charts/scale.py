"""From values to places."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

_EVERY = (1, 2, 3, 4, 6, 12)


class Linear(NamedTuple):
    """Maps `low`…`high` to `start`…`end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low) if self.high != self.low else 0.0
        return round(self.start + share * (self.end - self.start), 1)


class Tick(NamedTuple):
    place: float
    label: str


def nice_step(span: float, most: int) -> float:
    """The smallest of 1, 2, 5 times a power of ten that divides `span` into at most `most` parts."""
    step = 1.0
    while step * 10 * most < span:
        step *= 10
    while span / step > most:
        for factor in (2, 5, 10):
            if span / (step * factor) <= most:
                return step * factor
        step *= 10
    return step


def nice_top(highest: float, most: int) -> tuple[float, float]:
    """A round number not below `highest`, and the step of its ticks."""
    step = nice_step(max(highest, 1.0), most)
    top = step
    while top < highest:
        top += step
    return top, step


def month_ticks(first: date, last: date, most: int) -> list[tuple[date, str]]:
    """The firsts of months within `first`…`last`, and what they are called: as many as `most` where that can be. Over
    more than two years a January is called by its year."""
    months = (last - first).days / 30.4
    every = next((one for one in _EVERY if months / one <= most), _EVERY[-1])
    long = months > 24
    return [
        (one, f"{one:%Y}" if long and one.month == 1 else f"{one:%b}")
        for one in month_starts(first, last, every)
    ]


def month_starts(first: date, last: date, every: int = 1) -> Iterator[date]:
    """The firsts of months within `first`…`last`; of each `every`-th month, counted from January."""
    month = first.replace(day=1)
    while month <= last:
        if month >= first and (month.month - 1) % every == 0:
            yield month
        month = (month + timedelta(days=32)).replace(day=1)
