"""What it costs to keep things: `python -m benchmarks storing` holds PostgreSQL against SQLite.

One durable step an event, in batches of 500: look whether it is a duplicate and whom it is about, read that customer's
document (2.5 KB), log the event, write the document anew, add half a message. On the PostgreSQL that
MILEPOST_DATABASE_URL names, which must be empty, else on one of its own. The stores work in turns, and a figure is the
median of its rounds: elapsed time, processor time of this process, and of the server where it is on this machine.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import psycopg
from msgspec.structs import replace

from engine.cli.context import spare_collector
from engine.model.customer import Customer, Stated
from engine.model.events import Event
from engine.model.ids import derive
from engine.model.messages import Message
from engine.ports import LoggedEvent, Store
from engine.store.postgres import PostgresStore, is_postgres, migrate
from engine.store.sqlite import SqliteStore
from tests.contracts import samples
from tests.services.database import Postgres, find_programs

BATCH = 500
CUSTOMERS = 10_000
NOTES = {f"notes.{n}": Stated(f"备注和地址，幸福路{n}号", samples.START) for n in range(12)}


class Batch(NamedTuple):
    events: Sequence[Event]
    customers: Sequence[Customer]
    messages: Sequence[Message]


class Cost(NamedTuple):
    """Of a round, in seconds. `server` is 0 where it is not on this machine."""

    elapsed: float
    here: float
    server: float


def main(given: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks storing", description=__doc__)
    parser.add_argument("--batches", type=int, default=20, help="of a round")
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args(given)
    with tempfile.TemporaryDirectory() as folder, database() as url:
        migrate(url)
        whole = PostgresStore.open(url, partitions=12)
        stores: dict[str, Store] = {
            "SQLite": SqliteStore(Path(folder) / "milepost.db"),
            "PostgreSQL, the whole": whole,
            "PostgreSQL, a share of 12": whole.share({n: whole.take_over(n, "benchmark") for n in range(12)}),
        }
        costs: dict[str, list[Cost]] = {name: [] for name in stores}
        spare_collector()
        for number in range(arguments.rounds + 1):
            for place, (name, store) in enumerate(stores.items()):
                batches = list(_batches(number, arguments.batches, source=f"/dealers/{place}"))
                cost = _cost(store, batches, url)
                if number:  # the first round makes the customers
                    costs[name].append(cost)
                print(".", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        _print(costs, arguments.batches * BATCH)
        for store in stores.values():
            store.close()


@contextmanager
def database() -> Iterator[str]:
    url = os.environ.get("MILEPOST_DATABASE_URL", "")
    if is_postgres(url):
        yield url
    else:
        with Postgres(find_programs(), quick=False) as server:
            yield server.url("benchmark")


def _batches(number: int, count: int, source: str) -> Iterator[Batch]:
    at = samples.START + timedelta(days=number)
    for first in range(number * count * BATCH, (number + 1) * count * BATCH, BATCH):
        numbers = range(first, first + BATCH)
        events = [replace(samples.event(n, at), source=source) for n in numbers]
        customers = [_customer(n % CUSTOMERS, first, source) for n in numbers]
        messages = [
            replace(samples.message(n), id=derive("message", source, str(n)), customer_id=one.id)
            for n, one in zip(numbers[::2], customers[::2], strict=True)
        ]
        yield Batch(events, customers, messages)


def _customer(n: int, version: int, source: str) -> Customer:
    one = samples.customer(n, samples.day(n % 300 + version / 1e6))
    return replace(
        one, id=derive("customer", source, str(n)), version=version, profile={**one.profile, **NOTES}
    )


def _cost(store: Store, batches: Sequence[Batch], url: str) -> Cost:
    for batch in batches:
        for event in batch.events:
            _ = event.key
    server, here, began = _server_s(url), time.process_time(), time.perf_counter()
    for batch in batches:
        _step(store, batch)
    return Cost(time.perf_counter() - began, time.process_time() - here, _server_s(url) - server)


def _step(store: Store, batch: Batch) -> None:
    ids = [one.id for one in batch.customers]
    who = [(kind, one) for one in ids for kind in ("mobile", "plate")]
    with store.unit() as unit:
        unit.seen([event.key for event in batch.events])
        owners = unit.owners(who)
        unit.customers(ids)
        unit.log(
            LoggedEvent(event=event, customer_id=one, decided_at=samples.START)
            for event, one in zip(batch.events, ids, strict=True)
        )
        unit.put(batch.customers)
        unit.learn({one: one[1] for one in who if one not in owners})
        unit.add_messages(batch.messages)


def _server_s(url: str) -> float:
    """Processor time of the sessions that Milepost has on the server."""
    with psycopg.connect(url, application_name="benchmark") as connection:
        sessions = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'milepost'"
        ).fetchall()
    files = (Path(f"/proc/{pid}/schedstat") for (pid,) in sessions)
    return sum(int(file.read_text().split()[0]) for file in files if file.exists()) / 1e9


def _print(costs: dict[str, list[Cost]], count: int) -> None:
    print(f"{'µs an event':<28}{'elapsed':>10}{'here':>10}{'server':>10}{'events/s':>12}")
    for name, rounds in costs.items():
        elapsed, here, server = (statistics.median(one) / count * 1e6 for one in zip(*rounds, strict=True))
        shown = f"{server:>10.1f}" if name != "SQLite" else f"{'':>10}"
        print(f"{name:<28}{elapsed:>10.1f}{here:>10.1f}{shown}{1e6 / elapsed:>12,.0f}")
