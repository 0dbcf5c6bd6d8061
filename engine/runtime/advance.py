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
`recordedtime` and never back, and each timer fires at its own moment, as in a simulation. There an event is for its
own moment, if the clock is not past it, and its customer's time alone passes up to there; all others' does when the
clock is told to catch up.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from engine.model.errors import MilepostError
from engine.model.events import Event
from engine.model.program import Program
from engine.ports import Clock, RejectionRow, Store, Unit
from engine.runtime.crashpoints import reach
from engine.runtime.fan_outs import CHUNK, Caught, FanOuts
from engine.runtime.identifying import Identify
from engine.runtime.rejections import SetAside, failed, rejection_row, unplaced
from engine.runtime.work import PUT_OFF, Work

_CLOCK = "clock"


class Taken(msgspec.Struct):
    """What became of events: each is accepted or a duplicate; or the decision raised at it (`set_aside`), or it is a
    receipt for a message that nobody knows (`unplaced`), and it is kept with the refused inputs."""

    accepted: int = 0
    duplicates: int = 0
    messages: int = 0
    notes: dict[str, int] = {}
    set_aside: list[SetAside] = []
    unplaced: list[SetAside] = []

    def add(self, other: "Taken") -> None:
        self.accepted += other.accepted
        self.duplicates += other.duplicates
        self.messages += other.messages
        for note, n in other.notes.items():
            self.notes[note] = self.notes.get(note, 0) + n
        self.set_aside = [*self.set_aside, *other.set_aside]
        self.unplaced = [*self.unplaced, *other.unplaced]


Retried = Collection[tuple[bytes, str]]
"""Events, by their keys, that were sent in again, and the ids of the refused inputs that they were."""


T = TypeVar("T")


class _Outdated(MilepostError):  # noqa: N818 - named for what is so
    """Something else was deployed than what is worked by; nothing was done."""

    def __init__(self) -> None:
        super().__init__("Something else was deployed meanwhile.")


Beside = Callable[[Unit, Sequence[SetAside]], None]
"""Writes what belongs into the transaction that ends a batch; is told which of its events could not be taken in."""


def _nothing(_unit: Unit, _set_aside: Sequence[SetAside]) -> None:
    """Writes nothing."""


class Advance:
    """`renew` gives the program of the newest deployment; without it, whatever is deployed meanwhile is of no concern.
    `clock` is None where time is that of the events. `leads`: whether the events' clock moves with the events
    taken in here; else only `catch_up` moves it, because others know how far all are. `share`: the part of all
    customers that the store has."""

    def __init__(
        self,
        program: Program,
        store: Store,
        identify: Identify,
        clock: Clock | None,
        *,
        leads: bool = True,
        share: float = 1.0,
        renew: Callable[[], Program] | None = None,
    ) -> None:
        self._store = store
        self._identify = identify
        self._clock = clock
        self._leads = leads
        self._virtual = clock is None
        self._share = share
        self._renew = renew
        self._work_by(program)

    def _work_by(self, program: Program) -> None:
        self._program = program
        self._fan_outs = FanOuts(program, self._unit, self._work, virtual=self._virtual, share=self._share)

    @contextmanager
    def _unit(self) -> Iterator[Unit]:
        """A unit that works by the newest deployment: where that is another one, raises `_Outdated`. So no two
        processes bring customers under different journeys in turns."""
        with self._store.unit() as unit:
            if self._renew is not None and unit.deployed() != self._program.deployment:
                raise _Outdated
            yield unit

    def _by_the_newest(self, do: Callable[[], T]) -> T:
        """Does it, once more where something was deployed meanwhile: what was not committed is not done."""
        while True:
            try:
                return do()
            except _Outdated:
                assert self._renew is not None
                self._work_by(self._renew())

    # Events

    def take(
        self,
        events: Sequence[Event],
        rejections: Sequence[RejectionRow] = (),
        beside: Beside = _nothing,
        retried: Retried = (),
    ) -> Taken:
        """Takes in one batch of events and refused inputs, durably. `beside` writes what else belongs into the
        same transaction (at most once, whatever the number of transactions). Of what was `retried`, the inputs
        leave the list together with the events.

        An event at which the decision raises is set aside: it is kept with the refused inputs, and the others are
        taken in one by one.
        """
        if self._virtual and self._leads and self._program.broadcast:
            return self._take_in_turn(events, rejections, beside, retried)
        return self._take_batch(events, rejections, beside, retried)

    def _take_in_turn(
        self,
        events: Sequence[Event],
        rejections: Sequence[RejectionRow],
        beside: Beside,
        retried: Retried,
    ) -> Taken:
        """By the events' clock an event about nobody comes to everybody before any later one is looked at."""
        taken = Taken()
        rest = list(events)
        while place := next((n for n, one in enumerate(rest, 1) if one.type in self._program.broadcast), 0):
            taken.add(self._take_batch(rest[:place], (), _nothing, retried))
            rest = rest[place:]
        taken.add(self._take_batch(rest, rejections, beside, retried))
        return taken

    def _take_batch(
        self,
        events: Sequence[Event],
        rejections: Sequence[RejectionRow],
        beside: Beside,
        retried: Retried,
    ) -> Taken:
        try:
            return self._take(events, rejections, beside, retried)
        except MilepostError:
            raise
        except Exception:  # whatever it is: it must not hold up the others
            return self._take_one_by_one(events, rejections, beside, retried)

    def _take_one_by_one(
        self,
        events: Sequence[Event],
        rejections: Sequence[RejectionRow],
        beside: Beside,
        retried: Retried,
    ) -> Taken:
        taken = Taken()
        for event in events:
            try:
                taken.add(self._take([event], (), _nothing, retried))
            except MilepostError:
                raise
            except Exception as error:  # as above
                taken.set_aside = [*taken.set_aside, failed(event, error)]
        now = self.now()
        kept = [rejection_row(one.rejection, now) for one in taken.set_aside]
        same = {row.id for row in kept}

        def beside_them(unit: Unit, _none: Sequence[SetAside]) -> None:
            # What was set aside as it came stays open; of what was mended before, that which is set aside now does.
            unit.retried(_inputs(retried, [one.event for one in taken.set_aside]) - same)
            beside(unit, [*taken.set_aside, *taken.unplaced])

        taken.add(self._take([], [*rejections, *kept], beside_them, ()))
        return taken

    def _take(
        self,
        events: Sequence[Event],
        rejections: Sequence[RejectionRow],
        beside: Beside,
        retried: Retried,
    ) -> Taken:
        taken, brings = self._by_the_newest(lambda: self._take_once(events, rejections, beside, retried))
        reach("advance.6")
        if brings:
            taken.messages += self._by_the_newest(self._bring_now)
        return taken

    def _bring_now(self) -> int:
        return self._fan_outs.bring_now()

    def _take_once(
        self,
        events: Sequence[Event],
        rejections: Sequence[RejectionRow],
        beside: Beside,
        retried: Retried,
    ) -> tuple[Taken, bool]:
        """What became of them, and whether there is something to be brought to everybody before any later event."""
        with self._unit() as unit:
            clock = self._now(unit)
            if events:
                self._fan_outs.begin(unit, clock, events[0].arrived if self._leads else _earliest(events))
            work = self._work(unit)
            work.prepare(events)
            reach("advance.1")
            accepted = 0
            for event in events:
                now = clock
                if self._virtual:
                    now = event.arrived if clock is None else max(clock, event.arrived)
                    clock = now if self._leads else clock
                assert now is not None
                accepted += work.event(event, now)
            reach("advance.2")
            work.write(unit, reach)
            lost = [unplaced(event) for event in work.unplaced]
            kept = [rejection_row(one.rejection, self._now(unit)) for one in lost]
            unit.add_rejections([*rejections, *kept])
            unit.retried(_inputs(retried, events) - {row.id for row in kept})
            for event, at in work.broadcasts:
                self._fan_outs.bring(unit, event, at)
            beside(unit, lost)
            self._keep_clock(unit, clock)
        duplicates = len(events) - accepted - len(lost)
        taken = Taken(accepted, duplicates, len(work.messages), work.told(), unplaced=lost)
        return taken, self._virtual and self._leads and bool(work.broadcasts)

    def _work(self, unit: Unit) -> Work:
        agenda = self._fan_outs.agenda(unit) if self._virtual else None
        adoption = self._fan_outs.adoption(unit, self._now(unit))
        return Work(
            self._program, unit, self._identify, virtual=self._virtual, agenda=agenda, adoption=adoption
        )

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
        if self._virtual and now is not None:
            unit.set(_CLOCK, now.astimezone(UTC).isoformat())

    # What is due

    def catch_up(
        self,
        until: datetime | None = None,
        progress: Callable[[int], None] = lambda _done: None,
        *,
        before: bool = False,
        go_on: Callable[[], bool] = lambda: True,
    ) -> Caught:
        """Does all that is due: schedules, then timers (`before`: those of the moment itself are left, as events of
        the same moment may still come). By the events' clock, up to `until` (the clock's own moment if left out), to
        which the clock then moves. Stops between two transactions when `go_on` says so."""
        return self._by_the_newest(lambda: self._catch_up(until, progress, before, go_on))

    def _catch_up(
        self,
        until: datetime | None,
        progress: Callable[[int], None],
        before: bool,
        go_on: Callable[[], bool],
    ) -> Caught:
        if self._clock is not None and self._rests(self._clock.now()):
            return Caught(messages=0, finished=True)
        adopted = self._fan_outs.adopt(self.now(), go_on)
        messages = adopted.messages
        if not adopted.finished:
            return adopted
        now = self.now()
        if self._virtual and until is not None:
            now = until if now is None else max(now, until)
        if now is None:
            return Caught(messages=messages, finished=True)
        fanned_out = self._fan_outs.catch_up(now, self._clock, go_on)
        messages += fanned_out.messages
        if not fanned_out.finished:
            return Caught(messages=messages, finished=False)
        while (decided := self._due(now, before=before)) is not None:
            messages += decided
            progress(messages)
            if not go_on():
                return Caught(messages=messages, finished=False)
        if self._virtual:
            with self._unit() as unit:
                kept = self._now(unit)
                self._keep_clock(unit, now if kept is None else max(kept, now))
        return Caught(messages=messages, finished=True)

    def _rests(self, now: datetime) -> bool:
        """Whether nothing is to be done at `now`: in one unit, as a worker asks for each partition every second."""
        with self._unit() as unit:
            return self._fan_outs.rest(unit, now) and not unit.due(now, 1)

    def adopt(self) -> int:
        """Brings the customers under these journeys whom others had been in force for. Returns the number of messages
        decided."""
        return self._by_the_newest(lambda: self._fan_outs.adopt(self.now()).messages)

    def _due(self, now: datetime, *, before: bool) -> int | None:
        """Does what is due of the next customers, and gives the number of messages; None when nothing is due."""
        with self._unit() as unit:
            customers = unit.due(now, CHUNK, before=before)
            if not customers:
                return None
            work = self._work(unit)
            work.hold(customers)
            for customer in customers:
                with work.putting_off(customer.id, now + PUT_OFF):
                    if before:
                        work.timers(customer.id, now, before=now)
                    else:
                        work.due(customer.id, now)
            work.write(unit, reach)
        reach("advance.6")
        return len(work.messages)


def _inputs(retried: Retried, events: Sequence[Event]) -> set[str]:
    if not retried:
        return set()
    keys = {event.key for event in events}
    return {rejection for key, rejection in retried if key in keys}


def _earliest(events: Sequence[Event]) -> datetime:
    return min(event.arrived for event in events)
