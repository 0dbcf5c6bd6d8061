"""Where state is kept: customers, identifiers, the log of events, the ledger, rejections, fan-outs, suppressions.

Everything that belongs together is done in one `Unit` of work, which is one database transaction: it sees its
own writes, commits when the `with` block ends, and leaves nothing behind when it ends by an exception. Units
of several processes never overlap in time on the same customer. Units are not nested; a store may be used by
several threads, each with units of its own.

A store that cannot be reached, is locked for too long or is full raises `ServiceUnavailable`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Protocol

import msgspec

from engine.model.customer import Customer
from engine.model.errors import MilepostError
from engine.model.events import Event
from engine.model.goals import GoalCount, Measured, Reached
from engine.model.identity import Identifier
from engine.model.messages import Message, Reason, Status
from engine.model.standing import Counted
from engine.model.tasks import Task, TaskDone, TaskStatus
from engine.ports.broadcasts import Broadcasts, FanOut
from engine.ports.deployments import Deployments
from engine.ports.identities import IdentifyingUnit, Identities
from engine.ports.keys import Keys
from engine.ports.receipts import ReceivingUnit
from engine.ports.reception import Reception, ReceptionUnit
from engine.ports.rejections import RejectionRow, Rejections
from engine.ports.staff import StaffBook
from engine.ports.suppressions import SuppressingUnit, Suppressions
from engine.ports.uploads import Uploads
from engine.ports.withdrawals import Withdrawals


class AlreadyLogged(MilepostError):  # noqa: N818 - named for what is so
    """An event was to be logged whose key is in the log: whoever logs did not ask `seen` in the same unit."""


class NotClaimed(MilepostError):  # noqa: N818 - named for what is not so
    """A message was to be settled that is not claimed: somebody else has settled it."""


class LoggedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An accepted event and the customer it counted for (None: about a place). `decided_at` is the engine's
    clock when it was taken in."""

    event: Event
    customer_id: str | None
    decided_at: datetime


class Lane(NamedTuple):
    """A brand's way out by a channel: what works or does not as one (a folder, a provider's account). `channel`
    is empty for none."""

    channel: str
    brand: str


class MessageRow(msgspec.Struct, frozen=True, kw_only=True):
    """A message with what has become of it. `place` is where it lies (a folder channel's path), `note` the
    last error, without personal data, and `former_note` the one before it was queued again by a person;
    `attempts` how often it was handed over since, `not_before` when it may be tried again. A held message without
    one is held by the decision, which says when it goes; else by the sender. `tried_at` is when
    a hand-over began that cannot be repeated, while its outcome is not known. `told_at` is when a receipt came that
    has settled the message's status; `parts` is of how many it was, `cost` what it cost in `currency`, where that was
    told."""

    message: Message
    attempts: int = 0
    not_before: datetime | None = None
    claimed_at: datetime | None = None
    tried_at: datetime | None = None
    sent_at: datetime | None = None
    provider_id: str = ""
    place: str = ""
    note: str = ""
    former_note: str = ""
    told_at: datetime | None = None
    parts: int = 0
    cost: Decimal | None = None
    currency: str = ""

    @property
    def lane(self) -> Lane:
        return Lane(self.message.channel or "", self.message.brand)

    @property
    def handed_over_at(self) -> datetime | None:
        """When it was handed over, or perhaps was."""
        return self.sent_at or self.tried_at or self.claimed_at

    @property
    def ready_at(self) -> datetime | None:
        """The moment since which it may be sent: when it was due (never after it was decided), or until
        when it was put off. None for one that waits for a decision, or for nothing."""
        message = self.message
        if message.status is Status.HELD:
            return self.not_before
        if message.status is not Status.QUEUED:
            return None
        due_at = min(message.due_at, message.at)
        return due_at if self.not_before is None else max(due_at, self.not_before)


class MessageFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Empty members do not filter."""

    statuses: frozenset[Status] = frozenset()
    journey: str = ""
    channel: str = ""
    brand: str = ""
    customer_id: str = ""
    ids: frozenset[str] = frozenset()


class TaskRow(msgspec.Struct, frozen=True, kw_only=True):
    """A task with what has become of it."""

    task: Task
    outcome: str = ""
    done_at: datetime | None = None


class TaskFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Empty members do not filter."""

    statuses: frozenset[TaskStatus] = frozenset()
    assignee: str = ""
    dealer: str = ""
    journey: str = ""
    customer_id: str = ""


class Requeued(msgspec.Struct, frozen=True, kw_only=True):
    """How many messages were queued again, and how many left, as it is too late for them."""

    queued: int
    too_late: int


class Unit(SuppressingUnit, ReceivingUnit, ReceptionUnit, IdentifyingUnit, Protocol):
    """One transaction. Reads take the customers' rows for writing, so that nobody else changes them."""

    def seen(self, keys: Sequence[bytes]) -> set[bytes]:
        """Those of the events' keys that were accepted before, in this unit too."""
        ...

    def log(self, events: Iterable[LoggedEvent]) -> None:
        """Remembers accepted events. A key already seen raises `AlreadyLogged`."""
        ...

    def owners(self, identifiers: Sequence[Identifier]) -> dict[Identifier, str]:
        """The customers' ids, for those identifiers that are known."""
        ...

    def learn(self, identifiers: Mapping[Identifier, str]) -> None:
        """Makes identifiers lead to customers (a plate may change its customer)."""
        ...

    def customers(self, ids: Sequence[str]) -> dict[str, Customer]:
        """The documents of those that exist."""
        ...

    def put(self, customers: Iterable[Customer]) -> None:
        """Writes documents whole, with their `next_due_at`."""
        ...

    def due(self, until: datetime, limit: int, *, before: bool = False) -> list[Customer]:
        """Up to `limit` customers whose `next_due_at` is at or before `until` (strictly before it, if
        `before`), the earliest first, then by id."""
        ...

    def after(self, cursor: str, limit: int) -> list[Customer]:
        """Up to `limit` known customers in order of id, those after `cursor`."""
        ...

    def add_messages(self, messages: Iterable[Message]) -> None:
        """Adds rows to the ledger. One whose id is there already is left as it is, unless the decision holds it back:
        then it is what was decided now."""
        ...

    def publish(self, events: Iterable[LoggedEvent]) -> None:
        """Keeps events that journeys have made, and that were logged, until other systems were told of them; does
        nothing where there is nobody to tell."""
        ...

    def add_tasks(self, tasks: Iterable[Task]) -> None:
        """Adds tasks. One whose id is there already is left as it is."""
        ...

    def task_owners(self, ids: Sequence[str]) -> dict[str, str]:
        """The customers' ids, for those tasks that there are."""
        ...

    def finish_tasks(self, done: Iterable[TaskDone]) -> None:
        """Open tasks that are done now; of any other nothing changes."""
        ...

    def measure(self, runs: Iterable[Measured], reached: Iterable[Reached]) -> None:
        """Remembers runs whose goal is measured (one that is there already is left as it is), then when it was reached,
        the earliest counting."""
        ...

    def add_rejections(self, rejections: Iterable[RejectionRow]) -> None:
        """Keeps refused inputs. One whose id is there already is left as it is, whatever has become of it."""
        ...

    def retried(self, ids: Collection[str]) -> None:
        """These refused inputs were sent in again, and taken in: those that are `open` are `retried` now."""
        ...

    def fan_outs(self) -> list[FanOut]:
        """Those not done, the earliest first."""
        ...

    def put_fan_out(self, fan_out: FanOut) -> None:
        """Adds it, or writes where it stands now. One that is done, because a person has stopped it meanwhile, stays
        so; `delay` and `paused` are not written."""
        ...

    def recipients(self, template: str, customer_ids: Sequence[str]) -> set[str]:
        """Those of the customers who got a message of that template, perhaps did (`unknown`) or are about to
        (`claimed`)."""
        ...

    def fan_out_everywhere(self, fan_out: FanOut) -> None:
        """Adds it for all customers, those of other partitions too; leaves it as it is where it is there already."""
        ...

    def get(self, name: str) -> str | None:
        """A setting of the store's own: the virtual clock, the last moment of a schedule."""
        ...

    def set(self, name: str, value: str) -> None: ...

    def deployed(self) -> int:
        """The number of the deployment in force; 0 where there is none yet."""
        ...


class Store(
    Deployments,
    Suppressions,
    Broadcasts,
    Withdrawals,
    Keys,
    StaffBook,
    Reception,
    Identities,
    Rejections,
    Uploads,
    Protocol,
):
    def unit(self) -> AbstractContextManager[Unit]:
        """Begins a unit of work; waits while another one is under way."""
        ...

    # The ledger, as the sender sees it; each call is a transaction of its own.

    def claim(self, now: datetime, limit: int, without: Collection[Lane] = ()) -> list[MessageRow]:
        """Takes up to `limit` messages that may be sent at `now` (queued, or held by the sender until a moment that
        has come: `MessageRow.ready_at` is not after `now`), none of the lanes `without`, those ready longest
        first, then by id; marks them `claimed` and commits. A held one keeps its `reason`. No two claims give the
        same row."""
        ...

    def settle(self, rows: Iterable[MessageRow]) -> None:
        """Writes what became of claimed messages: status, reason, `held_until`, attempts, times, place,
        note. What was decided stays as it is, and so does `former_note`. Where a receipt has come first
        (`told_at`), its status and note stay, and only what the sender knows is added. Any other row that is not
        claimed raises `NotClaimed`, and nothing of the call is written."""
        ...

    def claimed(self) -> list[MessageRow]:
        """Rows left `claimed` by a sender that died (there is one sender at a time)."""
        ...

    def begin(self, ids: Collection[str], at: datetime) -> set[str]:
        """Writes down that the handing over of these claimed messages begins (`tried_at`), which cannot be repeated:
        not even a machine that loses power forgets it. Returns those of them that are claimed; the others are left
        as they are, as a receipt has settled them."""
        ...

    def handed_over(self, customer_ids: Collection[str], since: datetime) -> dict[str, list[Counted]]:
        """By customer, what was handed over at or after `since`, or perhaps was (`unknown`), in any order. Customers
        to whom nothing was are left out."""
        ...

    def skip_late(self, now: datetime, lanes: Collection[Lane]) -> int:
        """Skips (`too late`) what is queued on these lanes and whose `not_after` is before `now`, unclaimed:
        nobody can hand it over. Returns how many."""
        ...

    # The ledger, as the operator changes it.

    def requeue(self, which: MessageFilter, now: datetime | None) -> Requeued:
        """Queues `failed` and `unknown` messages again, to be sent from `now` on: with no attempts made, and
        their `note` as `former_note`. Those whose `not_after` is before `now` stay as they are. Where `now` is
        None, by the events' clock, it is too late for none, and each is for its own moment. One transaction;
        rows of any other status are left alone."""
        ...

    # The ledger, as the policy settles it.

    def unsettled(self, until: datetime, limit: int) -> list[MessageRow]:
        """Up to `limit` messages that are `unknown` and were tried at `until` or before, in any order."""
        ...

    def give_up(self, ids: Collection[str], note: str) -> int:
        """Those of these messages that are `unknown` are `failed`, for the reason that `note` says. Returns how
        many."""
        ...

    # For looking.

    def messages(self, which: MessageFilter, limit: int | None = None) -> Iterator[MessageRow]:
        """Rows of the ledger by `at`, then id. Rows written meanwhile may be among them or not."""
        ...

    def count_messages(self) -> dict[tuple[str, str, Status, Reason | None], int]:
        """How many by journey, channel (empty for none), status and reason."""
        ...

    def count_waiting(self) -> dict[Lane, int]:
        """How many are queued, or claimed and not settled, on each lane."""
        ...

    def customers(self, ids: Sequence[str]) -> dict[str, Customer]:
        """The documents of those that exist, as last committed."""
        ...

    def consents_of(self, ids: Sequence[str]) -> dict[str, Customer]:
        """Of those that exist, as last committed, what is asked when a message goes: `id`, `profile`, `consents` and
        `standing`. The other members say nothing."""
        ...

    def known_after(self, cursor: str, limit: int) -> list[Customer]:
        """Up to `limit` known customers in order of id, those after `cursor`, as last committed."""
        ...

    def count_customers(self) -> int:
        """How many documents there are, those of cars that nobody is known to own among them."""
        ...

    def find(self, identifiers: Sequence[Identifier]) -> list[Customer]:
        """Those to whom any of the identifiers leads, each once, in order of id."""
        ...

    def events_of(self, customer_id: str, limit: int | None = None) -> list[LoggedEvent]:
        """A customer's events by `time`, then as they came; the newest `limit` of them."""
        ...

    def arrivals(self, customer_ids: Sequence[str]) -> list[LoggedEvent]:
        """The events of these customers in the order in which they were taken in."""
        ...

    def tasks(self, which: TaskFilter, limit: int | None = None) -> list[TaskRow]:
        """Tasks, those due first, without a date last; then by `at` and id."""
        ...

    def count_goals(self, now: datetime) -> list[GoalCount]:
        """By journey, those whose messages are sent first, then those held out."""
        ...

    def close(self) -> None:
        """Lets go of files and connections; the store is of no use afterwards."""
        ...
