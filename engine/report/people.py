"""The customers that get most, each with their own list."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime

import msgspec

from engine.pages.charts import Happening, Line, time_line
from engine.pages.words import channel_name
from engine.pages.writing import NARROW_PX
from engine.report.history import History
from engine.sim.outcomes import Outcome

MOST_LINES = 20_000
"""How many lines the lists of a page have in all: more, and a browser takes its time."""
LINE_PX = 820
"""Between how wide a time line is on the first page and in the lists."""
MOST_DRAWN = 200
"""To so many customers a time line is drawn."""


LINE_WIDTHS = (("wide", LINE_PX), ("narrow", NARROW_PX))


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a customer's list, `at` local time. `note` is why it was not sent, or until when it is held."""

    at: datetime
    journey: str
    template: str
    channel: str
    brand: str
    outcome: str
    note: str
    vehicle: str


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A customer and what they get; `name` may be empty. `most` is how many were sent within 30 days at most. `drawn`
    is their time line for each width: (class of the drawing, drawing)."""

    id: str
    name: str
    contact: str
    sent: int
    skipped: int
    held: int
    most: int
    rows: tuple[Row, ...]
    drawn: tuple[tuple[str, Line], ...]

    @property
    def filtered_by(self) -> str:
        """What the page's filters look at: journeys, channels, brands, outcomes, and what the customer is called."""
        return filters(self.rows, (self.name, self.contact, *(row.vehicle for row in self.rows)))


class People(msgspec.Struct, frozen=True, kw_only=True):
    """The busiest first; `known` is how many there are with any message."""

    listed: tuple[Person, ...]
    known: int


def people(history: History, bounds: tuple[date, date]) -> People:
    """Those to whom most is sent; of equals, those with more lines."""
    sent: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    for one in history.outcomes:
        if one.kind.journey in history.journeys:
            lines[one.person.id] += 1
            sent[one.person.id] += one.is_sent
    chosen = set(busiest(sent, lines))
    theirs: dict[str, list[Outcome]] = defaultdict(list)
    for one in history.outcomes:
        if one.person.id in chosen and one.kind.journey in history.journeys:
            theirs[one.person.id].append(one)
    order = sorted(theirs, key=lambda one: (-sent[one], -lines[one], one))
    return People(
        listed=tuple(
            _person(history, one, theirs[one], bounds, is_drawn=place < MOST_DRAWN)
            for place, one in enumerate(order)
        ),
        known=len(lines),
    )


def busiest(first: Mapping[str, int], lines: Mapping[str, int]) -> Iterator[str]:
    """The ids with most of `first`, as many as have `MOST_LINES` lines together."""
    left = MOST_LINES
    for one in sorted(lines, key=lambda one: (-first.get(one, 0), -lines[one], one)):
        left -= lines[one]
        if left < 0:
            return
        yield one


def filters(rows: Iterable[Row], texts: Iterable[str]) -> str:
    """As `rows.js` reads them: fields parted by `|`, the values of one by `,`; the last is searched."""
    told = list(rows)
    fields = [
        sorted({value for row in told if (value := getattr(row, name))})
        for name in ("journey", "channel", "brand", "outcome", "note")
    ]
    searched = " ".join(dict.fromkeys(text for text in texts if text)).replace("|", " ")
    return "|".join([*(",".join(one) for one in fields), searched])


def row_of(history: History, one: Outcome) -> Row:
    kind = one.kind
    return Row(
        at=one.at.astimezone(history.program.policy.zone),
        journey=kind.journey,
        template=kind.template,
        channel=kind.channel or "",
        brand=kind.brand,
        outcome=kind.outcome,
        note=kind.reason or "",
        vehicle=one.vehicle or "",
    )


def _person(
    history: History, person_id: str, lines: list[Outcome], bounds: tuple[date, date], *, is_drawn: bool
) -> Person:
    rows = tuple(row_of(history, one) for one in lines)
    channels = history.program.policy.channels
    dots = [_dot(row, channels) for row in rows if row.outcome != "held"]
    widths = LINE_WIDTHS if is_drawn else ()
    sent = [row.at for row in rows if row.outcome == "sent"]
    return Person(
        id=person_id,
        name=history.names.get(person_id, ""),
        contact=lines[-1].person.contact or "",
        sent=len(sent),
        skipped=sum(row.outcome == "skipped" for row in rows),
        held=len({one.message_id for one in lines if one.kind.outcome == "held"}),
        most=_most_within_30_days(sent),
        rows=rows,
        drawn=tuple((name, time_line(dots, len(channels), bounds, width)) for name, width in widths),
    )


def _dot(row: Row, channels: tuple[str, ...]) -> Happening:
    lane = channels.index(row.channel) if row.channel in channels else 0
    how = channel_name(row.channel) if row.outcome == "sent" else f"not sent, {row.note}"
    kind = row.channel if row.outcome == "sent" else "none"
    title = f"{row.at:%-d %b %Y, %H:%M}: {row.journey}, {how}"
    return Happening(row.at, lane, kind, title, open=row.outcome != "sent")


def _most_within_30_days(moments: list[datetime]) -> int:
    most = first = 0
    for place, at in enumerate(moments):
        while (at - moments[first]).days >= 30:
            first += 1
        most = max(most, place + 1 - first)
    return most
