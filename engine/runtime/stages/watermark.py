"""How far time has come for all, where it is that of the events.

The moment up to which every event has been decided, seen from any worker:

- Each inbox partition is either drained, or the events still to come in it arrived no earlier than the last one that
  was handed on (whoever writes to the inbox keeps the order of arrival). So all events up to `moment` have been handed
  on: the latest of all, or, where partitions are behind, the earliest of their last ones.
- What was handed on by then lies in the log before its present ends. Once every partition of the log has been decided
  on up to there, so have all events up to `moment`.
"""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from threading import Lock
from typing import NamedTuple

from engine.model.errors import ServiceUnavailable
from engine.ports import Progress, SharedStore
from engine.runtime.stages.topics import Topics

EndOffsets = Callable[[str], Mapping[int, int]]
"""For each partition of a topic, the offset that the next record will have."""

FRESH_S = 0.2
"""How long an answer is good: every partition asks."""

_NEVER = datetime.min.replace(tzinfo=UTC)


class _Candidate(NamedTuple):
    """All is decided up to `moment` once the log is decided on up to `ends`."""

    moment: datetime
    ends: Mapping[int, int]
    drained: bool


class Watermark:
    """May be asked from any thread."""

    def __init__(self, store: SharedStore, end_offsets: EndOffsets, topics: Topics) -> None:
        self._store = store
        self._end_offsets = end_offsets
        self._topics = topics
        self._lock = Lock()
        self._candidate: _Candidate | None = None
        self._reached: datetime | None = None
        self._fresh_until = 0.0
        self.drained = False
        """Whether, when last asked, nothing was left to be handed on or decided."""

    def reached(self) -> datetime | None:
        """The moment; None before the first event. Never set back."""
        with self._lock:
            if time.monotonic() < self._fresh_until:
                return self._reached
            if self._candidate is not None and self._is_decided(self._candidate.ends):
                moment = self._candidate.moment
                self._reached = moment if self._reached is None else max(self._reached, moment)
                self.drained = self._candidate.drained
                self._candidate = None
            if self._candidate is None:
                self._candidate = self._look()
            self._fresh_until = time.monotonic() + FRESH_S
            return self._reached

    def _is_decided(self, ends: Mapping[int, int]) -> bool:
        progress = self._store.progress("events")
        return all(not end or _offset(progress, partition) >= end for partition, end in ends.items())

    def _look(self) -> _Candidate | None:
        inbox = self._store.progress("inbox")  # read first: what is written later only makes it careful
        inbox_ends = self._ends(self._topics.inbox)
        if inbox_ends is None:
            return None
        behind = [
            partition for partition, end in inbox_ends.items() if end and _offset(inbox, partition) < end
        ]
        arrived = [one.arrived for one in inbox.values() if one.arrived is not None]
        if behind:
            moment = min((partition in inbox and inbox[partition].arrived) or _NEVER for partition in behind)
        else:
            moment = max(arrived, default=_NEVER)
        if moment == _NEVER:
            self.drained = not behind
            return None
        ends = self._ends(self._topics.events)
        return None if ends is None else _Candidate(moment, ends, not behind)

    def _ends(self, topic: str) -> Mapping[int, int] | None:
        """None where not all partitions' ends are known: a broker that is away tells of none, one that has just come
        back may know of some only, and of the others it cannot be said that nothing is left."""
        try:
            ends = self._end_offsets(topic)
        except ServiceUnavailable:
            return None
        return ends if len(ends) == self._store.partitions else None


def _offset(progress: Mapping[int, Progress], partition: int) -> int:
    return progress[partition].next_offset if partition in progress else 0
