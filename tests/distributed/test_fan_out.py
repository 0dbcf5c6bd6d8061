"""A broadcast goes through the customers of each partition by chunks; whoever is killed in the middle of it, everybody
gets it once."""

import os
import random
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from engine.model.customer import Customer, Stated
from engine.model.ids import derive
from engine.ports import FanOut, MessageFilter
from engine.runtime.fan_outs import CHUNK
from engine.store.postgres import PostgresStore
from tests.contracts.stores import one_server
from tests.distributed.due import do_what_is_due
from tests.store.meanwhile import until
from tests.support import ROOT, local, write_project

pytestmark = one_server

PARTITIONS = 2
MANY = 5 * CHUNK
NEWS = (
    "purpose: service\nstart: {{schedule: monthly, at: '10:00', audience: customer.mobile}}\n{pace}"
    "steps:\n  - send: hello\n    by: sms\n"
)
BEFORE, FIRST_OF_APRIL = local("2025-03-20 12:00"), local("2025-04-01 10:00")
SEED = int(os.environ.get("MILEPOST_TEST_SEED", "20251122"))


class World:
    """A database whose schedules have begun, with customers whom the next newsletter is for."""

    def __init__(self, url: str, folder: Path, customers: int, pace: str = "") -> None:
        self.url = url
        self.project = write_project(folder, {"news": NEWS.format(pace=pace)})
        self.store = PostgresStore.open(url, partitions=PARTITIONS)
        self.customers = customers
        do_what_is_due(self.store, self.project, BEFORE)
        with self.store.unit() as unit:
            unit.put(
                Customer(id=derive("customer", str(n)), profile={"mobile": Stated(f"+86138{n:08}", BEFORE)})
                for n in range(customers)
            )

    def worker(self, crash_at: str = "") -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "tests.distributed.due", self.url, str(self.project), str(FIRST_OF_APRIL)],
            cwd=ROOT,
            env={**os.environ, "MILEPOST_CRASH_AT": crash_at},
        )

    def had(self) -> list[str]:
        """To whom messages were decided."""
        return [row.message.customer_id for row in self.store.messages(MessageFilter())]

    def assert_all_had_it_once(self) -> None:
        had = self.had()
        assert len(had) == len(set(had)) == self.customers


@pytest.mark.parametrize(
    ("point", "had"),
    [
        ("advance.fan-out", 0),  # the moment is taken, nobody has had it
        ("advance.5:2", CHUNK),  # in the second chunk, all but committed
        ("advance.6:2", 2 * CHUNK),  # between the second chunk and the third
        ("advance.fan-out:2", MANY // 2),  # between one partition and the next
    ],
)
def test_killed_at_a_chunks_edge(database: str, tmp_path: Path, point: str, had: int) -> None:
    world = World(database, tmp_path, MANY)
    assert world.worker(crash_at=point).wait(60) == -signal.SIGKILL
    assert len(world.had()) == pytest.approx(had, abs=CHUNK // 5)  # so evenly they are shared out
    assert world.worker().wait(60) == 0
    world.assert_all_had_it_once()
    world.store.close()


def test_killed_anywhere_again_and_again(database: str, tmp_path: Path) -> None:
    """A progress is drawn, at which a worker is killed, wherever it is by then; and the next, and the next."""
    world = World(database, tmp_path, MANY)
    drawn = random.Random(SEED)
    with psycopg.connect(database, autocommit=True) as connection:

        def done() -> int:
            [(count,)] = connection.execute("SELECT count(*) FROM messages").fetchall()
            return int(count)

        for reaches in sorted(drawn.sample(range(CHUNK, MANY), 3)):
            worker = world.worker()
            until(lambda reaches=reaches, worker=worker: done() >= reaches or worker.poll() is not None)
            worker.kill()
            worker.wait()
    assert world.worker().wait(60) == 0
    world.assert_all_had_it_once()
    world.store.close()


def test_partitions_keep_the_pace_together(database: str, tmp_path: Path) -> None:
    """Sixty an hour, half of them from each partition."""
    world = World(database, tmp_path, 200, pace="pace: 60 per hour\n")
    for minutes, had in ((10, 10), (30, 30), (60, 60), (170, 170), (300, 200)):
        do_what_is_due(world.store, world.project, FIRST_OF_APRIL + timedelta(minutes=minutes))
        assert len(world.had()) == had
    world.assert_all_had_it_once()
    world.store.close()


def test_how_far_one_by_hand_is_is_the_mean_of_all_partitions(database: str) -> None:
    """One is in the middle, one is done, two have not begun: three eighths, also once it was stopped."""
    store = PostgresStore.open(database, partitions=4)
    fan_out = FanOut(id="f", journey="news", at=BEFORE, by_hand=True)
    assert store.begin_broadcast(fan_out, shared=True)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("UPDATE fan_outs SET cursor = %s, begun = 100 WHERE part = 0", ["8" + "0" * 31])
        connection.execute("UPDATE fan_outs SET cursor = 'f', begun = 200, done = true WHERE part = 1")
    [course] = store.courses_of("news")
    assert (course.share, course.fan_out.begun, course.fan_out.done) == (0.375, 300, False)
    store.stop_broadcasts("news", BEFORE + timedelta(hours=1), shared=True)
    [course] = store.courses_of("news")
    assert (course.share, course.fan_out.done) == (0.375, True)
    assert course.fan_out.stopped == BEFORE + timedelta(hours=1)
    store.close()
