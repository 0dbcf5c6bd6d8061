"""`python -m benchmarks storing` measures what it says, in as few batches as one likes."""

import os
import subprocess
import sys

from tests.contracts.stores import one_server
from tests.services.database import Postgres
from tests.support import ROOT


@one_server
def test_it_holds_postgresql_against_sqlite(postgres: Postgres) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "storing", "--batches", "1", "--rounds", "1"],
        cwd=ROOT,
        env={**os.environ, "MILEPOST_DATABASE_URL": postgres.url("benchmark")},
        capture_output=True,
        text=True,
        check=True,
    )
    head, *rows = done.stdout.splitlines()
    assert head.startswith("µs an event")
    assert [row[:26].strip() for row in rows] == [
        "SQLite", "PostgreSQL, the whole", "PostgreSQL, a share of 12",
    ]  # fmt: skip
