"""Putting an engine together: store, time, identity."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from engine.intake.identify import Identification
from engine.model.errors import ServiceUnavailable
from engine.model.program import Program
from engine.ports import Clock, SharedStore, Store
from engine.runtime.advance import Advance
from engine.store.sqlite import RunLock as FileLock
from engine.store.sqlite import SqliteStore
from engine.wiring.clocks import RealClock
from engine.wiring.settings import ClockKind, Settings

if TYPE_CHECKING:
    from engine.store.postgres import PostgresStore

S = TypeVar("S", bound=Store)


@contextmanager
def stored(settings: Settings, *, synchronous: str = "normal") -> Iterator[Store]:
    """The store that the settings name, open, for one process that works on all of it; a SQLite file is made where
    there is none. `synchronous` is what a power loss may cost of such a file: see `engine.store.sqlite`."""
    if settings.on_postgres:
        made: Store = _on_postgres(settings, partitions=1)
    else:
        made = SqliteStore(settings.database_path, synchronous=synchronous)
    with _closing(made) as store:
        yield store


@contextmanager
def working_alone(settings: Settings) -> Iterator[Store]:
    """The same, for the one process that sends: while it works, another one is refused."""
    if not settings.on_postgres:
        with file_locked(settings), stored(settings) as store:
            yield store
        return
    from engine.store.postgres import RunLock  # noqa: PLC0415

    with _closing(_on_postgres(settings, partitions=1)) as whole, RunLock(whole) as mine:
        yield mine


def file_locked(settings: Settings) -> FileLock:
    """Held while one process works on the SQLite file that the settings name, which need not be there yet."""
    return FileLock(settings.database_path)


def shared(settings: Settings) -> SharedStore:
    """The PostgreSQL store for one worker of many, who closes it."""
    return _on_postgres(settings, partitions=settings.kafka_partitions)


@contextmanager
def looked_into(settings: Settings, *, to_work: bool = False) -> Iterator[Store]:
    """The store that the settings name, which must be there: looking for something makes no database. Raises
    `ServiceUnavailable` where it is not. `to_work`: for one who also decides, on all of it."""
    if settings.on_postgres:
        with _closing(_on_postgres(settings, partitions=1 if to_work else None)) as store:
            yield store
        return
    path = settings.database_path
    if not path.exists():
        raise ServiceUnavailable(
            f"There is no database {path.absolute()}.",
            "If nothing was taken in yet: milepost ingest FILE. Else go to the folder in which that was done, or\n"
            "  set MILEPOST_DATABASE_URL to sqlite:///FILE. (--project names the journeys, not the database.)",
        )
    with stored(settings) as store:
        yield store


@contextmanager
def deployed_to(settings: Settings) -> Iterator[Store]:
    """The store for one who deploys, or looks what that would change. It is no worker: how many partitions there are is
    not his to say. A SQLite file is made where there is none, as what runs may be there before what comes in."""
    if settings.on_postgres:
        with _closing(_on_postgres(settings, partitions=None)) as store:
            yield store
        return
    with stored(settings) as file:
        yield file


def _on_postgres(settings: Settings, partitions: int | None) -> "PostgresStore":
    from engine.store.postgres import PostgresStore, Timeouts  # noqa: PLC0415 - half of what a look-up would take

    timeouts = Timeouts(
        idle_ms=round(settings.database_stall_s * 1000), lock_ms=round(settings.database_lock_s * 1000)
    )
    return PostgresStore.open(settings.database_url, partitions=partitions, timeouts=timeouts)


@contextmanager
def _closing(store: S) -> Iterator[S]:
    try:
        yield store
    finally:
        store.close()


def clock_of(settings: Settings) -> Clock | None:
    """The real clock; None where time is that of the events."""
    return RealClock() if settings.clock is ClockKind.REAL else None


def advance_for(
    program: Program, store: Store, settings: Settings, renew: Callable[[], Program] | None = None
) -> Advance:
    """With `renew`, what is deployed meanwhile is taken up."""
    return Advance(program, store, Identification(), clock_of(settings), renew=renew)
