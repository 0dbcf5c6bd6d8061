"""The schema of a file, looked at and brought up to date, without using the file as a store."""

import sqlite3
from pathlib import Path

from engine.store.schema import Migrated, Schema, version_of
from engine.store.sqlite.connections import unavailable
from engine.store.sqlite.migrations import applied
from engine.store.sqlite.store import SqliteStore


def migrate(path: Path) -> Migrated:
    """Brings the file to the newest schema, as opening it does; makes it where there is none. Raises
    `DatabaseTooNew` where it is beyond it and not readable."""
    before = version_of(schema_of(path))
    SqliteStore(path).close()
    return Migrated(before, version_of(schema_of(path)))


def schema_of(path: Path) -> Schema:
    """What the file has; nothing, where it is new or not there."""
    if not path.exists():
        return {}
    connection = sqlite3.connect(path)
    try:
        return applied(connection)
    except sqlite3.DatabaseError as error:
        raise unavailable(path, error) from error
    finally:
        connection.close()
