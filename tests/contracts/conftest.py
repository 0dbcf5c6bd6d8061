"""Every store that there is; each test of the contract runs on each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.ports import Store
from engine.store.memory import MemoryStore
from engine.store.sqlite import SqliteStore


@pytest.fixture(params=["sqlite", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    sqlite = request.param == "sqlite"
    made: Store = SqliteStore(tmp_path / "milepost.db") if sqlite else MemoryStore(keep_log=True)
    yield made
    made.close()
