"""Journey tests, run: what a journey does on the virtual clock, beside what is expected of it.

Everything that the journey sends must be expected, at its moment. What else happens (a message skipped or held, a task,
an event that is made, a tag, a field that is set) is looked for where it is expected, and otherwise held against
nobody: a test of what is sent need not tell why the rest is not.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from engine.intake.clean import cleans_of
from engine.intake.identify import Identification
from engine.model.customer import Customer
from engine.model.event_types import TASK_DONE
from engine.model.events import Event
from engine.model.journey_tests import Expectation, JourneyTest, Outcome
from engine.model.journeys import Journey, Repeat, ScheduleStart
from engine.model.messages import Message, Status
from engine.model.program import Program
from engine.model.tasks import Task, TaskStatus
from engine.sim.remembering import Happening, remembered
from engine.sim.simulation import Simulation

LONGEST = timedelta(days=20 * 366)
"""For how long a run is waited for that does not end."""
_STRIDE = timedelta(days=30)
_A_YEAR = timedelta(days=366)
_END_OF_DAY = timedelta(days=1)
_OUTCOMES = {Status.QUEUED: Outcome.SENT, Status.SKIPPED: Outcome.SKIPPED, Status.HELD: Outcome.HELD}
_CLEANED = {"vehicle": ("plate", "vin"), "customer": ("mobile", "email", "member")}


class Row(msgspec.Struct, frozen=True):
    """What was expected and what happened instead; None where nothing was, or did. `differs` names the fields that
    are not as expected."""

    expected: Expectation | None
    actual: Happening | None
    differs: tuple[str, ...] = ()

    @property
    def at(self) -> datetime:
        if self.actual is not None:
            return self.actual.at
        assert self.expected is not None
        return self.expected.at

    @property
    def is_right(self) -> bool:
        """Whether it is as expected, or nothing that need be."""
        if self.expected is None:
            return self.actual is None or self.actual.outcome is not Outcome.SENT
        return self.actual is not None and not self.differs


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """An event as it came in at `at` on the test's clock."""

    at: datetime
    type: str
    happened_at: datetime
    duplicate: bool


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """How a test came out: its events, its rows in order of time, how far the clock went, and what the engine noted
    (`no vehicle welcome-pack`)."""

    test: JourneyTest
    arrivals: tuple[Arrival, ...]
    rows: tuple[Row, ...]
    until: datetime
    notes: Mapping[str, int]

    @property
    def passed(self) -> bool:
        return all(row.is_right for row in self.rows)


def run_test(test: JourneyTest, program: Program) -> Trial:
    """Runs one test, through the whole of the project's journeys."""
    happened: list[Happening] = []

    def take(message: Message) -> None:
        if message.journey == test.journey:
            happened.append(_happening(message))

    tasks: list[Task] = []

    def take_task(task: Task) -> None:
        tasks.append(task)
        if task.journey == test.journey:
            happened.append(_task(task))

    journey = program.journeys[test.journey]

    def take_event(event: Event) -> None:
        if event.source == f"/journeys/{test.journey}":
            happened.append(_made(event))

    def take_change(before: Customer | None, after: Customer) -> None:
        assert simulation.clock is not None
        happened.extend(remembered(journey, before, after, simulation.clock))

    simulation = Simulation(program, Identification(), take, take_task, take_event, take_change)
    arrivals = [_arrival(simulation, _named(event, tasks)) for event in test.events]
    until = _let_time_pass(simulation, test, journey)
    rows = _beside(test.expect, happened, _Alike(program.policy.country))
    return Trial(
        test=test,
        arrivals=tuple(arrivals[1:]),  # the first is what is given
        rows=tuple(sorted(rows, key=lambda row: row.at)),
        until=until,
        notes=simulation.notes,
    )


def _named(event: Event, tasks: Sequence[Task]) -> Event:
    """The event; where it says that a task is done and calls it by its name, the newest one of that name is meant."""
    name = event.data.get("task_id")
    found = next((one for one in reversed(tasks) if one.name == name), None)
    if event.type != TASK_DONE or found is None:
        return event
    return replace(event, data={**event.data, "task_id": found.id})


def _arrival(simulation: Simulation, event: Event) -> Arrival:
    is_new = simulation.event(event)
    at = simulation.clock
    assert at is not None
    return Arrival(at=at, type=event.type, happened_at=event.time, duplicate=not is_new)


def _let_time_pass(simulation: Simulation, test: JourneyTest, journey: Journey) -> datetime:
    """To the end of the test; where it says none, until no run of the journey is under way. One that never ends is
    watched to the end of the last day that the test tells of, a year where nothing is expected."""
    clock = simulation.clock
    assert clock is not None
    if test.until is not None:
        simulation.run_until(test.until)
        return test.until
    last = max([clock, *(one.before for one in test.expect)])
    if _is_endless(journey):
        end = last + (_END_OF_DAY if test.expect else _A_YEAR)
        simulation.run_until(end)
        return end
    end, longest = last, clock + LONGEST
    simulation.run_until(end)
    while end < longest and _under_way(simulation, journey.id):
        end += _STRIDE
        simulation.run_until(end)
    return end


def _is_endless(journey: Journey) -> bool:
    """Whether runs begin by themselves, again and again, or go on for ever."""
    if isinstance(journey.start, ScheduleStart) or getattr(journey.start, "yearly", False):
        return True
    return any(isinstance(step, Repeat) and step.times is None for step in journey.steps)


def _under_way(simulation: Simulation, journey: str) -> bool:
    return any(run.journey == journey for one in simulation.customers for run in one.runs.values())


def _happening(message: Message) -> Happening:
    fields = {
        "by": message.channel,
        "brand": message.brand,
        "locale": message.locale,
        "vehicle": message.vehicle,
        "customer": message.customer,
        "step": message.step,
        "with": message.values.get("with", {}),
        "reason": message.reason.value if message.reason else None,
        "until": message.held_until,
    }
    return Happening(
        at=message.at,
        outcome=_OUTCOMES[message.status],
        what=message.template,
        fields={name: value for name, value in fields.items() if value not in (None, {})},
    )


def _task(task: Task) -> Happening:
    fields = {
        "for": task.assignee.value,
        "due": task.due_at,
        "brand": task.brand,
        "vehicle": task.vehicle,
        "customer": task.customer,
        "step": task.step,
        "script": task.script,
        "reason": task.reason.value if task.reason else None,
    }
    return Happening(
        at=task.at,
        outcome=Outcome.SKIPPED if task.status is TaskStatus.SKIPPED else Outcome.TASK,
        what=task.name,
        fields={name: value for name, value in fields.items() if value is not None},
    )


def _made(event: Event) -> Happening:
    car = event.data.get("vehicle") or {}
    others = {
        name: value for name, value in event.data.items() if name not in ("customer", "vehicle", "dealer")
    }
    fields = {"with": others, "vehicle": car.get("plate") or car.get("vin")}
    return Happening(
        at=event.arrived,
        outcome=Outcome.EMIT,
        what=event.type,
        fields={name: value for name, value in fields.items() if value},
    )


class _Alike:
    """Whether something is as expected. Identifiers are compared as they are everywhere: cleaned."""

    def __init__(self, country: str | None) -> None:
        self._cleans = cleans_of(country)

    def differences(self, expected: Expectation, actual: Happening) -> tuple[str, ...]:
        """The fields that are not as expected; `what` for the outcome and the template."""
        other = () if (expected.outcome, expected.what) == (actual.outcome, actual.what) else ("what",)
        asked = expected.fields.items()
        return other + tuple(
            name for name, value in asked if not self._same(name, value, actual.fields.get(name))
        )

    def _same(self, name: str, wanted: Any, found: Any) -> bool:
        if name == "with":
            given = found or {}
            return all(_says(value, given.get(one)) for one, value in wanted.items())
        return _says(wanted, found) or any(
            found is not None and self._cleans[kind](str(wanted)) == found for kind in _CLEANED.get(name, ())
        )


def _says(wanted: Any, found: Any) -> bool:
    """Whether a value is the one that was written, be it a number or its text."""
    return wanted == found or (found is not None and str(wanted) == str(found))


def _beside(expected: Iterable[Expectation], happened: Iterable[Happening], alike: _Alike) -> Iterable[Row]:
    """Pairs what was expected with what happened: first what is right, then what happened at the same moment."""
    wanted, found = list(expected), list(happened)
    for fits in (_is_as_expected, _is_the_same_template, _is_then):
        for one in list(wanted):
            actual = next(
                (other for other in found if _is_then(one, other, alike) and fits(one, other, alike)), None
            )
            if actual is not None:
                wanted.remove(one)
                found.remove(actual)
                yield Row(one, actual, alike.differences(one, actual))
    yield from (Row(one, None) for one in wanted)
    yield from (Row(None, one) for one in found)


_Fits = Callable[[Expectation, Happening, _Alike], bool]


def _is_then(expected: Expectation, actual: Happening, _alike: _Alike) -> bool:
    return expected.at <= actual.at < expected.before


def _is_as_expected(expected: Expectation, actual: Happening, alike: _Alike) -> bool:
    return not alike.differences(expected, actual)


def _is_the_same_template(expected: Expectation, actual: Happening, _alike: _Alike) -> bool:
    return expected.what == actual.what
