"""Clicks, counted behind the back of whoever clicked: nobody waits for a database to get where a link leads.

What cannot be taken is tried again for as long as the process lives, and as long as there is room for it; who ends
with clicks in hand tries once more. So a click may be lost, and is never counted twice: its event is named by the
message and where the link leads.
"""

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from engine.model.errors import ServiceUnavailable
from engine.model.ids import derive
from engine.model.links import Click

log = logging.getLogger(__name__)

MOST_WAITING = 20_000
TOGETHER = 200
PAUSE_S = 2.0
END_S = 10.0
"""How long the last ones may take."""


class Followed(msgspec.Struct, frozen=True):
    """`at` is None where the time is not the clock's."""

    click: Click
    at: datetime | None


class Counting:
    """`take` takes several durably; it raises `ServiceUnavailable` where it cannot."""

    def __init__(self, take: Callable[[Sequence[Followed]], None]) -> None:
        self._take = take
        self._waiting: queue.Queue[Followed | None] = queue.Queue(MOST_WAITING)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, name="counting", daemon=True)
        self._thread.start()

    def note(self, followed: Followed) -> bool:
        """At once; False where there is no room left, and it is lost."""
        try:
            self._waiting.put_nowait(followed)
        except queue.Full:
            return False
        return True

    def close(self) -> None:
        self._ending.set()
        try:
            self._waiting.put(None, timeout=END_S)
        except queue.Full:
            return
        self._thread.join(END_S)

    def _work(self) -> None:
        last = False
        while not last:
            together, last = self._next()
            self._until_taken(together)

    def _until_taken(self, together: Sequence[Followed]) -> None:
        while together:
            ending = self._ending.is_set()
            why = self._tried(together)
            if why is None:
                return
            if ending or not isinstance(why, ServiceUnavailable):
                log.error("clicks are lost", extra={"clicks": len(together), "why": type(why).__name__})
                return
            log.warning("clicks wait to be counted: %s", why)
            self._ending.wait(PAUSE_S)

    def _tried(self, together: Sequence[Followed]) -> Exception | None:
        try:
            self._take(together)
        except Exception as error:
            return error
        return None

    def _next(self) -> tuple[list[Followed], bool]:
        """What there is, as soon as there is anything; and whether that was the last."""
        together: list[Followed] = []
        one = self._waiting.get()
        while one is not None:
            together.append(one)
            if len(together) >= TOGETHER:
                return together, False
            try:
                one = self._waiting.get_nowait()
            except queue.Empty:
                return together, False
        return together, True


def event_of(click: Click, at: datetime) -> dict[str, object]:
    """As a CloudEvent."""
    return {
        "specversion": "1.0",
        "id": derive("click", click.message_id, click.target),
        "source": "/gateway/clicks",
        "type": "message.clicked",
        "time": at.isoformat(),
        "data": {"message_id": click.message_id, "url": click.target},
    }
