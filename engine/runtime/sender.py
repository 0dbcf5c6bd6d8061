"""Sends what the partitions owned by this worker have queued, beside the stages that fill the queue."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime

from engine.model.errors import ServiceUnavailable
from engine.ports import Fenced, SharedStore, TryAgain
from engine.runtime.deliver import Deliverer
from engine.runtime.deliver_outcomes import Counts
from engine.runtime.patience import Patience

NAP_S = 0.2
"""How long it waits when there is nothing to send."""

PATIENCE_S = 90.0
"""How long it waits for a database that is away."""

_log = logging.getLogger(__name__)


class Sender:
    """`deliverer_on` makes the deliverer for a share of the store. `now` is the present moment; None before there is
    one, by the events' clock. `on_sent` is told what became of messages."""

    def __init__(
        self,
        store: SharedStore,
        deliverer_on: Callable[[SharedStore], Deliverer],
        now: Callable[[], datetime | None],
        on_sent: Callable[[Counts], None] = lambda _counts: None,
    ) -> None:
        self._store = store
        self._deliverer_on = deliverer_on
        self._now = now
        self._on_sent = on_sent
        self._turn = threading.Lock()
        self._deliverer: Deliverer | None = None
        self.idle_at: float | None = None
        """When (monotonic seconds) it began to look the last time and found nothing to send; None while there is."""

    def owned(self, tokens: Mapping[int, int]) -> None:
        """The partitions that are owned from now on. Returns when nothing of any other is under way."""
        with self._turn:
            self.idle_at = None
            self._let_go()
            self._deliverer = self._deliverer_on(self._store.share(tokens)) if tokens else None

    def run(self, stopped: threading.Event) -> None:
        """Sends until told to stop; what is under way is finished first. A database that is away is waited for; raises
        `ServiceUnavailable` or `TryAgain` where that takes longer than `PATIENCE_S`."""
        patience = Patience(PATIENCE_S)
        while not stopped.is_set():
            try:
                pause_s = 0.0 if self._step() else self._nap_s()
                patience.done()
            except (ServiceUnavailable, TryAgain) as error:
                self.idle_at = None
                pause_s = patience.pause_s(error)
                if patience.growing:
                    _log.warning("sending waits: %s", error.message)
            if pause_s:
                stopped.wait(pause_s)
        with self._turn:
            self._let_go()

    def _let_go(self) -> None:
        if self._deliverer is not None:
            self._deliverer.close()
            self._deliverer = None

    def _nap_s(self) -> float:
        with self._turn:
            again_s = None if self._deliverer is None else self._deliverer.again_in_s()
        return NAP_S if again_s is None else min(NAP_S, again_s)

    def _step(self) -> bool:
        """Whether anything was done."""
        with self._turn:
            began = time.monotonic()
            now = self._now()
            if self._deliverer is None or now is None:
                self.idle_at = began
                return False
            try:
                counts = self._deliverer.deliver_some(now)
            except Fenced:  # taken over: the bus is about to say so, or to end this worker
                self._let_go()
                return False
            self.idle_at = None if counts or self._deliverer.again_in_s() is not None else began
        if counts:
            self._on_sent(counts)
        return bool(counts)
