"""Nothing that was taken is lost, and the order of a customer's events stays, whatever fails."""

import json
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from engine.client import SpoolFull, State, sender
from engine.client.spool import FILE, SMALLEST_LIMIT_BYTES
from tests.client.conftest import Connect
from tests.client.inboxes import PATIENCE_S, first_times, make_inbox, numbered, records_of
from tests.services.broker import Kafka
from tests.support import ROOT

pytestmark = pytest.mark.xdist_group("kafka")


def in_order(bootstrap: str, prefix: str, count: int, customers: int = 7) -> bool:
    """Whether all of `numbered(0)` to `numbered(count - 1)` are there, perhaps some more, each customer's in order but
    for repetitions."""
    came = first_times(records_of(bootstrap, prefix)).values()
    numbers = sorted(one for customer in came for one in customer)
    return (
        all(customer == sorted(customer) for customer in came)
        and len(came) == min(count, customers)
        and len(numbers) >= count
        and numbers == list(range(len(numbers)))
    )


def test_a_broker_that_dies_and_one_that_is_away_from_the_start_get_everything_in_order(
    kafka: Kafka, prefix: str, connect: Connect, tmp_path: Path
) -> None:
    milepost = connect()
    first = milepost.send("purchase.recorded", numbered(0))
    assert first.wait(PATIENCE_S)
    with milepost.batch() as batch:
        for number in range(1, 3000):
            batch.send("purchase.recorded", numbered(number))
            if number == 1500:
                kafka.kill()
    assert milepost.backlog.events >= 1499

    elsewhere = f"{prefix}elsewhere."
    other = connect(prefix=elsewhere, spool=tmp_path / "other")
    deliveries = [other.send("purchase.recorded", numbered(number)) for number in range(20)]
    left = other.flush(timeout_s=0.5)
    assert left.events == 20
    assert "No broker can be reached" in left.trouble
    assert other.waiting(2) == [("/dealers/d001", one.id) for one in deliveries[:2]]
    assert {one.state for one in deliveries} == {State.SPOOLED}

    kafka.start()
    assert not milepost.flush(PATIENCE_S)
    assert in_order(kafka.bootstrap, prefix, 3000)
    assert other.flush(timeout_s=0.1).events == 20
    make_inbox(kafka.bootstrap, elsewhere)  # so long the topic was missing: told, and awaited
    assert not other.flush(PATIENCE_S)
    assert other.backlog.trouble == ""
    assert {one.state for one in deliveries} == {State.SENT}
    assert in_order(kafka.bootstrap, elsewhere, 20)


def test_what_a_client_leaves_the_next_one_sends_first(kafka: Kafka, prefix: str, connect: Connect) -> None:
    kafka.pause()
    with connect() as milepost:
        with milepost.batch() as batch:
            for number in range(10):
                batch.send("purchase.recorded", numbered(number), id=str(number))
        left = milepost.close(timeout_s=0.0)
    assert left.events == 10
    kafka.resume()
    told: list[str] = []
    with connect(on_delivery=lambda one: told.append(one.id)) as milepost:
        milepost.send("purchase.recorded", numbered(10), id="10")
    assert set(told) == {str(number) for number in range(11)}
    assert in_order(kafka.bootstrap, prefix, 11)


DEALER = """
import sys
sys.path.insert(0, {root!r})
from engine.client import Client
from tests.client.inboxes import numbered

milepost = Client({bootstrap!r}, source="/dealers/d001", spool={spool!r}, prefix={prefix!r})
number = int(sys.argv[1])
at = "2025-03-08T14:20:00+08:00"
while True:
    with milepost.batch() as batch:
        for _ in range(20):
            batch.send("purchase.recorded", numbered(number), id=str(number), time=at, recordedtime=at)
            number += 1
    print(number, flush=True)
"""


def test_a_dealers_process_that_is_killed_loses_nothing_that_it_sent(
    kafka: Kafka, prefix: str, connect: Connect, tmp_path: Path
) -> None:
    """Three processes after one another are killed with -9 in mid-sending, and go on with the same spool. What they say
    on the pipe has been sent: `send` had returned."""
    script = DEALER.format(
        root=str(ROOT), bootstrap=kafka.bootstrap, spool=str(tmp_path / "spool"), prefix=prefix
    )
    promised = 0
    for lines in (30, 60, 90):
        command = [sys.executable, "-c", script, str(promised)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as dealer:
            assert dealer.stdout is not None
            said = [dealer.stdout.readline() for _ in range(lines)]
            dealer.kill()
            said += dealer.stdout.read().splitlines()
        promised = int(said[-1])
    with connect() as milepost:
        assert not milepost.flush(PATIENCE_S)
    assert promised >= 3600
    assert in_order(kafka.bootstrap, prefix, promised)
    values: dict[str, bytes] = {}
    for one in records_of(kafka.bootstrap, prefix):  # what comes twice is the same, byte for byte
        assert values.setdefault(json.loads(one.value)["id"], one.value) == one.value


def large(number: int) -> dict[str, Any]:
    """Some forty of these fill the smallest spool."""
    return {**numbered(number), "note": "x" * 100_000}


def test_a_full_spool_is_an_error_that_says_why_and_room_comes_back(
    kafka: Kafka, prefix: str, connect: Connect
) -> None:
    kafka.pause()
    milepost = connect(spool_limit_bytes=SMALLEST_LIMIT_BYTES)
    taken = 0
    with pytest.raises(SpoolFull, match="holds") as full:
        for number in range(100):
            milepost.send("purchase.recorded", large(number))
            taken += 1
    assert taken == 41
    assert "41 events" in str(full.value)
    assert milepost.backlog.events == 41
    kafka.resume()
    assert not milepost.flush(PATIENCE_S)
    milepost.send("purchase.recorded", large(41)).wait(PATIENCE_S)
    assert in_order(kafka.bootstrap, prefix, 42)


def test_a_batch_that_finds_the_spool_full_keeps_what_it_has_for_another_try(
    kafka: Kafka, prefix: str, connect: Connect
) -> None:
    kafka.pause()
    milepost = connect(spool_limit_bytes=SMALLEST_LIMIT_BYTES)
    batch = milepost.batch()
    number = 0
    with pytest.raises(SpoolFull):
        for number in range(100):
            batch.send("purchase.recorded", large(number))
    kafka.resume()
    assert not milepost.flush(PATIENCE_S)
    batch.keep()
    assert not milepost.flush(PATIENCE_S)
    assert in_order(kafka.bootstrap, prefix, number + 1)


def test_nothing_personal_is_left_on_the_disk_nor_open_to_others(connect: Connect, tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    with connect() as milepost:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / FILE).stat().st_mode) == 0o600
        with milepost.batch() as batch:
            for number in range(200):
                batch.send("purchase.recorded", numbered(number))
    assert [one.name for one in folder.iterdir()] == [FILE]
    assert "王芳".encode() not in (folder / FILE).read_bytes()


def test_a_client_that_is_closed_while_the_broker_hangs_does_not_hang_and_leaves_no_thread(
    kafka: Kafka, connect: Connect
) -> None:
    before = set(threading.enumerate())
    sent = connect()
    assert sent.send("purchase.recorded", numbered(0)).wait(PATIENCE_S)
    kafka.pause()
    sent.send("purchase.recorded", numbered(1))
    assert sent.close(timeout_s=0.0).events == 1
    for number in (2, 3):
        client = connect()  # never gets as far as a line
        client.send("purchase.recorded", numbered(number))
        assert client.close(timeout_s=0.0).events == number
    kafka.resume()
    for one in set(threading.enumerate()) - before:
        one.join(PATIENCE_S)
    assert set(threading.enumerate()) <= before


def test_a_broker_that_hangs_is_told_and_a_new_line_opened_when_it_is_back(
    kafka: Kafka, prefix: str, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "STALLED_S", 0.2)
    milepost = connect()
    assert milepost.send("purchase.recorded", numbered(0)).wait(PATIENCE_S)
    kafka.pause()
    milepost.send("purchase.recorded", numbered(1))
    while "acknowledged nothing" not in milepost.flush(timeout_s=0.1).trouble:
        pass
    kafka.resume()
    assert not milepost.flush(PATIENCE_S)
    assert in_order(kafka.bootstrap, prefix, 2)


FORGETFUL = """
import sys
sys.path.insert(0, {root!r})
from engine.client import Client
from tests.client.inboxes import numbered

milepost = Client({bootstrap!r}, source="/dealers/d001", spool={spool!r}, prefix={prefix!r})
milepost.send("purchase.recorded", numbered(0)).wait()
milepost.send("purchase.recorded", numbered(1))
"""


def test_a_program_that_forgets_to_close_ends_all_the_same_and_sends_what_it_can(
    kafka: Kafka, prefix: str, tmp_path: Path
) -> None:
    names = {
        "root": str(ROOT),
        "bootstrap": kafka.bootstrap,
        "spool": str(tmp_path / "spool"),
        "prefix": prefix,
    }
    done = subprocess.run(
        [sys.executable, "-c", FORGETFUL.format(**names)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert in_order(kafka.bootstrap, prefix, 2)
