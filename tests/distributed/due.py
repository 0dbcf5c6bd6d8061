"""What a worker does for its partitions by time, without a broker: `python -m tests.distributed.due URL PROJECT NOW`
owns all of them, does what is due, and ends."""

import sys
from datetime import datetime
from pathlib import Path

from engine.intake.identify import Identification
from engine.ports import SharedStore
from engine.runtime.advance import Advance
from engine.runtime.stages import EventsStage, Topics
from engine.store.postgres import PostgresStore
from tests.support import program_of


class Stopped:
    """A clock."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at


class NoMetrics:
    """Counts nothing."""

    def counter(self, *_: object) -> "NoMetrics":
        return self

    gauge = histogram = counter

    def add(self, *_: object, **__: object) -> None: ...

    set = remove = observe = add


def do_what_is_due(store: PostgresStore, project: Path, now: datetime) -> None:
    program = program_of(project)

    def advance_on(share: SharedStore) -> Advance:
        return Advance(
            program, share, Identification(), Stopped(now), leads=False, share=1 / store.partitions
        )

    stage = EventsStage(advance_on, store, "test", Topics(), NoMetrics())  # type: ignore[arg-type]
    parts = range(store.partitions)
    for part in parts:
        stage.assigned(part)
    while sum(stage.idle(part).more for part in parts):  # one after the other, whoever has more to do
        pass


if __name__ == "__main__":
    url, project, now = sys.argv[1:]
    do_what_is_due(PostgresStore.open(url), Path(project), datetime.fromisoformat(now))
