"""The entry: a stimulus becomes a new document and effects."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol

from engine.decide import dates, facts, holds, starts, walk
from engine.decide.adopt import adopt
from engine.decide.draft import Draft
from engine.decide.goals import see
from engine.decide.hearing import hear
from engine.decide.merge import merge
from engine.model.customer import Customer, Run
from engine.model.events import Event
from engine.model.program import Program
from engine.model.stimuli import (
    BroadcastReached,
    CustomersMerged,
    Effects,
    EventArrived,
    JourneysChanged,
    ReadingArrived,
    ScheduleReached,
    Stimulus,
    TimerDue,
    VehicleJoined,
    VehicleLeft,
)


class Decide(Protocol):
    """`decide`, or one that is watched."""

    def __call__(
        self, program: Program, customer: Customer, stimulus: Stimulus, now: datetime, /
    ) -> tuple[Customer, Effects]: ...


def decide(
    program: Program,
    customer: Customer,
    stimulus: Stimulus,
    now: datetime,
    draft_of: Callable[[Program, Customer, datetime], Draft] = Draft,
) -> tuple[Customer, Effects]:
    """`customer` after `stimulus` at `now`, and what is to be done about it.

    Afterwards nothing of the customer's is due before `now`; after `TimerDue`, nothing at `now` either. What falls
    due in the very moment of an event or a schedule is left to that, as more of the same moment may come. The caller
    has done what was due before `now` already, by `TimerDue` at each `next_due_at`. `draft_of` makes the draft: one
    that tells what it sees, for who watches.
    """
    draft = draft_of(program, customer, now)
    _ABSORB[type(stimulus)](draft, stimulus)
    return draft.finish(_move(draft, up_to_now=type(stimulus) not in _AT_A_MOMENT))


def _event(draft: Draft, stimulus: EventArrived) -> None:
    event, vehicle = stimulus.event, stimulus.vehicle
    draft.learn()
    facts.take_in(draft, event, vehicle)
    draft.settle()
    if not draft.known:
        return
    starts.stop(draft, event)
    if event.type in draft.program.awaited:
        hear(draft, event)
    if draft.watches and event.type in draft.program.wanted:
        see(draft, event)
    under_way = list(draft.runs)
    starts.start(draft, event, vehicle)
    _reckon(draft, list(draft.runs) if draft.stated else under_way)
    draft.stated = False
    if draft.program.dated:
        dates.reckon(draft)


def _reading(draft: Draft, stimulus: ReadingArrived) -> None:
    draft.learn()
    facts.take_in_vehicle(draft, stimulus.event, stimulus.vehicle)
    draft.settle()
    _reckon(draft, list(draft.runs))
    if draft.program.dated:
        dates.reckon(draft)


def _joined(draft: Draft, stimulus: VehicleJoined) -> None:
    draft.learn()
    facts.join(draft, stimulus.vehicle, stimulus.since)


def _left(draft: Draft, stimulus: VehicleLeft) -> None:
    draft.learn()
    draft.vehicles.pop(stimulus.vehicle, None)
    if not draft.known:
        draft.kept.clear()
    for run in [one for one in draft.runs.values() if one.vehicle == stimulus.vehicle]:
        draft.end(run, "car left")
    if draft.plans:
        dates.reckon(draft)


def _merged(draft: Draft, stimulus: CustomersMerged) -> None:
    merge(draft, stimulus.other)


def _schedule(draft: Draft, stimulus: ScheduleReached) -> None:
    starts.start_scheduled(draft, draft.program.journeys[stimulus.journey], stimulus.at)


def _broadcast(draft: Draft, stimulus: BroadcastReached) -> None:
    starts.start_broadcast(draft, draft.program.journeys[stimulus.journey], stimulus.event)


def _timer(_draft: Draft, _stimulus: TimerDue) -> None:
    """Nothing is learned; only time has passed."""


def _changed(draft: Draft, stimulus: JourneysChanged) -> None:
    for run in list(draft.runs.values()):
        adopt(draft, run, stimulus.moved)
    if draft.known and (draft.program.dated or draft.plans):
        dates.reckon(draft, other_journeys=True)
    if draft.standing.held:
        holds.wake_all(draft)


_ABSORB: dict[type[Stimulus], Callable[[Draft, Any], None]] = {
    EventArrived: _event,
    ReadingArrived: _reading,
    VehicleJoined: _joined,
    VehicleLeft: _left,
    CustomersMerged: _merged,
    ScheduleReached: _schedule,
    BroadcastReached: _broadcast,
    TimerDue: _timer,
    JourneysChanged: _changed,
}


_AT_A_MOMENT = (EventArrived, ReadingArrived, ScheduleReached, BroadcastReached, CustomersMerged)
"""At equal moments schedules come first, then events, then timers."""


def _reckon(draft: Draft, under_way: Sequence[str]) -> None:
    """Reckons anew those waits of the runs that were `under_way` which what was learned may have moved."""
    for run_id in under_way:
        run = draft.runs.get(run_id)
        if run is not None:
            walk.refresh(draft, run, learned_alone=True)


def _move(draft: Draft, *, up_to_now: bool) -> datetime | None:
    """Does all that is due before now (or now too, if `up_to_now`), in order of moment; at the same one first what a
    date begins, then what was held back until then, then runs by journey and id. Gives the moment at which something
    will be due next."""
    while True:
        while draft.emitted:
            _go_on_with(draft, *draft.emitted.pop(0))
        first = _first(draft)
        due_at = None if first is None else first.due_at
        held = holds.first(draft) if draft.standing.held else None
        if held is not None and due_at is not None and held.at > due_at:
            held = None
        if held is not None:
            due_at = held.at
        plan = dates.first(draft) if draft.plans else None
        if plan is not None and (due_at is None or plan.due_at <= due_at):
            if plan.due_at > draft.now or (plan.due_at == draft.now and not up_to_now):
                return plan.due_at
            dates.begin_planned(draft, plan)
            continue
        if due_at is None or due_at > draft.now or (due_at == draft.now and not up_to_now):
            return due_at
        if held is not None:
            holds.wake(draft, held.id)
        elif first is not None:
            walk.wake(draft, first)
        if draft.stated:
            _learned_more(draft)


def _learned_more(draft: Draft) -> None:
    """A step has stated something of the customer that other runs, and plans, may hang on."""
    draft.stated = False
    _reckon(draft, list(draft.runs))
    if draft.program.dated:
        dates.reckon(draft)


def _go_on_with(draft: Draft, event: Event, vehicle: str | None) -> None:
    """An event that a journey has made is the customer's like any other."""
    draft.logged.append(event)
    _event(draft, EventArrived(event=event, vehicle=vehicle))


def _first(draft: Draft) -> Run | None:
    """The run that is to move next."""
    first: Run | None = None
    earliest: datetime | None = None
    for run in draft.runs.values():
        due_at = run.due_at
        if due_at is None or (earliest is not None and due_at > earliest) or not _may_move(draft, run):
            continue
        if first is None or due_at != earliest or (run.journey, run.id) < (first.journey, first.id):
            first, earliest = run, due_at
    return first


def _may_move(draft: Draft, run: Run) -> bool:
    journey = draft.program.journeys.get(run.journey)
    return journey is not None and draft.active(journey) and run.step in journey.position
