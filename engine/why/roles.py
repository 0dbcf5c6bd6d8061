"""What each expression of a journey is for."""

from collections.abc import Iterator, Mapping

import msgspec

from engine.model.journeys import (
    Choose,
    DateStart,
    EventStart,
    Expression,
    If,
    Journey,
    ScheduleStart,
    Step,
    Wait,
    WaitFor,
)


class Role(msgspec.Struct, frozen=True):
    """`kind` is `when` and `audience` of the start, `date`, `per`, `stop`; of a step `only` (its `when`), `test` (of
    `if` and `choose`, with the number of the branch), `awaits`, `until`."""

    kind: str
    step: str = ""
    branch: int = 0


class Roles:
    """Knows the expressions of one journey, by what they are and not by what they say."""

    def __init__(self, journey: Journey) -> None:
        self._roles: Mapping[int, Role] = {
            id(expression): role for expression, role in _of(journey) if expression is not None
        }

    def of(self, expression: object) -> Role | None:
        return self._roles.get(id(expression))


def _of(journey: Journey) -> Iterator[tuple[Expression | None, Role]]:
    how = journey.start
    if isinstance(how, EventStart):
        yield how.when, Role("when")
    if isinstance(how, EventStart | ScheduleStart):
        yield how.audience, Role("audience")
    if isinstance(how, DateStart):
        yield how.date, Role("date")
    if isinstance(how, EventStart | DateStart):
        yield how.per_value, Role("per")
    for stop in journey.stop:
        yield stop.when, Role("stop")
    for step in journey.steps:
        yield step.when, Role("only", step.id)
        yield from _of_step(step)


def _of_step(step: Step) -> Iterator[tuple[Expression | None, Role]]:
    if isinstance(step, If):
        yield step.test, Role("test", step.id)
    elif isinstance(step, Choose):
        for number, (test, _) in enumerate(step.branches, 1):
            yield test, Role("test", step.id, number)
    elif isinstance(step, WaitFor):
        yield step.if_event, Role("awaits", step.id)
    elif isinstance(step, Wait):
        yield step.until, Role("until", step.id)
