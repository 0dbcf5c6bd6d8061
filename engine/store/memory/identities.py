"""Who is who, in memory."""

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from typing import Any

from msgspec.structs import replace

from engine.model.disputes import Dispute, DisputeStatus
from engine.model.messages import Reason, Status
from engine.ports import MessageRow
from engine.store.memory.state import WENT, State

_WAITING = frozenset({*WENT, Status.QUEUED, Status.CLAIMED})


class IdentifyingUnit:
    """The unit's part."""

    __slots__ = ()

    _state: State
    _undo: list[Callable[[], Any]]

    def _write(self, table: dict[Any, Any], key: Any, value: Any) -> None:
        raise NotImplementedError

    def move_customer(self, old: str, into: str) -> None:
        state = self._state
        for identifier in [one for one, owner in state.owners.items() if owner == old]:
            self._write(state.owners, identifier, into)
        for name, row in [
            (name, row) for name, row in state.messages.items() if row.message.customer_id == old
        ]:
            self._write(state.messages, name, replace(row, message=replace(row.message, customer_id=into)))
        for name, task in [(name, one) for name, one in state.tasks.items() if one.task.customer_id == old]:
            self._write(state.tasks, name, replace(task, task=replace(task.task, customer_id=into)))
        for place, one in enumerate(state.log):
            if one.customer_id == old:
                state.log[place] = replace(one, customer_id=into)
                self._undo.append(partial(state.log.__setitem__, place, one))

    def waiting_messages(self, customer_ids: Collection[str]) -> list[MessageRow]:
        return [
            row
            for row in self._state.messages.values()
            if row.message.customer_id in customer_ids and row.message.status in _WAITING
        ]

    def skip_merged(self, ids: Collection[str]) -> None:
        rows = self._state.messages
        for row in [rows[one] for one in ids if rows[one].message.status is Status.QUEUED]:
            skipped = replace(row.message, status=Status.SKIPPED, reason=Reason.MERGED, held_until=None)
            self._write(rows, skipped.id, replace(row, message=skipped, not_before=None))

    def disputes_of(self, customer_ids: Collection[str]) -> list[Dispute]:
        wanted = set(customer_ids)
        found = [one for one in self._state.disputes.values() if not wanted.isdisjoint(one.customers)]
        return sorted(found, key=lambda one: one.id)

    def put_disputes(self, disputes: Iterable[Dispute]) -> None:
        for one in disputes:
            self._write(self._state.disputes, one.id, one)

    def drop_disputes(self, ids: Collection[str]) -> None:
        kept = self._state.disputes
        for one in [kept.pop(name) for name in ids if name in kept]:
            self._undo.append(partial(kept.__setitem__, one.id, one))


class Identities:
    """The store's part."""

    _state: State

    def disputes(self, status: DisputeStatus | None = None) -> Iterator[Dispute]:
        found = [one for one in self._state.disputes.values() if status in (None, one.status)]
        return iter(sorted(found, key=lambda one: (one.first_at, one.id)))

    def dispute(self, dispute_id: str) -> Dispute | None:
        found = [one for name, one in self._state.disputes.items() if name.startswith(dispute_id)]
        return found[0] if len(found) == 1 else None
