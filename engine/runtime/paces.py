"""Lanes on which the provider's rate lets nothing go just now. Nothing is wrong with them: their messages wait in the
ledger, where a withdrawal is heard and a crash finds them untouched, and not in the channel."""

import time
from collections.abc import Callable

from engine.ports import Lane


class Paces:
    """From the first time that a lane had to wait for its turn until nothing waits for it. `seconds` is the process's
    clock."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._opens_s: dict[Lane, float] = {}

    def close(self, lane: Lane, for_s: float) -> None:
        """Nothing goes on it for so long."""
        self._opens_s[lane] = self._seconds() + for_s

    def is_closed(self, lane: Lane) -> bool:
        return self._opens_s.get(lane, 0.0) > self._seconds()

    def closed(self) -> list[Lane]:
        return [lane for lane in self._opens_s if self.is_closed(lane)]

    def opened(self) -> list[Lane]:
        """Those that had to wait, and need not now."""
        return [lane for lane in self._opens_s if not self.is_closed(lane)]

    def forget(self, lane: Lane) -> None:
        """Nothing waits for its turn there."""
        self._opens_s.pop(lane, None)

    def opens_in_s(self, lane: Lane) -> float | None:
        """None where it has not to wait."""
        opens_s = self._opens_s.get(lane)
        return None if opens_s is None else max(0.0, opens_s - self._seconds())
