"""The Faust app of a worker: its settings, and what begins and ends with it."""

import logging
import tempfile
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import cast

import faust
from aiokafka.errors import KafkaError
from faust.exceptions import ConsumerNotStarted
from faust.tables.manager import TableManager

from engine.bus.companions import Companion, Companions
from engine.bus.condition import Condition
from engine.bus.feed import FeedConsumer
from engine.bus.lanes import Lanes, Partition
from engine.bus.logs import OF_FAUST, places, told
from engine.bus.meters import Meters
from engine.bus.security import faust_credentials
from engine.bus.settings import BusSettings
from engine.bus.topics import LARGEST_RECORD_BYTES
from engine.bus.transport import BusTransport, IdempotentProducer
from engine.bus.watchdog import Watchdog, end_hard
from engine.model.errors import MilepostError
from engine.ports import Produced, Stage

STOPPING_S = 3.5
"""How long an orderly stop may take besides what is under way: to commit, to leave the group, to close."""

log = logging.getLogger(__name__)


class Failed(MilepostError):  # noqa: N818 - named for what the worker has
    """Something raised what it should not have. The log has told of it; here it is not repeated, for Faust writes
    this one wherever it likes."""


class NoTables(TableManager):
    """Faust's way to resume after a rebalance leads through its tables; it waits a second for them to register."""

    logger = OF_FAUST

    async def on_start(self) -> None:
        await self._update_channels()
        await self.recovery.start()


class BusApp(faust.App):
    """`stages` are by topic."""

    logger = OF_FAUST

    def __init__(
        self,
        settings: BusSettings,
        stages: Mapping[str, Stage],
        companions: Sequence[Companion],
        meters: Meters,
    ) -> None:
        self.settings = settings
        super().__init__(
            settings.group,
            broker=[f"kafka://{server}" for server in settings.servers],
            broker_client_id=settings.group,
            broker_credentials=faust_credentials(settings.security),
            broker_commit_interval=settings.commit_interval_s,
            broker_heartbeat_interval=settings.heartbeat_s,
            broker_max_poll_interval=2 * settings.stall_s,  # the watchdog is there first
            broker_rebalance_timeout=settings.rebalance_timeout_s,
            broker_request_timeout=settings.request_timeout_s,
            broker_session_timeout=settings.session_timeout_s,
            producer_compression_type=settings.compression,
            producer_max_request_size=LARGEST_RECORD_BYTES,
            producer_request_timeout=settings.request_timeout_s,
            autodiscover=False,
            topic_allow_declare=False,
            topic_disable_leader=True,
            table_standby_replicas=0,
            TableManager=NoTables,
            store="memory://",
            cache="memory://",
            datadir=tempfile.gettempdir(),
            web_bind=settings.web_host,
            web_host=settings.web_host,
            web_port=settings.web_port,
            web_router_enabled=False,
            web_tables_enabled=False,
        )
        self.transport = BusTransport(self.conf.broker_consumer, self)
        self._topics_read = tuple(stages)
        self._meters = meters
        self._companions = Companions(companions, self.fail)
        self._watchdog = Watchdog(settings.stall_s)
        self._joined = self._failing = False
        self._limit: threading.Timer | None = None
        self.lanes = Lanes(
            stages,
            self.write,
            self._stage_failed,
            meters,
            self._watchdog.batch_done,
            threads=settings.threads,
            idle_s=settings.idle_s,
            patience_s=settings.patience_s,
        )
        self.condition = Condition(self.lanes, self, self._watchdog, meters)
        for topic in stages:
            self.topics.add(self.topic(topic, key_serializer="raw", value_serializer="raw"))

    # Life

    async def on_first_start(self) -> None:
        """Unlike Faust's own: a worker without tables needs no folders."""

    async def on_start(self) -> None:
        await super().on_start()
        self._watchdog.start()
        self.add_future(self._watch())

    async def on_started(self) -> None:
        await super().on_started()
        self._companions.start()

    async def on_stop(self) -> None:
        self._watchdog.stop()
        within_s = self.settings.stop_s + STOPPING_S
        self._limit = threading.Timer(within_s, end_hard, [f"Stopping took longer than {within_s:g} s"])
        self._limit.daemon = True
        self._limit.start()
        await self._companions.stop()
        await super().on_stop()

    def stopped(self) -> None:
        """All has ended; nothing is to be cut off any more."""
        if self._limit is not None:
            self._limit.cancel()

    async def _watch(self) -> None:
        try:
            await self.condition.watch()
        except KafkaError as error:
            self.fail("being a member of the group", error)

    def took_over(self, partitions: Iterable[Partition]) -> None:
        """The group has shared out the partitions: these are ours."""
        if self._failing:
            return
        self.lanes.open(partitions)
        self._joined = True
        counts = dict.fromkeys(self._topics_read, 0)
        for partition in self.lanes.owned:
            counts[partition.topic] += 1
        self._meters.rebalanced(counts)
        log.info("partitions are shared out", extra={"owned": counts})

    def fail(self, where: str, error: BaseException) -> None:
        """Ends the worker for something that is not to be borne."""
        log.error("%s failed", where, extra={"error": told(error), "places": places(error)})
        if not self._failing:
            self._failing = True
            self.add_future(self._end(Failed(f"{where} failed")))

    def _stage_failed(self, partition: Partition, error: BaseException) -> None:
        self.fail(f"the stage of {partition.topic}/{partition.number}", error)

    async def _end(self, reason: Failed) -> None:
        # First what went well is committed: once Faust knows of a crash, it commits nothing any more.
        await self._feed.give_up(self.settings.stop_s)
        await self.crash(reason)

    # The broker

    async def write(self, records: Sequence[Produced]) -> None:
        await cast(IdempotentProducer, self.producer).write(records)

    async def end_offsets(self, topic: str) -> dict[int, int]:
        return await self._feed.thread.end_offsets(topic)

    @property
    def _feed(self) -> FeedConsumer:
        return cast(FeedConsumer, self.consumer)

    async def all_ends(self) -> dict[Partition, int]:
        return {
            Partition(topic, number): offset
            for topic in self._topics_read
            for number, offset in (await self._feed.thread.end_offsets(topic)).items()
        }

    async def stands_at(self, partition: Partition) -> int:
        return await self._feed.thread.stands_at(partition)

    async def check_membership(self) -> None:
        with suppress(ConsumerNotStarted):
            await self._feed.thread.check()

    def settled(self) -> bool:
        return self._joined and not self.rebalancing and self._feed.flow_active
