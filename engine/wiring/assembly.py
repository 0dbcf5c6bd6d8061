"""Putting an engine together: store, time, identity."""

from collections.abc import Iterator
from contextlib import contextmanager

from engine.intake.identify import Identification
from engine.model.errors import ServiceUnavailable
from engine.model.program import Program
from engine.ports import Clock, Store
from engine.runtime.advance import Advance
from engine.store.sqlite import SqliteStore
from engine.wiring.clocks import RealClock
from engine.wiring.settings import ClockKind, Settings


@contextmanager
def stored(settings: Settings) -> Iterator[SqliteStore]:
    """The store that the settings name, open; made where there is none."""
    store = SqliteStore(settings.database_path)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def looked_into(settings: Settings) -> Iterator[SqliteStore]:
    """The store that the settings name, which must be there: looking for something makes no database. Raises
    `ServiceUnavailable` where it is not."""
    path = settings.database_path
    if not path.exists():
        raise ServiceUnavailable(
            f"There is no database {path.absolute()}.",
            "If nothing was taken in yet: milepost ingest FILE. Else go to the folder in which that was done, or\n"
            "  set MILEPOST_DATABASE_URL to sqlite:///FILE. (--project names the journeys, not the database.)",
        )
    with stored(settings) as store:
        yield store


def clock_of(settings: Settings) -> Clock | None:
    """The real clock; None where time is that of the events."""
    return RealClock() if settings.clock is ClockKind.REAL else None


def advance_for(program: Program, store: Store, settings: Settings) -> Advance:
    return Advance(program, store, Identification(), clock_of(settings))
