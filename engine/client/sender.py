"""The thread that brings what is in the spool to the broker, in its order.

One way for all: what was appended a moment ago and what an earlier process left are read from the spool alike. The
way of an event:

1. It is read, handed to the line, and under way.
2. The broker acknowledges it: who waits for it is told, and it leaves the spool.
3. Or anything else happens: the line is given up, nothing counts as under way any more, and a new line begins with
   the oldest event that is left. What the broker had taken without our hearing of it comes twice, under its id.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.client.delivery import Book, Settled
from engine.client.spool import Row, Spool
from engine.model.errors import MilepostError, ServiceUnavailable

if TYPE_CHECKING:  # it brings kafka-python, which takes as long to import as all the rest
    from engine.client.broker import Future, Line

log = logging.getLogger("milepost.client")

MOST_UNDER_WAY = 8_000
MOST_UNDER_WAY_BYTES = 16 * 1024 * 1024
_READ_BYTES = 512 * 1024
STALLED_S = 30.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0
_SHORTEST_LOOK_S, _LONGEST_LOOK_S = 0.005, 0.25  # from one look at what is under way to the next
_IDLE_S = 1.0


class Sender:
    """Sends until it is stopped. `opened` gives a new line, which calls back when it fails, or raises
    `ServiceUnavailable`; `book` hears of what is done before that leaves the spool. `trouble` says what is in the way
    at present, if anything."""

    def __init__(self, spool: Spool, book: Book, opened: "Callable[[Callable[[], None]], Line]") -> None:
        self.trouble = ""
        self._spool = spool
        self._opened = opened
        self._book = book
        self._wake = threading.Event()
        self._stopping = False
        self._opening = False
        self._pause_s = _FIRST_PAUSE_S
        self._thread = threading.Thread(target=self._run, name="milepost-client", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """There is something new."""
        self._wake.set()

    def stop(self, timeout_s: float) -> None:
        """Ends the thread, within about `timeout_s`. While it opens a line it cannot be disturbed, has nothing under
        way, and is left to end by itself."""
        self._stopping = True
        self._wake.set()
        if not self._opening:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stopping:
            try:
                if self._spool.events > 0:
                    self._send_all()
                else:
                    self._rest(_IDLE_S)
            except MilepostError as error:
                self._suffer(error.message)
            except Exception as error:  # whatever it is: the events are in the spool, and are tried again
                if self._stopping:  # the spool may have been closed meanwhile
                    return
                log.exception("sending failed")
                self._suffer(f"{type(error).__name__}: {error}")

    def _suffer(self, trouble: str) -> None:
        if trouble != self.trouble:
            log.warning("%s events wait in the spool: %s", self._spool.events, trouble)
        self.trouble = trouble
        deadline = time.monotonic() + self._pause_s
        self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
        while not self._stopping and (left_s := deadline - time.monotonic()) > 0:
            self._rest(left_s)

    def _rest(self, timeout_s: float) -> None:
        self._wake.wait(timeout_s)
        self._wake.clear()

    def _send_all(self) -> None:
        """Sends over one line, until it fails or the sender is stopped."""
        self._opening = True
        try:
            passage = _Passage(self._spool, self._opened(self._wake.set))
        finally:
            self._opening = False
        pause_s = _SHORTEST_LOOK_S
        try:
            while not self._stopping and not passage.line.failed:
                moved = passage.hand_over()
                moved |= self._settle(passage)
                if moved:
                    pause_s = _SHORTEST_LOOK_S
                elif passage.idle:
                    self._spool.settle()
                    self._rest(_IDLE_S)
                else:
                    self._rest(pause_s)
                    pause_s = min(2 * pause_s, _LONGEST_LOOK_S)
        finally:
            passage.line.close(timeout_s=2.0)
            self._settle(passage)
            self._spool.settle()
        if passage.line.trouble:
            raise ServiceUnavailable(passage.line.trouble)

    def _settle(self, passage: "_Passage") -> bool:
        settled = passage.settled()
        if settled:
            self._book.settle(settled)
            self._pause_s, self.trouble = _FIRST_PAUSE_S, ""
            self._book.left(self._spool.leave(one.row for one in settled if not one.reason))
        return bool(settled)


class _Passage:
    """What is under way over one line."""

    def __init__(self, spool: Spool, line: "Line") -> None:
        self.line = line
        self._spool = spool
        self._read_to = 0
        self._under_way: list[tuple[Row, Future]] = []
        self._bytes = 0
        self._last_news = time.monotonic()

    @property
    def idle(self) -> bool:
        return not self._under_way

    def hand_over(self) -> bool:
        """Hands the next events to the line, as many as may be under way; whether it got any further."""
        if not self._under_way:
            self._last_news = time.monotonic()
        elif time.monotonic() - self._last_news > STALLED_S:
            raise ServiceUnavailable(f"The broker has acknowledged nothing for {STALLED_S:.0f} s.")
        room = min(_READ_BYTES, MOST_UNDER_WAY_BYTES - self._bytes)
        before, last = self._read_to, self._spool.last
        if room <= 0 or len(self._under_way) >= MOST_UNDER_WAY or last <= before:
            return False
        rows, self._read_to = self._spool.after(before, room)
        if self._read_to == before:
            self._read_to = last  # all of it has left already
        for row in rows:
            try:
                self._under_way.append((row, self.line.send(row)))
            except ServiceUnavailable:
                if self.line.failed:  # meanwhile: those that were handed over say why
                    break
                raise
            self._bytes += len(row.value)
        return True

    def settled(self) -> list[Settled]:
        """What is done since it was last asked."""
        settled: list[Settled] = []
        waiting: list[tuple[Row, Future]] = []
        for one in self._under_way:
            row, future = one
            if not future.is_done:
                waiting.append(one)
                continue
            self._bytes -= len(row.value)
            if future.exception is None:
                settled.append(Settled(row, future.value.partition, future.value.offset))
            elif self.line.never(future.exception):
                reason = self.line.why(future.exception)
                self._spool.refuse(row, reason)
                settled.append(Settled(row, None, None, reason))
        self._under_way = waiting
        if settled:
            self._last_news = time.monotonic()
        return settled
