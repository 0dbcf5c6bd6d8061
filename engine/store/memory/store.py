"""The store in memory."""

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import count, islice

from msgspec.structs import replace

from engine.model.customer import Customer
from engine.model.deployments import Deployment
from engine.model.goals import GoalCount, count_goals
from engine.model.identity import Identifier
from engine.model.keys import DealerKey
from engine.model.messages import Message, Reason, Status
from engine.model.standing import Counted
from engine.model.suppression import SECRET, Address, Cause, SuppressionRow, hashed
from engine.model.tasks import Task
from engine.model.uploads import Upload
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
from engine.store import receipts
from engine.store.memory.broadcasts import Broadcasts
from engine.store.memory.identities import Identities
from engine.store.memory.keys import Keys
from engine.store.memory.reception import Reception
from engine.store.memory.staff import StaffBook
from engine.store.memory.state import WENT, State
from engine.store.memory.unit import MemoryUnit
from engine.store.memory.uploads import Uploads

_WAITING = frozenset({Status.QUEUED, Status.CLAIMED})
_REQUEUABLE = frozenset({Status.FAILED, Status.UNKNOWN})


class MemoryStore(Broadcasts, Keys, StaffBook, Reception, Identities, Uploads):
    """`keep_log` keeps the events themselves. With `on_message` each message is handed to it when its unit
    has ended, as it was decided and as often as it was added, and the ledger stays empty."""

    def __init__(
        self, *, keep_log: bool = False, on_message: Callable[[Message], None] | None = None
    ) -> None:
        super().__init__()
        self._state = State(keep_log=keep_log, keep_messages=on_message is None)
        self._keys: dict[str, DealerKey] = {}
        self._uploads: dict[str, tuple[Upload, bytes | None]] = {}
        self._on_message = on_message
        self._lock = threading.RLock()
        self._at_work = False

    @contextmanager
    def unit(self) -> Iterator[MemoryUnit]:
        with self._alone():
            unit = MemoryUnit(self._state)
            try:
                yield unit
            except BaseException:
                unit.roll_back()
                raise
        if self._on_message is not None:
            for message in unit.added:
                self._on_message(message)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keeps other threads out. Its own may come in again to read, but not to begin a second unit."""
        with self._lock:
            if self._at_work:
                raise RuntimeError("a unit of work was begun inside another one")
            self._at_work = True
            try:
                yield
            finally:
                self._at_work = False

    # The ledger, as the sender sees it

    def claim(self, now: datetime, limit: int, without: Collection[Lane] = ()) -> list[MessageRow]:
        rows = self._state.messages
        with self._alone():
            found = ((row.ready_at, row) for row in rows.values())
            ready = [(at, row) for at, row in found if at and at <= now and row.lane not in without]
            ready = [(at, row) for at, row in ready if row.message.journey not in self._state.pauses]
            claimed = [
                replace(
                    row,
                    message=replace(row.message, status=Status.CLAIMED, held_until=None),
                    claimed_at=now,
                )
                for _, row in sorted(ready, key=lambda one: (one[0], one[1].message.id))[:limit]
            ]
            rows.update((row.message.id, row) for row in claimed)
        return claimed

    def settle(self, settled: Iterable[MessageRow]) -> None:
        rows = self._state.messages
        written = list(settled)
        with self._alone():
            claimed = [row for row in written if self._is_claimed(row)]
            if len(claimed) != len(written):
                missing = len(written) - len(claimed)
                raise NotClaimed(f"{missing} of {len(written)} messages to be settled are not claimed.")
            rows.update((row.message.id, self._settled(row)) for row in written)

    def _is_claimed(self, row: MessageRow) -> bool:
        known = self._state.messages.get(row.message.id)
        return known is not None and (known.message.status is Status.CLAIMED or known.told_at is not None)

    def _settled(self, row: MessageRow) -> MessageRow:
        return receipts.settled(self._state.messages[row.message.id], row)

    def begin(self, ids: Collection[str], at: datetime) -> set[str]:
        rows = self._state.messages
        with self._alone():
            known = [row for row in map(rows.get, ids) if row and row.message.status is Status.CLAIMED]
            rows.update((row.message.id, replace(row, tried_at=at)) for row in known)
        return {row.message.id for row in known}

    def claimed(self) -> list[MessageRow]:
        return list(self.messages(MessageFilter(statuses=frozenset({Status.CLAIMED}))))

    def handed_over(self, customer_ids: Collection[str], since: datetime) -> dict[str, list[Counted]]:
        wanted = frozenset(customer_ids)
        found: dict[str, list[Counted]] = {}
        for row in self.messages(MessageFilter(statuses=WENT)):
            one, at = row.message, row.handed_over_at
            if one.customer_id in wanted and one.channel is not None and at and at >= since:
                found.setdefault(one.customer_id, []).append(Counted(at, one.channel, one.purpose))
        return found

    def skip_late(self, now: datetime, lanes: Collection[Lane]) -> int:
        rows = self._state.messages
        with self._alone():
            late = [
                replace(row, message=replace(row.message, status=Status.SKIPPED, reason=Reason.TOO_LATE))
                for row in rows.values()
                if row.message.status is Status.QUEUED and row.lane in lanes and row.message.not_after < now
            ]
            rows.update((row.message.id, row) for row in late)
        return len(late)

    # The ledger, as the operator changes it

    def requeue(self, which: MessageFilter, now: datetime | None) -> Requeued:
        rows = self._state.messages
        with self._alone():
            found = [
                row
                for row in rows.values()
                if row.message.status in _REQUEUABLE and _passes(row.message, which)
            ]
            timely = [row for row in found if now is None or now <= row.message.not_after]
            rows.update((row.message.id, _requeued(row, now)) for row in timely)
        return Requeued(queued=len(timely), too_late=len(found) - len(timely))

    # The ledger, as the policy settles it

    def unsettled(self, until: datetime, limit: int) -> list[MessageRow]:
        unknown = MessageFilter(statuses=frozenset({Status.UNKNOWN}))
        found = [row for row in self.messages(unknown) if (row.handed_over_at or row.message.at) <= until]
        return found[:limit]

    def give_up(self, ids: Collection[str], note: str) -> int:
        rows = self._state.messages
        with self._alone():
            found = [row for one in ids if (row := rows.get(one)) and row.message.status is Status.UNKNOWN]
            for row in found:
                failed = replace(row.message, status=Status.FAILED)
                rows[row.message.id] = replace(row, message=failed, note=note)
        return len(found)

    # The ledger, as what waits to leave the house is taken back

    def rows_of(self, ids: Collection[str]) -> dict[str, MessageRow]:
        with self._lock:
            known = self._state.messages
            return {one: known[one] for one in ids if one in known}

    def withdraw(self, reasons: Mapping[str, Reason], at: datetime, *, shared: bool) -> set[str]:
        del at, shared  # nobody is told of it
        with self._alone():
            known = self._state.messages
            sent = {one for one in reasons if one in known and known[one].message.status is Status.SENT}
            for one in sent:
                message = replace(known[one].message, status=Status.SKIPPED, reason=reasons[one])
                known[one] = replace(
                    known[one], message=message, sent_at=None, provider_id="", place="", parts=0
                )
        return sent

    # For looking

    def messages(self, which: MessageFilter, limit: int | None = None) -> Iterator[MessageRow]:
        found = [row for row in self._rows() if _passes(row.message, which)]
        found.sort(key=lambda row: (row.message.at, row.message.id))
        return islice(iter(found), limit)

    def _rows(self) -> list[MessageRow]:
        with self._lock:
            return list(self._state.messages.values())

    def count_messages(self) -> dict[tuple[str, str, Status, Reason | None], int]:
        counts: dict[tuple[str, str, Status, Reason | None], int] = {}
        for row in self._rows():
            one = row.message
            key = (one.journey, one.channel or "", one.status, one.reason)
            counts[key] = counts.get(key, 0) + 1
        return counts

    def count_waiting(self) -> dict[Lane, int]:
        return dict(Counter(row.lane for row in self._rows() if row.message.status in _WAITING))

    def customers(self, ids: Sequence[str]) -> dict[str, Customer]:
        with self._lock:
            return self._state.customers_of(ids)

    def consents_of(self, ids: Sequence[str]) -> dict[str, Customer]:
        return self.customers(ids)

    def known_after(self, cursor: str, limit: int) -> list[Customer]:
        with self._lock:
            return list(islice(self._state.known_after(cursor), limit))

    def count_customers(self) -> int:
        return len(self._state.customers)

    def find(self, identifiers: Sequence[Identifier]) -> list[Customer]:
        with self._lock:
            found = self._state.customers_of(sorted(set(self._state.owners_of(identifiers).values())))
        return list(found.values())

    def events_of(self, customer_id: str, limit: int | None = None) -> list[LoggedEvent]:
        with self._lock:
            found = [one for one in self._state.log if one.customer_id == customer_id]
        found.sort(key=lambda one: one.event.time)
        return found if limit is None else found[max(0, len(found) - limit) :]

    def arrivals(self, customer_ids: Sequence[str]) -> list[LoggedEvent]:
        with self._lock:
            return [one for one in self._state.log if one.customer_id in set(customer_ids)]

    def tasks(self, which: TaskFilter, limit: int | None = None) -> list[TaskRow]:
        with self._lock:
            found = [row for row in self._state.tasks.values() if _is_wanted(row.task, which)]
        found.sort(
            key=lambda row: (
                row.task.due_at is None,
                row.task.due_at or row.task.at,
                row.task.at,
                row.task.id,
            )
        )
        return found[:limit]

    def count_goals(self, now: datetime) -> list[GoalCount]:
        with self._lock:
            return count_goals(self._state.goals.values(), now)

    def rejections(self, status: str = "open") -> Iterator[RejectionRow]:
        with self._lock:
            return iter([row for row in self._state.rejections.values() if row.status == status])

    def dealers_rejections(
        self, dealer: str, status: str, limit: int, after: int = 0
    ) -> list[NumberedRejection]:
        with self._lock:
            numbered = map(NumberedRejection, count(1), self._state.rejections.values())
            those = [one for one in numbered if one.row.dealer == dealer and one.row.status == status]
        return [one for one in those if one.number > after][:limit]

    def rejection(self, rejection_id: str) -> RejectionRow | None:
        with self._lock:
            return self._state.rejections.get(rejection_id)

    # Where nothing is sent any more

    def secret(self, name: str) -> bytes:
        with self._lock:
            return self._state.secret(name)

    def suppressed(self, those: Sequence[Address]) -> set[Address]:
        with self._lock:
            secret = self._state.secret(SECRET)
            kept = {key[:2] for key in self._state.suppressions}
            return {one for one in those if (one.channel, hashed(secret, one)) in kept}

    def suppressions(self, to: Address | None = None) -> Iterator[SuppressionRow]:
        with self._lock:
            found = list(self._state.suppressions.values())
            if to is not None:
                of = (to.channel, hashed(self._state.secret(SECRET), to))
                found = [row for row in found if (row.channel, row.hash) == of]
        return iter(sorted(found, key=lambda row: (row.hash, row.channel, row.cause)))

    def count_suppressions(self) -> dict[tuple[str, Cause], int]:
        with self._lock:
            return dict(Counter((row.channel, row.cause) for row in self._state.suppressions.values()))

    # What is deployed

    def deploy(self, deployment: Deployment, contents: Mapping[str, bytes]) -> None:
        with self._alone():
            if deployment.number != len(self._state.deployments) + 1:
                raise DeployedMeanwhile(f"Deployment {deployment.number} is there already.")
            self._state.deployments.append(deployment)
            self._state.contents.update(contents)

    def deployments(self, limit: int | None = None) -> list[Deployment]:
        with self._lock:
            return self._state.deployments[::-1][:limit]

    def deployment(self, number: int | None = None) -> Deployment | None:
        found = (one for one in self.deployments() if number in (None, one.number))
        return next(found, None)

    def contents(self, hashes: Collection[str]) -> dict[str, bytes]:
        with self._lock:
            return {one: self._state.contents[one] for one in hashes if one in self._state.contents}

    def known_contents(self, hashes: Collection[str]) -> set[str]:
        return set(hashes) & self._state.contents.keys()

    def close(self) -> None:
        """Nothing to let go of."""


def _passes(message: Message, which: MessageFilter) -> bool:
    return (
        (not which.statuses or message.status in which.statuses)
        and (not which.journey or message.journey == which.journey)
        and (not which.channel or message.channel == which.channel)
        and (not which.brand or message.brand == which.brand)
        and (not which.customer_id or message.customer_id == which.customer_id)
        and (not which.ids or message.id in which.ids)
    )


def _is_wanted(task: Task, which: TaskFilter) -> bool:
    return (
        (not which.statuses or task.status in which.statuses)
        and (not which.assignee or task.assignee == which.assignee)
        and (not which.dealer or task.dealer == which.dealer)
        and (not which.journey or task.journey == which.journey)
        and (not which.customer_id or task.customer_id == which.customer_id)
    )


def _requeued(row: MessageRow, now: datetime | None) -> MessageRow:
    at = row.message.at
    return MessageRow(
        message=replace(row.message, status=Status.QUEUED, reason=None, held_until=None),
        not_before=at if now is None else max(at, now),
        former_note=row.note or row.former_note,
    )
