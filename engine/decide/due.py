"""Until when a run waits: the end of a wait, the next round of a repeat.

A distance is reckoned anew from the readings each time: the mark is the estimate at the moment the wait
began, as it is seen now, and the distance. So a reading that turns out wrong does no lasting harm, and
the order in which readings arrive does not matter.
"""

from datetime import date, datetime, time

from engine.decide.draft import Draft
from engine.model.customer import Loop, Run
from engine.model.journeys import Repeat, Wait
from engine.model.times import Duration, at_day_of, at_local, next_local, on_days


def end_of_wait(draft: Draft, run: Run, wait: Wait) -> datetime | None:
    """When `wait`, at which `run` stands since `run.at`, ends; None while nobody can tell."""
    since = run.started_at if wait.since_start else run.at
    due: datetime | None
    if wait.duration is not None:
        due = _end_of_time(draft, wait.duration, since, wait.at, wait.days)
    elif wait.distance_km is not None:
        return _end_of_distance(draft, run, since, wait.distance_km, wait)
    else:
        due = _end_of_until(draft, run, wait)
    return due if due is None or due > run.at else run.at


def next_round(draft: Draft, run: Run, loop: Loop, repeat: Repeat) -> datetime | None:
    """When the round that `loop` names begins."""
    if repeat.every is not None:
        due = _end_of_time(draft, repeat.every.times(loop.index), loop.began_at, repeat.at, repeat.days)
        return max(due, run.at)
    distance_km = (repeat.every_km or 0.0) * loop.index
    return _end_of_distance(draft, run, loop.began_at, distance_km, repeat)


def _end_of_time(
    draft: Draft, duration: Duration, since: datetime, at: time | None, days: frozenset[int] | None
) -> datetime:
    due = duration.after(since, draft.zone)
    if at is not None:
        if duration.is_calendar:
            due = at_local(due.astimezone(draft.zone).date(), at, draft.zone)
        else:
            due = next_local(due, at, draft.zone)
    return on_days(due, days, draft.zone) if days else due


def _end_of_until(draft: Draft, run: Run, wait: Wait) -> datetime | None:
    if wait.until is None:
        return None
    until = wait.until(draft.scope(run))
    if isinstance(until, datetime):
        due = until if wait.at is None else next_local(until, wait.at, draft.zone)
    elif isinstance(until, date):
        due = at_local(until, wait.at or draft.policy.send_at, draft.zone)
    else:
        return None
    return on_days(due, wait.days, draft.zone)


def _end_of_distance(
    draft: Draft, run: Run, since: datetime, distance_km: float, step: Wait | Repeat
) -> datetime | None:
    vehicle = draft.vehicles.get(run.vehicle) if run.vehicle else None
    if vehicle is None:
        return None
    track, begin_km = draft.track(vehicle, since)
    mark_km = begin_km + distance_km
    shown = track.shown(mark_km)
    if shown is not None and shown >= since:
        return max(shown, run.at)
    day = track.crossing_day(mark_km)
    if day is None:
        return None
    due = at_day_of(day, step.at or draft.policy.send_at, draft.zone)
    if step.days:
        due = on_days(due, step.days, draft.zone)
    return due if due > run.at else run.at
