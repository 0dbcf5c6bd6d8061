"""All that a memory store holds."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime
from secrets import token_bytes

from msgspec.structs import replace

from engine.model.customer import Customer
from engine.model.deployments import Deployment
from engine.model.disputes import Dispute
from engine.model.goals import Measured
from engine.model.identity import Identifier
from engine.model.lookups import Lookup
from engine.model.messages import Status
from engine.model.suppression import SuppressionRow
from engine.ports import FanOut, LoggedEvent, MessageRow, RejectionRow, TaskRow
from engine.store.memory.seen import SeenKeys
from engine.store.memory.timers import Timers

WENT = frozenset({Status.SENT, Status.DELIVERED, Status.BOUNCED, Status.UNKNOWN})


class State:
    def __init__(self, *, keep_log: bool, keep_messages: bool) -> None:
        self.keep_log = keep_log
        self.keep_messages = keep_messages
        self.seen = SeenKeys()
        self.log: list[LoggedEvent] = []
        self.customers: dict[str, Customer] = {}
        self.owners: dict[Identifier, str] = {}
        self.messages: dict[str, MessageRow] = {}
        self.rejections: dict[str, RejectionRow] = {}
        self.fan_outs: dict[str, FanOut] = {}
        self.facts: dict[str, str] = {}
        self.tasks: dict[str, TaskRow] = {}
        self.goals: dict[str, tuple[Measured, datetime | None]] = {}
        self.deployments: list[Deployment] = []
        self.contents: dict[str, bytes] = {}
        self.secrets: dict[str, bytes] = {}
        self.suppressions: dict[tuple[str, bytes, str], SuppressionRow] = {}
        self.disputes: dict[str, Dispute] = {}
        self.pauses: dict[str, datetime] = {}
        self.dealings: set[tuple[str, str]] = set()
        self.lookups: dict[int, Lookup] = {}
        self.timers = Timers(self._due_at)
        self._ordered: list[str] = []

    def _due_at(self, customer_id: str) -> datetime | None:
        customer = self.customers.get(customer_id)
        return None if customer is None else customer.next_due_at

    def customers_of(self, ids: Sequence[str]) -> dict[str, Customer]:
        return {one: self.customers[one] for one in ids if one in self.customers}

    def owners_of(self, identifiers: Sequence[Identifier]) -> dict[Identifier, str]:
        return {one: self.owners[one] for one in identifiers if one in self.owners}

    def standing(self, fan_out: FanOut) -> FanOut:
        return replace(fan_out, paused=fan_out.journey in self.pauses)

    def secret(self, name: str) -> bytes:
        return self.secrets.setdefault(name, token_bytes(32))

    def known_after(self, cursor: str) -> Iterator[Customer]:
        """Known customers in order of id. The order is found anew only after customers were added."""
        if len(self._ordered) != len(self.customers):  # customers only come, and go only with their unit
            self._ordered = sorted(self.customers)
        for place in range(bisect_right(self._ordered, cursor), len(self._ordered)):
            customer = self.customers[self._ordered[place]]
            if customer.known:
                yield customer
