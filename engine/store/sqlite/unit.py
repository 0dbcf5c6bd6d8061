"""One transaction on SQLite."""

import sqlite3
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from engine.model.customer import Customer
from engine.model.goals import Measured, Reached
from engine.model.identity import Identifier
from engine.model.messages import Message
from engine.model.receipts import Addressee, Told
from engine.model.suppression import Lifting, Suppression
from engine.model.tasks import Task, TaskDone
from engine.model.times import to_us
from engine.ports import AlreadyLogged, FanOut, LoggedEvent, RejectionRow
from engine.store import receipts, rows
from engine.store.codec import decode_addressee, decode_customer, to_text
from engine.store.queries import queries
from engine.store.reception import Prints, dealings
from engine.store.sqlite import reception, suppressions
from engine.store.sqlite.identities import IdentifyingUnit

_KEY_BYTES = 16


class SqliteUnit(IdentifyingUnit):
    """Works on a connection on which a transaction was begun; `SqliteStore.unit` begins and ends it."""

    __slots__ = ("_connection", "_known_dealings", "_prints", "_sql", "dealings")

    def __init__(self, connection: sqlite3.Connection, dealings: Container[tuple[str, str]] = ()) -> None:
        """`dealings` are those that are known to be there: they need not be written."""
        self._connection = connection
        self._known_dealings = dealings
        self._prints = Prints()
        self.dealings: set[tuple[str, str]] = set()
        self._sql = queries(__package__)

    # Events

    def seen(self, keys: Sequence[bytes]) -> set[bytes]:
        if not keys:
            return set()
        joined = b"".join(keys)
        if len(joined) != _KEY_BYTES * len(keys):
            raise ValueError("an event's key has 16 bytes")
        found = self._connection.execute(self._sql["seen_keys"], {"count": len(keys), "keys": joined})
        return {row[0] for row in found}

    def log(self, events: Iterable[LoggedEvent]) -> None:
        logged = list(events)
        try:
            self._connection.executemany(self._sql["log_event"], map(rows.logged, logged))
        except sqlite3.IntegrityError as error:
            raise AlreadyLogged("An event's (source, id) is in the log already.") from error
        new = [one for one in dealings(logged) if one not in self._known_dealings]
        if new:
            reception.write_dealings(self._connection, sorted(new))
            self.dealings.update(new)

    # Customers

    def owners(self, identifiers: Sequence[Identifier]) -> dict[Identifier, str]:
        return read_owners(self._connection, identifiers)

    def learn(self, identifiers: Mapping[Identifier, str]) -> None:
        learned = [(kind, value, customer_id) for (kind, value), customer_id in identifiers.items()]
        self._connection.executemany(self._sql["learn_owner"], learned)

    def customers(self, ids: Sequence[str]) -> dict[str, Customer]:
        found = read_customers(self._connection, ids)
        self._prints.read(found.values())
        self._prints.missing(ids)
        return found

    def put(self, customers: Iterable[Customer]) -> None:
        put = {one.id: one for one in customers}
        if unknown := self._prints.unknown(put):
            self.customers(unknown)
        reception.write_words(self._connection, *self._prints.changes(put))
        self._connection.executemany(self._sql["put_customer"], map(rows.customer, put.values()))

    def unknow(self, customer_ids: Sequence[str]) -> None:
        gone = [replace(one, profile={}, vehicles={}) for one in self.customers(customer_ids).values()]
        reception.write_words(self._connection, *self._prints.changes({one.id: one for one in gone}))
        reception.forget(self._connection, customer_ids)

    def dealt(self, customer_id: str, with_those_of: str) -> None:
        asked = {"customer_id": customer_id, "other": with_those_of}
        self._connection.execute(self._sql["copy_dealings"], asked)

    def due(self, until: datetime, limit: int, *, before: bool = False) -> list[Customer]:
        until_us = to_us(until) - 1 if before else to_us(until)
        found = self._connection.execute(self._sql["due_customers"], {"until_us": until_us, "limit": limit})
        return self._read(found)

    def after(self, cursor: str, limit: int) -> list[Customer]:
        found = self._connection.execute(self._sql["customers_after"], {"cursor": cursor, "limit": limit})
        return self._read(found)

    def _read(self, bodies: Iterable[tuple[bytes]]) -> list[Customer]:
        found = [decode_customer(body) for (body,) in bodies]
        self._prints.read(found)
        return found

    # What comes of it

    def add_messages(self, messages: Iterable[Message]) -> None:
        self._connection.executemany(self._sql["add_message"], map(rows.added, messages))

    def addressees(self, ids: Sequence[str]) -> dict[str, Addressee]:
        found = self._connection.execute(self._sql["read_addressees"], {"ids": to_text(list(ids))})
        return {one: decode_addressee(body) for one, body in found}

    def receive(self, those: Iterable[Told]) -> None:
        told = list(those)
        if told:
            asked = {"ids": to_text([one.message_id for one in told])}
            found = map(rows.to_message, self._connection.execute(self._sql["messages_told_of"], asked))
            changed = receipts.after_all({row.message.id: row for row in found}, told)
            self._connection.executemany(self._sql["write_told"], map(rows.told, changed))

    def publish(self, events: Iterable[LoggedEvent]) -> None:
        """Nobody else is there to be told."""

    def add_tasks(self, tasks: Iterable[Task]) -> None:
        self._connection.executemany(self._sql["add_task"], map(rows.task, tasks))

    def task_owners(self, ids: Sequence[str]) -> dict[str, str]:
        return dict(
            self._connection.execute(self._sql["task_owners"], {"ids": to_text(list(ids))}).fetchall()
        )

    def finish_tasks(self, done: Iterable[TaskDone]) -> None:
        self._connection.executemany(self._sql["finish_task"], map(rows.done, done))

    def suppress(self, those: Iterable[Suppression]) -> None:
        suppressions.suppress(self._connection, those)

    def unsuppress(self, those: Iterable[Lifting]) -> None:
        suppressions.unsuppress(self._connection, those)

    def measure(self, runs: Iterable[Measured], reached: Iterable[Reached]) -> None:
        self._connection.executemany(self._sql["add_goal"], map(rows.measured, runs))
        self._connection.executemany(self._sql["reach_goal"], map(rows.reached, reached))

    def add_rejections(self, rejections: Iterable[RejectionRow]) -> None:
        self._connection.executemany(self._sql["add_rejection"], map(rows.rejected, rejections))

    def retried(self, ids: Collection[str]) -> None:
        if ids:
            self._connection.execute(self._sql["retry_rejections"], {"ids": to_text(list(ids))})

    def fan_outs(self) -> list[FanOut]:
        return list(rows.to_fan_outs(self._connection.execute(self._sql["open_fan_outs"])))

    def put_fan_out(self, fan_out: FanOut) -> None:
        self._connection.execute(self._sql["put_fan_out"], rows.fan_out(fan_out))

    def recipients(self, template: str, customer_ids: Sequence[str]) -> set[str]:
        asked = {"template": template, "ids": to_text(list(customer_ids))}
        return {one for (one,) in self._connection.execute(self._sql["recipients"], asked)}

    def fan_out_everywhere(self, fan_out: FanOut) -> None:
        self.put_fan_out(fan_out)

    def deployed(self) -> int:
        return int(self._connection.execute(self._sql["deployed"]).fetchone()[0])

    def get(self, name: str) -> str | None:
        row = self._connection.execute(self._sql["get_fact"], {"name": name}).fetchone()
        return None if row is None else row[0]

    def set(self, name: str, value: str) -> None:
        self._connection.execute(self._sql["set_fact"], {"name": name, "value": value})


def read_customers(connection: sqlite3.Connection, ids: Collection[str]) -> dict[str, Customer]:
    if len(ids) == 1:  # somebody new, most often: the list's way costs three times as much
        found = connection.execute(queries(__package__)["read_customer"], tuple(ids))
    else:
        found = connection.execute(queries(__package__)["read_customers"], {"ids": to_text(list(ids))})
    return {one.id: one for one in (decode_customer(row[0]) for row in found)}


def read_owners(connection: sqlite3.Connection, identifiers: Iterable[Identifier]) -> dict[Identifier, str]:
    by_kind: dict[str, list[str]] = {}
    for kind, value in identifiers:
        by_kind.setdefault(kind, []).append(value)
    if not by_kind:
        return {}
    found = connection.execute(queries(__package__)["read_owners"], {"by_kind": to_text(by_kind)})
    return {(kind, value): customer_id for kind, value, customer_id in found}
