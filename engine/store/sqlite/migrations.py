"""The schema of a SQLite file, brought up to date whenever it is opened."""

import sqlite3
from collections.abc import Iterator, Mapping

from engine.store.schema import Migrated, Schema, Step, refuse_newer, steps, version_of

_VERSION_TABLE = """
CREATE TABLE IF NOT EXISTS schema_version (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    readable_by INTEGER
) STRICT
"""
_COLUMNS = "SELECT name FROM pragma_table_info('schema_version')"
_APPLIED = "INSERT INTO schema_version (version, name, readable_by) VALUES (?, ?, ?)"


def migrate(connection: sqlite3.Connection, known: Mapping[int, Step] | None = None) -> Migrated:
    """Brings the database to the newest schema. Raises `DatabaseTooNew` where it is beyond it, and not readable."""
    todo = steps(__package__) if known is None else known
    newest = max(todo)
    present = applied(connection)
    refuse_newer(present, newest, _file(connection))
    before = version_of(present)
    if before >= newest:
        return Migrated(before, before)
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(_VERSION_TABLE)
        if "readable_by" not in _columns(connection):
            connection.execute("ALTER TABLE schema_version ADD COLUMN readable_by INTEGER")
        before = version_of(applied(connection))  # again: another process may have done it meanwhile
        for number in range(before + 1, newest + 1):
            name, script, readable_by = todo[number]
            for statement in statements(script):
                connection.execute(statement)
            connection.execute(_APPLIED, (number, name, readable_by))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return Migrated(before, max(before, newest))


def applied(connection: sqlite3.Connection) -> Schema:
    """What the database has; nothing, where it is new."""
    columns = _columns(connection)
    if not columns:
        return {}
    if "readable_by" not in columns:  # as the first version made it
        return {number: number for (number,) in connection.execute("SELECT version FROM schema_version")}
    return dict(connection.execute("SELECT version, coalesce(readable_by, version) FROM schema_version"))


def _columns(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute(_COLUMNS)}


def _file(connection: sqlite3.Connection) -> str:
    return str(connection.execute("SELECT file FROM pragma_database_list").fetchone()[0])


def statements(script: str) -> Iterator[str]:
    """The statements of a script, one by one (`executescript` would commit between them)."""
    gathered = ""
    for line in script.splitlines(keepends=True):
        gathered += line
        if sqlite3.complete_statement(gathered):
            yield gathered
            gathered = ""
    if gathered.strip():
        raise ValueError(f"a statement does not end: {gathered.strip()[:60]}")
