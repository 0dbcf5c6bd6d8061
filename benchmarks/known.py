"""A database with customers who have been known for weeks, for rounds to begin with a copy of."""

from benchmarks.site import PARTITIONS, Database
from benchmarks.speed import BATCH
from benchmarks.traffic import Traffic, checked
from engine.intake.identify import Identification
from engine.model.program import Program
from engine.runtime.advance import Advance
from engine.store.postgres import PostgresStore, migrate
from engine.wiring.clocks import RealClock

KNOWN = "known"


def make_known(database: Database, program: Program, traffic: Traffic) -> None:
    """Makes the database `KNOWN` of it."""
    url = database.url(KNOWN)
    migrate(url)
    store = PostgresStore.open(url, partitions=PARTITIONS)
    advance = Advance(program, store, Identification(), RealClock())
    events = checked(program, list(traffic.former()))
    for first in range(0, len(events), BATCH):
        advance.take(events[first : first + BATCH])
    advance.catch_up()
    store.close()
