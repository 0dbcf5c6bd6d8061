"""The sender, killed with -9 at each of its steps and started again: every message once, in folder and
ledger."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from engine.model.customer import ConsentStatement
from engine.model.messages import Status
from engine.ports import MessageFilter
from engine.runtime.deliver_outcomes import failed
from engine.store.sqlite import SqliteStore
from tests.contracts.samples import customer, day
from tests.runtime.deliver_world import fill

ROOT = Path(__file__).parents[2]
MESSAGES = 130  # more than one batch
SIGKILLED = -9


def run_sender(folder: Path, crash_at: str = "") -> int:
    command = [sys.executable, "-m", "tests.runtime.deliver_world", str(folder)]
    environment = {**os.environ, "MILEPOST_CRASH_AT": crash_at}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def assert_each_once(folder: Path, expected: set[str]) -> None:
    store = SqliteStore(folder / "milepost.db")
    rows = list(store.messages(MessageFilter()))
    store.close()
    assert {row.message.id for row in rows if row.message.status is Status.SENT} == expected
    assert all(row.attempts == 1 for row in rows if row.message.status is Status.SENT)
    delivered = [path for path in (folder / "out").rglob("*") if path.is_file()]
    letters = Counter(path.stem for path in delivered if path.suffix in {".pdf", ".eml", ".txt"})
    assert letters == Counter(expected)
    assert {path.suffix for path in delivered} <= {".pdf", ".eml", ".html", ".txt"}  # nothing half-done
    assert {row.place for row in rows if row.place} == {
        path.relative_to(folder / "out").as_posix() for path in delivered if path.suffix != ".html"
    }


@pytest.mark.parametrize(
    "point",
    [
        "deliver.1",
        "deliver.2:2",
        "deliver.3:2",
        "deliver.4",
        "deliver.4:5",
        "deliver.5",
        "deliver.5:7",
        "channel.written:20",
        "channel.renamed:20",
    ],
)
def test_killed_at_a_step_three_times_in_a_row(tmp_path: Path, point: str) -> None:
    store = SqliteStore(tmp_path / "milepost.db")
    expected = {one.id for one in fill(store, MESSAGES)}
    store.close()
    outcomes = [run_sender(tmp_path, point) for _ in range(3)]
    assert outcomes[0] == SIGKILLED
    assert set(outcomes) <= {SIGKILLED, 0}
    assert run_sender(tmp_path) == 0
    assert_each_once(tmp_path, expected)


def test_killed_at_one_step_after_the_other(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "milepost.db")
    expected = {one.id for one in fill(store, MESSAGES)}
    store.close()
    for n in range(8):
        point = ("deliver.4", "channel.written", "deliver.2", "channel.renamed")[n % 4]
        assert run_sender(tmp_path, f"{point}:{n % 4 + 1}") == SIGKILLED
    assert run_sender(tmp_path) == 0
    assert_each_once(tmp_path, expected)


def test_a_consent_withdrawn_between_crash_and_restart_stops_what_was_not_handed_over(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "milepost.db")
    messages = fill(store, 60)
    assert run_sender(tmp_path, "deliver.4:2") == SIGKILLED  # of three groups
    handed_over = {path.stem for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert len(handed_over) == 40
    withdrawn = {"letter/care": ConsentStatement(False, day(0.5), 2)}
    with store.unit() as unit:
        unit.put(customer(n, consents=withdrawn) for n in range(60))
    assert run_sender(tmp_path) == 0
    assert_each_once(tmp_path, handed_over)
    counts = Counter(row.message.status for row in store.messages(MessageFilter()))
    assert counts == {Status.SENT: 40, Status.SKIPPED: len(messages) - 40}
    store.close()


@pytest.mark.parametrize("point", ["deliver.1", "deliver.outage", "deliver.4:4", "deliver.5"])
def test_killed_while_a_channel_cannot_be_used(tmp_path: Path, point: str) -> None:
    store = SqliteStore(tmp_path / "milepost.db")
    messages = fill(store, MESSAGES)
    by_sms = {one.id for one in messages if one.channel == "sms"}
    in_the_way = tmp_path / "out" / "sms"
    in_the_way.parent.mkdir()
    in_the_way.write_text("in the way")
    assert run_sender(tmp_path, point) == SIGKILLED
    assert run_sender(tmp_path) == 0
    waiting = MessageFilter(statuses=frozenset({Status.QUEUED, Status.CLAIMED}))
    assert {row.message.id for row in store.messages(waiting)} == by_sms
    store.close()
    in_the_way.unlink()
    assert run_sender(tmp_path) == 0
    assert_each_once(tmp_path, {one.id for one in messages})


@pytest.mark.parametrize("point", ["deliver.4:3", "channel.written:10", "channel.renamed:10"])
def test_killed_just_before_its_channel_cannot_be_used_any_more(tmp_path: Path, point: str) -> None:
    """What was handed over is neither handed over again nor forgotten."""
    store = SqliteStore(tmp_path / "milepost.db")
    expected = {one.id for one in fill(store, MESSAGES)}
    store.close()
    assert run_sender(tmp_path, point) == SIGKILLED
    out, away = tmp_path / "out", tmp_path / "away"
    out.rename(away)
    out.write_text("in the way")
    assert run_sender(tmp_path, "deliver.outage") == SIGKILLED
    assert run_sender(tmp_path) == 0
    out.unlink()
    away.rename(out)
    assert run_sender(tmp_path) == 0
    assert_each_once(tmp_path, expected)


@pytest.mark.parametrize("point", ["deliver.1", "deliver.4:3", "channel.written:20"])
def test_killed_while_sending_what_was_queued_again(tmp_path: Path, point: str) -> None:
    store = SqliteStore(tmp_path / "milepost.db")
    expected = {one.id for one in fill(store, MESSAGES)}
    store.settle(failed(row, "no such template") for row in store.claim(day(0.5), MESSAGES))
    assert store.requeue(MessageFilter(), day(1)).queued == MESSAGES
    assert run_sender(tmp_path, point) == SIGKILLED
    assert store.requeue(MessageFilter(), day(1)).queued == 0
    store.close()
    assert run_sender(tmp_path) == 0
    assert_each_once(tmp_path, expected)
