"""What is done with each partition that this worker owns: one thing at a time, in threads, fairly.

The steps of a batch, whose numbers crash tests are named by:

1. The stage handles it, in a thread.
2. What the stage returned is written, and acknowledged by all replicas in step.
3. The stage hears that it is done.
4. The offset after its last record may be committed.
5. It is committed, with those of other partitions, soon after.

A crash before 5 brings the batch again, whole, to whoever owns the partition then.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from engine.bus.meters import Meters
from engine.model.errors import MilepostError, ServiceUnavailable
from engine.ports import Idle, Produced, Record, Stage, TryAgain
from engine.runtime.crashpoints import reach
from engine.runtime.patience import Patience

log = logging.getLogger(__name__)


class Partition(NamedTuple):
    topic: str
    number: int


class Turn(NamedTuple):
    """Who may be served next: `order` first to last, `due` those of them that want to be called also without a
    record, and for how long it may be waited for one. `age` tells turns before a change of owner from those after."""

    order: tuple[Partition, ...]
    due: frozenset[Partition]
    wait_s: float
    age: int


class Lane:
    """One partition while it is owned. `position` is the offset of the first record that is not done, as far as it is
    known, `committed` what was last committed of it; `begin_at` is where reading is to be sent to at the beginning,
    `sought` where it was last sent to."""

    def __init__(self, partition: Partition, stage: Stage) -> None:
        self.partition = partition
        self.stage = stage
        self.position: int | None = None
        self.begin_at: int | None = None
        self.sought: int | None = None
        self.committed: int | None = None
        self.job: asyncio.Task[None] | None = None
        self.job_began_at = 0.0
        self.begun = False
        self.served = 0
        self.idle_due = self.idle_overdue = 0.0


class _Abandoned(Exception):  # noqa: N818 - named for what became of it
    """The partition goes to another worker before a call that asked to be repeated was."""


class Lanes:
    """All partitions that this worker owns. Everything but the stages' calls happens in the event loop.

    `produce` returns when the records are written, `fail` is told of what a stage raised, `progressed` of each batch
    that is done. A call that asks to be repeated, or that meets a service that is away, is repeated for `patience_s`;
    then what it raised counts. `changed` is called whenever a lane has become free, and when all are to rest.
    """

    def __init__(
        self,
        stages: Mapping[str, Stage],
        produce: Callable[[Sequence[Produced]], Awaitable[None]],
        fail: Callable[[Partition, BaseException], None],
        meters: Meters,
        progressed: Callable[[], None],
        *,
        threads: int,
        idle_s: float,
        patience_s: float,
    ) -> None:
        self._stages = stages
        self._produce = produce
        self._fail = fail
        self._meters = meters
        self._progressed = progressed
        self._threads = threads
        self._idle_s = idle_s
        self._patience_s = patience_s
        self._pool = ThreadPoolExecutor(threads, "stage")
        self._lanes: dict[Partition, Lane] = {}
        self._served_of: dict[str, int] = dict.fromkeys(stages, 0)
        self._waiting: dict[Partition, str] = {}
        self._turns = 0
        self._resting = asyncio.Event()
        self._free = asyncio.Event()
        self.age = 0
        self.changed: Callable[[], None] = lambda: None

    # Ownership

    def open(self, partitions: Iterable[Partition]) -> None:
        """These are owned from now on; their stages hear of it in threads, before anything else."""
        self.age += 1
        self._resting.clear()
        for partition in sorted(partitions):
            lane = self._lanes[partition] = Lane(partition, self._stages[partition.topic])
            lane.idle_due = lane.idle_overdue = time.monotonic() + self._idle_s
            self._start(lane, self._begin(lane))

    async def rest(self) -> None:
        """Lets what is under way end, and begins nothing more."""
        self.age += 1
        self._resting.set()
        self.changed()
        while jobs := [lane.job for lane in self._lanes.values() if lane.job is not None]:
            await asyncio.wait(jobs)

    async def close(self) -> None:
        """None is owned any more; each stage hears of it. To be called at rest."""
        closing, self._lanes = list(self._lanes.values()), {}
        for lane in closing:
            if lane.begun:
                await self._in_thread(lane.stage.revoked, lane.partition.number)
            self._meters.forget(lane.partition.topic, lane.partition.number)

    @property
    def owned(self) -> dict[Partition, int | None]:
        """With the offset of the first record that is not done, where it is known."""
        return {partition: lane.position for partition, lane in self._lanes.items()}

    @property
    def trouble(self) -> str:
        """What stages wait for that is away; empty if they do not."""
        return next(iter(self._waiting.values()), "")

    @property
    def jobs_began_at(self) -> list[float]:
        """By the monotonic clock."""
        return [lane.job_began_at for lane in self._lanes.values() if lane.job is not None]

    # Turns

    async def room(self) -> None:
        """Waits until there is both a free thread and a free lane."""
        while not (self._has_thread() and self._free_lanes()):
            self._free.clear()
            await self._free.wait()

    def turn(self) -> Turn:
        """Topics by turns, so that none waits for another's backlog to end, and the partitions of each by turns."""
        now = time.monotonic()
        lanes = sorted(
            self._free_lanes(), key=lambda lane: (self._served_of[lane.partition.topic], lane.served)
        )
        wait_s = min((lane.idle_due - now for lane in lanes), default=self._idle_s)
        return Turn(
            tuple(lane.partition for lane in lanes),
            frozenset(lane.partition for lane in lanes if lane.idle_due <= now),
            min(max(wait_s, 0.0), self._idle_s),
            self.age,
        )

    def begin_at(self) -> dict[Partition, int]:
        """Where to read from in those that have begun since the last call, and whose stages know where they stand."""
        found = {}
        for lane in self._free_lanes():
            if lane.begin_at is not None:
                found[lane.partition] = lane.sought = lane.begin_at
                lane.begin_at = None
        return found

    def astray(self, partition: Partition, records: Sequence[Record]) -> int | None:
        """Where to read instead, when these records are not what comes next; None where they are, or where the broker
        was asked already and has nothing else."""
        lane = self._lanes[partition]
        if not records or lane.position in (None, records[0].offset):
            return None
        if lane.sought != lane.position:
            lane.sought = lane.position
            return lane.position
        log.warning(
            "%s/%d: the broker has no record %d, it goes on with %d",
            *partition, lane.position, records[0].offset,
        )  # fmt: skip
        return None

    def feed(self, partition: Partition, records: Sequence[Record]) -> None:
        """Gives a free lane its batch; without records, its idle call."""
        lane = self._lanes[partition]
        self._turns += 1
        lane.served = self._turns
        if records:
            self._served_of[partition.topic] = self._turns
            lane.position = records[0].offset
        self._start(lane, self._work(lane, records))

    def _free_lanes(self) -> list[Lane]:
        if self._resting.is_set():
            return []
        return [lane for lane in self._lanes.values() if lane.begun and lane.job is None]

    def _has_thread(self) -> bool:
        return len(self.jobs_began_at) < self._threads

    # Offsets

    def uncommitted(self) -> dict[Partition, int]:
        return {
            partition: lane.position
            for partition, lane in self._lanes.items()
            if lane.position is not None and lane.position != lane.committed
        }

    def committed(self, offsets: Mapping[Partition, int]) -> None:
        for partition, offset in offsets.items():
            if partition in self._lanes:
                self._lanes[partition].committed = offset
        reach("feed.5")

    # Jobs

    def _start(self, lane: Lane, work: Awaitable[None]) -> None:
        async def guarded() -> None:
            try:
                await work
            except _Abandoned:
                pass
            except Exception as error:
                self._resting.set()
                self._fail(lane.partition, error)
            finally:
                lane.job = None
                self._waiting.pop(lane.partition, None)
                self._free.set()
                self.changed()

        lane.job_began_at = time.monotonic()
        lane.job = asyncio.get_running_loop().create_task(guarded())

    async def _begin(self, lane: Lane) -> None:
        lane.position = lane.begin_at = await self._repeated(lane, lane.stage.assigned, lane.partition.number)
        lane.begun = True

    async def _work(self, lane: Lane, records: Sequence[Record]) -> None:
        if records:
            await self._batch(lane, records)
        if not records or lane.idle_overdue <= time.monotonic():
            await self._idle(lane)

    async def _idle(self, lane: Lane) -> None:
        began = time.monotonic()
        idle: Idle = await self._repeated(lane, lane.stage.idle, lane.partition.number)
        if idle.produced:
            await self._produce(idle.produced)
        ended = time.monotonic()
        # With more to do it is called again at once where there are no records, and where there are has as much of the
        # time as they.
        lane.idle_due = ended if idle.more else ended + self._idle_s
        lane.idle_overdue = ended + (ended - began if idle.more else self._idle_s)

    async def _batch(self, lane: Lane, records: Sequence[Record]) -> None:
        topic, number = lane.partition
        next_offset = records[-1].offset + 1
        began = time.monotonic()
        reach("feed.1")
        produced = await self._repeated(lane, lane.stage.handle, number, records)
        reach("feed.2")
        if produced:
            await self._produce(produced)
        reach("feed.3")
        await self._repeated(lane, lane.stage.done, number, next_offset)
        reach("feed.4")
        lane.position = next_offset
        self._progressed()
        self._meters.batch(topic, len(records), len(produced), time.monotonic() - began)

    async def _repeated(self, lane: Lane, call: Callable[..., Any], *arguments: object) -> Any:
        patience = Patience(self._patience_s)
        while True:
            try:
                done = await self._in_thread(call, *arguments)
            except (TryAgain, ServiceUnavailable) as error:
                pause_s = patience.pause_s(error)
                self._tell(lane.partition, error, pause_s)
            else:
                self._waiting.pop(lane.partition, None)
                return done
            try:
                await asyncio.wait_for(self._resting.wait(), pause_s)
            except TimeoutError:
                continue
            raise _Abandoned

    def _tell(self, partition: Partition, error: MilepostError, pause_s: float) -> None:
        """Of a service that is away, once for all partitions that wait for it."""
        self._meters.tried_again(partition.topic)
        if isinstance(error, TryAgain):
            log.info("%s/%d is tried again in %.2f s: %s", *partition, pause_s, error.message)
            return
        if error.message not in self._waiting.values():
            log.warning("%s/%d waits, and is tried again: %s", *partition, error.message)
        self._waiting[partition] = error.message

    async def _in_thread(self, call: Callable[..., Any], *arguments: object) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pool, call, *arguments)
