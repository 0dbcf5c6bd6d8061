"""Who is who, as stores keep it: part of `Unit` and of `Store`. Customers who have turned out to be one are moved
together; pairs of customers whose identifiers contradict each other are listed, for a person to settle."""

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Protocol

from engine.model.disputes import Dispute, DisputeStatus

if TYPE_CHECKING:
    from engine.ports.store import MessageRow


class IdentifyingUnit(Protocol):
    def move_customer(self, old: str, into: str) -> None:
        """What is kept of the one customer is the other's from now on: identifiers, events, messages, tasks. The
        documents are left as they are."""
        ...

    def waiting_messages(self, customer_ids: Collection[str]) -> "list[MessageRow]":
        """The customers' messages that are queued, or were handed over or may have been, for writing."""
        ...

    def skip_merged(self, ids: Collection[str]) -> None:
        """Those of these messages that are queued are skipped, as another one says the same."""
        ...

    def disputes_of(self, customer_ids: Collection[str]) -> list[Dispute]:
        """Those in which any of the customers is one of the two, in order of id."""
        ...

    def put_disputes(self, disputes: Iterable[Dispute]) -> None:
        """Adds them, or writes what is so now."""
        ...

    def drop_disputes(self, ids: Collection[str]) -> None: ...


class Identities(Protocol):
    def disputes(self, status: DisputeStatus | None = None) -> Iterator[Dispute]:
        """Those of a status, or all: the oldest first, then by id."""
        ...

    def dispute(self, dispute_id: str) -> Dispute | None:
        """The one whose id begins so, if there is one only."""
        ...
