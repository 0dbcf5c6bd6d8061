"""The schema of the database that the settings name, whichever kind it is."""

from collections.abc import Callable
from typing import NamedTuple, Self

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

    @classmethod
    def of(cls, database: str, schema: Schema, newest: int) -> Self:
        present = version_of(schema)
        return cls(database, present, newest, present >= newest and is_readable(schema, newest))


class _Database(NamedTuple):
    shown: str
    newest: int
    schema_of: Callable[[], Schema]
    migrate: Callable[[], Migrated]


def standing(settings: Settings) -> Standing:
    """How the schema stands to this version of Milepost; changes nothing."""
    database = _database(settings)
    return Standing.of(database.shown, database.schema_of(), database.newest)


def newest_on_postgres() -> int:
    """The newest schema that this version of Milepost knows."""
    from engine.store import postgres  # noqa: PLC0415 - not everybody has one

    return max(steps(postgres.__name__))


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
