"""Replays events on a virtual clock."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from heapq import heappop, heappush

from engine.decide.goals import is_held_out
from engine.model.customer import Customer
from engine.model.disputes import Dispute, DisputeStatus, moved, united
from engine.model.events import Event
from engine.model.goals import GoalCount, Measured, count_goals
from engine.model.identity import Identifier
from engine.model.messages import Message
from engine.model.program import Program
from engine.model.tasks import Task, TaskStatus
from engine.runtime.identifying import Identify
from engine.runtime.schedules import Moment, earliest, first_after, just_before
from engine.runtime.work import Work
from engine.sim.nowhere import Nowhere
from engine.store.memory import SeenKeys


class Simulation:
    """Feed it events in order of arrival, then `run_until` the end. `on_message` gets each message in the
    order of its moment, `on_task` each task, `on_made` each event that a journey made, `on_change` each customer as he
    was and is; `tasks` counts those by journey, name and status, `runs` those that
    began by journey, and `held_out` those of them that were held out."""

    def __init__(
        self,
        program: Program,
        identify: Identify,
        on_message: Callable[[Message], None],
        on_task: Callable[[Task], None] = lambda _task: None,
        on_made: Callable[[Event], None] = lambda _event: None,
        on_change: Callable[[Customer | None, Customer], None] = lambda _before, _after: None,
    ) -> None:
        self._program = program
        self._zone = program.policy.zone
        self._on_message = on_message
        self._on_task = on_task
        self._on_made = on_made
        self._on_change = on_change
        self._messages = Nowhere()
        self._work = Work(program, self._messages, identify, virtual=True)
        self._seen = SeenKeys()
        self._timers: list[tuple[datetime, str]] = []
        self._customers: dict[str, Customer] = {}
        self._moments: list[Moment] = []
        self._next: Moment | None = None
        self._disputes: list[Dispute] = []
        self.clock: datetime | None = None
        self.accepted = 0
        self.duplicates = 0
        self.tasks: Counter[tuple[str, str, TaskStatus]] = Counter()
        self.runs: Counter[str] = Counter()
        self.held_out: Counter[str] = Counter()
        self._goals: dict[str, tuple[Measured, datetime | None]] = {}

    @property
    def notes(self) -> dict[str, int]:
        """What is worth telling beside messages, and how often: `no vehicle welcome-pack`."""
        return self._work.told()

    @property
    def customers(self) -> Sequence[Customer]:
        return tuple(one for one in self._customers.values() if not one.into)

    @property
    def disputes(self) -> Sequence[Dispute]:
        """The contradictions that are open: two customers whom events have named together."""
        told = united(self._disputes)
        for old, into in self._work.merges.aliases.items():
            told = moved(told.values(), old, into)
        return [one for one in told.values() if one.status is DisputeStatus.OPEN]

    @property
    def goals(self) -> list[GoalCount]:
        """How often the journeys' goals were reached, up to now."""
        return [] if self.clock is None else count_goals(self._goals.values(), self.clock)

    def customer(self, customer_id: str) -> Customer | None:
        return self._customers.get(customer_id)

    def owner(self, identifier: Identifier) -> str | None:
        """The customer to whom it leads."""
        owner = self._work.owners.get(identifier)
        return None if owner is None else self._work.merges.living(owner)

    def event(self, event: Event) -> bool:
        """Takes in one event. False if it is a duplicate."""
        now = event.arrived
        if self.clock is not None and self.clock > now:
            now = self.clock
        self._advance(now, inclusive=False)
        if not self._seen.add(event.key):
            self.duplicates += 1
            return False
        self._work.know_messages((event,))
        self._work.take_in(event, now)
        self.accepted += 1
        self._settle()
        if event.type in self._program.broadcast:
            self._broadcast(event, now)
        return True

    def run_until(self, until: datetime) -> None:
        """Lets time pass to `until`, and does all that falls due on the way."""
        if self.clock is not None and until >= self.clock:
            self._advance(until, inclusive=True)

    # Time

    def _advance(self, now: datetime, *, inclusive: bool) -> None:
        """Moves the clock to `now`: schedules up to it, timers before it (or up to it, if `inclusive`)."""
        if self.clock is None:
            self._begin_schedules(now)
        while (moment := self._next) is not None and moment.at <= now:
            self._fire(moment.at, inclusive=False)
            self._schedule(moment)
        self._fire(now, inclusive=inclusive)
        self.clock = now

    def _fire(self, until: datetime, *, inclusive: bool) -> None:
        timers = self._timers
        while timers and (timers[0][0] < until or (inclusive and timers[0][0] == until)):
            due_at, customer_id = heappop(timers)
            if self._customers[customer_id].next_due_at == due_at:
                self.clock = due_at
                self._work.due(customer_id, due_at)
                self._settle()

    def _begin_schedules(self, first: datetime) -> None:
        found = (first_after(one, just_before(first), self._zone) for one in self._program.scheduled)
        self._moments = [moment for moment in found if moment is not None]
        self._next = earliest(self._moments)

    def _schedule(self, moment: Moment) -> None:
        self.clock = moment.at
        for customer_id in list(self._customers):
            self._work.schedule(customer_id, moment.journey, moment.at, moment.at)
        self._settle()
        following = first_after(self._program.journeys[moment.journey], moment.at, self._zone)
        rest = [one for one in self._moments if one.journey != moment.journey]
        self._moments = [*rest, following] if following else rest
        self._next = earliest(self._moments)

    def _broadcast(self, event: Event, now: datetime) -> None:
        for journey in self._program.broadcast[event.type]:
            for customer_id in sorted(self._customers):
                self._work.broadcast(customer_id, journey.id, event, now)
        self._work.broadcasts.clear()
        self._settle()

    def _settle(self) -> None:
        """Hands over the messages, and sets the timers of the customers that have changed."""
        messages, tasks, changed, begun, measured, reached, made, disputes = self._work.drain()
        for run in begun:
            self.runs[run.journey] += 1
            journey = self._program.journeys[run.journey]
            if journey.holdout and is_held_out(journey, run):
                self.held_out[run.journey] += 1
        for one in measured:
            self._goals[one.run] = (one, None)
        for goal in reached:
            watched, at = self._goals[goal.run]
            self._goals[goal.run] = (watched, goal.at if at is None else min(at, goal.at))
        for task in tasks:
            self.tasks[task.journey, task.name, task.status] += 1
            self._on_task(task)
        for message in messages:
            self._messages.remember(message)
            self._on_message(message)
        for event in made:
            self._on_made(event)
        self._disputes += disputes
        for customer in changed:
            known = self._customers.get(customer.id)
            self._on_change(known, customer)
            self._customers[customer.id] = customer
            due_at = customer.next_due_at
            if due_at is not None and (known is None or known.next_due_at != due_at):
                heappush(self._timers, (due_at, customer.id))
