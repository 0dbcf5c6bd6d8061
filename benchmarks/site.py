"""A broker, a database server and workers on them, as processes of their own, for what is measured from outside."""

import contextlib
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, Self

import psutil
import psycopg
from kafka import KafkaProducer
from psycopg import sql

from benchmarks.care_plan import care_plan_project
from benchmarks.speed import ROOT
from benchmarks.traffic import Keyed
from engine.bus.settings import BusSettings
from engine.bus.topics import TopicSettings, ensure
from engine.client.broker import OPTIONS
from engine.runtime.stages import Topics
from tests.services.broker import Kafka, prepare
from tests.services.database import Postgres, find_programs
from tests.services.server import free_ports

PARTITIONS = 12
START_S, STOP_S = 60.0, 60.0
LOOK_S = 0.1


class Database(Postgres):
    """It remembers when each transaction was committed."""

    def configure(self) -> None:
        super().configure()
        with (self.folder / "data" / "postgresql.conf").open("a") as file:
            file.write("track_commit_timestamp = on\nmax_wal_size = 4GB\n")

    def copy(self, original: str, name: str) -> str:
        """A database that holds what another one does, which nobody is connected to."""
        url = self.url(name)
        with self._connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER milepost").format(
                    sql.Identifier(name), sql.Identifier(original)
                )
            )
        return url


class Broker(NamedTuple):
    """One that runs already."""

    bootstrap: str
    pid: int = 0


class Servers(NamedTuple):
    kafka: Kafka | Broker
    database: Database
    folder: Path


@contextmanager
def servers() -> Iterator[Servers]:
    """Of this benchmark's own, as fast as they can be, writing to the disk for good; the broker that
    MILEPOST_KAFKA_BOOTSTRAP names, where it does."""
    named = os.environ.get("MILEPOST_KAFKA_BOOTSTRAP")
    with (
        TemporaryDirectory(prefix="milepost-benchmark-") as folder,
        nullcontext(Broker(named)) if named else Kafka(prepare(), quick=False) as kafka,
        Database(find_programs(), quick=False) as database,
    ):
        yield Servers(kafka, database, Path(folder))


class Site:
    """Topics under a prefix, a database, and the settings that lead a worker there."""

    def __init__(self, servers: Servers, name: str, url: str, project: Path | None = None) -> None:
        self._servers = servers
        self.project = project or care_plan_project()
        self.url = url
        self.topics = Topics.prefixed(f"{name}.")
        self.folder = servers.folder / name
        self.folder.mkdir()
        self.settings = {
            "MILEPOST_KAFKA_BOOTSTRAP": servers.kafka.bootstrap,
            "MILEPOST_KAFKA_PREFIX": f"{name}.",
            "MILEPOST_KAFKA_PARTITIONS": str(PARTITIONS),
            "MILEPOST_DATABASE_URL": url,
            "MILEPOST_DELIVERY_DIR": str(self.folder / "delivered"),
        }
        bus = BusSettings(bootstrap=servers.kafka.bootstrap)
        ensure(bus, TopicSettings(names=self.topics, partitions=PARTITIONS), mend=False)

    @property
    def bootstrap(self) -> str:
        return self._servers.kafka.bootstrap

    def produce(self, records: Iterable[Keyed], sent: Callable[[int], float | None] = lambda _: None) -> None:
        """To the inbox. `sent` is told the number of each, and may say until when (of the monotonic clock) it is to
        wait before the next."""
        producer = KafkaProducer(bootstrap_servers=self.bootstrap, **OPTIONS)
        for number, record in enumerate(records):
            producer.send(self.topics.inbox, record.value, record.key)
            until = sent(number)
            if until is not None:
                time.sleep(max(until - time.monotonic(), 0.0))
        producer.flush()
        producer.close()

    def ask(self, question: str, *parameters: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, application_name="benchmark") as connection:
            return connection.execute(question.encode(), parameters).fetchall()

    def progress(self) -> dict[str, int]:
        """How many records each stage has done."""
        found = self.ask("SELECT stage, sum(next_offset)::bigint FROM progress GROUP BY stage")
        return {"inbox": 0, "events": 0, **dict(found)}

    def server_cpu_s(self) -> dict[str, float]:
        """So far, of all processes of each server."""
        return {"broker": cpu_s(self._servers.kafka.pid), "database": cpu_s(self._servers.database.pid)}


class Worker:
    """`milepost run` as it is: a supervisor, and the worker that it starts. Ends with the `with` block."""

    def __init__(self, site: Site, number: int = 0, settings: Mapping[str, str] | None = None) -> None:
        self.site = site
        self._log = site.folder / f"worker-{number}.log"
        self._port = free_ports(1)[0]
        self._settings = {**site.settings, "MILEPOST_HTTP_PORT": str(self._port), **(settings or {})}

    def __enter__(self) -> Self:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MILEPOST_")}
        with self._log.open("ab") as log:
            self._supervisor = subprocess.Popen(
                [sys.executable, "-m", "engine.cli.main", "run", "--project", str(self.site.project)],
                cwd=self.site.folder,
                env={**inherited, **self._settings, "PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=log,
            )
        return self

    def __exit__(self, *_: object) -> None:
        child = self.process()
        self._supervisor.terminate()
        try:
            self._supervisor.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._supervisor.kill()
            if child is not None:
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.kill()

    def process(self) -> psutil.Process | None:
        """The worker itself, once there is one."""
        try:
            found = psutil.Process(self._supervisor.pid).children()
        except psutil.NoSuchProcess:
            raise RuntimeError(f"the worker has ended:\n{self.log()}") from None
        return found[0] if found else None

    def cpu_s(self) -> float:
        child = self.process()
        return 0.0 if child is None else cpu_s(child.pid)

    def rss_bytes(self) -> int:
        child = self.process()
        return 0 if child is None else int(child.memory_info().rss)

    def is_ready(self) -> bool:
        return self._page("/health/ready") is not None

    def metric(self, line: str) -> float:
        """What `/metrics` says of it; 0 where it says nothing yet."""
        page = self._page("/metrics") or ""
        return next((float(one.split()[-1]) for one in page.splitlines() if one.startswith(f"{line} ")), 0.0)

    def _page(self, path: str) -> str | None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}{path}", timeout=5) as answer:
                return str(answer.read(), "utf-8")
        except OSError:
            return None

    def log(self) -> str:
        return self._log.read_text("utf-8", "replace")[-4000:]


def cpu_s(pid: int) -> float:
    """Processor time of a process and of all that it has started; 0 where it is not known which."""
    if not pid:
        return 0.0
    process = psutil.Process(pid)
    living = 0.0
    for child in process.children():
        with contextlib.suppress(psutil.NoSuchProcess):
            living += sum(child.cpu_times()[:2])
    return float(sum(process.cpu_times()[:4])) + living


def until(what: str, ask: Callable[[], bool], within_s: float, every_s: float = LOOK_S) -> None:
    """Returns when it is so; raises where it does not become so."""
    give_up = time.monotonic() + within_s
    while not ask():
        if time.monotonic() > give_up:
            raise TimeoutError(f"after {within_s:.0f} s still not: {what}")
        time.sleep(every_s)
