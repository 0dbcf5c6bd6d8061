"""Runs that begin at a distance from a date: planned in the document, and planned anew when the date changes.

What is planned follows the date as it is known now; so does a run under way, which ends when its date is no longer so.
A date that has begun a run, or any later one, begins no other until the date has moved beyond it.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime

from engine.decide.draft import Draft
from engine.decide.sends import foreign
from engine.decide.walk import begin
from engine.model.customer import Plan, Run
from engine.model.ids import derive
from engine.model.journeys import DateStart, Journey
from engine.model.times import at_local

Day = date | datetime


def reckon(draft: Draft, *, other_journeys: bool = False) -> None:
    """Plans anew. `other_journeys`: what would have been due before these were in force begins nothing any more;
    what was planned already, and is overdue, does."""
    slots = set()
    for journey in draft.program.dated:
        for key, vehicle in _values(draft, journey.start):
            slot = f"{journey.id}\x1f{key}"
            slots.add(slot)
            _plan(draft, journey, slot, key, vehicle, other_journeys)
    if not slots.issuperset(draft.plans):
        draft.plans = {slot: plan for slot, plan in draft.plans.items() if slot in slots}


def first(draft: Draft) -> Plan | None:
    """What is planned next."""
    active = (
        plan
        for plan in draft.plans.values()
        if (journey := draft.program.journeys.get(plan.journey)) is not None and draft.active(journey)
    )
    return min(active, key=lambda one: (one.due_at, one.journey, one.key), default=None)


def begin_planned(draft: Draft, plan: Plan) -> None:
    """Begins the run of a plan whose moment has come, and plans the next."""
    journey = draft.program.journeys[plan.journey]
    slot = f"{plan.journey}\x1f{plan.key}"
    draft.plans = {name: one for name, one in draft.plans.items() if name != slot}
    draft.starts = {**draft.starts, slot: plan.due_at}
    under_way = any(one.journey == plan.journey and one.key == plan.key for one in draft.runs.values())
    if under_way:
        draft.begins_none(journey, "under way")
    elif foreign(draft, journey):
        draft.begins_none(journey, "brand")
    else:
        member = draft.view.contact or draft.base.id
        run = Run(
            id=derive("run", journey.id, plan.key, plan.date, member),
            journey=journey.id,
            key=plan.key,
            started_at=plan.due_at,
            step="",
            at=plan.due_at,
            vehicle=plan.vehicle,
            date=plan.date,
        )
        begin(draft, journey, run)
    _plan(draft, journey, slot, plan.key, plan.vehicle, other_journeys=False)


def _values(draft: Draft, how: object) -> Iterator[tuple[str, str | None]]:
    """The values that there are runs for, each with its car."""
    if not isinstance(how, DateStart):
        return
    if how.per == "vehicle":
        for vehicle in draft.vehicles:
            yield vehicle, vehicle
    elif how.per_value is None:
        yield "customer", None
    elif (value := how.per_value(draft.scope())) is not None:
        yield str(value), None


def _plan(
    draft: Draft, journey: Journey, slot: str, key: str, vehicle: str | None, other_journeys: bool
) -> None:
    how = journey.start
    assert isinstance(how, DateStart)
    day = how.date(draft.scope(vehicle=vehicle))
    if not isinstance(day, date):
        day = None
    _end_of_another_date(draft, journey, how, key, day)
    found = None if day is None else _next(draft, journey, how, slot, day)
    known = draft.plans.get(slot)
    is_new = found is not None and (known is None or known.due_at != found[1])
    if found is not None and other_journeys and is_new and not how.yearly and found[1] < draft.now:
        draft.starts = {**draft.starts, slot: found[1]}
        found = None
    if found is None:
        if known is not None:
            draft.plans = {name: one for name, one in draft.plans.items() if name != slot}
        return
    planned = Plan(journey.id, key, vehicle, found[0].isoformat(), found[1])
    if planned != known:
        draft.plans = {**draft.plans, slot: planned}


def _end_of_another_date(draft: Draft, journey: Journey, how: DateStart, key: str, day: Day | None) -> None:
    """Ends the run that a date began which is no longer so."""
    for run in list(draft.runs.values()):
        if run.journey != journey.id or run.key != key or run.date is None:
            continue
        present = day
        if day is not None and how.yearly:
            present = _in_year(day, int(run.date[:4]))
        if present is None or present.isoformat() != run.date:
            draft.end(run, "another date")


def _next(draft: Draft, journey: Journey, how: DateStart, slot: str, day: Day) -> tuple[Day, datetime] | None:
    """The date whose run is to begin next, and when."""
    begun = draft.starts.get(slot)
    if not how.yearly:
        due_at = _due(draft, how, day)
        return None if begun is not None and due_at <= begun else (day, due_at)
    earliest = journey.grace.before(draft.now, draft.zone)
    year = max(day.year, earliest.year - 1)
    while True:
        occurrence = _in_year(day, year)
        due_at = _due(draft, how, occurrence)
        if due_at >= earliest and (begun is None or due_at > begun):
            return occurrence, due_at
        year += 1


def _due(draft: Draft, how: DateStart, day: Day) -> datetime:
    """When the run of a date begins."""
    if isinstance(day, datetime):
        due = how.distance.after(day, draft.zone) if how.distance is not None else day
        return due if how.at is None else at_local(due.astimezone(draft.zone).date(), how.at, draft.zone)
    due = at_local(day, how.at or draft.policy.send_at, draft.zone)
    return how.distance.after(due, draft.zone) if how.distance is not None else due


def _in_year(day: Day, year: int) -> Day:
    """The same day of another year; of a leap day the month's last."""
    return day.replace(year=year, day=min(day.day, monthrange(year, day.month)[1]))
