"""The embedded engine at work: what is due is decided, what is queued is sent, over and over."""

import threading
from collections.abc import Callable
from datetime import datetime

from engine.runtime.advance import Advance
from engine.runtime.deliver import Deliverer
from engine.runtime.deliver_outcomes import Counts

AT_A_TIME = 100
"""How many messages are sent before it looks whether it shall stop."""

LONGEST_NAP_S = 1.0
"""How long it sleeps at most: another process may have put in events, which nothing announces."""


class Worker:
    """Runs until `stop`; a signal handler may call it. What is being done is finished first."""

    def __init__(
        self,
        advance: Advance,
        deliverer: Deliverer,
        on_progress: Callable[[int, int], None] = lambda _decided, _sent: None,
    ) -> None:
        self._advance = advance
        self._deliverer = deliverer
        self._on_progress = on_progress
        self._stopped = threading.Event()
        self.decided = 0
        self.counts = Counts()

    def stop(self) -> None:
        self._stopped.set()

    def run(self) -> None:
        """Works until stopped."""
        while not self._stopped.is_set():
            if not self._round(None):
                self._stopped.wait(LONGEST_NAP_S)

    def run_until_idle(self, until: datetime | None = None) -> None:
        """Does all that is due and stops; by the events' clock, up to `until`."""
        while not self._stopped.is_set() and self._round(until):
            pass

    def _round(self, until: datetime | None) -> bool:
        """One round; whether there was anything to do."""
        decided = self._advance.catch_up(until, self._tell).messages
        self.decided += decided
        worked = bool(decided)
        while (now := self._advance.now()) is not None and not self._stopped.is_set():
            counts = self._deliverer.deliver_due(now, AT_A_TIME)
            if not counts:
                break
            worked = True
            self.counts.add(counts)
            self._tell(0)
        return worked

    def _tell(self, decided: int) -> None:
        self._on_progress(self.decided + decided, self.counts.sent)
