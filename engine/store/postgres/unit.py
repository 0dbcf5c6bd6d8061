"""One transaction on PostgreSQL.

A question waits for its answer. What is written does not: statements go out one behind the other, and whether they
did what they should is looked at together, before the commit. So a unit takes as many round trips as it has
questions, and three.
"""

from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg
from msgspec.structs import replace

from engine.model.customer import Customer
from engine.model.errors import MilepostError
from engine.model.goals import Measured, Reached
from engine.model.identity import Identifier
from engine.model.messages import Message, Status
from engine.model.partitions import partition_of
from engine.model.receipts import Addressee, Told
from engine.model.suppression import SECRET, Lifting, Suppression
from engine.model.tasks import Task, TaskDone
from engine.model.times import EPOCH, to_us
from engine.ports import AlreadyLogged, FanOut, LoggedEvent, RejectionRow
from engine.ports.errors import TryAgain
from engine.ports.partitions import Progress
from engine.store import receipts, rows
from engine.store.codec import decode_addressee, decode_customer
from engine.store.postgres import reception
from engine.store.postgres.arrays import Blobs, Numbers, Texts, plain
from engine.store.postgres.columns import (
    CUSTOMER,
    DONE,
    EVENT,
    GOAL,
    LIFTED,
    MESSAGE,
    OWNER,
    REACHED,
    REJECTION,
    SUPPRESSION,
    TASK,
    TOLD,
    columns,
    columns_of,
)
from engine.store.postgres.connections import Connection
from engine.store.postgres.identities import IdentifyingUnit
from engine.store.postgres.transactions import ALONE, SQL, Scope
from engine.store.reception import Prints, dealings

_KEY_BYTES = 16


class PostgresUnit(IdentifyingUnit):
    """Works on a connection in pipeline mode on which a transaction was begun; `PostgresStore.unit` begins and ends
    it. `partitions` is how many there are; `secret` gives the database's keys."""

    def __init__(
        self,
        connection: Connection,
        pipeline: psycopg.Pipeline,
        scope: Scope,
        partitions: int,
        secret: Callable[[str], bytes],
        dealings: Container[tuple[str, str]] = (),
    ) -> None:
        self._connection = connection
        self._pipeline = pipeline
        self._scope = scope
        self._partitions = partitions
        self._secret = secret
        self._is_alone = scope.home != ALONE or ALONE in scope.tokens
        self._versions: dict[str, int | None] = {}  # of the documents asked for; None where there was none
        self._parts: dict[str, int] = {}  # of the customers met
        self._new_keys: set[bytes] = set()
        self._logs_unasked = False
        self._changes: list[tuple[psycopg.Cursor[Any], int]] = []
        self._known_dealings = dealings
        self._prints = Prints()
        self.dealings: set[tuple[str, str]] = set()

    # Events

    def seen(self, keys: Sequence[bytes]) -> set[bytes]:
        self._be_alone()
        if not keys:
            return set()
        if any(len(key) != _KEY_BYTES for key in keys):
            raise ValueError("an event's key has 16 bytes")
        found = {key for (key,) in self._ask("seen_keys", keys=Blobs(keys))}
        self._new_keys.update(key for key in keys if key not in found)
        return found

    def log(self, events: Iterable[LoggedEvent]) -> None:
        self._be_alone()
        taken = list(events)
        logged = [rows.logged(one) for one in taken]
        new = [one for one in dealings(taken) if one not in self._known_dealings]
        self._write("add_dealings", reception.dealt(new))
        self.dealings.update(new)
        for key, *_ in logged:
            self._logs_unasked = self._logs_unasked or key not in self._new_keys
            self._new_keys.discard(key)
        self._write("log_events", columns(EVENT, logged))

    def already_logged(self) -> Exception:
        """What to raise where an event turned out to be in the log."""
        if self._logs_unasked:
            return AlreadyLogged("An event's (source, id) is in the log already.")
        return TryAgain("Another unit of work has logged the same event in the same moment.")

    # Customers

    def owners(self, identifiers: Sequence[Identifier]) -> dict[Identifier, str]:
        asked = [
            (kind, self._connection.execute(SQL["read_owners"], {"kind": kind, "values": values}))
            for kind, values in by_kind(identifiers).items()
        ]
        self._pipeline.sync()
        return owners_of(identifiers, ((kind, *row) for kind, answer in asked for row in answer))

    def learn(self, identifiers: Mapping[Identifier, str]) -> None:
        self._learn("learn_owners", identifiers)

    def learn_new(self, identifiers: Mapping[Identifier, str]) -> dict[Identifier, str]:
        self._learn("learn_new_owners", identifiers)
        return self.owners(list(identifiers))

    def _learn(self, name: str, identifiers: Mapping[Identifier, str]) -> None:
        """In order, so that two units do not wait for one another crosswise."""
        learned = sorted((kind, value, customer_id) for (kind, value), customer_id in identifiers.items())
        self._write(name, columns(OWNER, learned))

    def customers(self, ids: Sequence[str]) -> dict[str, Customer]:
        if not ids:
            return {}
        found = {one.id: one for one in self._lock("lock_customers", ids=Texts(ids))}
        self._versions.update((one, None) for one in ids if one not in found)
        self._prints.missing(ids)
        return found

    def _lock(self, statement: str, /, **parameters: Any) -> list[Customer]:
        found = self._ask(statement, **parameters)
        for customer_id, part, version, _ in found:
            self._parts[customer_id] = part
            self._versions[customer_id] = version
        customers = [decode_customer(body) for _, _, _, body in found]
        self._prints.read(customers)
        return customers

    def put(self, customers: Iterable[Customer]) -> None:
        self._be_alone()
        put = {one.id: one for one in customers}
        self.customers([one for one in put if one not in self._versions])  # to lock them
        self._write_words(put)
        new, old = [], []
        for customer_id in sorted(put):
            row, version = rows.customer(put[customer_id]), self._versions[customer_id]
            if version is None:
                new.append((*row, self._part(customer_id)))
            else:
                old.append((*row, version))
            self._versions[customer_id] = put[customer_id].version
        self._write("insert_customers", columns({**CUSTOMER, "part": Numbers}, new), len(new))
        self._write("update_customers", columns({**CUSTOMER, "version_read": Numbers}, old), len(old))

    def unknow(self, customer_ids: Sequence[str]) -> None:
        gone = [replace(one, profile={}, vehicles={}) for one in self.customers(customer_ids).values()]
        self._write_words({one.id: one for one in gone})
        asked = {"ids": Texts(customer_ids)} if customer_ids else {}
        self._write("drop_dealings", asked)
        self._write("drop_shown", asked)

    def dealt(self, customer_id: str, with_those_of: str) -> None:
        self._write("copy_dealings", {"customer_id": customer_id, "other": with_those_of})

    def _write_words(self, put: Mapping[str, Customer]) -> None:
        gone, new = self._prints.changes(put)
        self._write("drop_words", reception.words(gone))
        self._write("add_words", reception.words(new))

    def due(self, until: datetime, limit: int, *, before: bool = False) -> list[Customer]:
        self._be_alone()
        until_us = to_us(until) - 1 if before else to_us(until)
        found = self._lock("due_customers", parts=self._scope.parts, until_us=until_us, limit=limit)
        return sorted(found, key=lambda one: (one.next_due_at or EPOCH, one.id))

    def after(self, cursor: str, limit: int) -> list[Customer]:
        self._be_alone()
        return self._lock("customers_after", parts=self._scope.parts, cursor=cursor, limit=limit)

    # What comes of it

    def add_messages(self, messages: Iterable[Message]) -> None:
        added = [(*rows.added(one), self._part(one.customer_id)) for one in _once_each(messages)]
        if added:
            asked = columns({**MESSAGE, "part": Numbers}, added)
            self._write("add_messages", {**asked, "announced": self._scope.announced})

    def addressees(self, ids: Sequence[str]) -> dict[str, Addressee]:
        found = self._ask("read_addressees", ids=Texts(ids)) if ids else []
        return {one: decode_addressee(body) for one, body in found}

    def receive(self, those: Iterable[Told]) -> None:
        told = list(those)
        if not told:
            return
        wanted = Texts(sorted({one.message_id for one in told}))
        found = [rows.to_message(row) for row in self._ask("lock_messages_told_of", ids=wanted)]
        known = {row.message.id: row for row in found}
        changed = [
            {**rows.told(row), "moved": row.message.status is not known[row.message.id].message.status}
            for row in receipts.after_all(known, told)
        ]
        if changed:
            asked = {**columns_of(TOLD, changed), "announced": self._scope.announced}
            self._write("write_told", asked)

    def publish(self, events: Iterable[LoggedEvent]) -> None:
        """Where one works alone, nobody else is there to be told."""
        made = list(events) if self._scope.home != ALONE else []
        if made:
            parts = Numbers(self._part(one.customer_id or "") for one in made)
            self._write("add_publications", {"part": parts, "key": Blobs(one.event.key for one in made)})

    def add_tasks(self, tasks: Iterable[Task]) -> None:
        added = [(*rows.task(one), self._part(one.customer_id)) for one in tasks]
        self._write("add_tasks", columns({**TASK, "part": Numbers}, added))

    def task_owners(self, ids: Sequence[str]) -> dict[str, str]:
        return dict(self._ask("task_owners", ids=Texts(ids))) if ids else {}

    def finish_tasks(self, done: Iterable[TaskDone]) -> None:
        self._write("finish_tasks", columns_of(DONE, map(rows.done, done)))

    def measure(self, runs: Iterable[Measured], reached: Iterable[Reached]) -> None:
        begun = [(one, self._part(one.customer_id)) for one in runs]
        parts = {"part": Numbers(part for _, part in begun)} if begun else {}
        self._write("add_goals", {**columns_of(GOAL, [rows.measured(one) for one, _ in begun]), **parts})
        self._write("reach_goals", columns_of(REACHED, map(rows.reached, reached)))

    def suppress(self, those: Iterable[Suppression]) -> None:
        listed = list(those)
        if listed:
            self._write("suppress", columns_of(SUPPRESSION, rows.suppressed(self._secret(SECRET), listed)))

    def unsuppress(self, those: Iterable[Lifting]) -> None:
        listed = list(those)
        if listed:
            self._write("unsuppress", columns_of(LIFTED, rows.lifted(self._secret(SECRET), listed)))

    def add_rejections(self, rejections: Iterable[RejectionRow]) -> None:
        self._write("add_rejections", columns_of(REJECTION, map(rows.rejected, rejections)))

    def retried(self, ids: Collection[str]) -> None:
        self._write("retry_rejections", {"ids": Texts(sorted(ids))} if ids else {})

    def progressed(self, stage: str, partition: int, progress: Progress) -> None:
        next_offset, arrived = progress
        told = {"stage": stage, "part": partition, "next_offset": next_offset, "arrived_us": rows.us(arrived)}
        self._write("note_progress", told)

    # What a partition, or the store as a whole, has of its own

    def fan_outs(self) -> list[FanOut]:
        return list(rows.to_fan_outs(self._ask("open_fan_outs", part=self._home())))

    def put_fan_out(self, fan_out: FanOut) -> None:
        self._write("put_fan_out", {**rows.fan_out(fan_out), "part": self._home()})

    def recipients(self, template: str, customer_ids: Sequence[str]) -> set[str]:
        return {one for (one,) in self._ask("recipients", template=template, ids=Texts(customer_ids))}

    def fan_out_everywhere(self, fan_out: FanOut) -> None:
        if self._home() == ALONE:
            self.put_fan_out(fan_out)
        else:
            self._write("fan_out_everywhere", rows.fan_out(fan_out))

    def deployed(self) -> int:
        return int(self._ask("deployed")[0][0])

    def get(self, name: str) -> str | None:
        found = self._ask("get_fact", part=self._home(), name=name)
        return found[0][0] if found else None

    def set(self, name: str, value: str) -> None:
        self._write("set_fact", {"part": self._home(), "name": name, "value": value})

    def _home(self) -> int:
        if self._scope.home is None:
            raise ValueError("facts and fan-outs are of one partition, and this share has several")
        self._be_alone()
        return self._scope.home

    # Statements

    def _be_alone(self) -> None:
        """Where the store is worked on as a whole, one unit at a time decides: the first that asks."""
        if not self._is_alone:
            self._is_alone = True
            self._connection.execute(SQL["lock_alone"])

    def _ask(self, statement: str, /, **parameters: Any) -> list[tuple[Any, ...]]:
        """Ends in a Sync, as only after one the server takes a session to be idle, and limits for how long."""
        cursor = self._connection.execute(SQL[statement], parameters)
        self._pipeline.sync()
        return cursor.fetchall()

    def _write(self, name: str, parameters: Mapping[str, Any], expected: int | None = None) -> None:
        """Does nothing where there are no parameters. `expected`: how many rows must have been written."""
        if parameters:
            cursor = self._connection.execute(SQL[name], parameters)
            if expected is not None:
                self._changes.append((cursor, expected))

    def check(self) -> None:
        """Once all has been written: raises `TryAgain` where a document was not what it had been when it was read."""
        if any(cursor.rowcount != expected for cursor, expected in self._changes):
            raise TryAgain("Another unit of work has written the same customers in the same moment.")

    def _part(self, customer_id: str) -> int:
        if not self._partitions:
            raise MilepostError(
                "The database is not set up for customers yet: nobody has said for how many partitions.",
                "Start Milepost's workers, or milepost run; they do.",
            )
        part = self._parts.get(customer_id)
        if part is None:
            part = self._parts[customer_id] = partition_of(customer_id, self._partitions)
        return part


def _once_each(messages: Iterable[Message]) -> Iterable[Message]:
    """As one statement writes no row twice: of one that was held and has become something else, the latter."""
    kept: dict[str, Message] = {}
    for one in messages:
        known = kept.get(one.id)
        if known is None or known.status is Status.HELD:
            kept[one.id] = one
    return kept.values()


def by_kind(identifiers: Iterable[Identifier]) -> Mapping[str, Texts]:
    """The values to look for, by kind."""
    found: dict[str, Texts] = {}
    for kind, value in identifiers:
        found.setdefault(kind, Texts()).append(value)
    return found


def owners_of(
    identifiers: Iterable[Identifier], found: Iterable[tuple[str, str, str]]
) -> dict[Identifier, str]:
    """To whom they lead, by kinds and values as PostgreSQL has them."""
    leading = {(kind, value): customer_id for kind, value, customer_id in found}
    stored = ((one, (one[0], plain(one[1]))) for one in identifiers)
    return {one: leading[name] for one, name in stored if name in leading}
