"""Words for customers who were there before words were kept."""

import sqlite3
from pathlib import Path

import psycopg
import pytest
from msgspec.structs import replace

from engine.ports import Store
from engine.store.postgres import PostgresStore
from engine.store.sqlite import SqliteStore
from engine.wiring.reception import fill, search
from tests.contracts.stores import one_server
from tests.contracts.test_reception_contract import LI, WANG, came

BEFORE = (
    "DELETE FROM words",
    "DELETE FROM dealings",
    "DELETE FROM words_filled",
    "INSERT INTO words_filled (cursor) VALUES ('')",
)


def put(store: Store) -> None:
    with store.unit() as unit:
        unit.put([WANG, LI, *(replace(WANG, id=f"{n:032}") for n in range(1200))])
        unit.log([came(LI, "d002", "e1")])


def is_filled(store: Store) -> None:
    assert search(store, "京A12399", "CN", None).customers == ()
    assert fill(store) == 3
    assert search(store, "京A12399", "CN", "d002").customers == (LI.id,)
    assert fill(store) == 0
    with store.unit() as unit:
        [known] = unit.customers([LI.id]).values()
        unit.put([replace(known, vehicles={}, version=known.version + 1)])
    assert search(store, "京A12399", "CN", None).customers == ()


def test_they_are_filled_on_sqlite(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "milepost.db")
    put(store)
    store.close()
    with sqlite3.connect(tmp_path / "milepost.db") as connection:
        for statement in BEFORE:
            connection.execute(statement)
    connection.close()
    store = SqliteStore(tmp_path / "milepost.db")
    is_filled(store)
    store.close()


@one_server
def test_they_are_filled_on_postgresql(shared_store: PostgresStore, database: str) -> None:
    put(shared_store)
    with psycopg.connect(database) as connection:
        for statement in BEFORE:
            connection.execute(statement.encode())
    is_filled(shared_store)


@pytest.mark.parametrize("dealer", [None, "d002"])
def test_a_new_database_has_nothing_to_fill(tmp_path: Path, dealer: str | None) -> None:
    store = SqliteStore(tmp_path / "milepost.db")
    put(store)
    assert not store.fill_words(9)
    assert search(store, "京A12399", "CN", dealer).customers == (LI.id,)
    store.close()
