"""What went out and what did not: counted from the ledger's rows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

import msgspec

from engine.model.journeys import ScheduleStart
from engine.model.messages import Status
from engine.model.program import Program
from engine.pages.calendar import local_day, months_between
from engine.pages.order import in_order
from engine.pages.words import MEANINGS
from engine.ports import MessageRow

WENT = frozenset({Status.SENT, Status.DELIVERED, Status.BOUNCED})


class JourneyRow(msgspec.Struct, frozen=True, kw_only=True):
    """What one journey sent: by channel in the policy's order, by month, and what was skipped."""

    id: str
    title: str
    about: str
    channels: tuple[int, ...]
    months: tuple[int, ...]
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
    """`by_channel[c][m]` counts what went out by the c-th channel in the m-th month; `other` what is neither
    sent nor skipped, by status."""

    decided: int
    sent: int
    skipped: int
    customers: int
    channels: tuple[str, ...]
    months: tuple[date, ...]
    by_channel: tuple[tuple[int, ...], ...]
    journeys: tuple[JourneyRow, ...]
    brands: tuple[BrandRow, ...]
    skips: tuple[SkipRow, ...]
    other: Mapping[str, int]
    days: Mapping[tuple[str, date], int]

    @property
    def totals(self) -> tuple[int, ...]:
        """What went out, by channel."""
        return tuple(sum(months) for months in self.by_channel)


def report(rows: Sequence[MessageRow], program: Program, first: date, last: date) -> SentReport:
    """Counts the ledger's `rows`; months run from `first`'s to `last`'s."""
    zone = program.policy.zone
    months = tuple(months_between(first, last))
    channels = program.policy.channels
    went = [row for row in rows if row.message.status in WENT]
    skipped = [row for row in rows if row.message.status is Status.SKIPPED]
    told = {row.message.journey for row in rows}
    journeys = [one.id for one in in_order(program) if one.id in told]
    statuses = Counter(row.message.status for row in rows)
    by_month = _by_month(went, zone)
    return SentReport(
        decided=len(rows),
        sent=len(went),
        skipped=len(skipped),
        customers=len({row.message.customer_id for row in went}),
        channels=channels,
        months=months,
        by_channel=tuple(tuple(by_month["channel", one, month] for month in months) for one in channels),
        journeys=tuple(_journey(program, one, went, skipped, by_month, months) for one in journeys),
        brands=_brands(went, channels),
        skips=_skips(skipped, journeys),
        other={str(one): n for one, n in statuses.items() if one not in WENT | {Status.SKIPPED}},
        days=Counter((row.message.channel or "", local_day(row.message.at, zone)) for row in went),
    )


def _by_month(went: Sequence[MessageRow], zone: ZoneInfo) -> Counter[tuple[str, str, date]]:
    counts: Counter[tuple[str, str, date]] = Counter()
    for row in went:
        month = local_day(row.message.at, zone).replace(day=1)
        counts["channel", row.message.channel or "", month] += 1
        counts["journey", row.message.journey, month] += 1
    return counts


def _journey(
    program: Program,
    journey: str,
    went: Sequence[MessageRow],
    skipped: Sequence[MessageRow],
    by_month: Counter[tuple[str, str, date]],
    months: Sequence[date],
) -> JourneyRow:
    known = program.journeys[journey]
    by_channel = Counter(row.message.channel for row in went if row.message.journey == journey)
    return JourneyRow(
        id=journey,
        title=known.title or journey,
        about=known.about,
        channels=tuple(by_channel[one] for one in program.policy.channels),
        months=tuple(by_month["journey", journey, month] for month in months),
        sent=sum(by_channel.values()),
        skipped=sum(row.message.journey == journey for row in skipped),
        scheduled=isinstance(known.start, ScheduleStart),
    )


def _brands(went: Sequence[MessageRow], channels: Sequence[str]) -> tuple[BrandRow, ...]:
    """The one that sent most first."""
    counts = Counter((row.message.brand, row.message.channel) for row in went)
    totals = Counter(row.message.brand for row in went)
    return tuple(
        BrandRow(id=brand, channels=tuple(counts[brand, one] for one in channels), sent=total)
        for brand, total in sorted(totals.items(), key=lambda one: (-one[1], one[0]))
    )


def _skips(skipped: Sequence[MessageRow], journeys: Sequence[str]) -> tuple[SkipRow, ...]:
    """The most frequent reason first."""
    counts = Counter((str(row.message.reason or ""), row.message.journey) for row in skipped)
    totals = Counter(str(row.message.reason or "") for row in skipped)
    return tuple(
        SkipRow(
            reason=reason,
            meaning=MEANINGS.get(reason, ""),
            journeys=tuple(counts[reason, one] for one in journeys),
            total=total,
        )
        for reason, total in sorted(totals.items(), key=lambda one: (-one[1], one[0]))
    )
