"""Workers as processes, the history on its way to them, and what came of it."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import psutil
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from tests.distributed.history import CARE, Line
from tests.services.broker import Kafka
from tests.services.database import Postgres
from tests.services.server import free_ports
from tests.support import POLICY, ROOT, milepost, write_project

PARTITIONS = 6
SESSION_S = 6.0


class World:
    """A project, a database with its schema, topics; and the settings that lead there."""

    def __init__(
        self,
        folder: Path,
        kafka: Kafka,
        postgres: Postgres,
        name: str,
        *,
        journeys: Mapping[str, str] = CARE,
        policy: str = POLICY,
        files: Mapping[str, str] | None = None,
        **settings: str,
    ) -> None:
        self.kafka = kafka
        self.postgres = postgres
        self.folder = folder
        self.project = write_project(folder / "project", journeys, policy=policy, files=files)
        self.settings = {
            "MILEPOST_KAFKA_BOOTSTRAP": kafka.bootstrap,
            "MILEPOST_KAFKA_PREFIX": f"{name}.",
            "MILEPOST_KAFKA_PARTITIONS": str(PARTITIONS),
            "MILEPOST_KAFKA_SESSION_S": str(SESSION_S),
            "MILEPOST_DATABASE_URL": postgres.url(name),
            "MILEPOST_DATABASE_STALL_S": "5",
            "MILEPOST_CLOCK": "events",
            **settings,
        }
        self.run("migrate")
        self.run("topics")

    def run(self, *arguments: object, check: bool = True) -> "subprocess.CompletedProcess[str]":
        return milepost(*arguments, cwd=self.project, check=check, **self.settings)

    def worker(self, number: int) -> "Worker":
        return Worker(self, number)

    def records(self, topic: str) -> list[Any]:
        """All that a topic has, by the time at which it was written."""
        consumer = KafkaConsumer(bootstrap_servers=self.kafka.bootstrap, enable_auto_commit=False)
        name = self.settings["MILEPOST_KAFKA_PREFIX"] + topic
        partitions = [TopicPartition(name, number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        found: list[Any] = []
        while any(consumer.position(one) < ends[one] for one in partitions):
            found += [record for some in consumer.poll(timeout_ms=200).values() for record in some]
        consumer.close()
        return sorted(found, key=lambda record: record.timestamp)

    def ledger(self) -> list[dict[str, object]]:
        """The messages as `milepost messages` tells them."""
        import json  # noqa: PLC0415

        return [json.loads(line) for line in self.run("messages", "--format", "jsonl").stdout.splitlines()]


class Worker:
    """`milepost run`: a supervisor, and the worker that it starts again and again."""

    def __init__(self, world: World, number: int) -> None:
        self._world = world
        self._log = world.folder / f"worker-{number}.log"
        self.port = free_ports(1)[0]
        self._supervisor: subprocess.Popen[bytes] | None = None

    def start(self, *options: str) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MILEPOST_")}
        with self._log.open("ab") as log:
            self._supervisor = subprocess.Popen(
                [sys.executable, "-m", "engine.cli.main", "run", *options],
                cwd=self._world.project,
                env={
                    **inherited,
                    "PYTHONPATH": str(ROOT),
                    **self._world.settings,
                    "MILEPOST_HTTP_PORT": str(self.port),
                },
                stdout=log,
                stderr=log,
            )

    def page(self, path: str) -> tuple[int, str]:
        """The status and text of one of the worker's pages; 0 where there is nobody."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def metric(self, name: str) -> float:
        """The sum of what it counts under that name."""
        lines = self.page("/metrics")[1].splitlines()
        return sum(
            float(one.rpartition(" ")[2]) for one in lines if one.startswith((f"{name} ", f"{name}{{"))
        )

    @property
    def running(self) -> bool:
        return self._supervisor is not None and self._supervisor.poll() is None

    def child(self) -> psutil.Process | None:
        """The worker itself; None while there is none."""
        if not self.running:
            return None
        assert self._supervisor is not None
        found = psutil.Process(self._supervisor.pid).children()
        return found[0] if found else None

    def signal(self, number: int) -> None:
        """To the worker itself, if there is one just now."""
        child = self.child()
        if child is not None:
            child.send_signal(number)

    def kill_supervisor(self) -> None:
        assert self._supervisor is not None
        self._supervisor.kill()
        self._supervisor.wait()

    def wait(self, seconds: float) -> int:
        assert self._supervisor is not None
        return self._supervisor.wait(seconds)

    def stop(self) -> None:
        """As an operator does."""
        if self.running:
            assert self._supervisor is not None
            self._supervisor.terminate()
            self._supervisor.wait(60)

    def end(self) -> None:
        """Whatever state it is in."""
        if self._supervisor is None:
            return
        child = self.child()
        for one in (child, psutil.Process(self._supervisor.pid) if self.running else None):
            if one is not None and one.is_running():
                one.kill()
        self._supervisor.wait()

    def log(self) -> str:
        return self._log.read_text("utf-8", "replace") if self._log.exists() else ""


class Feeding:
    """Writes a history to the inbox in order of arrival: the next line only when the broker has the one before, so that
    nothing overtakes anything, whatever happens to the broker."""

    def __init__(self, world: World) -> None:
        self._topic = world.settings["MILEPOST_KAFKA_PREFIX"] + "care.inbox"
        self._producer = KafkaProducer(
            bootstrap_servers=world.kafka.bootstrap,
            acks="all",
            delivery_timeout_ms=120_000,
            request_timeout_ms=5_000,
            max_block_ms=120_000,
        )

    def send(self, lines: Sequence[Line], rate: float, between: Callable[[], None]) -> None:
        """At most `rate` lines a second; `between` is called after each."""
        began = time.monotonic()
        for number, line in enumerate(lines):
            self._producer.send(self._topic, key=line.key, value=line.value).get(120)
            between()
            ahead = began + number / rate - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)

    def close(self) -> None:
        self._producer.close()


class Chaos:
    """What goes wrong, drawn from a seed: a worker killed, its supervisor killed, a worker stopped for longer than its
    session and let on again, the broker or the database restarted."""

    def __init__(self, world: World, workers: Sequence[Worker], seed: int, every_s: float) -> None:
        self._world = world
        self._workers = workers
        self._random = random.Random(seed)
        self._every_s = every_s
        self._next = time.monotonic() + every_s
        self._stopped: list[tuple[float, psutil.Process]] = []
        self.done: list[str] = []

    def step(self) -> None:
        """Does the next thing, if its time has come."""
        now = time.monotonic()
        for until, process in list(self._stopped):
            if now >= until:
                self._stopped.remove((until, process))
                _let_on(process)
        for worker in self._workers:
            if not worker.running:
                worker.start()
        if now < self._next:
            return
        self._next = now + self._every_s * self._random.uniform(0.5, 1.5)
        what = self._random.choices(
            ["kill worker", "kill supervisor", "stop worker", "restart broker", "restart database"],
            [5, 2, 2, 1, 1],
        )[0]
        self.done.append(what)
        self._do(what, self._random.choice(self._workers))

    def _do(self, what: str, worker: Worker) -> None:
        if what == "kill worker":
            worker.signal(signal.SIGKILL)
        elif what == "kill supervisor":
            worker.kill_supervisor()
        elif what == "stop worker":
            child = worker.child()
            if child is not None:
                child.send_signal(signal.SIGSTOP)
                self._stopped.append((time.monotonic() + SESSION_S + 4, child))
        elif what == "restart broker":
            self._world.kafka.restart()
        else:
            self._world.postgres.restart()

    def end(self) -> None:
        """All that was stopped goes on."""
        for _, process in self._stopped:
            _let_on(process)
        self._stopped.clear()


def _let_on(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGCONT)
