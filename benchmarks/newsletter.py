"""A newsletter from the ledger to its provider: recipients a second, all recorded durably, and the memory it takes.

The ledger has a message for each recipient, decided as the engine decides them; the email is of 5 KB, with a dozen of
the recipient's values in it. Senders are processes: each claims, renders, asks for consent once more, writes down that
it begins, hands over and writes down what became of it. The providers are those of the tests, as processes of their own
on the same cores: SendGrid's API, checking the shape of what it takes; and a mail server that takes pipelining and
forgets. Time is that from the first claim to the last outcome in the ledger. That every recipient was reached, each
once, is asserted.

Ways: `batches` (requests of a thousand personalizations); `single` (a request for each, of an email that can be no
form); `smtp`. Stores: `sqlite`, where one process sends, and `postgres`, where `--processes` share the partitions.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

import psutil

from benchmarks.newsletter_parts.fill import fill
from benchmarks.newsletter_parts.project import write_project
from benchmarks.site import Database, cpu_s
from benchmarks.speed import ROOT
from engine.ports import MessageFilter, Store
from engine.store.postgres import PostgresStore, migrate
from engine.store.sqlite import SqliteStore
from tests.services.database import find_programs
from tests.services.sendgrid.client import SendGrid
from tests.services.smtp_sink import Sink

RECIPIENTS, PARTITIONS = 100_000, 12
WAYS = ("batches", "single", "smtp")
STORES = ("sqlite", "postgres")
SAMPLE_S = 0.1
WITHIN_S = 3600.0


class Found(NamedTuple):
    """`memory_mb`: of all senders, at a third of the way, and at most."""

    way: str
    store: str
    processes: int
    recipients: int
    seconds: float
    cpu_us: float
    provider_us: float
    database_us: float
    early_mb: float
    peak_mb: float

    @property
    def per_s(self) -> float:
        return self.recipients / self.seconds


class Target(NamedTuple):
    """Where senders are led to, the provider's process, and what it has taken: all, and different ones."""

    settings: Mapping[str, str]
    pid: int
    taken: "Taken"


class Taken:
    def __init__(self, provider: SendGrid | Sink) -> None:
        self._provider = provider

    def counts(self) -> tuple[int, int]:
        if isinstance(self._provider, SendGrid):
            counts = self._provider.counts()
            return counts["taken"], counts["ids"]
        told = self._provider.counts()
        return told["messages"], told["recipients"]


def main(given: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks newsletter", description=__doc__)
    parser.add_argument("--recipients", type=int, default=RECIPIENTS)
    parser.add_argument("--way", choices=WAYS, action="append")
    parser.add_argument("--store", choices=STORES, action="append")
    parser.add_argument("--processes", type=int, action="append", help="on PostgreSQL; else one, then two")
    parser.add_argument("--rounds", type=int, default=1)
    asked = parser.parse_args(given)
    found: list[Found] = []
    for _ in range(asked.rounds):
        for store in asked.store or STORES:
            for processes in (asked.processes or (1, 2)) if store == "postgres" else (1,):
                for way in asked.way or WAYS:
                    found.append(measure(way, store, processes, asked.recipients))
                    print(_line(found[-1]), file=sys.stderr)
    print(_table(found))


def measure(way: str, store: str, processes: int, recipients: int) -> Found:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="milepost-newsletter-")))
        project = write_project(folder / "project", as_form=way != "single")
        database = (
            stack.enter_context(Database(find_programs(), quick=False)) if store == "postgres" else None
        )
        url = f"sqlite:///{folder / 'milepost.db'}" if database is None else database.url("newsletter")
        with _opened(url) as opened:
            fill(opened, project, recipients)
        target = stack.enter_context(_target(way))
        settings = {"MILEPOST_DATABASE_URL": url, "MILEPOST_DELIVERY_DIR": str(folder), **target.settings}
        provider = cpu_s(target.pid)
        served = 0.0 if database is None else cpu_s(database.pid)
        senders = _run(folder, project, settings, processes)
        provider = cpu_s(target.pid) - provider
        served = 0.0 if database is None else cpu_s(database.pid) - served
        taken = target.taken.counts()
        if taken != (recipients, recipients):
            raise AssertionError(f"{taken[0]} were taken, of {taken[1]} recipients; {recipients} were to be")
        with _opened(url) as opened:
            seconds = _seconds(opened, recipients)
    return Found(
        way,
        store,
        processes,
        recipients,
        seconds,
        senders.cpu_s / recipients * 1e6,
        provider / recipients * 1e6,
        served / recipients * 1e6,
        senders.early_mb,
        senders.peak_mb,
    )


@contextmanager
def _opened(url: str) -> Iterator[Store]:
    store: Store
    if url.startswith("sqlite"):
        store = SqliteStore(Path(url.removeprefix("sqlite:///")))
    else:
        migrate(url)
        store = PostgresStore.open(url, partitions=PARTITIONS)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _target(way: str) -> Iterator[Target]:
    if way == "smtp":
        with Sink() as sink:
            yield Target({"MILEPOST_EMAIL": f"smtp://127.0.0.1:{sink.port}"}, _pid(sink), Taken(sink))
        return
    with SendGrid("--fast") as server:
        settings = {
            "MILEPOST_EMAIL": "sendgrid",
            "MILEPOST_SENDGRID_URL": server.url,
            "SENDGRID_API_KEY": server.key,
        }
        yield Target(settings, server.pid, Taken(server))


def _pid(_sink: Sink) -> int:
    return next(one.pid for one in psutil.Process().children() if "smtp_sink" in " ".join(one.cmdline()))


class Senders(NamedTuple):
    cpu_s: float
    early_mb: float
    peak_mb: float


def _run(folder: Path, project: Path, settings: Mapping[str, str], processes: int) -> Senders:
    """Until all have ended."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MILEPOST_")}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    running = []
    for number in range(processes):
        share = f"{number}/{processes}"
        command = [sys.executable, "-m", "benchmarks.newsletter_parts.sender", str(project), share]
        environment = {**inherited, **settings, "PYTHONPATH": str(ROOT)}
        running.append(subprocess.Popen(command, cwd=folder, env=environment))
    samples: list[float] = []
    deadline = time.monotonic() + WITHIN_S
    while any(one.poll() is None for one in running):
        samples.append(sum(map(_rss_mb, running)))
        if time.monotonic() > deadline:
            for one in running:
                one.kill()
            raise AssertionError("the senders do not end")
        time.sleep(SAMPLE_S)
    if any(one.returncode for one in running):
        raise AssertionError("a sender has failed")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Senders(cpu, max(samples[: len(samples) // 3] or [0.0]), max(samples))


def _rss_mb(process: "subprocess.Popen[bytes]") -> float:
    try:
        return float(psutil.Process(process.pid).memory_info().rss) / 1e6
    except psutil.Error:
        return 0.0


def _seconds(store: Store, recipients: int) -> float:
    first = last = None
    count = 0
    for row in store.messages(MessageFilter()):
        assert row.sent_at is not None, row.message.status
        assert row.claimed_at is not None
        first = row.claimed_at if first is None else min(first, row.claimed_at)
        last = row.sent_at if last is None else max(last, row.sent_at)
        count += 1
    assert count == recipients
    assert first is not None
    assert last is not None
    return (last - first).total_seconds()


def _line(one: Found) -> str:
    return json.dumps({**one._asdict(), "per_s": round(one.per_s)})


def _table(found: Sequence[Found]) -> str:
    lines = [
        "| way | store | senders | recipients a second | sender's CPU µs each | provider's | database's |"
        " memory at first, MB | at most |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    keys = dict.fromkeys((one.way, one.store, one.processes) for one in found)
    for way, store, processes in keys:
        those = [one for one in found if (one.way, one.store, one.processes) == (way, store, processes)]

        def middle(name: str, those: Sequence[Found] = those) -> float:
            return median(getattr(one, name) for one in those)

        lines.append(
            f"| {way} | {store} | {processes} | {middle('per_s'):,.0f} | {middle('cpu_us'):,.0f} |"
            f" {middle('provider_us'):,.0f} | {middle('database_us'):,.0f} | {middle('early_mb'):,.0f} |"
            f" {middle('peak_mb'):,.0f} |"
        )
    return "\n".join(lines)
