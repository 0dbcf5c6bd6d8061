"""A car's odometer over time: what was read, what is estimated, where the marks are crossed."""

from collections.abc import Sequence
from datetime import date

import msgspec

from engine.demo.odometer_story import OdometerStory
from engine.pages.charts.scale import Linear, Tick, month_starts, nice_step

_LEFT = 46.0
_RIGHT = 14.0
_TOP = 18.0
_BOTTOM = 26.0


class Dot(msgspec.Struct, frozen=True, kw_only=True):
    """A reading."""

    x: float
    y: float
    title: str
    doubted: bool


class SendDot(msgspec.Struct, frozen=True, kw_only=True):
    """A reminder, on the line, on the day it went out."""

    x: float
    y: float
    title: str
    channel: str


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """A mark where the line crosses it; `from_x` is where its count began. `ahead` is one still to come."""

    x: float
    y: float
    from_x: float
    label: str
    title: str
    ahead: bool


class Fitting(msgspec.Struct, frozen=True, kw_only=True):
    x: float
    label: str


class OdometerChart(msgspec.Struct, frozen=True, kw_only=True):
    """`line` and `ahead` are the estimate up to now and after; `band` is its 80 % interval, a closed path."""

    width: float
    height: float
    left: float
    right: float
    top: float
    base: float
    now_x: float
    line: str
    ahead: str
    band: str
    dots: tuple[Dot, ...]
    sends: tuple[SendDot, ...]
    posts: tuple[Post, ...]
    fittings: tuple[Fitting, ...]
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]


def odometer_chart(story: OdometerStory, width: float, height: float) -> OdometerChart:
    """Draws `story`."""
    first, last = story.line[0].day, story.line[-1].day
    believed = [one.km for one in story.readings if not one.doubted]
    low_km = min([one.low_km for one in story.line] + believed)
    high_km = max([one.high_km for one in story.line] + believed)
    base = height - _BOTTOM
    x = Linear(first.toordinal(), last.toordinal(), _LEFT, width - _RIGHT)
    y = Linear(low_km, high_km, base - 4, _TOP)

    def place(day: date) -> float:
        return x(day.toordinal())

    past = [one for one in story.line if one.day <= story.today]
    ahead = [one for one in story.line if one.day >= story.today]
    every = max(1, round((last - first).days / 30 / (10 if width > 600 else 5)))
    return OdometerChart(
        width=width,
        height=height,
        left=_LEFT,
        right=width - _RIGHT,
        top=_TOP,
        base=base,
        now_x=place(story.today),
        line=_path([(place(one.day), y(one.km)) for one in past]),
        ahead=_path([(place(one.day), y(one.km)) for one in ahead]),
        band=_path(
            [(place(one.day), y(one.low_km)) for one in story.line]
            + [(place(one.day), y(one.high_km)) for one in reversed(story.line)]
        ),
        dots=tuple(
            Dot(
                x=place(one.day),
                y=min(max(y(one.km), _TOP), base),
                title=f"{one.day:%-d %b %Y}: {one.km:,.0f} km{' (not believed)' if one.doubted else ''}",
                doubted=one.doubted,
            )
            for one in story.readings
        ),
        sends=tuple(
            SendDot(
                x=place(one.day),
                y=y(one.km),
                title=f"{one.day:%-d %b %Y}: {one.title}",
                channel=one.channel,
            )
            for one in story.sends
        ),
        posts=tuple(
            Post(
                x=place(one.day),
                y=y(one.at_km),
                from_x=place(one.counted_from),
                label=f"{one.km:,.0f}".replace(",", "\u202f"),
                title=one.title,
                ahead=one.day > story.today,
            )
            for one in story.marks
        ),
        fittings=tuple(Fitting(x=place(one), label="new tyres") for one in story.fittings),
        y_ticks=_km_ticks(low_km, high_km, y),
        x_ticks=tuple(
            Tick(place(month), f"{month:%b}") for month in month_starts(first, last, min(every, 6))
        ),
    )


def _km_ticks(low_km: float, high_km: float, y: Linear) -> tuple[Tick, ...]:
    step = max(nice_step(high_km - low_km, 5), 1000.0)
    km = step * (low_km // step + 1)
    ticks = []
    while km <= high_km:
        ticks.append(Tick(y(km), f"{km / 1000:.0f}k"))
        km += step
    return tuple(ticks)


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{x},{y}" for x, y in points) if points else ""
