"""Before and now, side by side: in numbers, and customer by customer."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from engine.pages.calendar import Span, spans_between
from engine.pages.charts import Happening, Line, time_line
from engine.pages.order import in_order
from engine.pages.words import channel_name
from engine.report.history import History
from engine.report.people import LINE_WIDTHS, MOST_DRAWN, Row, busiest, row_of
from engine.sim.comparison import Change, Comparison, Pair

CHANGES = (Change.ADDED, Change.GONE, Change.MOVED, Change.CHANGED)
_WORDS = {"at": "moment"}


class JourneyChange(msgspec.Struct, frozen=True, kw_only=True):
    """One journey: how many of its messages stay the `same`, and how many of each of `CHANGES` there are."""

    id: str
    title: str
    before: int
    now: int
    same: int
    changes: tuple[int, ...]


class PairRow(msgspec.Struct, frozen=True, kw_only=True):
    """A message before and now, None where it was not, or is not, sent, with why in `why_not`, where that is known.
    `change` is empty where it stays the same, `differs` what is another."""

    change: str
    journey: str
    before: Row | None
    now: Row | None
    why_not: str
    differs: tuple[str, ...]


class Affected(msgspec.Struct, frozen=True, kw_only=True):
    """A customer for whom something is another, with all that is sent on either side."""

    id: str
    name: str
    contact: str
    changes: tuple[int, ...]
    rows: tuple[PairRow, ...]
    drawn: tuple[tuple[str, Line], ...]
    filtered_by: str

    @property
    def total(self) -> int:
        return sum(self.changes)


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """`before` and `now` count what is sent, by span. `affected` are the customers with most changes, first, of `known`
    for whom there is any."""

    same: int
    changes: tuple[int, ...]
    spans: tuple[Span, ...]
    before: tuple[int, ...]
    now: tuple[int, ...]
    journeys: tuple[JourneyChange, ...]
    affected: tuple[Affected, ...]
    known: int


def beside(before: History, now: History, comparison: Comparison, bounds: tuple[date, date]) -> Beside:
    """Charts run over `bounds`."""
    spans = spans_between(*bounds)
    starts = [one.first for one in spans]
    sent: tuple[Counter[int], Counter[int]] = (Counter(), Counter())
    lines: Counter[str] = Counter()
    changed: Counter[str] = Counter()
    for pair in comparison.pairs():
        lines[pair.either.person.id] += 1
        changed[pair.either.person.id] += pair.change is not None
        for side, one in enumerate((pair.before, pair.now)):
            if one is not None and one.is_sent:
                sent[side][bisect_right(starts, now.day(one.at)) - 1] += 1
    touched = {one: n for one, n in lines.items() if changed[one]}
    places = range(len(spans))
    return Beside(
        same=comparison.count(None),
        changes=tuple(comparison.count(one) for one in CHANGES),
        spans=spans,
        before=tuple(sent[0][at] for at in places),
        now=tuple(sent[1][at] for at in places),
        journeys=tuple(_journeys(before, now, comparison)),
        affected=_affected(before, now, comparison, list(busiest(changed, touched)), bounds),
        known=len(touched),
    )


def _journeys(before: History, now: History, comparison: Comparison) -> list[JourneyChange]:
    """Those of the present project in their order, then those that are gone."""
    known = [*in_order(now.program), *in_order(before.program)]
    titles = {one.id: one.title or one.id for one in reversed(known)}
    counts = comparison.counts
    rows = []
    for journey in dict.fromkeys(one.id for one in known):
        same = counts.get((journey, None), 0)
        changes = tuple(counts.get((journey, one), 0) for one in CHANGES)
        added, gone, moved, changed = changes
        if same or any(changes):
            both = same + moved + changed
            rows.append(
                JourneyChange(
                    id=journey,
                    title=titles[journey],
                    before=both + gone,
                    now=both + added,
                    same=same,
                    changes=changes,
                )
            )
    return rows


def _affected(
    before: History, now: History, comparison: Comparison, order: Sequence[str], bounds: tuple[date, date]
) -> tuple[Affected, ...]:
    chosen = set(order)
    theirs: dict[str, list[Pair]] = defaultdict(list)
    for pair in comparison.pairs():
        if pair.either.person.id in chosen:
            theirs[pair.either.person.id].append(pair)
    return tuple(
        _one(before, now, person_id, theirs[person_id], bounds, is_drawn=place < MOST_DRAWN)
        for place, person_id in enumerate(order)
    )


def _one(
    before: History,
    now: History,
    person_id: str,
    pairs: Sequence[Pair],
    bounds: tuple[date, date],
    *,
    is_drawn: bool,
) -> Affected:
    rows = tuple(_row(now, pair) for pair in pairs)
    name = now.names.get(person_id) or before.names.get(person_id, "")
    contact = pairs[-1].either.person.contact or ""
    counts = Counter(row.change for row in rows)
    return Affected(
        id=person_id,
        name=name,
        contact=contact,
        changes=tuple(counts[one] for one in CHANGES),
        rows=rows,
        drawn=_drawn(rows, bounds) if is_drawn else (),
        filtered_by=_filters(rows, name, contact),
    )


def _row(now: History, pair: Pair) -> PairRow:
    """Both on the clock of the present project."""
    why_not = next(
        (one.kind.reason or one.kind.outcome for one in (pair.before, pair.now) if one and not one.is_sent),
        "",
    )
    return PairRow(
        change=pair.change or "",
        journey=pair.either.kind.journey,
        before=row_of(now, pair.before) if pair.before and pair.before.is_sent else None,
        now=row_of(now, pair.now) if pair.now and pair.now.is_sent else None,
        why_not=why_not,
        differs=tuple(_WORDS.get(one, one) for one in pair.differs),
    )


def _drawn(rows: Iterable[PairRow], bounds: tuple[date, date]) -> tuple[tuple[str, Line], ...]:
    dots: list[Happening] = []
    ties: list[tuple[Happening, Happening]] = []
    for row in rows:
        own = [
            _dot(one, lane, row.change) for lane, one in enumerate((row.before, row.now)) if one is not None
        ]
        dots += own
        if len(own) == 2:
            ties.append((own[0], own[1]))
    return tuple((name, time_line(dots, 2, bounds, width, ties)) for name, width in LINE_WIDTHS)


def _dot(row: Row, lane: int, change: str) -> Happening:
    when = "now" if lane else "before"
    title = f"{when}, {row.at:%-d %b %Y, %H:%M}: {row.journey}, {channel_name(row.channel)}"
    return Happening(row.at, lane, change or "none", title)


def _filters(rows: Sequence[PairRow], name: str, contact: str) -> str:
    """As `rows.js` reads them."""
    changes = sorted({row.change for row in rows if row.change})
    journeys = sorted({row.journey for row in rows if row.change})
    return "|".join([",".join(journeys), ",".join(changes), f"{name} {contact}".replace("|", " ")])
