"""Schedules, events about nobody, and other journeys in force: what goes through all customers, in order of id, a chunk
a transaction.

A moment of a schedule becomes a row (a `FanOut`), together with the note that it was taken, so that it is taken once.
The row says how far it has come; whoever works next goes on from there, whatever happened to the one before. By the
real clock a journey's `pace` says how many runs may have begun by when; by the events' clock it moves nothing.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from engine.model.events import Event
from engine.model.ids import derive
from engine.model.journeys import Pace
from engine.model.outlines import Outline, continued, moves
from engine.model.program import Program
from engine.ports import Clock, FanOut, Unit
from engine.runtime.adoption import Adoption
from engine.runtime.agenda import Agenda
from engine.runtime.crashpoints import reach
from engine.runtime.schedules import Moment, earliest, first_after, just_before
from engine.runtime.work import PUT_OFF, Work

CHUNK = 500
SMALLEST_CHUNK = 50
"""Where the pace lets fewer begin: some of those read may not be of the audience."""

_PROGRAM = "program"
_OUTLINE = "outline"
_outlines = msgspec.json.Decoder(dict[str, dict[str, str]])


class Caught(msgspec.Struct, frozen=True, kw_only=True):
    """How many messages were decided, and whether all that was due is done."""

    messages: int
    finished: bool


class FanOuts:
    """`begin_unit` begins a unit, `work` its work. `share`: the part of all customers that this store has, of which
    each gets its part of the pace."""

    def __init__(
        self,
        program: Program,
        begin_unit: Callable[[], AbstractContextManager[Unit]],
        work: Callable[[Unit], Work],
        *,
        virtual: bool,
        share: float = 1.0,
    ) -> None:
        self._program = program
        self._unit = begin_unit
        self._work = work
        self._virtual = virtual
        self._share = share
        self._zone = program.policy.zone
        self._agenda: Agenda | None = None
        self._begun: set[str] = set()
        self._adopted = False  # whether the journeys have been seen to be in force for all

    # When

    def begin(self, unit: Unit, clock: datetime | None, first: datetime) -> None:
        """Schedules begin at the clock's moment, or, while there is none, with the earliest event's: `first`."""
        begins = just_before(clock or first)
        for journey in self._program.scheduled:
            if journey.id in self._begun:
                continue
            told = unit.get(_begins(journey.id))
            if told is not None and not self._virtual:
                self._begun.add(journey.id)  # for good
            if told is None or (clock is None and begins < datetime.fromisoformat(told)):
                unit.set(_begins(journey.id), begins.isoformat())
                unit.set(_taken(journey.id), begins.isoformat())
                self._agenda = None

    def agenda(self, unit: Unit) -> Agenda:
        """The moments of the schedules that have begun."""
        if self._agenda is None:
            told = {one.id: unit.get(_begins(one.id)) for one in self._program.scheduled}
            begins = {name: datetime.fromisoformat(at) for name, at in told.items() if at is not None}
            self._agenda = Agenda(self._program, self._zone, begins)
        return self._agenda

    # Schedules

    def rest(self, unit: Unit, until: datetime) -> bool:
        """By the real clock: whether there is nothing for `catch_up` and `adopt` to do."""
        if unit.get(_PROGRAM) != self._program.version or unit.fan_outs():
            return False
        taken = self._taken(unit)
        if len(taken) < len(self._program.scheduled):
            return False
        moment = self._first_after(taken)
        return moment is None or moment.at > until

    def catch_up(
        self, until: datetime, clock: Clock | None, go_on: Callable[[], bool] = lambda: True
    ) -> Caught:
        """Carries out every moment of a schedule up to `until`, as far as its pace lets it; stops between two
        transactions when `go_on` says so."""
        messages = 0
        begun = self._next(until, open_too=True)
        while begun or (begun := self._next(until)):
            done = self._carry_out(begun.pop(0), clock, go_on)
            messages += done.messages
            if not done.finished:
                return Caught(messages=messages, finished=False)
        return Caught(messages=messages, finished=True)

    def _next(self, until: datetime, *, open_too: bool = False) -> list[FanOut]:
        """What the next moment up to `until` begins, if there is one; with `open_too` what has begun and is not done
        instead, if there is any."""
        with self._unit() as unit:
            if open_too and (found := unit.fan_outs()):
                return found
            taken = self._take(unit, until)
        if taken is None:
            return []
        reach("advance.fan-out")
        return [taken]

    def _take(self, unit: Unit, until: datetime) -> FanOut | None:
        """Takes the next moment up to `until` that was not taken; by the events' clock the last one, on the way to
        which customers pass all others."""
        self.begin(unit, until, until)
        taken = self._taken(unit)
        if self._virtual:
            moment = self.agenda(unit).last(min(taken.values(), default=until), until)
        else:
            moment = self._first_after(taken)
        if moment is None or moment.at > until:
            return None
        fan_out = FanOut(
            id=derive("fan-out", moment.journey, moment.at.isoformat()),
            journey=moment.journey,
            at=moment.at,
        )
        unit.put_fan_out(fan_out)
        for name in taken if self._virtual else (moment.journey,):
            unit.set(_taken(name), moment.at.isoformat())
        return fan_out

    def _taken(self, unit: Unit) -> dict[str, datetime]:
        """Of each schedule that has begun, the latest moment that was taken."""
        return {
            one.id: datetime.fromisoformat(at)
            for one in self._program.scheduled
            if (at := unit.get(_taken(one.id)))
        }

    def _first_after(self, taken: Mapping[str, datetime]) -> Moment | None:
        return earliest(
            first_after(one, taken[one.id], self._zone) for one in self._program.scheduled if one.id in taken
        )

    # Events about nobody

    def bring(self, unit: Unit, event: Event, at: datetime) -> None:
        """Begins to bring an event about nobody to all customers, for each journey that has an audience for it."""
        for journey in self._program.broadcast[event.type]:
            fan_out_id = derive("fan-out", journey.id, event.key.hex())
            unit.fan_out_everywhere(FanOut(id=fan_out_id, journey=journey.id, at=at, event=event))

    def bring_now(self) -> int:
        """Brings all that has begun to everybody, by the events' clock: before any later event. Returns the number of
        messages."""
        with self._unit() as unit:
            begun = [one for one in unit.fan_outs() if one.event is not None]
        return sum(self._carry_out(one, None).messages for one in begun)

    # Other journeys

    def adoption(self, unit: Unit, now: datetime | None) -> Adoption | None:
        """These journeys' coming into force, where that is not over yet. Begins it where others were in force."""
        known = unit.get(_PROGRAM)
        if known == self._program.version and self._adopted:
            return None
        if known != self._program.version:
            self._begin_adoption(unit, known, now)
        present = _adopting(unit)
        if present is None:
            self._adopted = known == self._program.version
            return None
        self._adopted = False
        return Adoption(present.cursor, moves(_outline(unit), self._program))

    def _begin_adoption(self, unit: Unit, known: str | None, now: datetime | None) -> None:
        while (
            former := _adopting(unit)
        ) is not None:  # customers that it did not reach come under these at once
            unit.put_fan_out(replace(former, done=True))
        unit.set(_PROGRAM, self._program.version)
        outline = continued(_outline(unit), self._program)
        unit.set(_OUTLINE, msgspec.json.encode(outline, order="sorted").decode())
        if known is not None and now is not None:
            unit.put_fan_out(FanOut(id=derive("adopt", self._program.version), journey="", at=now))

    def adopt(self, now: datetime | None, go_on: Callable[[], bool] = lambda: True) -> Caught:
        """Brings every customer under these journeys who is not yet: their runs come to the steps that are left, and
        every wait is reckoned anew. Stops between two transactions when `go_on` says so."""
        with self._unit() as unit:
            self.adoption(unit, now)
            if now is not None:
                self.begin(unit, now, now)
            begun = _adopting(unit)
        if begun is None or now is None:
            return Caught(messages=0, finished=True)
        reach("advance.adopt")
        return self._carry_out(replace(begun, at=max(begun.at, now)), None, go_on)

    # Through all customers

    def _carry_out(
        self, fan_out: FanOut, clock: Clock | None, go_on: Callable[[], bool] = lambda: True
    ) -> Caught:
        """As far as may be now. What its pace holds back counts as done."""
        messages = 0
        while True:
            with self._unit() as unit:
                present = next((one for one in unit.fan_outs() if one.id == fan_out.id), None)
                if present is None:
                    return Caught(messages=messages, finished=True)
                work = self._work(unit)
                if present.paused and not self._virtual:
                    return Caught(messages=messages, finished=True)
                now = max(present.at, fan_out.at) if clock is None else clock.now()
                after = self._chunk(unit, work, present, now)
                work.write(unit, reach)
                unit.put_fan_out(after)
            reach("advance.6")
            messages += len(work.messages)
            if after.done or after.cursor == present.cursor:
                return Caught(messages=messages, finished=True)
            if not go_on():
                return Caught(messages=messages, finished=False)

    def _chunk(self, unit: Unit, work: Work, present: FanOut, now: datetime) -> FanOut:
        """The next customers; where the fan-out stands afterwards."""
        allowed = self._allowed(present, now)
        cursor, begun = present.cursor, present.begun
        if allowed is not None and begun >= allowed:
            return present
        limit = CHUNK if allowed is None else min(CHUNK, max(SMALLEST_CHUNK, allowed - begun))
        customers = unit.after(cursor, limit)
        work.hold(customers)
        meant = {one.id for one in customers}
        if present.only_to:
            meant = unit.recipients(present.only_to, sorted(meant))
        for customer in customers:
            if allowed is not None and begun >= allowed:
                return replace(present, cursor=cursor, begun=begun)
            with work.putting_off(customer.id, now + PUT_OFF):
                begun += customer.id in meant and self._reach(work, customer.id, present, now)
            cursor = customer.id
        return replace(present, cursor=cursor, begun=begun, done=len(customers) < limit)

    def _reach(self, work: Work, customer_id: str, fan_out: FanOut, now: datetime) -> bool:
        """Whether a run began."""
        if not fan_out.journey:
            work.pass_to(customer_id, now)
            return False
        if fan_out.journey not in self._program.journeys:
            return False
        if fan_out.event is not None:
            at = fan_out.at if self._virtual else now
            work.pass_to(customer_id, at)
            return work.broadcast(customer_id, fan_out.journey, fan_out.event, at)
        if self._virtual:
            work.schedules(customer_id, fan_out.at)
            return False
        work.timers(customer_id, now, before=fan_out.at)
        return work.schedule(customer_id, fan_out.journey, fan_out.at, now)

    def _allowed(self, fan_out: FanOut, now: datetime) -> int | None:
        """How many runs may have begun by `now`; None for any number."""
        journey = self._program.journeys.get(fan_out.journey)
        if self._virtual or journey is None or journey.pace is None:
            return None
        return max(1, int(self._share * _paced(journey.pace, now - fan_out.at - fan_out.delay)))


def _adopting(unit: Unit) -> FanOut | None:
    """The one that brings customers under other journeys, if it is not done."""
    return next((one for one in unit.fan_outs() if not one.journey), None)


def _outline(unit: Unit) -> Outline:
    """That of all journeys that were ever in force."""
    kept = unit.get(_OUTLINE)
    return {} if kept is None else _outlines.decode(kept)


def outline_in(unit: Unit) -> tuple[str | None, Outline]:
    """The version of the program that customers are, or are being, brought under; and the outline of all there were."""
    return unit.get(_PROGRAM), _outline(unit)


def _paced(pace: Pace, passed: timedelta) -> float:
    per = timedelta(days=pace.per.days, seconds=pace.per.seconds)
    return pace.messages * max(passed / per, 0.0)


def _taken(journey: str) -> str:
    """The fact that names a schedule's latest moment that was taken."""
    return f"schedule:{journey}"


def _begins(journey: str) -> str:
    return f"schedule-begins:{journey}"
