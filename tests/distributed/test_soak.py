"""The crash test that counts, in short; `python -m tests.distributed.soak` is the long one."""

import os
from pathlib import Path

import pytest

from tests.distributed.history import history
from tests.distributed.soak import soak, whole_language
from tests.services.broker import Kafka
from tests.services.database import Postgres


@pytest.mark.xdist_group("soak")
def test_whatever_is_killed_the_ledger_is_what_the_simulation_says(
    tmp_path: Path, kafka: Kafka, postgres: Postgres
) -> None:
    seed = int(os.environ.get("MILEPOST_SOAK_SEED", "20251122"))
    world = whole_language(tmp_path, kafka, postgres)
    lines = history(seed, 900, 400)[:1500]
    assert soak(world, lines, seed, rate=50.0, every_s=5.0, tell=print) == []
