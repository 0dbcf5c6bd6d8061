"""Whether the database can be worked on."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.model.errors import MilepostError, ServiceUnavailable
from engine.store import postgres
from engine.wiring.checkup.findings import Finding, error, ok, warning
from engine.wiring.schema import Standing, newest_on_postgres, standing
from engine.wiring.settings import Settings, require_shared

CONNECT_S = 5.0
OLDEST_POSTGRESQL = 15


def database(settings: Settings) -> Sequence[Finding]:
    if settings.on_postgres:
        return list(_server(settings))
    return list(_file(settings.database_path, settings))


def _file(path: Path, settings: Settings) -> Iterator[Finding]:
    require_shared(settings)
    _refuse_unwritable(path)
    if not path.exists():
        yield ok(f"{path.absolute()}: there is none yet; milepost ingest and milepost run make it")
        return
    one = standing(settings)
    if one.schema < one.newest:
        yield ok(
            f"{path.absolute()}: schema {one.schema}; whatever uses it brings it up to date, to {one.newest}"
        )
    else:
        yield _schema(one, str(path.absolute()))


def _refuse_unwritable(path: Path) -> None:
    """SQLite writes beside the file, too."""
    folder = next(one for one in path.absolute().parents if os.path.lexists(one))
    for place in (path, folder):
        fit = place.is_dir() if place is folder else not place.exists() or place.is_file()
        if not fit or (place.exists() and not os.access(place, os.W_OK)):
            raise ServiceUnavailable(
                f"{place} cannot be written to.",
                "Let this user write to it, or name another file by MILEPOST_DATABASE_URL.",
            )


def _server(settings: Settings) -> Iterator[Finding]:
    facts = postgres.examine(settings.database_url, connect_s=CONNECT_S)
    name = f"{facts.address}: PostgreSQL {facts.version}"
    if facts.major < OLDEST_POSTGRESQL:
        yield error(
            ServiceUnavailable(f"{name} is too old.", f"Milepost needs {OLDEST_POSTGRESQL} or newer.")
        )
        return
    if facts.read_only:
        yield error(
            ServiceUnavailable(
                f"{name} only lets itself be read.",
                "MILEPOST_DATABASE_URL must name the primary, not a standby.",
            )
        )
    one = Standing.of(facts.address, facts.schema, newest_on_postgres())
    yield _schema(one, name)
    if not one.usable:
        return
    wanted = settings.kafka_partitions if settings.kafka_bootstrap else 1
    if not facts.partitions:
        yield ok(
            f"set up for no number of partitions yet; the first that works on it does that, for {wanted}"
        )
        return
    postgres.refuse_other_partitions(facts.partitions, wanted, facts.address)
    yield ok(f"set up for {facts.partitions} partition{'s' * (facts.partitions != 1)}")


def _schema(one: Standing, name: str) -> Finding:
    if one.schema == one.newest:
        return ok(f"{name}, schema {one.schema}, up to date")
    if one.schema < one.newest:
        has = f"schema {one.schema}" if one.schema else "empty"
        return error(
            MilepostError(f"{name}, {has}; this Milepost needs {one.newest}.", "Run: milepost migrate")
        )
    ahead = f"{name}, schema {one.schema}, is ahead of this Milepost, which knows {one.newest}"
    if one.usable:
        return warning(f"{ahead} and can work on it.", "Install the version of Milepost that changed it.")
    return error(
        MilepostError(f"{ahead}.", "Install the version of Milepost that changed it, or a newer one.")
    )
