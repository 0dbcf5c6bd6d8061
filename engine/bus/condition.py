"""How a worker is: how far behind, whether it gets on, whether the broker is there."""

import asyncio
import logging
import math
import time
from collections.abc import Mapping
from typing import Protocol

from aiokafka.errors import KafkaError

from engine.bus.lanes import Lanes, Partition
from engine.bus.meters import Meters
from engine.bus.watchdog import Watchdog

_FIRST_LOOKS_S = 0.25
_LOOKS_MISSED = 3

log = logging.getLogger(__name__)


class Membership(Protocol):
    """The worker as a member of its group."""

    def settled(self) -> bool:
        """Whether partitions are shared out and being read."""
        ...

    async def check_membership(self) -> None:
        """Raises what keeps it from being a member, if there is something."""
        ...

    async def all_ends(self) -> Mapping[Partition, int]:
        """The end offsets of all partitions of all topics that it reads."""
        ...

    async def stands_at(self, partition: Partition) -> int:
        """Where reading a partition that is owned stands, or will begin."""
        ...


class Condition:
    """Looks every few seconds, and tells the watchdog and the meters."""

    def __init__(self, lanes: Lanes, membership: Membership, watchdog: Watchdog, meters: Meters) -> None:
        self._lanes = lanes
        self._membership = membership
        self._watchdog = watchdog
        self._meters = meters
        self._behind: Mapping[Partition, int] = {}
        self._broker_seen_at = -math.inf

    async def watch(self) -> None:
        """Goes on until it is cancelled; raises what `check_membership` does."""
        while True:
            await self._look()
            seen = self._broker_seen_at > -math.inf
            await asyncio.sleep(self._watchdog.every_s if seen else _FIRST_LOOKS_S)

    def trouble(self) -> str:
        """Why no work should be sent to this worker, in a few words; empty if it should."""
        if not self._membership.settled():
            return "partitions are being shared out"
        if time.monotonic() - self._broker_seen_at > _LOOKS_MISSED * self._watchdog.every_s:
            return "the broker does not answer"
        return self._lanes.trouble

    async def _look(self) -> None:
        settled = self._membership.settled()
        if settled:
            await self._look_at_broker()
        else:
            await self._membership.check_membership()
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
        ends = await self._membership.all_ends()
        owned = self._lanes.owned
        for partition in [one for one, position in owned.items() if position is None]:
            owned[partition] = await self._membership.stands_at(partition)
        return _behind(owned, ends)


def _behind(owned: Mapping[Partition, int | None], ends: Mapping[Partition, int]) -> dict[Partition, int]:
    return {
        partition: max(ends[partition] - position, 0)
        for partition, position in owned.items()
        if position is not None and partition in ends
    }
