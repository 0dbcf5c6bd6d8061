"""How a worker is: how far behind, whether it gets on, whether the broker is there."""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable, Mapping

from aiokafka.errors import KafkaError

from engine.bus.lanes import Lanes, Partition
from engine.bus.meters import Meters
from engine.bus.watchdog import Watchdog

_FIRST_LOOKS_S = 0.25
_LOOKS_MISSED = 3

log = logging.getLogger(__name__)


class Condition:
    """Looks every few seconds, and tells the watchdog and the meters.

    `ends` gives all partitions of all topics with their end offsets, `position` where reading an owned partition
    stands, `settled` whether partitions are shared out and being read.
    """

    def __init__(
        self,
        lanes: Lanes,
        ends: Callable[[], Awaitable[Mapping[Partition, int]]],
        position: Callable[[Partition], Awaitable[int]],
        settled: Callable[[], bool],
        watchdog: Watchdog,
        meters: Meters,
    ) -> None:
        self._lanes = lanes
        self._ends = ends
        self._position = position
        self._settled = settled
        self._watchdog = watchdog
        self._meters = meters
        self._behind: Mapping[Partition, int] = {}
        self._broker_seen_at = -math.inf

    async def watch(self) -> None:
        while True:
            await self._look()
            seen = self._broker_seen_at > -math.inf
            await asyncio.sleep(self._watchdog.every_s if seen else _FIRST_LOOKS_S)

    def trouble(self) -> str:
        """Why no work should be sent to this worker, in a few words; empty if it should."""
        if not self._settled():
            return "partitions are being shared out"
        if time.monotonic() - self._broker_seen_at > _LOOKS_MISSED * self._watchdog.every_s:
            return "the broker does not answer"
        return ""

    async def _look(self) -> None:
        settled = self._settled()
        if settled:
            await self._look_at_broker()
        behind = any(self._behind.get(partition, 0) for partition in self._lanes.owned)
        began_at = min(self._lanes.jobs_began_at, default=math.inf)
        self._watchdog.tell(owed=behind or not settled, oldest_job_at=began_at)

    async def _look_at_broker(self) -> None:
        try:
            self._behind = await asyncio.wait_for(self._measure(), self._watchdog.every_s)
        except (KafkaError, TimeoutError) as error:
            log.info("end offsets cannot be read now: %s", type(error).__name__)
            return
        self._broker_seen_at = time.monotonic()
        for partition, records in self._behind.items():
            self._meters.lag(partition.topic, partition.number, records)

    async def _measure(self) -> dict[Partition, int]:
        ends = await self._ends()
        owned = self._lanes.owned
        for partition in [one for one, position in owned.items() if position is None]:
            owned[partition] = await self._position(partition)
        return _behind(owned, ends)


def _behind(owned: Mapping[Partition, int | None], ends: Mapping[Partition, int]) -> dict[Partition, int]:
    return {
        partition: max(ends[partition] - position, 0)
        for partition, position in owned.items()
        if position is not None and partition in ends
    }
