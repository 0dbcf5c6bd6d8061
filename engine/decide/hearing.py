"""Runs that wait for an event: which one ends the wait, and when.

The event may have arrived before the run came to wait for it, as long as it happened later: the newest of such types
are kept. And one that happened earlier may arrive after the one that has ended a wait: as long as nothing has followed
from that but further waiting, the run goes back and takes the earlier one. So the order of arrival does not matter.
"""

from datetime import datetime

from msgspec.structs import replace

from engine.decide.draft import Draft
from engine.model.customer import Heard, Run
from engine.model.event_types import TASK_DONE
from engine.model.events import Event
from engine.model.journeys import Journey, WaitFor


def stand(draft: Draft, run: Run, step: WaitFor) -> Run:
    """`run` at `step`, since `run.at`: until the first of the events that it may take, or until it has waited long
    enough."""
    until = step.within.after(run.at, draft.zone) if step.within is not None else None
    run = replace(run, step=step.id, due_at=until, awaited=None)
    for key in draft.heard.get(step.on, ()):
        run = _taking(draft, run, step, draft.event(key), key)
    return run


def hear(draft: Draft, event: Event) -> None:
    """Lets the runs know of the event that wait for such a one, or have taken a later one."""
    key = event.key.hex()
    for run in list(draft.runs.values()):
        journey = draft.program.journeys.get(run.journey)
        if journey is None or not draft.active(journey):
            continue
        step = _waits(journey, run.step)
        if step is not None and step.on == event.type:
            draft.runs[run.id] = _taking(draft, run, step, event, key)
        elif run.heard:
            draft.runs[run.id] = _gone_back(draft, journey, run, event, key)


def of_another_task(run: Run, event: Event) -> bool:
    """Whether the event tells of a task that is done, and not of one of the run's, which has some."""
    return event.type == TASK_DONE and bool(run.tasks) and event.data.get("task_id") not in run.tasks


def taken(run: Run, event_time: datetime) -> Run:
    """`run`, which goes on from where it waited with the event that it waited for."""
    assert run.awaited is not None
    heard = Heard(run.step, run.at, run.loops, run.taken, run.awaited, event_time)
    return replace(run, taken=run.awaited, awaited=None, heard=(*run.heard, heard))


def _waits(journey: Journey, step_id: str) -> WaitFor | None:
    index = journey.position.get(step_id)
    step = None if index is None else journey.steps[index]
    return step if isinstance(step, WaitFor) else None


def _taking(draft: Draft, run: Run, step: WaitFor, event: Event, key: str) -> Run:
    """`run`, which goes on with the event if that comes before all else."""
    if event.time < run.at or key in (run.event, run.taken) or of_another_task(run, event):
        return run
    if run.due_at is not None:
        # The end of the time to wait comes after an event of the same moment.
        ends = (run.due_at, run.awaited is None, run.awaited or "")
        if (event.time, False, key) >= ends:
            return run
    if step.if_event is not None and not step.if_event(draft.scope(run, event)):
        return run
    return replace(run, due_at=event.time, awaited=key)


def _gone_back(draft: Draft, journey: Journey, run: Run, event: Event, key: str) -> Run:
    """`run` back at the first wait that the event ends earlier than another did."""
    for place, one in enumerate(run.heard):
        step = _waits(journey, one.step)
        if step is None or step.on != event.type or (event.time, key) >= (one.time, one.event):
            continue
        before = replace(
            run,
            step=one.step,
            at=one.at,
            due_at=one.time,
            loops=one.loops,
            taken=one.before,
            awaited=one.event,
            heard=run.heard[:place],
        )
        after = _taking(draft, before, step, event, key)
        if after is not before:
            return after
    return run
