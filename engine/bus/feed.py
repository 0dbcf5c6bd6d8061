"""Faust's consumer, made to feed whole batches instead of single messages.

Membership, rebalancing and lifecycle stay Faust's, fetching aiokafka's. Private methods of both are replaced or relied
upon here; `tests/bus/test_pinned.py` names them all, and fails when one of them changes.

Faust runs the aiokafka consumer in a thread with a loop of its own, so that heartbeats go on whatever the worker does.
`FeedThread` is what happens there, `FeedConsumer` what happens in the worker's loop.
"""

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar, cast

import aiokafka
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import IllegalStateError
from faust.transport.drivers.aiokafka import (
    AIOKafkaConsumerThread,
    Consumer,
    Transport,
    credentials_to_aiokafka_auth,
    server_list,
)
from faust.types import TP
from mode import ServiceT

from engine.bus.lanes import Lanes, Partition, Turn
from engine.bus.logs import OF_FAUST
from engine.bus.watchdog import end_hard
from engine.ports import Record

if TYPE_CHECKING:
    from engine.bus.app import BusApp

FETCH_WAIT_MS = 50
"""How long the broker may hold a fetch open until records come. A fetch that waits for those of a quiet partition keeps
those of a busy one waiting, so it is short."""

PARTITION_FETCH_BYTES = 2 << 20
"""How much of a partition lies ready in memory, at most (a larger record is fetched all the same): several batches, for
the last of what was fetched together is a short one."""

log = logging.getLogger(__name__)

T = TypeVar("T")
Batches = Mapping[Partition, Sequence[Record]]


class FeedThread(AIOKafkaConsumerThread):
    """What runs beside the broker's consumer, in its thread."""

    logger = OF_FAUST

    def __post_init__(self) -> None:
        super().__post_init__()
        self._nudged = asyncio.Event()
        self._nudges = 0

    def nudge(self) -> None:
        """What is being waited for may have changed: to be called from the worker's loop."""
        self._nudges += 1
        self.thread_loop.call_soon_threadsafe(self._nudged.set)

    async def next_batches(self, turn: Turn, limit: int) -> Batches:
        """The first batch that there is, in the turn's order (without records for a partition that is due to be idle);
        else what comes first while it may be waited. Nothing after a nudge."""
        found: Batches = await self.call_thread(self._next_batches, turn, limit, self._nudges)
        return found

    async def _next_batches(self, turn: Turn, limit: int, nudges: int) -> Batches:
        # Cancelled, not let run on: a fetch that outlived a change of owner would take records of the new assignment
        # and hand them to nobody. Nothing is lost by it: records are taken and returned without a pause in between.
        self._nudged.clear()
        if self._nudges != nudges:
            return {}
        fetching = asyncio.ensure_future(self._fetch(turn, limit))
        nudged = asyncio.ensure_future(self._nudged.wait())
        await asyncio.wait((fetching, nudged), return_when=asyncio.FIRST_COMPLETED)
        nudged.cancel()
        if not fetching.done():
            fetching.cancel()
            await asyncio.wait((fetching,))
            if fetching.cancelled():
                return {}
        return fetching.result()

    async def _fetch(self, turn: Turn, limit: int) -> Batches:
        consumer = self._ensure_consumer()
        order = [aiokafka.TopicPartition(*one) for one in turn.order]
        for wanted, partition in zip(order, turn.order, strict=True):
            if found := await consumer.getmany(wanted, timeout_ms=0, max_records=limit):
                return _records(found)
            if partition in turn.due:
                return {partition: ()}
        wait_ms = round(1000 * turn.wait_s)
        return _records(await consumer.getmany(*order, timeout_ms=wait_ms, max_records=limit))

    async def end_offsets(self, topic: str) -> dict[int, int]:
        """Of all the topic's partitions; none of a topic that is not read here."""
        return await self._beside(self._end_offsets(topic))

    async def stands_at(self, partition: Partition) -> int:
        """Where reading a partition that is owned stands, or will begin."""
        return await self._beside(self._stands_at(partition))

    async def read_from(self, partition: Partition, offset: int) -> None:
        """The next batch of the partition begins there, or with the first record after it that there is."""
        await self._beside(self._read_from(partition, offset))

    async def check(self) -> None:
        """Raises what keeps this worker from being a member of the group, if there is something: aiokafka tells only
        who asks."""
        await self._beside(self._check())

    async def _check(self) -> None:
        coordinator = self._ensure_consumer()._coordinator
        if coordinator is not None:  # it is once the broker has been reached
            coordinator.check_errors()

    async def _beside(self, asked: Coroutine[Any, Any, T]) -> T:
        # Not by `call_thread`: its queue has two places, and a commit that waits for the broker holds one.
        try:
            asking = asyncio.run_coroutine_threadsafe(asked, self.thread_loop)
        except RuntimeError:  # the thread has ended
            asked.close()
            raise
        return await asyncio.wrap_future(asking)

    def on_crash(self, msg: str, *fmt: Any, **kwargs: Any) -> None:
        """Unlike Faust's own it prints nothing: the log has it."""
        del msg, fmt, kwargs
        log.exception("the consumer's thread failed")

    async def _end_offsets(self, topic: str) -> dict[int, int]:
        consumer = self._ensure_consumer()
        numbers = consumer.partitions_for_topic(topic) or ()
        ends = await consumer.end_offsets([aiokafka.TopicPartition(topic, number) for number in numbers])
        return {one.partition: offset for one, offset in ends.items()}

    async def _stands_at(self, partition: Partition) -> int:
        return int(await self._ensure_consumer().position(aiokafka.TopicPartition(*partition)))

    async def _read_from(self, partition: Partition, offset: int) -> None:
        with suppress(IllegalStateError):  # others' by now
            self._ensure_consumer().seek(aiokafka.TopicPartition(*partition), offset)

    def _create_worker_consumer(self, transport: Transport) -> aiokafka.AIOKafkaConsumer:
        conf = self.app.conf
        return aiokafka.AIOKafkaConsumer(
            client_id=conf.broker_client_id,
            group_id=conf.id,
            bootstrap_servers=server_list(transport.url, transport.default_port),
            partition_assignment_strategy=[RoundRobinPartitionAssignor],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_poll_interval_ms=_ms(conf.broker_max_poll_interval),
            max_partition_fetch_bytes=PARTITION_FETCH_BYTES,
            fetch_max_wait_ms=FETCH_WAIT_MS,
            request_timeout_ms=_ms(conf.broker_request_timeout),
            session_timeout_ms=_ms(conf.broker_session_timeout),
            rebalance_timeout_ms=_ms(conf.broker_rebalance_timeout),
            heartbeat_interval_ms=_ms(conf.broker_heartbeat_interval),
            **credentials_to_aiokafka_auth(conf.broker_credentials, None),
        )


class FeedConsumer(Consumer):
    """What runs in the worker's loop: one batch after another to the lanes, their offsets to the broker."""

    logger = OF_FAUST
    _thread: FeedThread

    def __post_init__(self) -> None:
        super().__post_init__()
        self._committing = asyncio.Lock()

    @property
    def _lanes(self) -> Lanes:
        return cast("BusApp", self.app).lanes

    @property
    def thread(self) -> FeedThread:
        return self._thread

    def _new_consumer_thread(self) -> FeedThread:
        return FeedThread(self, loop=self.loop, beacon=self.beacon)

    async def _drain_messages(self, fetcher: ServiceT) -> None:
        try:
            await self._feed(fetcher)
        except asyncio.CancelledError:
            # Told to stop while partitions are being shared out, Faust would take it for a crash.
            if not (self.should_stop or fetcher.should_stop or self.app.should_stop):
                raise

    async def _feed(self, fetcher: ServiceT) -> None:
        lanes = self._lanes
        limit = cast("BusApp", self.app).settings.batch_records
        lanes.changed = self._thread.nudge
        while not (self.should_stop or fetcher.should_stop):
            await lanes.room()
            await self.can_resume_flow.wait()
            turn = lanes.turn()
            if (
                not turn.order
            ):  # given up while the flow was stopped; asking for none would mean to ask for all
                continue
            for partition, offset in lanes.begin_at().items():
                await self._thread.read_from(partition, offset)
            found = await self._thread.next_batches(turn, limit)
            if turn.age != lanes.age:
                continue  # of an assignment that is over: whoever owns them now reads them again
            for partition, records in found.items():
                if (instead := lanes.astray(partition, records)) is not None:
                    await self._thread.read_from(partition, instead)
                else:
                    lanes.feed(partition, records)

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        """Commits what is done, one commit at a time; whether there was anything and it could be."""
        del topics, start_new_transaction  # all that is done is committed, and there are no transactions
        async with self._committing:
            offsets = self._lanes.uncommitted()
            if not offsets or not await self._commit({TP(*one): offset for one, offset in offsets.items()}):
                return False  # nothing new; or the partitions are others' already, who do it again
            self._lanes.committed(offsets)
            return True

    async def wait_empty(self) -> None:
        """Faust calls it when partitions are taken away and when the worker stops."""
        settings = cast("BusApp", self.app).settings
        await self.give_up(settings.stop_s if self.app.should_stop else settings.revoke_s)

    async def give_up(self, within_s: float) -> None:
        """Gives up all partitions: what is under way ends, its offsets are committed, the stages hear of it."""
        try:
            async with asyncio.timeout(within_s):
                await self._lanes.rest()
                await self.commit()
                await self._lanes.close()
        except TimeoutError:
            end_hard(f"What is under way did not end within {within_s:g} s")

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        await super().on_partitions_assigned(assigned, generation_id)
        if not self.app.should_stop:
            cast("BusApp", self.app).took_over([Partition(*one) for one in assigned])

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Faust looks here for messages that its agents are slow with; there are none. See `watchdog`."""


def _records(found: Mapping[Any, Sequence[Any]]) -> Batches:
    return {
        Partition(one.topic, one.partition): [
            Record(
                one.topic,
                one.partition,
                record.offset,
                record.key,
                record.value or b"",
                record.headers,
                record.timestamp,
            )
            for record in records
        ]
        for one, records in found.items()
    }


def _ms(seconds: float) -> int:
    return round(1000 * seconds)
