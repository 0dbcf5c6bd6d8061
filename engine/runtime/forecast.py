"""What comes next for a customer, if nothing else happens: the decision itself, played forward on a copy."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from engine.decide import Decide, decide, in_audience
from engine.model.customer import Customer
from engine.model.messages import Message, Status
from engine.model.program import Program
from engine.model.stimuli import ScheduleReached, Stimulus, TimerDue
from engine.runtime.schedules import Moment, earliest, first_after


def forecast(
    program: Program,
    customer: Customer,
    now: datetime,
    until: datetime,
    *,
    of_a_schedule: int | None = None,
    decide: Decide = decide,
) -> Iterator[Message]:
    """The messages that would be decided after `now`, up to `until`, in order of their moment. What is
    overdue comes at `now`. What the policy holds back comes when it may go; what it still holds in the end, last.
    Each schedule is followed as often as it reaches the customer, `of_a_schedule` times at most. `decide` is the
    decision, or one that is watched."""
    zone = program.policy.zone
    moments = {one.id: first_after(one, now, zone) for one in program.scheduled}
    reached = Counter[str]()
    held: dict[str, Message] = dict(customer.standing.held)
    while True:
        moment = earliest(moments.values())
        at, stimulus = _next(customer, moment, now)
        if at is None or stimulus is None or at > until:
            yield from held.values()
            return
        if isinstance(stimulus, ScheduleReached):
            journey = program.journeys[stimulus.journey]
            moments[journey.id] = first_after(journey, at, zone)
            if not in_audience(program, customer, journey, at):
                continue
            reached[journey.id] += 1
            if reached[journey.id] == of_a_schedule:
                moments[journey.id] = None
        customer, effects = decide(program, customer, stimulus, at)
        for message in effects.messages:
            held.pop(message.id, None)
            if message.status is Status.HELD:
                held[message.id] = message
            else:
                yield message


def _next(
    customer: Customer, moment: Moment | None, now: datetime
) -> tuple[datetime | None, Stimulus | None]:
    due_at = customer.next_due_at
    if due_at is not None:
        due_at = max(due_at, now)
    if moment is not None and (due_at is None or moment.at <= due_at):
        return moment.at, ScheduleReached(journey=moment.journey, at=moment.at)
    return due_at, TimerDue() if due_at is not None else None
