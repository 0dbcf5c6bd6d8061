"""Several processes on one database, and processes that are killed."""

import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from engine.model.errors import ServiceUnavailable
from engine.ports import MessageFilter
from engine.store.sqlite import RunLock, SqliteStore
from tests.contracts.samples import customer, customer_id, day, event, message
from tests.contracts.test_store_contract import everything

ROOT = Path(__file__).parents[2]


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    """A Python process of its own, in which `path` is the database."""
    opening = "import os, signal, sys; from pathlib import Path; path = Path(sys.argv[1])\n"
    imports = "from engine.store.sqlite import RunLock, SqliteStore\n"
    samples = (
        "from tests.contracts.samples import *\nfrom tests.contracts.test_store_contract import everything\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", opening + imports + samples + script, *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> int:
    process.communicate()
    return process.returncode


def test_what_was_committed_is_there_when_the_database_is_opened_again(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "milepost.db")
    with store.unit() as unit:
        everything(unit, 1)
    store.close()
    store = SqliteStore(tmp_path / "milepost.db")
    with store.unit() as unit:
        assert unit.seen([event(1).key]) == {event(1).key}
        assert unit.customers([customer_id(1)]) == {customer_id(1): customer(1, day(1))}
        assert unit.due(day(1), 9) == [customer(1, day(1))]
        assert unit.get("clock") == "1"
    assert [row.message for row in store.messages(MessageFilter())] == [message(1)]
    store.close()


def test_two_processes_that_count_on_one_customer_lose_no_update(tmp_path: Path) -> None:
    path = tmp_path / "milepost.db"
    script = """
store = SqliteStore(path)
for _ in range(100):
    with store.unit() as unit:
        known = unit.customers([customer_id(1)])
        unit.put([customer(1, arrivals=known[customer_id(1)].arrivals + 1 if known else 1)])
"""
    processes = [start(script, path) for _ in range(2)]  # both find no database, and both make it
    assert [finish(one) for one in processes] == [0, 0]
    store = SqliteStore(path)
    assert store.customers([customer_id(1)])[customer_id(1)].arrivals == 200
    store.close()


def test_a_process_killed_in_the_middle_of_a_unit_leaves_nothing_of_it(tmp_path: Path) -> None:
    path = tmp_path / "milepost.db"
    script = """
store = SqliteStore(path)
with store.unit() as unit:
    everything(unit, 1)
with store.unit() as unit:
    for n in range(2, 200):
        everything(unit, n)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    assert finish(start(script, path)) == -signal.SIGKILL
    store = SqliteStore(path)
    with store.unit() as unit:
        assert unit.seen([event(n).key for n in range(200)]) == {event(1).key}
        assert [one.id for one in unit.after("", 999)] == [customer_id(1)]
        assert unit.get("clock") == "1"
    assert len(list(store.messages(MessageFilter()))) == len(list(store.rejections())) == 1
    store.close()


def test_a_database_locked_for_too_long_says_so(tmp_path: Path) -> None:
    first = SqliteStore(tmp_path / "milepost.db")
    second = SqliteStore(tmp_path / "milepost.db", locked_ms=20)
    with first.unit() as unit:
        unit.set("clock", "1")
        with pytest.raises(ServiceUnavailable, match="locked") as refused, second.unit():
            pass
        assert "Another process" in refused.value.hint
        assert second.find([("mobile", "+1")]) == []  # looking needs no lock
    first.close()
    second.close()


def test_connections_of_other_threads_are_closed_with_the_store(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "milepost.db")
    thread = threading.Thread(target=lambda: store.customers(["c1"]))
    thread.start()
    thread.join()
    store.close()
    assert not (tmp_path / "milepost.db-wal").exists()  # the last connection removes it


# One `run` a database


def test_a_second_run_on_a_database_is_refused_and_told_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "milepost.db"
    other = start("with RunLock(path): print('locked', flush=True); sys.stdin.read()", path)
    assert other.stdout is not None
    assert other.stdout.readline() == "locked\n"
    with pytest.raises(ServiceUnavailable, match=f"process {other.pid}") as refused, RunLock(path):
        pass
    assert "MILEPOST_DATABASE_URL" in refused.value.hint
    with RunLock(tmp_path / "another.db"):
        pass
    assert finish(other) == 0
    with RunLock(path):
        pass


def test_a_killed_run_leaves_the_database_free(tmp_path: Path) -> None:
    path = tmp_path / "milepost.db"
    assert finish(start("with RunLock(path): os.kill(os.getpid(), signal.SIGKILL)", path)) == -signal.SIGKILL
    with RunLock(path):
        pass


def test_ingesting_and_looking_go_on_beside_a_run(tmp_path: Path) -> None:
    path = tmp_path / "milepost.db"
    with RunLock(path):
        running = SqliteStore(path)
        with running.unit() as unit:
            everything(unit, 1)
        ingest = start("with SqliteStore(path).unit() as unit: everything(unit, 2)", path)
        assert finish(ingest) == 0
        with running.unit() as unit:
            assert [one.id for one in unit.after("", 9)] == [customer_id(1), customer_id(2)]
        running.close()


def test_a_power_loss_in_the_middle_of_the_log_costs_the_end_and_nothing_else(tmp_path: Path) -> None:
    """Cuts the log off at every place a disk might have come to: what is left is the first so many units."""
    path = tmp_path / "milepost.db"
    store = SqliteStore(path)
    for n in range(6):
        with store.unit() as unit:
            everything(unit, n)
    database = path.read_bytes()
    log = path.with_name("milepost.db-wal").read_bytes()
    store.close()
    seen = set()
    for cut in range(0, len(log), len(log) // 40):
        copy = tmp_path / f"cut-{cut}.db"
        copy.write_bytes(database)
        copy.with_name(f"{copy.name}-wal").write_bytes(log[:cut])
        connection = sqlite3.connect(copy)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()
        left = SqliteStore(copy)
        with left.unit() as unit:
            units = len(unit.after("", 99))
            assert unit.seen([event(n).key for n in range(6)]) == {event(n).key for n in range(units)}
            assert unit.get("clock") == (str(units - 1) if units else None)
        assert len(list(left.messages(MessageFilter()))) == units
        left.close()
        seen.add(units)
    assert {0, 1, 2, 3, 4, 5} <= seen
