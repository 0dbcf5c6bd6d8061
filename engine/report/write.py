"""Writes a report into a folder of its own: `index.html` and `customers.html`; of two versions compared the same of
what is another, with the reports of each in `before/` and `now/`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from engine.pages import Room, lay_font, pages_of
from engine.pages.brands import looks_of
from engine.pages.calendar import Span
from engine.pages.charts import days_chart, flow_chart, paired_bars, stacked_bars
from engine.pages.writing import NARROW_PX, WIDE_PX, day
from engine.report.beside import CHANGES, Beside, beside
from engine.report.costs import money
from engine.report.figures import Figures, figures
from engine.report.history import History
from engine.report.people import people
from engine.sim.comparison import Comparison

ROOM = Room(
    what="report",
    option="--report",
    marker=".milepost-report",
    told="A report of Milepost was made in this folder; the next one may remove what it made.\n",
    files=("index.html", "customers.html", "chinese.otf"),
    folders={"before": frozenset({".html"}), "now": frozenset({".html"})},
)
SHOWN = 12
"""So many of the busiest customers stand on the first page."""

_PAGES = Path(__file__).parent / "pages"
_FONT = "chinese.otf"
_NEVER = date(1970, 1, 1)
"""The day of a page on which nothing stands."""
_WIDTHS = (("wide", WIDE_PX), ("narrow", NARROW_PX))


def write_report(out: Path, history: History) -> Path:
    """Writes into `out`, which `ROOM` has checked; gives the page to look at."""
    ROOM.mark(out)
    ROOM.clear(out)
    with ROOM.written_to(out):
        lay_font(out / _FONT)
        bounds = _bounds(history)
        return _report(out, history, figures(history, bounds), _FONT)


def write_comparison(out: Path, before: History, now: History, comparison: Comparison) -> Path:
    """Writes into `out`, which `ROOM` has checked; gives the page to look at."""
    ROOM.mark(out)
    ROOM.clear(out)
    bounds = _bounds(before, now)
    counted = (figures(before, bounds), figures(now, bounds))
    with ROOM.written_to(out):
        lay_font(out / _FONT)
        for name, history, counts in zip(("before", "now"), (before, now), counted, strict=True):
            (out / name).mkdir(exist_ok=True)
            _report(out / name, history, counts, f"../{_FONT}", version=name)
        names = _beside_names(beside(before, now, comparison, bounds), (before, now), counted)
        _write(out / "customers.html", "affected.html.j2", names)
        return _write(out / "index.html", "comparison.html.j2", names)


def _bounds(*histories: History) -> tuple[date, date]:
    """The first and the last day of all."""
    found = [one.bounds for one in histories if one.bounds is not None]
    if not found:
        return _NEVER, _NEVER
    return min(first for first, _ in found), max(last for _, last in found)


def _report(out: Path, history: History, counts: Figures, font: str, *, version: str = "") -> Path:
    bounds = (counts.first, counts.last)
    went = counts.went
    listed = people(history, bounds)
    names = {
        "title": "What would be sent",
        "about_data": f"Simulation of {history.project}",
        "font": font,
        "version": version,
        "history": history,
        "counts": counts,
        "went": went,
        "came": history.came,
        "brands": looks_of(history.brands, [one.id for one in went.brands]),
        "people": listed,
        "shown": SHOWN,
        "drawn": _drawn(history, counts),
        "by_day": _by_day(went.days),
        "reasons": sorted({*(one.reason for one in went.skips), *(one.reason for one in counts.holds.rows)}),
    }
    _write(out / "customers.html", "customers.html.j2", names)
    return _write(out / "index.html", "report.html.j2", names)


def _drawn(history: History, counts: Figures) -> dict[str, Any]:
    went, bounds = counts.went, (counts.first, counts.last)
    totals: Counter[date] = Counter()
    for (_, on), n in went.days.items():
        totals[on] += n
    some = bool(history.came.days or totals)
    busiest = max(totals, key=lambda on: (totals[on], on), default=None)
    return {
        "flow": [
            (
                name,
                flow_chart(
                    history.came.days, went.days, went.channels, width, 300 if name == "wide" else 260
                ),
            )
            for name, width in _WIDTHS
        ]
        if some
        else [],
        "bars": [
            (name, stacked_bars(_labels(went.spans, name), went.by_channel, width, 280))
            for name, width in _WIDTHS
        ],
        "days": [(name, days_chart(totals, *bounds, width, _messages)) for name, width in _WIDTHS]
        if totals
        else [],
        "busiest_day": (busiest, totals[busiest]) if busiest is not None else None,
    }


def _labels(spans: Sequence[Span], width: str) -> list[str]:
    return [one.tick if width == "wide" else one.tiny for one in spans]


def _messages(on: date, n: int) -> str:
    return f"{day(on)}: {n} message{'s' * (n != 1)}"


def _by_day(days: Mapping[tuple[str, date], int]) -> list[tuple[date, dict[str, int]]]:
    """The days with any message, and how many by channel."""
    found: dict[date, dict[str, int]] = {}
    for (channel, on), n in sorted(days.items(), key=lambda one: (one[0][1], one[0][0])):
        found.setdefault(on, {})[channel] = n
    return list(found.items())


def _beside_names(
    told: Beside, histories: tuple[History, History], counted: tuple[Figures, Figures]
) -> dict[str, Any]:
    before, now = histories
    channels = tuple(dict.fromkeys(one for counts in counted for one in counts.went.channels))
    sent = [dict(zip(counts.went.channels, counts.went.totals, strict=True)) for counts in counted]
    return {
        "title": "What would change",
        "about_data": f"{before.project} and {now.project}",
        "font": _FONT,
        "beside": told,
        "before": before,
        "now": now,
        "sides": counted,
        "changes": CHANGES,
        "channels": [(one, sent[0].get(one, 0), sent[1].get(one, 0)) for one in channels],
        "shown": SHOWN,
        "drawn": [
            (name, paired_bars(_labels(told.spans, name), told.before, told.now, width, 280))
            for name, width in _WIDTHS
        ],
    }


def _write(file: Path, template: str, names: Mapping[str, Any]) -> Path:
    environment = pages_of(_PAGES)
    environment.filters["money"] = money
    environment.get_template(template).stream(names).dump(str(file), encoding="utf-8")
    return file
