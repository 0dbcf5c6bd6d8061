"""What a unit's work reads from, and what it leaves behind."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from engine.model.customer import Customer, Run
from engine.model.disputes import Dispute
from engine.model.events import Event
from engine.model.goals import Measured, Reached
from engine.model.identity import Identifier
from engine.model.messages import Message
from engine.model.receipts import Addressee
from engine.model.tasks import Task


class Source(Protocol):
    """Where a work reads what it does not know yet: a `Unit`, or nothing."""

    def seen(self, keys: Sequence[bytes]) -> set[bytes]: ...

    def owners(self, identifiers: Sequence[Identifier]) -> dict[Identifier, str]: ...

    def customers(self, ids: Sequence[str]) -> dict[str, Customer]: ...

    def task_owners(self, ids: Sequence[str]) -> dict[str, str]: ...

    def addressees(self, ids: Sequence[str]) -> dict[str, Addressee]: ...


class Drained(NamedTuple):
    """What a work has decided, the customers it has changed, the runs that began, what is known of goals, and the
    events that journeys made, and the contradictions that were met."""

    messages: list[Message]
    tasks: list[Task]
    changed: list[Customer]
    begun: list[Run]
    measured: list[Measured]
    reached: list[Reached]
    made: list[Event]
    disputes: list[Dispute]
