"""Reads a topic, decodes what it reads, and does nothing else: what Milepost's workers are held against.

    python -m benchmarks.bare {agent|consumer} BOOTSTRAP TOPIC COUNT

`agent` is a Faust agent as in its manual, `consumer` aiokafka alone, asked for 500 records at a time. It ends after
COUNT records and prints how long it took from the first to the last: by the clock, and of processor time, in seconds.
"""

import asyncio
import os
import signal
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from typing import Any

import aiokafka
import faust
import msgspec

BATCH = 500


class Countdown:
    def __init__(self, count: int) -> None:
        self._left = count
        self._decode = msgspec.json.Decoder().decode
        self._began: tuple[float, float] | None = None

    def take(self, values: Sequence[bytes]) -> bool:
        """Whether these were the last."""
        if self._began is None:
            self._began = time.perf_counter(), time.process_time()
        for value in values:
            self._decode(value)
        self._left -= len(values)
        if self._left > 0:
            return False
        clock, cpu = self._began
        print(time.perf_counter() - clock, time.process_time() - cpu, flush=True)
        return True


async def consumer(bootstrap: str, topic: str, countdown: Countdown) -> None:
    reading = aiokafka.AIOKafkaConsumer(
        topic,
        bootstrap_servers=bootstrap,
        group_id=f"bare-{uuid.uuid4()}",
        auto_offset_reset="earliest",
        max_poll_records=BATCH,
    )
    await reading.start()
    done = False
    while not done:
        for records in (await reading.getmany(timeout_ms=1000)).values():
            done = countdown.take([record.value for record in records])
    await reading.stop()


def agent(bootstrap: str, topic: str, countdown: Countdown) -> None:
    app = faust.App(
        f"bare-{uuid.uuid4()}",
        broker=f"kafka://{bootstrap}",
        value_serializer="raw",
        autodiscover=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        web_enabled=False,
        datadir=tempfile.mkdtemp(prefix="milepost-bare-"),
        consumer_auto_offset_reset="earliest",
    )

    @app.agent(app.topic(topic, value_serializer="raw"))
    async def read(stream: Any) -> None:
        async for value in stream:
            if countdown.take([value]):
                os.kill(os.getpid(), signal.SIGTERM)

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    worker = faust.Worker(app, loop=loop, quiet=True, loglevel="ERROR", redirect_stdouts=False)
    worker.spinner = None
    worker.execute_from_commandline()


def main() -> None:
    kind, bootstrap, topic, count = sys.argv[1:]
    if kind == "agent":
        agent(bootstrap, topic, Countdown(int(count)))
    else:
        asyncio.run(consumer(bootstrap, topic, Countdown(int(count))))


if __name__ == "__main__":
    main()
