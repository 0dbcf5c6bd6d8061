"""Ends a worker that has work and gets none of it done: another one, or itself started anew, will."""

import faulthandler
import logging
import math
import os
import threading
import time
from typing import NoReturn

from engine.bus.logs import stacks

ENDED = 1
_STANDARD_ERROR = 2

log = logging.getLogger(__name__)


def end_hard(why: str) -> NoReturn:
    """Ends the process where it stands. Nothing is lost by it: offsets are committed only after the work."""
    log.critical("%s; the worker ends itself", why, extra={"stacks": stacks()})
    for handler in logging.getLogger().handlers:
        handler.flush()
    os._exit(ENDED)


class Watchdog:
    """The worker's loop tells it how things are, a thread of its own judges. Not being told anything is judged, too,
    and where Python itself does not run any more, a timer that does not need it ends the process."""

    def __init__(self, stall_s: float) -> None:
        self._stall_s = stall_s
        self._told_at = self._well_at = time.monotonic()
        self._oldest_job_at = math.inf
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    @property
    def every_s(self) -> float:
        """How often it wants to be told."""
        return min(self._stall_s / 4, 5.0)

    def start(self) -> None:
        self._told_at = self._well_at = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        faulthandler.cancel_dump_traceback_later()

    def batch_done(self) -> None:
        self._well_at = time.monotonic()

    def tell(self, *, owed: bool, oldest_job_at: float) -> None:
        """Whether there is something to do, and since when (of the monotonic clock) the job under way that began first
        has been, infinite if there is none."""
        self._told_at = time.monotonic()
        self._oldest_job_at = oldest_job_at
        if not owed:
            self._well_at = self._told_at

    def _watch(self) -> None:
        pause_s = min(self._stall_s / 10, 1.0)
        while not self._stopped.wait(pause_s):
            faulthandler.dump_traceback_later(2 * self._stall_s, exit=True, file=_STANDARD_ERROR)
            if fault := self._fault(time.monotonic()):
                end_hard(fault)

    def _fault(self, now: float) -> str:
        since = f"for {self._stall_s:g} s"
        if now - self._well_at > self._stall_s:
            return f"There are records to do, and no batch was done {since}"
        if now - self._oldest_job_at > self._stall_s:
            return f"A call of a stage has been under way {since}"
        if now - self._told_at > self._stall_s:
            return f"The worker's event loop gave no sign {since}"
        return ""
