"""A provider's rate, kept: so many messages a second, however they are divided into requests and processes' lives."""

import sys
import threading
import time
from collections.abc import Callable

from engine.ports import Room

AMPLE = Room(messages=sys.maxsize)
"""Of a channel that nothing bounds."""

_TOGETHER_S, _SAVED_S = 0.1, 0.15
"""What goes out in so long at the rate may go at once: one request, and one commit, for several. A little more is saved
up, so that nothing is lost of the rate while the next ones are made ready."""


class Rate:
    """At most `per_s` messages a second in the long run; 0: as many as there are.

    Nobody waits here: whoever hands messages over asks before whether there is `room`, and says how many it took. It
    may be used by several threads; every process keeps one of its own. `seconds` is the process's clock.
    """

    def __init__(self, per_s: float, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._per_s = per_s
        self._most = max(1, int(per_s * _TOGETHER_S))
        self._seconds = seconds
        self._lock = threading.Lock()
        self._most_saved = max(1.0, per_s * _SAVED_S)
        self._saved = float(self._most)  # less than none where more was taken than there was
        self._at_s = seconds()

    def room(self) -> Room:
        """How many may go now; where none may, in how long as many may as go together."""
        if not self._per_s:
            return AMPLE
        with self._lock:
            self._save()
            if self._saved >= 1.0 - 1e-9:
                return Room(messages=min(self._most, int(self._saved + 1e-9)))
            return Room(messages=0, again_s=(self._most - self._saved) / self._per_s)

    def take(self, messages: int = 1) -> None:
        """So many go now: more than there was room for are made up for by those that follow."""
        if self._per_s:
            with self._lock:
                self._save()
                self._saved -= messages

    def _save(self) -> None:
        now_s = self._seconds()
        self._saved = min(self._most_saved, self._saved + (now_s - self._at_s) * self._per_s)
        self._at_s = now_s
