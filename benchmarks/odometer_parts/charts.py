"""Draws the figures as SVG, by hand: nothing but text goes into it."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from html import escape
from zoneinfo import ZoneInfo

from engine.model.odometer import Odometer
from engine.model.times import at_local

from .data import Car
from .figures import MOST_READINGS, Result

_WIDTH, _HEIGHT = 760, 380
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 24, 56, 52
_COLOURS = ("#b9c0c7", "#7d8fa3", "#c2410c")
_SMALL = 'font-size="11"'
_INK, _PALE, _READING, _BAND = "#1f2933", "#e4e7eb", "#1d4ed8", "#fbd5bf"


class _Drawing:
    """A plot with its axes; `x` and `y` turn values into places."""

    def __init__(self, title: str, x_most: float, y_least: float, y_most: float) -> None:
        self.x_most, self.y_least, self.y_most = x_most, y_least, y_most
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
            f'font-family="system-ui, sans-serif" font-size="13" fill="{_INK}">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        ]
        self.text(_LEFT, 24, title, anchor="start", extra='font-size="15" font-weight="600"')

    def x(self, value: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * value / self.x_most

    def y(self, value: float) -> float:
        share = (value - self.y_least) / (self.y_most - self.y_least)
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * share

    def text(self, x: float, y: float, text: str, *, anchor: str = "middle", extra: str = "") -> None:
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {extra}>{escape(text)}</text>'
        )

    def grid(self, values: Iterable[float], unit: str) -> None:
        for value in values:
            y = self.y(value)
            self.parts.append(
                f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{_PALE}"/>'
            )
            self.text(_LEFT - 8, y + 4, f"{value:,.0f}", anchor="end")
        self.text(_LEFT - 8, _TOP - 10, unit, anchor="end")

    def line(self, points: Sequence[tuple[float, float]], colour: str, width: float, extra: str = "") -> None:
        path = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)
        self.parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}" {extra}/>'
        )

    def bar(self, centre: float, value: float, width: float, colour: str, opacity: float) -> None:
        top = self.y(min(value, self.y_most))
        self.parts.append(
            f'<rect x="{centre - width / 2:.1f}" y="{top:.1f}" width="{width:.1f}" '
            f'height="{self.y(self.y_least) - top:.1f}" fill="{colour}" fill-opacity="{opacity}"/>'
        )

    def legend(self, entries: Iterable[tuple[str, str]]) -> None:
        x = float(_LEFT)
        for colour, name in entries:
            self.parts.append(f'<rect x="{x:.1f}" y="{_TOP - 19}" width="11" height="11" fill="{colour}"/>')
            self.text(x + 16, _TOP - 9, name, anchor="start")
            x += 34 + 6.7 * len(name)

    def svg(self) -> str:
        return "\n".join([*self.parts, "</svg>", ""])


def errors_by_readings(results: Sequence[Result]) -> str:
    """Mean (pale) and median (full) error of each estimator, by the readings known on the true day."""
    parts = [result.by_readings() for result in results]
    keys = sorted({key for part in parts for key in part})
    drawing = _Drawing(
        "Days between reminder and true crossing, by readings known on the true day", len(keys), 0, 40
    )
    drawing.grid(range(0, 41, 10), "days")
    drawing.legend(zip(_COLOURS, (result.name for result in results), strict=False))
    for place, key in enumerate(keys):
        for n, (part, colour) in enumerate(zip(parts, _COLOURS, strict=False)):
            if key not in part:
                continue
            centre = drawing.x(place + 0.5) + (n - 1) * 34
            drawing.bar(centre, part[key].mean, 28, colour, 0.45)
            drawing.bar(centre, part[key].median, 28, colour, 1.0)
            top = drawing.y(min(part[key].mean, drawing.y_most))
            drawing.text(centre, top - 4, f"{part[key].mean:.0f}", extra=_SMALL)
        crossings = next(part[key].crossings for part in parts if key in part)
        name = f"{key}{'+' if key == MOST_READINGS else ''}"
        many = f"{crossings} crossing{'s' if crossings > 1 else ''}"
        drawing.text(drawing.x(place + 0.5), _HEIGHT - _BOTTOM + 18, name)
        drawing.text(drawing.x(place + 0.5), _HEIGHT - _BOTTOM + 34, many, extra=_SMALL)
    drawing.text(_WIDTH - _RIGHT, _TOP - 9, "full: median, pale: mean", anchor="end", extra=_SMALL)
    return drawing.svg()


def one_car(car: Car, odometer: Odometer, zone: ZoneInfo) -> str:
    """The estimate of each day, from the readings recorded by then, with its interval, and the truth."""
    start, days = car.truth[0][0], (car.end - car.truth[0][0]).days
    known, past = [], []
    for day in range(days):
        moment = start + timedelta(days=day, hours=12)
        known = sorted((a.reading for a in car.arrivals if a.recorded <= moment), key=lambda r: (r.at, r.km))
        if known:
            past.append((day + 0.5, odometer.track(tuple(known)).at(moment)))
    highest = max(estimate.high_km for _, estimate in past)
    lowest = car.truth[0][1]
    step = 5_000 if highest - lowest < 40_000 else 20_000
    least, most = lowest // step * step, (highest // step + 1) * step
    drawing = _Drawing(
        "One car: the estimate of each day, from the readings recorded by then", days, least, most
    )
    drawing.grid(range(int(least), int(most) + 1, step), "km")
    drawing.legend(
        (
            (_BAND, "80 % interval"),
            (_COLOURS[2], "estimate"),
            (_INK, "truth"),
            (_READING, "reading (hollow: doubted)"),
        )
    )
    band = [(x, e.high_km) for x, e in past] + [(x, e.low_km) for x, e in reversed(past)]
    path = " ".join(f"{drawing.x(x):.1f},{drawing.y(y):.1f}" for x, y in band)
    drawing.parts.append(f'<polygon points="{path}" fill="{_BAND}"/>')
    truth = [((moment - start).days, km) for moment, km in car.truth]
    drawing.line(truth, _INK, 1, 'stroke-dasharray="4 3"')
    drawing.line([(x, estimate.km) for x, estimate in past], _COLOURS[2], 1.8)
    doubted = odometer.track(tuple(known)).doubted()
    for arrival in car.arrivals:
        x = drawing.x((arrival.reading.at - start) / timedelta(days=1))
        y = drawing.y(max(arrival.reading.km, least))
        fill = "#ffffff" if arrival.reading in doubted else _READING
        drawing.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{fill}" stroke="{_READING}"/>')
        if arrival.reading.km < least:
            drawing.text(x - 9, y - 6, f"{arrival.reading.km:,.0f} km", anchor="end", extra=_SMALL)
    first = start.astimezone(zone).date()
    for month in range(0, 49, 3):
        day = date(first.year + month // 12, month % 12 + 1, 1)
        x = (at_local(day, start.astimezone(zone).time(), zone) - start).days
        if 0 <= x <= days:
            drawing.text(drawing.x(x), _HEIGHT - _BOTTOM + 18, f"{day:%Y-%m}", extra=_SMALL)
    return drawing.svg()
