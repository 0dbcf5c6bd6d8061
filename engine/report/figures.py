"""The counts of a page."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import msgspec

from engine.pages.order import in_order
from engine.pages.tally import SentReport, Tally
from engine.report.costs import CostReport, costs
from engine.report.history import History
from engine.report.holds import HoldReport, Holds


class RunRow(msgspec.Struct, frozen=True, kw_only=True):
    """A journey's runs: how many began, how many of them were held out, what tasks they gave, and how often its goal
    was reached (a line of `effects_of`, None where it has no goal)."""

    journey: str
    title: str
    begun: int
    held_out: int
    tasks: int
    goal: Mapping[str, Any] | None


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """All counts of one simulation, from its first day to its last."""

    first: date
    last: date
    went: SentReport
    holds: HoldReport
    costs: CostReport | None
    runs: tuple[RunRow, ...]
    tasks: tuple[tuple[str, int], ...]

    @property
    def waiting(self) -> int:
        """Messages that were still held when the clock stopped."""
        return self.went.other.get("held", 0)


def figures(history: History, bounds: tuple[date, date]) -> Figures:
    """Counts the history's outcomes; charts run over `bounds`."""
    tally, holds = Tally(), Holds()
    waiting: dict[str, str] = {}
    for one in history.outcomes:
        kind = one.kind
        if kind.journey not in history.journeys:
            continue
        holds.add(one)
        if kind.outcome == "held":
            waiting[one.message_id] = kind.journey
            continue
        waiting.pop(one.message_id, None)
        if one.is_sent:
            tally.sent(kind.journey, kind.channel or "", kind.brand, history.day(one.at), one.person.id)
        else:
            tally.skipped(kind.journey, kind.reason or "")
    for journey in waiting.values():
        tally.other(journey, "held")
    went = tally.report(history.program, *bounds)
    return Figures(
        first=bounds[0],
        last=bounds[1],
        went=went,
        holds=holds.report(history.until),
        costs=costs(went, history.program.policy),
        runs=tuple(_runs(history)),
        tasks=tuple(
            sorted((name, n) for name, n in history.tasks.items() if _journey_of(name) in history.journeys)
        ),
    )


def _runs(history: History) -> Iterator[RunRow]:
    goals = {one["journey"]: one for one in history.goals}
    for journey in in_order(history.program):
        tasks = sum(n for name, n in history.tasks.items() if _journey_of(name) == journey.id)
        if journey.id in history.journeys and (history.runs.get(journey.id) or tasks):
            yield RunRow(
                journey=journey.id,
                title=journey.title or journey.id,
                begun=history.runs.get(journey.id, 0),
                held_out=history.held_out.get(journey.id, 0),
                tasks=tasks,
                goal=goals.get(journey.id),
            )


def _journey_of(task: str) -> str:
    """Of `complaint-care, call-back`, as tasks are told."""
    return task.partition(", ")[0]
