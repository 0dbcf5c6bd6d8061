"""What Faust uses of aiokafka: our consumer, and a producer that neither loses nor doubles."""

import asyncio
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from faust.transport.drivers import aiokafka

from engine.bus.feed import FeedConsumer
from engine.bus.logs import OF_FAUST
from engine.model.partitions import partition_of_key
from engine.ports import Produced

BATCH_BYTES = 256 << 10
"""How much goes to a partition at once, at most, if it is more than one record. The next goes when it is acknowledged,
so small batches would make what a stage returns wait several times."""

Batch = Any


class IdempotentProducer(aiokafka.Producer):
    """`acks=all`, and the broker drops what a retry sends again."""

    logger = OF_FAUST

    def _settings_extra(self) -> Mapping[str, Any]:
        return {"acks": "all", "enable_idempotence": True, "max_batch_size": BATCH_BYTES}

    async def write(self, records: Sequence[Produced]) -> None:
        """Returns when all replicas in step have all records; raises what the first failure was."""
        # By batches made here: record by record, asyncio would cost more than half of what writing does.
        sent = [
            await self._ensure_producer().send_batch(batch, topic, partition=partition)
            for topic, its in _by_topic(records)
            for partition, batch in self._batches(its, await self._partitions(topic))
        ]
        outcomes = await asyncio.gather(*sent, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _partitions(self, topic: str) -> int:
        return len(await self._ensure_producer().partitions_for(topic))

    def _batches(self, records: Iterable[Produced], partitions: int) -> Iterator[tuple[int, Batch]]:
        """Whole batches with their partitions; of each partition in order."""
        begun: dict[int, Batch] = {}
        anywhere = random.randrange(partitions)  # noqa: S311 - no secret
        for one in records:
            part = anywhere if one.key is None else partition_of_key(one.key, partitions)
            batch = begun.get(part)
            if batch is None or not _added(batch, one):
                if batch is not None:
                    yield part, batch
                batch = begun[part] = self._ensure_producer().create_batch()
                _added(batch, one)
        yield from begun.items()


class BusTransport(aiokafka.Transport):
    Consumer: ClassVar[Any] = FeedConsumer
    Producer: ClassVar[Any] = IdempotentProducer


def _by_topic(records: Sequence[Produced]) -> Iterable[tuple[str, Sequence[Produced]]]:
    found: dict[str, list[Produced]] = {}
    for one in records:
        found.setdefault(one.topic, []).append(one)
    return found.items()


def _added(batch: Batch, record: Produced) -> bool:
    """Whether there was room for it; in an empty batch there is for any."""
    key, value, headers = record.key, record.value, list(record.headers)
    return batch.append(timestamp=None, key=key, value=value, headers=headers) is not None
