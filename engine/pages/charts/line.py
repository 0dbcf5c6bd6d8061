"""A time line: happenings as dots on lanes, one above the other."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

import msgspec

from engine.pages.charts.scale import Linear, Tick, month_ticks

_EDGE = 8.0
_LANE = 16.0
_FOOT = 18.0
_LABEL = 52.0


class Happening(NamedTuple):
    """`kind` is the dot's class; an `open` one is only drawn round."""

    at: datetime
    lane: int
    kind: str
    title: str
    open: bool = False


class Dot(NamedTuple):
    x: float
    y: float
    kind: str
    title: str
    open: bool


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """`lanes` are their heights; `ties` join two dots of a pair: x, y, x, y."""

    width: float
    height: float
    lanes: tuple[float, ...]
    dots: tuple[Dot, ...]
    ties: tuple[tuple[float, float, float, float], ...]
    ticks: tuple[Tick, ...]


def time_line(
    happenings: Iterable[Happening],
    lanes: int,
    bounds: tuple[date, date],
    width: float,
    ties: Sequence[tuple[Happening, Happening]] = (),
) -> Line:
    """Draws `happenings` between the first and the last day of `bounds`."""
    first, last = bounds
    x = Linear(first.toordinal(), last.toordinal() + 1, _EDGE, width - _EDGE)
    heights = tuple(round(_EDGE + _LANE * lane, 1) for lane in range(lanes))
    base = heights[-1] + _EDGE

    def place(one: Happening) -> tuple[float, float]:
        seconds = one.at.hour * 3600 + one.at.minute * 60 + one.at.second
        return x(one.at.date().toordinal() + seconds / 86_400), heights[one.lane]

    return Line(
        width=width,
        height=base + _FOOT,
        lanes=heights,
        dots=tuple(Dot(*place(one), one.kind, one.title, one.open) for one in happenings),
        ties=tuple((*place(one), *place(other)) for one, other in ties),
        ticks=tuple(
            Tick(x(month.toordinal()), label)
            for month, label in month_ticks(first, last, int(width / _LABEL))
            if x(month.toordinal()) < width - _LABEL / 2
        ),
    )
