"""The benchmarks with workers measure what they say, on as few events and customers as one likes."""

import os
import subprocess
import sys

import pytest

from tests.services.broker import Kafka
from tests.support import ROOT

pytestmark = pytest.mark.xdist_group("kafka")


def table(kafka: Kafka, *arguments: str) -> list[list[str]]:
    """The rows that it prints; the last line, which is no row, as one of one cell."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        env={**os.environ, "MILEPOST_KAFKA_BOOTSTRAP": kafka.bootstrap},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if set(line) - set("|-:")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_workers_beside_what_only_decodes(kafka: Kafka) -> None:
    asked = ("--events", "400", "--customers", "50", "--rounds", "1", "--latency", "2")
    head, *rows, latency = table(kafka, "workers", *asked)
    assert head[0] == "events of 1024 bytes"
    assert [row[0] for row in rows] == [
        "decode and check an event", "aiokafka alone", "a bare Faust agent", "1 worker", "2 workers",
    ]  # fmt: skip
    assert latency[0].startswith("From an event to its queued message, one worker, ")


def test_a_fan_out_to_ten_times_as_many(kafka: Kafka) -> None:
    head, small, large = table(kafka, "fan-out", "--customers", "1000")
    assert head[0] == "customers"
    assert (small[0], large[0]) == ("100", "1,000")
    assert 0 < int(small[1]) < int(large[1]) < 1000


def test_a_backlogs_memory_by_tenths(kafka: Kafka) -> None:
    head, *tenths = table(kafka, "backlog", "--events", "500", "--customers", "50")
    assert head[0] == "of 500 events of 1024 bytes"
    assert [row[0] for row in tenths] == [f"{tenth} %" for tenth in range(10, 101, 10)]
