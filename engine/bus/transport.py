"""What Faust uses of aiokafka: our consumer, and a producer that neither loses nor doubles."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast

from faust.transport.drivers import aiokafka

from engine.bus.feed import FeedConsumer
from engine.bus.logs import OF_FAUST
from engine.ports import Produced


class IdempotentProducer(aiokafka.Producer):
    """`acks=all`, and the broker drops what a retry sends again."""

    logger = OF_FAUST

    def _settings_extra(self) -> Mapping[str, Any]:
        return {"acks": "all", "enable_idempotence": True}

    async def write(self, records: Sequence[Produced]) -> None:
        """Returns when all replicas in step have all records; raises what the first failure was."""
        sent = [
            await self.send(one.topic, one.key, one.value, None, None, cast(Any, list(one.headers)))
            for one in records
        ]
        outcomes = await asyncio.gather(*sent, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome


class BusTransport(aiokafka.Transport):
    Consumer: ClassVar[Any] = FeedConsumer
    Producer: ClassVar[Any] = IdempotentProducer
