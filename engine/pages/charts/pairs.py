"""Columns in pairs: before and now."""

from collections.abc import Sequence

import msgspec

from engine.pages.charts.bars import BASE, LEFT, TOP, every_fitting
from engine.pages.charts.scale import Linear, Tick, nice_top


class Column(msgspec.Struct, frozen=True):
    x: float
    y: float
    height: float
    value: int


class PairOfColumns(msgspec.Struct, frozen=True, kw_only=True):
    label: str
    middle: float
    before: Column
    now: Column


class Pairs(msgspec.Struct, frozen=True, kw_only=True):
    width: float
    height: float
    left: float
    base: float
    column: float
    pairs: tuple[PairOfColumns, ...]
    ticks: tuple[Tick, ...]


def paired_bars(
    labels: Sequence[str], before: Sequence[int], now: Sequence[int], width: float, height: float
) -> Pairs:
    """`before[c]` and `now[c]` stand over `labels[c]`."""
    top, step = nice_top(max([*before, *now], default=0), 4)
    base = height - BASE
    y = Linear(0, top, base, TOP)
    slot = (width - LEFT) / max(len(labels), 1)
    column = round(min(slot * 0.38, 30.0), 1)

    def at(x: float, value: int) -> Column:
        return Column(round(x, 1), y(value), round(base - y(value), 1), value)

    every = every_fitting(labels, slot)
    middles = [LEFT + slot * (place + 0.5) for place in range(len(labels))]
    pairs = tuple(
        PairOfColumns(
            label=label if place % every == 0 else "",
            middle=round(middle, 1),
            before=at(middle - column, before[place]),
            now=at(middle, now[place]),
        )
        for place, (label, middle) in enumerate(zip(labels, middles, strict=True))
    )
    ticks = tuple(Tick(y(step * n), f"{step * n:.0f}") for n in range(int(top / step) + 1))
    return Pairs(width=width, height=height, left=LEFT, base=base, column=column, pairs=pairs, ticks=ticks)
