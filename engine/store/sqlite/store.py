"""The store on one SQLite file."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.model.customer import Customer
from engine.model.deployments import Deployment
from engine.model.goals import GoalCount
from engine.model.identity import Identifier
from engine.model.messages import Reason, Status
from engine.model.standing import Counted
from engine.model.times import to_us
from engine.ports import (
    DeployedMeanwhile,
    Lane,
    LoggedEvent,
    MessageFilter,
    MessageRow,
    NotClaimed,
    NumberedRejection,
    RejectionRow,
    Requeued,
    TaskFilter,
    TaskRow,
)
from engine.store import rows
from engine.store.codec import decode_consents, decode_customer, to_text
from engine.store.pages import PAGE, message_pages, rejection_pages
from engine.store.queries import queries
from engine.store.reception import KnownDealings
from engine.store.sqlite import lists
from engine.store.sqlite.broadcasts import Broadcasts
from engine.store.sqlite.connections import LOCKED_MS, Connections
from engine.store.sqlite.identities import Identities
from engine.store.sqlite.keys import Keys
from engine.store.sqlite.reception import Reception
from engine.store.sqlite.staff import StaffBook
from engine.store.sqlite.suppressions import Suppressions
from engine.store.sqlite.unit import SqliteUnit, read_customers, read_owners
from engine.store.sqlite.uploads import Uploads
from engine.store.sqlite.wal import LIMIT_BYTES, WriteAheadLog

_NO_LIMIT = -1


class SqliteStore(Suppressions, Broadcasts, Keys, StaffBook, Reception, Identities, Uploads):
    """Opens the database at `path`, making it where there is none.

    `synchronous` is what a power loss may cost: see the package. `locked_ms` is how long a unit waits for
    other processes' units, `wal_limit_bytes` how long the write-ahead log may grow.
    """

    def __init__(
        self,
        path: Path,
        *,
        synchronous: str = "normal",
        locked_ms: int = LOCKED_MS,
        wal_limit_bytes: int = LIMIT_BYTES,
    ) -> None:
        self._connections = Connections(path, synchronous, locked_ms)
        self._log = WriteAheadLog(path, wal_limit_bytes)
        self._sql = queries(__package__)
        self._dealings = KnownDealings()

    # Work

    @contextmanager
    def unit(self) -> Iterator[SqliteUnit]:
        with self._transaction() as connection:
            unit = SqliteUnit(connection, self._dealings)
            yield unit
        self._dealings.add(unit.dealings)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """`BEGIN IMMEDIATE`: it waits for the write lock at once, so that what it reads is still so when it
        writes."""
        with self._connections.translated():
            connection = self._connections.mine()
            if connection.in_transaction:
                raise RuntimeError("a unit of work was begun inside another one")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # SQLite itself has rolled back where the disk is full
                    connection.execute("ROLLBACK")
                raise
            self._log.tend(connection)

    # The ledger, as the sender sees it

    def claim(self, now: datetime, limit: int, without: Collection[Lane] = ()) -> list[MessageRow]:
        asked = {"now_us": to_us(now), "limit": limit, "without": lists.lanes(without)}
        with self._transaction() as connection:
            found = connection.execute(self._sql["ready_messages"], asked).fetchall()
            numbers = to_text([number for number, *_ in found])
            connection.execute(self._sql["claim_messages"], {"now_us": to_us(now), "numbers": numbers})
        return [rows.to_claimed(row, now) for _, *row in found]

    def settle(self, settled: Iterable[MessageRow]) -> None:
        written = list(settled)
        sent = [rows.sent(row) for row in written if rows.is_plainly_sent(row)]
        others = [rows.settled(row) for row in written if not rows.is_plainly_sent(row)]
        with self._transaction() as connection:
            done = connection.executemany(self._sql["settle_sent_message"], sent).rowcount if sent else 0
            if others:
                done += connection.executemany(self._sql["settle_message"], others).rowcount
            if done != len(written):  # of some, a receipt may have come first
                told = map(rows.settled, written)
                done += connection.executemany(self._sql["settle_told_message"], told).rowcount
            if done != len(written):
                raise NotClaimed(
                    f"Of {len(written)} messages to be settled, {len(written) - done} are not claimed."
                )

    def begin(self, ids: Collection[str], at: datetime) -> set[str]:
        asked = {"ids": to_text(list(ids)), "at_us": to_us(at)}
        with self._connections.synced(), self._transaction() as connection:
            return {one for (one,) in connection.execute(self._sql["begin_messages"], asked).fetchall()}

    def claimed(self) -> list[MessageRow]:
        return [rows.to_message(row) for row in self._read("claimed_messages")]

    def handed_over(self, customer_ids: Collection[str], since: datetime) -> dict[str, list[Counted]]:
        asked = to_text(list(customer_ids))
        return rows.to_counted(self._read("handed_over_messages", ids=asked, since_us=to_us(since)))

    def skip_late(self, now: datetime, lanes: Collection[Lane]) -> int:
        asked = {"now_us": to_us(now), "lanes": lists.lanes(lanes)}
        with self._transaction() as connection:
            return connection.execute(self._sql["skip_late_messages"], asked).rowcount

    # The ledger, as the operator changes it

    def requeue(self, which: MessageFilter, now: datetime | None) -> Requeued:
        asked = {**lists.filtered(which), "now_us": rows.us(now)}
        with self._transaction() as connection:
            [too_late] = connection.execute(self._sql["count_late_to_requeue"], asked).fetchone()
            queued = connection.execute(self._sql["requeue_messages"], asked).rowcount
        return Requeued(queued=queued, too_late=too_late)

    # The ledger, as the policy settles it

    def unsettled(self, until: datetime, limit: int) -> list[MessageRow]:
        found = self._read("unsettled_messages", until_us=to_us(until), limit=limit)
        return [rows.to_message(row) for row in found]

    def give_up(self, ids: Collection[str], note: str) -> int:
        with self._transaction() as connection:
            asked = {"ids": to_text(list(ids)), "note": note}
            return connection.execute(self._sql["give_up_messages"], asked).rowcount

    # The ledger, as what waits to leave the house is taken back

    def rows_of(self, ids: Collection[str]) -> dict[str, MessageRow]:
        found = map(rows.to_message, self._read("messages_by_id", ids=to_text(list(ids))))
        return {row.message.id: row for row in found}

    def withdraw(self, reasons: Mapping[str, Reason], at: datetime, *, shared: bool) -> set[str]:
        del at, shared  # nobody is told of it
        with self._transaction() as connection:
            asked = {"reasons": to_text(dict(reasons))}
            return {one for (one,) in connection.execute(self._sql["withdraw_messages"], asked).fetchall()}

    # For looking

    def messages(self, which: MessageFilter, limit: int | None = None) -> Iterator[MessageRow]:
        name = "messages_of_customer" if which.customer_id else "messages"
        asked = lists.filtered(which)

        def read(after_us: int, after_id: str, page: int) -> list[rows.Row]:
            return self._read(name, **asked, after_us=after_us, after_id=after_id, limit=page)

        return message_pages(read, limit)

    def count_messages(self) -> dict[tuple[str, str, Status, Reason | None], int]:
        return {
            (journey, channel or "", Status(status), None if reason is None else Reason(reason)): count
            for journey, channel, status, reason, count in self._read("count_messages")
        }

    def count_waiting(self) -> dict[Lane, int]:
        found = self._read("count_waiting_messages")
        return {Lane(channel, brand): count for channel, brand, count in found}

    def customers(self, ids: Sequence[str]) -> dict[str, Customer]:
        with self._connections.translated():
            return read_customers(self._connections.mine(), ids)

    def consents_of(self, ids: Sequence[str]) -> dict[str, Customer]:
        asked = to_text(list(ids))
        found = (decode_consents(body) for (body,) in self._read("read_customers", ids=asked))
        return {one.id: one for one in found}

    def known_after(self, cursor: str, limit: int) -> list[Customer]:
        found = self._read("customers_after", cursor=cursor, limit=limit)
        return [decode_customer(body) for (body,) in found]

    def count_customers(self) -> int:
        return int(self._read("count_customers")[0][0])

    def find(self, identifiers: Sequence[Identifier]) -> list[Customer]:
        with self._connections.translated():
            connection = self._connections.mine()
            found = read_customers(connection, set(read_owners(connection, identifiers).values()))
        return [found[one] for one in sorted(found)]

    def events_of(self, customer_id: str, limit: int | None = None) -> list[LoggedEvent]:
        found = self._read("events_of", customer_id=customer_id, limit=_NO_LIMIT if limit is None else limit)
        return [rows.to_logged(customer_id, row) for row in reversed(found)]

    def arrivals(self, customer_ids: Sequence[str]) -> list[LoggedEvent]:
        found = self._read("arrivals", ids=to_text(list(customer_ids)))
        return [rows.to_logged(one, row) for one, *row in found]

    def tasks(self, which: TaskFilter, limit: int | None = None) -> list[TaskRow]:
        asked = {**lists.tasks(which), "limit": _NO_LIMIT if limit is None else limit}
        return [rows.to_task(row) for row in self._read("tasks", **asked)]

    def count_goals(self, now: datetime) -> list[GoalCount]:
        return [rows.to_goal_count(row) for row in self._read("count_goals", now_us=to_us(now))]

    def rejections(self, status: str = "open") -> Iterator[RejectionRow]:
        return rejection_pages(lambda after: self._read("rejections", status=status, after=after, limit=PAGE))

    def dealers_rejections(
        self, dealer: str, status: str, limit: int, after: int = 0
    ) -> list[NumberedRejection]:
        found = self._read("dealers_rejections", dealer=dealer, status=status, limit=limit, after=after)
        return [NumberedRejection(number, rows.to_rejection(tuple(rest))) for number, *rest in found]

    def rejection(self, rejection_id: str) -> RejectionRow | None:
        found = self._read("rejection", id=rejection_id)
        return rows.to_rejection(found[0]) if found else None

    # What is deployed

    def deploy(self, deployment: Deployment, contents: Mapping[str, bytes]) -> None:
        with self._transaction() as connection:
            added = connection.execute(self._sql["add_deployment"], rows.deployment(deployment)).rowcount
            if added != 1:
                raise DeployedMeanwhile(f"Deployment {deployment.number} is there already.")
            connection.executemany(self._sql["add_content"], contents.items())

    def deployments(self, limit: int | None = None) -> list[Deployment]:
        found = self._read("deployments", number=None, limit=_NO_LIMIT if limit is None else limit)
        return [rows.to_deployment(row) for row in found]

    def deployment(self, number: int | None = None) -> Deployment | None:
        found = self._read("deployments", number=number, limit=1)
        return rows.to_deployment(found[0]) if found else None

    def contents(self, hashes: Collection[str]) -> dict[str, bytes]:
        return dict(self._read("contents", hashes=to_text(list(hashes))))

    def known_contents(self, hashes: Collection[str]) -> set[str]:
        return {one for (one,) in self._read("known_contents", hashes=to_text(list(hashes)))}

    def close(self) -> None:
        with self._connections.translated():
            self._connections.close()

    def _read(self, name: str, /, **parameters: Any) -> list[tuple[Any, ...]]:
        """All rows of a statement, so that none stays open; outside of units it sees what is committed."""
        with self._connections.translated():
            return self._connections.mine().execute(self._sql[name], parameters).fetchall()
