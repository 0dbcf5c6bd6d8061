"""Who is due when: a heap in which what has become untrue is left lying until it comes up."""

from collections.abc import Callable, Iterator
from datetime import datetime
from heapq import heapify, heappop, heappush

_Timer = tuple[datetime, str]


class Timers:
    """`is_due_at` tells what is true now: when the customer of an id is due."""

    __slots__ = ("_heap", "_is_due_at", "_most")

    def __init__(self, is_due_at: Callable[[str], datetime | None]) -> None:
        self._is_due_at = is_due_at
        self._heap: list[_Timer] = []
        self._most = 1024

    def set(self, customer_id: str, due_at: datetime) -> None:
        """The customer is due at `due_at` from now on."""
        heappush(self._heap, (due_at, customer_id))
        if len(self._heap) > self._most:
            self._clear_away()

    def due(self, until: datetime, limit: int, *, before: bool) -> Iterator[str]:
        """Ids of those due, the earliest first, then by id. They stay due until told otherwise."""
        found: list[_Timer] = []
        while self._heap and len(found) < limit:
            timer = self._heap[0]
            if timer[0] > until or (before and timer[0] == until):
                break
            heappop(self._heap)
            if self._is_due_at(timer[1]) == timer[0] and (not found or found[-1] != timer):
                found.append(timer)
        for timer in found:
            heappush(self._heap, timer)
        return (customer_id for _due_at, customer_id in found)

    def _clear_away(self) -> None:
        """What is untrue, so that the heap grows with the customers and not with their events."""
        self._heap = list({timer for timer in self._heap if self._is_due_at(timer[1]) == timer[0]})
        heapify(self._heap)
        self._most = max(1024, 2 * len(self._heap))
