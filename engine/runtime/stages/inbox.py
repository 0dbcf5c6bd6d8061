"""From the inbox to the log: what dealers write is checked, it is found out whom it is about, and it goes on under the
customer's id, so that all of one customer's events lie in one partition.

What happens to a batch; the code repeats the numbers, and crash tests are named by them:

1. Check each record; what is wrong is kept with the refused inputs, and goes to their topic.
2. Find out whom each event is about. Persons met for the first time are given their id, under a unique constraint on
   each identifier, and this is committed: whoever meets them next, on whatever worker, finds the same id. A receipt is
   its message's customer's; one for a message that nobody knows is refused.
3. Hand the events on, and wait until the broker has them.
4. Note how far the stage has come; then the offset is let go of.

A crash before 4 does it all again: the ids are the same, and events handed on twice are found to be duplicates when
they are decided on.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from engine.model.customer import Customer
from engine.model.diagnostics import Rejection
from engine.model.events import Event, to_cloud_event
from engine.model.identity import Identifier
from engine.ports import Clock, Progress, SharedStore
from engine.ports.bus import Idle, Produced, Record
from engine.ports.errors import TryAgain
from engine.runtime.crashpoints import reach
from engine.runtime.identifying import CAR_KINDS, Identify, task_of
from engine.runtime.receiving import is_lost, told_of
from engine.runtime.rejections import no_message, rejection_row
from engine.runtime.stages.progress import first_to_do
from engine.runtime.stages.topics import Topics, again_headers, refusal

STAGE = "inbox"

Parse = Callable[[bytes, str, int], Event | Rejection]
"""Reads one record's value; the file and line are for the rejection."""


class InboxStage:
    """Implements `Stage` for the inbox. It keeps nothing but how far each partition's batch under way reaches."""

    def __init__(
        self, parse: Parse, identify: Identify, store: SharedStore, topics: Topics, clock: Clock | None
    ) -> None:
        self._parse = parse
        self._identify = identify
        self._store = store
        self._topics = topics
        self._clock = clock
        self._latest: dict[int, datetime | None] = {}

    def assigned(self, partition: int) -> int:
        self._latest[partition] = None
        return first_to_do(self._store, STAGE, partition)

    def handle(self, partition: int, records: Sequence[Record]) -> Sequence[Produced]:
        events: list[Event] = []
        accepted: list[Record] = []
        refused: list[tuple[Record, Rejection]] = []
        for record in records:  # 1
            place = f"{record.topic}-{record.partition}"
            parsed = self._parse(record.value, place, record.offset)
            if isinstance(parsed, Event):
                events.append(parsed)
                accepted.append(record)
            else:
                refused.append((record, parsed))
        keys, lost = self._keys(events, accepted, [rejection for _, rejection in refused])  # 2
        refused += [(accepted[place], rejection) for place, rejection in lost.items()]
        reach("inbox.2")
        self._latest[partition] = max((event.arrived for event in events), default=None)
        return [  # 3
            *(refusal(self._topics, record, one.field, one.reason) for record, one in refused),
            *(
                Produced(self._topics.events, key.encode(), to_cloud_event(event), again_headers(record))
                for place, (event, key, record) in enumerate(zip(events, keys, accepted, strict=True))
                if place not in lost
            ),
        ]

    def done(self, partition: int, next_offset: int) -> None:
        reach("inbox.3")
        with self._store.unit() as unit:  # 4
            unit.progressed(STAGE, partition, Progress(next_offset, self._latest.get(partition)))
        reach("inbox.4")

    def idle(self, partition: int) -> Idle:
        del partition
        return Idle()

    def revoked(self, partition: int) -> None:
        self._latest.pop(partition, None)

    def _keys(
        self, events: Sequence[Event], records: Sequence[Record], refused: Sequence[Rejection]
    ) -> tuple[list[str], dict[int, Rejection]]:
        """The customer of each event; for one about nobody, its own key. And, by their places among the events, the
        receipts for messages that nobody knows, which are refused."""
        named = {name: None for event in events for name in self._identify.identifiers(event)}
        with self._store.unit() as unit:
            owners = unit.owners(list(named))
            customers = self._customers(events, owners)
            tasks = unit.task_owners([one for event in events if (one := task_of(event)) is not None])
            messages = unit.addressees([one for event in events if (one := told_of(event)) is not None])
            lost = {
                place: no_message(f"{one.topic}-{one.partition}", one.offset, one.value)
                for place, (event, one) in enumerate(zip(events, records, strict=True))
                if is_lost(event, messages)
            }
            new: dict[Identifier, str] = {}
            keys = []
            for event in events:
                told = messages.get(told_of(event) or "")
                if told is not None:
                    keys.append(told.customer_id)
                    continue
                who = self._identify.identify(event, owners, customers)
                learned = {one: to for one, to in who.learn.items() if who.known and one[0] not in CAR_KINDS}
                owners.update(learned)
                new.update(learned)
                task_id = task_of(event)
                owner = who.customer_id if task_id is None else tasks.get(task_id)
                keys.append(owner or event.key.hex())
            if new and unit.learn_new(new) != new:
                raise TryAgain("Another worker has met the same persons at the same moment.")
            if refused or lost:
                now = self._clock.now() if self._clock else None
                unit.add_rejections([rejection_row(one, now) for one in (*refused, *lost.values())])
        return keys, lost

    def _customers(self, events: Sequence[Event], owners: Mapping[Identifier, str]) -> Mapping[str, Customer]:
        """The documents that settle who somebody is: of those whose car somebody new comes with. They are not locked;
        who an event is about is asked again, and bindingly, when it is decided on."""
        wanted: set[str] = set()
        for event in events:
            named = self._identify.identifiers(event)
            if not any(one in owners for one in named if one[0] not in CAR_KINDS):
                wanted.update(owners[one] for one in named if one in owners)
        return self._store.customers(sorted(wanted)) if wanted else {}
