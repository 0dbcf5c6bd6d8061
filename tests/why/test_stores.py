"""An account is the same on every store."""

from pathlib import Path

import pytest

from engine.ports import Store
from engine.store.postgres import PostgresStore
from tests.contracts.stores import on_postgres
from tests.why.cases import CASES
from tests.why.world import World

NAMES = ("capped", "broadcast", "schedule", "waiting-for-a-distance")


@pytest.fixture(params=["sqlite_store", on_postgres("share")])
def store(request: pytest.FixtureRequest) -> Store:
    made: Store = request.getfixturevalue(request.param)
    return made


@pytest.mark.parametrize("name", NAMES)
def test_it_is_the_one_that_memory_gives(name: str, store: Store, tmp_path: Path) -> None:
    case = CASES[name]
    journey = next(iter(case.journeys))
    told = []
    for one in (None, store):
        world = World(tmp_path / "project", case.journeys, case.policy)
        world.store = one or world.store
        world.happen(case.events, case.until)
        told.append(world.why(journey))
    assert told[0].chapters
    assert told[0] == told[1]


@pytest.mark.xdist_group("postgres")
def test_whoever_only_looks_at_a_database_shared_out_is_told_the_same(
    database: str, share: Store, tmp_path: Path
) -> None:
    case = CASES["broadcast"]
    world = World(tmp_path, case.journeys, case.policy)
    world.store = share
    world.happen(case.events, case.until)
    told = world.why("storm")
    looking = PostgresStore.open(database)
    world.store = looking
    try:
        assert world.why("storm") == told
    finally:
        looking.close()
