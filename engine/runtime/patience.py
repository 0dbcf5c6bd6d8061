"""How long, and how often, what could not be done is tried again."""

import time
from collections.abc import Callable

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 2.0


class Patience:
    """For one piece of work, from its first failure until it is done: pauses that double, until so much time has passed
    since the first failure. `seconds` is the process's clock."""

    def __init__(
        self,
        limit_s: float,
        *,
        longest_s: float = LONGEST_PAUSE_S,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit_s = limit_s
        self._longest_s = longest_s
        self._seconds = seconds
        self._pause_s = FIRST_PAUSE_S
        self._since: float | None = None

    def pause_s(self, error: Exception) -> float:
        """How long to wait after this failure; raises it where that has gone on for too long."""
        now = self._seconds()
        if self._since is None:
            self._since = now
        elif now - self._since >= self._limit_s:
            raise error
        pause_s, self._pause_s = self._pause_s, min(2 * self._pause_s, self._longest_s)
        return pause_s

    @property
    def growing(self) -> bool:
        """Whether pauses still become longer: then the trouble is new, and worth telling."""
        return self._pause_s < self._longest_s

    def done(self) -> None:
        """It was done: the next failure is a first one."""
        self._pause_s = FIRST_PAUSE_S
        self._since = None
