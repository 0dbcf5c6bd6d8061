"""What went out and what did not, counted: by channel, journey, brand, day and reason."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date

import msgspec

from engine.model.journeys import ScheduleStart
from engine.model.program import Program
from engine.pages.calendar import Span, spans_between
from engine.pages.order import in_order
from engine.pages.words import MEANINGS

_SPANS = (("month", 31), ("quarter", 92), ("year", 366))


class JourneyRow(msgspec.Struct, frozen=True, kw_only=True):
    """What one journey sent: by channel in the policy's order, by span of time, and what was skipped."""

    id: str
    title: str
    about: str
    channels: tuple[int, ...]
    spans: tuple[int, ...]
    sent: int
    skipped: int
    scheduled: bool


class BrandRow(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    channels: tuple[int, ...]
    sent: int


class SkipRow(msgspec.Struct, frozen=True, kw_only=True):
    """`journeys` counts by journey, in the order of `SentReport.journeys`."""

    reason: str
    meaning: str
    journeys: tuple[int, ...]
    total: int


class SentReport(msgspec.Struct, frozen=True, kw_only=True):
    """`by_channel[c][s]` counts what went out by the c-th channel in the s-th span; `other` what is neither
    sent nor skipped, by what became of it."""

    decided: int
    sent: int
    skipped: int
    customers: int
    channels: tuple[str, ...]
    spans: tuple[Span, ...]
    by_channel: tuple[tuple[int, ...], ...]
    journeys: tuple[JourneyRow, ...]
    brands: tuple[BrandRow, ...]
    skips: tuple[SkipRow, ...]
    other: Mapping[str, int]
    days: Mapping[tuple[str, date], int]

    @property
    def each(self) -> str:
        """What a span is: `month`, `quarter` or `year`."""
        days = (self.spans[0].last - self.spans[0].first).days if self.spans else 0
        return next(name for name, most in _SPANS if days < most)

    @property
    def totals(self) -> tuple[int, ...]:
        """What went out, by channel."""
        return tuple(sum(spans) for spans in self.by_channel)


class Tally:
    """Is told every message once, as it ended; its size grows with days and customers, not with messages."""

    def __init__(self) -> None:
        self._sent: Counter[tuple[str, str, str, date]] = Counter()
        self._skipped: Counter[tuple[str, str]] = Counter()
        self._other: Counter[tuple[str, str]] = Counter()
        self._customers: set[str] = set()

    def sent(self, journey: str, channel: str, brand: str, day: date, customer_id: str) -> None:
        self._sent[journey, channel, brand, day] += 1
        self._customers.add(customer_id)

    def skipped(self, journey: str, reason: str) -> None:
        self._skipped[journey, reason] += 1

    def other(self, journey: str, outcome: str) -> None:
        """Neither sent nor skipped."""
        self._other[journey, outcome] += 1

    def report(self, program: Program, first: date, last: date) -> SentReport:
        """The counts so far; spans run from `first`'s to `last`'s."""
        spans = spans_between(first, last)
        channels = program.policy.channels
        told = {journey for journey, *_ in (*self._sent, *self._skipped, *self._other)}
        journeys = [one.id for one in in_order(program) if one.id in told]
        sent, skipped = sum(self._sent.values()), sum(self._skipped.values())
        other: Counter[str] = Counter()
        for (_, outcome), n in self._other.items():
            other[outcome] += n
        days: Counter[tuple[str, date]] = Counter()
        by_span: Counter[tuple[str, str, int]] = Counter()
        starts = [one.first for one in spans]
        for (journey, channel, _, day), n in self._sent.items():
            days[channel, day] += n
            place = bisect_right(starts, day) - 1
            by_span["channel", channel, place] += n
            by_span["journey", journey, place] += n
        places = range(len(spans))
        return SentReport(
            decided=sent + skipped + sum(other.values()),
            sent=sent,
            skipped=skipped,
            customers=len(self._customers),
            channels=channels,
            spans=spans,
            by_channel=tuple(tuple(by_span["channel", one, at] for at in places) for one in channels),
            journeys=tuple(
                self._journey(program, one, tuple(by_span["journey", one, at] for at in places))
                for one in journeys
            ),
            brands=self._brands(channels),
            skips=self._skips(journeys),
            other=dict(other),
            days=days,
        )

    def _journey(self, program: Program, journey: str, spans: tuple[int, ...]) -> JourneyRow:
        known = program.journeys[journey]
        by_channel: Counter[str] = Counter()
        for (one, channel, _, _), n in self._sent.items():
            if one == journey:
                by_channel[channel] += n
        return JourneyRow(
            id=journey,
            title=known.title or journey,
            about=known.about,
            channels=tuple(by_channel[one] for one in program.policy.channels),
            spans=spans,
            sent=sum(by_channel.values()),
            skipped=sum(n for (one, _), n in self._skipped.items() if one == journey),
            scheduled=isinstance(known.start, ScheduleStart),
        )

    def _brands(self, channels: Sequence[str]) -> tuple[BrandRow, ...]:
        """The one that sent most first."""
        counts: Counter[tuple[str, str]] = Counter()
        totals: Counter[str] = Counter()
        for (_, channel, brand, _), n in self._sent.items():
            counts[brand, channel] += n
            totals[brand] += n
        return tuple(
            BrandRow(id=brand, channels=tuple(counts[brand, one] for one in channels), sent=total)
            for brand, total in _most_first(totals)
        )

    def _skips(self, journeys: Collection[str]) -> tuple[SkipRow, ...]:
        """The most frequent reason first."""
        totals: Counter[str] = Counter()
        for (_, reason), n in self._skipped.items():
            totals[reason] += n
        return tuple(
            SkipRow(
                reason=reason,
                meaning=MEANINGS.get(reason, ""),
                journeys=tuple(self._skipped[one, reason] for one in journeys),
                total=total,
            )
            for reason, total in _most_first(totals)
        )


def _most_first(totals: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(totals.items(), key=lambda one: (-one[1], one[0]))
