"""A provider's rate, kept: so many messages a second, in the order in which they ask."""

import threading
import time
from collections.abc import Callable


class Rate:
    """At most `per_s` messages a second in the long run, and `burst` at once after a rest; 0: as many as there are.

    Who asks is given its moment at once, so nobody who asks later goes before. It may be used by several threads;
    every process keeps one of its own. `seconds` is the process's clock, `sleep` waits by it.
    """

    def __init__(
        self,
        per_s: float,
        burst: float = 1.0,
        *,
        seconds: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._each_s = 1.0 / per_s if per_s > 0 else 0.0
        self._early_s = max(0.0, burst - 1.0) * self._each_s
        self._seconds = seconds
        self._sleep = sleep
        self._lock = threading.Lock()
        self._free_at_s = 0.0  # when what was given out by now is used up

    def reserve(self, messages: int = 1) -> float:
        """In how many seconds these messages may go; they are given out with that. More than one go together."""
        if not self._each_s:
            return 0.0
        with self._lock:
            now_s = self._seconds()
            from_s = max(self._free_at_s, now_s)
            self._free_at_s = from_s + messages * self._each_s
            return max(0.0, from_s - self._early_s - now_s)

    def wait(self, messages: int = 1) -> None:
        """Returns when these messages may go."""
        pause_s = self.reserve(messages)
        if pause_s > 0:
            self._sleep(pause_s)

    def rest(self, pause_s: float) -> None:
        """Nothing more is given out for so long: the provider asked for it."""
        if self._each_s:
            with self._lock:
                self._free_at_s = max(self._free_at_s, self._seconds() + pause_s)
