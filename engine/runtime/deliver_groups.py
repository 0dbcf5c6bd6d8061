"""How many messages are claimed at a time, and which of them go to a channel together."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from engine.ports import Lane, MessageRow

FIRST_ROWS = 100
MOST_ROWS = 2000

_SHORT_S, _LONG_S = 0.4, 1.2


class ClaimSize:
    """As many rows as are sent in about a second: a transaction of many is cheaper by the row, and one of few keeps
    nobody waiting who wants to stop or to hand its partitions on. `seconds` is the process's clock."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self.rows = FIRST_ROWS
        self._seconds = seconds

    @contextmanager
    def measured(self, claimed: int) -> Iterator[None]:
        """Around the sending of so many."""
        began = self._seconds()
        yield
        took_s = self._seconds() - began
        if took_s > _LONG_S:
            self.rows = max(1, min(self.rows, claimed) // 2)
        elif took_s < _SHORT_S and claimed >= self.rows:
            self.rows = min(MOST_ROWS, 2 * self.rows)


def groups(rows: Sequence[MessageRow], most: Callable[[MessageRow], int]) -> Iterator[list[MessageRow]]:
    """Rows that go together: of one lane, no two for one customer, and at most as many as `most` says, which is asked
    anew for each group. A customer's messages stay in their order, whatever their lanes: what is settled of one is
    known when the next is asked about."""
    for wave in _waves(rows):
        for lane in wave.values():
            first = 0
            while first < len(lane):
                end = first + most(lane[first])
                yield lane[first:end]
                first = end


def _waves(rows: Sequence[MessageRow]) -> list[dict[Lane, list[MessageRow]]]:
    """By lane: each customer's first messages, their second ones, and so on."""
    waves: list[dict[Lane, list[MessageRow]]] = []
    seen: dict[str, int] = {}
    for row in rows:
        nth = seen.get(row.message.customer_id, 0)
        seen[row.message.customer_id] = nth + 1
        if nth == len(waves):
            waves.append({})
        waves[nth].setdefault(row.lane, []).append(row)
    return waves
