"""Each test of a store's contract runs on every store, and on a share of one."""

import pytest

from engine.ports import Store
from tests.contracts.stores import on_postgres


@pytest.fixture(params=["sqlite_store", "memory_store", on_postgres("shared_store"), on_postgres("share")])
def store(request: pytest.FixtureRequest) -> Store:
    made: Store = request.getfixturevalue(request.param)
    return made
