"""The schema of the database that the settings name, whichever kind it is."""

from collections.abc import Callable
from typing import NamedTuple

from engine.store import sqlite
from engine.store.schema import Migrated, Schema, is_readable, steps, version_of
from engine.wiring.settings import Settings


class Standing(NamedTuple):
    """The schema's number, the newest that this version of Milepost knows, and whether it can work on it.
    `database` names no password."""

    database: str
    schema: int
    newest: int
    usable: bool


class _Database(NamedTuple):
    shown: str
    newest: int
    schema_of: Callable[[], Schema]
    migrate: Callable[[], Migrated]


def standing(settings: Settings) -> Standing:
    """How the schema stands to this version of Milepost; changes nothing."""
    database = _database(settings)
    schema, newest = database.schema_of(), database.newest
    present = version_of(schema)
    return Standing(database.shown, present, newest, present >= newest and is_readable(schema, newest))


def migrate(settings: Settings) -> Migrated:
    """Brings it up to date."""
    return _database(settings).migrate()


def _database(settings: Settings) -> _Database:
    if settings.on_postgres:
        from engine.store import postgres  # noqa: PLC0415 - not everybody has one

        url = settings.database_url
        newest = max(steps(postgres.__name__))
        return _Database(
            str(postgres.Address(url)), newest, lambda: postgres.schema_of(url), lambda: postgres.migrate(url)
        )
    path = settings.database_path
    newest = max(steps(sqlite.__name__))
    return _Database(str(path), newest, lambda: sqlite.schema_of(path), lambda: sqlite.migrate(path))
