"""Topics, records and workers of one test."""

import asyncio
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition

from tests.bus import toy
from tests.services.server import free_ports

_processes = multiprocessing.get_context(
    "forkserver"
)  # real processes, without each importing all of it anew
_processes.set_forkserver_preload(["tests.bus.toy"])

ROOT = Path(__file__).parents[2]
LONG_S = 60.0
QUICK = {"session_timeout_s": 3.0, "request_timeout_s": 10.0, "commit_interval_s": 0.1}


def until(condition: Callable[[], Any], what: str = "", within_s: float = LONG_S) -> Any:
    """Waits for something that happens elsewhere."""
    deadline = time.monotonic() + within_s
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {within_s:g} s: {what or condition}"
        time.sleep(0.02)
    return value


@dataclass(frozen=True)
class Call:
    """`offset` is that of a batch's first record; for `done`, where the next one begins."""

    worker: str
    what: str
    topic: str
    partition: int
    offset: int
    records: Sequence[Sequence[Any]]


class World:
    def __init__(
        self, bootstrap: str, producer: KafkaProducer, admin: KafkaAdminClient, folder: Path
    ) -> None:
        self.bootstrap = bootstrap
        self._admin = admin
        self.name = f"test-{uuid.uuid4().hex[:8]}"
        self.port = free_ports(1)[0]
        self._producer = producer
        self._folder = folder
        self._journal = folder / "journal"
        self._journal.touch()
        self._lines = self._journal.open()
        self._line = ""  # the beginning of one that is being written
        self._calls: list[Call] = []
        self._running: dict[str, Any] = {}
        self._supervisors: list[subprocess.Popen[bytes]] = []

    # Kafka

    def topic(self, partitions: int, name: str = "in") -> str:
        made = f"{self.name}-{name}"
        with_options = {made: {"num_partitions": partitions, "replication_factor": 1}}
        self._admin.create_topics(with_options, wait_for_metadata=True)
        return made

    def send(self, topic: str, values: Iterable[object]) -> None:
        """Each value as text, under itself as key."""
        for value in values:
            text = str(value).encode()
            self._producer.send(topic, text, key=text, headers=[("n", text)])
        self._producer.flush()

    def send_many(self, topic: str, count: int, size: int) -> int:
        """Numbers, each made longer to `size` bytes; twice as fast."""

        async def send() -> None:
            async with AIOKafkaProducer(bootstrap_servers=self.bootstrap, linger_ms=5) as producer:
                for number in range(count):
                    text = str(number).encode()
                    await producer.send(topic, text.ljust(size, b"."), key=text)
                await producer.flush()

        asyncio.run(send())
        return count

    def ports(self, count: int) -> list[int]:
        return free_ports(count)

    def committed(self, topic: str, group: str = "") -> dict[int, int]:
        """By partition."""
        group = group or self.name
        offsets = self._admin.list_group_offsets(group)[group]
        return {one.partition: offset.offset for one, offset in offsets.items() if one.topic == topic}

    def values(self, topic: str, partitions: int) -> list[list[str]]:
        """All that a topic holds now, by partition."""
        consumer = KafkaConsumer(bootstrap_servers=self.bootstrap, auto_offset_reset="earliest")
        wanted = [TopicPartition(topic, number) for number in range(partitions)]
        consumer.assign(wanted)
        consumer.seek_to_beginning(*wanted)
        ends = consumer.end_offsets(wanted)
        found: dict[TopicPartition, list[str]] = {one: [] for one in wanted}
        while any(consumer.position(one) < ends[one] for one in wanted):
            for one, records in consumer.poll(timeout_ms=200).items():
                found[one] += [record.value.decode() for record in records]
        consumer.close()
        return [found[one] for one in wanted]

    # Workers

    def settings(self, **more: object) -> dict[str, object]:
        return {"bootstrap": self.bootstrap, "group": self.name, "web_port": self.port, **QUICK, **more}

    def start(self, worker: str, *topics: str, settings: dict[str, object] | None = None, **how: Any) -> Any:
        one = toy.Toy(worker=worker, topics=topics, settings=self.settings(**(settings or {})), **how)
        process = _processes.Process(
            target=toy.run, args=(self._journal, Path(self._log(worker)), one), name=worker
        )
        process.start()
        self._running[worker] = process
        return process

    def start_supervised(self, worker: str, *topics: str, settings: dict[str, object], **how: Any) -> Any:
        """The supervisor."""
        one = toy.Toy(worker=worker, topics=topics, settings=self.settings(**settings), **how)
        work = f"from tests.bus.toy import *; run(Path({str(self._journal)!r}), Path({self._log(worker)!r}), {one!r})"
        command = f"from engine.bus.supervisor import supervise; sys.exit(supervise([sys.executable, '-c', {work!r}]))"
        supervisor = subprocess.Popen([sys.executable, "-c", f"import sys; {command}"], cwd=ROOT)
        self._supervisors.append(supervisor)
        return supervisor

    def stop(self, worker: str) -> int:
        """In good order; the exit code."""
        os.kill(self._running[worker].pid, signal.SIGTERM)
        return self.ended(worker)

    def ended(self, worker: str, within_s: float = LONG_S) -> int:
        process = self._running[worker]
        process.join(within_s)
        assert process.exitcode is not None, f"{worker} goes on; its log:\n{self.log_text(worker)}"
        return int(process.exitcode)

    def log_text(self, worker: str) -> str:
        return Path(self._log(worker)).read_text()

    def _log(self, worker: str) -> str:
        return str(self._folder / f"{worker}.log")

    def log(self, worker: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log_text(worker).splitlines()]

    def end(self) -> None:
        self._lines.close()
        for supervisor in self._supervisors:
            supervisor.kill()  # its worker ends by itself
            supervisor.wait()
        for process in self._running.values():
            if process.is_alive():
                process.kill()
            process.join()

    # What the stages have seen

    def calls(self, *whats: str, worker: str = "") -> "list[Call]":
        """All of these kinds so far, in order."""
        *whole, self._line = (self._line + self._lines.read()).split("\n")
        self._calls += [Call(**json.loads(line)) for line in whole]
        return [
            call
            for call in self._calls
            if (not whats or call.what in whats) and (not worker or call.worker == worker)
        ]

    def records(self, topic: str) -> dict[tuple[int, int], Sequence[Any]]:
        """Value, key, headers of each by partition and offset, however often it came."""
        return {
            (call.partition, offset): rest
            for call in self.calls("handle")
            if call.topic == topic
            for offset, *rest in call.records
        }

    def seen(self, topic: str) -> int:
        return len(self.records(topic))

    def read(self, topic: str) -> list[list[str]]:
        """The values by partition, in order of offset."""
        found: dict[int, list[str]] = {}
        for (partition, _), (value, *_) in sorted(self.records(topic).items()):
            found.setdefault(partition, []).append(value)
        return [found[partition] for partition in sorted(found)]

    def owned(self, worker: str) -> set[int]:
        owned: set[int] = set()
        for call in self.calls("assigned", "revoked", worker=worker):
            (owned.add if call.what == "assigned" else owned.discard)(call.partition)
        return owned


def in_order(values: Sequence[Sequence[str]]) -> bool:
    """Whether each partition has its numbers in the order in which they were sent."""
    return all([int(one) for one in part] == sorted(int(one) for one in part) for part in values)
