"""A sender killed with -9 at each of its steps, on a channel that cannot take a message twice without harm: no message
is handed over twice, and of none is it forgotten that it may have been."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from engine.model.messages import Status
from engine.ports import MessageFilter
from engine.store.sqlite import SqliteStore
from tests.runtime.deliver_world import fill
from tests.services.sendgrid.client import SendGrid
from tests.support import ROOT

MESSAGES = 130  # more than one claim, and several groups of each
SIGKILLED = -9
GIVE_UP_S = 60


def start(folder: Path, url: str, crash_at: str = "") -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "tests.runtime.deliver_world", str(folder), url]
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, "MILEPOST_CRASH_AT": crash_at})


def run(folder: Path, url: str, crash_at: str = "") -> int:
    return start(folder, url, crash_at).wait(GIVE_UP_S)


def filled(folder: Path) -> set[str]:
    store = SqliteStore(folder / "milepost.db")
    expected = {one.id for one in fill(store, MESSAGES, channel="email")}
    store.close()
    return expected


def by_status(folder: Path) -> dict[Status, set[str]]:
    store = SqliteStore(folder / "milepost.db")
    found: dict[Status, set[str]] = {}
    for row in store.messages(MessageFilter()):
        found.setdefault(row.message.status, set()).add(row.message.id)
    store.close()
    return found


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("point", ["deliver.1", "deliver.2", "deliver.3", "deliver.5"])
def test_killed_where_nothing_was_under_way_each_is_sent_once(
    tmp_path: Path, sendgrid: SendGrid, point: str, nth: int
) -> None:
    expected = filled(tmp_path)
    assert run(tmp_path, sendgrid.url, f"{point}:{nth}") == SIGKILLED
    assert run(tmp_path, sendgrid.url) == 0
    assert by_status(tmp_path) == {Status.SENT: expected}
    assert Counter(sendgrid.ids()) == Counter(expected)


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize(("point", "taken"), [("deliver.begun", False), ("deliver.4", True)])
def test_killed_between_the_beginning_and_the_record_the_whole_group_is_unknown_and_never_sent_again(
    tmp_path: Path, sendgrid: SendGrid, point: str, taken: bool, nth: int
) -> None:
    expected = filled(tmp_path)
    assert run(tmp_path, sendgrid.url, f"{point}:{nth}") == SIGKILLED
    assert run(tmp_path, sendgrid.url) == 0
    assert run(tmp_path, sendgrid.url) == 0
    became = by_status(tmp_path)
    assert set(became) == {Status.SENT, Status.UNKNOWN}
    assert len(became[Status.UNKNOWN]) > 1
    assert became[Status.SENT] | became[Status.UNKNOWN] == expected
    assert Counter(sendgrid.ids()) == Counter(expected if taken else became[Status.SENT])


def test_killed_while_the_provider_answers_the_group_is_unknown_and_was_taken_once_at_most(
    tmp_path: Path, sendgrid: SendGrid
) -> None:
    expected = filled(tmp_path)
    sendgrid.befall({"after_s": 30.0})
    sender = start(tmp_path, sendgrid.url)
    while not sendgrid.ids():
        assert sender.poll() is None
    sender.kill()
    assert sender.wait(GIVE_UP_S) == SIGKILLED
    assert run(tmp_path, sendgrid.url) == 0
    became = by_status(tmp_path)
    assert became[Status.SENT] | became[Status.UNKNOWN] == expected
    assert became[Status.UNKNOWN]
    assert set(Counter(sendgrid.ids()).values()) == {1}
    assert became[Status.SENT] <= set(sendgrid.ids())


def test_killed_again_and_again_none_is_handed_over_twice(tmp_path: Path, sendgrid: SendGrid) -> None:
    expected = filled(tmp_path)
    points = ["deliver.4", "deliver.1", "deliver.begun", "deliver.3", "deliver.5:2", "deliver.4:2"]
    assert [run(tmp_path, sendgrid.url, point) for point in points] == [SIGKILLED] * len(points)
    assert run(tmp_path, sendgrid.url) == 0
    became = by_status(tmp_path)
    assert became[Status.SENT] | became[Status.UNKNOWN] == expected
    assert set(Counter(sendgrid.ids()).values()) == {1}
    assert became[Status.SENT] <= set(sendgrid.ids())
