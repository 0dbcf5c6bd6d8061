"""The log of events, partition by partition: each is an engine of its own, with its customers, timers and schedules.

A batch goes the way of `engine.runtime.advance`, and its last step is the broker's: the offset is let go of after the
commit. Between batches comes what is due by time.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from threading import Lock

import msgspec

from engine.model.diagnostics import Rejection
from engine.model.events import Event, from_cloud_event
from engine.ports import Progress, SharedStore, Unit
from engine.ports.bus import Idle, Produced, Record
from engine.ports.metrics import Metrics
from engine.runtime.advance import Advance, Retried, Taken
from engine.runtime.fan_outs import Caught
from engine.runtime.rejections import SetAside, rejection_row
from engine.runtime.stages.meters import Meters
from engine.runtime.stages.progress import first_to_do
from engine.runtime.stages.topics import Topics, refusal, rejections_of
from engine.runtime.stages.watermark import Watermark

STAGE = "events"

CATCH_UP_S = 1.0
"""For how long what is due by time may hold up the events of its partition, at a stretch."""

MOST_COUNTED = 10_000
"""Of what is overdue it is only told how much it is while it is not more."""


class EventsStage:
    """Implements `Stage` for the log. `advance_on` makes the engine of a partition on its share of the store;
    `on_owned` is told the tokens of all partitions that are owned, whenever that changes."""

    def __init__(
        self,
        advance_on: Callable[[SharedStore], Advance],
        store: SharedStore,
        owner: str,
        topics: Topics,
        metrics: Metrics,
        *,
        watermark: Watermark | None = None,
        on_owned: Callable[[Mapping[int, int]], None] = lambda _tokens: None,
    ) -> None:
        self._advance_on = advance_on
        self._store = store
        self._owner = owner
        self._topics = topics
        self._meters = Meters(metrics)
        self._watermark = watermark
        self._on_owned = on_owned
        self._advances: dict[int, Advance] = {}
        self._tokens: dict[int, int] = {}
        self._caught_up: dict[int, tuple[datetime, bool]] = {}
        self._busy: dict[int, bool] = {}
        self._to_note: dict[int, Progress] = {}
        self._final: datetime | None = None
        self._turn = Lock()
        self._ownership = Lock()

    @property
    def idle_everywhere(self) -> bool:
        """Whether nothing was left to be done by time in any partition owned, when last looked at."""
        return not any(self._busy.values())

    def reached(self) -> datetime | None:
        """By the events' clock: the moment up to which time has passed for all."""
        return self._final or (self._watermark.reached() if self._watermark else None)

    def finish_at(self, moment: datetime) -> None:
        """By the events' clock, when no event comes any more: time passes to `moment`, and what is due at that very
        moment is done too."""
        with self._turn:
            self._busy = dict.fromkeys(self._busy, True)
            self._final = moment

    def assigned(self, partition: int) -> int:
        token = self._store.take_over(partition, self._owner)
        self._advances[partition] = self._advance_on(self._store.share({partition: token}))
        self._busy[partition] = True
        with (
            self._ownership
        ):  # partitions come at once, in threads of their own: the last word is of all of them
            self._tokens = {**self._tokens, partition: token}
            self._on_owned(self._tokens)
        return first_to_do(self._store, STAGE, partition)

    def handle(self, partition: int, records: Sequence[Record]) -> Sequence[Produced]:
        events: list[Event] = []
        origins: dict[bytes, Record] = {}
        produced: list[Produced] = []
        refused: list[Rejection] = []
        retried: list[tuple[bytes, str]] = []
        for record in records:
            try:
                event = from_cloud_event(record.value)
            except msgspec.DecodeError:
                unreadable = _unreadable(record)
                produced.append(refusal(self._topics, record, unreadable.field, unreadable.reason))
                refused.append(unreadable)
            else:
                events.append(event)
                origins[event.key] = record
                retried += [(event.key, one) for one in rejections_of(record)]
        self._busy[partition] = True
        taken = self._take(partition, events, refused, retried, records[-1].offset + 1)
        for one in (*taken.set_aside, *taken.unplaced):
            origin = origins[one.event.key]
            produced.append(refusal(self._topics, origin, "", one.rejection.reason, one.trace))
        return produced

    def _take(
        self,
        partition: int,
        events: Sequence[Event],
        refused: Sequence[Rejection],
        retried: Retried,
        next_offset: int,
    ) -> Taken:
        progress = Progress(next_offset, max((event.arrived for event in events), default=None))
        advance = self._advances[partition]

        def beside(unit: Unit, set_aside: Sequence[SetAside]) -> None:
            if refused or set_aside:  # noted once others have been told of them: a crash may come first
                self._to_note[partition] = progress
            else:
                unit.progressed(STAGE, partition, progress)  # type: ignore[attr-defined]

        began = time.perf_counter()
        now = advance.now()
        taken = advance.take(events, [rejection_row(one, now) for one in refused], beside, retried)
        self._meters.batch(taken, time.perf_counter() - began)
        return taken

    def done(self, partition: int, next_offset: int) -> None:
        """How far it has come was noted with the batch itself, but where something of it was refused."""
        del next_offset
        if partition in self._to_note:
            with self._store.share({partition: self._tokens[partition]}).unit() as unit:
                unit.progressed(STAGE, partition, self._to_note[partition])
            del self._to_note[partition]

    def idle(self, partition: int) -> Idle:
        give_up = time.monotonic() + CATCH_UP_S

        def go_on() -> bool:
            return time.monotonic() < give_up

        if self._watermark is None:
            caught = self._advances[partition].catch_up(go_on=go_on)
        else:
            caught = self._pass(partition, self._watermark, go_on)
        self._meters.caught_up(caught.messages)
        self._meters.overdue(partition, 0 if caught.finished else self._overdue(partition))
        with self._turn:
            if self._final is None or self._caught_up.get(partition) == (self._final, True):
                self._busy[partition] = not caught.finished
        return Idle(more=not caught.finished)

    def _overdue(self, partition: int) -> int:
        now = self.reached() if self._watermark else self._advances[partition].now()
        share = self._store.share({partition: self._tokens[partition]})
        return share.count_due(now, MOST_COUNTED) if now is not None else 0

    def _pass(self, partition: int, watermark: Watermark, go_on: Callable[[], bool]) -> Caught:
        """By the events' clock: lets the partition's time pass as far as all have come."""
        final = self._final
        until = final or watermark.reached()
        if until is None:
            return Caught(messages=0, finished=True)
        key = (until, final is not None)
        if self._caught_up.get(partition) == key:
            return Caught(messages=0, finished=True)
        caught = self._advances[partition].catch_up(until, before=final is None, go_on=go_on)
        if caught.finished:
            self._caught_up[partition] = key
        return caught

    def revoked(self, partition: int) -> None:
        self._advances.pop(partition, None)
        self._caught_up.pop(partition, None)
        self._busy.pop(partition, None)
        self._to_note.pop(partition, None)
        self._meters.forget(partition)
        with self._ownership:
            self._tokens = {one: token for one, token in self._tokens.items() if one != partition}
            self._on_owned(self._tokens)


def _unreadable(record: Record) -> Rejection:
    return Rejection(
        file=f"{record.topic}-{record.partition}",
        line=record.offset,
        field="",
        reason="the record is no event that the inbox has handed on",
        raw=record.value,
    )
