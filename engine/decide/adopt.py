"""A run goes on under other journeys than it came so far with.

It stays at the step of the same id, and is reckoned anew there, from the moment it came to it. Where that step is gone
it comes, now, to the next one that is left; so it does where the step waits no more but acts. It ends where nothing is
left, where its journey is gone, and where that is retired. It is inside of those repeats that enclose its step now: a
round that it was in goes on, one that it was not in begins.

To adopt the same journeys twice is to adopt them once.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from engine.decide.draft import Draft
from engine.decide.walk import WAITING, arrive, refresh
from engine.model.customer import Loop, Run
from engine.model.journeys import END, Journey, Repeat, Status, WaitFor
from engine.model.outlines import Moves


def adopt(draft: Draft, run: Run, moved: Moves) -> None:
    """`run` under the draft's program. `moved` tells where those go whose steps are gone."""
    journey = draft.program.journeys.get(run.journey)
    if journey is None or journey.status is Status.RETIRED:
        draft.end(run, "journey changed" if journey is None else "retired")
        return
    index = journey.position.get(run.step)
    if index is None:
        _go_on(draft, journey, run, _left(journey, run.step, moved.get(journey.id, {})))
        return
    step = journey.steps[index]
    if type(step) not in WAITING:
        if run.due_at != run.at:  # else it has come here already, and its journey is paused
            _go_on(draft, journey, run, index)
        return
    run = replace(run, loops=_fitted(journey, run, index))
    if type(step) is Repeat and step.times is not None and run.loops[-1].index > step.times:
        _go_on(draft, journey, run, step.next)
        return
    if type(step) is not WaitFor:
        run = replace(run, awaited=None)
    draft.runs[run.id] = run
    refresh(draft, run)


def _left(journey: Journey, step: str, moved: Mapping[str, str]) -> int:
    """The index of the step that is left of those after `step`."""
    return journey.position.get(moved.get(step, ""), END)


def _go_on(draft: Draft, journey: Journey, run: Run, index: int) -> None:
    """Comes to the step at `index` now."""
    loops = () if index == END else _fitted(journey, run, index, inside=False)
    run = replace(run, at=max(draft.now, run.started_at), due_at=None, awaited=None, heard=(), loops=loops)
    arrive(draft, journey, run, index)


def _fitted(journey: Journey, run: Run, index: int, *, inside: bool = True) -> tuple[Loop, ...]:
    """The rounds of the repeats around the step at `index`, the outermost first; with its own, if it is a repeat that
    the run is `inside` of."""
    known = {one.step: one for one in run.loops}
    around = _repeats_around(journey, index)
    names = [journey.steps[one].id for one in around]
    step = journey.steps[index]
    if type(step) is Repeat and (inside or step.id in known):
        names.append(step.id)
    return tuple(known.get(name) or Loop(name, run.at, 1) for name in names)


def _repeats_around(journey: Journey, index: int) -> list[int]:
    """What follows a step leads forward, but at the end of a repeat's body, where it leads back to the repeat."""
    found = []
    while (follower := journey.steps[index].next) != END:
        if follower <= index:
            found.append(follower)
        index = follower
    return found[::-1]
