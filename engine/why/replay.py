"""The customer's events once more, watched."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from msgspec.structs import replace

from engine.decide import decide, in_audience
from engine.decide.watched import Sight, watching
from engine.model.customer import Customer, Run
from engine.model.events import Event
from engine.model.identity import Identified, Identifier
from engine.model.journeys import ScheduleStart
from engine.model.program import Program
from engine.model.receipts import Addressee
from engine.model.scope import Scope
from engine.model.stimuli import Effects, EventArrived, ScheduleReached, Stimulus
from engine.model.watching import Part, Watched
from engine.ports import FanOut
from engine.runtime.agenda import Agenda
from engine.runtime.forecast import forecast
from engine.runtime.identifying import Identify, task_of
from engine.runtime.receiving import addressee
from engine.runtime.work import Work
from engine.why.history import ELSEWHERE, History


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """An expression that was asked: of which run, event and car, and what its parts saw."""

    expression: Watched
    at: datetime
    value: Any
    parts: tuple[Part, ...]
    run: Run | None
    event: Event | None
    vehicle: str | None


class Scene(msgspec.Struct, kw_only=True):
    """What was seen at one decision, or, with no stimulus, when it was asked whether there is one to be made. `before`
    is the customer's document before it. `by_hand` is the broadcast that came to the customer then, where one did; what
    was seen may be nothing."""

    at: datetime
    before: Customer | None
    stimulus: Stimulus | None
    sights: list[Sight | Seen]
    by_hand: FanOut | None = None


class Recorder:
    """Is told what happens, of the one customer, from `watch` (by the program's expressions) and `decide`."""

    def __init__(self) -> None:
        self.scenes: list[Scene] = []
        self._present: Scene | None = None
        self._customer_id = ""
        self._by_hand: FanOut | None = None

    def of(self, customer_id: str) -> None:
        """Whose decisions count; empties the record."""
        self._customer_id = customer_id
        self.scenes = []

    @contextmanager
    def reached_by(self, fan_out: FanOut, at: datetime) -> Iterator[None]:
        """What is seen meanwhile is of a broadcast by hand."""
        before = len(self.scenes)
        self._by_hand = fan_out
        try:
            yield
        finally:
            self._by_hand = None
        if len(self.scenes) == before:
            self.scenes.append(Scene(at=at, before=None, stimulus=None, sights=[], by_hand=fan_out))

    def watch(self, expression: Watched, scope: Scope, value: Any) -> None:
        if scope.customer is None or scope.customer.id != self._customer_id:
            return
        seen = Seen(
            expression=expression,
            at=scope.now,
            value=value,
            parts=expression.parts(scope),
            run=scope.run,
            event=scope.event,
            vehicle=scope.vehicle.id if scope.vehicle is not None else None,
        )
        if self._present is None:
            self.scenes.append(
                Scene(at=scope.now, before=None, stimulus=None, sights=[seen], by_hand=self._by_hand)
            )
        else:
            self._present.sights.append(seen)

    def decide(
        self, program: Program, customer: Customer, stimulus: Stimulus, now: datetime, /
    ) -> tuple[Customer, Effects]:
        if customer.id != self._customer_id:
            return decide(program, customer, stimulus, now)
        scene = self._present = Scene(
            at=now, before=customer, stimulus=stimulus, sights=[], by_hand=self._by_hand
        )
        try:
            return decide(program, customer, stimulus, now, watching(scene.sights.append))
        finally:
            self._present = None
            if scene.sights or isinstance(stimulus, EventArrived):
                self.scenes.append(scene)


def replay(program: Program, history: History, identify: Identify, recorder: Recorder) -> list[Scene]:
    """What is seen when the history happens once more."""
    recorder.of(history.customer.id)
    agenda = Agenda(program, program.policy.zone, history.begins)
    source = _Source(history)
    work = Work(
        program,
        source,
        _Recorded(identify, history),
        virtual=True,
        agenda=agenda,
        decide=recorder.decide,
    )
    came = [(one.decided_at, partial(_event, work, one.event, one.decided_at)) for one in history.events]
    came += [
        (one.at, partial(_broadcast, work, history.customer.id, one.journey, one.event, one.at))
        for one in history.broadcasts
        if one.event is not None
    ]
    by_hand = [one for one in history.broadcasts if one.by_hand and _is_scheduled(program, one)]
    came += [
        (at, partial(_came_by_hand, work, history, recorder, one, at))
        for one in by_hand
        if history.has_come(one)
        for at in [history.came_at(one)]
    ]
    for _, happen in sorted(came, key=lambda pair: pair[0]):
        happen()
    _let_pass(work, history)
    for one in by_hand:
        if not history.has_come(one):
            _to_come(program, work, history, recorder, one)
    return recorder.scenes


def ahead(
    program: Program, history: History, now: datetime, until: datetime, recorder: Recorder, most: int
) -> list[Scene]:
    """What is seen when nothing happens but time, from the document as it is stored. Broadcasts by hand that are on
    their way come now."""
    customer = history.customer
    recorder.of(customer.id)
    for one in history.to_come():
        if not _is_scheduled(program, one) or not history.is_meant(one, now):
            continue
        if in_audience(program, customer, program.journeys[one.journey], now):
            customer, _ = recorder.decide(
                program, customer, ScheduleReached(journey=one.journey, at=one.at), now
            )
    for _ in forecast(program, customer, now, until, of_a_schedule=most, decide=recorder.decide):
        pass
    return recorder.scenes


def _event(work: Work, event: Event, at: datetime) -> None:
    work.prepare([event])
    work.event(event, at)


def _broadcast(work: Work, customer_id: str, journey: str, event: Event, at: datetime) -> None:
    if work.customer(customer_id) is not None:
        work.pass_to(customer_id, at)
        work.broadcast(customer_id, journey, event, at)


def _is_scheduled(program: Program, fan_out: FanOut) -> bool:
    """Whether the journey is still for an audience."""
    return isinstance(program.journeys[fan_out.journey].start, ScheduleStart)


def _came_by_hand(work: Work, history: History, recorder: Recorder, fan_out: FanOut, at: datetime) -> None:
    customer_id = history.customer.id
    if work.customer(customer_id) is None:
        return
    work.pass_to(customer_id, at)
    with recorder.reached_by(fan_out, at):
        if history.is_meant(fan_out, at):
            work.schedule(customer_id, fan_out.journey, fan_out.at, at)


def _to_come(program: Program, work: Work, history: History, recorder: Recorder, fan_out: FanOut) -> None:
    """One that has not come to the customer: whether they are of its audience by now, unless it is over."""
    customer = work.customer(history.customer.id)
    if customer is None:
        return
    with recorder.reached_by(fan_out, fan_out.at):
        if not fan_out.done and history.is_meant(fan_out, history.now):
            in_audience(program, customer, program.journeys[fan_out.journey], history.now)


def _let_pass(work: Work, history: History) -> None:
    """Up to where the engine has come."""
    customer_id = history.customer.id
    if work.customer(customer_id) is None:
        return
    if history.scheduled_until is not None:
        work.schedules(customer_id, history.scheduled_until)
    if history.overdue:
        work.timers(customer_id, history.until, before=history.until)
    else:
        work.due(customer_id, history.until)


class _Source:
    """Knows nobody: all that there is comes from the history."""

    def __init__(self, history: History) -> None:
        self._tasks = {
            task_id: one.customer_id
            for one in history.events
            if (task_id := task_of(one.event)) is not None and one.customer_id is not None
        }
        self._messages = {row.message.id: addressee(row.message) for row in history.ledger}

    def seen(self, keys: Sequence[bytes]) -> set[bytes]:
        del keys
        return set()

    def owners(self, identifiers: Sequence[Identifier]) -> dict[Identifier, str]:
        del identifiers
        return {}

    def customers(self, ids: Sequence[str]) -> dict[str, Customer]:
        del ids
        return {}

    def task_owners(self, ids: Sequence[str]) -> dict[str, str]:
        return {one: self._tasks[one] for one in ids if one in self._tasks}

    def addressees(self, ids: Sequence[str]) -> dict[str, Addressee]:
        return {one: self._messages[one] for one in ids if one in self._messages}


class _Recorded:
    """Who an event is about is what was logged; who has a car is asked anew."""

    def __init__(self, identify: Identify, history: History) -> None:
        self._identify = identify
        self._logged = {one.event.key: one.customer_id for one in history.events}
        self._known = {**history.known, ELSEWHERE: True}

    def identifiers(self, event: Event) -> Sequence[Identifier]:
        return self._identify.identifiers(event)

    def identify(
        self, event: Event, owners: Mapping[Identifier, str], customers: Mapping[str, Customer]
    ) -> Identified:
        found = self._identify.identify(event, owners, customers)
        customer_id = self._logged.get(event.key)
        if customer_id is None:
            return found
        return replace(
            found,
            event=event,
            customer_id=customer_id,
            known=self._known.get(customer_id, True),
            learn=dict.fromkeys(found.learn, customer_id) if customer_id != ELSEWHERE else {},
        )
