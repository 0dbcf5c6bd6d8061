"""How fast a dealer's process sends: `python -m benchmarks sending`, to the broker that MILEPOST_KAFKA_BOOTSTRAP names,
else to one of its own (as the tests have it).

Events of 1 KB. In turns: one is decoded and checked (the yardstick: on a quiet machine it takes some 15 µs); the bare
producer of kafka-python sends ready records; the client checks, spools and sends events. `a second` is by the clock,
until all are acknowledged; `CPU µs` are of this process alone. The broker takes its share of a machine, others theirs:
trust the last column.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import NewTopic

from engine.client import Client
from engine.client.broker import OPTIONS
from engine.client.client import INBOX
from engine.client.events import Composer
from engine.model.event_types import EVENT_TYPES
from tests.services.broker import Kafka, prepare

EVENTS, ROUNDS, PARTITIONS = 20_000, 5, 12
SOURCE = "/dealers/d001"


def main(given: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks sending", description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args(given)
    data = [purchase(number) for number in range(arguments.events)]
    composer = Composer(SOURCE, EVENT_TYPES, "CN")
    raws = [composer.compose("purchase.recorded", one, None, None, None) for one in data]
    keyed = [(draft.key, draft.raw) for draft in map(composer.checked, raws)]
    with broker() as bootstrap, tempfile.TemporaryDirectory() as folder:
        prefix = f"sending-{time.time_ns()}."
        admin = KafkaAdminClient(bootstrap_servers=bootstrap)
        admin.create_topics([NewTopic(prefix + INBOX, PARTITIONS, 1)])
        admin.close()
        producer = KafkaProducer(bootstrap_servers=bootstrap, **OPTIONS)
        client = Client(bootstrap, source=SOURCE, spool=Path(folder) / "spool", prefix=prefix)
        cases: dict[str, Callable[[], None]] = {
            "decode and check an event": lambda: [composer.checked(raw) for raw in raws] and None,
            "kafka-python alone": lambda: bare(producer, prefix + INBOX, keyed),
            "client: check, spool, send": lambda: through(client, data),
        }
        for run in list(cases.values())[1:]:
            run()  # connections are made, code is warm
        measured: dict[str, list[tuple[float, float]]] = {name: [] for name in cases}
        for _ in range(arguments.rounds):
            for name, run in cases.items():
                measured[name].append(timed(run, arguments.events))
        client.close()
        producer.close()
    print(f"{'what':<30}{'a second':>10}{'CPU µs':>8}{'× decode':>10}   (events of {len(raws[0])} bytes)")
    yardstick = [cpu for _clock, cpu in measured["decode and check an event"]]
    for name, rounds in measured.items():
        clock = statistics.median(one for one, _cpu in rounds)
        cpu = statistics.median(one for _clock, one in rounds)
        ratio = statistics.median(one / other for (_clock, one), other in zip(rounds, yardstick, strict=True))
        print(f"{name:<30}{1 / clock:>10,.0f}{cpu * 1e6:>8.1f}{ratio:>10.2f}")


def timed(run: Callable[[], None], count: int) -> tuple[float, float]:
    """Seconds an event, by the clock and of processor time."""
    clock, cpu = time.perf_counter(), time.process_time()
    run()
    return (time.perf_counter() - clock) / count, (time.process_time() - cpu) / count


def bare(producer: Any, topic: str, keyed: list[tuple[bytes | None, bytes]]) -> None:
    for key, raw in keyed:
        producer.send(topic, raw, key)
    producer.flush()


def through(client: Client, data: list[dict[str, Any]]) -> None:
    with client.batch() as batch:
        for one in data:
            batch.send("purchase.recorded", one)
    left = client.flush(60)
    if left:
        raise RuntimeError(f"{left.events} events are not acknowledged: {left.trouble}")


def purchase(number: int) -> dict[str, Any]:
    return {
        "dealer": "d001",
        "customer": {"name": "王芳", "mobile": f"138{number % 20_000:08}", "email": f"w{number}@example.cn"},
        "vehicle": {"plate": f"京A{number % 20_000:05}", "make": "大众", "odometer_km": 43210},
        "tyres": [{"brand": "michelin", "pattern": "PRIMACY 4", "size": "205/55R16", "quantity": 2}],
        "amount": 1560,
        "currency": "CNY",
        "note": "x" * 500,
    }


@contextmanager
def broker() -> Iterator[str]:
    named = os.environ.get("MILEPOST_KAFKA_BOOTSTRAP")
    if named:
        yield named
        return
    with Kafka(prepare(), quick=False) as own:
        yield own.bootstrap
