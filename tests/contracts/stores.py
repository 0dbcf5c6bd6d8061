"""The stores that there are, as fixtures; those on PostgreSQL share one database, which is emptied for each test."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from engine.ports import SharedStore, Store
from engine.store.memory import MemoryStore
from engine.store.postgres import PostgresStore, migrate
from engine.store.sqlite import SqliteStore
from tests.services.database import Postgres

PARTITIONS = 4
TABLES = (
    *("progress", "customers", "owners", "events", "messages", "announcements", "rejections", "fan_outs"),
    *("facts", "tasks", "publications", "goals", "contents", "deployments"),
    *("suppressions", "secrets", "pauses", "dealer_keys"),
    *("staff", "sessions", "guesses", "words", "dealings", "words_filled", "lookups", "lookups_shown"),
    "disputes",
    *("uploads", "upload_contents"),
)

one_server = pytest.mark.xdist_group("postgres")


def on_postgres(kind: str) -> object:
    return pytest.param(kind, marks=one_server)


@pytest.fixture(scope="session")
def migrated(postgres: Postgres) -> str:
    url = postgres.url("milepost")
    migrate(url)
    return url


@pytest.fixture
def database(migrated: str) -> str:
    """Where an empty database is that is ready for a store."""
    with psycopg.connect(migrated) as connection:
        connection.execute("DELETE FROM partitions WHERE part >= 0")
        for table in TABLES:
            connection.execute(f"DELETE FROM {table}".encode())
    return migrated


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    store = SqliteStore(tmp_path / "milepost.db")
    yield store
    store.close()


@pytest.fixture
def memory_store() -> Store:
    return MemoryStore(keep_log=True)


@pytest.fixture
def shared_store(database: str) -> Iterator[PostgresStore]:
    """The whole of one that has several partitions."""
    store = PostgresStore.open(database, partitions=PARTITIONS)
    yield store
    store.close()


@pytest.fixture
def share(database: str) -> Iterator[SharedStore]:
    """The share of an owner of all there is: one partition."""
    store = PostgresStore.open(database, partitions=1)
    yield store.share({0: store.take_over(0, "the test")})
    store.close()
