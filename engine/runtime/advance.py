"""Events and what is due, into the store: one transaction a batch.

The steps of a batch, whose numbers the code repeats and crash tests are named by:

1. Read, in one unit: which events are duplicates, whom they are about, those customers.
2. Decide each event in order; before it, what was due of its customer earlier.
3. Log the events (their `(source, id)` is seen from now on).
4. Write the customers' documents, with `next_due_at`.
5. Write identifiers and messages (the ledger is the outbox).
6. Commit. Only now is the batch done: whoever fed it may let go of it.

A crash before 6 leaves nothing of the batch; after it, everything, and a repetition finds only duplicates.

Time is either real, or that of the events: then the clock is kept in the store, moves with each event's
`recordedtime` and never back, and each timer fires at its own moment, as in a simulation.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import msgspec

from engine.model.customer import Customer
from engine.model.events import Event
from engine.model.ids import derive
from engine.model.program import Program
from engine.ports import Clock, FanOut, RejectionRow, Store, Unit
from engine.runtime.crashpoints import reach
from engine.runtime.schedules import Moment, earliest, first_after, just_before
from engine.runtime.work import Identify, Work

CHUNK = 500
_CLOCK = "clock"
_PROGRAM = "program"


class Taken(msgspec.Struct):
    """What became of events: each is accepted or a duplicate."""

    accepted: int = 0
    duplicates: int = 0
    messages: int = 0
    notes: dict[str, int] = {}

    def add(self, other: "Taken") -> None:
        self.accepted += other.accepted
        self.duplicates += other.duplicates
        self.messages += other.messages
        for note, n in other.notes.items():
            self.notes[note] = self.notes.get(note, 0) + n


class Advance:
    """`clock` is None where time is that of the events."""

    def __init__(self, program: Program, store: Store, identify: Identify, clock: Clock | None) -> None:
        self._program = program
        self._store = store
        self._identify = identify
        self._clock = clock
        self._zone = program.policy.zone
        self._virtual = clock is None

    # Events

    def take(self, events: Sequence[Event], rejections: Sequence[RejectionRow] = ()) -> Taken:
        """Takes in one batch of events and refused inputs, durably."""
        taken = Taken()
        rest = list(events)
        while rest or rejections:
            batch = self._up_to_next_schedule(rest) if self._virtual and rest else rest
            taken.add(self._batch(batch, rejections))
            rest = rest[len(batch) :]
            rejections = ()
        return taken

    def _batch(self, events: Sequence[Event], rejections: Sequence[RejectionRow]) -> Taken:
        with self._store.unit() as unit:
            work = self._work(unit)
            work.prepare(events)
            reach("advance.1")
            now = self._now(unit)
            accepted = 0
            for event in events:
                if self._virtual:
                    now = event.arrived if now is None else max(now, event.arrived)
                assert now is not None
                accepted += work.event(event, now)
            reach("advance.2")
            work.write(unit, reach)
            unit.add_rejections(rejections)
            self._keep_clock(unit, now)
        reach("advance.6")
        return Taken(accepted, len(events) - accepted, len(work.messages), work.told())

    def _work(self, unit: Unit) -> Work:
        return Work(self._program, unit, self._identify, virtual=self._virtual)

    def _up_to_next_schedule(self, events: list[Event]) -> list[Event]:
        """The events before the next moment of a schedule; carries out the schedules before them."""
        clock = self.now()
        now = events[0].arrived if clock is None else max(clock, events[0].arrived)
        until = self._do_schedules(now)
        if until is None:
            return events
        for place, event in enumerate(events):
            now = max(now, event.arrived)
            if now >= until:
                return events[:place]
        return events

    # Time

    def now(self) -> datetime | None:
        """The present moment; by the events' clock None before the first event."""
        if self._clock is not None:
            return self._clock.now()
        with self._store.unit() as unit:
            return self._now(unit)

    def _now(self, unit: Unit) -> datetime | None:
        if self._clock is not None:
            return self._clock.now()
        kept = unit.get(_CLOCK)
        return datetime.fromisoformat(kept) if kept else None

    def _keep_clock(self, unit: Unit, now: datetime | None) -> None:
        if self._clock is None and now is not None:
            unit.set(_CLOCK, now.astimezone(UTC).isoformat())

    # What is due

    def catch_up(
        self, until: datetime | None = None, progress: Callable[[int], None] = lambda _done: None
    ) -> int:
        """Does all that is due: schedules, then timers. By the events' clock, up to `until` (the clock's own
        moment if left out), to which the clock then moves. Returns the number of messages decided."""
        self.adopt()
        now = self.now()
        if self._virtual and until is not None:
            now = until if now is None else max(now, until)
        if now is None:
            return 0
        self._do_schedules(now)
        messages = 0
        while chunk := self._due(now):
            messages += chunk.messages
            progress(messages)
        if self._virtual:
            with self._store.unit() as unit:
                kept = self._now(unit)
                self._keep_clock(unit, now if kept is None else max(kept, now))
        return messages

    def _due(self, now: datetime) -> Taken | None:
        """Does what is due of the next customers; None when nothing is."""
        with self._store.unit() as unit:
            customers = unit.due(now, CHUNK)
            if not customers:
                return None
            work = self._work(unit)
            work.hold(customers)
            for customer in customers:
                work.due(customer.id, now)
            work.write(unit, reach)
        reach("advance.6")
        return Taken(0, 0, len(work.messages), work.told())

    def next_due(self) -> datetime | None:
        """The next moment at which something is due, None if nothing is in sight."""
        with self._store.unit() as unit:
            upcoming = self._next_moment(unit)
            first = unit.due(datetime.max.replace(tzinfo=UTC), 1)
        moments = [moment for moment in (upcoming.at if upcoming else None,) if moment]
        moments += [one.next_due_at for one in first if one.next_due_at]
        return min(moments, default=None)

    # Schedules

    def _do_schedules(self, until: datetime) -> datetime | None:
        """Carries out every moment of a schedule up to `until` and gives the next one after it."""
        while True:
            for fan_out in self._open_fan_outs():
                self._carry_out(fan_out)
            with self._store.unit() as unit:
                self._begin_schedules(unit, until)
                moment = self._next_moment(unit)
                if moment is None or moment.at > until:
                    return moment.at if moment else None
                unit.put_fan_out(
                    FanOut(
                        id=derive("fan-out", moment.journey, moment.at.isoformat()),
                        journey=moment.journey,
                        at=moment.at,
                    )
                )
                unit.set(f"schedule:{moment.journey}", moment.at.isoformat())
                self._keep_clock(unit, moment.at)
            reach("advance.fan-out")

    def _begin_schedules(self, unit: Unit, first: datetime) -> None:
        """Schedules begin with the first event's moment, or the first time the engine runs."""
        for journey in self._program.scheduled:
            if unit.get(f"schedule:{journey.id}") is None:
                unit.set(f"schedule:{journey.id}", just_before(self._now(unit) or first).isoformat())

    def _next_moment(self, unit: Unit) -> Moment | None:
        return earliest(
            first_after(journey, datetime.fromisoformat(done), self._zone)
            for journey in self._program.scheduled
            if (done := unit.get(f"schedule:{journey.id}"))
        )

    def _open_fan_outs(self) -> list[FanOut]:
        with self._store.unit() as unit:
            return unit.fan_outs()

    def _carry_out(self, fan_out: FanOut) -> None:
        for _ in self._chunks(fan_out):
            reach("advance.6")

    def _chunks(self, fan_out: FanOut) -> Iterator[None]:
        """Takes a fan-out through all customers, a chunk a transaction, from where it stands."""
        while True:
            with self._store.unit() as unit:
                present = next((one for one in unit.fan_outs() if one.id == fan_out.id), None)
                if present is None:
                    return
                customers = unit.after(present.cursor, CHUNK)
                work = self._work(unit)
                work.hold(customers)
                now = present.at if self._clock is None else self._clock.now()
                for customer in customers:
                    self._fan_out_to(work, customer, present, now)
                work.write(unit, reach)
                cursor = customers[-1].id if customers else present.cursor
                done = len(customers) < CHUNK
                unit.put_fan_out(msgspec.structs.replace(present, cursor=cursor, done=done))
            yield

    def _fan_out_to(self, work: Work, customer: Customer, fan_out: FanOut, now: datetime) -> None:
        if not fan_out.journey:
            work.journeys_changed(customer.id, now)
            return
        if fan_out.journey not in self._program.journeys:
            return
        work.timers(customer.id, now, before=fan_out.at)
        work.schedule(customer.id, fan_out.journey, fan_out.at, now)

    # Journeys

    def adopt(self) -> None:
        """Where the journeys are not those the documents were written with, reckons every wait anew."""
        with self._store.unit() as unit:
            known = unit.get(_PROGRAM)
            if known == self._program.version:
                return
            unit.set(_PROGRAM, self._program.version)
            now = self._now(unit)
            if known is None or now is None:
                return
            unit.put_fan_out(FanOut(id=derive("adopt", self._program.version), journey="", at=now))
        for fan_out in self._open_fan_outs():
            self._carry_out(fan_out)
