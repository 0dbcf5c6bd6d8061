"""The year as a road: each week what came in above it, what went out below it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import msgspec

from engine.pages.charts.scale import Linear, Tick, month_ticks

_ROAD = 34.0
_EDGE = 20.0
_LABEL = 46.0


class Week(msgspec.Struct, frozen=True, kw_only=True):
    """`inward` is the height of the bar above the road; `outward` are the heights below it, by channel."""

    x: float
    width: float
    start: date
    events: int
    inward: float
    outward: tuple[float, ...]
    sent: tuple[int, ...]


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """A text beside a bar; `anchor` is `start` or `end` of it."""

    x: float
    y: float
    anchor: str
    text: str


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """The road lies between `upper` and `lower`."""

    width: float
    height: float
    upper: float
    lower: float
    weeks: tuple[Week, ...]
    months: tuple[Tick, ...]
    most_in: Label
    most_out: Label


def flow_chart(
    came: Mapping[date, int],
    went: Mapping[tuple[str, date], int],
    channels: Sequence[str],
    width: float,
    height: float,
) -> Flow:
    """`came` counts events by day, `went` messages by channel and day. Both share one scale: as long a bar is
    as many."""
    days = [*came, *(day for _, day in went)]
    first, last = min(days), max(days)
    first -= timedelta(days=first.weekday())
    starts = [first + timedelta(weeks=n) for n in range((last - first).days // 7 + 1)]
    events = [_week_sum(came, start) for start in starts]
    sent = [
        tuple(sum(went.get((one, start + timedelta(days=n)), 0) for n in range(7)) for one in channels)
        for start in starts
    ]
    most_in, most_out = max(events), max(sum(one) for one in sent)
    per_unit = (height - _ROAD - 2 * _EDGE) / max(most_in + most_out, 1)
    upper = _EDGE + most_in * per_unit
    slot = width / len(starts)
    weeks = tuple(
        Week(
            x=round(slot * place + slot * 0.14, 2),
            width=round(slot * 0.72, 2),
            start=start,
            events=events[place],
            inward=round(events[place] * per_unit, 2),
            outward=tuple(round(n * per_unit, 2) for n in sent[place]),
            sent=sent[place],
        )
        for place, start in enumerate(starts)
    )
    x = Linear(0, len(starts) * 7, 0, width)
    named = month_ticks(first, last, int(width / _LABEL))
    months = tuple(Tick(x((month - first).days), label) for month, label in named)
    return Flow(
        width=width,
        height=height,
        upper=round(upper, 1),
        lower=round(upper + _ROAD, 1),
        weeks=weeks,
        months=tuple(one for one in months if one.place < width - 24),
        most_in=_most_in(max(weeks, key=lambda one: one.events), upper, width),
        most_out=_most_out(max(weeks, key=lambda one: sum(one.sent)), upper + _ROAD, width),
    )


def _most_in(week: Week, upper: float, width: float) -> Label:
    right = week.x < width / 2
    return Label(
        x=round(week.x if right else week.x + week.width, 1),
        y=round(upper - 3 - week.inward - 6, 1),
        anchor="start" if right else "end",
        text=f"{week.events} in one week",
    )


def _most_out(week: Week, lower: float, width: float) -> Label:
    right = week.x < width / 2
    return Label(
        x=round(week.x + week.width + 6 if right else week.x - 6, 1),
        y=round(lower + 3 + sum(week.outward), 1),
        anchor="start" if right else "end",
        text=f"{sum(week.sent)} out in one week",
    )


def _week_sum(counts: Mapping[date, int], start: date) -> int:
    return sum(counts.get(start + timedelta(days=n), 0) for n in range(7))
