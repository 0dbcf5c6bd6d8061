"""How many messages are taken at a time, so that no lane keeps another waiting, nor anybody who wants to stop."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from engine.ports import Lane

FIRST_ROWS = 100
MOST_ROWS = 2000

FIRST_OF_LANE = 20
TURN_S = 1.0
"""How long a lane may take before the others have their turn."""

_SHORT_S, _LONG_S = 0.4, 1.2


class Size:
    """As many as are sent in about a second: a transaction of many is cheaper by the message, and one of few is soon
    over."""

    def __init__(self, rows: int) -> None:
        self.rows = rows

    def took(self, rows: int, seconds: float) -> None:
        """So many were sent in that time."""
        if seconds > _LONG_S:
            self.rows = max(1, min(self.rows, rows) // 2)
        elif seconds < _SHORT_S and rows >= self.rows:
            self.rows = min(MOST_ROWS, 2 * self.rows)


class Turns:
    """A lane that takes long (its provider's rate is low, its letters are long to set) is passed over by the claims
    that follow, until others have had as much time or nothing else is ready. `seconds` is the process's clock."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self.claim = Size(FIRST_ROWS)
        self._seconds = seconds
        self._sizes: dict[Lane, Size] = {}
        self._used_s: dict[Lane, float] = {}  # since the claim
        self._ahead_s: dict[Lane, float] = {}

    @contextmanager
    def round(self, rows: Callable[[], int]) -> Iterator[None]:
        """Around what is done with the rows of a claim; `rows` says afterwards how many that were."""
        self._used_s.clear()
        yield
        took_s = sum(self._used_s.values())
        self.claim.took(rows(), took_s)
        waited = {one: ahead_s for one, ahead_s in self._ahead_s.items() if one not in self._used_s}
        self._ahead_s = {
            **{one: ahead_s - took_s for one, ahead_s in waited.items() if ahead_s > took_s},
            **{one: used_s for one, used_s in self._used_s.items() if used_s >= TURN_S},
        }

    @contextmanager
    def turn(self, lane: Lane, rows: int) -> Iterator[None]:
        """Around the sending of a group."""
        began_s = self._seconds()
        yield
        took_s = self._seconds() - began_s
        self._used_s[lane] = self._used_s.get(lane, 0.0) + took_s
        self._sizes.setdefault(lane, Size(FIRST_OF_LANE)).took(rows, took_s)

    def rows(self, lane: Lane) -> int:
        """How many are to be sent on it at a time."""
        size = self._sizes.get(lane)
        return FIRST_OF_LANE if size is None else size.rows

    def is_over(self, lane: Lane) -> bool:
        """Whether it has had its turn, of this claim."""
        return self._used_s.get(lane, 0.0) >= TURN_S

    def ahead(self) -> list[Lane]:
        """Those that are to be passed over now."""
        return list(self._ahead_s)

    def forget(self) -> None:
        """Nothing else is ready: nobody is to be passed over."""
        self._ahead_s.clear()
