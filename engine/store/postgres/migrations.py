"""The schema of a PostgreSQL database. It is brought up to date by `milepost migrate`, never on the way: workers of the
version before may be at work on it (see `engine.store.schema`)."""

from collections.abc import Mapping

import psycopg

from engine.store.postgres.address import Address
from engine.store.postgres.connections import Connection, Connections, Timeouts
from engine.store.schema import Migrated, Schema, Step, refuse_newer, refuse_older, steps, version_of

_VERSION_TABLE = """
CREATE TABLE IF NOT EXISTS schema_version (
    version integer PRIMARY KEY,
    name text NOT NULL,
    readable_by integer NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""
_LOCK = "SELECT pg_advisory_xact_lock(1835625573, hashtext(current_schema()))"
# `to_regclass` would do, but for what it remembers from before the lock was waited for.
_IS_THERE = """
SELECT EXISTS (
    SELECT FROM pg_tables WHERE tablename = 'schema_version' AND schemaname = ANY (current_schemas(false))
)
"""
_ADD = "INSERT INTO schema_version (version, name, readable_by) VALUES (%s, %s, %s)"


def migrate(url: str, known: Mapping[int, Step] | None = None) -> Migrated:
    """Brings the database to the newest schema, each step in a transaction of its own; where several do it at once,
    the others wait. Raises `DatabaseTooNew` where it is beyond it and not readable, `ServiceUnavailable` where it
    cannot be reached, or changed."""
    address = Address(url)
    todo = known or steps(__package__)
    connections = Connections(address, Timeouts())
    try:
        with connections.lent(applied) as (connection, _):
            done = [_next_step(connection, todo, address)]
            while done[-1].after > done[-1].before:
                done.append(_next_step(connection, todo, address))
    finally:
        connections.close()
    return Migrated(done[0].before, done[-1].after)


def _next_step(connection: Connection, todo: Mapping[int, Step], address: Address) -> Migrated:
    with connection.transaction():
        connection.execute(_LOCK)
        present = applied(connection)
        refuse_newer(present, max(todo), address)
        before = version_of(present)
        if before >= max(todo):
            return Migrated(before, before)
        connection.execute(_VERSION_TABLE)
        name, script, readable_by = todo[before + 1]
        psycopg.Cursor(connection).execute(
            script.encode(), prepare=False
        )  # a plain one takes several statements
        connection.execute(_ADD, (before + 1, name, readable_by))
    return Migrated(before, before + 1)


def schema_of(url: str) -> Schema:
    """What the database has; nothing, where it is new."""
    connections = Connections(Address(url), Timeouts())
    try:
        return connections.ask(applied)
    finally:
        connections.close()


def applied(connection: Connection) -> Schema:
    """As `schema_of`."""
    if connection.execute(_IS_THERE).fetchone() != (True,):
        return {}
    return dict(connection.execute("SELECT version, readable_by FROM schema_version").fetchall())


def refuse_unusable(connection: Connection, address: Address) -> None:
    """Raises `DatabaseTooOld` or `DatabaseTooNew` where the schema is not one that this code can work on."""
    present, newest = applied(connection), max(steps(__package__))
    refuse_older(present, newest, address)
    refuse_newer(present, newest, address)
