"""What came in: counted from the events as they are read, in order of arrival.

`Arrivals` is told each event and each refusal; `report` gives the counts. A duplicate is known by its key, as
everywhere; 'late' is an event that arrived more than a day after what it tells of.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from engine.demo.telling import type_name
from engine.model.diagnostics import Rejection
from engine.model.events import Event
from engine.model.policy import Dealer
from engine.pages.calendar import local_day, months_between

LATE = timedelta(days=1)
_DELAYS = (
    ("within a day", LATE),
    ("1 to 3 days", timedelta(days=3)),
    ("3 to 7 days", timedelta(days=7)),
    ("1 to 2 weeks", timedelta(days=14)),
    ("later", timedelta.max),
)


class TypeRow(msgspec.Struct, frozen=True, kw_only=True):
    """Accepted events of one type; `months` in the order of `ArrivalReport.months`."""

    name: str
    title: str
    total: int
    months: tuple[int, ...]


class DealerRow(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    city: str
    accepted: int
    purchases: int
    late: int
    duplicates: int
    refused: int


class Delay(msgspec.Struct, frozen=True):
    label: str
    events: int


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """One refused line; `raw` as it came, as text."""

    file: str
    line: int
    field: str
    reason: str
    dealer: str
    raw: str


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """Lines refused for the same reason."""

    reason: str
    refusals: tuple[Refusal, ...]


class ArrivalReport(msgspec.Struct, frozen=True, kw_only=True):
    """`months` are the first days of all months between the first arrival and the last."""

    read: int
    accepted: int
    duplicates: int
    rejected: int
    late: int
    first: date
    last: date
    months: tuple[date, ...]
    types: tuple[TypeRow, ...]
    dealers: tuple[DealerRow, ...]
    delays: tuple[Delay, ...]
    causes: tuple[Cause, ...]
    days: Mapping[date, int]


class Arrivals:
    """`zone` is that of the days and months."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._seen: set[bytes] = set()
        self._types: Counter[tuple[str, date]] = Counter()
        self._days: Counter[date] = Counter()
        self._delays: Counter[str] = Counter()
        self._dealers: Counter[tuple[str, str]] = Counter()
        self._refusals: list[Refusal] = []
        self._duplicates = 0

    def event(self, event: Event) -> None:
        """An event that was read, accepted or a duplicate."""
        dealer = event.dealer or ""
        if event.key in self._seen:
            self._duplicates += 1
            self._dealers[dealer, "duplicates"] += 1
            return
        self._seen.add(event.key)
        arrived = local_day(event.arrived, self._zone)
        self._types[event.type, arrived.replace(day=1)] += 1
        self._days[arrived] += 1
        self._dealers[dealer, "accepted"] += 1
        if event.type == "purchase.recorded":
            self._dealers[dealer, "purchases"] += 1
        late_by = event.arrived - event.time
        self._delays[next(label for label, most in _DELAYS if late_by <= most)] += 1
        if late_by > LATE:
            self._dealers[dealer, "late"] += 1

    def refused(self, one: Rejection) -> None:
        """A line that was refused."""
        dealer = _dealer_of(one.raw)
        self._dealers[dealer, "refused"] += 1
        self._refusals.append(
            Refusal(
                file=one.file.rsplit("/", 1)[-1],
                line=one.line,
                field=one.field,
                reason=one.reason,
                dealer=dealer,
                raw=one.raw.decode("utf-8", "replace"),
            )
        )

    def report(self, dealers: Mapping[str, Dealer]) -> ArrivalReport:
        """The counts so far. Raises `ValueError` where nothing was accepted."""
        accepted = sum(self._days.values())
        first, last = min(self._days), max(self._days)
        months = tuple(months_between(first, last))
        return ArrivalReport(
            read=accepted + self._duplicates + len(self._refusals),
            accepted=accepted,
            duplicates=self._duplicates,
            rejected=len(self._refusals),
            late=sum(n for (_, what), n in self._dealers.items() if what == "late"),
            first=first,
            last=last,
            months=months,
            types=tuple(self._type_rows(months)),
            dealers=tuple(self._dealer_rows(dealers)),
            delays=tuple(Delay(label, self._delays[label]) for label, _ in _DELAYS),
            causes=_causes(self._refusals),
            days=dict(self._days),
        )

    def _type_rows(self, months: tuple[date, ...]) -> Iterator[TypeRow]:
        totals: Counter[str] = Counter()
        for (name, _), n in self._types.items():
            totals[name] += n
        for name, total in sorted(totals.items(), key=lambda one: (-one[1], one[0])):
            by_month = tuple(self._types[name, month] for month in months)
            yield TypeRow(name=name, title=type_name(name), total=total, months=by_month)

    def _dealer_rows(self, dealers: Mapping[str, Dealer]) -> Iterator[DealerRow]:
        for dealer_id in sorted({one for one, _ in self._dealers if one}):
            known = dealers.get(dealer_id)
            yield DealerRow(
                id=dealer_id,
                name=(known.name if known else None) or dealer_id,
                city=(known.city if known else None) or "",
                accepted=self._dealers[dealer_id, "accepted"],
                purchases=self._dealers[dealer_id, "purchases"],
                late=self._dealers[dealer_id, "late"],
                duplicates=self._dealers[dealer_id, "duplicates"],
                refused=self._dealers[dealer_id, "refused"],
            )


def _causes(refusals: list[Refusal]) -> tuple[Cause, ...]:
    """The most frequent first."""
    found: dict[str, list[Refusal]] = {}
    for one in refusals:
        found.setdefault(one.reason, []).append(one)
    ordered = sorted(found.items(), key=lambda one: (-len(one[1]), one[1][0].line))
    return tuple(Cause(reason=reason, refusals=tuple(lines)) for reason, lines in ordered)


def _dealer_of(raw: bytes) -> str:
    """Who sent a refused line, where that can still be read from it."""
    try:
        value: Any = msgspec.json.decode(raw.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    data = value.get("data") if isinstance(value, dict) else None
    dealer = data.get("dealer") if isinstance(data, dict) else None
    return dealer if isinstance(dealer, str) else ""
