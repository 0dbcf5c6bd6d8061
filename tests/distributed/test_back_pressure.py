"""A database that is slow, or stands still, makes a worker slow and nothing else."""

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from kafka import KafkaProducer

from tests.bus.test_feed import resident_mb
from tests.distributed.world import Worker, World
from tests.services.broker import Kafka
from tests.services.database import Postgres
from tests.store.meanwhile import others_wait
from tests.store.proxy import Proxy
from tests.support import purchase

FIRST, EVENTS, EVENT_BYTES = 100, 3500, 40_000
STANDING_MB, AT_WORK_MB = 40, 100
"""By how much its memory may grow: while nothing gets through, and at all, with what connections keep for large events.
All that waits for it is 140 MB."""

STANDS_STILL_S = 3.0
LATE_S = 0.1
"""How late each of the database's answers comes; every transaction has several."""

BATCHES, THREADS, LEAST_ANSWERS = 12, 2, 4
LONG_S = 120.0


@pytest.mark.xdist_group("soak")
def test_a_slow_database_makes_a_worker_slow_and_costs_neither_memory_nor_an_event(
    tmp_path: Path, kafka: Kafka, postgres: Postgres
) -> None:
    """Events come while no transaction gets through: the worker takes a few of them and leaves the rest to the broker.
    Then the database is slow, and at last as quick as ever."""
    world = World(tmp_path, kafka, postgres, "pressed")
    url = world.settings["MILEPOST_DATABASE_URL"]
    host = urlsplit(url)
    with Proxy(host.hostname or "", host.port or 0) as between:
        world.settings |= {
            "MILEPOST_CLOCK": "real",
            "MILEPOST_WORKER_THREADS": str(THREADS),
            "MILEPOST_DATABASE_URL": url.replace(f":{host.port}/", f":{between.port}/"),
        }
        worker = world.worker(0)
        worker.start()
        try:
            send(world, range(FIRST))
            until(lambda: decided(url) == FIRST)
            before_mb = rss_mb(worker)
            with locked(url, "progress"):
                send(world, range(FIRST, EVENTS))
                others_wait(url, THREADS)
                standing_mb = most_mb(worker, STANDS_STILL_S)
            between.late_s = LATE_S
            began, done = time.monotonic(), metric(worker, "milepost_batches_total")
            until(lambda: metric(worker, "milepost_batches_total") >= done + BATCHES)
            took_s = time.monotonic() - began
            between.late_s = 0.0
            until(lambda: decided(url) == EVENTS)
            at_work_mb = rss_mb(worker)
            assert metric(worker, "milepost_worker_restarts_total") == 0
            assert metric(worker, "milepost_rebalances_total") == 1
        finally:
            worker.end()
    assert took_s > (BATCHES - THREADS) * LEAST_ANSWERS * LATE_S / THREADS
    assert standing_mb < before_mb + STANDING_MB
    assert at_work_mb < before_mb + AT_WORK_MB
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM events").fetchone() == (EVENTS,)


def send(world: World, numbers: range) -> None:
    """Large events, each of somebody else, in an order of their own."""
    topic = world.settings["MILEPOST_KAFKA_PREFIX"] + "care.inbox"
    bought = purchase("2025-03-01 10:00", 50_000)
    producer = KafkaProducer(bootstrap_servers=world.kafka.bootstrap, linger_ms=5)
    for number in numbers:
        mobile = f"138{number:08}"
        data = {**bought.data, "note": "x" * EVENT_BYTES}
        data["customer"] = {"mobile": mobile}
        data["vehicle"] = {"plate": f"京A{number:05}"}
        event = {
            "specversion": "1.0",
            "id": str(number),
            "source": bought.source,
            "type": bought.type,
            "time": datetime.now(UTC).isoformat(),
            "data": data,
        }
        producer.send(topic, key=mobile.encode(), value=json.dumps(event).encode())
    producer.flush()
    producer.close()


@contextmanager
def locked(url: str, table: str) -> Iterator[None]:
    """Nobody gets at the table."""
    with psycopg.connect(url) as connection:
        connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
        yield


def decided(url: str) -> int:
    with psycopg.connect(url) as connection:
        asked = "SELECT coalesce(sum(next_offset), 0)::bigint FROM progress WHERE stage = 'events'"
        return int(connection.execute(asked).fetchall()[0][0])


def metric(worker: Worker, name: str) -> float:
    """Summed up over all that it is told of."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{worker.port}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
    except OSError:
        return 0.0
    return sum(float(line.split()[-1]) for line in lines if line.startswith((f"{name} ", f"{name}{{")))


def rss_mb(worker: Worker) -> float:
    child = worker.child()
    assert child is not None
    return resident_mb(child.pid)


def most_mb(worker: Worker, for_s: float) -> float:
    found, give_up = 0.0, time.monotonic() + for_s
    while time.monotonic() < give_up:
        found = max(found, rss_mb(worker))
        time.sleep(0.1)
    return found


def until(so: Callable[[], bool]) -> None:
    give_up = time.monotonic() + LONG_S
    while not so():
        assert time.monotonic() < give_up, "waited in vain"
        time.sleep(0.1)
