"""The embedded engine at work: what is due is decided, what is queued is sent, over and over."""

import threading
from collections.abc import Callable
from datetime import datetime

from engine.runtime.advance import Advance
from engine.runtime.deliver import Deliverer
from engine.runtime.deliver_outcomes import Counts
from engine.runtime.outages import Cause, ChannelsUnavailable, Outage

LONGEST_NAP_S = 1.0
"""How long it sleeps at most: another process may have put in events, which nothing announces."""


class Worker:
    """Runs until `stop`; a signal handler may call it. What is being done is finished first. `on_outage` is told
    once when a channel cannot be used any more, or for another reason than before; `on_back`, with the channel's
    name, once when all its messages get through again."""

    def __init__(
        self,
        advance: Advance,
        deliverer: Deliverer,
        on_progress: Callable[[int, int], None] = lambda _decided, _sent: None,
        *,
        on_outage: Callable[[Outage], None] = lambda _outage: None,
        on_back: Callable[[str], None] = lambda _channel: None,
    ) -> None:
        self._advance = advance
        self._deliverer = deliverer
        self._on_progress = on_progress
        self._on_outage = on_outage
        self._on_back = on_back
        self._told: frozenset[Cause] = frozenset()
        self._stopped = threading.Event()
        self.decided = 0
        self.counts = Counts()

    def stop(self) -> None:
        self._stopped.set()

    def now(self) -> datetime | None:
        """The present moment; None before there is one, by the events' clock."""
        return self._advance.now()

    def run(self) -> None:
        """Works until stopped."""
        try:
            while not self._stopped.is_set():
                if not self._round(None):
                    again_s = self._deliverer.again_in_s()
                    self._stopped.wait(LONGEST_NAP_S if again_s is None else min(LONGEST_NAP_S, again_s))
        finally:
            self._deliverer.close()

    def run_until_idle(self, until: datetime | None = None) -> None:
        """Does all that is due and stops; by the events' clock, up to `until`. What a provider's rate lets go only in a
        while is due as well, and so is what waits for a trouble that passes. Raises `ChannelsUnavailable` at the end
        where messages wait for channels that cannot be used."""
        try:
            while not self._stopped.is_set():
                if not self._round(until):
                    if (again_s := self._deliverer.again_in_s()) is None:
                        break
                    self._stopped.wait(again_s)
        finally:
            self._deliverer.close()
        if outages := [one for one in self._deliverer.outages() if one.waiting]:
            raise ChannelsUnavailable(outages)

    def _round(self, until: datetime | None) -> bool:
        """One round; whether there was anything to do."""
        decided = self._advance.catch_up(until, self._tell).messages
        self.decided += decided
        worked = bool(decided)
        while (now := self._advance.now()) is not None and not self._stopped.is_set():
            counts = self._deliverer.deliver_some(now)
            self._tell_outages()
            if not counts:
                break
            worked = True
            self.counts.add(counts)
            self._tell(0)
        return worked

    def _tell_outages(self) -> None:
        causes = self._deliverer.causes()
        if causes == self._told:
            return
        if causes - self._told:
            for outage in self._deliverer.outages():
                if outage.cause not in self._told:
                    self._on_outage(outage)
        for channel in sorted({one.channel for one in self._told} - {one.channel for one in causes}):
            self._on_back(channel)
        self._told = causes

    def _tell(self, decided: int) -> None:
        self._on_progress(self.decided + decided, self.counts.sent)
