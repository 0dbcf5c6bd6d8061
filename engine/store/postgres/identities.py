"""Who is who, in PostgreSQL. Contradictions are those of the store as a whole: all partitions share them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from engine.model.disputes import Dispute, DisputeStatus
from engine.ports import MessageRow
from engine.store import rows
from engine.store.codec import decode_dispute, moved_message, moved_task
from engine.store.pages import dispute_pages
from engine.store.postgres.arrays import Blobs, Texts
from engine.store.postgres.columns import DISPUTE, columns
from engine.store.postgres.transactions import Scope, Transactions


class IdentifyingUnit:
    """The unit's part: whoever sends a message, or has a task on the list, goes on doing so, as `part` says."""

    _scope: Scope

    def move_customer(self, old: str, into: str) -> None:
        asked = {"old": old, "into": into}
        self._write("move_owners", asked)
        self._write("move_events", asked)
        found = self._ask("messages_to_move", old=old)
        if found:
            bodies = Blobs(moved_message(body, into) for _, body in found)
            self._write("move_messages", {"into": into, "id": Texts(one for one, _ in found), "body": bodies})
        found = self._ask("tasks_to_move", old=old)
        if found:
            bodies = Blobs(moved_task(body, into) for _, body in found)
            self._write("move_tasks", {"into": into, "id": Texts(one for one, _ in found), "body": bodies})

    def waiting_messages(self, customer_ids: Collection[str]) -> list[MessageRow]:
        return [rows.to_message(row) for row in self._ask("waiting_messages", ids=Texts(customer_ids))]

    def skip_merged(self, ids: Collection[str]) -> None:
        self._write("skip_merged", {"ids": Texts(sorted(ids)), "announced": self._scope.announced})

    def disputes_of(self, customer_ids: Collection[str]) -> list[Dispute]:
        return [decode_dispute(body) for (body,) in self._ask("disputes_of", ids=Texts(customer_ids))]

    def put_disputes(self, disputes: Iterable[Dispute]) -> None:
        self._write("put_disputes", columns(DISPUTE, [rows.dispute(one) for one in disputes]))

    def drop_disputes(self, ids: Collection[str]) -> None:
        self._write("drop_disputes", {"ids": Texts(sorted(ids))} if ids else {})

    def _ask(self, statement: str, /, **parameters: Any) -> list[tuple[Any, ...]]:
        raise NotImplementedError

    def _write(self, name: str, parameters: Mapping[str, Any], expected: int | None = None) -> None:
        raise NotImplementedError


class Identities(Transactions):
    """The store's part."""

    def disputes(self, status: DisputeStatus | None = None) -> Iterator[Dispute]:
        return dispute_pages(lambda after: self._read("disputes", status=status or "", **after))

    def dispute(self, dispute_id: str) -> Dispute | None:
        found = self._read("disputes_beginning", id=dispute_id)
        return decode_dispute(found[0][0]) if len(found) == 1 else None
