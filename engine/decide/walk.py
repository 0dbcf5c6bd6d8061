"""A run on its way: from step to step, until it must wait or ends.

What each verb does is one function in `VERBS`; it gives the index of the next step, or `None` where the run
must wait. (A wait that is over already is left to the decision's loop too, so that all of the customer's runs
move in the order of their moments.) The run's `at` is the journey's own time: it moves from the end of one wait
to the end of the next, however late the walk is.
"""

from datetime import datetime

from msgspec.structs import replace

from engine.decide.acts import emit, set_facts, tag, task
from engine.decide.draft import Draft, Verb
from engine.decide.due import end_of_wait, next_round
from engine.decide.goals import watch
from engine.decide.hearing import stand, taken
from engine.decide.sends import foreign, send
from engine.model.customer import Loop, Run
from engine.model.ids import lot
from engine.model.journeys import (
    END,
    Choose,
    Emit,
    End,
    If,
    Journey,
    Repeat,
    Send,
    SetFacts,
    Split,
    Step,
    Tag,
    TaskStep,
    Wait,
    WaitFor,
)

WAITING = frozenset({Wait, Repeat, WaitFor})
"""The verbs that a run may stand at."""


def begin(draft: Draft, journey: Journey, run: Run) -> None:
    """Sets a new run out at the journey's first step."""
    if journey.goal is not None:
        watch(draft, journey, run)
    draft.begun.append(run)
    _walk(draft, journey, run, 0)


def wake(draft: Draft, run: Run) -> None:
    """The wait at which `run` stands is over: goes on from its end."""
    journey = draft.program.journeys[run.journey]
    step = journey.steps[journey.position[run.step]]
    due_at = run.due_at
    assert due_at is not None
    if type(step) is WaitFor:
        _wake_from_event(draft, journey, run, step, due_at)
        return
    run = replace(run, at=due_at if due_at > run.at else run.at, due_at=None, heard=())
    _walk(draft, journey, run, _after_wait(run, step))


def _after_wait(run: Run, step: Step) -> int:
    """Where a run goes on that `step` was put to wait; a step of another verb, which took that one's place, is still
    to be done."""
    if type(step) is Wait:
        return step.next
    return step.body if type(step) is Repeat and _comes_round(run, step) else step.index


def _wake_from_event(draft: Draft, journey: Journey, run: Run, step: WaitFor, due_at: datetime) -> None:
    """Goes on with what was waited for, or without it."""
    came = run.awaited is not None
    run = taken(run, due_at) if came else replace(run, heard=())
    _walk(draft, journey, replace(run, at=due_at, due_at=None), step.then if came else step.otherwise)


def refresh(draft: Draft, run: Run, *, learned_alone: bool = False) -> None:
    """Reckons anew until when `run` waits; or, if `learned_alone`, does so only where what this decision has
    learned may have moved it."""
    journey = draft.program.journeys.get(run.journey)
    index = None if journey is None else journey.position.get(run.step)
    if journey is None or index is None:
        return  # it is not under these journeys yet: see `adopt`
    step = journey.steps[index]
    if learned_alone and not _moves(draft, run, step):
        return
    if type(step) is WaitFor:
        draft.runs[run.id] = stand(draft, run, step)
        return
    due_at = _due(draft, run, step)
    if due_at != run.due_at:
        draft.runs[run.id] = replace(run, due_at=due_at)


def _moves(draft: Draft, run: Run, step: Step) -> bool:
    """Whether the end of the wait can be moved by what this decision has learned."""
    if type(step) is Wait:
        return step.until is not None or (step.distance_km is not None and run.vehicle in draft.read_anew)
    return (
        type(step) is Repeat
        and step.every_km is not None
        and run.vehicle in draft.read_anew
        and _comes_round(run, step)
    )


def _due(draft: Draft, run: Run, step: Step) -> datetime | None:
    if type(step) is Wait:
        return end_of_wait(draft, run, step)
    return next_round(draft, run, run.loops[-1], step) if type(step) is Repeat else run.at


def arrive(draft: Draft, journey: Journey, run: Run, index: int) -> None:
    """Puts the run at the step at `index` without doing anything yet: a wait begins there; what acts is due at once,
    and is done if the journey is not paused."""
    while index != END:
        step = journey.steps[index]
        if step.when is not None and not _comes_round(run, step) and not step.when(draft.scope(run)):
            index = step.next
            continue
        if type(step) not in WAITING:
            draft.runs[run.id] = replace(run, step=step.id, due_at=run.at)
            return
        run, follower = draft.verbs[type(step)](draft, journey, run, step)
        if follower is None:
            draft.runs[run.id] = run
            return
        index = follower
    draft.end(run, "done")


def _walk(draft: Draft, journey: Journey, run: Run, index: int) -> None:
    """Walks from the step at `index`; keeps the run where it must wait, or ends it."""
    draft.runs[run.id] = run
    while index != END:
        step = journey.steps[index]
        if step.when is not None and not _comes_round(run, step) and not step.when(draft.scope(run)):
            index = step.next
            continue
        run, follower = draft.verbs[type(step)](draft, journey, run, step)
        draft.runs[run.id] = run
        if follower is None:
            return
        index = follower
    draft.end(run, "done")


def _comes_round(run: Run, step: Step) -> bool:
    """Whether `step` is the repeat that the run is inside of."""
    return type(step) is Repeat and bool(run.loops) and run.loops[-1].step == step.id


def _wait(draft: Draft, _journey: Journey, run: Run, step: Wait) -> tuple[Run, int | None]:
    return replace(run, step=step.id, due_at=end_of_wait(draft, run, step)), None


def _repeat(draft: Draft, _journey: Journey, run: Run, step: Repeat) -> tuple[Run, int | None]:
    inside = _comes_round(run, step)
    done = run.loops[-1].index if inside else 0
    if step.times is not None and done >= step.times:
        return replace(run, loops=run.loops[:-1] if inside else run.loops), step.next
    outer = run.loops[:-1] if inside else run.loops
    loop = Loop(step.id, run.loops[-1].began_at if inside else run.at, done + 1)
    due_at = next_round(draft, run, loop, step)
    return replace(run, step=step.id, loops=(*outer, loop), due_at=due_at), None


def _wait_for(draft: Draft, _journey: Journey, run: Run, step: WaitFor) -> tuple[Run, int | None]:
    return stand(draft, run, step), None


def _send(draft: Draft, journey: Journey, run: Run, step: Send) -> tuple[Run, int | None]:
    if foreign(draft, journey, run):
        draft.begins_none(journey, "other brand")
        return run, END
    send(draft, journey, run, step)
    return _for_good(run), step.next


def _for_good(run: Run) -> Run:
    """`run`, of which something is done now that cannot be taken back."""
    return replace(run, heard=()) if run.heard else run


def _set(draft: Draft, _journey: Journey, run: Run, step: SetFacts) -> tuple[Run, int | None]:
    set_facts(draft, run, step)
    return _for_good(run), step.next


def _tag(draft: Draft, _journey: Journey, run: Run, step: Tag) -> tuple[Run, int | None]:
    tag(draft, run, step)
    return _for_good(run), step.next


def _if(draft: Draft, _journey: Journey, run: Run, step: If) -> tuple[Run, int | None]:
    return run, step.then if step.test(draft.scope(run)) else step.orelse


def _task(draft: Draft, journey: Journey, run: Run, step: TaskStep) -> tuple[Run, int | None]:
    return _for_good(task(draft, journey, run, step)), step.next


def _emit(draft: Draft, journey: Journey, run: Run, step: Emit) -> tuple[Run, int | None]:
    emit(draft, journey, run, step)
    return _for_good(run), step.next


def _choose(draft: Draft, _journey: Journey, run: Run, step: Choose) -> tuple[Run, int | None]:
    scope = draft.scope(run)
    for test, first in step.branches:
        if test is None or test(scope):
            return run, first
    return run, step.next


def _split(_draft: Draft, journey: Journey, run: Run, step: Split) -> tuple[Run, int | None]:
    drawn = lot("split", journey.id, run.id, step.id)
    return run, next(first for end, first in step.branches if drawn < end)


def _end(_draft: Draft, _journey: Journey, run: Run, _step: End) -> tuple[Run, int | None]:
    return run, END


VERBS: dict[type[Step], Verb] = {
    Wait: _wait,
    Repeat: _repeat,
    Send: _send,
    If: _if,
    Choose: _choose,
    Split: _split,
    WaitFor: _wait_for,
    SetFacts: _set,
    Tag: _tag,
    TaskStep: _task,
    Emit: _emit,
    End: _end,
}
Draft.verbs = VERBS
