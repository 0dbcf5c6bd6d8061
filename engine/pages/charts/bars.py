"""Stacked columns."""

from collections.abc import Sequence
from math import ceil

import msgspec

from engine.pages.charts.scale import Linear, Tick, nice_top

TOP = 22.0
BASE = 24.0
LEFT = 30.0
_LETTER = 6.8


class Segment(msgspec.Struct, frozen=True):
    """One series' part of a column; `series` is its index."""

    series: int
    y: float
    height: float
    value: int


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """`shown` is the total where there is room to write it above the column, else empty."""

    x: float
    width: float
    middle: float
    label: str
    total: int
    shown: str
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
    """`series[s][c]` is the value of series `s` in the column called `labels[c]`; the first lies lowest. Where columns
    are so many that their labels would touch, some have none."""
    totals = [sum(values[place] for values in series) for place in range(len(labels))]
    top, step = nice_top(max(totals, default=0), 4)
    base = height - BASE
    y = Linear(0, top, base, TOP)
    slot = (width - LEFT) / max(len(labels), 1)
    bar = min(slot * 0.62, 46.0)
    every = every_fitting(labels, slot)
    columns = []
    for place, label in enumerate(labels):
        middle = round(LEFT + slot * (place + 0.5), 1)
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
                label=label if place % every == 0 else "",
                total=below,
                shown=str(below) if below and fits(str(below), slot) else "",
                top=y(below),
                segments=tuple(segments),
            )
        )
    ticks = tuple(Tick(y(step * n), f"{step * n:.0f}") for n in range(int(top / step) + 1))
    return Bars(width=width, height=height, left=LEFT, base=base, columns=tuple(columns), ticks=ticks)


def fits(text: str, room: float) -> bool:
    """Whether a text in the size of charts needs no more than `room`."""
    return len(text) * _LETTER <= room


def every_fitting(labels: Sequence[str], slot: float) -> int:
    """Of which number of columns one has a label, so that labels do not touch."""
    longest = max(map(len, labels), default=0) * _LETTER
    return max(1, ceil(longest / slot))
