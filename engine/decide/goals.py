"""Whether what a journey wants comes about: each run of one that has a goal is watched for so long, also when it has
come to its end, and whether its messages were sent or held out."""

from datetime import datetime

from msgspec.structs import replace

from engine.decide.draft import Draft
from engine.model.customer import Run, Watch
from engine.model.events import Event
from engine.model.goals import Measured, Reached
from engine.model.ids import lot
from engine.model.journeys import Goal, Journey


def is_held_out(journey: Journey, run: Run) -> bool:
    """By lot: whether the run's messages are not sent."""
    return journey.holdout > 0 and lot("holdout", journey.id, run.id) < journey.holdout


def watch(draft: Draft, journey: Journey, run: Run) -> None:
    """Begins to watch a run. What it wants may have arrived before it."""
    goal = journey.goal
    if goal is None or run.id in draft.watches:
        return
    until = goal.within.after(run.started_at, draft.zone)
    draft.watches = {**_still_open(draft), run.id: Watch(run, until)}
    draft.measured.append(
        Measured(
            run=run.id,
            journey=journey.id,
            customer_id=draft.base.id,
            held_out=is_held_out(journey, run),
            started_at=run.started_at,
            until=until,
        )
    )
    for key in draft.heard.get(goal.on, ()):
        _look(draft, goal, draft.watches[run.id], draft.event(key), key)


def see(draft: Draft, event: Event) -> None:
    """An event of a type that is some journey's goal."""
    key = event.key.hex()
    for one in list(draft.watches.values()):
        journey = draft.program.journeys.get(one.run.journey)
        if journey is not None and journey.goal is not None and journey.goal.on == event.type:
            _look(draft, journey.goal, one, event, key)


def see_all(draft: Draft) -> None:
    """Looks once more at the events that are kept: more of them may be the customer's than were."""
    for one in list(draft.watches.values()):
        journey = draft.program.journeys.get(one.run.journey)
        if journey is not None and journey.goal is not None:
            for key in draft.heard.get(journey.goal.on, ()):
                _look(draft, journey.goal, draft.watches[one.run.id], draft.event(key), key)


def _look(draft: Draft, goal: Goal, one: Watch, event: Event, key: str) -> None:
    run = one.run
    if key == run.event or not run.started_at <= event.time <= one.until:
        return
    if one.reached is not None and one.reached <= event.time:
        return
    if goal.when is not None and not goal.when(draft.scope(run, event)):
        return
    draft.watches = {**draft.watches, run.id: replace(one, reached=event.time)}
    draft.reached.append(Reached(run.id, event.time))


def _still_open(draft: Draft) -> dict[str, Watch]:
    """Without those that nothing in time can be heard of any more."""
    return {key: one for key, one in draft.watches.items() if _end(draft, one) >= draft.now}


def _end(draft: Draft, one: Watch) -> datetime:
    journey = draft.program.journeys.get(one.run.journey)
    return one.until if journey is None else journey.grace.after(one.until, draft.zone)
