"""The schema, by numbered steps: `migrations/0001_….sql`, `0002_….sql`, …, each applied once, each in a
transaction of its own. A step that was released is never edited."""

import sqlite3
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from engine.model.errors import MilepostError

_VERSION_TABLE = """
CREATE TABLE IF NOT EXISTS schema_version (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL
) STRICT
"""


class DatabaseTooNew(MilepostError):  # noqa: N818 - named for what the operator must know
    """The database was made by a newer version of Milepost."""


@cache
def steps() -> Mapping[int, tuple[str, str]]:
    """Number → name and SQL."""
    folder = files(__package__).joinpath("migrations")
    found = {
        int(one.name[:4]): (one.name.removesuffix(".sql"), one.read_text("utf-8"))
        for one in folder.iterdir()
        if one.name.endswith(".sql")
    }
    if sorted(found) != list(range(1, len(found) + 1)):
        raise ValueError(f"migrations are not numbered 1 to {len(found)}: {sorted(found)}")
    return dict(sorted(found.items()))


def migrate(connection: sqlite3.Connection) -> None:
    """Brings the database to the newest schema. Raises `DatabaseTooNew` where it is beyond it."""
    newest = max(steps())
    present = _version(connection)
    if present > newest:
        raise DatabaseTooNew(
            f"The database has schema {present}; this version of Milepost knows {newest} at most.",
            "Install the version of Milepost that it was last used with, or a newer one.",
        )
    if present == newest:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(_VERSION_TABLE)
        present = _version(connection)  # again: another process may have done it meanwhile
        for number in range(present + 1, newest + 1):
            name, script = steps()[number]
            for statement in statements(script):
                connection.execute(statement)
            connection.execute("INSERT INTO schema_version (version, name) VALUES (?, ?)", (number, name))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> int:
    """The newest step that was applied; 0 for an empty database."""
    exists = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'"
    if not connection.execute(exists).fetchone()[0]:
        return 0
    version: int | None = connection.execute("SELECT max(version) FROM schema_version").fetchone()[0]
    return version or 0


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
