"""`simulate --compare`: two versions of a project on the same events, and who would get what instead."""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from engine.cli.context import Format, emit, local, printable, tell
from engine.cli.replaying import Replay, Summary, Version, replayed, tell_summary
from engine.intake.spool import Spool
from engine.report import History, write_comparison
from engine.sim.comparison import Change, Comparison, Pair
from engine.sim.outcomes import Outcome, Outcomes

_CHANGES = (Change.ADDED, Change.GONE, Change.MOVED, Change.CHANGED)


class _Side(NamedTuple):
    """One version, replayed."""

    version: Version
    summary: Summary
    outcomes: Outcomes
    history: History | None
    all_refused: bool


def compare_with(
    before: Version, now: Version, how: Replay, wanted: frozenset[str], report: Path | None, output: Format
) -> bool:
    """Replays both, one after the other, so that only one is in memory; tells what is another. Whether every line was
    refused by the present one."""
    with Spool() as spool:
        again = replace(how, open=spool.open)
        first = _replayed(before, again, wanted, "before", has_page=report is not None)
        second = _replayed(now, again, wanted, "now", has_page=report is not None)
    comparison = Comparison(first.outcomes, second.outcomes, wanted)
    _write(first, second, comparison, wanted, output)
    if report is not None and first.history is not None and second.history is not None:
        tell(f"  report: {write_comparison(report, first.history, second.history, comparison)}")
    return second.all_refused


def _replayed(version: Version, how: Replay, wanted: frozenset[str], what: str, *, has_page: bool) -> _Side:
    outcomes = Outcomes()
    done = replayed(version.program, how, outcomes.add, what=f"replaying {what}", printing=False)
    summary = Summary.of(done, version.zone)
    tell(f"{what}: {version.name}")
    tell_summary(summary)
    history = version.history(done, summary, outcomes, wanted) if has_page else None
    return _Side(version, summary, outcomes, history, done.all_refused)


def _write(
    first: _Side, second: _Side, comparison: Comparison, wanted: frozenset[str], output: Format
) -> None:
    zone = second.version.zone
    sides = {"before": _told(first, wanted), "now": _told(second, wanted)}
    if output is Format.JSONL:
        for pair in comparison.differences():
            emit(line_of(pair, zone))
    elif output is Format.JSON:
        journeys = [dict(zip(_FIELDS, row, strict=True)) for row in _rows(comparison)]
        differences = [line_of(pair, zone) for pair in comparison.differences()]
        totals = dict(zip(_FIELDS[1:], _totals(comparison), strict=True))
        emit({**sides, **totals, "journeys": journeys, "differences": differences})
    else:
        for line in _lines(sides, comparison):
            sys.stdout.write(printable(line.rstrip()) + "\n")
    sys.stdout.flush()


_FIELDS = ("journey", "same", *(str(one) for one in _CHANGES))


def _rows(comparison: Comparison) -> Iterator[tuple[Any, ...]]:
    for journey in sorted({journey for journey, _ in comparison.counts}):
        yield journey, *(comparison.counts.get((journey, one), 0) for one in (None, *_CHANGES))


def _totals(comparison: Comparison) -> list[int]:
    return [comparison.count(one) for one in (None, *_CHANGES)]


def _told(side: _Side, wanted: frozenset[str]) -> dict[str, Any]:
    """One version in numbers. A message that is held counts by its last line."""
    prices = side.version.program.policy.prices
    outcomes: Counter[str] = Counter()
    cost = Decimal()
    for place in side.outcomes.finals():
        kind = side.outcomes[place].kind
        if kind.journey in wanted:
            outcomes[kind.outcome] += 1
            if kind.outcome == "sent":
                cost += prices.get(kind.channel or "", Decimal())
    return {
        "project": side.version.name,
        "version": side.version.program.version,
        "sent": outcomes["sent"],
        "skipped": outcomes["skipped"],
        "held": outcomes["held"],
        "cost": float(cost) if prices else None,
        "currency": side.version.program.policy.currency,
        "summary": side.summary,
    }


def line_of(pair: Pair, zone: ZoneInfo) -> dict[str, Any]:
    """One difference, as programs get it."""
    one = pair.either
    return {
        "change": pair.change,
        "differs": list(pair.differs),
        "journey": one.kind.journey,
        "step": one.kind.step,
        "customer": one.person.contact,
        "vehicle": one.vehicle,
        "before": _side_of(pair.before, zone),
        "now": _side_of(pair.now, zone),
    }


def _side_of(one: Outcome | None, zone: ZoneInfo) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "at": local(one.at, zone),
        "template": one.kind.template,
        "channel": one.kind.channel,
        "brand": one.kind.brand,
        "locale": one.kind.locale,
        "outcome": one.kind.outcome,
        "reason": one.kind.reason,
        "run": one.run,
        "message_id": one.message_id,
    }


def _lines(sides: dict[str, dict[str, Any]], comparison: Comparison) -> Iterator[str]:
    """For people: the numbers."""
    before, now = sides["before"], sides["now"]
    yield f"{'':<26}{'before':>12}{'now':>12}"
    for name in ("sent", "skipped", "held"):
        if before[name] or now[name] or name == "sent":
            yield f"{name:<26}{before[name]:>12}{now[name]:>12}"
    if before["cost"] is not None or now["cost"] is not None:
        label = f"cost {now['currency'] or ''}".strip()
        yield f"{label:<26}{_money(before['cost']):>12}{_money(now['cost']):>12}"
    yield ""
    yield f"{'':<26}" + "".join(f"{name:>9}" for name in _FIELDS[1:])
    for journey, *counts in _rows(comparison):
        yield f"{journey:<26}" + "".join(f"{n:>9}" for n in counts)
    yield f"{'all':<26}" + "".join(f"{n:>9}" for n in _totals(comparison))


def _money(cost: float | None) -> str:
    return "-" if cost is None else f"{cost:.2f}"
