"""What an event does to runs before any of them moves: it stops some and begins others."""

from datetime import datetime
from typing import NamedTuple

from engine.decide.draft import Draft
from engine.decide.hearing import of_another_task
from engine.decide.sends import foreign
from engine.decide.walk import begin
from engine.model.customer import Customer, Run
from engine.model.events import Event
from engine.model.ids import derive
from engine.model.journeys import Again, EventStart, Journey, ScheduleStart
from engine.model.program import Program
from engine.model.scope import Scope


def stop(draft: Draft, event: Event) -> None:
    """Ends the runs of which a `stop` names the event. What happened before a run began does not stop it."""
    for journey in draft.program.stopping.get(event.type, ()):
        for run in [one for one in draft.runs.values() if one.journey == journey.id]:
            if run.started_at <= event.time and _stops(draft, journey, run, event):
                draft.end(run, "stopped")  # of a paused journey too: it would be missed


def start(draft: Draft, event: Event, vehicle: str | None) -> None:
    """Begins the runs that the event starts."""
    journeys = draft.program.starting.get(event.type, ())
    if not journeys:
        return
    scope = draft.scope(event=event, vehicle=vehicle)
    beginning = _Beginning(event, event.key.hex(), event.brand, scope)
    for journey in journeys:
        if draft.active(journey):
            _start(draft, journey, beginning)


def concerns(program: Program, customer: Customer, journey: Journey, event: Event, now: datetime) -> bool:
    """Whether an event about nobody begins a run of the journey for the customer, as far as conditions go."""
    how = journey.start
    if not customer.known or not isinstance(how, EventStart) or how.audience is None:
        return False
    scope = Scope(program=program, now=now, customer=customer, event=event)
    return bool(how.audience(scope)) and (how.when is None or bool(how.when(scope)))


def start_broadcast(draft: Draft, journey: Journey, event: Event) -> None:
    """Begins the run of an event about nobody, if it concerns the customer."""
    if not draft.active(journey) or not concerns(draft.program, draft.view, journey, event, draft.now):
        return
    if foreign(draft, journey):
        draft.begins_none(journey, "brand")
        return
    draft.learn()
    _start(draft, journey, _Beginning(event, event.key.hex(), None, draft.scope(event=event)))


def in_audience(program: Program, customer: Customer, journey: Journey, now: datetime) -> bool:
    """Whether a scheduled journey's `audience` holds for the customer at `now`."""
    if not customer.known or not isinstance(journey.start, ScheduleStart):
        return False
    return bool(journey.start.audience(Scope(program=program, now=now, customer=customer)))


def start_scheduled(draft: Draft, journey: Journey, at: datetime) -> None:
    """Begins the run of a schedule's moment, if the customer is of its audience."""
    if not draft.active(journey) or not in_audience(draft.program, draft.view, journey, draft.now):
        return
    if foreign(draft, journey):
        draft.begins_none(journey, "brand")
        return
    if _under_way(draft, journey, "customer"):
        draft.begins_none(journey, "under way")
        return
    member = draft.view.contact or draft.base.id
    run = Run(
        id=derive("run", journey.id, "customer", at.isoformat(), member),
        journey=journey.id,
        key="customer",
        started_at=at,
        step="",
        at=at,
    )
    begin(draft, journey, run)


class _Beginning(NamedTuple):
    """What an event's starts have in common. `brand` is that of what was bought, if anything was."""

    event: Event
    event_key: str
    brand: str | None
    scope: Scope


def _start(draft: Draft, journey: Journey, beginning: _Beginning) -> None:
    event, event_key, brand, scope = beginning
    how = journey.start
    if not isinstance(how, EventStart) or (how.when is not None and not how.when(scope)):
        return
    if journey.brands and brand is not None and brand not in journey.brands:
        draft.begins_none(journey, "brand")
        return
    key = _key(draft, journey, how, scope)
    if key is None or not _may_start(draft, journey, how, key, beginning):
        return
    member = [] if how.audience is None else [draft.view.contact or draft.base.id]
    run = Run(
        id=derive("run", journey.id, key, event.source, event.id, *member),
        journey=journey.id,
        key=key,
        started_at=event.time,
        step="",
        at=event.time,
        brand=brand,
        event=event_key,
        vehicle=scope.vehicle.id if scope.vehicle else None,
        dealer=event.dealer,
    )
    draft.keep(event_key, event)
    if journey.stop and stopped_already(draft, journey, run):
        draft.begins_none(journey, "stopped before")
        return
    begin(draft, journey, run)


def _key(draft: Draft, journey: Journey, how: EventStart, scope: Scope) -> str | None:
    """The value that the run is for; None, and noted, where the event carries no such thing."""
    if how.per == "customer":
        return "customer"
    if how.per == "vehicle":
        if scope.vehicle is None:
            told = (scope.event.data.get("vehicle") if scope.event else None) or {}
            draft.note("another's car" if told.get("plate") or told.get("vin") else "no vehicle", journey.id)
            return None
        return scope.vehicle.id
    value = how.per_value(scope) if how.per_value else None
    if value is None:
        draft.note("no key", journey.id)
        return None
    return str(value)


def _may_start(draft: Draft, journey: Journey, how: EventStart, key: str, beginning: _Beginning) -> bool:
    """What `again` says of a further start; ends the run under way where a new one takes its place."""
    event = beginning.event
    slot = f"{journey.id}\x1f{key}"
    newest = draft.starts.get(slot)
    running = _under_way(draft, journey, key)
    if running is not None:
        if (event.time, beginning.event_key) < (running.started_at, running.event or ""):
            draft.note("older start", journey.id)
            return False
        if how.again is not Again.RESTART:
            draft.begins_none(journey, "under way")
            return False
        draft.end(running, "restarted")
    elif newest is not None and not allowed_later(draft, how, newest, event.time):
        draft.note("older start" if how.again is Again.RESTART else "not again", journey.id)
        return False
    if how.again is not Again.IGNORE:
        draft.starts[slot] = event.time
    return True


def allowed_later(draft: Draft, how: EventStart, newest: datetime, at: datetime) -> bool:
    """Whether a start is allowed once the run that began at `newest` is over."""
    if how.again is Again.ONCE:
        return False
    if how.again is Again.AFTER and how.again_after is not None:
        return at >= how.again_after.after(newest, draft.zone)
    return how.again is not Again.RESTART or at >= newest


def _under_way(draft: Draft, journey: Journey, key: str) -> Run | None:
    for run in draft.runs.values():
        if run.journey == journey.id and run.key == key:
            return run
    return None


def _stops(draft: Draft, journey: Journey, run: Run, event: Event) -> bool:
    return not of_another_task(run, event) and any(
        one.on == event.type and (one.when is None or one.when(draft.scope(run, event)))
        for one in journey.stop
    )


def stopped_already(draft: Draft, journey: Journey, run: Run) -> bool:
    """Whether an event that stops the run came before the one that starts it, though it happened later."""
    return any(
        key != run.event
        and (event := draft.event(key)).time >= run.started_at
        and _stops(draft, journey, run, event)
        for event_type in {one.on for one in journey.stop}
        for key in _known_of(draft, event_type)
    )


def _known_of(draft: Draft, event_type: str) -> tuple[str, ...]:
    """The keys of the newest event of a type; of the newest few, where a condition is asked of them."""
    newest = draft.last.get(event_type)
    few = draft.heard.get(event_type, ())
    return few if few or newest is None else (newest,)
