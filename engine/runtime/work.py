"""One unit's work: the customers it reads and changes, the messages it decides, in memory until the unit
writes them. Everything about one customer happens here in one order, so that a batch gives what its events
would give one by one.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from msgspec.structs import replace

from engine.decide import Decide, concerns, in_audience
from engine.decide import decide as plain_decide
from engine.model.customer import Customer, Run
from engine.model.errors import MilepostError
from engine.model.event_types import TASK_DONE
from engine.model.events import Event
from engine.model.goals import Measured, Reached
from engine.model.identity import Identified, Identifier
from engine.model.messages import Message
from engine.model.program import Program
from engine.model.stimuli import (
    BroadcastReached,
    EventArrived,
    JourneysChanged,
    ScheduleReached,
    Stimulus,
    TimerDue,
)
from engine.model.tasks import Task, TaskDone
from engine.ports import LoggedEvent, Unit
from engine.runtime.adoption import Adoption
from engine.runtime.agenda import Agenda
from engine.runtime.cars import deliver
from engine.runtime.exchange import Drained, Source
from engine.runtime.identifying import Identify, task_of
from engine.runtime.merging import Merges, hear_contradictions, meet, merge_same
from engine.runtime.receiving import Receiving
from engine.runtime.rejections import where_of

PUT_OFF = timedelta(hours=1)
"""After how long a customer's timers are tried again at which the decision raised."""

_log = logging.getLogger(__name__)


class Work:
    """What one unit does. `prepare` reads for a batch in a few statements; `write` writes all at its end.

    Where time is `virtual`, a timer fires at its own moment, though the clock has moved on; else now. With an
    `agenda`, the moments of schedules that a customer's time passes are done on the way, each at its own. `decide` is
    the decision, or one that is watched. While an `adoption` is under way, customers come under the journeys in force
    before anything is decided for them.
    """

    def __init__(
        self,
        program: Program,
        source: Source,
        identify: Identify,
        *,
        virtual: bool,
        agenda: Agenda | None = None,
        decide: Decide = plain_decide,
        adoption: Adoption | None = None,
    ) -> None:
        self._program = program
        self._adoption = adoption
        self._adopted: set[str] = set()
        self._source = source
        self._identify = identify
        self._virtual = virtual
        self._agenda = agenda
        self._decides = decide
        self.customers: dict[str, Customer] = {}
        self._absent: set[str] = set()
        self._changed: dict[str, Customer] = {}
        self.owners: dict[Identifier, str] = {}
        self._learned: dict[Identifier, str] = {}
        self._seen: set[bytes] = set()
        self._log: list[LoggedEvent] = []
        self._made: list[LoggedEvent] = []
        self._task_owners: dict[str, str] = {}
        self._receiving = Receiving()
        self.merges = Merges()
        self._done: list[TaskDone] = []
        self._measured: list[Measured] = []
        self._reached: list[Reached] = []
        self._begun: list[Run] = []
        self.messages: list[Message] = []
        self.tasks: list[Task] = []
        self.broadcasts: list[tuple[Event, datetime]] = []
        self.unplaced: list[Event] = []
        self.failed = 0
        self.notes: Counter[tuple[str, str, str]] = Counter()

    # Reading

    def prepare(self, events: Sequence[Event]) -> None:
        """Reads what the events will need: which are duplicates, whom they are about, those customers."""
        self._seen |= self._source.seen([event.key for event in events])
        wanted = {name: None for event in events for name in self._identify.identifiers(event)}
        unknown = [name for name in wanted if name not in self.owners]
        self.owners.update(self._source.owners(unknown))
        ids = set(self.owners.values())
        self._read(ids)
        self._absent.update(one for one in ids if one not in self.customers)
        done = [task_id for event in events if (task_id := task_of(event)) is not None]
        if done:
            self._task_owners.update(self._source.task_owners(done))
            self._read(set(self._task_owners.values()))
        self.know_messages(events)

    def know_messages(self, events: Sequence[Event]) -> None:
        """Reads whose the messages are that the events tell of."""
        told_of = self._receiving.unread(events)
        if told_of:
            found = self._source.addressees(told_of)
            self._receiving.messages.update(found)
            self._read({one.customer_id for one in found.values()})

    def hold(self, customers: Iterable[Customer]) -> None:
        """Takes in documents that were read already."""
        for customer in customers:
            self.customers.setdefault(customer.id, customer)

    def customer(self, customer_id: str) -> Customer | None:
        if customer_id not in self.customers and customer_id not in self._absent:
            self._read({customer_id})
        return self.customers.get(customer_id)

    def _read(self, ids: set[str]) -> None:
        missing = [one for one in ids if one not in self.customers]
        if missing:
            found = self._source.customers(missing)
            self.customers.update(found)
            gone = {one.id: one.into for one in found.values() if one.into}
            if gone:
                self.merges.aliases.update(gone)
                self._read(set(gone.values()))

    # Deciding

    def event(self, event: Event, now: datetime) -> bool:
        """Takes one event in at `now`, and logs it. False if it is a duplicate, which changes nothing, or `unplaced`:
        a receipt for a message that nobody knows."""
        if event.key in self._seen:
            return False
        who = self.take_in(event, now)
        if who is None:
            self.unplaced.append(event)
            return False
        self._seen.add(event.key)
        self._log.append(LoggedEvent(event=who.event, customer_id=who.customer_id, decided_at=now))
        return True

    def take_in(self, event: Event, now: datetime) -> Identified | None:
        """Takes in one event that is no duplicate, unlogged: for one who keeps no log. None if it is unplaced."""
        who = self._identify_now(event)
        while who.same:
            merge_same(self, who, now)
            who = self._identify_now(event)
        for one in who.contradictions:
            self.notes["contradiction", "", f"{one.kept[0]} / {one.refused[0]}"] += 1
        for member in who.unusable:
            self.notes["unusable", "", member] += 1
        if event.type in self._program.broadcast:
            self.broadcasts.append((event, now))
        if event.type == TASK_DONE:
            who = self._of_task(who)
        if (placed := self._receiving.whose(who)) is None:
            self.notes["unknown message", "", ""] += 1
            return None
        who = placed
        if self.merges.aliases and who.customer_id in self.merges.aliases:
            who = replace(who, customer_id=self.merges.living(who.customer_id))
        if (customer_id := who.customer_id) is not None:
            self.learn(who.learn)
            if self.customer(customer_id) is None:
                since = None if self._agenda is None else now
                self.customers[customer_id] = Customer(id=customer_id, known=who.known, scheduled_until=since)
            self.pass_to(customer_id, now)
            deliver(self, customer_id, who, now)
            self._heed(customer_id, who.event, now)
            if self.customers[customer_id].links:
                meet(self, customer_id, now)
            if who.contradictions:
                hear_contradictions(self, who.contradictions, event, now)
        return who

    def _identify_now(self, event: Event) -> Identified:
        if self.merges.aliases:
            for one in self._identify.identifiers(event):
                if one in self.owners:
                    self.owners[one] = self.merges.living(self.owners[one])
        return self._identify.identify(event, self.owners, self.customers)

    def _heed(self, customer_id: str, event: Event, now: datetime) -> None:
        """What follows from receipts, and from statements of consent, beside what is decided."""
        made = self._receiving.heed(event, self.customers[customer_id], self._program.policy.channels, now)
        if made is not None:
            self.decide(customer_id, EventArrived(event=made), now)
            self.log_made([made], customer_id, now)

    def _of_task(self, who: Identified) -> Identified:
        """A task that is done is its customer's, whomever else the event names."""
        task_id = task_of(who.event)
        owner = None if task_id is None else self._task_owners.get(task_id)
        if task_id is None or owner is None or self.customer(owner) is None:
            self.notes["unknown task", "", ""] += 1
            return Identified(event=who.event, customer_id=None)
        self._done.append(TaskDone(task_id, str(who.event.data.get("outcome", "")), who.event.time))
        return Identified(event=who.event, customer_id=owner)

    def timers(self, customer_id: str, now: datetime, *, before: datetime) -> None:
        """Does what is due of the customer's strictly before that moment."""
        while (due_at := self.customers[customer_id].next_due_at) is not None and due_at < before:
            self.decide(customer_id, TimerDue(), due_at if self._virtual else now)

    def due(self, customer_id: str, now: datetime) -> None:
        """Does what is due of the customer's at or before `now`."""
        self.timers(customer_id, now, before=now)
        self.decide(customer_id, TimerDue(), now)

    @contextmanager
    def putting_off(self, customer_id: str, until: datetime) -> Iterator[None]:
        """Where the decision raises, the customer's timers are put off, so that they hold up nobody else's. What
        was decided before stays decided."""
        try:
            yield
        except MilepostError:
            raise
        except Exception as error:
            _log.error(
                "a decision failed, put off to %s: customer %s, %s", until, customer_id, where_of(error)
            )
            self._change(replace(self.customers[customer_id], next_due_at=until))
            self.failed += 1

    def pass_to(self, customer_id: str, now: datetime) -> None:
        """Lets the customer's time pass up to `now`: schedules up to it, timers before it. Where time is virtual, what
        was due before other journeys came into force is done at its own moment; else they come first."""
        if not self._virtual:
            self._adopt(customer_id, now)
        if self._agenda is not None:
            self.schedules(customer_id, now)
        self.timers(customer_id, now, before=now)
        if self._virtual:
            self._adopt(customer_id, now)

    def schedules(self, customer_id: str, until: datetime) -> None:
        """Does the agenda's moments up to `until` that the customer has not been through, each after the timers
        before it."""
        assert self._agenda is not None
        moments = self._agenda.between(self.customers[customer_id].scheduled_until, until)
        for moment in moments:
            self.timers(customer_id, moment.at, before=moment.at)
            self.schedule(customer_id, moment.journey, moment.at, moment.at)
        if moments:
            self._change(replace(self.customers[customer_id], scheduled_until=moments[-1].at))

    def schedule(self, customer_id: str, journey: str, at: datetime, now: datetime) -> bool:
        """A moment of a journey's schedule; False for those who are not of its audience, for whom it does
        nothing."""
        customer = self.customers[customer_id]
        if not in_audience(self._program, customer, self._program.journeys[journey], now):
            return False
        self.decide(customer_id, ScheduleReached(journey=journey, at=at), now)
        return True

    def broadcast(self, customer_id: str, journey: str, event: Event, now: datetime) -> bool:
        """An event about nobody, for those of the journey's audience; False for all others."""
        customer = self.customers[customer_id]
        if not concerns(self._program, customer, self._program.journeys[journey], event, now):
            return False
        self.decide(customer_id, BroadcastReached(journey=journey, event=event), now)
        return True

    def _adopt(self, customer_id: str, now: datetime) -> None:
        adoption = self._adoption
        if adoption is None or customer_id <= adoption.cursor or customer_id in self._adopted:
            return
        self._adopted.add(customer_id)
        self.decide(customer_id, JourneysChanged(adoption.moved), now)

    def decide(self, customer_id: str, stimulus: Stimulus, now: datetime) -> None:
        customer, effects = self._decides(self._program, self.customers[customer_id], stimulus, now)
        self._change(customer)
        if effects.messages:
            self.messages += effects.messages
            self._receiving.decided(effects.messages)
        if effects.tasks:
            self.tasks += effects.tasks
            self._task_owners.update((one.id, customer_id) for one in effects.tasks)
        if effects.measured or effects.reached:
            self._measured += effects.measured
            self._reached += effects.reached
        if effects.begun:
            self._begun += effects.begun
        if effects.events:
            self.log_made(effects.events, customer_id, now)
        for note in effects.notes:
            self.notes[note.kind, note.journey, note.detail] += 1

    def log_made(self, events: Sequence[Event], customer_id: str, now: datetime) -> None:
        """Events that journeys have made are logged like others, and others are told of them."""
        known = self._seen | self._source.seen([one.key for one in events])
        for event in events:
            if event.key not in known:
                self._seen.add(event.key)
                self._made.append(LoggedEvent(event=event, customer_id=customer_id, decided_at=now))

    def begin(self, customer: Customer) -> None:
        """Adds a document, or changes it otherwise than by a decision."""
        self._absent.discard(customer.id)
        self._change(customer)

    def _change(self, customer: Customer) -> None:
        self.customers[customer.id] = self._changed[customer.id] = customer

    def learn(self, identifiers: Mapping[Identifier, str]) -> None:
        if identifiers:
            self.owners.update(identifiers)
            self._learned.update(identifiers)

    def told(self) -> dict[str, int]:
        """What is worth telling beside messages, and how often."""
        told: dict[str, int] = {}
        for parts, n in self.notes.items():
            text = " ".join(part for part in parts if part)
            told[text] = told.get(text, 0) + n
        return told

    # Writing

    def drain(self) -> Drained:
        """What has been decided and changed since the last time, for one who keeps everything in memory;
        the work itself goes on knowing its customers and whom identifiers lead to."""
        changed = list(self._changed.values())
        made = [one.event for one in self._made]
        disputes = self.merges.drain()
        drained = Drained(
            self.messages, self.tasks, changed, self._begun, self._measured, self._reached, made, disputes
        )
        self.messages, self.tasks, self._begun, self._measured, self._reached = [], [], [], [], []
        self._made.clear()
        self._receiving.clear()
        self._done.clear()
        self._changed.clear()
        self._learned.clear()
        return drained

    def write(self, unit: Unit, reached: Callable[[str], None] = lambda _point: None) -> None:
        """Writes everything into `unit`; `reached` is told each step, for crash tests."""
        unit.log([*self._log, *self._made] if self._made else self._log)
        if self._made:
            unit.publish(self._made)
        reached("advance.3")
        unit.put(self._changed.values())
        reached("advance.4")
        unit.learn(self._learned)
        unit.add_messages(self.messages)
        self._receiving.write(unit)
        if self.tasks:
            unit.add_tasks(self.tasks)
        if self._done:
            unit.finish_tasks(self._done)
        if self._measured or self._reached:
            unit.measure(self._measured, self._reached)
        self.merges.write(unit, self._program, virtual=self._virtual)
        reached("advance.5")
