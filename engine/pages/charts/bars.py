"""Stacked columns."""

from collections.abc import Sequence

import msgspec

from engine.pages.charts.scale import Linear, Tick, nice_top

_TOP = 22.0
_BOTTOM = 24.0
_LEFT = 30.0


class Segment(msgspec.Struct, frozen=True):
    """One series' part of a column; `series` is its index."""

    series: int
    y: float
    height: float
    value: int


class Column(msgspec.Struct, frozen=True, kw_only=True):
    x: float
    width: float
    middle: float
    label: str
    total: int
    top: float
    segments: tuple[Segment, ...]


class Bars(msgspec.Struct, frozen=True, kw_only=True):
    width: float
    height: float
    left: float
    base: float
    columns: tuple[Column, ...]
    ticks: tuple[Tick, ...]


def stacked_bars(labels: Sequence[str], series: Sequence[Sequence[int]], width: float, height: float) -> Bars:
    """`series[s][c]` is the value of series `s` in the column called `labels[c]`; the first lies lowest."""
    totals = [sum(values[place] for values in series) for place in range(len(labels))]
    top, step = nice_top(max(totals, default=0), 4)
    base = height - _BOTTOM
    y = Linear(0, top, base, _TOP)
    slot = (width - _LEFT) / max(len(labels), 1)
    bar = min(slot * 0.62, 46.0)
    columns = []
    for place, label in enumerate(labels):
        middle = round(_LEFT + slot * (place + 0.5), 1)
        segments, below = [], 0
        for which, values in enumerate(series):
            value = values[place]
            if value:
                upper = y(below + value)
                segments.append(Segment(which, upper, round(y(below) - upper, 1), value))
            below += value
        columns.append(
            Column(
                x=round(middle - bar / 2, 1),
                width=round(bar, 1),
                middle=middle,
                label=label,
                total=below,
                top=y(below),
                segments=tuple(segments),
            )
        )
    ticks = tuple(Tick(y(step * n), f"{step * n:.0f}") for n in range(int(top / step) + 1))
    return Bars(width=width, height=height, left=_LEFT, base=base, columns=tuple(columns), ticks=ticks)
