"""`python -m benchmarks sending` measures what it says, on as few events as one likes."""

import os
import subprocess
import sys

import pytest

from tests.services.broker import Kafka
from tests.support import ROOT


@pytest.mark.xdist_group("kafka")
def test_it_compares_the_client_with_the_bare_producer(kafka: Kafka) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "sending", "--events", "100", "--rounds", "1"],
        cwd=ROOT,
        env={**os.environ, "MILEPOST_KAFKA_BOOTSTRAP": kafka.bootstrap},
        capture_output=True,
        text=True,
        check=True,
    )
    head, *rows = done.stdout.splitlines()
    assert head.startswith("what")
    assert [row[:30].strip() for row in rows] == [
        "decode and check an event", "kafka-python alone", "client: check, spool, send",
    ]  # fmt: skip
