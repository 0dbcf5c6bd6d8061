"""A worker with a toy stage, in a process of its own, and what tests ask of it.

The stage writes every call that it gets, with all that came with it, as one line into a file that all workers of a test
share: a batch is there whole or not at all, and nobody waits for anybody.
"""

import importlib
import json
import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from engine.bus.logs import log_to
from engine.bus.settings import BusSettings
from engine.bus.worker import Work, run_worker
from engine.ports import Bus, Idle, Produced, Record, TryAgain
from engine.runtime import crashpoints


@dataclass(kw_only=True)
class Toy:
    """`raises_at`, `again_at`, `stalls_at` are values at which a batch fails, asks twice to be repeated, hangs.
    `to` is the topic that values are written on to, `crash_at` where the process kills itself. A quiet one writes down
    only that it owns and owns no more."""

    worker: str
    topics: Sequence[str]
    settings: Mapping[str, object]
    pause_s: float = 0.0
    raises_at: str = "-"
    again_at: str = "-"
    stalls_at: str = "-"
    refuses: bool = False
    to: str = ""
    crash_at: str = ""
    quiet: bool = False
    companion: str = ""
    begins_at: int | None = None
    again: int = field(default=2, init=False, repr=False)


class ToyStage:
    def __init__(self, topic: str, journal: Path, toy: Toy) -> None:
        self._topic = topic
        self._journal = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._toy = toy

    def assigned(self, partition: int) -> int | None:
        self._write("assigned", partition)
        return self._toy.begins_at

    def handle(self, partition: int, records: Sequence[Record]) -> Sequence[Produced]:
        toy = self._toy
        values = {record.value.decode() for record in records}
        if toy.raises_at in values:
            raise ValueError(f"cannot do {toy.raises_at}")
        if toy.again_at in values and toy.again:
            toy.again -= 1
            raise TryAgain("not now")
        if toy.stalls_at in values:
            time.sleep(3600)
        time.sleep(toy.pause_s)
        if not toy.quiet:
            self._write("handle", partition, records[0].offset, records)
        return [Produced(toy.to, one.key, one.value, one.headers) for one in records] if toy.to else ()

    def done(self, partition: int, next_offset: int) -> None:
        if not self._toy.quiet:
            self._write("done", partition, next_offset)

    def idle(self, partition: int) -> Idle:
        del partition
        return Idle()

    def revoked(self, partition: int) -> None:
        self._write("revoked", partition)

    def _write(self, what: str, partition: int, offset: int = 0, records: Sequence[Record] = ()) -> None:
        call = {
            "worker": self._toy.worker,
            "what": what,
            "topic": self._topic,
            "partition": partition,
            "offset": offset,
            "records": [
                (one.offset, one.value.decode(), one.key and one.key.decode(), repr(list(one.headers)))
                for one in records
            ],
        }
        os.write(self._journal, json.dumps(call).encode() + b"\n")


def check_refuses() -> None:
    raise ConnectionError("secret of a customer")


def companion(what: str, stopped: threading.Event) -> None:
    if what == "raises":
        raise ValueError("cannot accompany")
    stopped.wait()


def run(journal: Path, log: Path, toy: Toy) -> NoReturn:
    """The process."""
    os.environ["MILEPOST_CRASH_AT"] = toy.crash_at
    importlib.reload(crashpoints)
    stream = log.open("a", buffering=1)
    os.dup2(stream.fileno(), 2)
    log_to(stream)

    def work(bus: Bus) -> Work:
        bus.metrics.counter("milepost_toys_total", "Of a stage's own").add(3)
        companions = [lambda stopped: companion(toy.companion, stopped)] if toy.companion else []
        stages = {topic: ToyStage(topic, journal, toy) for topic in toy.topics}
        return Work(stages=stages, companions=companions, **({"check": check_refuses} if toy.refuses else {}))

    code = run_worker(BusSettings(**toy.settings), work)  # type: ignore[arg-type]
    sys.exit(code)
