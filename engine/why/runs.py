"""A run, from step to step."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from engine.decide.watched import Came, Driven, Moved
from engine.model.customer import Run
from engine.model.journeys import (
    Choose,
    Emit,
    End,
    If,
    Repeat,
    Send,
    SetFacts,
    Split,
    Status,
    Step,
    Tag,
    TaskStep,
    Wait,
    WaitFor,
)
from engine.model.tasks import Assignee
from engine.why import words
from engine.why.distances import reckoned, sentences, shown_by
from engine.why.replay import Seen
from engine.why.scenery import Scenery
from engine.why.told import Entry, OdometerTold

_ENDINGS = {
    "done": "the run is over: all its steps are done",
    "stopped": "the run is stopped",
    "restarted": "the run ends, as a new one takes its place (again: restart)",
    "another date": "the run ends: the date that began it is another one now",
    "journey changed": "the run ends: the journey has no such step any more",
    "retired": "the run ends: the journey is retired",
    "car left": "the run ends: the car belongs to somebody else now",
    "merged": "the run ends: two customers turned out to be one, and the other run goes on",
}


def came_to(scenery: Scenery, came: Came, seen: list[Seen]) -> Iterator[Entry]:
    """What a step did, with the conditions it asked. A message tells itself."""
    step, run = came.step, came.run
    if isinstance(step, Send):
        return
    text = _step_text(scenery, came)
    if text is None:
        return
    yield Entry(
        at=scenery.local(run.at),
        kind=_KINDS.get(type(step), "step"),
        text=text,
        details=[words.sentence(part, scenery.zone) for one in seen for part in one.parts],
        conditions=[words.condition(part, scenery.zone) for one in seen for part in one.parts],
        odometer=_odometer(came.driven),
    )


_KINDS: dict[type[Step], str] = {
    Wait: "waits",
    Repeat: "waits",
    WaitFor: "waits",
    If: "branch",
    Choose: "branch",
    Split: "lot",
    TaskStep: "task",
}


def _odometer(driven: Driven | None) -> OdometerTold | None:
    if driven is None:
        return None
    return OdometerTold(begin_km=round(driven.begin_km), mark_km=round(driven.mark_km))


def _step_text(scenery: Scenery, came: Came) -> str | None:
    tell = _TEXTS.get(type(came.step))
    return tell(scenery, came.step, came) if tell is not None else None


def _named(step: Step) -> str:
    return step.title or step.id


def _chosen(step: Choose, came: Came) -> str:
    for number, (test, first) in enumerate(step.branches, 1):
        if first == came.goes_on:
            return "none of the conditions holds, so `else`" if test is None else f"branch {number} is taken"
    return "none of the conditions holds"


def _drawn(step: Split, came: Came) -> str:
    drawn = came.drawn or 0.0
    part = next(n for n, (end, _) in enumerate(step.branches) if drawn < end)
    return step.names[part] if part < len(step.names) and step.names[part] else f"part {part + 1}"


def _until(scenery: Scenery, due_at: datetime | None) -> str:
    return f"until {scenery.minute(due_at)}" if due_at is not None else "and nobody can tell until when"


def _if(_scenery: Scenery, step: If, came: Came) -> str:
    return f"{_named(step)}: the condition {'holds' if came.goes_on == step.then else 'does not hold'}"


def _choose(_scenery: Scenery, step: Choose, came: Came) -> str:
    return f"{_named(step)}: {_chosen(step, came)}"


def _split(_scenery: Scenery, step: Split, came: Came) -> str:
    return f"{_named(step)}: by lot, '{_drawn(step, came)}' (the lot is {100 * (came.drawn or 0):.0f} of 100)"


def _task(_scenery: Scenery, step: TaskStep, came: Came) -> str:
    if came.after.tasks != came.run.tasks:
        return f"the task {step.name} is put on the list of {_person(step)}"
    return f"the task {step.name} is not given to {_person(step)}: too late"


def _person(step: TaskStep) -> str:
    return "the dealer" if step.assignee is Assignee.DEALER else str(step.assignee)


def coming_task(scenery: Scenery, came: Came) -> Entry | None:
    """A task that would be given, where the step to which a run has yet to come is one."""
    if not isinstance(came.step, TaskStep) or came.after.tasks == came.run.tasks:
        return None
    text = f"the task {came.step.name} would be put on the list of {_person(came.step)}"
    return Entry(at=scenery.local(came.run.at), kind="expected", text=text)


def _wait(scenery: Scenery, step: Wait, came: Came) -> str:
    run, driven = came.after, came.driven
    if driven is not None and step.distance_km is not None:
        return _distance(scenery, step.distance_km, driven, run)
    if step.distance_km is not None:
        return f"waits for {words.km(step.distance_km)}, {_until(scenery, run.due_at)}"
    at = f", at {step.at:%H:%M}" if step.at is not None else ""
    if step.duration is not None:
        since = run.started_at if step.since_start else run.at
        reckoning = f"{scenery.minute(since)} + {words.duration(step.duration)}{at}"
        return f"waits {words.duration(step.duration)}, {_until(scenery, run.due_at)} ({reckoning})"
    return f"waits {_until(scenery, run.due_at)}"


def _distance(scenery: Scenery, distance_km: float, driven: Driven, run: Run) -> str:
    marks = (
        f"from {words.km(driven.begin_km)} to {words.km(driven.mark_km)}"
        if driven.read
        else "by the estimate"
    )
    due = "" if run.due_at is None else f", expected {scenery.day(run.due_at)}"
    return f"waits for {words.km(distance_km)}, {marks}{due}"


def _repeat(scenery: Scenery, step: Repeat, came: Came) -> str | None:
    run = came.after
    if came.goes_on is not None:
        return f"all {step.times} rounds are done" if step.times else None
    loop = run.loops[-1]
    of = f"{loop.index} of {step.times}" if step.times else f"{loop.index}"
    if step.every_km is not None and came.driven is not None:
        return f"round {of}: {_distance(scenery, step.every_km * loop.index, came.driven, run)}"
    if step.every is not None:
        every = words.duration(step.every.times(loop.index))
        at = f", at {step.at:%H:%M}" if step.at is not None else ""
        reckoning = f"{scenery.minute(loop.began_at)} + {every}{at}"
        return f"round {of}: waits {_until(scenery, run.due_at)} ({reckoning})"
    return f"round {of}: waits {_until(scenery, run.due_at)}"


def _wait_for(scenery: Scenery, step: WaitFor, came: Came) -> str:
    run = came.after
    if run.awaited is not None and run.due_at is not None:
        return f"waits for {step.on}, which had come already, {scenery.minute(run.due_at)}"
    within = f", {_until(scenery, run.due_at)} at the latest" if run.due_at is not None else ""
    reckoning = ""
    if step.within is not None:
        reckoning = f" ({scenery.minute(run.at)} + {words.duration(step.within)})"
    return f"waits for {step.on}{within}{reckoning}"


_TEXTS: dict[type[Step], Callable[[Scenery, Any, Came], str | None]] = {
    Wait: _wait,
    Repeat: _repeat,
    WaitFor: _wait_for,
    If: _if,
    Choose: _choose,
    Split: _split,
    TaskStep: _task,
    SetFacts: lambda _, step, __: (
        f"remembers {words.listed(f'customer.{path}' for path, *_rest in step.values)}"
    ),
    Tag: lambda _, step, __: "takes a tag off the customer" if step.off else "tags the customer",
    Emit: lambda _, step, __: f"makes an event {step.event}",
    End: lambda _, __, ___: "comes to `end`",
}


def moved(scenery: Scenery, one: Moved, at: datetime) -> Entry:
    """The end of a wait is another one now."""
    run = one.run
    if one.driven is not None:
        text = f"by what is read now, {words.km(one.driven.mark_km)} are expected {_expected(scenery, run)}"
    else:
        text = f"now waits {_until(scenery, run.due_at)}"
    return Entry(at=scenery.local(at), kind="reckoned anew", text=text, odometer=_odometer(one.driven))


def _expected(scenery: Scenery, run: Run) -> str:
    return scenery.day(run.due_at) if run.due_at is not None else "nobody can tell when"


def over(scenery: Scenery, run: Run, step: Step, driven: Driven | None, at: datetime) -> Entry | None:
    """The wait at which `run` stood is over: for one of a distance, how that is known; for one for an event, whether
    it came."""
    if isinstance(step, WaitFor):
        text = f"{step.on} came" if run.awaited is not None else f"no {step.on} came in time"
        return Entry(at=scenery.local(at), kind="goes on", text=f"{text}: the run goes on")
    if driven is None:
        return None
    return Entry(
        at=scenery.local(at),
        kind="goes on",
        text=f"{shown_by(scenery, run, driven)}: the run goes on",
        odometer=_odometer(driven),
    )


def left_out(scenery: Scenery, step: Step, seen: Seen) -> Entry:
    """A step whose `when` does not hold."""
    at = seen.run.at if seen.run is not None else seen.at
    return Entry(
        at=scenery.local(at),
        kind="left out",
        text=f"{_named(step)} is left out: its condition does not hold",
        details=[words.sentence(part, scenery.zone) for part in seen.parts],
        conditions=[words.condition(part, scenery.zone) for part in seen.parts],
    )


def ended(scenery: Scenery, why: str, at: datetime, by: str, seen: list[Seen]) -> Entry:
    """The end of a run, and what brought it about."""
    text = _ENDINGS.get(why, f"the run ends: {why}")
    return Entry(
        at=scenery.local(at),
        kind="over",
        text=f"{by}: {text}" if by else text,
        details=[words.sentence(part, scenery.zone) for one in seen for part in one.parts],
        conditions=[words.condition(part, scenery.zone) for one in seen for part in one.parts],
    )


def standing(scenery: Scenery, run: Run, driven: Driven | None) -> Entry:
    """Where a run stands today, by the customer's document."""
    journey = scenery.journey
    index = journey.position.get(run.step)
    step = None if index is None else journey.steps[index]
    details: list[str] = []
    odometer = None
    if driven is not None and driven.shown_at is None:
        odometer = reckoned(scenery, run, driven, run.due_at)
        details = sentences(scenery, run, odometer)
    if step is None:
        text = f"stands at {run.step}, which the journey has no more; `milepost run` takes it on"
    elif run.due_at is None:
        text = f"stands at {_named(step)}, and nobody can tell until when"
    elif run.due_at <= scenery.now:
        due = scenery.minute(run.due_at)
        text = f"stands at {_named(step)}, and has been due since {due}; `milepost run` does it"
    elif driven is not None and odometer is not None:
        mark = words.km(driven.mark_km)
        text = f"stands at {_named(step)}: {mark} are expected {scenery.day(run.due_at)}"
    else:
        text = f"stands at {_named(step)}, until {scenery.minute(run.due_at)}"
    if journey.status is Status.PAUSED:
        details.append("the journey is paused: the run goes no further until it is live again")
    return Entry(at=scenery.local(scenery.now), kind="stands", text=text, details=details, odometer=odometer)


def began_by(scenery: Scenery, run: Run) -> list[Entry]:
    """What began a run, by the customer's document, where the replay does not begin it."""
    found = next((one.event for one in scenery.history.events if one.event.key.hex() == run.event), None)
    if found is None:
        return []
    text = f"{scenery.event(found)} began this run"
    return [Entry(at=scenery.local(found.time), kind="began", text=text)]


def gone(scenery: Scenery) -> Entry:
    """The document has no such run: in truth it went another way."""
    text = "by the customer's record this run is over; the journey has changed since, or the engine came to it later"
    return Entry(at=scenery.local(scenery.now), kind="over", text=text)


def looked_at(scenery: Scenery, role: str, seen: Seen) -> Entry:
    """An event that could have stopped a run, or ended its wait, and did not."""
    assert seen.event is not None
    text = "does not stop the run" if role == "stop" else "is not what the run waits for"
    return Entry(
        at=scenery.local(seen.event.time),
        kind="looked at",
        text=f"{scenery.event(seen.event)} {text}",
        details=[words.sentence(part, scenery.zone) for part in seen.parts],
        conditions=[words.condition(part, scenery.zone) for part in seen.parts],
    )


def with_conditions(scenery: Scenery, entry: Entry, seen: list[Seen]) -> Entry:
    """The same, with the conditions that were asked before it."""
    if not seen:
        return entry
    told = [words.sentence(part, scenery.zone) for one in seen for part in one.parts]
    conditions = [words.condition(part, scenery.zone) for one in seen for part in one.parts]
    return replace(entry, details=[*told, *entry.details], conditions=conditions)
