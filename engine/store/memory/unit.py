"""One unit of work in memory: writes at once, and keeps what to do to undo it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from msgspec.structs import replace

from engine.model.customer import Customer
from engine.model.goals import Measured, Reached
from engine.model.identity import Identifier
from engine.model.messages import Message, Status
from engine.model.receipts import Addressee, Told
from engine.model.suppression import SECRET, Lifting, Suppression, address_of, hashed, row_of
from engine.model.tasks import Task, TaskDone, TaskStatus
from engine.ports import AlreadyLogged, FanOut, LoggedEvent, MessageRow, RejectionRow, TaskRow
from engine.store import receipts
from engine.store.memory.identities import IdentifyingUnit
from engine.store.memory.state import WENT, State
from engine.store.reception import dealings

Key = TypeVar("Key")
Value = TypeVar("Value")


class MemoryUnit(IdentifyingUnit):
    __slots__ = ("_state", "_undo", "added")

    def __init__(self, state: State) -> None:
        self._state = state
        self._undo: list[Callable[[], Any]] = []
        self.added: list[Message] = []

    def roll_back(self) -> None:
        """Makes everything as it was before the unit."""
        while self._undo:
            self._undo.pop()()

    def _write(self, table: dict[Key, Value], key: Key, value: Value) -> None:
        old = table.get(key)
        self._undo.append(partial(table.pop, key) if old is None else partial(table.__setitem__, key, old))
        table[key] = value

    # Events

    def seen(self, keys: Sequence[bytes]) -> set[bytes]:
        return {key for key in keys if key in self._state.seen}

    def log(self, events: Iterable[LoggedEvent]) -> None:
        state = self._state
        added: list[bytes] = []
        self._undo.append(partial(state.seen.discard, added))
        for one in events:
            if not state.seen.add(one.event.key):
                raise AlreadyLogged("An event's (source, id) is in the log already.")
            added.append(one.event.key)
            if state.keep_log:
                state.log.append(one)
                self._undo.append(state.log.pop)

    # Customers

    def owners(self, identifiers: Sequence[Identifier]) -> dict[Identifier, str]:
        return self._state.owners_of(identifiers)

    def learn(self, identifiers: Mapping[Identifier, str]) -> None:
        for identifier, customer_id in identifiers.items():
            self._write(self._state.owners, identifier, customer_id)

    def customers(self, ids: Sequence[str]) -> dict[str, Customer]:
        return self._state.customers_of(ids)

    def unknow(self, customer_ids: Sequence[str]) -> None:
        """The words go with the documents."""
        gone = set(customer_ids)
        self._state.dealings = {one for one in self._state.dealings if one[0] not in gone}
        self._state.lookups = {
            number: replace(one, shown=tuple(shown for shown in one.shown if shown not in gone))
            for number, one in self._state.lookups.items()
        }

    def dealt(self, customer_id: str, with_those_of: str) -> None:
        dealers = {dealer for one, dealer in dealings(self._state.log) if one == with_those_of}
        self._state.dealings |= {(customer_id, dealer) for dealer in dealers}

    def put(self, customers: Iterable[Customer]) -> None:
        state = self._state
        for customer in customers:
            old = state.customers.get(customer.id)
            was_due_at = old.next_due_at if old else None
            if was_due_at is not None:  # undone after the document is: timers ask that what is due
                self._undo.append(partial(state.timers.set, customer.id, was_due_at))
            self._write(state.customers, customer.id, customer)
            due_at = customer.next_due_at
            if due_at is not None and due_at != was_due_at:
                state.timers.set(customer.id, due_at)

    def due(self, until: datetime, limit: int, *, before: bool = False) -> list[Customer]:
        customers = self._state.customers
        return [customers[one] for one in self._state.timers.due(until, limit, before=before)]

    def after(self, cursor: str, limit: int) -> list[Customer]:
        return list(islice(self._state.known_after(cursor), limit))

    # What comes of it

    def add_messages(self, messages: Iterable[Message]) -> None:
        for message in messages:
            known = self._state.messages.get(message.id)
            if known is None or (known.message.status is Status.HELD and known.ready_at is None):
                self.added.append(message)
                if self._state.keep_messages:
                    self._write(self._state.messages, message.id, MessageRow(message=message))

    def addressees(self, ids: Sequence[str]) -> dict[str, Addressee]:
        known = self._state.messages
        found = (known[one].message for one in ids if one in known)
        return {
            one.id: Addressee(one.customer_id, one.channel, address_of(one.channel, one.address))
            for one in found
        }

    def receive(self, those: Iterable[Told]) -> None:
        told, known = list(those), self._state.messages
        rows = {one.message_id: known[one.message_id] for one in told if one.message_id in known}
        for row in receipts.after_all(rows, told):
            self._write(known, row.message.id, row)

    def publish(self, events: Iterable[LoggedEvent]) -> None:
        """Nobody else is there to be told."""

    def add_tasks(self, tasks: Iterable[Task]) -> None:
        for task in tasks:
            if task.id not in self._state.tasks:
                self._write(self._state.tasks, task.id, TaskRow(task=task))

    def task_owners(self, ids: Sequence[str]) -> dict[str, str]:
        known = self._state.tasks
        return {one: known[one].task.customer_id for one in ids if one in known}

    def finish_tasks(self, done: Iterable[TaskDone]) -> None:
        for one in done:
            row = self._state.tasks.get(one.task_id)
            if row is not None and row.task.status is TaskStatus.OPEN:
                task = replace(row.task, status=TaskStatus.DONE)
                self._write(
                    self._state.tasks, one.task_id, TaskRow(task=task, outcome=one.outcome, done_at=one.at)
                )

    def suppress(self, those: Iterable[Suppression]) -> None:
        kept, secret = self._state.suppressions, self._state.secret(SECRET)
        for one in those:
            row = row_of(secret, one)
            key = (row.channel, row.hash, row.cause)
            if key not in kept or row.at > kept[key].at:
                self._write(kept, key, row)

    def unsuppress(self, those: Iterable[Lifting]) -> None:
        kept, secret = self._state.suppressions, self._state.secret(SECRET)
        for one in those:
            for cause in one.causes:
                key = (one.to.channel, hashed(secret, one.to), cause)
                row = kept.get(key)
                if row is not None and (one.until is None or row.at <= one.until):
                    del kept[key]
                    self._undo.append(partial(kept.__setitem__, key, row))

    def measure(self, runs: Iterable[Measured], reached: Iterable[Reached]) -> None:
        goals = self._state.goals
        for run in runs:
            if run.run not in goals:
                self._write(goals, run.run, (run, None))
        for one in reached:
            if one.run in goals:
                run, before = goals[one.run]
                self._write(goals, one.run, (run, one.at if before is None else min(before, one.at)))

    def add_rejections(self, rejections: Iterable[RejectionRow]) -> None:
        for row in rejections:
            if row.id not in self._state.rejections:
                self._write(self._state.rejections, row.id, row)

    def retried(self, ids: Collection[str]) -> None:
        kept = self._state.rejections
        for row in [kept[one] for one in ids if one in kept and kept[one].status == "open"]:
            self._write(kept, row.id, replace(row, status="retried"))

    def fan_outs(self) -> list[FanOut]:
        left = (self._state.standing(one) for one in self._state.fan_outs.values() if not one.done)
        return sorted(left, key=lambda one: (one.at, one.id))

    def put_fan_out(self, fan_out: FanOut) -> None:
        known = self._state.fan_outs.get(fan_out.id)
        if known is not None:
            done = known.done or fan_out.done
            fan_out = replace(known, cursor=fan_out.cursor, begun=fan_out.begun, done=done)
        self._write(self._state.fan_outs, fan_out.id, fan_out)

    def recipients(self, template: str, customer_ids: Sequence[str]) -> set[str]:
        return {
            row.message.customer_id
            for row in self._state.messages.values()
            if row.message.template == template
            and row.message.customer_id in customer_ids
            and row.message.status in {*WENT, Status.CLAIMED}
        }

    def fan_out_everywhere(self, fan_out: FanOut) -> None:
        self.put_fan_out(fan_out)

    def deployed(self) -> int:
        return len(self._state.deployments)

    def get(self, name: str) -> str | None:
        return self._state.facts.get(name)

    def set(self, name: str, value: str) -> None:
        self._write(self._state.facts, name, value)
