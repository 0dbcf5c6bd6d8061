"""What others do while a test holds something, and how to know that they wait for it."""

import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg

from engine.ports import SharedStore

PATIENCE_S = 20.0


class Meanwhile(threading.Thread):
    """Does `work` in a thread of its own; `result` waits for what it gives, or raises what it raised."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._given: Any = None
        self._raised: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            self._given = self._work()
        except Exception as error:
            self._raised = error

    def result(self) -> Any:
        self.join(PATIENCE_S)
        assert not self.is_alive(), "it waits for ever"
        if self._raised is not None:
            raise self._raised
        return self._given


def in_a_unit(store: SharedStore, work: Callable[[Any], Any]) -> Callable[[], Any]:
    """The work of one unit, from beginning to end."""

    def run() -> Any:
        with store.unit() as unit:
            return work(unit)

    return run


def others_wait(url: str, count: int = 1) -> None:
    """Returns once so many sessions wait for locks of others."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with psycopg.connect(url, autocommit=True) as connection:
        until(lambda: connection.execute(asked).fetchone() == (count,))


def until(so: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while not so():
        assert time.monotonic() < give_up, "waited in vain"
        time.sleep(0.005)
