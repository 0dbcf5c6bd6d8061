"""Broadcasts in memory."""

import threading
from collections import Counter
from datetime import datetime

from msgspec.structs import replace

from engine.model.messages import Reason, Status
from engine.ports import Course, FanOut
from engine.store.broadcasts import WHOLE, share_of
from engine.store.memory.state import State

_WAITS = frozenset({Status.QUEUED, Status.HELD})


class Broadcasts:
    """The store's part; `_state` and `_lock` are the store's."""

    _state: State
    _lock: threading.RLock

    def begin_broadcast(self, fan_out: FanOut, *, shared: bool) -> bool:
        del shared  # there is one partition
        with self._lock:
            if self.under_way(fan_out.journey) is not None:
                return False
            return self._state.fan_outs.setdefault(fan_out.id, fan_out) is fan_out

    def under_way(self, journey: str) -> datetime | None:
        with self._lock:
            those = [one for one in self._state.fan_outs.values() if one.journey == journey and not one.event]
            found = [one.at for one in those if not one.done]
            waiting = [
                row.message.at
                for row in self._state.messages.values()
                if row.message.journey == journey and row.message.status in (*_WAITS, Status.CLAIMED)
            ]
            began = [one.at for one in those if waiting and one.at <= min(waiting)]
            return min([*found, *([max(began)] if began else [])], default=None)

    def courses_of(self, journey: str) -> list[Course]:
        found = [one for one in self._fan_outs() if one.journey == journey and one.event is None]
        ordered = sorted(sorted(found, key=lambda one: one.id), key=lambda one: one.at, reverse=True)
        return [
            Course(fan_out=one, share=share_of(WHOLE if one.done and one.stopped is None else one.cursor))
            for one in ordered
        ]

    def fan_outs_to(self, customer_id: str) -> list[FanOut]:
        del customer_id  # there is one partition
        found = [one for one in self._fan_outs() if one.event is not None or one.by_hand]
        return sorted(found, key=lambda one: (one.at, one.id))

    def _fan_outs(self) -> list[FanOut]:
        with self._lock:
            return [self._state.standing(one) for one in self._state.fan_outs.values()]

    def pause(self, journey: str, at: datetime) -> bool:
        with self._lock:
            known = journey in self._state.pauses
            self._state.pauses.setdefault(journey, at)
            return not known

    def resume(self, journey: str, at: datetime) -> bool:
        with self._lock:
            since = self._state.pauses.pop(journey, None)
            if since is None:
                return False
            for one in self._open(journey):
                passed = max(at - max(one.at, since), type(one.delay)())
                self._state.fan_outs[one.id] = replace(one, delay=one.delay + passed)
            return True

    def paused(self) -> dict[str, datetime]:
        with self._lock:
            return dict(sorted(self._state.pauses.items()))

    def stop_broadcasts(self, journey: str, at: datetime, *, shared: bool) -> int | None:
        del shared  # nobody is told of it
        with self._lock:
            since = self.under_way(journey)
            if since is None:
                return None
            begun = [one for one in self._open(journey) if one.event is None]
            self._state.fan_outs.update((one.id, replace(one, done=True, stopped=at)) for one in begun)
            waiting = [
                row
                for row in self._state.messages.values()
                if row.message.journey == journey and row.message.at >= since and row.message.status in _WAITS
            ]
            for row in waiting:
                stopped = replace(row.message, status=Status.SKIPPED, reason=Reason.STOPPED, held_until=None)
                self._state.messages[row.message.id] = replace(row, message=stopped)
            return len(waiting)

    def _open(self, journey: str) -> list[FanOut]:
        return [one for one in self._state.fan_outs.values() if one.journey == journey and not one.done]

    def tally(self, journey: str, since: datetime) -> dict[tuple[str, Status, Reason | None], int]:
        with self._lock:
            those = [row.message for row in self._state.messages.values() if row.message.journey == journey]
        return dict(Counter((one.channel or "", one.status, one.reason) for one in those if one.at >= since))
